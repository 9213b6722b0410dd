//! Budgets, and handing the lock over when one is used up.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{Favourite, Flag, GlobalLock, State};
use crate::policy::{Expiry, Scene, Succession};
use crate::primitives::Primitives;
use crate::vocabulary::{Origin, PlaceNumber, Progress, ReleaseCause, ThreadId};

/// Instructions after which the holder looks again whether it is time to call whom it has woken.
const UNTIL_LATE_CALL: u64 = 1024;

impl<P: Primitives> GlobalLock<P> {
    /// How many instructions the holder, `thread`, may run before it must call [`GlobalLock::expired`], counted from when
    /// `acquire` or `expired` returned; `u64::MAX` means for ever.
    #[inline]
    pub fn budget(&self, thread: ThreadId) -> u64 {
        self.debug_assert_holder(thread);
        self.budget.load(Ordering::Relaxed)
    }

    /// Called by the holder when its budget has run out: others may get their turn first. Gives the next budget. With
    /// nobody waiting it costs a few loads and stores.
    #[inline]
    pub fn expired(&self, thread: ThreadId, progress: Progress) -> u64 {
        self.tell_progress(progress);
        if self.waiting.load(Ordering::Relaxed) == 0 && !self.is_watchful.load(Ordering::Relaxed) {
            self.is_pressed.store(false, Ordering::Relaxed);
            self.budget(thread)
        } else {
            self.ask_on_expiry(thread, progress.place)
        }
    }

    /// Called by the holder, which is to get the lock at once as often as it comes back from a device, whatever the policy says:
    /// until it waits for anything else, or for so many times. It is for a thread that was interrupted, and has to say so.
    #[cold]
    pub fn favour(&self, thread: ThreadId, times: u32) {
        let mut state = P::lock(&self.state);
        state.turn.held_since(thread);
        state.favourite = Some(Favourite { thread, times });
    }

    /// Called by the holder: `chosen` gets the lock now if it waits for it, whatever the policy says. Gives the next budget. It is
    /// for what the user wants at once, such as an interrupt: the policy hears of it only when the turn of `chosen` begins.
    #[cold]
    pub fn make_way(&self, thread: ThreadId, chosen: ThreadId, progress: Progress) -> u64 {
        self.tell_progress(progress);
        let mut state = P::lock(&self.state);
        self.book(&mut state);
        if !state.turn.is_queued(chosen) {
            return self.budget.load(Ordering::Relaxed);
        }
        if state.favourite.is_some_and(|favourite| favourite.thread == chosen) {
            state.take_favour();
        }
        self.hand_on(state, thread, progress.place, Succession::HandOver(chosen))
    }

    /// Whether the holder is to call [`GlobalLock::expired`] as soon as it can, although its budget is not used up: shared, so
    /// that looking is cheap.
    #[must_use]
    pub fn pressed(&self) -> Arc<Flag> {
        Arc::clone(&self.is_pressed)
    }

    /// Whether somebody is to go first, even within an instruction: then the holder [makes way](GlobalLock::make_way) for whom the
    /// user wants, and takes the note away. Shared, so that looking is cheap, and that a signal handler can leave it.
    #[must_use]
    pub fn urgent(&self) -> Arc<Flag> {
        Arc::clone(&self.is_urgent)
    }

    #[cold]
    fn ask_on_expiry(&self, thread: ThreadId, place: PlaceNumber) -> u64 {
        let mut state = P::lock(&self.state);
        self.book(&mut state);
        self.wake_sleepers(&mut state);
        state.turn.held_since(thread);
        if let Some(budget) = self.postpone_late_call(&mut state) {
            return budget;
        }
        let State { turn, policy, .. } = &mut *state;
        if turn.queue.is_empty() && !policy.always_decides() {
            self.is_pressed.store(false, Ordering::Relaxed);
            return self.budget.load(Ordering::Relaxed);
        }
        if let Some(favourite) = state.take_favour() {
            return self.hand_on(state, thread, place, Succession::HandOver(favourite));
        }
        let State { turn, policy, .. } = &mut *state;
        let is_pressed = self.is_pressed.load(Ordering::Relaxed);
        let expiry = policy.on_expiry(&Scene { is_pressed, ..turn.scene(thread, &*self.clock) });
        state.let_look_again();
        let succession = match expiry {
            Expiry::Keep => return self.grant(&mut state, thread),
            Expiry::Release(succession) => succession,
        };
        self.hand_on(state, thread, place, succession)
    }

    /// If the holder has woken a thread that still sleeps: gives after how many instructions to look again, or calls it now.
    fn postpone_late_call(&self, state: &mut State<P>) -> Option<u64> {
        let call = state.late_call.as_mut()?;
        if std::mem::take(&mut call.presses) {
            self.is_pressed.store(false, Ordering::Relaxed);
        }
        if call.is_urgent && !self.is_pressed.load(Ordering::Relaxed) && self.clock.now() < call.due {
            let budget = self.budget.load(Ordering::Relaxed).min(UNTIL_LATE_CALL);
            self.budget.store(budget, Ordering::Relaxed);
            return Some(budget);
        }
        state.late_call.take().iter().for_each(|call| call.parker.ring());
        None
    }

    /// The holder ends its turn, whose instructions are booked, and asks for the next one at once.
    #[inline]
    fn hand_on<'a>(
        &'a self,
        mut state: P::Guard<'a, State<P>>,
        thread: ThreadId,
        place: PlaceNumber,
        succession: Succession,
    ) -> u64 {
        let (now, next) = self.end_turn(&mut state, thread, ReleaseCause::Interval, place, Some(succession));
        if succession == Succession::LetAnyone {
            // Called while the mutex is free, or the waiter would queue at the mutex, whose own fairness would then make the
            // choice every half millisecond.
            drop(state);
            next.call();
            return self.acquire(thread, Origin::Interval);
        }
        next.call();
        self.sleep_until_turn(state, thread, Origin::Interval, now)
    }

    #[inline]
    fn debug_assert_holder(&self, thread: ThreadId) {
        if cfg!(debug_assertions) {
            P::lock(&self.state).turn.held_since(thread);
        }
    }
}

impl<P: Primitives> State<P> {
    /// A thread that waits comes from there. Gives whether it is the favourite, still.
    pub(super) fn note_return(&mut self, thread: ThreadId, origin: Origin) -> bool {
        let is_named = self.favourite.is_some_and(|favourite| favourite.thread == thread);
        if is_named && origin != Origin::Io {
            self.favourite = None;
        }
        is_named && origin == Origin::Io
    }

    /// The favourite, if it waits: once less.
    fn take_favour(&mut self) -> Option<ThreadId> {
        let Favourite { thread, times } = self.favourite.filter(|favourite| self.turn.is_queued(favourite.thread))?;
        self.favourite = times.checked_sub(1).filter(|left| *left > 0).map(|times| Favourite { thread, times });
        Some(thread)
    }
}
