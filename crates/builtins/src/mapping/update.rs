//! `dict.update` and its kin: from a mapping or from pairs.

use std::ops::ControlFlow;

use toy_object::{Name, Owned, Ref};
use toy_vm::{ClassName, Outcome, Raised, Vm};

use crate::support::{type_error, value_error};

/// Sets the keys of `source` in `dict`: a mapping (what has `keys`), or an iterable of pairs.
pub(crate) fn update(vm: &mut Vm, dict: Ref<'_>, source: Ref<'_>) -> Outcome<()> {
    if source.as_dict().is_some() {
        return vm.dict_update(dict, source);
    }
    if let Some(keys) = vm.find_attribute(source, vm.heap().name(Name::Keys))? {
        let keys = vm.call(keys.get(), &[])?;
        return vm.for_each(keys.get(), |vm, key| {
            let value = vm.get_item(source, key.get())?;
            vm.dict_set(dict, key.get(), value.get())?;
            Ok(ControlFlow::Continue(()))
        });
    }
    let mut position = 0;
    vm.for_each(source, |vm, pair| {
        let (key, value) = unpacked(vm, pair.get(), position)?;
        vm.dict_set(dict, key.get(), value.get())?;
        position += 1;
        Ok(ControlFlow::Continue(()))
    })
}

/// Key and value of the element at `position` of an update sequence.
fn unpacked(vm: &mut Vm, pair: Ref<'_>, position: usize) -> Outcome<(Owned, Owned)> {
    if let Some(pair) = pair.as_tuple()
        && let (2, Some(key), Some(value)) = (pair.len(), pair.get(0), pair.get(1))
    {
        return Ok((key.to_owned(), value.to_owned()));
    }
    let items = match vm.collect(pair) {
        Ok(items) => items,
        Err(raised) => return Err(not_a_sequence(vm, raised, position)),
    };
    let length = items.len();
    match <[Owned; 2]>::try_from(items) {
        Ok([key, value]) => Ok((key, value)),
        Err(_) => {
            let text = format!("dictionary update sequence element #{position} has length {length}; 2 is required");
            Err(value_error(vm, text))
        }
    }
}

#[cold]
fn not_a_sequence(vm: &mut Vm, raised: Raised, position: usize) -> Raised {
    if !vm.raised_is(ClassName::TypeError) {
        return raised;
    }
    drop(vm.take_raised());
    type_error(vm, format!("cannot convert dictionary update sequence element #{position} to a sequence"))
}
