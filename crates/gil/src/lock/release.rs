//! Letting the lock go: the books are brought up to date, the policy names the successor, and it is called.
//!
//! Invariant: whoever ends a turn calls the thread whose turn is next, so that no lock lies free while somebody sleeps for it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crossbeam_utils::CachePadded;

use super::{GlobalLock, LateCall, State};
use crate::observer::Event;
use crate::policy::Succession;
use crate::primitives::Primitives;
use crate::vocabulary::{PlaceNumber, Progress, ReleaseCause, ThreadId};

/// How long an instruction takes in virtual time.
const NANOSECONDS_AN_INSTRUCTION: u64 = 10;

/// Who is called at the end of a turn, best when the mutex is free.
pub(crate) struct Next<P: Primitives> {
    /// Where the thread sleeps whose turn is next: if it is awake already, or stands at the gate, it looks at the turn before it
    /// sleeps.
    seat: Option<Arc<CachePadded<P::Condvar>>>,
    /// Whom the holder had woken: often the same thread, which then sleeps there and not at its seat.
    late_call: Option<LateCall<P>>,
}

impl<P: Primitives> Next<P> {
    /// Wakes them.
    #[inline]
    pub(crate) fn call(self) {
        self.late_call.iter().for_each(|call| call.parker.ring());
        self.seat.iter().for_each(|seat| P::notify(seat));
    }
}

impl<P: Primitives> GlobalLock<P> {
    /// Lets the lock go. With nobody waiting it is free; otherwise the policy says whose it is.
    #[inline]
    pub fn release(&self, thread: ThreadId, cause: ReleaseCause, progress: Progress) {
        self.tell_progress(progress);
        self.let_go(P::lock(&self.state), thread, cause, progress.place);
    }

    /// Called by the holder: it has run so many instructions.
    #[inline]
    pub fn tell_progress(&self, progress: Progress) {
        let unbooked = self.unbooked.load(Ordering::Relaxed);
        self.unbooked.store(unbooked + progress.instructions, Ordering::Relaxed);
    }

    /// Writes the holder's instructions into the books, and lets the time pass that they take.
    #[inline]
    pub(crate) fn book(&self, state: &mut State<P>) {
        let instructions = self.unbooked.load(Ordering::Relaxed);
        self.unbooked.store(0, Ordering::Relaxed);
        state.turn.instructions += instructions;
        if let Some(clock) = &self.virtual_clock {
            clock.advance(instructions.saturating_mul(NANOSECONDS_AN_INSTRUCTION));
        }
    }

    #[inline]
    pub(crate) fn let_go(
        &self,
        mut state: P::Guard<'_, State<P>>,
        thread: ThreadId,
        cause: ReleaseCause,
        place: PlaceNumber,
    ) {
        self.book(&mut state);
        self.wake_sleepers(&mut state);
        let decides = !state.turn.queue.is_empty() || state.policy.always_decides();
        let succession = if decides { Some(self.ask_on_release(&mut state, thread, cause)) } else { None };
        let (_, mut next) = self.end_turn(&mut state, thread, cause, place, succession);
        if self.virtual_clock.is_some() && state.turn.queue.is_empty() {
            next.seat = self.jump_to_next_alarm(&mut state);
        }
        drop(state);
        next.call();
    }

    #[cold]
    pub(crate) fn ask_on_release(&self, state: &mut State<P>, thread: ThreadId, cause: ReleaseCause) -> Succession {
        let State { turn, policy, .. } = state;
        let succession = policy.on_release(&turn.scene(thread, &*self.clock), cause);
        state.let_look_again();
        succession
    }

    /// Ends the turn of the holder, whose instructions are booked. Gives the time, and who is to be called.
    #[inline]
    pub(crate) fn end_turn(
        &self,
        state: &mut State<P>,
        thread: ThreadId,
        cause: ReleaseCause,
        place: PlaceNumber,
        succession: Option<Succession>,
    ) -> (u64, Next<P>) {
        let now = self.clock.now();
        let instructions = state.turn.instructions;
        let held = state.turn.stop(thread, cause, now);
        // A record may name a thread that does not live here.
        let succession = succession.map(|succession| match succession {
            Succession::HandOver(next) if !state.lives(next) => Succession::LetAnyone,
            succession => succession,
        });
        let next = succession.and_then(|succession| state.turn.pass_on(succession));
        if let Some(Succession::HandOver(chosen)) = succession {
            self.heir.store(chosen.index() as u32, Ordering::Release);
            if next.is_none() && state.turn.unpark(chosen) {
                state.seat(chosen).parker.unpark();
            }
        }
        if !state.observers.is_empty() {
            let successor = match succession {
                Some(Succession::HandOver(next)) => Some(next),
                Some(Succession::LetAnyone | Succession::LetOthers) | None => None,
            };
            state.tell(now, Event::Ended { thread, cause, place, held, instructions, successor });
        }
        let seat = next.map(|next| Arc::clone(&state.seat(next).turn));
        (now, Next { seat, late_call: state.late_call.take() })
    }
}
