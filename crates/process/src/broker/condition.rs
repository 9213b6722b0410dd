//! Conditions: who waits to be notified, and how often each held the lock.

use std::collections::VecDeque;

use super::instance::Ticket;

/// A request that waits to be notified.
#[derive(Debug)]
pub(super) struct Sleeper {
    pub(super) ticket: Ticket,
    /// How often it held the lock.
    pub(super) depth: u64,
    pub(super) place: String,
}

/// A condition of a lock.
#[derive(Debug)]
pub(super) struct Condition {
    /// The number of its lock.
    pub(super) lock: u64,
    sleepers: VecDeque<Sleeper>,
}

impl Condition {
    pub(super) const fn new(lock: u64) -> Self {
        Self { lock, sleepers: VecDeque::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.sleepers.len()
    }

    pub(super) fn push(&mut self, sleeper: Sleeper) {
        self.sleepers.push_back(sleeper);
    }

    /// The first ones, that many at most.
    pub(super) fn notify(&mut self, count: usize) -> Vec<Sleeper> {
        self.sleepers.drain(..count.min(self.sleepers.len())).collect()
    }

    pub(super) fn withdraw(&mut self, ticket: Ticket) -> Option<Sleeper> {
        let index = self.sleepers.iter().position(|sleeper| sleeper.ticket == ticket)?;
        self.sleepers.remove(index)
    }
}
