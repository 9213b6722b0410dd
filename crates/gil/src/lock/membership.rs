//! Who uses the lock: threads become known, are named, step out for a system call, and go.

use std::sync::Arc;

use super::{GlobalLock, Seat};
use crate::gate::Gate;
use crate::life::Birth;
use crate::observer::Event;
use crate::parker::Parker;
use crate::primitives::Primitives;
use crate::vocabulary::ThreadId;

impl<P: Primitives> GlobalLock<P> {
    /// Makes a thread known, which may then acquire.
    pub fn register(&self, name: &str) -> ThreadId {
        let mut state = P::lock(&self.state);
        state.seats.push(Some(Seat { turn: Arc::default(), parker: Arc::new(Parker::with_primitives()) }));
        let thread = state.turn.ledger.register(name);
        state.tell(self.clock.now(), Event::Named { thread, name });
        thread
    }

    /// Where a registered thread sleeps that waits for anything but the lock.
    pub fn parker(&self, thread: ThreadId) -> Arc<Parker<P>> {
        Arc::clone(&P::lock(&self.state).seat(thread).parker)
    }

    /// Ends a thread's use of the lock, which it does not hold. Its statistics stay.
    pub fn retire(&self, thread: ThreadId) {
        let mut state = P::lock(&self.state);
        assert_ne!(state.turn.possession.holder(), Some(thread), "thread {thread} retires with the lock in its hands");
        state.seats[thread.index()] = None;
        state.turn.ledger.retire(thread);
        state.tell(self.clock.now(), Event::Retired { thread });
    }

    /// Changes a thread's name in the statistics.
    pub fn rename(&self, thread: ThreadId, name: &str) {
        let mut state = P::lock(&self.state);
        state.turn.ledger.rename(thread, name);
        state.tell(self.clock.now(), Event::Named { thread, name });
    }

    /// Counts in a thread that the calling one is about to start, also if it will never ask for the lock.
    pub fn birth(&self) -> Birth<P> {
        Birth::new(Arc::clone(&self.gate))
    }

    /// Runs one raw, possibly blocking system call, such as a read or a [`park`](crate::Parker::park), while the process
    /// may fork. `call` must not touch a lock of any library, nor this one; the thread need not hold the lock, and
    /// usually has released it. Costs two atomic operations.
    #[inline]
    pub fn detached<R>(&self, call: impl FnOnce() -> R) -> R {
        struct Detached<'gate, P: Primitives>(&'gate Gate<P>);
        impl<P: Primitives> Drop for Detached<'_, P> {
            fn drop(&mut self) {
                self.0.enter();
            }
        }
        self.gate.leave();
        let _come_back_even_if_it_panics = Detached(&self.gate);
        call()
    }
}
