//! Getting the lock: at once if it is open, else by sleeping in the queue until the turn comes.
//!
//! Invariant: a thread is in the queue from when it asks, or is expected, until it runs, also when the lock is its own already.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{GlobalLock, NOBODY, State};
use crate::observer::Event;
use crate::policy::Vigil;
use crate::primitives::Primitives;
use crate::vocabulary::{Origin, ThreadId};

/// After how long a favourite has the holder look before its budget is over.
const PATIENCE_OF_FAVOURITE: Duration = Duration::from_micros(100);

impl<P: Primitives> GlobalLock<P> {
    /// Gets the lock, sleeping until it is this thread's turn. Gives the budget, as [`GlobalLock::budget`] does.
    #[inline]
    pub fn acquire(&self, thread: ThreadId, origin: Origin) -> u64 {
        let mut state = P::lock(&self.state);
        if self.virtual_clock.is_some() {
            // It may come by itself, on Ctrl-C.
            state.sleepers.remove(thread);
        }
        let now = self.clock.now();
        // Who is expected leaves the queue as a waiter does.
        if state.turn.is_open_to(thread) && !state.turn.is_queued(thread) {
            state.turn.start(thread, now);
            state.tell(now, Event::Began { thread, origin, waited: 0 });
            state.policy.begin(thread);
            self.grant(&mut state, thread)
        } else {
            self.sleep_until_turn(state, thread, origin, now)
        }
    }

    /// Called by the holder just before it wakes a thread that will ask for the lock next: that thread waits for the lock
    /// from now on, not only once the operating system has let it run. Otherwise a thread that was started or woken would
    /// get its turn when the machine has time for it, and not when the policy says.
    ///
    /// The thread must call [`acquire`](GlobalLock::acquire), or be taken back by [`dismiss`](GlobalLock::dismiss).
    pub fn expect(&self, holder: ThreadId, thread: ThreadId, origin: Origin) {
        let mut state = P::lock(&self.state);
        state.turn.held_since(holder);
        if thread != holder && !state.turn.is_queued(thread) {
            state.sleepers.remove(thread);
            self.enqueue(&mut state, thread, origin, self.clock.now());
        }
    }

    /// Called by the holder: a thread that was expected will not come.
    pub fn dismiss(&self, holder: ThreadId, thread: ThreadId) {
        let mut state = P::lock(&self.state);
        state.turn.held_since(holder);
        state.turn.queue.retain(|waiter| waiter.thread != thread);
        self.waiting.store(state.turn.queue.len(), Ordering::Relaxed);
    }

    pub(crate) fn enqueue(&self, state: &mut State<P>, thread: ThreadId, origin: Origin, now: u64) {
        state.turn.enqueue(thread, origin, now);
        state.tell(now, Event::Asked { thread, origin });
        self.waiting.store(state.turn.queue.len(), Ordering::Relaxed);
    }

    #[cold]
    pub(crate) fn sleep_until_turn<'a>(
        &'a self,
        mut state: P::Guard<'a, State<P>>,
        thread: ThreadId,
        origin: Origin,
        now: u64,
    ) -> u64 {
        let seat = Arc::clone(&state.seat(thread).turn);
        if !state.turn.is_queued(thread) {
            self.enqueue(&mut state, thread, origin, now);
        }
        let is_favourite = state.note_return(thread, origin);
        let (vigil, mut begins_vigil) = match state.policy.vigil_of(thread, origin) {
            Vigil::Never => (Duration::ZERO, false),
            Vigil::AtOnce(vigil) => (vigil, true),
            Vigil::AfterPatience(vigil) => (vigil, false),
        };
        while !state.turn.is_open_to(thread) {
            let (patience, is_first) = match is_favourite {
                true => (Some(PATIENCE_OF_FAVOURITE), true),
                false => state.patience_of(thread, origin),
            };
            if self.gate.is_closed() {
                drop(state);
                self.gate.leave();
                self.gate.enter();
                state = P::lock(&self.state);
            } else if begins_vigil {
                begins_vigil = false;
                drop(state);
                P::watch(vigil, || self.heir.load(Ordering::Acquire) == thread.index() as u32 || self.gate.is_closed());
                state = P::lock(&self.state);
            } else if let Some(patience) = patience {
                let (back, is_over) = P::wait_for(&seat, state, patience);
                state = back;
                if is_over {
                    self.is_pressed.store(true, Ordering::Relaxed);
                    begins_vigil = is_first && !vigil.is_zero();
                    if is_favourite {
                        self.is_urgent.store(true, Ordering::Relaxed);
                    }
                }
            } else {
                state = P::wait(&seat, state);
            }
        }
        let now = self.clock.now();
        let waiter = state.turn.start_waiter(thread, now);
        state.tell(now, Event::Began { thread, origin: waiter.origin, waited: now - waiter.since });
        self.waiting.store(state.turn.queue.len(), Ordering::Relaxed);
        state.policy.begin(thread);
        self.grant(&mut state, thread)
    }

    /// The thread has the lock: gives it its budget.
    #[inline]
    pub(super) fn grant(&self, state: &mut State<P>, thread: ThreadId) -> u64 {
        self.is_pressed.store(false, Ordering::Relaxed);
        self.heir.store(NOBODY, Ordering::Relaxed);
        let budget = state.policy.budget(thread);
        self.budget.store(budget, Ordering::Relaxed);
        budget
    }
}

impl<P: Primitives> State<P> {
    /// How long a waiter sleeps before it presses the holder, and whether nobody with an equal claim came before it. Those who did
    /// have their turns first: if all pressed, they would wake each other up a thousand times without any getting on.
    fn patience_of(&self, thread: ThreadId, origin: Origin) -> (Option<Duration>, bool) {
        let patience = self.policy.patience_of(origin);
        let before = self.turn.queue.iter().take_while(|waiter| waiter.thread != thread);
        let equals = before.filter(|waiter| self.policy.patience_of(waiter.origin) == patience).count();
        (patience.map(|patience| patience.saturating_mul(equals as u32 + 1)), equals == 0)
    }
}
