//! Sorting a list in place.

use toy_object::{List, Owned, Ref};
use toy_vm::{Outcome, Vm};

use crate::support::{flag_or, present, value_error};

/// `list.sort(key=key, reverse=reverse)`. While script code compares, the list is empty, as CPython's is; what somebody puts
/// into it meanwhile is lost, and said.
pub(crate) fn sort_list(vm: &mut Vm, list: List<'_>, key: Option<Ref<'_>>, reverse: Option<Ref<'_>>) -> Outcome<()> {
    let is_reversed = flag_or(vm, reverse, false)?;
    let mut taken = list.take_all();
    let items = taken.items_mut().iter_mut().map(|item| std::mem::replace(item, Owned::none())).collect();
    let (items, result) = vm.sort(items, present(key), is_reversed);
    for (place, item) in taken.items_mut().iter_mut().zip(items) {
        *place = item;
    }
    let (meanwhile, was_changed) = list.put_all(taken);
    drop(meanwhile);
    result?;
    if was_changed { Err(value_error(vm, "list modified during sort")) } else { Ok(()) }
}
