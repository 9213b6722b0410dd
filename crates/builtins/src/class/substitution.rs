//! Type variables in what stands in brackets, and types in their place: `dict[str, list[T]][int]`.

use toy_object::{Owned, Ref};
use toy_vm::{ClassName, Outcome, Vm};

use crate::support::type_error;

/// The type variables among types and inside of them, each once, in the order in which they stand.
pub(super) fn variables(vm: &mut Vm, types: Ref<'_>) -> Outcome<Vec<Owned>> {
    let mut found: Vec<Owned> = Vec::new();
    for part in types.as_tuple().into_iter().flat_map(|types| types.iter()) {
        let inside = if is_variable(vm, part)? { vec![part.to_owned()] } else { variables_inside(vm, part)? };
        for variable in inside {
            if !found.iter().any(|known| known.get().is(variable.get())) {
                found.push(variable);
            }
        }
    }
    Ok(found)
}

/// Puts the types in `key` (one, or a tuple of several) in the place of the variables among `types`; `shown` is what is
/// subscripted.
pub(super) fn substituted(vm: &mut Vm, shown: &str, types: Ref<'_>, key: Ref<'_>) -> Outcome<Vec<Owned>> {
    let variables = variables(vm, types)?;
    if variables.is_empty() {
        return Err(type_error(vm, format!("{shown} is not a generic class")));
    }
    let given: Vec<Ref<'_>> = match key.as_tuple() {
        Some(given) => given.iter().collect(),
        None => vec![key],
    };
    let (got, wanted) = (given.len(), variables.len());
    if got != wanted {
        let (amount, bound) = if got > wanted { ("many", "") } else { ("few", "at least ") };
        let message = format!("Too {amount} arguments for {shown}; actual {got}, expected {bound}{wanted}");
        return Err(type_error(vm, message));
    }
    let none_type = vm.class(ClassName::NoneType);
    let chosen = |variable: Ref<'_>| {
        let place = variables.iter().position(|known| known.get().is(variable))?;
        Some(if given[place].is_none() { none_type.clone() } else { given[place].to_owned() })
    };
    let mut result = Vec::new();
    for part in types.as_tuple().into_iter().flat_map(|types| types.iter()) {
        let inside = variables_inside(vm, part)?;
        result.push(match chosen(part) {
            Some(chosen) => chosen,
            None if inside.is_empty() => part.to_owned(),
            None => {
                let key = inside.iter().filter_map(|variable| chosen(variable.get()));
                let key = vm.new_tuple(key.collect::<Vec<Owned>>())?;
                vm.get_item(part, key.get())?
            }
        });
    }
    Ok(result)
}

/// The library's type variables say by a method that they are some.
fn is_variable(vm: &mut Vm, value: Ref<'_>) -> Outcome<bool> {
    if value.as_class(vm.heap()).is_some() {
        return Ok(false);
    }
    if vm.is_instance_of(value, ClassName::TypeVar) || vm.is_instance_of(value, ClassName::ParamSpec) {
        return Ok(true);
    }
    let substitute = vm.intern("__typing_subst__")?;
    Ok(vm.find_attribute(value, substitute.get())?.is_some())
}

fn variables_inside(vm: &mut Vm, value: Ref<'_>) -> Outcome<Vec<Owned>> {
    if value.as_class(vm.heap()).is_some() {
        return Ok(Vec::new());
    }
    let name = vm.intern("__parameters__")?;
    let inside = vm.find_attribute(value, name.get())?;
    let inside = inside.as_ref().and_then(|inside| inside.get().as_tuple());
    Ok(inside.map_or_else(Vec::new, |inside| inside.iter().map(Ref::to_owned).collect()))
}
