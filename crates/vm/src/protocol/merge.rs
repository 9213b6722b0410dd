//! Sorting by merging runs ("timsort" with the merge policy of "powersort").
//!
//! Comparisons may raise at any time. What is sorted is an order of indices, which is a permutation of them at every moment
//! at which an error can leave the sort.

use toy_object::Owned;

use super::compare::CompareOp;
use crate::native::Outcome;
use crate::thread::Vm;

/// Wins in a row that make a merge gallop.
const MIN_GALLOP: usize = 7;

/// Asks `<` of two keys by their indices.
pub(super) struct Comparer<'a> {
    pub(super) vm: &'a mut Vm,
    pub(super) keys: &'a [Owned],
}

impl Comparer<'_> {
    fn less(&mut self, left: usize, right: usize) -> Outcome<bool> {
        self.vm.compare_bool(CompareOp::Less, self.keys[left].get(), self.keys[right].get())
    }
}

/// A sorted stretch that waits to be merged.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    length: usize,
    /// Depth of the boundary behind it in the ideal merge tree.
    power: u32,
}

/// Puts the indices into the order of their keys.
pub(super) fn sort_order(comparer: &mut Comparer<'_>, order: &mut [usize]) -> Outcome<()> {
    let length = order.len();
    let least = minimal_run(length);
    let mut merger = Merger { min_gallop: MIN_GALLOP, runs: Vec::new() };
    let mut start = 0;
    while start < length {
        let mut run = count_run(comparer, &mut order[start..])?;
        if run < least {
            let forced = least.min(length - start);
            insert_sorted(comparer, &mut order[start..start + forced], run)?;
            run = forced;
        }
        merger.push(comparer, order, Run { start, length: run, power: 0 })?;
        start += run;
    }
    merger.finish(comparer, order)
}

/// Runs shorter than this are made longer by insertion: `length` or between 32 and 64, such that merges are balanced.
fn minimal_run(length: usize) -> usize {
    let (mut length, mut has_rest) = (length, 0);
    while length >= 64 {
        has_rest |= length & 1;
        length >>= 1;
    }
    length + has_rest
}

/// Length of the run at the front, which is in ascending order afterwards. A descending one is turned round; equal items in
/// it keep their order.
fn count_run(comparer: &mut Comparer<'_>, order: &mut [usize]) -> Outcome<usize> {
    let mut length = extend_ascending(comparer, order, 1)?;
    if length == order.len() {
        return Ok(length);
    }
    // The next item is smaller. If all before it are equal, they are the start of a descending run.
    if length > 1 {
        if comparer.less(order[0], order[length - 1])? {
            return Ok(length);
        }
        order[..length].reverse();
    }
    length += 1;
    // Items at the end that are equal; turned round in place, so that turning the run round restores their order.
    let mut equal = 1;
    while length < order.len() {
        if comparer.less(order[length], order[length - 1])? {
            order[length - equal..length].reverse();
            equal = 1;
        } else if comparer.less(order[length - 1], order[length])? {
            break;
        } else {
            equal += 1;
        }
        length += 1;
    }
    order[length - equal..length].reverse();
    order[..length].reverse();
    extend_ascending(comparer, order, length)
}

/// How many items at the front are in ascending order, if the first `length` are.
fn extend_ascending(comparer: &mut Comparer<'_>, order: &[usize], mut length: usize) -> Outcome<usize> {
    while length < order.len() && !comparer.less(order[length], order[length - 1])? {
        length += 1;
    }
    Ok(length)
}

/// Sorts a stretch whose first `sorted` items are in order, by binary insertion.
fn insert_sorted(comparer: &mut Comparer<'_>, order: &mut [usize], sorted: usize) -> Outcome<()> {
    for place in sorted.max(1)..order.len() {
        let pivot = order[place];
        let (mut low, mut high) = (0, place);
        while low < high {
            let middle = low + (high - low) / 2;
            if comparer.less(pivot, order[middle])? { high = middle } else { low = middle + 1 }
        }
        order.copy_within(low..place, low + 1);
        order[low] = pivot;
    }
    Ok(())
}

/// How many of the sorted `items` are less than the key; the search starts at `hint` and doubles its steps.
fn gallop_left(comparer: &mut Comparer<'_>, key: usize, items: &[usize], hint: usize) -> Outcome<usize> {
    let (mut last, mut offset) = (0, 1);
    let (low, high) = if comparer.less(items[hint], key)? {
        let most = items.len() - hint;
        while offset < most && comparer.less(items[hint + offset], key)? {
            last = offset;
            offset = 2 * offset + 1;
        }
        (hint + last + 1, hint + offset.min(most))
    } else {
        let most = hint + 1;
        while offset < most && !comparer.less(items[hint - offset], key)? {
            last = offset;
            offset = 2 * offset + 1;
        }
        (hint + 1 - offset.min(most), hint - last)
    };
    let (mut low, mut high) = (low, high);
    while low < high {
        let middle = low + (high - low) / 2;
        if comparer.less(items[middle], key)? { low = middle + 1 } else { high = middle }
    }
    Ok(high)
}

/// How many of the sorted `items` are not greater than the key.
fn gallop_right(comparer: &mut Comparer<'_>, key: usize, items: &[usize], hint: usize) -> Outcome<usize> {
    let (mut last, mut offset) = (0, 1);
    let (low, high) = if comparer.less(key, items[hint])? {
        let most = hint + 1;
        while offset < most && comparer.less(key, items[hint - offset])? {
            last = offset;
            offset = 2 * offset + 1;
        }
        (hint + 1 - offset.min(most), hint - last)
    } else {
        let most = items.len() - hint;
        while offset < most && !comparer.less(key, items[hint + offset])? {
            last = offset;
            offset = 2 * offset + 1;
        }
        (hint + last + 1, hint + offset.min(most))
    };
    let (mut low, mut high) = (low, high);
    while low < high {
        let middle = low + (high - low) / 2;
        if comparer.less(key, items[middle])? { high = middle } else { low = middle + 1 }
    }
    Ok(high)
}

struct Merger {
    min_gallop: usize,
    runs: Vec<Run>,
}

impl Merger {
    /// Adds a run; earlier ones whose boundary lies deeper in the ideal tree are merged first.
    fn push(&mut self, comparer: &mut Comparer<'_>, order: &mut [usize], run: Run) -> Outcome<()> {
        if let Some(top) = self.runs.last() {
            let power = boundary_power(top.start, top.length, run.length, order.len());
            while self.runs.len() > 1 && self.runs[self.runs.len() - 2].power > power {
                self.merge_at(comparer, order, self.runs.len() - 2)?;
            }
            if let Some(top) = self.runs.last_mut() {
                top.power = power;
            }
        }
        self.runs.push(run);
        Ok(())
    }

    fn finish(&mut self, comparer: &mut Comparer<'_>, order: &mut [usize]) -> Outcome<()> {
        while self.runs.len() > 1 {
            let mut index = self.runs.len() - 2;
            if index > 0 && self.runs[index - 1].length < self.runs[index + 1].length {
                index -= 1;
            }
            self.merge_at(comparer, order, index)?;
        }
        Ok(())
    }

    /// Merges a run and the next one.
    fn merge_at(&mut self, comparer: &mut Comparer<'_>, order: &mut [usize], index: usize) -> Outcome<()> {
        let (first, second) = (self.runs[index], self.runs[index + 1]);
        self.runs[index].length += second.length;
        self.runs[index].power = second.power;
        self.runs.remove(index + 1);
        // What is already in place in front and behind need not move.
        let left = &order[first.start..second.start];
        let skipped = gallop_right(comparer, order[second.start], left, 0)?;
        if skipped == left.len() {
            return Ok(());
        }
        let right = &order[second.start..second.start + second.length];
        let kept = gallop_left(comparer, left[left.len() - 1], right, right.len() - 1)?;
        if kept == 0 {
            return Ok(());
        }
        let stretch = &mut order[first.start + skipped..second.start + kept];
        let middle = first.length - skipped;
        if middle <= kept {
            self.merge_low(comparer, stretch, middle)
        } else {
            self.merge_high(comparer, stretch, middle)
        }
    }

    /// Merges `order[..middle]`, the shorter half, and `order[middle..]`, from the front.
    fn merge_low(&mut self, comparer: &mut Comparer<'_>, order: &mut [usize], middle: usize) -> Outcome<()> {
        let left: Vec<usize> = order[..middle].to_vec();
        let mut state = Merge { left: 0, right: middle, target: 0 };
        let result = self.merge_forwards(comparer, order, &left, &mut state);
        // Whatever happened: the rest of the left half fills the gap.
        let rest = &left[state.left..];
        order[state.target..state.target + rest.len()].copy_from_slice(rest);
        result
    }

    fn merge_forwards(
        &mut self,
        comparer: &mut Comparer<'_>,
        order: &mut [usize],
        left: &[usize],
        state: &mut Merge,
    ) -> Outcome<()> {
        state.take_right(order, 1);
        loop {
            let (mut left_wins, mut right_wins) = (0, 0);
            while left_wins < self.min_gallop && right_wins < self.min_gallop {
                if state.is_done_forwards(order, left) {
                    return Ok(());
                }
                if comparer.less(order[state.right], left[state.left])? {
                    state.take_right(order, 1);
                    (left_wins, right_wins) = (0, right_wins + 1);
                } else {
                    state.take_left(order, left, 1);
                    (left_wins, right_wins) = (left_wins + 1, 0);
                }
            }
            self.min_gallop += 1;
            loop {
                if state.is_done_forwards(order, left) {
                    return Ok(());
                }
                self.min_gallop -= usize::from(self.min_gallop > 1);
                left_wins = gallop_right(comparer, order[state.right], &left[state.left..], 0)?;
                state.take_left(order, left, left_wins);
                if state.is_done_forwards(order, left) {
                    return Ok(());
                }
                state.take_right(order, 1);
                if state.is_done_forwards(order, left) {
                    return Ok(());
                }
                right_wins = gallop_left(comparer, left[state.left], &order[state.right..], 0)?;
                state.take_right(order, right_wins);
                if state.is_done_forwards(order, left) {
                    return Ok(());
                }
                state.take_left(order, left, 1);
                if left_wins < MIN_GALLOP && right_wins < MIN_GALLOP {
                    break;
                }
            }
            self.min_gallop += 1;
        }
    }

    /// Merges `order[..middle]` and `order[middle..]`, the shorter half, from the back.
    fn merge_high(&mut self, comparer: &mut Comparer<'_>, order: &mut [usize], middle: usize) -> Outcome<()> {
        let right: Vec<usize> = order[middle..].to_vec();
        // Counts of what is left of each half; the target is one behind the place to be filled.
        let mut state = Merge { left: middle, right: right.len(), target: order.len() };
        let result = self.merge_backwards(comparer, order, &right, &mut state);
        order[state.target - state.right..state.target].copy_from_slice(&right[..state.right]);
        result
    }

    fn merge_backwards(
        &mut self,
        comparer: &mut Comparer<'_>,
        order: &mut [usize],
        right: &[usize],
        state: &mut Merge,
    ) -> Outcome<()> {
        state.give_left(order, 1);
        loop {
            let (mut left_wins, mut right_wins) = (0, 0);
            while left_wins < self.min_gallop && right_wins < self.min_gallop {
                if state.is_done_backwards(order) {
                    return Ok(());
                }
                if comparer.less(right[state.right - 1], order[state.left - 1])? {
                    state.give_left(order, 1);
                    (left_wins, right_wins) = (left_wins + 1, 0);
                } else {
                    state.give_right(order, right, 1);
                    (left_wins, right_wins) = (0, right_wins + 1);
                }
            }
            self.min_gallop += 1;
            loop {
                if state.is_done_backwards(order) {
                    return Ok(());
                }
                self.min_gallop -= usize::from(self.min_gallop > 1);
                let place = gallop_right(comparer, right[state.right - 1], &order[..state.left], state.left - 1)?;
                left_wins = state.left - place;
                state.give_left(order, left_wins);
                if state.is_done_backwards(order) {
                    return Ok(());
                }
                state.give_right(order, right, 1);
                if state.is_done_backwards(order) {
                    return Ok(());
                }
                let place = gallop_left(comparer, order[state.left - 1], &right[..state.right], state.right - 1)?;
                right_wins = state.right - place;
                state.give_right(order, right, right_wins);
                if state.is_done_backwards(order) {
                    return Ok(());
                }
                state.give_left(order, 1);
                if left_wins < MIN_GALLOP && right_wins < MIN_GALLOP {
                    break;
                }
            }
            self.min_gallop += 1;
        }
    }
}

/// Where a merge is. Forwards: next of the left half, of the right half, and place to fill. Backwards: what is left of each.
struct Merge {
    left: usize,
    right: usize,
    target: usize,
}

impl Merge {
    fn take_left(&mut self, order: &mut [usize], left: &[usize], count: usize) {
        order[self.target..self.target + count].copy_from_slice(&left[self.left..self.left + count]);
        self.left += count;
        self.target += count;
    }

    fn take_right(&mut self, order: &mut [usize], count: usize) {
        order.copy_within(self.right..self.right + count, self.target);
        self.right += count;
        self.target += count;
    }

    /// The last of the left half is known to belong behind everything.
    fn is_done_forwards(&mut self, order: &mut [usize], left: &[usize]) -> bool {
        if left.len() - self.left == 1 {
            self.take_right(order, order.len() - self.right);
        }
        self.right == order.len() || self.left == left.len()
    }

    fn give_left(&mut self, order: &mut [usize], count: usize) {
        order.copy_within(self.left - count..self.left, self.target - count);
        self.left -= count;
        self.target -= count;
    }

    fn give_right(&mut self, order: &mut [usize], right: &[usize], count: usize) {
        order[self.target - count..self.target].copy_from_slice(&right[self.right - count..self.right]);
        self.right -= count;
        self.target -= count;
    }

    /// The first of the right half is known to belong before everything.
    fn is_done_backwards(&mut self, order: &mut [usize]) -> bool {
        if self.right == 1 {
            self.give_left(order, self.left);
        }
        self.left == 0 || self.right == 0
    }
}

/// The depth of the boundary between two neighbouring runs in a perfectly balanced merge tree over `total` items.
fn boundary_power(start: usize, first: usize, second: usize, total: usize) -> u32 {
    // Twice the middles of both runs, as fractions of twice the total.
    let (mut left, mut right) = (2 * start + first, 2 * start + 2 * first + second);
    let mut power = 0;
    loop {
        power += 1;
        if left >= total {
            left -= total;
            right -= total;
        } else if right >= total {
            return power;
        }
        left *= 2;
        right *= 2;
    }
}
