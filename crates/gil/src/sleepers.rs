//! Threads that wait in virtual time: who is to be woken when.

use crate::vocabulary::{Origin, ThreadId};

/// A thread whose wait ends by itself at a moment of the lock's clock.
#[derive(Clone, Copy, Debug)]
struct Sleeper {
    thread: ThreadId,
    deadline: u64,
    /// Where it comes from then.
    origin: Origin,
}

/// All that wait with a deadline, and those whose wait ended by it and who have not yet heard.
#[derive(Debug, Default)]
pub(crate) struct Sleepers {
    asleep: Vec<Sleeper>,
    overslept: Vec<ThreadId>,
}

impl Sleepers {
    /// The thread sleeps until `deadline`, unless somebody wakes it.
    pub(crate) fn add(&mut self, thread: ThreadId, deadline: u64, origin: Origin) {
        self.asleep.push(Sleeper { thread, deadline, origin });
    }

    /// The thread was woken, or gave up.
    pub(crate) fn remove(&mut self, thread: ThreadId) {
        self.asleep.retain(|sleeper| sleeper.thread != thread);
    }

    /// The earliest deadline.
    pub(crate) fn next_deadline(&self) -> Option<u64> {
        self.asleep.iter().map(|sleeper| sleeper.deadline).min()
    }

    /// Takes out who is due first, if anybody is: of equal deadlines the one that has slept longest.
    pub(crate) fn take_due(&mut self, now: u64) -> Option<(ThreadId, Origin)> {
        let due = self.asleep.iter().enumerate().filter(|(_, sleeper)| sleeper.deadline <= now);
        let (place, _) = due.min_by_key(|(_, sleeper)| sleeper.deadline)?;
        let Sleeper { thread, origin, .. } = self.asleep.remove(place);
        self.overslept.push(thread);
        Some((thread, origin))
    }

    /// Whether the thread's last wait ended by its deadline; it is told once.
    pub(crate) fn take_overslept(&mut self, thread: ThreadId) -> bool {
        let place = self.overslept.iter().position(|other| *other == thread);
        place.map(|place| self.overslept.swap_remove(place)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_wake_in_order_of_deadlines_and_then_of_arrival() {
        let [a, b, c] = [0, 1, 2].map(ThreadId::from_index);
        let mut sleepers = Sleepers::default();
        sleepers.add(a, 20, Origin::Sleep);
        sleepers.add(b, 10, Origin::Timeout);
        sleepers.add(c, 10, Origin::Sleep);
        assert_eq!(sleepers.next_deadline(), Some(10));
        assert_eq!(sleepers.take_due(9), None);
        assert_eq!(sleepers.take_due(10), Some((b, Origin::Timeout)));
        assert_eq!(sleepers.take_due(20), Some((c, Origin::Sleep)));
        assert_eq!(sleepers.take_due(20), Some((a, Origin::Sleep)));
        assert!(sleepers.take_overslept(b) && !sleepers.take_overslept(b));
    }
}
