//! The permission to fork: who holds it is alone inside.

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::lock::GlobalLock;
use crate::primitives::{Native, Primitives};
use crate::sleepers::Sleepers;
use crate::turn::Turn;
use crate::vocabulary::ThreadId;

impl<P: Primitives> GlobalLock<P> {
    /// Brings all other threads to rest, so that the holder may fork.
    ///
    /// # Errors
    /// [`NotQuiet`] if a thread stays in native code, neither detached nor waiting, for longer than `patience`. Then all
    /// threads go on as if nothing had happened.
    pub fn quiesce(&self, thread: ThreadId, patience: Duration) -> Result<ForkPermit<'_, P>, NotQuiet> {
        // A deadline beyond what the clock can express is as good as none.
        let deadline = Instant::now().checked_add(patience);
        {
            let state = P::lock(&self.state);
            state.turn.held_since(thread);
            // Closed under the mutex: a waiter either sees it before it sleeps, or sleeps by now and is woken.
            self.gate.close();
            state.turn.queue.iter().for_each(|waiter| P::notify(&state.seat(waiter.thread).turn));
        }
        let permit = ForkPermit { lock: self, thread };
        match self.gate.wait_until_quiet(deadline) {
            Ok(()) => Ok(permit),
            Err(running) => Err(NotQuiet { running, patience }),
        }
    }

    /// Ends a fork in the parent.
    fn open_gate(&self) {
        self.gate.open();
    }

    /// Ends a fork in the child: `thread` becomes the only one and the first, and holds the lock. Nobody observes it.
    fn restart(&self, thread: ThreadId) {
        let mut state = P::lock(&self.state);
        let now = self.clock.now();
        let mut turn = Turn::new(now);
        let first = turn.ledger.register(state.turn.ledger.name(thread));
        turn.start(first, now);
        // To free the books of all threads that ever were would copy every page on which they lie.
        std::mem::forget(std::mem::replace(&mut state.turn, turn));
        let seat = state.seats[thread.index()].take();
        state.seats = vec![seat];
        state.sleepers = Sleepers::default();
        state.favourite = None;
        state.late_call = None;
        state.policy.restart();
        // What they keep belongs to the parent, which will write it out.
        state.observers.drain(..).for_each(std::mem::forget);
        self.is_observed.store(false, Ordering::Relaxed);
        self.is_watched.store(false, Ordering::Relaxed);
        self.waiting.store(0, Ordering::Relaxed);
        self.gate.restart();
    }
}

/// While this exists, no other thread runs library code, so a fork leaves no lock of any library locked in the child.
///
/// Call `fork` and then [`parent`](ForkPermit::parent) or [`child`](ForkPermit::child); if the fork failed, `parent`.
/// Dropping it means `parent`.
///
/// # What the child inherits
/// The memory of the forking thread and of all others, but only the forking thread. Every other thread was detached or
/// stood at the gate, both of which are raw system calls. Hence, in the child:
/// * the mutex inside the lock is unlocked, and nobody is queued at it: a waiter woken by the closing gate has left both
///   mutex and condition variable before it goes out;
/// * `parking_lot`'s process-wide table of buckets is unlocked and holds no sleeping thread, for the same reason. Its
///   counter of threads is too high by the number of threads that did not come along; it only sizes the table;
/// * the condition variables of the others are dropped without being touched (they have no destructor);
/// * the standard library's locks are free, births and deaths of threads being counted as inside;
/// * the allocator's locks are taken care of by the C library's own fork.
#[must_use = "dropping it opens the gate"]
pub struct ForkPermit<'lock, P: Primitives = Native> {
    lock: &'lock GlobalLock<P>,
    thread: ThreadId,
}

impl<'lock, P: Primitives> ForkPermit<'lock, P> {
    /// In the parent: lets the other threads go on.
    pub fn parent(self) {}

    /// In the child: the calling thread is alone, holds the lock, and is called [`ThreadId::FIRST`] from now on. All
    /// counts start afresh and nobody waits. Its own [`Birth`](crate::Birth), if it had one, goes on to count.
    pub fn child(self) -> ThreadId {
        self.lock.restart(self.thread);
        // The gate has been opened, and there is nobody to be woken.
        std::mem::forget(self);
        ThreadId::FIRST
    }
}

impl<P: Primitives> Drop for ForkPermit<'_, P> {
    fn drop(&mut self) {
        self.lock.open_gate();
    }
}

impl<P: Primitives> fmt::Debug for ForkPermit<'_, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ForkPermit").field("thread", &self.thread).finish_non_exhaustive()
    }
}

/// The other threads did not come to rest in time; the process must not fork now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotQuiet {
    /// How many threads were still running outside of the lock.
    pub running: u32,
    /// How long they were waited for.
    pub patience: Duration,
}

impl fmt::Display for NotQuiet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NotQuiet { running, patience } = self;
        let threads = if *running == 1 { "thread is" } else { "threads are" };
        write!(formatter, "cannot fork: {running} other {threads} still in native code after {patience:?}")
    }
}

impl std::error::Error for NotQuiet {}
