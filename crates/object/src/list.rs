//! Lists.
//!
//! Invariant: no borrow of a list's items outlives a function of this file, and none is alive while an owner is dropped.

use std::ops::Range;

use crate::equal::native_equal;
use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::{GilCell, ListObject};
use crate::reference::{Owned, Ref};
use crate::removed::Removed;
use crate::shape::ShapeId;
use crate::slice::stepped;
use crate::value::Value;

/// What [`List::find_natively`] answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NativeFind {
    /// The value is at this index.
    Found(usize),
    /// Only script code knows whether the item at this index equals the value.
    Ask(usize),
    /// It is in no place.
    Absent,
}

/// A list.
#[derive(Clone, Copy)]
pub struct List<'a> {
    object: &'a ListObject,
}

impl Heap {
    /// A list of these items.
    pub fn new_list(&self, items: Vec<Owned>) -> Result<Owned, OutOfMemory> {
        let items = self.adopt(items)?;
        self.new_list_of(items)
    }

    /// An empty list with room for `capacity` items.
    pub fn new_list_with_capacity(&self, capacity: usize) -> Result<Owned, OutOfMemory> {
        let mut items = Vec::new();
        self.reserve(&mut items, capacity)?;
        self.new_list_of(items)
    }

    /// A list of values whose counts are given away.
    ///
    /// # Safety
    /// For each value that is a pointer the caller owns one count, which it gives away even if this fails.
    pub unsafe fn new_list_from_values(&self, values: &[Value]) -> Result<Owned, OutOfMemory> {
        // SAFETY: the caller's promise.
        self.new_list(values.iter().map(|&value| unsafe { Owned::from_value(value) }).collect())
    }

    /// A list of items in a charged vector.
    fn new_list_of(&self, items: Vec<Owned>) -> Result<Owned, OutOfMemory> {
        let charge = items.capacity() * size_of::<Owned>();
        let list = ListObject { header: Header::new(ShapeId::LIST), items: GilCell::new(items) };
        self.allocate(list).inspect_err(|_| self.refund(charge))
    }
}

impl<'a> Ref<'a> {
    /// The list, or that of an instance of a subclass.
    #[inline]
    pub fn as_list(self) -> Option<List<'a>> {
        Some(List { object: self.layout_or_wrapped()? })
    }
}

impl ListObject {
    /// The list behind a value.
    ///
    /// # Safety
    /// The value points to a plain list that stays alive during `'a`.
    #[inline(always)]
    pub unsafe fn of<'a>(value: Value) -> &'a ListObject {
        // SAFETY: the caller's promise.
        unsafe { &*(value.bits() as *const ListObject) }
    }

    /// Number of items.
    #[inline(always)]
    pub fn items_len(&self) -> usize {
        // SAFETY: the borrow ends here.
        unsafe { self.items.get() }.len()
    }

    /// The items' bits; they are no counts.
    ///
    /// # Safety
    /// Nothing changes the list as long as they are borrowed.
    #[inline(always)]
    pub unsafe fn values(&self) -> &[Value] {
        // SAFETY: the caller's promise.
        let items: &[Owned] = unsafe { self.items.get() };
        // SAFETY: `Owned` is a transparent value.
        unsafe { &*(std::ptr::from_ref(items) as *const [Value]) }
    }

    /// The bits of an item; they are no count.
    ///
    /// # Safety
    /// `index` is below the length.
    #[inline(always)]
    pub unsafe fn item_unchecked(&self, index: usize) -> Value {
        // SAFETY: the borrow ends here.
        let items = unsafe { self.items.get() };
        // SAFETY: the caller's promise.
        unsafe { items.get_unchecked(index) }.value()
    }

    /// Puts a value in the place of an item and returns that one's bits, with its count.
    ///
    /// # Safety
    /// `index` is below the length, and the caller gives away a count of `value` if it is a pointer.
    #[inline(always)]
    pub unsafe fn replace_unchecked(&self, index: usize, value: Value) -> Value {
        // SAFETY: the borrow ends here, and nothing is dropped meanwhile.
        let items = unsafe { self.items.get_mut() };
        // SAFETY: the caller's promise.
        let place = unsafe { items.get_unchecked_mut(index) };
        // SAFETY: the caller's promise.
        std::mem::replace(place, unsafe { Owned::from_value(value) }).into_value()
    }

    /// Appends a value, if there is room for it without asking the system; else returns it.
    ///
    /// # Safety
    /// The caller gives away a count of `value` if it is a pointer and `None` is returned.
    #[inline(always)]
    pub unsafe fn push_within_capacity(&self, value: Value) -> Option<Value> {
        // SAFETY: the borrow ends here, and nothing is dropped meanwhile.
        let items = unsafe { self.items.get_mut() };
        if items.len() == items.capacity() {
            return Some(value);
        }
        // SAFETY: the caller's promise.
        items.push(unsafe { Owned::from_value(value) });
        None
    }
}

impl<'a> List<'a> {
    /// The list as a value; of an instance of a subclass it is the list inside.
    #[inline]
    pub fn as_ref(self) -> Ref<'a> {
        Ref::from_header(&self.object.header)
    }

    /// Calls `f` with the items.
    ///
    /// # Safety
    /// `f` drops no owner and reaches this list through no other path.
    #[inline(always)]
    unsafe fn with<R>(self, f: impl FnOnce(&mut Vec<Owned>) -> R) -> R {
        // SAFETY: the caller's promise.
        f(unsafe { self.object.items.get_mut() })
    }

    /// The items.
    ///
    /// # Safety
    /// As long as the slice is in use nothing is dropped, and the list is not changed.
    pub(crate) unsafe fn as_slice(self) -> &'a [Owned] {
        // SAFETY: the caller's promise.
        unsafe { self.object.items.get() }
    }

    /// Number of items.
    #[inline]
    pub fn len(self) -> usize {
        self.object.items_len()
    }

    /// Whether there are no items.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// An item.
    #[inline]
    pub fn get(self, index: usize) -> Option<Owned> {
        // SAFETY: taking a count changes no list.
        unsafe { self.object.items.get() }.get(index).cloned()
    }

    /// Looks for an item that is or equals a value, from one index up to another, as far as that needs no script code.
    pub fn find_natively(self, value: Ref<'_>, range: Range<usize>) -> NativeFind {
        // SAFETY: comparing natively drops nothing and changes no list.
        let items = unsafe { self.as_slice() };
        let is_small = value.value().is_small_int();
        for (index, item) in items.iter().enumerate().take(range.end).skip(range.start) {
            if item.get().is(value) {
                return NativeFind::Found(index);
            }
            // Two small integers are equal if they are the same.
            if is_small && item.value().is_small_int() {
                continue;
            }
            match native_equal(item.get(), value) {
                Some(true) => return NativeFind::Found(index),
                Some(false) => {}
                None => return NativeFind::Ask(index),
            }
        }
        NativeFind::Absent
    }

    /// Puts `item` in the place of another and gives that back; `None` (and `item` is dropped) if there is none.
    #[inline]
    pub fn set(self, index: usize, item: Owned) -> Option<Owned> {
        if index >= self.len() {
            return None;
        }
        // SAFETY: exchanging items drops nothing; the index was just checked.
        Some(unsafe { self.with(|items| std::mem::replace(&mut items[index], item)) })
    }

    /// Appends an item.
    #[inline]
    pub fn push(self, heap: &Heap, item: Owned) -> Result<(), OutOfMemory> {
        self.reserve(heap, 1)?;
        // SAFETY: pushing within the capacity drops nothing.
        unsafe { self.with(|items| items.push(item)) };
        Ok(())
    }

    /// Makes room for `additional` items more.
    #[inline]
    pub fn reserve(self, heap: &Heap, additional: usize) -> Result<(), OutOfMemory> {
        // SAFETY: making room drops no owner.
        unsafe { self.with(|items| heap.reserve(items, additional)) }
    }

    /// Takes an item out; those behind it move up. `None` if there is none.
    pub fn pop(self, index: usize) -> Option<Owned> {
        // SAFETY: moving items drops nothing.
        unsafe { self.with(|items| if index < items.len() { Some(items.remove(index)) } else { None }) }
    }

    /// Puts an item before another, or at the end if `index` is not below the length.
    pub fn insert(self, heap: &Heap, index: usize, item: Owned) -> Result<(), OutOfMemory> {
        self.reserve(heap, 1)?;
        // SAFETY: moving items drops nothing.
        unsafe { self.with(|items| items.insert(index.min(items.len()), item)) };
        Ok(())
    }

    /// Appends items. Those that were appended before memory ran out stay.
    pub fn extend(self, heap: &Heap, items: impl IntoIterator<Item = Owned>) -> Result<(), OutOfMemory> {
        let items = items.into_iter();
        self.reserve(heap, items.size_hint().0)?;
        for item in items {
            self.push(heap, item)?;
        }
        Ok(())
    }

    /// Appends the items of another list, or of this one once more.
    pub fn extend_from_list(self, heap: &Heap, other: List<'_>) -> Result<(), OutOfMemory> {
        let count = other.len();
        self.reserve(heap, count)?;
        for index in 0..count {
            if let Some(item) = other.get(index) {
                self.push(heap, item)?;
            }
        }
        Ok(())
    }

    /// Takes out everything from `length` on.
    pub fn truncate(self, length: usize) -> Removed {
        let length = length.min(self.len());
        if length == 0 {
            return self.clear();
        }
        // SAFETY: splitting drops nothing.
        let tail = unsafe { self.with(|items| items.split_off(length)) };
        // The limit does not refuse what only moved.
        crate::heap::current().force_charge(tail.capacity() * size_of::<Owned>());
        Removed::items(tail)
    }

    /// Takes out everything.
    pub fn clear(self) -> Removed {
        // SAFETY: taking the vector drops nothing.
        Removed::items(unsafe { self.with(std::mem::take) })
    }

    /// Replaces the items of a range by others. Panics if the range is not in order and within the length.
    pub fn splice(self, heap: &Heap, range: Range<usize>, items: Vec<Owned>) -> Result<Removed, OutOfMemory> {
        self.reserve(heap, items.len().saturating_sub(range.len()))?;
        let mut removed = Vec::new();
        heap.reserve(&mut removed, range.len())?;
        // SAFETY: items move from one vector to another; there is room for all of them.
        unsafe { self.with(|own| removed.extend(own.splice(range, items))) };
        Ok(Removed::items(removed))
    }

    /// Takes out every `step`th item from `start` on, before `stop`; the three are as
    /// [`Slice::indices`](crate::Slice::indices) gives them for this length.
    pub fn delete_slice(self, heap: &Heap, start: isize, stop: isize, step: isize) -> Result<Removed, OutOfMemory> {
        if step == 1 {
            let start = start as usize;
            return self.splice(heap, start..start.max(stop as usize), Vec::new());
        }
        let mut doomed: Vec<usize> = stepped(start, stop, step).collect();
        if step < 0 {
            doomed.reverse();
        }
        let mut removed = Vec::new();
        heap.reserve(&mut removed, doomed.len())?;
        let mut doomed = doomed.into_iter().peekable();
        let mut index = 0;
        let mut goes = |_: &mut Owned| {
            index += 1;
            doomed.next_if_eq(&(index - 1)).is_some()
        };
        // SAFETY: items move from one vector to another; there is room for all of them.
        unsafe { self.with(|items| removed.extend(items.extract_if(.., &mut goes))) };
        Ok(Removed::items(removed))
    }

    /// Replaces every `step`th item from `start` on by the given ones, of which there are as many, and gives the old ones
    /// back. Panics if an index is not below the length.
    pub fn replace_stepped(
        self,
        heap: &Heap,
        start: isize,
        step: isize,
        items: Vec<Owned>,
    ) -> Result<Removed, OutOfMemory> {
        let mut removed = heap.adopt(items)?;
        let mut index = start;
        let exchange = |own: &mut Vec<Owned>| {
            for item in &mut removed {
                std::mem::swap(item, &mut own[index as usize]);
                // Behind the last one it may leave the numbers that there are.
                index = index.wrapping_add(step);
            }
        };
        // SAFETY: exchanging items drops nothing.
        unsafe { self.with(exchange) };
        Ok(Removed::items(removed))
    }

    /// A new list of every `step`th item from `start` on, before `stop`; the three are as
    /// [`Slice::indices`](crate::Slice::indices) gives them for this length.
    pub fn slice(self, heap: &Heap, start: isize, stop: isize, step: isize) -> Result<Owned, OutOfMemory> {
        let indices = stepped(start, stop, step);
        let mut copy = Vec::new();
        heap.reserve(&mut copy, indices.len())?;
        let pick = |items: &mut Vec<Owned>| match step {
            1 => copy.extend_from_slice(&items[start as usize..start as usize + indices.len()]),
            _ => copy.extend(indices.map(|index| items[index].clone())),
        };
        // SAFETY: taking counts drops nothing, and there is room for all of them.
        unsafe { self.with(pick) };
        heap.new_list_of(copy)
    }

    /// A new list of the same items.
    pub fn copy(self, heap: &Heap) -> Result<Owned, OutOfMemory> {
        self.slice(heap, 0, self.len() as isize, 1)
    }

    /// A new list of this one's items and then the other's.
    pub fn concat(self, heap: &Heap, other: List<'_>) -> Result<Owned, OutOfMemory> {
        let length = self.len().checked_add(other.len()).ok_or(OutOfMemory)?;
        let sum = heap.new_list_with_capacity(length)?;
        if let Some(list) = sum.get().as_list() {
            list.extend_from_list(heap, self)?;
            list.extend_from_list(heap, other)?;
        }
        Ok(sum)
    }

    /// A new list of the items, `times` times.
    pub fn repeat(self, heap: &Heap, times: usize) -> Result<Owned, OutOfMemory> {
        let length = self.len().checked_mul(times).ok_or(OutOfMemory)?;
        let product = heap.new_list_with_capacity(length)?;
        if let Some(list) = product.get().as_list().filter(|_| length > 0) {
            list.extend_from_list(heap, self)?;
            list.repeat_in_place(heap, times)?;
        }
        Ok(product)
    }

    /// Repeats the items so that each is there `times` times (`list *= times`); 0 is for [`clear`](Self::clear).
    pub fn repeat_in_place(self, heap: &Heap, times: usize) -> Result<(), OutOfMemory> {
        let length = self.len();
        let total = length.checked_mul(times).ok_or(OutOfMemory)?;
        self.reserve(heap, total.saturating_sub(length))?;
        let repeat = |items: &mut Vec<Owned>| {
            if let [item] = &**items
                && let Some(item) = Ref::from_immediate(item.value())
            {
                items.resize_with(total, || item.to_owned());
            }
            // What is there is doubled until the end is reached.
            while items.len() < total {
                items.extend_from_within(..items.len().min(total - items.len()));
            }
        };
        // SAFETY: taking counts drops nothing, and there is room for all items.
        unsafe { self.with(repeat) };
        Ok(())
    }

    /// Turns the order round.
    pub fn reverse(self) {
        // SAFETY: moving items drops nothing.
        unsafe { self.with(|items| items.reverse()) };
    }

    /// Exchanges two items. Panics if an index is not below the length.
    pub fn swap(self, left: usize, right: usize) {
        // SAFETY: moving items drops nothing.
        unsafe { self.with(|items| items.swap(left, right)) };
    }

    /// Empties the list for as long as its items are sorted outside; see [`put_all`](Self::put_all).
    pub fn take_all(self) -> Removed {
        self.clear()
    }

    /// Puts back what [`take_all`](Self::take_all) took. Gives back what the list held meanwhile, to be dropped; `true`:
    /// somebody changed the list in between, even if nothing is left of it.
    pub fn put_all(self, items: Removed) -> (Removed, bool) {
        let items = items.into_items();
        // SAFETY: exchanging the vectors drops nothing.
        let meanwhile = unsafe { self.with(|own| std::mem::replace(own, items)) };
        let was_changed = meanwhile.capacity() > 0;
        (Removed::items(meanwhile), was_changed)
    }
}

#[cfg(test)]
mod tests;
