//! `map`.

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, Held, Outcome, Vm, natives};

use super::{shape_of_class, state, value_or_stop};
use crate::support::{protocol, type_error};

natives! {
    /// The methods of map.
    pub(crate) MAP_METHODS:
    static "__new__" ("*args") "Create and return a new object." => new;
    method "__iter__" ("") "Implement iter(self)." => protocol::iter_self;
    method "__next__" ("") "Implement next(self)." => next;
}

struct Map {
    function: Held,
    iterators: Vec<Held>,
}

impl Payload for Map {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.function.visit(visit);
        self.iterators.iter().for_each(|iterator| iterator.visit(visit));
    }

    fn clear(&self) {
        self.function.clear();
        self.iterators.iter().for_each(Held::clear);
    }
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
    let shape = shape_of_class(vm, args.at(0));
    Ok(vm.new_native(shape, Map { function: Held::new(function.to_owned()), iterators })?)
}

fn next(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let state: &Map = state(vm, args, "map")?;
    let function = state.function.get_or_none();
    if let [iterator] = &*state.iterators {
        let iterator = iterator.get_or_none();
        return match vm.next(iterator.get())? {
            Some(value) => vm.call(function.get(), &[value.get()]),
            None => value_or_stop(vm, None),
        };
    }
    let mut values: Vec<Owned> = Vec::with_capacity(state.iterators.len());
    for iterator in &state.iterators {
        let iterator = iterator.get_or_none();
        match vm.next(iterator.get())? {
            Some(value) => values.push(value),
            None => return value_or_stop(vm, None),
        }
    }
    let values: Vec<Ref<'_>> = values.iter().map(Owned::get).collect();
    vm.call(function.get(), &values)
}
