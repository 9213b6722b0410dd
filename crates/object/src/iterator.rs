//! The iterators that `for` runs on without a call.

use crate::content_class::ContentClass;
use crate::dict::DictYield;
use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::{DictIteratorObject, RangeIteratorObject, SequenceIteratorObject, SetIteratorObject};
use crate::reference::{Owned, Ref};
use crate::shape::{Kind, ShapeId};
use crate::value::Value;

/// What an iterator answers.
#[derive(Debug)]
pub enum Next {
    /// A value.
    Value(Owned),
    /// No more.
    End,
    /// The container changed its size: `RuntimeError` with this text.
    Changed(&'static str),
}

impl Heap {
    /// An iterator that counts from `next` by `step`, `remaining` times.
    pub fn new_range_iterator(&self, next: i64, step: i64, remaining: u64) -> Result<Owned, OutOfMemory> {
        let header = Header::new(ShapeId::RANGE_ITERATOR);
        self.allocate(RangeIteratorObject { header, next: next.into(), step, remaining: remaining.into() })
    }

    /// An iterator by index over a list, tuple, str, bytes or bytearray.
    pub fn new_sequence_iterator(&self, sequence: Owned) -> Result<Owned, OutOfMemory> {
        let header = Header::new(ShapeId::SEQUENCE_ITERATOR);
        let class = ContentClass::of_sequence(self, sequence.get());
        self.allocate(SequenceIteratorObject { header, sequence: sequence.into_value().into(), index: 0.into(), class })
    }

    /// An iterator over a dict, from the last entry if `is_reversed`.
    pub fn new_dict_iterator(&self, dict: Owned, yields: DictYield, is_reversed: bool) -> Result<Owned, OutOfMemory> {
        self.dict_iterator(dict, yields, is_reversed, false)
    }

    /// An iterator over an OrderedDict: it notices every change of the order, but none while the last item is looked at.
    pub fn new_ordered_dict_iterator(
        &self,
        dict: Owned,
        yields: DictYield,
        is_reversed: bool,
    ) -> Result<Owned, OutOfMemory> {
        self.dict_iterator(dict, yields, is_reversed, true)
    }

    fn dict_iterator(
        &self,
        dict: Owned,
        yields: DictYield,
        is_reversed: bool,
        is_ordered: bool,
    ) -> Result<Owned, OutOfMemory> {
        let table = dict.get().as_dict();
        let ordered_changes = table.filter(|_| is_ordered).map(|dict| dict.changes());
        let expected = table.map_or(0, |dict| dict.len());
        let position = if is_reversed { table.map_or(0, |dict| dict.entry_end()) } else { 0 };
        self.allocate(DictIteratorObject {
            header: Header::new(ShapeId::DICT_ITERATOR),
            dict: dict.into_value().into(),
            position: position.into(),
            expected: expected.into(),
            remaining: expected.into(),
            yields,
            is_reversed,
            ordered_changes,
            pair: Value::UNBOUND.into(),
        })
    }

    /// An iterator over a set or frozenset.
    pub fn new_set_iterator(&self, set: Owned) -> Result<Owned, OutOfMemory> {
        let expected = set.get().as_set().map_or(0, |set| set.len());
        let header = Header::new(ShapeId::SET_ITERATOR);
        self.allocate(SetIteratorObject {
            header,
            set: set.into_value().into(),
            position: 0.into(),
            expected: expected.into(),
        })
    }

    /// The next value of one of the builtin iterators; `None` if it is none of them.
    pub fn next_of(&self, iterator: Ref<'_>) -> Result<Option<Next>, OutOfMemory> {
        match iterator.shape() {
            ShapeId::RANGE_ITERATOR => iterator.layout::<RangeIteratorObject>().map(|i| i.next(self)).transpose(),
            ShapeId::SEQUENCE_ITERATOR => iterator.layout::<SequenceIteratorObject>().map(|i| i.next(self)).transpose(),
            ShapeId::DICT_ITERATOR => iterator.layout::<DictIteratorObject>().map(|i| i.next(self)).transpose(),
            ShapeId::SET_ITERATOR => Ok(iterator.layout::<SetIteratorObject>().map(SetIteratorObject::next)),
            _ => Ok(None),
        }
    }

    /// What an iterator by index goes through, and the index of its next item; `None` in place of the former: it is at its end.
    pub fn sequence_iterator_parts(&self, iterator: Ref<'_>) -> Option<(Option<Owned>, usize)> {
        let iterator = iterator.layout::<SequenceIteratorObject>()?;
        Some((container(&iterator.sequence), iterator.index.get()))
    }

    /// Has an iterator by index go on from another index, but not beyond the end. It may be at its end already.
    pub fn set_sequence_iterator_index(&self, iterator: Ref<'_>, index: usize) {
        let Some(iterator) = iterator.layout::<SequenceIteratorObject>() else { return };
        if let Some(sequence) = container(&iterator.sequence) {
            iterator.index.set(index.min(sequence_len(self, sequence.get()).unwrap_or(0)));
        }
    }

    /// Another iterator over the same dict or set that stands at the same place; `None` if it is no such iterator.
    pub fn copy_of_table_iterator(&self, iterator: Ref<'_>) -> Result<Option<Owned>, OutOfMemory> {
        let held = |field| container(field).map_or(Value::UNBOUND, Owned::into_value);
        if let Some(old) = iterator.layout::<DictIteratorObject>() {
            let copy = DictIteratorObject {
                header: Header::new(ShapeId::DICT_ITERATOR),
                dict: held(&old.dict).into(),
                position: old.position.get().into(),
                expected: old.expected.get().into(),
                remaining: old.remaining.get().into(),
                yields: old.yields,
                is_reversed: old.is_reversed,
                ordered_changes: old.ordered_changes,
                pair: Value::UNBOUND.into(),
            };
            return self.allocate(copy).map(Some);
        }
        let Some(old) = iterator.layout::<SetIteratorObject>() else { return Ok(None) };
        let copy = SetIteratorObject {
            header: Header::new(ShapeId::SET_ITERATOR),
            set: held(&old.set).into(),
            position: old.position.get().into(),
            expected: old.expected.get().into(),
        };
        self.allocate(copy).map(Some)
    }

    /// The numbers that an iterator over a range has left: the next one, the step, how many.
    pub fn range_iterator_parts(&self, iterator: Ref<'_>) -> Option<(i64, i64, u64)> {
        let iterator = iterator.layout::<RangeIteratorObject>()?;
        Some((iterator.next.get(), iterator.step, iterator.remaining.get()))
    }

    /// How many values one of the builtin iterators has left, for `__length_hint__`.
    pub fn length_hint_of(&self, iterator: Ref<'_>) -> Option<usize> {
        if let Some(range) = iterator.layout::<RangeIteratorObject>() {
            return usize::try_from(range.remaining.get()).ok();
        }
        if let Some(sequence) = iterator.layout::<SequenceIteratorObject>() {
            let length = container(&sequence.sequence).map_or(0, |s| sequence_len(self, s.get()).unwrap_or(0));
            return Some(length.saturating_sub(sequence.index.get()));
        }
        if let Some(dict) = iterator.layout::<DictIteratorObject>() {
            let left = container(&dict.dict).and_then(|owned| {
                let dict_now = owned.get().as_dict()?;
                Some(dict_now.remaining_from(dict.position.get(), dict.is_reversed))
            });
            return Some(left.unwrap_or(0));
        }
        let set = iterator.layout::<SetIteratorObject>()?;
        let left = container(&set.set).and_then(|owned| Some(owned.get().as_set()?.remaining_from(set.position.get())));
        Some(left.unwrap_or(0))
    }
}

/// The container of an iterator that has not come to its end.
fn container(field: &std::cell::Cell<Value>) -> Option<Owned> {
    let value = field.get();
    // SAFETY: the iterator owns a count at this moment.
    if value.is_unbound() { None } else { Some(unsafe { Ref::from_value(value) }.to_owned()) }
}

/// The container of an iterator that has not come to its end, not counted.
///
/// # Safety
/// As long as the reference is used nothing is dropped: the iterator, which owns the container, could let go of it.
#[inline(always)]
unsafe fn lent_container<'a>(field: &std::cell::Cell<Value>) -> Option<Ref<'a>> {
    let value = field.get();
    // SAFETY: the iterator owns a count at this moment, and keeps it as the caller says.
    if value.is_unbound() { None } else { Some(unsafe { Ref::from_value(value) }) }
}

/// Lets go of the container.
fn finish(field: &std::cell::Cell<Value>) -> Next {
    // SAFETY: the iterator owned a count.
    drop(unsafe { Owned::from_value(field.replace(Value::UNBOUND)) });
    Next::End
}

fn sequence_len(heap: &Heap, sequence: Ref<'_>) -> Option<usize> {
    match heap.shape(sequence.shape()).kind() {
        Kind::List => sequence.as_list().map(|list| list.len()),
        Kind::Tuple => sequence.as_tuple().map(|tuple| tuple.len()),
        Kind::Str => sequence.as_str().map(|text| text.len()),
        Kind::Bytes => sequence.as_bytes().map(|bytes| bytes.as_slice().len()),
        Kind::ByteArray => sequence.as_byte_array().map(|bytes| bytes.len()),
        _ => {
            let inner = crate::instance::wrapped(sequence)?;
            sequence_len(heap, inner)
        }
    }
}

impl RangeIteratorObject {
    /// The iterator behind a value.
    ///
    /// # Safety
    /// The value points to a living range iterator.
    #[inline(always)]
    pub unsafe fn of<'a>(value: Value) -> &'a RangeIteratorObject {
        // SAFETY: the caller's promise.
        unsafe { &*(value.bits() as *const RangeIteratorObject) }
    }

    /// The next number as a value; `None` at the end. Numbers that need a box are made by the caller.
    #[inline(always)]
    pub fn advance(&self) -> Option<i64> {
        let remaining = self.remaining.get().checked_sub(1)?;
        self.remaining.set(remaining);
        let number = self.next.get();
        self.next.set(number.wrapping_add(self.step));
        Some(number)
    }

    fn next(&self, heap: &Heap) -> Result<Next, OutOfMemory> {
        self.advance().map_or(Ok(Next::End), |number| heap.new_int(number).map(Next::Value))
    }
}

impl SequenceIteratorObject {
    /// The iterator behind a value.
    ///
    /// # Safety
    /// The value points to a living sequence iterator.
    #[inline(always)]
    pub unsafe fn of<'a>(value: Value) -> &'a SequenceIteratorObject {
        // SAFETY: the caller's promise.
        unsafe { &*(value.bits() as *const SequenceIteratorObject) }
    }

    /// What is iterated over, unbound after the end, and the index of the next element: for the loop.
    #[inline(always)]
    pub fn state(&self) -> (Value, &std::cell::Cell<usize>) {
        (self.sequence.get(), &self.index)
    }

    fn next(&self, heap: &Heap) -> Result<Next, OutOfMemory> {
        // SAFETY: nothing is dropped until the item is there.
        let Some(sequence) = (unsafe { lent_container(&self.sequence) }) else { return Ok(Next::End) };
        let index = self.index.get();
        let Some(item) = item(heap, sequence, index)? else { return Ok(finish(&self.sequence)) };
        self.index.set(index + 1);
        Ok(Next::Value(item))
    }
}

#[inline]
fn item(heap: &Heap, sequence: Ref<'_>, index: usize) -> Result<Option<Owned>, OutOfMemory> {
    match sequence.shape() {
        ShapeId::LIST => Ok(sequence.as_list().and_then(|list| list.get(index))),
        ShapeId::TUPLE => Ok(sequence.as_tuple().and_then(|tuple| tuple.get(index)).map(Ref::to_owned)),
        ShapeId::STR => match sequence.as_str().filter(|text| index < text.len()) {
            Some(text) => heap.new_character(text.code_point(index)).map(Some),
            None => Ok(None),
        },
        _ => item_of_other(heap, sequence, index),
    }
}

fn item_of_other(heap: &Heap, sequence: Ref<'_>, index: usize) -> Result<Option<Owned>, OutOfMemory> {
    match heap.shape(sequence.shape()).kind() {
        Kind::Bytes => {
            let byte = sequence.as_bytes().and_then(|bytes| bytes.as_slice().get(index).copied());
            byte.map(|byte| heap.new_int(i64::from(byte))).transpose()
        }
        Kind::ByteArray => {
            let byte = sequence.as_byte_array().and_then(|bytes| bytes.get(index));
            byte.map(|byte| heap.new_int(i64::from(byte))).transpose()
        }
        _ => match crate::instance::wrapped(sequence) {
            Some(inner) => item(heap, inner, index),
            None => Ok(None),
        },
    }
}

impl DictIteratorObject {
    fn next(&self, heap: &Heap) -> Result<Next, OutOfMemory> {
        // SAFETY: nothing is dropped before the end.
        let Some(lent) = (unsafe { lent_container(&self.dict) }) else { return Ok(Next::End) };
        let Some(dict) = lent.as_dict() else { return Ok(Next::End) };
        if let Some(changes) = self.ordered_changes {
            if self.remaining.get() == 0 {
                return Ok(finish(&self.dict));
            }
            if dict.changes() != changes {
                return Ok(Next::Changed("OrderedDict mutated during iteration"));
            }
        }
        if dict.len() != self.expected.get() {
            // Once changed, for ever changed, as in CPython.
            self.expected.set(usize::MAX);
            return Ok(Next::Changed("dictionary changed size during iteration"));
        }
        let position = self.position.get();
        let step = dict.step_from(position, self.is_reversed, self.yields);
        let Some((index, first, second)) = step else { return Ok(finish(&self.dict)) };
        match self.remaining.get().checked_sub(1) {
            Some(remaining) => self.remaining.set(remaining),
            // As many went as came.
            None if !self.is_reversed => {
                drop(finish(&self.dict));
                return Ok(Next::Changed("dictionary keys changed during iteration"));
            }
            None => {}
        }
        self.position.set(if self.is_reversed { index } else { index + 1 });
        Ok(Next::Value(match second {
            None => first,
            Some(second) => {
                // SAFETY: the iterator owned a count, if it is a pointer.
                let mut kept = unsafe { Owned::from_value(self.pair.replace(Value::UNBOUND)) };
                let pair = heap.next_pair(&mut kept, first, second);
                self.pair.set(kept.into_value());
                pair?
            }
        }))
    }
}

impl SetIteratorObject {
    fn next(&self) -> Next {
        // SAFETY: nothing is dropped before the end.
        let Some(lent) = (unsafe { lent_container(&self.set) }) else { return Next::End };
        let Some(set) = lent.as_set() else { return Next::End };
        if set.len() != self.expected.get() {
            self.expected.set(usize::MAX);
            return Next::Changed("Set changed size during iteration");
        }
        let Some((index, key)) = set.entry_from(self.position.get()) else { return finish(&self.set) };
        self.position.set(index + 1);
        Next::Value(key)
    }
}
