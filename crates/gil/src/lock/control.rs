//! Looking at the lock, and changing how it decides.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::GlobalLock;
use crate::policy::{Conditions, Policy, Replacement};
use crate::primitives::Primitives;
use crate::statistics::Statistics;
use crate::vocabulary::ThreadId;

impl<P: Primitives> GlobalLock<P> {
    /// How many threads wait for the lock.
    #[inline]
    pub fn waiters(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// What the run goes by.
    #[inline]
    pub fn conditions(&self) -> Conditions {
        self.conditions
    }

    /// Whether somebody listens, who wants to know places.
    #[inline]
    pub fn is_observed(&self) -> bool {
        self.is_observed.load(Ordering::Relaxed)
    }

    /// Called by the holder: from now on another policy decides, unless the present one repeats a run in which it did. Its
    /// budget counts from when the holder next asks.
    ///
    /// # Errors
    /// The policy cannot do with the conditions of this run, or the present one decides about all of it. It is given back.
    pub fn set_policy(&self, thread: ThreadId, policy: Box<dyn Policy>) -> Result<(), Box<dyn Policy>> {
        let mut state = P::lock(&self.state);
        state.turn.held_since(thread);
        if policy.impose(self.conditions) != self.conditions || policy.always_decides() {
            return Err(policy);
        }
        match state.policy.replacement() {
            Replacement::Allowed => {}
            Replacement::Refused => return Err(policy),
            Replacement::Ignored => return Ok(()),
        }
        state.policy = policy;
        self.is_watchful.store(self.virtual_clock.is_some(), Ordering::Relaxed);
        self.grant(&mut state, thread);
        Ok(())
    }

    /// How the policy is written.
    #[must_use]
    pub fn policy(&self) -> String {
        P::lock(&self.state).policy.spec()
    }

    /// How long threads run at a time, if the policy goes by time.
    #[must_use]
    pub fn interval(&self) -> Option<Duration> {
        P::lock(&self.state).policy.slice()
    }

    /// Called by the holder: threads shall run for so long at a time. `false`: the policy does not go by time.
    pub fn set_interval(&self, thread: ThreadId, interval: Duration) -> bool {
        let mut state = P::lock(&self.state);
        state.turn.held_since(thread);
        let goes_by_time = state.policy.slice().is_some();
        state.policy.set_slice(interval.max(Duration::from_nanos(1)));
        self.grant(&mut state, thread);
        goes_by_time
    }

    /// How often the lock went from one thread to another.
    #[must_use]
    pub fn switches(&self) -> u64 {
        P::lock(&self.state).turn.ledger.switches()
    }

    /// All counts and times up to now. What the holder has not told of its progress is not in them.
    #[must_use]
    pub fn snapshot(&self) -> Statistics {
        let mut state = P::lock(&self.state);
        self.book(&mut state);
        let turn = &state.turn;
        turn.ledger.snapshot(turn, self.clock.now(), state.policy.spec(), self.conditions.switch_at)
    }

    /// Ends the listening: observers hear nothing more. Gives what they, and the policy, have to say to the user.
    pub fn finish(&self) -> Vec<String> {
        let mut state = P::lock(&self.state);
        self.is_observed.store(false, Ordering::Relaxed);
        let mut complaints: Vec<String> = state.policy.complaint().into_iter().collect();
        complaints.extend(state.observers.drain(..).filter_map(|mut observer| observer.finish()));
        complaints
    }
}
