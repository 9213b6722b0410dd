//! How exceptions are taken apart for copies: the class, its arguments, the attributes that scripts gave them.
//!
//! Fields that the constructor makes from its arguments are no part of the state; those that it took by keyword are.

use toy_object::{Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm};

use super::field::{arguments, field, this_exception};

/// Fields that come from keyword arguments.
const BY_KEYWORD: &[(ClassName, &[&str])] =
    &[(ClassName::ImportError, &["name", "path", "name_from"]), (ClassName::AttributeError, &["name"])];

/// `BaseException.__reduce__`.
pub(super) fn exception(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = this_exception(vm, args)?;
    let class = vm.class_of(exception).to_owned();
    let arguments = full_arguments(vm, exception)?;
    let state = state(vm, exception, arguments.get())?;
    match state {
        Some(state) => Ok(vm.new_tuple([class, arguments, state])?),
        None => Ok(vm.new_pair(class, arguments)?),
    }
}

/// `args`, and the file names that `OSError` leaves out of them.
fn full_arguments(vm: &mut Vm, exception: Ref<'_>) -> Outcome {
    let arguments = arguments(vm, exception)?;
    let Some(short) = arguments.get().as_tuple().filter(|arguments| arguments.len() == 2) else {
        return Ok(arguments);
    };
    if !vm.is_instance_of(exception, ClassName::OsError) {
        return Ok(arguments);
    }
    let Some(filename) = field(vm, exception, "filename")? else { return Ok(arguments) };
    let mut all: Vec<Owned> = short.iter().map(Ref::to_owned).collect();
    all.push(filename);
    if let Some(second) = field(vm, exception, "filename2")? {
        all.extend([Owned::none(), second]);
    }
    Ok(vm.new_tuple(all)?)
}

fn state(vm: &mut Vm, exception: Ref<'_>, arguments: Ref<'_>) -> Outcome<Option<Owned>> {
    let heap = vm.heap();
    let attributes = exception.as_instance(heap).and_then(|instance| match instance.attributes(heap) {
        Some(attributes) => Some(attributes),
        None => instance.dict_in_use().map(|dict| dict.get().as_dict().map_or_else(Vec::new, |dict| dict.entries())),
    });
    let state = vm.new_dict()?;
    for (name, value) in attributes.unwrap_or_default() {
        vm.dict_set(state.get(), name.get(), value.get())?;
    }
    for &(class, fields) in BY_KEYWORD {
        if !vm.is_instance_of(exception, class) {
            continue;
        }
        for name in fields {
            if let Some(value) = field(vm, exception, name)? {
                let name = vm.intern(name)?;
                vm.dict_set(state.get(), name.get(), value.get())?;
            }
        }
    }
    if vm.is_instance_of(exception, ClassName::AttributeError) && field(vm, exception, "name")?.is_some() {
        let name = vm.intern("args")?;
        vm.dict_set(state.get(), name.get(), arguments)?;
    }
    let is_empty = state.get().as_dict().is_none_or(|state| state.is_empty());
    Ok(if is_empty { None } else { Some(state) })
}
