//! Locks and semaphores that several processes share: a few words in a shared block, and Linux's futex to sleep on.
//!
//! | word | of a lock | of a counting semaphore |
//! |---|---|---|
//! | state | the owner's process, 0: free | how often it can be taken |
//! | thread | the owner's thread | – |
//! | depth | how often the owner has taken it | – |
//! | waiting | how many processes sleep, or more if some of them were killed | the same |
//!
//! To take a free lock is one atomic operation, which names the owner at once: a process that dies at any moment either holds the lock
//! or does not, and that an owner has ended is noticed.
//!
//! Invariant: nothing here blocks but [`Semaphore::sleep`].

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::io::Errno;

use crate::fork::own_process;
use crate::futex::{has_ended, sleep_on, wake};
use crate::shared::Block;

const STATE: usize = 0;
const THREAD: usize = 4;
const DEPTH: usize = 8;
const WAITING: usize = 12;
/// Bytes of the block.
const LENGTH: usize = 16;

/// What kind of thing it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SemaphoreKind {
    /// A lock that its owner may take again, and that only its owner may release.
    Recursive,
    /// A lock that anybody may release.
    Lock,
    /// A counter that can be taken as long as it is not 0.
    Counting,
}

/// Why it cannot be released.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReleaseError {
    /// Only the owner may.
    NotOwner,
    /// It has its largest value already.
    TooOften,
}

/// A lock or semaphore in shared memory.
#[derive(Clone, Debug)]
pub struct Semaphore {
    block: Block,
    kind: SemaphoreKind,
    maximum: u32,
}

/// While it exists, this thread counts as one who waits.
#[derive(Debug)]
pub struct Waiting<'a> {
    semaphore: &'a Semaphore,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.semaphore.word(WAITING).fetch_sub(1, Ordering::SeqCst);
        // A wake-up that came while one gave up goes on to the next.
        if !self.semaphore.is_zero() {
            self.semaphore.wake();
        }
    }
}

impl Semaphore {
    /// A new one. `value` is how often it can be taken; for locks 1 or 0.
    ///
    /// # Errors
    ///
    /// If there is no shared memory.
    pub fn new(kind: SemaphoreKind, value: u32, maximum: u32) -> io::Result<Self> {
        let semaphore = Self { block: Block::new(LENGTH)?, kind, maximum };
        if kind == SemaphoreKind::Counting {
            semaphore.word(STATE).store(value, Ordering::SeqCst);
        }
        Ok(semaphore)
    }

    /// The one that lies in this block; `None` if the block is too small.
    pub fn from_block(block: Block, kind: SemaphoreKind, maximum: u32) -> Option<Self> {
        (block.len() >= LENGTH).then_some(Self { block, kind, maximum })
    }

    /// Where it lies.
    pub fn block(&self) -> &Block {
        &self.block
    }

    /// What kind of thing it is.
    pub fn kind(&self) -> SemaphoreKind {
        self.kind
    }

    /// The largest value.
    pub fn maximum(&self) -> u32 {
        self.maximum
    }

    fn word(&self, place: usize) -> &AtomicU32 {
        self.block.word(place)
    }

    /// Takes it, if that need not wait.
    pub fn try_acquire(&self, thread: u32) -> bool {
        let state = self.word(STATE);
        if self.kind == SemaphoreKind::Counting {
            return state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |value| value.checked_sub(1)).is_ok();
        }
        if self.kind == SemaphoreKind::Recursive && self.is_mine(thread) {
            self.word(DEPTH).fetch_add(1, Ordering::SeqCst);
            return true;
        }
        let is_taken = state.compare_exchange(0, own_process(), Ordering::SeqCst, Ordering::SeqCst).is_ok();
        if is_taken {
            self.word(THREAD).store(thread, Ordering::SeqCst);
            self.word(DEPTH).store(1, Ordering::SeqCst);
        }
        is_taken
    }

    /// Gives it back once.
    ///
    /// # Errors
    ///
    /// If that is not allowed.
    pub fn release(&self, thread: u32) -> Result<(), ReleaseError> {
        let state = self.word(STATE);
        match self.kind {
            SemaphoreKind::Counting => {
                let more = |value: u32| value.checked_add(1).filter(|&value| value <= self.maximum);
                state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more).map_err(|_| ReleaseError::TooOften)?;
            }
            SemaphoreKind::Recursive => {
                if !self.is_mine(thread) {
                    return Err(ReleaseError::NotOwner);
                }
                if self.word(DEPTH).fetch_sub(1, Ordering::SeqCst) > 1 {
                    return Ok(());
                }
                self.word(THREAD).store(0, Ordering::SeqCst);
                state.store(0, Ordering::SeqCst);
            }
            SemaphoreKind::Lock => {
                self.word(THREAD).store(0, Ordering::SeqCst);
                if state.swap(0, Ordering::SeqCst) == 0 {
                    return Err(ReleaseError::TooOften);
                }
            }
        }
        if self.word(WAITING).load(Ordering::SeqCst) > 0 {
            self.wake();
        }
        Ok(())
    }

    fn wake(&self) {
        wake(self.word(STATE), 1);
    }

    /// Whether nobody can take it now.
    pub fn is_zero(&self) -> bool {
        self.value() == 0
    }

    /// How often it can be taken.
    pub fn value(&self) -> u32 {
        let state = self.word(STATE).load(Ordering::SeqCst);
        if self.kind == SemaphoreKind::Counting { state } else { u32::from(state == 0) }
    }

    /// Whether this thread of this process holds the lock.
    pub fn is_mine(&self, thread: u32) -> bool {
        self.kind != SemaphoreKind::Counting
            && self.word(THREAD).load(Ordering::SeqCst) == thread
            && self.word(STATE).load(Ordering::SeqCst) == own_process()
    }

    /// How often this process has taken the lock.
    pub fn depth(&self) -> u32 {
        let is_ours = self.kind != SemaphoreKind::Counting && self.word(STATE).load(Ordering::SeqCst) == own_process();
        if is_ours { self.word(DEPTH).load(Ordering::SeqCst) } else { 0 }
    }

    /// The process that holds the lock although it has ended.
    pub fn dead_owner(&self) -> Option<u32> {
        if self.kind == SemaphoreKind::Counting {
            return None;
        }
        let owner = self.word(STATE).load(Ordering::SeqCst);
        let ended = owner != 0 && has_ended(owner);
        (ended && self.word(STATE).load(Ordering::SeqCst) == owner).then_some(owner)
    }

    /// Says that this thread is going to sleep until it can take it.
    pub fn wait(&self) -> Waiting<'_> {
        self.word(WAITING).fetch_add(1, Ordering::SeqCst);
        Waiting { semaphore: self }
    }
}

impl Waiting<'_> {
    /// Sleeps until somebody releases it, for `timeout` at most and never longer than [`GLANCE`](crate::GLANCE). Try again afterwards,
    /// whatever happened.
    ///
    /// # Errors
    ///
    /// `INTR` if a signal came.
    pub fn sleep(&self, timeout: Duration) -> Result<(), Errno> {
        let state = self.semaphore.word(STATE);
        let seen = state.load(Ordering::SeqCst);
        let is_free = (seen == 0) != (self.semaphore.kind == SemaphoreKind::Counting);
        if is_free {
            return Ok(());
        }
        sleep_on(state, seen, timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_taken_once_and_a_recursive_one_by_its_owner_again() {
        let lock = Semaphore::new(SemaphoreKind::Lock, 1, 1).expect("memory");
        assert!(lock.try_acquire(1) && !lock.try_acquire(1));
        assert!(lock.is_mine(1) && !lock.is_mine(2));
        assert_eq!(lock.release(2), Ok(()));
        assert_eq!(lock.release(2), Err(ReleaseError::TooOften));
        let lock = Semaphore::new(SemaphoreKind::Recursive, 1, 1).expect("memory");
        assert!(lock.try_acquire(1) && lock.try_acquire(1) && !lock.try_acquire(2));
        assert_eq!((lock.depth(), lock.release(2)), (2, Err(ReleaseError::NotOwner)));
        assert_eq!((lock.release(1), lock.release(1), lock.release(1)), (Ok(()), Ok(()), Err(ReleaseError::NotOwner)));
    }

    #[test]
    fn a_semaphore_counts_up_to_its_maximum() {
        let semaphore = Semaphore::new(SemaphoreKind::Counting, 1, 2).expect("memory");
        assert!(semaphore.try_acquire(1) && !semaphore.try_acquire(1));
        assert_eq!((semaphore.release(1), semaphore.release(1)), (Ok(()), Ok(())));
        assert_eq!((semaphore.release(1), semaphore.value()), (Err(ReleaseError::TooOften), 2));
    }

    #[test]
    fn a_release_wakes_a_sleeper() {
        let semaphore = Semaphore::new(SemaphoreKind::Counting, 0, 1).expect("memory");
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| {
                let waiting = semaphore.wait();
                while !semaphore.try_acquire(1) {
                    waiting.sleep(Duration::MAX).expect("no signals here");
                }
            });
            semaphore.release(2).expect("it is 0");
            sleeper.join().expect("it does not panic");
        });
        assert!(semaphore.is_zero());
    }

    #[test]
    fn an_owner_that_never_was_is_dead() {
        let lock = Semaphore::new(SemaphoreKind::Lock, 1, 1).expect("memory");
        assert_eq!(lock.dead_owner(), None);
        // Beyond Linux's largest number of a process.
        lock.word(STATE).store(i32::MAX as u32, Ordering::SeqCst);
        assert_eq!(lock.dead_owner(), Some(i32::MAX as u32));
        lock.word(STATE).store(own_process(), Ordering::SeqCst);
        assert_eq!(lock.dead_owner(), None);
    }
}
