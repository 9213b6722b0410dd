//! Who sleeps until another process says so: a table in shared memory, with a word for each sleeper to sleep on.
//!
//! A word is 0: free; the sleeper's process; or that and [`NOTIFIED`]. Whoever notifies chooses the sleepers, the first that came first,
//! and waits for nobody: one that was killed is found by its process and passed over, and its place is used again.
//!
//! Invariant: `enter` and `notify` are called under a lock that the sleepers share; nothing here blocks but [`Sleepers::sleep`].

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::io::Errno;

use crate::fork::own_process;
use crate::futex::{has_ended, sleep_on, wake};
use crate::shared::Block;

/// How many can sleep at once.
pub const SLEEPERS: usize = 500;
/// The bit that says that a sleeper may wake.
const NOTIFIED: u32 = 1 << 31;
/// Where the next ticket stands; tickets tell who came first.
const NEXT: usize = 0;
/// Where the places begin; each is a state and a ticket.
const PLACES: usize = 8;
const PLACE: usize = 8;
const LENGTH: usize = PLACES + SLEEPERS * PLACE;

/// The table.
#[derive(Clone, Debug)]
pub struct Sleepers {
    block: Block,
}

impl Sleepers {
    /// A new one, with nobody in it.
    ///
    /// # Errors
    ///
    /// If there is no shared memory.
    pub fn new() -> io::Result<Self> {
        Ok(Self { block: Block::new(LENGTH)? })
    }

    /// The one that lies in this block; `None` if the block is too small.
    pub fn from_block(block: Block) -> Option<Self> {
        (block.len() >= LENGTH).then_some(Self { block })
    }

    /// Where it lies.
    pub fn block(&self) -> &Block {
        &self.block
    }

    fn state(&self, place: usize) -> &AtomicU32 {
        self.block.word(PLACES + place * PLACE)
    }

    fn ticket(&self, place: usize) -> &AtomicU32 {
        self.block.word(PLACES + place * PLACE + 4)
    }

    /// Takes a place; `None` if there is none.
    pub fn enter(&self) -> Option<usize> {
        let take = || (0..SLEEPERS).find(|&place| exchange(self.state(place), 0, own_process()));
        let place = take().or_else(|| if self.bury() > 0 { take() } else { None })?;
        let ticket = self.block.word(NEXT).fetch_add(1, Ordering::SeqCst);
        self.ticket(place).store(ticket, Ordering::SeqCst);
        Some(place)
    }

    /// Whether the sleeper at this place may wake.
    pub fn is_notified(&self, place: usize) -> bool {
        self.state(place).load(Ordering::SeqCst) & NOTIFIED != 0
    }

    /// Gives a place up; whether its sleeper was notified.
    pub fn leave(&self, place: usize) -> bool {
        self.state(place).swap(0, Ordering::SeqCst) & NOTIFIED != 0
    }

    /// Wakes those who have slept longest, `count` at most.
    pub fn notify(&self, count: usize) {
        let next = self.block.word(NEXT).load(Ordering::SeqCst);
        let mut sleeping = self.sleeping();
        // Tickets may have begun again at 0.
        sleeping
            .sort_by_key(|&(place, _)| std::cmp::Reverse(next.wrapping_sub(self.ticket(place).load(Ordering::SeqCst))));
        let mut left = count;
        for (place, process) in sleeping {
            if left == 0 {
                return;
            }
            if has_ended(process) {
                exchange(self.state(place), process, 0);
            } else if exchange(self.state(place), process, process | NOTIFIED) {
                left -= 1;
                wake(self.state(place), 1);
            }
        }
    }

    /// The places of those who sleep, and their processes.
    fn sleeping(&self) -> Vec<(usize, u32)> {
        let states = (0..SLEEPERS).map(|place| (place, self.state(place).load(Ordering::SeqCst)));
        states.filter(|&(_, state)| state != 0 && state & NOTIFIED == 0).collect()
    }

    /// How many sleep.
    pub fn count(&self) -> usize {
        self.sleeping().len()
    }

    /// Frees the places of those who have ended; how many that were.
    pub fn bury(&self) -> usize {
        let is_dead = |state: u32| has_ended(state & !NOTIFIED);
        let states = (0..SLEEPERS).map(|place| (place, self.state(place).load(Ordering::SeqCst)));
        states.filter(|&(place, state)| state != 0 && is_dead(state) && exchange(self.state(place), state, 0)).count()
    }

    /// Sleeps at a place until notified, for `timeout` at most and never longer than [`GLANCE`](crate::GLANCE).
    ///
    /// # Errors
    ///
    /// `INTR` if a signal came.
    pub fn sleep(&self, place: usize, timeout: Duration) -> Result<(), Errno> {
        sleep_on(self.state(place), own_process(), timeout)
    }
}

fn exchange(word: &AtomicU32, old: u32, new: u32) -> bool {
    word.compare_exchange(old, new, Ordering::SeqCst, Ordering::SeqCst).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_came_wakes_first_and_the_dead_are_passed_over() {
        let sleepers = Sleepers::new().expect("memory");
        let places: Vec<_> = (0..3).map(|_| sleepers.enter().expect("room")).collect();
        // Beyond Linux's largest number of a process.
        sleepers.state(places[0]).store(i32::MAX as u32, Ordering::SeqCst);
        sleepers.notify(1);
        assert!(sleepers.is_notified(places[1]) && !sleepers.is_notified(places[2]));
        assert_eq!((sleepers.count(), sleepers.bury()), (1, 0));
        assert!(sleepers.leave(places[1]) && !sleepers.leave(places[2]));
    }

    #[test]
    fn places_of_the_dead_are_used_again() {
        let sleepers = Sleepers::new().expect("memory");
        let places: Vec<_> = (0..SLEEPERS).map(|_| sleepers.enter().expect("room")).collect();
        let last = places[SLEEPERS / 2];
        assert_eq!(sleepers.enter(), None);
        sleepers.state(last).store(i32::MAX as u32 | NOTIFIED, Ordering::SeqCst);
        assert_eq!(sleepers.enter(), Some(last));
    }
}
