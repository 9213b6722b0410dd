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

    /// What copy and pickle make a new one of, whose class is `class`; `None` if it cannot be copied.
    fn reduce(&self, _vm: &mut Vm, _class: Ref<'_>) -> Outcome<Option<Owned>> {
        Ok(None)
    }

    /// Takes the state that [`reduce`](Self::reduce) told of.
    fn set_state(&self, _vm: &mut Vm, _state: Ref<'_>) -> Outcome<()> {
        Ok(())
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
    method "__reduce__" ("") "Return state information for pickling." => reduce;
}

natives! {
    /// What iterators have besides whose copies need a state: an index for most.
    pub STATE_ITERATOR_METHODS:
    method "__setstate__" ("state, /") "Set state information for unpickling." => |vm, args| {
        if let Some(native) = args.at(0).payload::<NativeIterator>(vm.heap()) {
            native.0.set_state(vm, args.at(1))?;
            return Ok(Owned::none());
        }
        let index = vm.index_clamped(args.at(1))?;
        vm.set_sequence_iterator_index(args.at(0), usize::try_from(index).unwrap_or(0));
        Ok(Owned::none())
    };
}

fn reduce(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let heap = vm.heap();
    let iterator = toy_object::wrapped(args.at(0)).unwrap_or(args.at(0));
    let parts = match args.at(0).payload::<NativeIterator>(heap) {
        Some(native) => {
            let class = vm.class_of(args.at(0)).to_owned();
            native.0.reduce(vm, class.get())?
        }
        None => reduce_builtin(vm, iterator)?,
    };
    match parts {
        Some(parts) => Ok(parts),
        None => Err(vm.cannot_pickle(args.at(0))),
    }
}

/// The parts of an iterator over a builtin container.
fn reduce_builtin(vm: &mut Vm, iterator: Ref<'_>) -> Outcome<Option<Owned>> {
    let heap = vm.heap();
    if let Some((sequence, index)) = heap.sequence_iterator_parts(iterator) {
        let Some(sequence) = sequence else {
            let empty = match &*vm.type_name(iterator) {
                "list_iterator" => heap.new_list(Vec::new())?,
                "str_iterator" | "str_ascii_iterator" => heap.empty_str(),
                _ => heap.new_tuple([])?,
            };
            return vm.reduced_to_builtin("iter", [empty], None).map(Some);
        };
        let index = heap.new_int_from_usize(index)?;
        return vm.reduced_to_builtin("iter", [sequence], Some(index)).map(Some);
    }
    if let Some((next, step, remaining)) = heap.range_iterator_parts(iterator) {
        let stop = i128::from(next) + i128::from(step) * i128::from(remaining);
        let stop = heap.new_bigint(stop.into())?;
        let range = heap.new_range(heap.new_int(next)?, stop, heap.new_int(step)?)?.unwrap_or_else(Owned::none);
        return vm.reduced_to_builtin("iter", [range], Some(Owned::none())).map(Some);
    }
    let Some(rest) = heap.copy_of_table_iterator(iterator)? else { return Ok(None) };
    let rest = vm.collect(rest.get())?;
    let rest = heap.new_list(rest)?;
    vm.reduced_to_builtin("iter", [rest], None).map(Some)
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
        let Some(following) = self.index.get().checked_add(1) else {
            return Err(vm.raise(ClassName::OverflowError, "iter index too large"));
        };
        let index = vm.new_int(self.index.get())?;
        match vm.get_item(sequence.get(), index.get()) {
            Ok(value) => {
                // An iterator that was used up meanwhile stays so.
                if self.sequence.get().is_some() {
                    self.index.set(following);
                }
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

    fn set_state(&self, vm: &mut Vm, state: Ref<'_>) -> Outcome<()> {
        self.index.set(vm.index_clamped(state)?.max(0));
        Ok(())
    }

    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.sequence.visit(visit);
    }

    fn clear(&self) {
        self.sequence.clear();
    }

    fn reduce(&self, vm: &mut Vm, _class: Ref<'_>) -> Outcome<Option<Owned>> {
        let Some(sequence) = self.sequence.get() else {
            let empty = vm.new_tuple([])?;
            return vm.reduced_to_builtin("iter", [empty], None).map(Some);
        };
        let index = vm.new_int(self.index.get())?;
        vm.reduced_to_builtin("iter", [sequence], Some(index)).map(Some)
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
        // The function may have used the iterator up itself.
        if self.sentinel.get().is_none() {
            return Ok(None);
        }
        if vm.equal(sentinel.get(), value.get())? {
            Iterate::clear(self);
            return Ok(None);
        }
        Ok(Some(value))
    }

    fn reduce(&self, vm: &mut Vm, _class: Ref<'_>) -> Outcome<Option<Owned>> {
        if let (Some(function), Some(sentinel)) = (self.function.get(), self.sentinel.get()) {
            return vm.reduced_to_builtin("iter", [function, sentinel], None).map(Some);
        }
        let empty = vm.new_tuple([])?;
        vm.reduced_to_builtin("iter", [empty], None).map(Some)
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
