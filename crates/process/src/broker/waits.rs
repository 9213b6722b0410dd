//! The requests that wait, found by their tickets and in the order of their deadlines.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::instance::{InstanceId, Ticket};

/// What a request waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Obstacle {
    Object(u64),
    Instance(InstanceId),
    AllInstances,
}

/// A request that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) obstacle: Obstacle,
    /// When its instance is tired of it, on the broker's clock.
    pub(super) deadline: Option<Duration>,
    pub(super) place: String,
}

/// All requests that wait.
#[derive(Default, Debug)]
pub(super) struct Waits {
    waiting: BTreeMap<Ticket, Waiting>,
    deadlines: BTreeSet<(Duration, Ticket)>,
}

impl Waits {
    pub(super) fn insert(&mut self, ticket: Ticket, waiting: Waiting) {
        self.deadlines.extend(waiting.deadline.map(|deadline| (deadline, ticket)));
        self.waiting.insert(ticket, waiting);
    }

    pub(super) fn remove(&mut self, ticket: Ticket) -> Option<Waiting> {
        let waiting = self.waiting.remove(&ticket)?;
        waiting.deadline.map(|deadline| self.deadlines.remove(&(deadline, ticket)));
        Some(waiting)
    }

    pub(super) fn get(&self, ticket: Ticket) -> Option<&Waiting> {
        self.waiting.get(&ticket)
    }

    pub(super) fn contains(&self, ticket: Ticket) -> bool {
        self.waiting.contains_key(&ticket)
    }

    /// It waits for something else now, as long as it takes.
    pub(super) fn redirect(&mut self, ticket: Ticket, obstacle: Obstacle) {
        if let Some(waiting) = self.remove(ticket) {
            self.insert(ticket, Waiting { obstacle, deadline: None, ..waiting });
        }
    }

    /// Those of one instance.
    pub(super) fn of(&self, instance: InstanceId) -> Vec<Ticket> {
        let ticket = |number| Ticket { instance, number };
        self.waiting.range(ticket(0)..=ticket(u32::MAX)).map(|(ticket, _)| *ticket).collect()
    }

    /// Those whose deadline has passed, the earliest first.
    pub(super) fn over(&self, now: Duration) -> Vec<Ticket> {
        self.deadlines.iter().take_while(|(deadline, _)| *deadline <= now).map(|(_, ticket)| *ticket).collect()
    }

    /// The earliest deadline.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }
}
