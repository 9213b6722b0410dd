//! Iterators written in Rust: one payload for all of them, which `for` runs on without looking up `__next__`.

use std::cell::Cell;

use toy_object::{Name, Owned, Payload, Ref, ShapeId};

use super::Held;
use crate::classes::ClassName;
use crate::native::{Args, Outcome};
use crate::natives;
use crate::thread::Vm;

/// What an iterator written in Rust does. Its class is filled with [`ITERATOR_METHODS`].
pub trait Iterate: 'static {
    /// The next value; `None` at the end, and from then on.
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>>;

    /// Shows every value that is owned, as [`Payload::visit`].
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>));

    /// Lets go of everything owned, as [`Payload::clear`].
    fn clear(&self);

    /// How many values are left, if that is known.
    fn length_hint(&self, _vm: &mut Vm) -> Option<usize> {
        None
    }
}

/// The payload of every iterator written in Rust.
pub struct NativeIterator(Box<dyn Iterate>);

impl NativeIterator {
    /// The next value; `None` at the end.
    pub fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        self.0.next(vm)
    }
}

impl Payload for NativeIterator {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.0.visit(visit);
    }

    fn clear(&self) {
        self.0.clear();
    }
}

impl Vm {
    /// An iterator written in Rust, of the class that `shape` belongs to.
    pub fn new_iterator(&mut self, shape: ShapeId, iterator: impl Iterate) -> Outcome {
        Ok(self.new_native(shape, NativeIterator(Box::new(iterator)))?)
    }
}

natives! {
    /// The methods of iterators written in Rust.
    pub ITERATOR_METHODS:
    method "__iter__" ("") "A fresh iterator; of an iterator, itself." => itself;
    method "__next__" ("") "The next item, or StopIteration." => next;
    method "__length_hint__" ("") "How many items are probably left." => length_hint;
}

fn itself(_vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(args.at(0).to_owned())
}

fn next(vm: &mut Vm, args: Args<'_>) -> Outcome {
    // Of an instance of a subclass the iterator inside: asking the class would come back here.
    let iterator = toy_object::wrapped(args.at(0)).unwrap_or(args.at(0));
    match vm.next(iterator)? {
        Some(value) => Ok(value),
        None => Err(vm.raise_stop_iteration(Ref::NONE)),
    }
}

fn length_hint(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let heap = vm.heap();
    let hint = match args.at(0).payload::<NativeIterator>(heap) {
        Some(iterator) => iterator.0.length_hint(vm),
        None => Some(vm.length_hint(args.at(0))),
    };
    match hint {
        Some(length) => Ok(vm.new_int_from_usize(length)?),
        None => Ok(Owned::not_implemented()),
    }
}

/// An iterator over something that has `__getitem__` only: indices from 0 on, until `IndexError`.
pub struct GetItemIterator {
    sequence: Held,
    index: Cell<i64>,
}

impl GetItemIterator {
    /// Over this object.
    pub fn new(sequence: Owned) -> Self {
        Self { sequence: Held::new(sequence), index: Cell::new(0) }
    }
}

impl Iterate for GetItemIterator {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let Some(sequence) = self.sequence.get() else { return Ok(None) };
        let index = vm.new_int(self.index.get())?;
        match vm.get_item(sequence.get(), index.get()) {
            Ok(value) => {
                self.index.set(self.index.get() + 1);
                Ok(Some(value))
            }
            Err(raised) => {
                if !(vm.raised_is(ClassName::IndexError) || vm.raised_is(ClassName::StopIteration)) {
                    return Err(raised);
                }
                drop(vm.take_raised());
                self.sequence.clear();
                Ok(None)
            }
        }
    }

    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.sequence.visit(visit);
    }

    fn clear(&self) {
        self.sequence.clear();
    }

    fn length_hint(&self, vm: &mut Vm) -> Option<usize> {
        let sequence = self.sequence.get()?;
        if !vm.has_special(sequence.get(), Name::Len) {
            return None;
        }
        let length = vm.builtin_len(sequence.get())?;
        Some(length.saturating_sub(usize::try_from(self.index.get()).unwrap_or(0)))
    }
}

/// `iter(function, sentinel)`: calls until the result equals the sentinel.
pub struct CallIterator {
    function: Held,
    sentinel: Held,
}

impl CallIterator {
    /// Calls this function until it returns this value.
    pub fn new(function: Owned, sentinel: Owned) -> Self {
        Self { function: Held::new(function), sentinel: Held::new(sentinel) }
    }
}

impl Iterate for CallIterator {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let (Some(function), Some(sentinel)) = (self.function.get(), self.sentinel.get()) else { return Ok(None) };
        let value = match vm.call(function.get(), &[]) {
            Ok(value) => value,
            Err(raised) => {
                if !vm.raised_is(ClassName::StopIteration) {
                    return Err(raised);
                }
                drop(vm.take_raised());
                Iterate::clear(self);
                return Ok(None);
            }
        };
        if vm.equal(sentinel.get(), value.get())? {
            Iterate::clear(self);
            return Ok(None);
        }
        Ok(Some(value))
    }

    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.function.visit(visit);
        self.sentinel.visit(visit);
    }

    fn clear(&self) {
        self.function.clear();
        self.sentinel.clear();
    }
}
