//! The methods of tuple.

use toy_object::Owned;
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::index_range;
use crate::support::{class_argument, instance_of, is_exactly, length, protocol, this_tuple, value_error};

natives! {
    /// The methods of tuple.
    pub(crate) TUPLE_METHODS:
    static "__new__" ("iterable=(), /") "Create and return a new object." => new;
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__hash__" ("") "The number that hash gives." => protocol::hash;
    method "__len__" ("") "How many items there are." => protocol::len;
    method "__getitem__" ("key, /") "What self[key] gives." => protocol::get_item;
    method "__contains__" ("key, /") "Return bool(key in self)." => protocol::contains;
    method "__iter__" ("") "A fresh iterator; of an iterator, itself." => protocol::iter;
    method "__getnewargs__" ("") "Arguments for a copy." => new_arguments;
    class "__class_getitem__" ("item, /") "The class with parameters in brackets." => protocol::class_get_item;
    method "count" ("value, /") "How often the value is in here." => count;
    method "index" ("value, start=0, stop=9223372036854775807, /")
        "Where the value first is, between start and stop; ValueError if it is not." => index;
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::Tuple)?;
    let tuple = match args.get(1) {
        None => vm.new_tuple([])?,
        Some(iterable) => tuple_of(vm, iterable)?,
    };
    instance_of(vm, class, ClassName::Tuple, tuple)
}

/// `tuple(iterable)`.
pub(crate) fn tuple_of(vm: &mut Vm, iterable: toy_object::Ref<'_>) -> Outcome<Owned> {
    if is_exactly(vm, iterable, ClassName::Tuple) {
        return Ok(iterable.to_owned());
    }
    let items = vm.collect(iterable)?;
    Ok(vm.new_tuple(items)?)
}

fn new_arguments(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let tuple = this_tuple(vm, args)?.as_ref().to_owned();
    Ok(vm.new_tuple([tuple])?)
}

fn count(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mut count = 0;
    for item in this_tuple(vm, args)?.iter() {
        count += usize::from(vm.equal(item, args.at(1))?);
    }
    length(vm, count)
}

fn index(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let tuple = this_tuple(vm, args)?;
    let (start, stop) = index_range(vm, args.get(2), args.get(3), tuple.len())?;
    for (index, item) in tuple.iter().enumerate().take(stop).skip(start) {
        if vm.equal(item, args.at(1))? {
            return length(vm, index);
        }
    }
    Err(value_error(vm, "tuple.index(x): x not in tuple"))
}
