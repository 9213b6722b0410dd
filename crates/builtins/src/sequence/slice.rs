//! The methods of slice.

use toy_object::{Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::support::{class_argument, none, protocol, this_slice, value_error};

natives! {
    /// The methods of slice.
    pub(crate) SLICE_METHODS:
    static "__new__" ("start, stop=None, step=None, /") "Create and return a new object." => new;
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__hash__" ("") "The number that hash gives." => protocol::hash;
    member "start" ("") "Where it starts." => start;
    member "stop" ("") "Where it ends; not part of it." => stop;
    member "step" ("") "The distance between two indices." => step;
    method "indices" ("len, /")
        "Start, stop and step for a sequence of this length, with nothing out of bounds."
        => indices;
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    class_argument(vm, args, ClassName::Slice)?;
    let first = args.at(1).to_owned();
    let part = |index| args.get(index).map_or_else(Owned::none, |part| part.to_owned());
    let (start, stop) = match args.get(2) {
        None => (Owned::none(), first),
        Some(stop) => (first, stop.to_owned()),
    };
    Ok(vm.new_slice(start, stop, part(3))?)
}

fn start(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(this_slice(vm, args)?.start().to_owned())
}

fn stop(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(this_slice(vm, args)?.stop().to_owned())
}

fn step(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(this_slice(vm, args)?.step().to_owned())
}

fn indices(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let length = vm.index(args.at(1))?;
    if length.get().as_int().is_some_and(|length| length.is_negative()) {
        return Err(value_error(vm, "length should not be negative"));
    }
    // The numbers below the length, sliced, start, stop and step where the indices do, however large.
    let (zero, one) = (vm.new_int(0)?, vm.new_int(1)?);
    let all = vm.new_range(zero, length, one)?.ok_or_else(|| value_error(vm, "a step of 0"))?;
    let picked = vm.get_item(all.get(), args.at(0))?;
    match picked.get().as_range() {
        Some(range) => Ok(vm.new_tuple([range.start(), range.stop(), range.step()].map(Ref::to_owned))?),
        None => none(),
    }
}
