//! Iteration.

use std::ops::ControlFlow;

use toy_object::{DictYield, Kind, Name, Next, Owned, Ref, ShapeId};

use super::compare::is_not_implemented;
use super::iterator::{CallIterator, GetItemIterator, NativeIterator};
use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

impl Vm {
    /// `iter(value)`.
    #[inline]
    pub fn get_iterator(&mut self, value: Ref<'_>) -> Outcome {
        match self.builtin_iterator(value)? {
            Some(iterator) => Ok(iterator),
            None => self.iterator_by_method(value),
        }
    }

    /// An iterator over a plain builtin container, or the builtin iterator itself; `None`: the class must be asked.
    pub fn builtin_iterator(&mut self, value: Ref<'_>) -> Outcome<Option<Owned>> {
        let heap = self.heap();
        Ok(match self.kind_of(value) {
            Kind::List | Kind::Tuple | Kind::Str | Kind::Bytes | Kind::ByteArray => {
                Some(heap.new_sequence_iterator(value.to_owned())?)
            }
            Kind::Range => Some(self.range_iterator(value)?),
            Kind::Dict => Some(heap.new_dict_iterator(value.to_owned(), DictYield::Keys, false)?),
            Kind::Set | Kind::FrozenSet => Some(heap.new_set_iterator(value.to_owned())?),
            Kind::RangeIterator | Kind::SequenceIterator | Kind::DictIterator | Kind::SetIterator => {
                Some(value.to_owned())
            }
            Kind::Generator if value.shape() == ShapeId::GENERATOR => Some(value.to_owned()),
            Kind::Native if value.payload::<NativeIterator>(heap).is_some() => Some(value.to_owned()),
            _ => None,
        })
    }

    fn range_iterator(&mut self, value: Ref<'_>) -> Outcome {
        let heap = self.heap();
        let Some(range) = value.as_range() else { return Err(self.not_iterable(value)) };
        match range.small_parts() {
            Some((start, step, length)) => Ok(heap.new_range_iterator(start, step, length)?),
            None => {
                let shape = self.class_shape(ClassName::LongRangeIterator);
                self.new_iterator(shape, GetItemIterator::new(value.to_owned()))
            }
        }
    }

    fn iterator_by_method(&mut self, value: Ref<'_>) -> Outcome {
        match self.lookup_special(value, Name::Iter) {
            Some(method) if method.get().is_none() => Err(self.not_iterable(value)),
            Some(method) => {
                let iterator = self.call_found(method.get(), value, &[])?;
                if self.is_iterator(iterator.get()) {
                    return Ok(iterator);
                }
                let message = format!("iter() returned non-iterator of type '{}'", self.type_name(iterator.get()));
                Err(self.raise(ClassName::TypeError, message))
            }
            None if self.has_special(value, Name::GetItem)
                && !matches!(self.kind_of(value), Kind::Dict | Kind::Native) =>
            {
                self.new_get_item_iterator(value)
            }
            None => Err(self.not_iterable(value)),
        }
    }

    fn new_get_item_iterator(&mut self, sequence: Ref<'_>) -> Outcome {
        let shape = self.class_shape(ClassName::GetItemIterator);
        self.new_iterator(shape, GetItemIterator::new(sequence.to_owned()))
    }

    /// `iter(function, sentinel)`.
    pub fn new_call_iterator(&mut self, function: Ref<'_>, sentinel: Ref<'_>) -> Outcome {
        let shape = self.class_shape(ClassName::CallIterator);
        self.new_iterator(shape, CallIterator::new(function.to_owned(), sentinel.to_owned()))
    }

    #[cold]
    fn not_iterable(&mut self, value: Ref<'_>) -> Raised {
        let message = format!("'{}' object is not iterable", self.type_name(value));
        self.raise(ClassName::TypeError, message)
    }

    /// Whether `iter(value)` has something to begin with.
    pub fn is_iterable(&self, value: Ref<'_>) -> bool {
        match self.kind_of(value) {
            Kind::List | Kind::Tuple | Kind::Str | Kind::Dict | Kind::Set | Kind::FrozenSet | Kind::Range => true,
            Kind::Bytes | Kind::ByteArray => true,
            Kind::RangeIterator | Kind::SequenceIterator | Kind::DictIterator | Kind::SetIterator => true,
            _ => match self.lookup_special(value, Name::Iter) {
                Some(method) => !method.get().is_none(),
                None => self.has_special(value, Name::GetItem),
            },
        }
    }

    /// Whether `next(value)` has something to call.
    pub fn is_iterator(&self, value: Ref<'_>) -> bool {
        match self.kind_of(value) {
            Kind::RangeIterator | Kind::SequenceIterator | Kind::DictIterator | Kind::SetIterator => true,
            // Coroutines are no iterators.
            Kind::Generator => value.shape() == ShapeId::GENERATOR,
            _ => self.has_special(value, Name::Next),
        }
    }

    /// The next value of an iterator; `None` at its end. Ctrl-C is heard here, so that no native goes on for ever.
    #[inline]
    pub fn next(&mut self, iterator: Ref<'_>) -> Outcome<Option<Owned>> {
        if self.is_urgent() {
            self.heed_urgency()?;
        }
        if iterator.shape() == ShapeId::GENERATOR {
            return self.generator_next(iterator);
        }
        match self.next_of(iterator)? {
            Some(Next::Value(value)) => Ok(Some(value)),
            Some(Next::End) => Ok(None),
            Some(Next::Changed(message)) => Err(self.raise(ClassName::RuntimeError, message)),
            None => self.next_slowly(iterator),
        }
    }

    /// [`next`](Self::next) of an iterator that is none of the plain ones.
    pub(crate) fn next_slowly(&mut self, iterator: Ref<'_>) -> Outcome<Option<Owned>> {
        if iterator.shape() == ShapeId::GENERATOR {
            return self.generator_next(iterator);
        }
        if let Some(next) = self.next_of_native(iterator) {
            return next;
        }
        let Some(result) = self.call_special(iterator, Name::Next, &[]) else {
            let message = format!("'{}' object is not an iterator", self.type_name(iterator));
            return Err(self.raise(ClassName::TypeError, message));
        };
        match result {
            Ok(value) => Ok(Some(value)),
            Err(raised) => {
                if !self.raised_is(ClassName::StopIteration) {
                    return Err(raised);
                }
                drop(self.take_raised());
                Ok(None)
            }
        }
    }

    /// The next value of an iterator written in Rust; `None` if it is none.
    #[inline]
    pub(crate) fn next_of_native(&mut self, iterator: Ref<'_>) -> Option<Outcome<Option<Owned>>> {
        // An instance of a subclass, which stands for one, is asked by its class.
        let native = iterator.own_payload::<NativeIterator>(self.heap())?;
        // It may stand around another, and that around yet another.
        if let Err(raised) = self.check_stack() {
            return Some(Err(raised));
        }
        // The iterator may be dropped by what it calls.
        let _kept = iterator.to_owned();
        Some(native.next(self))
    }

    /// Everything that an iterable gives.
    pub fn collect(&mut self, iterable: Ref<'_>) -> Outcome<Vec<Owned>> {
        match self.kind_of(iterable) {
            Kind::List => {
                if let Some(list) = iterable.as_list() {
                    self.room_for(list.len())?;
                    return Ok((0..list.len()).filter_map(|index| list.get(index)).collect());
                }
            }
            Kind::Tuple => {
                if let Some(tuple) = iterable.as_tuple() {
                    self.room_for(tuple.len())?;
                    return Ok(tuple.iter().map(Ref::to_owned).collect());
                }
            }
            _ => {}
        }
        let iterator = self.get_iterator(iterable)?;
        self.ask_length_hint(iterable)?;
        let mut items = Vec::new();
        let hint = self.length_hint(iterable).min(1 << 16);
        items.try_reserve(hint).map_err(toy_object::OutOfMemory::from)?;
        while let Some(item) = self.next(iterator.get())? {
            if items.len() == items.capacity() {
                self.room_for(items.len().saturating_mul(2))?;
                items.try_reserve(items.len()).map_err(toy_object::OutOfMemory::from)?;
            }
            items.push(item);
        }
        Ok(items)
    }

    /// Asks an iterable of a script's class how long it is, as CPython does before it makes a sequence of one. Only what that prints or raises
    /// counts here.
    pub fn ask_length_hint(&mut self, iterable: Ref<'_>) -> Outcome<()> {
        if self.kind_of(iterable) != Kind::Instance {
            return Ok(());
        }
        if self.has_special(iterable, Name::Len) {
            match self.len(iterable) {
                Ok(length) => return Ok(self.room_for(length)?),
                Err(raised) if !self.raised_is(ClassName::TypeError) => return Err(raised),
                Err(_) => drop(self.take_raised()),
            }
        }
        let hint = match self.call_special(iterable, Name::LengthHint, &[]) {
            None => return Ok(()),
            Some(Ok(hint)) => hint,
            Some(Err(raised)) if !self.raised_is(ClassName::TypeError) => return Err(raised),
            Some(Err(_)) => {
                drop(self.take_raised());
                return Ok(());
            }
        };
        match hint.get().as_int() {
            _ if is_not_implemented(&hint) => Ok(()),
            Some(hint) => match hint.to_i64() {
                Some(hint) => match usize::try_from(hint) {
                    Ok(hint) => Ok(self.room_for(hint)?),
                    Err(_) => Err(self.raise(ClassName::ValueError, "__length_hint__() should return >= 0")),
                },
                None => Err(self.raise(ClassName::OverflowError, "Python int too large to convert to C ssize_t")),
            },
            None => {
                let message = format!("__length_hint__ must be an integer, not {}", self.type_name(hint.get()));
                Err(self.raise(ClassName::TypeError, message))
            }
        }
    }

    /// Asks whether a vector of so many values fits.
    fn room_for(&self, length: usize) -> Result<(), toy_object::OutOfMemory> {
        let bytes = length.saturating_mul(size_of::<Owned>());
        if self.has_room_for(bytes) { Ok(()) } else { Err(toy_object::OutOfMemory) }
    }

    /// Calls `f` with each value of an iterable, until it says `Break`.
    pub fn for_each(
        &mut self,
        iterable: Ref<'_>,
        mut f: impl FnMut(&mut Vm, Owned) -> Outcome<ControlFlow<()>>,
    ) -> Outcome<()> {
        if iterable.shape() == ShapeId::LIST {
            // `f` may change the list, so it is asked each time.
            let mut index = 0;
            while let Some(item) = iterable.as_list().and_then(|list| list.get(index)) {
                if f(self, item)?.is_break() {
                    break;
                }
                index += 1;
            }
            return Ok(());
        }
        let iterator = self.get_iterator(iterable)?;
        while let Some(item) = self.next(iterator.get())? {
            if f(self, item)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The values of an iterable that has exactly `count` of them: `a, b = iterable`.
    pub fn unpack(&mut self, iterable: Ref<'_>, count: usize) -> Outcome<Vec<Owned>> {
        let iterator = self.iterator_to_unpack(iterable)?;
        let mut items = Vec::with_capacity(count);
        while items.len() < count {
            match self.next(iterator.get())? {
                Some(item) => items.push(item),
                None => {
                    let message = format!("not enough values to unpack (expected {count}, got {})", items.len());
                    return Err(self.raise(ClassName::ValueError, message));
                }
            }
        }
        if self.next(iterator.get())?.is_some() {
            let message = format!("too many values to unpack (expected {count})");
            return Err(self.raise(ClassName::ValueError, message));
        }
        Ok(items)
    }

    /// The values of an iterable that has at least so many: `a, *b, c = iterable`. Those in the middle are the list.
    pub fn unpack_star(&mut self, iterable: Ref<'_>, before: usize, after: usize) -> Outcome<Vec<Owned>> {
        let iterator = self.iterator_to_unpack(iterable)?;
        let mut items = self.collect(iterator.get())?;
        let least = before + after;
        if items.len() < least {
            let message = format!("not enough values to unpack (expected at least {least}, got {})", items.len());
            return Err(self.raise(ClassName::ValueError, message));
        }
        let behind = items.split_off(items.len() - after);
        self.room_for(items.len())?;
        let middle = items.split_off(before);
        items.push(self.new_list(middle)?);
        items.extend(behind);
        Ok(items)
    }

    fn iterator_to_unpack(&mut self, iterable: Ref<'_>) -> Outcome {
        if self.is_iterable(iterable) {
            return self.get_iterator(iterable);
        }
        let message = format!("cannot unpack non-iterable {} object", self.type_name(iterable));
        Err(self.raise(ClassName::TypeError, message))
    }
}
