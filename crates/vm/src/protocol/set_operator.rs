//! Operators of sets, in the order in which CPython goes through them.

use std::ops::ControlFlow;

use toy_object::{Owned, Progress, Ref, Set, difference_copies, intersection_order};

use super::compare::CompareOp;
use super::operator::BinaryOp;
use crate::native::Outcome;
use crate::thread::Vm;

/// The set of a value that callers say is one.
fn set_of(value: Ref<'_>) -> Set<'_> {
    value.as_set().expect("callers pass a set")
}

impl Vm {
    /// `left op right` of two sets: a set of the left one's type. `None`: there is no such operation.
    pub(crate) fn set_binary(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>) -> Outcome<Option<Owned>> {
        let heap = self.heap();
        let (first, second) = (set_of(left), set_of(right));
        match op {
            BinaryOp::Or => {
                let union = first.copy(heap)?;
                if !first.as_ref().is(second.as_ref()) {
                    self.set_merge(union.get(), right)?;
                }
                Ok(Some(union))
            }
            BinaryOp::And if first.as_ref().is(second.as_ref()) => Ok(Some(first.copy(heap)?)),
            BinaryOp::And => {
                let (walked, tested) = intersection_order(first, second);
                let both = self.new_set_like(first)?;
                self.set_select(both.get(), walked, tested, true)?;
                Ok(Some(both))
            }
            BinaryOp::Subtract => {
                if difference_copies(first, second.len()) {
                    let rest = first.copy(heap)?;
                    self.set_discard_all(rest.get(), second)?;
                    return Ok(Some(rest));
                }
                let rest = self.new_set_like(first)?;
                self.set_select(rest.get(), first, second, false)?;
                Ok(Some(rest))
            }
            BinaryOp::Xor => {
                // As CPython: a copy of the right one, toggled by the left one.
                let either = self.new_set_like(first)?;
                self.set_merge(either.get(), right)?;
                self.set_toggle_all(either.get(), first)?;
                Ok(Some(either))
            }
            _ => Ok(None),
        }
    }

    fn new_set_like(&mut self, set: Set<'_>) -> Outcome {
        Ok(if set.is_frozen() { self.new_frozen_set()? } else { self.new_set()? })
    }

    /// `left op= right` of two sets.
    pub(crate) fn set_in_place(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>) -> Outcome<()> {
        let (first, second) = (set_of(left), set_of(right));
        let is_same = first.as_ref().is(second.as_ref());
        match op {
            BinaryOp::Or => self.set_merge(left, right),
            BinaryOp::And => {
                if let Some(both) = self.set_binary(op, left, right)? {
                    first.swap_content(set_of(both.get()));
                }
                Ok(())
            }
            BinaryOp::Subtract | BinaryOp::Xor if is_same => {
                drop(first.clear());
                Ok(())
            }
            BinaryOp::Subtract => self.set_discard_all(left, second),
            _ => self.set_toggle_all(left, second),
        }
    }

    /// Adds all elements of another set.
    pub fn set_merge(&mut self, set: Ref<'_>, other: Ref<'_>) -> Outcome<()> {
        let heap = self.heap();
        let (target, source) = (set_of(set), set_of(other));
        if target.as_ref().is(source.as_ref()) || target.begin_merge(heap, source)? {
            return Ok(());
        }
        let mut position = 0;
        while let Progress::At(place) = target.merge_from(heap, source, position)? {
            position = place + 1;
            if let Some((_, key, hash)) = source.next_entry(place) {
                self.set_add_hashed(target, key.get(), hash)?;
            }
        }
        Ok(())
    }

    /// Adds all elements of an iterable to a set, which may be a frozenset in the making.
    pub fn set_update(&mut self, target: Ref<'_>, iterable: Ref<'_>) -> Outcome<()> {
        if let Some(other) = iterable.as_set() {
            return self.set_merge(target, other.as_ref());
        }
        if let Some(dict) = iterable.as_dict().filter(|_| !self.asks_class(iterable)) {
            let set = set_of(target);
            set.begin_merge_of_keys(self.heap(), dict.len())?;
            let mut position = 0;
            while let Some(entry) = dict.next_entry(position) {
                position = entry.position + 1;
                self.set_add_hashed(set, entry.key.get(), entry.hash)?;
            }
            return Ok(());
        }
        self.for_each(iterable, |vm, item| {
            vm.set_add(target, item.get())?;
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Adds the elements of `walked` that are in `tested` (`keep`) or are not.
    fn set_select(&mut self, result: Ref<'_>, walked: Set<'_>, tested: Set<'_>, keep: bool) -> Outcome<()> {
        let heap = self.heap();
        let target = set_of(result);
        let mut position = 0;
        while let Progress::At(place) = target.select_from(heap, walked, tested, keep, position)? {
            position = place + 1;
            if let Some((_, key, hash)) = walked.next_entry(place)
                && self.set_find(tested, key.get(), hash)?.is_some() == keep
            {
                self.set_add_hashed(target, key.get(), hash)?;
            }
        }
        Ok(())
    }

    fn set_discard_all(&mut self, set: Ref<'_>, other: Set<'_>) -> Outcome<()> {
        let target = set_of(set);
        let mut position = 0;
        loop {
            let mut dropped = Vec::new();
            let progress = target.discard_from(other, position, |key| dropped.push(key));
            drop(dropped);
            let Progress::At(place) = progress else { break };
            position = place + 1;
            if let Some((_, key, hash)) = other.next_entry(place)
                && let Some(found) = self.set_find(target, key.get(), hash)?
            {
                drop(target.remove_at(found));
            }
        }
        Ok(target.tidy(self.heap())?)
    }

    fn set_toggle_all(&mut self, set: Ref<'_>, other: Set<'_>) -> Outcome<()> {
        let heap = self.heap();
        let target = set_of(set);
        let mut position = 0;
        loop {
            let mut dropped = Vec::new();
            let progress = target.toggle_from(heap, other, position, |key| dropped.push(key))?;
            drop(dropped);
            let Progress::At(place) = progress else { return Ok(()) };
            position = place + 1;
            if let Some((_, key, hash)) = other.next_entry(place) {
                self.set_toggle_hashed(target, key.get(), hash)?;
            }
        }
    }

    /// Takes the elements of `other` out of a set, and adds those that it does not have.
    pub fn set_toggle(&mut self, set: Ref<'_>, other: Ref<'_>) -> Outcome<()> {
        self.set_toggle_all(set, set_of(other))
    }

    /// Takes an element with this hash out of a set, or adds it if the set does not have it.
    pub fn set_toggle_hashed(&mut self, set: Set<'_>, key: Ref<'_>, hash: i64) -> Outcome<()> {
        match self.set_find(set, key, hash)? {
            Some(found) => drop(set.remove_at(found)),
            None => set.insert(self.heap(), key.to_owned(), hash)?,
        }
        Ok(())
    }

    /// Comparison of two sets: equality, and being a subset.
    pub(crate) fn compare_sets(&mut self, op: CompareOp, left: Ref<'_>, right: Ref<'_>) -> Outcome<bool> {
        let (left_len, right_len) = (set_of(left).len(), set_of(right).len());
        Ok(match op {
            CompareOp::Equal => left_len == right_len && self.is_subset(left, right)?,
            CompareOp::NotEqual => left_len != right_len || !self.is_subset(left, right)?,
            CompareOp::Less => left_len < right_len && self.is_subset(left, right)?,
            CompareOp::LessEqual => left_len <= right_len && self.is_subset(left, right)?,
            CompareOp::Greater => left_len > right_len && self.is_subset(right, left)?,
            CompareOp::GreaterEqual => left_len >= right_len && self.is_subset(right, left)?,
        })
    }

    /// Whether every element of one set is in the other.
    pub fn is_subset(&mut self, left: Ref<'_>, right: Ref<'_>) -> Outcome<bool> {
        let (inner, outer) = (set_of(left), set_of(right));
        let mut position = 0;
        loop {
            match inner.is_subset_from(outer, position) {
                Err(_) => return Ok(false),
                Ok(Progress::Done) => return Ok(true),
                Ok(Progress::At(place)) => {
                    position = place + 1;
                    if let Some((_, key, hash)) = inner.next_entry(place)
                        && self.set_find(outer, key.get(), hash)?.is_none()
                    {
                        return Ok(false);
                    }
                }
            }
        }
    }
}
