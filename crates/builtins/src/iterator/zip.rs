//! `zip`.

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, Held, Outcome, Vm, natives};

use super::{shape_of_class, state, value_or_stop};
use crate::support::{flag_or, protocol, value_error};

natives! {
    /// The methods of zip.
    pub(crate) ZIP_METHODS:
    static "__new__" ("*iterables, strict=False") "Create and return a new object." => new;
    method "__iter__" ("") "Implement iter(self)." => protocol::iter_self;
    method "__next__" ("") "Implement next(self)." => next;
}

struct Zip {
    iterators: Vec<Held>,
    /// Whether all must end together.
    is_strict: bool,
}

impl Payload for Zip {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.iterators.iter().for_each(|iterator| iterator.visit(visit));
    }

    fn clear(&self) {
        self.iterators.iter().for_each(Held::clear);
    }
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let is_strict = flag_or(vm, args.get(1), false)?;
    let iterables = args.at(2).as_tuple().into_iter().flat_map(|iterables| iterables.iter());
    let iterators = iterables.map(|iterable| vm.get_iterator(iterable).map(Held::new)).collect::<Outcome<_>>()?;
    let shape = shape_of_class(vm, args.at(0));
    Ok(vm.new_native(shape, Zip { iterators, is_strict })?)
}

fn next(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let state: &Zip = state(vm, args, "zip")?;
    if state.iterators.is_empty() {
        return value_or_stop(vm, None);
    }
    let mut values: Vec<Owned> = Vec::with_capacity(state.iterators.len());
    for (index, iterator) in state.iterators.iter().enumerate() {
        let iterator = iterator.get_or_none();
        match vm.next(iterator.get())? {
            Some(value) => values.push(value),
            None if !state.is_strict => return value_or_stop(vm, None),
            None if index > 0 => {
                let others = plural(index);
                let text = format!("zip() argument {} is shorter than argument{others}", index + 1);
                return Err(value_error(vm, text));
            }
            None => return all_end(vm, state),
        }
    }
    Ok(vm.new_tuple(values)?)
}

/// The first iterator has ended: the others must end, too.
fn all_end(vm: &mut Vm, state: &Zip) -> Outcome {
    for (index, iterator) in state.iterators.iter().enumerate().skip(1) {
        let iterator = iterator.get_or_none();
        if vm.next(iterator.get())?.is_some() {
            let others = plural(index);
            return Err(value_error(vm, format!("zip() argument {} is longer than argument{others}", index + 1)));
        }
    }
    value_or_stop(vm, None)
}

/// How complaints name the first `count` arguments.
fn plural(count: usize) -> String {
    if count == 1 { " 1".to_owned() } else { format!("s 1-{count}") }
}
