//! Tuples: a length and the items in one block.

use std::ptr::NonNull;

use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::TupleObject;
use crate::reference::{Owned, Ref};
use crate::shape::ShapeId;
use crate::slice::stepped;
use crate::value::Value;

/// A tuple. It never changes, so its items can be borrowed.
#[derive(Clone, Copy)]
pub struct Tuple<'a> {
    object: &'a TupleObject,
}

impl Heap {
    /// A tuple of these items. Panics if the iterator gives fewer items than it says.
    pub fn new_tuple<I>(&self, items: I) -> Result<Owned, OutOfMemory>
    where
        I: IntoIterator<Item = Owned, IntoIter: ExactSizeIterator>,
    {
        let mut items = items.into_iter();
        let length = items.len();
        let mut next = || items.next().expect("the iterator gave fewer items than it said");
        match length {
            0 => self.new_tuple_of(&[]),
            1 => self.new_tuple_of_owned([next()]),
            2 => self.new_tuple_of_owned([next(), next()]),
            // The iterator may do anything meanwhile, so the tuple is made when all items are there.
            _ => self.new_tuple_of_owned(items.collect::<Vec<Owned>>()),
        }
    }

    /// A tuple of two items.
    #[inline]
    pub fn new_pair(&self, first: Owned, second: Owned) -> Result<Owned, OutOfMemory> {
        let (block, items) = self.allocate_tuple(2)?;
        // SAFETY: the block has room for two items.
        unsafe { items.write(first.into_value()) };
        // SAFETY: as above.
        let place = unsafe { items.add(1) };
        // SAFETY: as above.
        unsafe { place.write(second.into_value()) };
        // SAFETY: the new object's count of one becomes the returned owner's.
        Ok(unsafe { Owned::from_value(Value::pointer(block)) })
    }

    /// A tuple of two items for an iterator that gives one pair after the other: the pair that it has `kept`, with new items,
    /// if nobody else holds that any more. An iterator that keeps nothing yet keeps this one.
    pub fn next_pair(&self, kept: &mut Owned, first: Owned, second: Owned) -> Result<Owned, OutOfMemory> {
        if kept.value().is_unbound() {
            *kept = self.new_pair(first, second)?;
            return Ok(kept.clone());
        }
        let Some(tuple) = kept.get().layout::<TupleObject>().filter(|tuple| tuple.length == 2) else {
            return self.new_pair(first, second);
        };
        // A watched count is no 1.
        if tuple.header.count.get() != 1 {
            return self.new_pair(first, second);
        }
        // SAFETY: one past the struct is inside the block.
        let items = unsafe { tuple.header.block().cast::<TupleObject>().add(1) }.cast::<[Value; 2]>();
        // SAFETY: two items stand there, and `kept`, borrowed exclusively, is the only way to them.
        let [old_first, old_second] = unsafe { items.replace([first.into_value(), second.into_value()]) };
        let pair = kept.clone();
        // SAFETY: the tuple gave its count up.
        drop(unsafe { Owned::from_value(old_first) });
        // SAFETY: as above.
        drop(unsafe { Owned::from_value(old_second) });
        Ok(pair)
    }

    /// A tuple of the items that references point to.
    pub fn new_tuple_from_refs(&self, items: &[Ref<'_>]) -> Result<Owned, OutOfMemory> {
        self.new_tuple_of_refs(items.len(), items.iter().copied())
    }

    /// A tuple of those items that `indices`, `length` of them, name.
    pub fn new_tuple_of_picked(
        &self,
        items: &[Owned],
        length: usize,
        indices: impl Iterator<Item = usize>,
    ) -> Result<Owned, OutOfMemory> {
        self.new_tuple_of_refs(length, indices.map(|index| items[index].get()))
    }

    /// A tuple of values whose counts are given away: of registers.
    ///
    /// # Safety
    /// For each value that is a pointer the caller owns one count, which it gives away even if this fails.
    pub unsafe fn new_tuple_from_values(&self, values: &[Value]) -> Result<Owned, OutOfMemory> {
        self.new_tuple_of(values).inspect_err(|_| {
            for &value in values {
                // SAFETY: the caller's promise, and the tuple that was not made did not take the count.
                drop(unsafe { Owned::from_value(value) });
            }
        })
    }

    fn new_tuple_of_owned(
        &self,
        items: impl AsRef<[Owned]> + IntoIterator<Item = Owned>,
    ) -> Result<Owned, OutOfMemory> {
        let owned: &[Owned] = items.as_ref();
        let values = std::ptr::from_ref(owned) as *const [Value];
        // SAFETY: `Owned` is a transparent value.
        let tuple = self.new_tuple_of(unsafe { &*values })?;
        // The tuple owns the counts now.
        items.into_iter().for_each(|item| {
            let _ = item.into_value();
        });
        Ok(tuple)
    }

    /// A tuple of values; their counts become the tuple's if this succeeds.
    fn new_tuple_of(&self, values: &[Value]) -> Result<Owned, OutOfMemory> {
        let (block, items) = self.allocate_tuple(values.len())?;
        // SAFETY: the block has room for all of them.
        unsafe { items.copy_from_nonoverlapping(NonNull::from(values).cast(), values.len()) };
        // SAFETY: the new object's count of one becomes the returned owner's.
        Ok(unsafe { Owned::from_value(Value::pointer(block)) })
    }

    /// A tuple of `length` borrowed items.
    fn new_tuple_of_refs<'r>(
        &self,
        length: usize,
        mut items: impl Iterator<Item = Ref<'r>>,
    ) -> Result<Owned, OutOfMemory> {
        let (block, places) = self.allocate_tuple(length)?;
        for index in 0..length {
            let item = items.next().unwrap_or(Ref::NONE).to_owned();
            // SAFETY: the block has room for `length` items.
            let place = unsafe { places.add(index) };
            // SAFETY: as above.
            unsafe { place.write(item.into_value()) };
        }
        // SAFETY: the new object's count of one becomes the returned owner's.
        Ok(unsafe { Owned::from_value(Value::pointer(block)) })
    }

    /// A tuple whose items are still to be written.
    #[inline]
    fn allocate_tuple(&self, length: usize) -> Result<(NonNull<Header>, NonNull<Value>), OutOfMemory> {
        let bytes =
            length.checked_mul(size_of::<Value>()).and_then(|bytes| bytes.checked_add(size_of::<TupleObject>()));
        let block = self.allocate_block(bytes.ok_or(OutOfMemory)?)?;
        let start = block.cast::<TupleObject>();
        // SAFETY: the block is fresh and large enough.
        unsafe { start.write(TupleObject { header: Header::new(ShapeId::TUPLE), length }) };
        // SAFETY: the items stand behind the struct.
        Ok((block, unsafe { start.add(1) }.cast::<Value>()))
    }
}

impl<'a> Ref<'a> {
    /// The tuple, or that of an instance of a subclass.
    #[inline]
    pub fn as_tuple(self) -> Option<Tuple<'a>> {
        Some(Tuple { object: self.layout_or_wrapped()? })
    }
}

impl TupleObject {
    /// The tuple behind a value.
    ///
    /// # Safety
    /// The value points to a plain tuple that stays alive during `'a`.
    #[inline(always)]
    pub unsafe fn of<'a>(value: Value) -> &'a TupleObject {
        // SAFETY: the caller's promise.
        unsafe { &*(value.bits() as *const TupleObject) }
    }

    /// The items' bits; they are no counts.
    #[inline(always)]
    pub fn items(&self) -> &[Value] {
        // SAFETY: one past the struct is inside the block or at its end.
        let first = unsafe { self.header.block().cast::<TupleObject>().add(1) }.cast::<Value>();
        // SAFETY: `length` values stand behind the struct, written when the tuple was made and never again.
        unsafe { NonNull::slice_from_raw_parts(first, self.length).as_ref() }
    }
}

impl<'a> Tuple<'a> {
    /// The tuple as a value; of an instance of a subclass it is the tuple inside.
    #[inline]
    pub fn as_ref(self) -> Ref<'a> {
        Ref::from_header(&self.object.header)
    }

    /// Number of items.
    #[inline]
    pub fn len(self) -> usize {
        self.object.length
    }

    /// Whether there are no items.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.object.length == 0
    }

    /// An item.
    #[inline]
    pub fn get(self, index: usize) -> Option<Ref<'a>> {
        // SAFETY: the tuple owns a count of its items, and keeps it as long as it lives.
        self.object.items().get(index).map(|&value| unsafe { Ref::from_value(value) })
    }

    /// All items.
    #[inline]
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Ref<'a>> + ExactSizeIterator + Clone {
        // SAFETY: as in `get`.
        self.object.items().iter().map(|&value| unsafe { Ref::from_value(value) })
    }

    /// A tuple of every `step`th item from `start` on, before `stop`; the three are as
    /// [`Slice::indices`](crate::Slice::indices) gives them for this length.
    pub fn slice(self, heap: &Heap, start: isize, stop: isize, step: isize) -> Result<Owned, OutOfMemory> {
        let indices = stepped(start, stop, step);
        if step == 1 && indices.len() == self.len() {
            return Ok(self.as_ref().to_owned());
        }
        heap.new_tuple_of_refs(indices.len(), indices.filter_map(|index| self.get(index)))
    }

    /// This tuple's items and then the other's.
    pub fn concat(self, heap: &Heap, other: Tuple<'_>) -> Result<Owned, OutOfMemory> {
        if other.is_empty() {
            return Ok(self.as_ref().to_owned());
        }
        if self.is_empty() {
            return Ok(other.as_ref().to_owned());
        }
        let length = self.len().checked_add(other.len()).ok_or(OutOfMemory)?;
        heap.new_tuple_of_refs(length, self.iter().chain(other.iter()))
    }

    /// The items, `times` times.
    pub fn repeat(self, heap: &Heap, times: usize) -> Result<Owned, OutOfMemory> {
        if times == 1 {
            return Ok(self.as_ref().to_owned());
        }
        let length = self.len().checked_mul(times).ok_or(OutOfMemory)?;
        heap.new_tuple_of_refs(length, self.iter().cycle())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{int, on_heap, show};

    #[test]
    fn tuples_are_made_of_owners_references_and_registers() {
        on_heap(|heap| {
            let big = int(heap, i64::MAX);
            let triple = heap.new_tuple(vec![big.clone(), int(heap, 1), big.clone()]).expect("memory");
            let copy = heap.new_tuple_from_refs(&[big.get(), big.get()]).expect("memory");
            let registers = [big.clone().into_value(), Value::NONE];
            // SAFETY: the one pointer is a count, given away here.
            let from_registers = unsafe { heap.new_tuple_from_values(&registers) }.expect("memory");
            assert_eq!(heap.count(big.get()), Some(1 + 2 + 2 + 1));
            let view = triple.get().as_tuple().expect("a tuple");
            let sum = view.concat(heap, copy.get().as_tuple().expect("a tuple")).expect("memory");
            assert_eq!(show(sum.get()), format!("({0}, 1, {0}, {0}, {0})", i64::MAX));
            assert_eq!(view.repeat(heap, 3).expect("memory").get().as_tuple().map(Tuple::len), Some(9));
            assert!(view.repeat(heap, usize::MAX).is_err());
            assert_eq!(show(view.slice(heap, 2, -1, -1).expect("memory").get()), format!("({0}, 1, {0})", i64::MAX));
            assert!(view.slice(heap, 0, 3, 1).expect("memory").get().is(triple.get()));
            assert!(view.get(3).is_none() && !from_registers.get().is(copy.get()));
        });
    }
}
