//! Iterators that put neighbouring items together: `accumulate`, `pairwise`, `batched`.

use std::cell::Cell;

use toy_object::Owned;
use toy_vm::{Args, BinaryOp, Held, Iterate, Outcome, Vm, natives};

use crate::argument::{flag_or, integer, present, value_error};
use crate::class;
use crate::held::holds;

pub(super) const ACCUMULATE: &str = "itertools.accumulate";
pub(super) const BATCHED: &str = "itertools.batched";
pub(super) const PAIRWISE: &str = "itertools.pairwise";

natives! {
    /// The methods of `accumulate`.
    pub(super) ACCUMULATE_METHODS:
    static "__new__" ("iterable, func=None, *, initial=None") "Sums of the items so far, or what func makes of them." => new_accumulate;
}

natives! {
    /// The methods of `pairwise`.
    pub(super) PAIRWISE_METHODS:
    static "__new__" ("iterable, /") "Each item with the next." => new_pairwise;
}

natives! {
    /// The methods of `batched`.
    pub(super) BATCHED_METHODS:
    static "__new__" ("iterable, n, *, strict=False") "Tuples of n items; the last may be shorter." => new_batched;
}

struct Accumulate {
    iterator: Held,
    function: Held,
    /// Comes first, if there is one.
    initial: Held,
    total: Held,
}

impl Iterate for Accumulate {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        if let Some(initial) = self.initial.get() {
            self.initial.clear();
            drop(self.total.set(initial.clone()));
            return Ok(Some(initial));
        }
        let Some(iterator) = self.iterator.get() else { return Ok(None) };
        let Some(item) = vm.next(iterator.get())? else { return Ok(None) };
        let total = match (self.total.get(), self.function.get()) {
            (None, _) => item,
            (Some(total), None) => vm.binary(BinaryOp::Add, total.get(), item.get())?,
            (Some(total), Some(function)) => vm.call(function.get(), &[total.get(), item.get()])?,
        };
        drop(self.total.set(total.clone()));
        Ok(Some(total))
    }

    holds!(iterator, function, initial, total);
}

fn new_accumulate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let iterator = Held::new(vm.get_iterator(args.at(1))?);
    let function = Held::optional(present(args.get(2)).map(toy_object::Ref::to_owned));
    let initial = Held::optional(present(args.get(3)).map(toy_object::Ref::to_owned));
    let accumulate = Accumulate { iterator, function, initial, total: Held::optional(None) };
    class::construct_iterator(vm, ACCUMULATE, args.at(0), accumulate)
}

struct Pairwise {
    iterator: Held,
    previous: Held,
}

impl Iterate for Pairwise {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let Some(iterator) = self.iterator.get() else { return Ok(None) };
        let previous = match self.previous.get() {
            Some(previous) => Some(previous),
            None => {
                let first = vm.next(iterator.get())?;
                if let Some(first) = &first {
                    drop(self.previous.set(first.clone()));
                }
                first
            }
        };
        let next = match previous {
            Some(_) => vm.next(iterator.get())?,
            None => None,
        };
        let (Some(previous), Some(next)) = (previous, next) else {
            Iterate::clear(self);
            return Ok(None);
        };
        drop(self.previous.set(next.clone()));
        Ok(Some(vm.new_tuple([previous, next])?))
    }

    holds!(iterator, previous);
}

fn new_pairwise(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let iterator = Held::new(vm.get_iterator(args.at(1))?);
    class::construct_iterator(vm, PAIRWISE, args.at(0), Pairwise { iterator, previous: Held::optional(None) })
}

struct Batched {
    iterator: Held,
    size: usize,
    is_strict: Cell<bool>,
}

impl Iterate for Batched {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let Some(iterator) = self.iterator.get() else { return Ok(None) };
        let mut batch = Vec::new();
        while batch.len() < self.size {
            match vm.next(iterator.get())? {
                Some(item) => batch.push(item),
                None => {
                    self.iterator.clear();
                    if batch.is_empty() {
                        return Ok(None);
                    }
                    if self.is_strict.get() {
                        return Err(value_error(vm, "batched(): incomplete batch"));
                    }
                    break;
                }
            }
        }
        Ok(Some(vm.new_tuple(batch)?))
    }

    holds!(iterator);
}

fn new_batched(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let size = integer(vm, args.at(2))?;
    let Some(size) = usize::try_from(size).ok().filter(|&size| size > 0) else {
        return Err(value_error(vm, "n must be at least one"));
    };
    let is_strict = Cell::new(flag_or(vm, args.get(3), false)?);
    let iterator = Held::new(vm.get_iterator(args.at(1))?);
    class::construct_iterator(vm, BATCHED, args.at(0), Batched { iterator, size, is_strict })
}
