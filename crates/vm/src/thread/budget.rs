//! How many instructions may run until the lock's policy is asked, and what the lock is told of them.
//!
//! Invariant: `told - budget` instructions have run that the lock has not heard of.

use std::sync::atomic::Ordering;
use std::time::Duration;

use toy_gil::{PlaceNumber, Policy, Progress, Statistics};

use super::{CHECK_INTERVAL, Vm, instructions};

impl Vm {
    /// What this thread has done since the lock was last told.
    pub(crate) fn progress(&mut self) -> Progress {
        let instructions = u64::try_from(self.told - self.budget).unwrap_or(0);
        self.told = self.budget;
        let place = if self.gil.lock().is_observed() { self.place_number() } else { PlaceNumber::default() };
        Progress { instructions, place }
    }

    /// All counts and times of the lock up to now.
    pub fn statistics(&mut self) -> Statistics {
        let progress = self.progress();
        self.gil.lock().tell_progress(progress);
        self.gil.lock().snapshot()
    }

    /// Threads shall run for so long at a time, as far as the policy goes by time.
    pub fn set_switch_interval(&mut self, interval: Duration) {
        let (thread, progress) = (self.gil.thread(), self.progress());
        self.gil.lock().tell_progress(progress);
        self.gil.lock().set_interval(thread, interval);
        self.renew_budget();
    }

    /// From now on another policy decides.
    ///
    /// # Errors
    /// The policy cannot do with the conditions of this run.
    pub fn set_policy(&mut self, policy: Box<dyn Policy>) -> Result<(), Box<dyn Policy>> {
        let (thread, progress) = (self.gil.thread(), self.progress());
        self.gil.lock().tell_progress(progress);
        self.gil.lock().set_policy(thread, policy)?;
        self.renew_budget();
        Ok(())
    }

    /// Asks the policy whether somebody else is to run now, because the budget is used up.
    pub(crate) fn budget_expired(&mut self) {
        let progress = self.progress();
        let budget = self.gil.expired(progress);
        self.set_budget(budget);
    }

    /// The main thread gets the lock, if it waits for it, whatever the policy says: a signal has come, and only the main
    /// thread heeds it.
    #[cold]
    #[inline(never)]
    pub(crate) fn make_way_for_signals(&mut self) {
        let Some(main) = self.machine.threads.main_id() else { return };
        let progress = self.progress();
        let budget = self.gil.make_way(main, progress);
        self.set_budget(budget);
        self.stop_if_ending();
    }

    /// Another budget has been given.
    pub(crate) fn renew_budget(&mut self) {
        self.set_budget(self.gil.budget());
    }

    /// The check stays as far away as it was.
    fn set_budget(&mut self, budget: u64) {
        let until_check = self.budget - self.check_at;
        self.budget = instructions(budget);
        self.told = self.budget;
        // Whoever had the lock may have changed the limit.
        self.frames.set_limit(self.machine.recursion_limit());
        self.check_at = self.budget - until_check;
    }

    /// Signals and the collector have just been looked at.
    pub(crate) fn note_check(&mut self) {
        self.check_at = self.budget - CHECK_INTERVAL;
    }

    /// The check comes after one more instruction.
    pub(crate) fn check_after_one(&mut self) {
        self.check_at = self.budget - 1;
    }

    /// Whether the lock is to be asked at once.
    #[inline(always)]
    pub(crate) fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }

    /// How many instructions may run on straight-line code before the loop is to be left.
    #[inline(always)]
    pub(crate) fn segment(&self) -> i64 {
        if self.is_pressed() {
            return self.slack;
        }
        (self.budget + self.slack).min(self.budget - self.check_at).max(0)
    }
}
