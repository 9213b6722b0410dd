//! `set(…)`, `frozenset(…)` and their comparisons.

use toy_object::Owned;
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::algebra::{new_set_of, set_update};
use crate::support::{class_argument, instance_of, is_class, is_exactly, none, this_set};

natives! {
    /// The constructor of set.
    pub(crate) SET_CONSTRUCT:
    static "__new__" ("*args, **kwargs") "Create and return a new object." => new_set;
    method "__init__" ("iterable=(), /") "Initialize self." => init;
}

natives! {
    /// What calls of set run.
    pub(crate) SET_MAKER:
    static "__new__" ("iterable=(), /") "A new set of the items of an iterable." => |vm, args| new_set_of(vm, args.get(1));
}

natives! {
    /// The constructor of frozenset.
    pub(crate) FROZEN_SET_CONSTRUCT:
    static "__new__" ("iterable=(), /") "Create and return a new object." => new_frozen_set;
}

fn new_set(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::Set)?;
    let set = vm.new_set()?;
    instance_of(vm, class, ClassName::Set, set)
}

fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let set = this_set(vm, args)?;
    drop(set.clear());
    if let Some(iterable) = args.get(1) {
        set_update(vm, set.as_ref(), iterable)?;
    }
    none()
}

fn new_frozen_set(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::FrozenSet)?;
    let iterable = args.get(1);
    let is_plain = is_class(vm, class, ClassName::FrozenSet);
    if let Some(iterable) = iterable
        && is_plain
        && is_exactly(vm, iterable, ClassName::FrozenSet)
    {
        return Ok(iterable.to_owned());
    }
    let set: Owned = vm.new_frozen_set()?;
    if let Some(iterable) = iterable {
        set_update(vm, set.get(), iterable)?;
    }
    instance_of(vm, class, ClassName::FrozenSet, set)
}
