//! The fork gate: how many threads are inside library code, and a door that stops them while somebody forks.

use std::time::Instant;

use crate::primitives::{Primitives, WaitEnd, Word};

/// Set while a thread wants to fork: nobody may come in.
const CLOSED: u32 = 1 << 31;

/// One word: the top bit says whether the gate is closed, the others count the threads *inside*.
///
/// A thread is inside from before its birth until after its death, whether it holds the lock, waits for it or computes
/// without it, except while it is detached (within one raw system call) or stands at the gate. Count and door share one
/// word, so "come in unless it is closed" is one atomic step and no order between two words has to be argued about.
///
/// | `CLOSED` | inside | state |
/// |---|---|---|
/// | 0 | n | open: threads come and go |
/// | 1 | n > 1 | closed: the forking thread waits until n - 1 more have gone out |
/// | 1 | 1 | quiet: only the forking thread is inside, and nobody can come in |
pub(crate) struct Gate<P: Primitives> {
    word: P::Word,
}

impl<P: Primitives> Gate<P> {
    /// An open gate with the calling thread inside.
    pub(crate) fn new() -> Gate<P> {
        Gate { word: Word::new(1) }
    }

    /// Counts in a thread that is about to be started by one that is inside; hence a closed gate does not stop it.
    pub(crate) fn add_newborn(&self) {
        self.update(|word| word + 1);
    }

    /// Comes in, standing at the gate as long as it is closed.
    pub(crate) fn enter(&self) {
        while let Err(closed) = self.word.update(|word| (word & CLOSED == 0).then(|| word + 1)) {
            self.word.wait(closed, None);
        }
    }

    /// Goes out. Behind it stands nothing that touches a lock of any library.
    pub(crate) fn leave(&self) {
        if self.update(|word| word - 1) == CLOSED + 2 {
            self.word.wake();
        }
    }

    /// Whether somebody wants to fork, so that a waiting thread is to go out.
    pub(crate) fn is_closed(&self) -> bool {
        self.word.load() & CLOSED != 0
    }

    /// Closes the gate. The caller is inside and stays there.
    pub(crate) fn close(&self) {
        let before = self.update(|word| word | CLOSED);
        assert!(before & CLOSED == 0, "only the holder of the lock closes the gate, so it is closed once");
    }

    /// Waits until the caller is alone inside.
    ///
    /// # Errors
    /// How many others were still inside when the deadline passed. The gate stays closed.
    pub(crate) fn wait_until_quiet(&self, deadline: Option<Instant>) -> Result<(), u32> {
        loop {
            let word = self.word.load();
            if word == CLOSED + 1 {
                return Ok(());
            }
            if self.word.wait(word, deadline) == WaitEnd::TimedOut {
                let others = (self.word.load() & !CLOSED) - 1;
                return if others == 0 { Ok(()) } else { Err(others) };
            }
        }
    }

    /// Opens the gate and lets in all who stand at it.
    pub(crate) fn open(&self) {
        self.update(|word| word & !CLOSED);
        self.word.wake();
    }

    /// Opens the gate in the child of a fork, where only the caller exists.
    pub(crate) fn restart(&self) {
        self.update(|_| 1);
    }

    fn update(&self, mut next: impl FnMut(u32) -> u32) -> u32 {
        self.word.update(|word| Some(next(word))).expect("the update never refuses")
    }
}
