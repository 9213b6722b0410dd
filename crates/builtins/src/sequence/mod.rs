//! list, tuple, range, slice.

mod list;
mod range;
mod slice;
mod sort;
mod tuple;

pub(crate) use list::{LIST_METHODS};
pub(crate) use range::{RANGE_METHODS};
pub(crate) use slice::{SLICE_METHODS};
pub(crate) use sort::sort_list;
pub(crate) use tuple::{TUPLE_METHODS};

use toy_object::Ref;
use toy_vm::{Args, BinaryOp, Outcome, Vm};

use crate::support::{clamped_bound, plain, type_error};

/// `__mul__` and `__rmul__` of sequences: the other operand counts.
pub(crate) fn repeated(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let times = vm.index(args.at(1))?;
    vm.binary(BinaryOp::Multiply, plain(args.at(0)), times.get())
}

/// `__imul__` of mutable sequences.
pub(crate) fn repeated_in_place(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let times = vm.index(args.at(1))?;
    let _same_object = vm.binary_in_place(BinaryOp::Multiply, plain(args.at(0)), times.get())?;
    Ok(args.at(0).to_owned())
}

/// Bounds of `index` methods: "slice indices must be integers or have an __index__ method".
pub(crate) fn index_range(
    vm: &mut Vm,
    start: Option<Ref<'_>>,
    stop: Option<Ref<'_>>,
    len: usize,
) -> Outcome<(usize, usize)> {
    const COMPLAINT: &str = "slice indices must be integers or have an __index__ method";
    let start = start.map_or(Ok(0), |start| clamped_bound(vm, start, len, COMPLAINT))?;
    let stop = stop.map_or(Ok(usize::MAX), |stop| clamped_bound(vm, stop, len, COMPLAINT))?;
    Ok((start, stop))
}

/// "can only concatenate list (not "int") to list".
pub(crate) fn concatenation_error(vm: &mut Vm, name: &str, other: Ref<'_>) -> toy_vm::Raised {
    let got = vm.type_name(other);
    type_error(vm, format!("can only concatenate {name} (not \"{got}\") to {name}"))
}
