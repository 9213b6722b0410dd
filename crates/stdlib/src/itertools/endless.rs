//! Iterators that need not end: `count`, `cycle`, `repeat`.

use std::cell::Cell;

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, BinaryOp, Held, Iterate, Outcome, Vm, natives};

use crate::argument::{integer, new_text, type_error};
use crate::class;
use crate::held::{HeldList, holds};

pub(super) const COUNT: &str = "itertools.count";
pub(super) const CYCLE: &str = "itertools.cycle";
pub(super) const REPEAT: &str = "itertools.repeat";

natives! {
    /// The methods of `count`.
    pub(super) COUNT_METHODS:
    static "__new__" ("start=0, step=1") "Numbers from start on, step apart." => new_count;
    method "__repr__" ("") "The text that repr shows." => shown_as_call;
}

natives! {
    /// The methods of `cycle`.
    pub(super) CYCLE_METHODS:
    static "__new__" ("iterable, /") "The items of an iterable, again and again." => new_cycle;
}

natives! {
    /// The methods of `repeat`.
    pub(super) REPEAT_METHODS:
    static "__new__" ("object, times=None") "An object for ever, or so many times." => new_repeat;
    method "__repr__" ("") "The text that repr shows." => shown_as_call;
}

/// The call that makes such an iterator, from what copy makes a new one of.
fn shown_as_call(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let parts = crate::module::call_method(vm, args.at(0), "__reduce__", &[])?;
    let arguments = parts.get().as_tuple().and_then(|parts| parts.get(1)).map(Ref::to_owned);
    let mut shown = Vec::new();
    for argument in arguments.iter().filter_map(|arguments| arguments.get().as_tuple()).flat_map(|items| items.iter()) {
        shown.push(vm.repr_text(argument)?);
    }
    let class = vm.class_name_of(args.at(0));
    new_text(vm, format!("{class}({})", shown.join(", ")))
}

struct Count {
    next: Held,
    step: Held,
}

impl Iterate for Count {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let (Some(current), Some(step)) = (self.next.get(), self.step.get()) else { return Ok(None) };
        let next = vm.binary(BinaryOp::Add, current.get(), step.get())?;
        drop(self.next.set(next));
        Ok(Some(current))
    }

    fn reduce(&self, vm: &mut Vm, class: Ref<'_>) -> Outcome<Option<Owned>> {
        let (next, step) = (self.next.get_or_none(), self.step.get_or_none());
        let is_plain = step.value().as_small_int() == Some(1);
        let arguments = if is_plain { vm.new_tuple([next])? } else { vm.new_tuple([next, step])? };
        Ok(Some(vm.new_tuple([class.to_owned(), arguments])?))
    }

    holds!(next, step);
}

fn new_count(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let start = args.get(1).map_or_else(|| vm.new_int(0), |start| Ok(start.to_owned()))?;
    let step = args.get(2).map_or_else(|| vm.new_int(1), |step| Ok(step.to_owned()))?;
    for number in [start.get(), step.get()] {
        let is_number = [Name::Index, Name::Int, Name::Float].iter().any(|name| vm.has_special(number, *name));
        if number.as_int().is_none() && number.as_float().is_none() && !is_number {
            return Err(type_error(vm, "a number is required"));
        }
    }
    // Steps of one are counted in numbers of the machine: a bool, or what a script derives from int, becomes a plain one.
    let start = match start.get().as_int().and_then(|start| start.to_i64()) {
        Some(number) if step.value().as_small_int() == Some(1) => vm.new_int(number)?,
        _ => start,
    };
    class::construct_iterator(vm, COUNT, args.at(0), Count { next: Held::new(start), step: Held::new(step) })
}

struct Cycle {
    iterator: Held,
    saved: HeldList,
    /// Where in `saved` the next one is, once the iterator has ended.
    place: Cell<usize>,
}

impl Iterate for Cycle {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        if let Some(iterator) = self.iterator.get() {
            if let Some(item) = vm.next(iterator.get())? {
                self.saved.push(item.clone());
                return Ok(Some(item));
            }
            self.iterator.clear();
        }
        let place = self.place.get();
        let item = self.saved.get(place);
        self.place.set(if place + 1 < self.saved.len() { place + 1 } else { 0 });
        Ok(item)
    }

    holds!(iterator, saved);
}

fn new_cycle(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let iterator = vm.get_iterator(args.at(1))?;
    let cycle = Cycle { iterator: Held::new(iterator), saved: HeldList::default(), place: Cell::new(0) };
    class::construct_iterator(vm, CYCLE, args.at(0), cycle)
}

struct Repeat {
    object: Held,
    /// `None`: for ever.
    left: Cell<Option<u64>>,
}

impl Iterate for Repeat {
    fn next(&self, _vm: &mut Vm) -> Outcome<Option<Owned>> {
        match self.left.get() {
            Some(0) => return Ok(None),
            Some(left) => self.left.set(Some(left - 1)),
            None => {}
        }
        Ok(self.object.get())
    }

    fn reduce(&self, vm: &mut Vm, class: Ref<'_>) -> Outcome<Option<Owned>> {
        let mut arguments = vec![self.object.get_or_none()];
        if let Some(left) = self.left.get() {
            arguments.push(vm.new_int(i64::try_from(left).unwrap_or(i64::MAX))?);
        }
        let arguments = vm.new_tuple(arguments)?;
        Ok(Some(vm.new_tuple([class.to_owned(), arguments])?))
    }

    fn length_hint(&self, _vm: &mut Vm) -> Option<usize> {
        self.left.get().map(|left| usize::try_from(left).unwrap_or(usize::MAX))
    }

    holds!(object);
}

fn new_repeat(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let left = match args.get(2) {
        None => None,
        Some(times) => Some(u64::try_from(integer(vm, times)?).unwrap_or(0)),
    };
    let object: Ref<'_> = args.at(1);
    class::construct_iterator(
        vm,
        REPEAT,
        args.at(0),
        Repeat { object: Held::new(object.to_owned()), left: Cell::new(left) },
    )
}
