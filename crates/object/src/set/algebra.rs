//! Operations of two sets, in the order in which CPython goes through them.
//!
//! Each goes as far as it needs no script code. [`Progress::At`] names the position, in the set that is gone through, of an
//! element that only script code can compare with another: the caller deals with that one element and calls again with
//! the next position.

use super::Set;
use crate::dict::Lookup;
use crate::heap::{Heap, OutOfMemory};
use crate::reference::Owned;

/// How far an operation came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Progress {
    /// To the end.
    Done,
    /// To the element at this position, which needs script code.
    At(usize),
}

impl Set<'_> {
    /// First step of adding all elements of `other`: makes room, and does everything if this set was never used.
    /// `true`: done; `false`: go on with [`merge_from`](Self::merge_from) at position 0.
    pub fn begin_merge(self, heap: &Heap, other: Set<'_>) -> Result<bool, OutOfMemory> {
        if self.is(other) || other.is_empty() {
            return Ok(true);
        }
        // SAFETY: they are two sets, and making room drops nothing.
        unsafe { self.with(|table| table.prepare_merge(heap, other.len())) }?;
        // SAFETY: taking counts changes no table.
        let table = unsafe { other.table() };
        // SAFETY: they are two sets, and filling a table without elements drops nothing.
        unsafe { self.with(|own| own.fill_from(heap, table)) }
    }

    /// First step of adding all keys of a dict with so many: makes room.
    pub fn begin_merge_of_keys(self, heap: &Heap, count: usize) -> Result<(), OutOfMemory> {
        // SAFETY: making room drops nothing.
        unsafe { self.with(|table| table.prepare_merge(heap, count)) }
    }

    /// Adds the elements of `other` from a position on.
    pub fn merge_from(self, heap: &Heap, other: Set<'_>, position: usize) -> Result<Progress, OutOfMemory> {
        other.for_each_from(position, |key, hash| match self.find(key.get(), hash) {
            Lookup::Found(_) => Ok(true),
            Lookup::Absent => self.insert(heap, key, hash).map(|()| true),
            Lookup::Compare(_) => Ok(false),
        })
    }

    /// Adds to this set those elements of `walked`, from a position on, that are in `tested` (`keep`) or are not in it.
    /// Intersections walk the smaller of two sets; see [`intersection_order`].
    pub fn select_from(
        self,
        heap: &Heap,
        walked: Set<'_>,
        tested: Set<'_>,
        keep: bool,
        position: usize,
    ) -> Result<Progress, OutOfMemory> {
        walked.for_each_from(position, |key, hash| {
            let is_in = match tested.find(key.get(), hash) {
                Lookup::Found(_) => true,
                Lookup::Absent => false,
                Lookup::Compare(_) => return Ok(false),
            };
            if is_in != keep {
                return Ok(true);
            }
            match self.find(key.get(), hash) {
                Lookup::Found(_) => Ok(true),
                Lookup::Absent => self.insert(heap, key, hash).map(|()| true),
                Lookup::Compare(_) => Ok(false),
            }
        })
    }

    /// Takes the elements of `other`, from a position on, out of this set; `dropped` gets them. To be followed by
    /// [`tidy`](Self::tidy).
    pub fn discard_from(self, other: Set<'_>, position: usize, mut dropped: impl FnMut(Owned)) -> Progress {
        let walked: Result<Progress, OutOfMemory> = other.for_each_from(position, |key, hash| {
            match self.find(key.get(), hash) {
                Lookup::Found(place) => self.remove_at(place).into_iter().for_each(&mut dropped),
                Lookup::Absent => {}
                Lookup::Compare(_) => return Ok(false),
            }
            Ok(true)
        });
        walked.unwrap_or(Progress::Done)
    }

    /// Takes the elements of `other`, from a position on, out of this set, and adds those that it does not have.
    pub fn toggle_from(
        self,
        heap: &Heap,
        other: Set<'_>,
        position: usize,
        mut dropped: impl FnMut(Owned),
    ) -> Result<Progress, OutOfMemory> {
        other.for_each_from(position, |key, hash| {
            match self.find(key.get(), hash) {
                Lookup::Found(place) => self.remove_at(place).into_iter().for_each(&mut dropped),
                Lookup::Absent => self.insert(heap, key, hash)?,
                Lookup::Compare(_) => return Ok(false),
            }
            Ok(true)
        })
    }

    /// After many removals: gives the room of the removed elements back if that is worth while.
    pub fn tidy(self, heap: &Heap) -> Result<(), OutOfMemory> {
        // SAFETY: moving elements drops none.
        unsafe { self.with(|table| table.tidy(heap)) }
    }

    /// A set of the same elements; a frozenset if this is one.
    pub fn copy(self, heap: &Heap) -> Result<Owned, OutOfMemory> {
        let owned = if self.is_frozen() { heap.new_frozen_set()? } else { heap.new_set()? };
        if let Some(copy) = owned.get().as_set() {
            let is_done = copy.begin_merge(heap, self)?;
            debug_assert!(is_done, "a new set was never used");
        }
        Ok(owned)
    }

    /// Exchanges the content of two sets (`a &= b` computes `a & b` and exchanges).
    pub fn swap_content(self, other: Set<'_>) {
        if !self.is(other) {
            // SAFETY: they are two sets, and exchanging tables drops nothing.
            let others = unsafe { other.object.table.get_mut() };
            // SAFETY: as above.
            unsafe { self.with(|own| own.exchange(others)) };
        }
    }

    /// Whether every element is in `other`; `At`: script code must be asked about the one at this position. `Err`: one
    /// is not.
    pub fn is_subset_from(self, other: Set<'_>, position: usize) -> Result<Progress, NotSubset> {
        self.for_each_from(position, |key, hash| match other.find(key.get(), hash) {
            Lookup::Found(_) => Ok(true),
            Lookup::Absent => Err(NotSubset),
            Lookup::Compare(_) => Ok(false),
        })
    }

    /// Calls `f` with each element, from a position on, until it says `false`.
    fn for_each_from<E>(
        self,
        mut position: usize,
        mut f: impl FnMut(Owned, i64) -> Result<bool, E>,
    ) -> Result<Progress, E> {
        while let Some((place, key, hash)) = self.next_entry(position) {
            if !f(key, hash)? {
                return Ok(Progress::At(place));
            }
            position = place + 1;
        }
        Ok(Progress::Done)
    }
}

/// An element of the one set is not in the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotSubset;

/// The set that an intersection walks and the one that it tests: it walks the second, unless that has more elements.
pub fn intersection_order<'a>(left: Set<'a>, right: Set<'a>) -> (Set<'a>, Set<'a>) {
    if right.len() > left.len() { (left, right) } else { (right, left) }
}

/// How `left - right` goes: `true`: copy `left` and discard the elements of `right`; `false`: select from `left`.
pub fn difference_copies(left: Set<'_>, right_len: usize) -> bool {
    left.len() >> 2 > right_len
}
