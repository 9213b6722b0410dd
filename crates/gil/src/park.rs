//! Waiting for anything but the lock, in real and in virtual time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;

use crate::alertness::WATCH;
use crate::clock::Clock;
use crate::lock::{GlobalLock, LateCall, State};
use crate::parker::{Parker, Wake};
use crate::policy::{Foreseen, Succession};
use crate::primitives::Primitives;
use crate::turn::Possession;
use crate::vocabulary::{Origin, Progress, ReleaseCause, ThreadId};

/// What a thread can hope for that waits for a device in virtual time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outlook {
    /// Others could run, and may have done what it waits for.
    OthersRun,
    /// Nobody could run, but somebody's sleep will end.
    OthersSleep,
    /// Everybody waits for a device or for each other: it comes from outside.
    AllWait,
}

/// Nanoseconds for which a holder that has woken a thread may be about to let the lock go: what it takes to put a thread to sleep
/// and to wake it.
const WORTH_WAITING: u64 = 20_000;

/// A wait that ends by itself before this is not begun with a watch.
const WORTH_A_WATCH: Duration = Duration::from_millis(1);

impl<P: Primitives> GlobalLock<P> {
    /// Lets the lock go, sleeps on the thread's parker until somebody [unparks](Parker::unpark) it, it is interrupted, or
    /// `timeout` has passed in the lock's time (`None`: for ever), and gets the lock again.
    pub fn park(&self, thread: ThreadId, cause: ReleaseCause, progress: Progress, timeout: Option<Duration>) -> Wake {
        self.tell_progress(progress);
        let mut state = P::lock(&self.state);
        self.book(&mut state);
        let State { turn, policy, .. } = &mut *state;
        let foreseen = policy.foresee(&turn.scene(thread, &*self.clock), cause);
        let times_out = foreseen == Some(Foreseen::TimedOut) && timeout.is_some();
        if !times_out {
            turn.parked.push(thread);
        }
        let parker = Arc::clone(&state.seat(thread).parker);
        let is_virtual = self.virtual_clock.is_some();
        if let (true, Some(timeout)) = (is_virtual, timeout) {
            let nanoseconds = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
            let deadline = self.clock.now().saturating_add(nanoseconds);
            state.sleepers.add(thread, deadline, cause.origin_of_timeout());
        }
        self.let_go(state, thread, cause, progress.place);
        let wake = self.detached(|| match timeout {
            Some(timeout) if times_out => {
                sleep_through(&parker, timeout);
                Wake::TimedOut
            }
            _ if is_virtual || foreseen.is_some() => parker.park(None),
            timeout => {
                if cause == ReleaseCause::Lock && timeout.is_none_or(|timeout| timeout >= WORTH_A_WATCH) {
                    self.watch_for_turn(thread, &parker);
                }
                parker.park(timeout)
            }
        });
        let origin = if wake == Wake::TimedOut { cause.origin_of_timeout() } else { cause.origin() };
        self.acquire(thread, origin);
        let has_overslept = is_virtual && P::lock(&self.state).sleepers.take_overslept(thread);
        if has_overslept { Wake::TimedOut } else { wake }
    }

    /// Stays awake for a moment, if the thread has seen that this is worth it, until it has been called and got the lock, or has to
    /// look at its signals. One thread at a time does so, lest many took the cores from who has the lock.
    fn watch_for_turn(&self, thread: ThreadId, parker: &Parker<P>) {
        if !parker.alertness.is_awake() || self.is_watched.swap(true, Ordering::Relaxed) {
            return;
        }
        let has_come = || self.heir.load(Ordering::Acquire) == thread.index() as u32;
        P::watch(WATCH, || has_come() || parker.is_interrupted());
        parker.alertness.learn(has_come());
        self.is_watched.store(false, Ordering::Relaxed);
    }

    /// Called by the holder: wakes a thread, which then waits for the lock from this moment on. One that is not asleep, or that
    /// does not live any more, comes or stays by itself; its next [`park`](GlobalLock::park) returns at once.
    ///
    /// The system is asked to wake it when the holder lets the lock go, or goes on for longer than that is worth: a thread that
    /// were up before could only go to sleep again, since it can do nothing without the lock.
    pub fn wake(&self, holder: ThreadId, thread: ThreadId, origin: Origin) {
        let mut state = P::lock(&self.state);
        let Some(parker) = self.call(&mut state, holder, thread, origin) else { return };
        if state.late_call.is_some() || self.virtual_clock.is_some() {
            drop(state);
            parker.unpark();
        } else if parker.unpark_quietly() {
            let is_urgent = state.policy.patience_of(origin).is_some();
            let presses = is_urgent && !self.is_pressed.swap(true, Ordering::Relaxed);
            state.late_call = Some(LateCall { parker, due: self.clock.now() + WORTH_WAITING, is_urgent, presses });
        }
    }

    /// As [`wake`](GlobalLock::wake), but the thread is [interrupted](Parker::interrupt), and up at once.
    pub fn interrupt(&self, holder: ThreadId, thread: ThreadId, origin: Origin) {
        let mut state = P::lock(&self.state);
        let parker = self.call(&mut state, holder, thread, origin);
        drop(state);
        parker.iter().for_each(|parker| parker.interrupt());
    }

    /// The thread waits for the lock from now on. Gives where it sleeps, if it lives.
    fn call(&self, state: &mut State<P>, holder: ThreadId, thread: ThreadId, origin: Origin) -> Option<Arc<Parker<P>>> {
        state.turn.held_since(holder);
        let parker = Arc::clone(&state.seats.get(thread.index())?.as_ref()?.parker);
        if state.turn.unpark(thread) {
            state.sleepers.remove(thread);
            self.enqueue(state, thread, origin, self.clock.now());
        }
        Some(parker)
    }

    /// Called by the holder, in virtual time, when what it wants of a device is not there yet: the others run, and then it
    /// may try again.
    pub fn try_later(&self, thread: ThreadId, progress: Progress) -> Outlook {
        self.tell_progress(progress);
        let mut state = P::lock(&self.state);
        self.book(&mut state);
        self.wake_sleepers(&mut state);
        let can_others_run = state.turn.queue.iter().any(|waiter| waiter.origin != Origin::Io);
        if can_others_run || progress.instructions > 0 {
            state.tries_in_vain = 0;
        }
        state.tries_in_vain += 1;
        let outlook = if can_others_run || state.tries_in_vain <= state.turn.queue.len() {
            Outlook::OthersRun
        } else if state.sleepers.next_deadline().is_some() {
            Outlook::OthersSleep
        } else {
            Outlook::AllWait
        };
        if !state.turn.queue.is_empty() {
            let succession = self.ask_on_release(&mut state, thread, ReleaseCause::Io);
            let (now, next) = self.end_turn(&mut state, thread, ReleaseCause::Io, progress.place, Some(succession));
            next.call();
            self.sleep_until_turn(state, thread, Origin::Io, now);
        }
        outlook
    }

    /// Called by the holder, in virtual time, when it has waited for a device in vain while nobody could run: time jumps to
    /// the next alarm or, without any, passes by so many nanoseconds.
    pub fn pass_time(&self, nanoseconds: u64) {
        let Some(clock) = &self.virtual_clock else { return };
        let state = P::lock(&self.state);
        let alarm = state.sleepers.next_deadline().map(|deadline| deadline.saturating_sub(clock.now()));
        clock.advance(alarm.unwrap_or(nanoseconds));
    }

    /// Called by the holder: the time, in nanoseconds of the lock's clock, after so much progress.
    pub fn now(&self, progress: Progress) -> u64 {
        self.tell_progress(progress);
        if self.virtual_clock.is_some() {
            self.book(&mut P::lock(&self.state));
        }
        self.clock.now()
    }

    /// All sleep, and the lock is nobody's or belongs to one of them: time jumps to the first alarm. Gives where to notify.
    #[cold]
    pub(crate) fn jump_to_next_alarm(&self, state: &mut State<P>) -> Option<Arc<CachePadded<P::Condvar>>> {
        let (clock, deadline) = (self.virtual_clock.as_ref()?, state.sleepers.next_deadline()?);
        clock.advance(deadline.saturating_sub(clock.now()));
        self.wake_sleepers(state);
        let next = match state.turn.possession {
            Possession::Free { .. } => state.turn.pass_on(Succession::HandOver(state.turn.queue.first()?.thread))?,
            Possession::HandedTo(next) | Possession::Held { thread: next, .. } => next,
        };
        Some(Arc::clone(&state.seat(next).turn))
    }

    /// In virtual time, puts those into the queue whose time has come.
    pub(crate) fn wake_sleepers(&self, state: &mut State<P>) {
        if self.virtual_clock.is_none() {
            return;
        }
        let now = self.clock.now();
        while let Some((thread, origin)) = state.sleepers.take_due(now) {
            self.enqueue(state, thread, origin, now);
            state.seat(thread).parker.unpark();
        }
    }
}

/// Sleeps until the time is over, whoever calls.
fn sleep_through<P: Primitives>(parker: &Parker<P>, timeout: Duration) {
    let deadline = Instant::now().checked_add(timeout);
    let mut is_called = false;
    // A signal ends it: the run is another one then.
    while parker.park(deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))) == Wake::Woken {
        is_called = true;
    }
    if is_called {
        // The call came too late for this wait: the next one hears it.
        parker.unpark();
    }
}
