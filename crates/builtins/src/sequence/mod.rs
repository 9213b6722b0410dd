//! list, tuple, range, slice.

mod list;
mod range;
mod slice;
mod sort;
mod tuple;

pub(crate) use list::{LIST_MAKER, LIST_METHODS};
pub(crate) use range::RANGE_METHODS;
pub(crate) use slice::SLICE_METHODS;
pub(crate) use tuple::{TUPLE_METHODS, tuple_of};

use toy_object::Ref;
use toy_vm::{Outcome, Vm};

use crate::support::clamped_bound;

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
