//! `zip`.

use std::cell::Cell;

use smallvec::SmallVec;
use toy_object::{Owned, Ref};
use toy_vm::{Args, Held, Iterate, Outcome, Vm, natives};

use super::{call_of, new_of_class};
use crate::support::{flag_or, value_error};

natives! {
    /// The constructor of zip.
    pub(crate) ZIP_METHODS:
    static "__new__" ("*iterables, strict=False") "Create and return a new object." => new;
}

struct Zip {
    iterators: Vec<Held>,
    /// The last tuple, if there are two iterators.
    pair: Held,
    /// Whether all must end together.
    is_strict: Cell<bool>,
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let is_strict = flag_or(vm, args.get(1), false)?;
    let iterables = args.at(2).as_tuple().into_iter().flat_map(|iterables| iterables.iter());
    let iterators = iterables.map(|iterable| vm.get_iterator(iterable).map(Held::new)).collect::<Outcome<_>>()?;
    new_of_class(vm, "zip", args.at(0), Zip { iterators, pair: Held::optional(None), is_strict: is_strict.into() })
}

impl Iterate for Zip {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        if self.iterators.is_empty() {
            return Ok(None);
        }
        if !self.is_strict.get()
            && let [first, second] = &*self.iterators
        {
            let (first, second) = (first.get_or_none(), second.get_or_none());
            let Some(left) = vm.next(first.get())? else { return Ok(None) };
            let Some(right) = vm.next(second.get())? else { return Ok(None) };
            return self.pair.next_pair(vm, left, right).map(Some);
        }
        let mut values = SmallVec::<[Owned; 4]>::new();
        for (index, iterator) in self.iterators.iter().enumerate() {
            let iterator = iterator.get_or_none();
            match vm.next(iterator.get())? {
                Some(value) => values.push(value),
                None if !self.is_strict.get() => return Ok(None),
                None if index > 0 => {
                    let others = plural(index);
                    let text = format!("zip() argument {} is shorter than argument{others}", index + 1);
                    return Err(value_error(vm, text));
                }
                None => return self.all_end(vm).map(|()| None),
            }
        }
        Ok(Some(vm.new_tuple(values)?))
    }

    fn reduce(&self, vm: &mut Vm, class: Ref<'_>) -> Outcome<Option<Owned>> {
        let iterators = self.iterators.iter().map(Held::get_or_none).collect();
        let parts = call_of(vm, class, iterators)?;
        if !self.is_strict.get() {
            return Ok(Some(parts));
        }
        let parts = parts.get().as_tuple().into_iter().flat_map(|parts| parts.iter()).map(Ref::to_owned);
        let parts: Vec<Owned> = parts.chain([Owned::bool(true)]).collect();
        Ok(Some(vm.new_tuple(parts)?))
    }

    fn set_state(&self, vm: &mut Vm, state: Ref<'_>) -> Outcome<()> {
        self.is_strict.set(vm.truth(state)?);
        Ok(())
    }

    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.iterators.iter().for_each(|iterator| iterator.visit(visit));
        self.pair.visit(visit);
    }

    fn clear(&self) {
        self.iterators.iter().for_each(Held::clear);
        self.pair.clear();
    }
}

impl Zip {
    /// The first iterator has ended: the others must end, too.
    fn all_end(&self, vm: &mut Vm) -> Outcome<()> {
        for (index, iterator) in self.iterators.iter().enumerate().skip(1) {
            let iterator = iterator.get_or_none();
            if vm.next(iterator.get())?.is_some() {
                let others = plural(index);
                return Err(value_error(vm, format!("zip() argument {} is longer than argument{others}", index + 1)));
            }
        }
        Ok(())
    }
}

/// How complaints name the first `count` arguments.
fn plural(count: usize) -> String {
    if count == 1 { " 1".to_owned() } else { format!("s 1-{count}") }
}
