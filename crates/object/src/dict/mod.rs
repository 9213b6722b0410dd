//! Dicts: insertion-ordered, with lookups that can stop for script code and go on.
//!
//! A position is the number of an entry in order of insertion, deleted ones included. It stays the same until keys are
//! added or removed.
//!
//! Invariant: no borrow of a table outlives a function of this file, and none is alive while an owner is dropped.

mod names;
mod table;

pub use names::NeedsScript;
pub use table::{Candidate, Lookup};
pub(crate) use table::{DictTable, Match, Probe};

use crate::equal;
use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::{DictObject, GilCell};
use crate::reference::{Owned, Ref};
use crate::removed::Removed;
use crate::shape::ShapeId;
use crate::value::Value;
use table::Entry;

/// What an iterator over a dict yields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DictYield {
    /// Keys.
    Keys,
    /// Values.
    Values,
    /// Pairs.
    Items,
}

/// A dict.
#[derive(Clone, Copy)]
pub struct Dict<'a> {
    object: &'a DictObject,
}

/// An entry of a dict, with counts of its own.
#[derive(Debug)]
pub struct DictEntry {
    /// Where it stands.
    pub position: usize,
    /// Hash of the key.
    pub hash: i64,
    /// The key.
    pub key: Owned,
    /// The value.
    pub value: Owned,
}

impl Heap {
    /// An empty dict.
    pub fn new_dict(&self) -> Result<Owned, OutOfMemory> {
        self.allocate_in_place(|| DictObject {
            header: Header::new(ShapeId::DICT),
            table: GilCell::new(DictTable::new()),
        })
    }
}

impl<'a> Ref<'a> {
    /// The dict, or that of an instance of a subclass.
    #[inline]
    pub fn as_dict(self) -> Option<Dict<'a>> {
        Some(Dict { object: self.layout_or_wrapped()? })
    }
}

impl DictObject {
    /// The dict behind a value.
    ///
    /// # Safety
    /// The value points to a plain dict that stays alive during `'a`.
    #[inline(always)]
    pub unsafe fn of<'a>(value: Value) -> &'a DictObject {
        // SAFETY: the caller's promise.
        unsafe { &*(value.bits() as *const DictObject) }
    }

    /// The version that caches of positions compare; 0 while nobody caches.
    #[inline(always)]
    pub fn version(&self) -> u32 {
        // SAFETY: the borrow ends here.
        unsafe { self.table.get() }.current_version()
    }

    /// The bits of the value of an entry; they are no count.
    ///
    /// # Safety
    /// An entry stands at that position: it was found there, and [`version`](Self::version) is still the same.
    #[inline(always)]
    pub unsafe fn value_bits(&self, position: usize) -> Value {
        // SAFETY: the borrow ends here.
        let table = unsafe { self.table.get() };
        // SAFETY: the caller's promise.
        unsafe { table.value_unchecked(position) }
    }
}

impl<'a> Dict<'a> {
    /// The dict as a value; of an instance of a subclass it is the dict inside.
    #[inline]
    pub fn as_ref(self) -> Ref<'a> {
        Ref::from_header(&self.object.header)
    }

    /// Calls `f` with the table.
    ///
    /// # Safety
    /// `f` drops no owner and reaches this dict through no other path.
    #[inline(always)]
    unsafe fn with<R>(self, f: impl FnOnce(&mut DictTable) -> R) -> R {
        // SAFETY: the caller's promise.
        f(unsafe { self.object.table.get_mut() })
    }

    /// The table, to be read.
    ///
    /// # Safety
    /// The dict does not change while the borrow lives.
    #[inline(always)]
    unsafe fn table(self) -> &'a DictTable {
        // SAFETY: the caller's promise.
        unsafe { self.object.table.get() }
    }

    /// Number of keys.
    #[inline]
    pub fn len(self) -> usize {
        // SAFETY: the borrow ends here.
        unsafe { self.table() }.len()
    }

    /// Whether there are no keys.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Looks for a key.
    #[inline]
    pub fn find(self, key: Ref<'_>, hash: i64) -> Lookup {
        // SAFETY: comparing natively changes nothing.
        unsafe { self.table() }.find(hash, |other| equal::keys(key, other))
    }

    /// The key that a lookup asks about.
    pub fn candidate_key(self, candidate: &Candidate) -> Owned {
        self.key_at(candidate.position).unwrap_or_else(Owned::unbound)
    }

    /// Goes on with a lookup after script code said whether the keys are equal; from the start if the dict changed.
    pub fn answer(self, key: Ref<'_>, hash: i64, candidate: &Candidate, is_equal: bool) -> Lookup {
        // SAFETY: comparing natively changes nothing.
        let table = unsafe { self.table() };
        if table.has_changed_since(candidate) {
            self.find(key, hash)
        } else if is_equal {
            Lookup::Found(candidate.position)
        } else {
            table.find_behind(hash, candidate, |other| equal::keys(key, other))
        }
    }

    /// The key at a position.
    pub fn key_at(self, position: usize) -> Option<Owned> {
        // SAFETY: taking a count changes no table.
        unsafe { self.table() }.get(position).map(|entry| entry.key.clone())
    }

    /// The value at a position.
    #[inline]
    pub fn value_at(self, position: usize) -> Option<Owned> {
        // SAFETY: taking a count changes no table.
        unsafe { self.table() }.get(position).map(|entry| entry.value.clone())
    }

    /// Puts a value in the place of the one at a position and gives that back; `None` (and `value` is dropped) if nothing
    /// stands there.
    #[inline]
    pub fn set_value_at(self, position: usize, value: Owned) -> Option<Owned> {
        // SAFETY: the borrow ends with the exchange, which drops nothing.
        let place = unsafe { self.object.table.get_mut() }.value_mut(position)?;
        Some(std::mem::replace(place, value))
    }

    /// Adds a key that [`find`](Self::find) found absent; returns its position.
    pub fn insert(self, heap: &Heap, key: Owned, hash: i64, value: Owned) -> Result<usize, OutOfMemory> {
        // SAFETY: rebuilding moves entries and drops none.
        unsafe { self.with(|table| table.make_room(heap)) }?;
        // SAFETY: there is room, so that nothing is dropped.
        Ok(unsafe { self.with(|table| table.insert(hash, key, value)) })
    }

    /// Moves an entry behind all others, or in front of them.
    pub fn move_entry(self, heap: &Heap, position: usize, to_end: bool) -> Result<(), OutOfMemory> {
        let edge = if to_end { self.entry_before(usize::MAX) } else { self.entry_from(0) };
        if edge.is_none_or(|(edge, _, _)| edge == position) {
            return Ok(());
        }
        if to_end {
            // SAFETY: rebuilding moves entries and drops none.
            unsafe { self.with(|table| table.move_to_end(heap, position)) }
        } else {
            // SAFETY: entries are moved and none is dropped.
            unsafe { self.with(|table| table.move_to_front(position)) };
            Ok(())
        }
    }

    /// Takes the entry at a position out: its key and its value.
    pub fn remove_at(self, position: usize) -> Option<(Owned, Owned)> {
        // SAFETY: taking an entry out drops nothing.
        unsafe { self.with(|table| table.remove(position)) }
    }

    /// Takes the last entry out.
    pub fn pop_item(self) -> Option<(Owned, Owned)> {
        // SAFETY: the borrow ends here.
        let position = unsafe { self.table() }.previous(usize::MAX)?.0;
        self.remove_at(position)
    }

    /// Takes everything out.
    pub fn clear(self) -> Removed {
        // SAFETY: exchanging tables drops nothing.
        Removed::dict(unsafe { self.with(DictTable::take_all) })
    }

    /// A new dict of the same entries.
    pub fn copy(self, heap: &Heap) -> Result<Owned, OutOfMemory> {
        let owned = heap.new_dict()?;
        if let Some(copy) = owned.get().as_dict() {
            // SAFETY: taking counts changes no table.
            let table = unsafe { self.table() };
            // SAFETY: they are two dicts, and filling an empty table drops nothing.
            unsafe { copy.with(|own| own.fill_from(heap, table)) }?;
        }
        Ok(owned)
    }

    /// Makes an empty dict equal to another one, whose keys are all different; `false`: it is not empty, and nothing was
    /// done.
    pub fn fill_from(self, heap: &Heap, other: Dict<'_>) -> Result<bool, OutOfMemory> {
        if !self.is_empty() || other.is_empty() || self.as_ref().is(other.as_ref()) {
            return Ok(other.is_empty());
        }
        // SAFETY: taking counts changes no table.
        let table = unsafe { other.table() };
        // SAFETY: they are two dicts, and filling an empty table drops nothing.
        unsafe { self.with(|own| own.fill_from(heap, table)) }?;
        Ok(true)
    }

    /// Makes room for `additional` keys more.
    pub fn reserve(self, heap: &Heap, additional: usize) -> Result<(), OutOfMemory> {
        // SAFETY: rebuilding moves entries and drops none.
        unsafe { self.with(|table| table.reserve(heap, additional)) }
    }

    /// One behind the last position.
    pub fn entry_end(self) -> usize {
        // SAFETY: the borrow ends here.
        unsafe { self.table() }.end()
    }

    /// Key and value at a position.
    pub fn entry(self, position: usize) -> Option<(Owned, Owned)> {
        // SAFETY: taking counts changes no table.
        unsafe { self.table() }.get(position).map(|entry| (entry.key.clone(), entry.value.clone()))
    }

    /// The next entry at or behind a position: its position, key and value.
    #[inline]
    pub fn entry_from(self, position: usize) -> Option<(usize, Owned, Owned)> {
        // SAFETY: taking counts changes no table.
        let (position, entry) = unsafe { self.table() }.next(position)?;
        Some((position, entry.key.clone(), entry.value.clone()))
    }

    /// All entries, as they are at this moment: key and value.
    pub fn entries(self) -> Vec<(Owned, Owned)> {
        let mut position = 0;
        std::iter::from_fn(|| {
            let (index, key, value) = self.entry_from(position)?;
            position = index + 1;
            Some((key, value))
        })
        .collect()
    }

    /// The next entry at or behind a position, or the last one before it if `is_reversed`: its position, and what iterators
    /// give of it, a value being absent or the second of two.
    #[inline]
    pub(crate) fn step_from(
        self,
        position: usize,
        is_reversed: bool,
        yields: DictYield,
    ) -> Option<(usize, Owned, Option<Owned>)> {
        // SAFETY: taking counts changes no table.
        let table = unsafe { self.table() };
        let (place, entry) = if is_reversed { table.previous(position)? } else { table.next(position)? };
        Some(match yields {
            DictYield::Keys => (place, entry.key.clone(), None),
            DictYield::Values => (place, entry.value.clone(), None),
            DictYield::Items => (place, entry.key.clone(), Some(entry.value.clone())),
        })
    }

    /// The last entry before a position: its position, key and value.
    pub fn entry_before(self, position: usize) -> Option<(usize, Owned, Owned)> {
        // SAFETY: taking counts changes no table.
        let (position, entry) = unsafe { self.table() }.previous(position)?;
        Some((position, entry.key.clone(), entry.value.clone()))
    }

    /// The next entry at or behind a position, with its hash: for copying it into another dict or a set.
    pub fn next_entry(self, position: usize) -> Option<DictEntry> {
        // SAFETY: taking counts changes no table.
        let (position, entry) = unsafe { self.table() }.next(position)?;
        let Entry { hash, key, value } = entry.clone();
        Some(DictEntry { position, hash, key, value })
    }

    /// How many entries there are at or behind a position (`is_reversed`: before it).
    pub fn remaining_from(self, position: usize, is_reversed: bool) -> usize {
        // SAFETY: the borrow ends here.
        let table = unsafe { self.table() };
        let range = if is_reversed { 0..position.min(table.end()) } else { position..table.end() };
        range.filter(|&position| table.get(position).is_some()).count()
    }

    /// How often keys were added, taken out or moved; it starts anew some day.
    pub fn changes(self) -> u32 {
        // SAFETY: the borrow ends here.
        unsafe { self.table() }.changes()
    }

    /// A version for caches of positions: as long as [`DictObject::version`] gives the same number, every key stands
    /// where it stood. 0: there are no more numbers, do not cache.
    pub fn version(self, heap: &Heap) -> u32 {
        // SAFETY: the borrow ends here.
        unsafe { self.table() }.version(heap)
    }

    /// Copies entries of another dict from a position on, as far as that needs no script code. `Some`: the position of an
    /// entry whose key only script code can compare; go on behind it once it is dealt with. What was replaced is given
    /// back one by one to `dropped`.
    pub fn update_from(
        self,
        heap: &Heap,
        other: Dict<'_>,
        mut position: usize,
        mut dropped: impl FnMut(Owned),
    ) -> Result<Option<usize>, OutOfMemory> {
        while let Some(entry) = other.next_entry(position) {
            position = entry.position + 1;
            match self.find(entry.key.get(), entry.hash) {
                Lookup::Found(place) => {
                    if let Some(old) = self.set_value_at(place, entry.value) {
                        dropped(old);
                    }
                }
                Lookup::Absent => {
                    self.insert(heap, entry.key, entry.hash, entry.value)?;
                }
                Lookup::Compare(_) => return Ok(Some(entry.position)),
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
