//! Who waited for whom, in nanoseconds: a dense matrix over the living, a sparse one over all that ever were.

use std::collections::BTreeMap;

use crate::vocabulary::ThreadId;

/// Time that threads spent waiting while others held the lock.
///
/// Every hand-over adds one number for each waiter. A living thread therefore has a *slot*, a small number that is given
/// to another thread later, and the time of one holder lies together in one row.
#[derive(Clone, Debug, Default)]
pub(crate) struct WaitMatrix {
    /// `[slot of the holder][slot of the waiter]`; a missing entry is 0.
    rows: Vec<Vec<u64>>,
    /// Which thread has which slot.
    occupants: Vec<Option<ThreadId>>,
    /// `(waiter, holder, nanoseconds)`: what was known of a pair when one of them was retired. A thousand threads that wait for each
    /// other are a million pairs, so they are only put in order when somebody asks.
    settled: Vec<(ThreadId, ThreadId, u64)>,
}

impl WaitMatrix {
    /// Gives a thread its slot.
    pub(crate) fn admit(&mut self, thread: ThreadId) -> usize {
        match self.occupants.iter().position(Option::is_none) {
            Some(slot) => {
                self.occupants[slot] = Some(thread);
                slot
            }
            None => {
                self.occupants.push(Some(thread));
                self.rows.push(Vec::new());
                self.occupants.len() - 1
            }
        }
    }

    /// Adds the time that the thread in slot `waiter` has waited while the one in slot `holder` held the lock.
    pub(crate) fn add(&mut self, waiter: usize, holder: usize, nanoseconds: u64) {
        let row = &mut self.rows[holder];
        if row.len() <= waiter {
            row.resize(self.occupants.len(), 0);
        }
        row[waiter] += nanoseconds;
    }

    /// Frees the slot of a thread; its numbers stay. Of each pair they are settled once: nothing is added when one of them is gone.
    pub(crate) fn retire(&mut self, slot: usize) {
        for other in 0..self.occupants.len() {
            self.settle(slot, other);
            self.settle(other, slot);
        }
        self.occupants[slot] = None;
    }

    /// Retired threads have other names from now on. What is known of pairs that become one is added up.
    pub(crate) fn rename(&mut self, name: impl Fn(ThreadId) -> ThreadId) {
        let mut sums = BTreeMap::new();
        for (waiter, holder, nanoseconds) in self.settled.drain(..) {
            *sums.entry((name(waiter), name(holder))).or_default() += nanoseconds;
        }
        self.settled.extend(sums.into_iter().map(|((waiter, holder), nanoseconds)| (waiter, holder, nanoseconds)));
    }

    /// All pairs `(waiter, holder, nanoseconds)` with a time above 0, in order.
    pub(crate) fn entries(mut self) -> impl Iterator<Item = (ThreadId, ThreadId, u64)> {
        for slot in 0..self.occupants.len() {
            self.retire(slot);
        }
        self.settled.sort_unstable();
        self.settled.into_iter()
    }

    fn settle(&mut self, waiter: usize, holder: usize) {
        let (Some(waiting_thread), Some(holding_thread)) = (self.occupants[waiter], self.occupants[holder]) else {
            return;
        };
        let nanoseconds = self.rows[holder].get_mut(waiter).map_or(0, std::mem::take);
        if nanoseconds > 0 {
            self.settled.push((waiting_thread, holding_thread, nanoseconds));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_used_again_and_keeps_the_threads_apart() {
        let [a, b, c] = [0, 1, 2].map(ThreadId::from_index);
        let mut matrix = WaitMatrix::default();
        let (slot_a, slot_b) = (matrix.admit(a), matrix.admit(b));
        matrix.add(slot_a, slot_b, 5);
        matrix.add(slot_b, slot_a, 7);
        matrix.retire(slot_b);
        assert_eq!(matrix.admit(c), slot_b);
        matrix.add(slot_a, slot_b, 11);
        assert_eq!(matrix.entries().collect::<Vec<_>>(), [(a, b, 5), (a, c, 11), (b, a, 7)]);
    }
}
