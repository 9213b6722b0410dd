//! Counting for `Counter`.

use std::ops::ControlFlow;

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, BinaryOp, ClassName, Outcome, Vm};

use crate::argument::type_error;
use crate::module::find;

/// Whether a dict's class does with items what dict does, so that they need not be asked for.
fn is_plain(vm: &mut Vm, mapping: Ref<'_>) -> Outcome<bool> {
    if mapping.as_dict().is_none() {
        return Ok(false);
    }
    let dict = vm.class(ClassName::Dict);
    let class = vm.class_of(mapping).to_owned();
    let own_set = vm.lookup_special(mapping, Name::SetItem);
    let base_set = find(vm, dict.get(), "__setitem__")?;
    let own_get = find(vm, class.get(), "get")?;
    let base_get = find(vm, dict.get(), "get")?;
    let is_same = |a: &Option<Owned>, b: &Option<Owned>| match (a, b) {
        (Some(a), Some(b)) => a.get().is(b.get()),
        _ => false,
    };
    Ok(is_same(&own_set, &base_set) && is_same(&own_get, &base_get))
}

pub(super) fn count_elements(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mapping = args.at(0);
    let one = vm.new_int(1)?;
    if is_plain(vm, mapping)? {
        vm.for_each(args.at(1), |vm, item: Owned| {
            let count = match vm.dict_get(mapping, item.get())? {
                None => one.clone(),
                Some(count) => match count.value().as_small_int() {
                    Some(count) => vm.new_int(count + 1)?,
                    None => vm.binary(BinaryOp::Add, count.get(), one.get())?,
                },
            };
            vm.dict_set(mapping, item.get(), count.get())?;
            Ok(ControlFlow::Continue(()))
        })?;
        return Ok(Owned::none());
    }
    let zero = vm.new_int(0)?;
    let Some(get) = find(vm, mapping, "get")? else {
        return Err(type_error(vm, "a mapping is required"));
    };
    vm.for_each(args.at(1), |vm, item: Owned| {
        let count = vm.call(get.get(), &[item.get(), zero.get()])?;
        let count = vm.binary(BinaryOp::Add, count.get(), one.get())?;
        vm.set_item(mapping, item.get(), count.get())?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(Owned::none())
}
