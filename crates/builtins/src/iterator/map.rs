//! `map`.

use toy_object::{Owned, Ref};
use toy_vm::{Args, Held, Iterate, Outcome, Vm, natives};

use super::{call_of, new_of_class};
use crate::support::type_error;

natives! {
    /// The constructor of map.
    pub(crate) MAP_METHODS:
    static "__new__" ("*args") "Create and return a new object." => new;
}

struct Map {
    function: Held,
    iterators: Vec<Held>,
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let arguments = args.at(1).as_tuple();
    let Some((function, iterables)) = arguments.filter(|arguments| arguments.len() > 1).and_then(|arguments| {
        let mut arguments = arguments.iter();
        Some((arguments.next()?, arguments))
    }) else {
        return Err(type_error(vm, "map() must have at least two arguments."));
    };
    let iterators = iterables.map(|iterable| vm.get_iterator(iterable).map(Held::new)).collect::<Outcome<_>>()?;
    new_of_class(vm, "map", args.at(0), Map { function: Held::new(function.to_owned()), iterators })
}

impl Iterate for Map {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let function = self.function.get_or_none();
        if let [iterator] = &*self.iterators {
            let iterator = iterator.get_or_none();
            return match vm.next(iterator.get())? {
                Some(value) => vm.call_with(function.get(), &value).map(Some),
                None => Ok(None),
            };
        }
        let Some(values) = next_of_each(vm, &self.iterators)? else { return Ok(None) };
        let values: Vec<Ref<'_>> = values.iter().map(Owned::get).collect();
        vm.call_back(function.get(), &values).map(Some)
    }

    fn reduce(&self, vm: &mut Vm, class: Ref<'_>) -> Outcome<Option<Owned>> {
        let iterators = self.iterators.iter().map(Held::get_or_none);
        call_of(vm, class, std::iter::once(self.function.get_or_none()).chain(iterators).collect()).map(Some)
    }

    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.function.visit(visit);
        self.iterators.iter().for_each(|iterator| iterator.visit(visit));
    }

    fn clear(&self) {
        self.function.clear();
        self.iterators.iter().for_each(Held::clear);
    }
}

/// The next value of each iterator; `None` as soon as one is at its end.
fn next_of_each(vm: &mut Vm, iterators: &[Held]) -> Outcome<Option<Vec<Owned>>> {
    let mut values = Vec::with_capacity(iterators.len());
    for iterator in iterators {
        let iterator = iterator.get_or_none();
        match vm.next(iterator.get())? {
            Some(value) => values.push(value),
            None => return Ok(None),
        }
    }
    Ok(Some(values))
}
