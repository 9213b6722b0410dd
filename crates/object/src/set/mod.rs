//! Sets and frozensets: two shapes, one layout.
//!
//! A position is the number of a slot: it says in which order iteration meets an element, and changes when the table
//! grows.
//!
//! Invariant: no borrow of a table outlives a function of this folder, and none is alive while an owner is dropped.

mod algebra;
mod table;

pub use algebra::{NotSubset, Progress, difference_copies, intersection_order};
pub(crate) use table::SetTable;
use toy_format::FrozensetHasher;

use crate::dict::{Candidate, Lookup};
use crate::equal;
use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::{GilCell, SetObject};
use crate::reference::{Owned, Ref};
use crate::removed::Removed;
use crate::shape::{Kind, ShapeId};
use crate::value::Value;

/// A set or frozenset. That a frozenset does not change is up to the caller: it is filled before it is shown.
#[derive(Clone, Copy)]
pub struct Set<'a> {
    object: &'a SetObject,
}

impl Heap {
    /// An empty set.
    pub fn new_set(&self) -> Result<Owned, OutOfMemory> {
        self.new_set_of_shape(ShapeId::SET)
    }

    /// An empty frozenset, to be filled.
    pub fn new_frozen_set(&self) -> Result<Owned, OutOfMemory> {
        self.new_set_of_shape(ShapeId::FROZEN_SET)
    }

    fn new_set_of_shape(&self, shape: ShapeId) -> Result<Owned, OutOfMemory> {
        let block = self.allocate_block(size_of::<SetObject>())?;
        let table = GilCell::new(SetTable::new());
        // SAFETY: the block is fresh and large enough.
        unsafe { block.cast::<SetObject>().write(SetObject { header: Header::new(shape), hash: 0.into(), table }) };
        // SAFETY: the new object's count of one becomes the returned owner's.
        Ok(unsafe { Owned::from_value(Value::pointer(block)) })
    }
}

impl<'a> Ref<'a> {
    /// The set or frozenset, or that of an instance of a subclass.
    #[inline]
    pub fn as_set(self) -> Option<Set<'a>> {
        let pointer = self.value().as_pointer()?;
        if matches!(self.shape(), ShapeId::SET | ShapeId::FROZEN_SET) {
            // SAFETY: objects of both shapes are laid out so, and this one lives for `'a`.
            return Some(Set { object: unsafe { pointer.cast::<SetObject>().as_ref() } });
        }
        if self.is_builtin_kind() { None } else { crate::instance::wrapped(self)?.as_set() }
    }
}

impl<'a> Set<'a> {
    /// The set as a value; of an instance of a subclass it is the set inside.
    pub fn as_ref(self) -> Ref<'a> {
        Ref::from_header(&self.object.header)
    }

    /// Whether it is a frozenset.
    pub fn is_frozen(self) -> bool {
        self.object.header.shape() == ShapeId(Kind::FrozenSet as u32)
    }

    /// Whether both are the same object.
    pub(crate) fn is(self, other: Set<'_>) -> bool {
        std::ptr::eq(self.object, other.object)
    }

    /// Calls `f` with the table.
    ///
    /// # Safety
    /// `f` drops no owner and reaches this set through no other path.
    #[inline(always)]
    unsafe fn with<R>(self, f: impl FnOnce(&mut SetTable) -> R) -> R {
        // SAFETY: the caller's promise.
        f(unsafe { self.object.table.get_mut() })
    }

    /// The table, to be read.
    ///
    /// # Safety
    /// The set does not change while the borrow lives.
    #[inline(always)]
    unsafe fn table(self) -> &'a SetTable {
        // SAFETY: the caller's promise.
        unsafe { self.object.table.get() }
    }

    /// Number of elements.
    #[inline]
    pub fn len(self) -> usize {
        // SAFETY: the borrow ends here.
        unsafe { self.table() }.len()
    }

    /// Whether there are no elements.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Looks for an element.
    #[inline]
    pub fn find(self, key: Ref<'_>, hash: i64) -> Lookup {
        // SAFETY: comparing natively changes nothing.
        unsafe { self.table() }.find(hash, |other| equal::keys(key, other))
    }

    /// The element that a lookup asks about.
    pub fn candidate_key(self, candidate: &Candidate) -> Owned {
        // SAFETY: taking a count changes no table.
        let entry = unsafe { self.table() }.get(candidate.position);
        entry.map_or_else(Owned::unbound, |entry| entry.key.clone())
    }

    /// Goes on with a lookup after script code said whether the keys are equal; from the start if the set changed.
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

    /// Adds an element that [`find`](Self::find) found absent.
    pub fn insert(self, heap: &Heap, key: Owned, hash: i64) -> Result<(), OutOfMemory> {
        // SAFETY: growing moves elements and drops none; a failure gives the new one back.
        unsafe { self.with(|table| table.insert(heap, hash, key)) }.map_err(|(error, _)| error)
    }

    /// Takes the element at a position out.
    pub fn remove_at(self, position: usize) -> Option<Owned> {
        // SAFETY: taking an element out drops nothing.
        unsafe { self.with(|table| table.remove(position)) }
    }

    /// Takes some element out (`set.pop`).
    pub fn pop(self) -> Option<Owned> {
        // SAFETY: taking an element out drops nothing.
        unsafe { self.with(SetTable::pop) }
    }

    /// Takes everything out.
    pub fn clear(self) -> Removed {
        // SAFETY: exchanging tables drops nothing.
        Removed::set(unsafe { self.with(SetTable::take_all) })
    }

    /// The next element at or behind a position, and its position.
    #[inline]
    pub fn entry_from(self, position: usize) -> Option<(usize, Owned)> {
        // SAFETY: taking a count changes no table.
        let (position, entry) = unsafe { self.table() }.next(position)?;
        Some((position, entry.key.clone()))
    }

    /// As [`entry_from`](Self::entry_from), with the element's hash.
    #[inline]
    pub fn next_entry(self, position: usize) -> Option<(usize, Owned, i64)> {
        // SAFETY: taking a count changes no table.
        let (position, entry) = unsafe { self.table() }.next(position)?;
        Some((position, entry.key.clone(), entry.hash))
    }

    /// How many elements there are at or behind a position.
    pub fn remaining_from(self, position: usize) -> usize {
        // SAFETY: the borrow ends here.
        let table = unsafe { self.table() };
        std::iter::successors(table.next(position), |(place, _)| table.next(place + 1)).count()
    }

    /// The hash of a frozenset, computed once: that of CPython for the same hashes of elements.
    pub fn frozen_hash(self) -> i64 {
        if self.object.hash.get() == 0 {
            let mut hasher = FrozensetHasher::new();
            // SAFETY: the borrow ends here.
            unsafe { self.table() }.elements().for_each(|entry| hasher.add(entry.hash));
            let hash = hasher.finish();
            if !self.is_frozen() {
                return hash;
            }
            self.object.hash.set(hash as u64);
        }
        self.object.hash.get() as i64
    }
}

#[cfg(test)]
mod tests;
