//! Iterators that leave items out: `islice`, `takewhile`, `dropwhile`, `filterfalse`, `compress`.

use std::cell::Cell;

use toy_object::{Int, Owned, Ref};
use toy_vm::{Args, Held, Iterate, Outcome, Vm, natives};

use crate::argument::{present, value_error};
use crate::class;
use crate::held::holds;

pub(super) const COMPRESS: &str = "itertools.compress";
pub(super) const DROP_WHILE: &str = "itertools.dropwhile";
pub(super) const FILTER_FALSE: &str = "itertools.filterfalse";
pub(super) const SLICE: &str = "itertools.islice";
pub(super) const TAKE_WHILE: &str = "itertools.takewhile";

natives! {
    /// The methods of `compress`.
    pub(super) COMPRESS_METHODS:
    static "__new__" ("data, selectors") "The items whose selector is true." => new_compress;
}

natives! {
    /// The methods of `dropwhile`.
    pub(super) DROP_WHILE_METHODS:
    static "__new__" ("predicate, iterable, /") "The items from the first on for which the predicate is false." =>
        |vm, args| new_test(vm, args, DROP_WHILE, Rule::DropWhile);
}

natives! {
    /// The methods of `filterfalse`.
    pub(super) FILTER_FALSE_METHODS:
    static "__new__" ("function, iterable, /") "The items for which the function is false." =>
        |vm, args| new_test(vm, args, FILTER_FALSE, Rule::FilterFalse);
}

natives! {
    /// The methods of `takewhile`.
    pub(super) TAKE_WHILE_METHODS:
    static "__new__" ("predicate, iterable, /") "The items before the first for which the predicate is false." =>
        |vm, args| new_test(vm, args, TAKE_WHILE, Rule::TakeWhile);
}

natives! {
    /// The methods of `islice`.
    pub(super) SLICE_METHODS:
    static "__new__" ("iterable, start, stop=None, step=None, /") "The items that a slice picks." => new_slice;
}

struct Compress {
    data: Held,
    selectors: Held,
}

impl Iterate for Compress {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let (Some(data), Some(selectors)) = (self.data.get(), self.selectors.get()) else { return Ok(None) };
        while let Some(item) = vm.next(data.get())? {
            let Some(selector) = vm.next(selectors.get())? else { return Ok(None) };
            if vm.truth(selector.get())? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    holds!(data, selectors);
}

fn new_compress(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let data = Held::new(vm.get_iterator(args.at(1))?);
    let selectors = Held::new(vm.get_iterator(args.at(2))?);
    class::construct_iterator(vm, COMPRESS, args.at(0), Compress { data, selectors })
}

/// Which items a predicate lets through.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    TakeWhile,
    DropWhile,
    FilterFalse,
}

struct Test {
    rule: Rule,
    predicate: Held,
    iterator: Held,
    /// `dropwhile` has found its first item.
    is_open: Cell<bool>,
}

impl Test {
    fn holds_for(&self, vm: &mut Vm, item: Ref<'_>) -> Outcome<bool> {
        match self.predicate.get() {
            // Only `filterfalse` takes None for the items' own truth.
            Some(predicate) if self.rule != Rule::FilterFalse || !predicate.get().is_none() => {
                let answer = vm.call(predicate.get(), &[item])?;
                vm.truth(answer.get())
            }
            _ => vm.truth(item),
        }
    }
}

impl Iterate for Test {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let Some(iterator) = self.iterator.get() else { return Ok(None) };
        while let Some(item) = vm.next(iterator.get())? {
            if self.is_open.get() {
                return Ok(Some(item));
            }
            let is_true = self.holds_for(vm, item.get())?;
            match self.rule {
                Rule::TakeWhile if is_true => return Ok(Some(item)),
                Rule::TakeWhile => {
                    self.iterator.clear();
                    return Ok(None);
                }
                Rule::DropWhile if !is_true => {
                    self.is_open.set(true);
                    return Ok(Some(item));
                }
                Rule::FilterFalse if !is_true => return Ok(Some(item)),
                Rule::DropWhile | Rule::FilterFalse => {}
            }
        }
        Ok(None)
    }

    holds!(predicate, iterator);
}

fn new_test(vm: &mut Vm, args: Args<'_>, key: &'static str, rule: Rule) -> Outcome {
    let iterator = Held::new(vm.get_iterator(args.at(2))?);
    let predicate = Held::new(args.at(1).to_owned());
    class::construct_iterator(vm, key, args.at(0), Test { rule, predicate, iterator, is_open: Cell::new(false) })
}

struct Slice {
    iterator: Held,
    /// Index of the next item that is wanted.
    wanted: Cell<u64>,
    stop: Option<u64>,
    step: u64,
    /// Index of the next item of the iterator.
    place: Cell<u64>,
}

impl Iterate for Slice {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let Some(iterator) = self.iterator.get() else { return Ok(None) };
        let stop = self.stop.unwrap_or(u64::MAX);
        let wanted = self.wanted.get();
        // What lies before the stop is consumed, as CPython does it.
        while self.place.get() < wanted.min(stop) {
            if vm.next(iterator.get())?.is_none() {
                self.iterator.clear();
                return Ok(None);
            }
            self.place.set(self.place.get() + 1);
        }
        if wanted >= stop {
            self.iterator.clear();
            return Ok(None);
        }
        let item = vm.next(iterator.get())?;
        if item.is_none() {
            self.iterator.clear();
        }
        self.place.set(self.place.get() + 1);
        self.wanted.set(wanted.saturating_add(self.step));
        Ok(item)
    }

    holds!(iterator);
}

fn new_slice(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let wrong_stop = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    let (start, stop, negative_stop) = if args.get(3).is_some() {
        (present(args.get(2)), present(args.get(3)), WRONG_INDICES)
    } else {
        (None, present(args.get(2)), wrong_stop)
    };
    let stop = bound(vm, stop, wrong_stop, negative_stop)?;
    let start = bound(vm, start, WRONG_INDICES, WRONG_INDICES)?.unwrap_or(0);
    let complaint = "Step for islice() must be a positive integer or None.";
    let step = bound(vm, present(args.get(4)), complaint, complaint)?.unwrap_or(1);
    if step == 0 {
        return Err(value_error(vm, complaint));
    }
    let iterator = Held::new(vm.get_iterator(args.at(1))?);
    let slice = Slice { iterator, wanted: Cell::new(start), stop, step, place: Cell::new(0) };
    class::construct_iterator(vm, SLICE, args.at(0), slice)
}

const WRONG_INDICES: &str = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";

/// A place in what is sliced; one complaint if it is none at all, and one if it is below 0.
fn bound(vm: &mut Vm, bound: Option<Ref<'_>>, wrong: &str, negative: &str) -> Outcome<Option<u64>> {
    let Some(bound) = bound else { return Ok(None) };
    let number = match vm.index(bound) {
        Ok(index) => index.get().as_int().and_then(Int::to_i64),
        // Whatever was raised: CPython says the other thing.
        Err(_raised) => {
            drop(vm.take_raised());
            None
        }
    };
    match number.map(u64::try_from) {
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => Err(value_error(vm, negative)),
        None => Err(value_error(vm, wrong)),
    }
}
