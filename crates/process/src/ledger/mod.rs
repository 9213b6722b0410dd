//! How much is in a queue of packets, and how much may go in: figures in shared memory that a death at any moment cannot make wrong.
//!
//! Whoever puts a message in or takes one out opens the ledger, which is a lock, makes the system call and writes the new figures. They
//! are written beside the old ones, and one store makes them the valid ones. So when somebody is killed on the way, the valid figures tell
//! the number of bytes in the queue before or after that one call, the system tells how many there are, and whoever comes next sees
//! from both whether the message went in, or out.
//!
//! A process that is going to put a message in *promises* it first, which takes room. Each process has a row of its own for that, and what
//! was promised by one that has ended is nothing. To put the message in keeps a promise: both happen under the same lock, and whoever
//! dies between them has no promises any more.
//!
//! | word | |
//! |---|---|
//! | owner | the process that has it open, 0: nobody |
//! | owed | 1: its last owner ended with it open, and nobody has compared the figures yet |
//! | valid | which of the two copies of the figures is valid |
//! | rows | how many rows have ever been used |
//! | news | for each of [`News`]: a number that changes with it, and how many sleep on it |
//! | figures | twice: messages put in, taken out, done with; bytes in the queue |
//! | row | the process, 0: free; how much it has promised |
//!
//! Invariant: nothing here blocks but [`Ledger::sleep`]; nobody sleeps while the ledger is open.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::io::Errno;

use crate::fork::own_process;
use crate::futex::{has_ended, sleep_on, wake};
use crate::shared::Block;

mod open;
#[cfg(test)]
mod tests;

pub use open::Open;

/// How many processes can have promised something at once; others wait as if there were no room.
pub const PROMISERS: usize = 500;

const OWNER: usize = 0;
const OWED: usize = 4;
const VALID: usize = 8;
const ROWS: usize = 12;
const NEWS: usize = 16;
const FIGURES: usize = NEWS + 8 * 3;
const COPY: usize = 16;
const ROW: usize = FIGURES + 2 * COPY;
const LENGTH: usize = ROW + 8 * PROMISERS;

/// How often one looks at an open ledger before going to sleep: it is open for one call of the system.
const LOOKS: usize = 100;

/// What one can wait for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum News {
    /// The ledger is closed.
    Closed,
    /// There may be room.
    Room,
    /// Nothing may be left to be done.
    AllDone,
}

/// What the ledger says of the queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Figures {
    put: u32,
    taken: u32,
    done: u32,
    /// In the queue.
    bytes: u32,
}

/// The ledger of a queue that holds so many messages at most.
#[derive(Clone, Debug)]
pub struct Ledger {
    block: Block,
    maximum: u32,
}

/// In tests: the process ends here if it is told so.
fn moment(_what: &str) {
    #[cfg(test)]
    tests::moment(_what);
}

impl Ledger {
    /// A new one.
    ///
    /// # Errors
    ///
    /// If there is no shared memory.
    pub fn new(maximum: u32) -> io::Result<Self> {
        Ok(Self { block: Block::new(LENGTH)?, maximum })
    }

    /// The one that lies in this block; `None` if the block is too small.
    pub fn from_block(block: Block, maximum: u32) -> Option<Self> {
        (block.len() >= LENGTH).then_some(Self { block, maximum })
    }

    /// Where it lies.
    pub fn block(&self) -> &Block {
        &self.block
    }

    /// How many messages the queue may hold.
    pub fn maximum(&self) -> u32 {
        self.maximum
    }

    fn word(&self, place: usize) -> &AtomicU32 {
        self.block.word(place)
    }

    fn get(&self, place: usize) -> u32 {
        self.word(place).load(Ordering::Acquire)
    }

    /// What was set before is seen before.
    fn set(&self, place: usize, value: u32) {
        self.word(place).store(value, Ordering::Release);
    }

    /// Opens it; `reader` is the end of the queue that messages are taken from, if this process has it still. `last`: who had it open
    /// before one has slept; only he is suspected to have ended. `None`: somebody else has it open, or had when he ended, and only
    /// who has a reader can tell what became of that.
    ///
    /// # Errors
    ///
    /// If the system does not say how much is in the queue.
    pub fn try_open(&self, reader: Option<BorrowedFd<'_>>, last: u32) -> Result<Option<Open<'_>>, Errno> {
        let owner = self.word(OWNER);
        let take = |from: u32| owner.compare_exchange(from, own_process(), Ordering::SeqCst, Ordering::SeqCst).is_ok();
        let is_opened = (0..LOOKS).any(|_| {
            std::hint::spin_loop();
            owner.load(Ordering::Relaxed) == 0 && take(0)
        });
        if !is_opened {
            if last == 0 || !has_ended(last) || (self.get(OWED) == 1 && reader.is_none()) || !take(last) {
                return Ok(None);
            }
            self.set(OWED, 1);
        }
        moment("opened");
        let open = Open::new(self);
        if let Some(reader) = reader.filter(|_| self.get(OWED) == 1) {
            open.compare(reader)?;
            moment("compared");
            self.set(OWED, 0);
        }
        Ok(Some(open))
    }

    /// The number that changes with the news: remember it before you look.
    pub fn seen(&self, news: News) -> u32 {
        match news {
            News::Closed => self.get(OWNER),
            _ => self.get(NEWS + 8 * news as usize),
        }
    }

    /// Sleeps until there are other news than those seen, for `timeout` at most and never longer than [`GLANCE`](crate::GLANCE). Look
    /// again afterwards, whatever happened.
    ///
    /// # Errors
    ///
    /// `INTR` if a signal came.
    pub fn sleep(&self, news: News, seen: u32, timeout: Duration) -> Result<(), Errno> {
        if news == News::Closed && seen == 0 {
            return Ok(());
        }
        let sleepers = self.word(NEWS + 8 * news as usize + 4);
        sleepers.fetch_add(1, Ordering::SeqCst);
        let slept = sleep_on(self.news(news), seen, timeout);
        sleepers.fetch_sub(1, Ordering::SeqCst);
        slept
    }

    fn news(&self, news: News) -> &AtomicU32 {
        self.word(if news == News::Closed { OWNER } else { NEWS + 8 * news as usize })
    }

    /// Wakes so many who sleep.
    fn tell(&self, news: News, count: u32) {
        if news != News::Closed {
            self.news(news).fetch_add(1, Ordering::SeqCst);
        }
        if self.word(NEWS + 8 * news as usize + 4).load(Ordering::SeqCst) > 0 {
            wake(self.news(news), count);
        }
    }

    fn figures(&self) -> Figures {
        let [put, taken, done, bytes] = [0, 4, 8, 12].map(|field| self.get(FIGURES + COPY * self.valid() + field));
        Figures { put, taken, done, bytes }
    }

    fn valid(&self) -> usize {
        (self.get(VALID) & 1) as usize
    }
}
