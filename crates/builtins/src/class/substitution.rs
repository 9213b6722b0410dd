//! Type variables in the arguments of aliases and unions, and types put in their place: `dict[str, T][int]`.
//!
//! An argument is a type variable if it has `__typing_subst__`; one that has `__parameters__` is looked into.

use toy_object::{Name, Owned, Ref};
use toy_vm::{Outcome, Vm};

use crate::support::type_error;

/// An attribute of an argument that is no class; `None` if it is one, or has none.
fn attribute(vm: &mut Vm, argument: Ref<'_>, name: &str) -> Outcome<Option<Owned>> {
    if argument.as_class(vm.heap()).is_some() {
        return Ok(None);
    }
    let name = vm.intern(name)?;
    vm.find_attribute(argument, name.get())
}

/// The items of a tuple; none of anything else.
fn items(tuple: &Owned) -> Vec<Owned> {
    tuple.get().as_tuple().into_iter().flat_map(|tuple| tuple.iter()).map(Ref::to_owned).collect()
}

/// `__parameters__` of an argument.
fn parameters_within(vm: &mut Vm, argument: Ref<'_>) -> Outcome<Vec<Owned>> {
    Ok(attribute(vm, argument, "__parameters__")?.map_or_else(Vec::new, |parameters| items(&parameters)))
}

fn place_of(parameters: &[Owned], parameter: Ref<'_>) -> Option<usize> {
    parameters.iter().position(|known| known.get().is(parameter))
}

/// The type variables among arguments, and among theirs, each once.
pub(super) fn parameters(vm: &mut Vm, arguments: &Owned) -> Outcome<Vec<Owned>> {
    let mut found: Vec<Owned> = Vec::new();
    for argument in items(arguments) {
        let is_variable = attribute(vm, argument.get(), "__typing_subst__")?.is_some();
        let candidates = if is_variable { vec![argument] } else { parameters_within(vm, argument.get())? };
        for candidate in candidates {
            if place_of(&found, candidate.get()).is_none() {
                found.push(candidate);
            }
        }
    }
    Ok(found)
}

/// What stands in brackets behind an alias, one by one: `*tuple[int, str]` for its types.
fn given(vm: &mut Vm, key: Ref<'_>) -> Outcome<Vec<Owned>> {
    let key = match key.as_tuple() {
        Some(_) => items(&key.to_owned()),
        None => vec![key.to_owned()],
    };
    let mut flat = Vec::new();
    for item in key {
        let types = attribute(vm, item.get(), "__typing_unpacked_tuple_args__")?.filter(|types| !types.get().is_none());
        match types.map(|types| items(&types)) {
            Some(types) if types.last().is_none_or(|last| last.get().value() != toy_object::Value::ELLIPSIS) => {
                flat.extend(types);
            }
            _ => flat.push(item),
        }
    }
    Ok(flat)
}

/// The arguments of `alias` with what `key` says in the place of its type variables.
pub(super) fn substituted(vm: &mut Vm, alias: Ref<'_>, arguments: &Owned, key: Ref<'_>) -> Outcome<Vec<Owned>> {
    let parameters = parameters(vm, arguments)?;
    if parameters.is_empty() {
        let shown = vm.repr_text(alias)?;
        return Err(type_error(vm, format!("{shown} is not a generic class")));
    }
    let mut values = given(vm, key)?;
    for parameter in &parameters {
        let prepare = attribute(vm, parameter.get(), "__typing_prepare_subst__")?;
        if let Some(prepare) = prepare.filter(|prepare| !prepare.get().is_none()) {
            let before = vm.new_tuple(values)?;
            let prepared = vm.call(prepare.get(), &[alias, before.get()])?;
            values = if prepared.get().as_tuple().is_some() { items(&prepared) } else { vec![prepared] };
        }
    }
    if values.len() != parameters.len() {
        let amount = if values.len() > parameters.len() { "many" } else { "few" };
        let (shown, got, wanted) = (vm.repr_text(alias)?, values.len(), parameters.len());
        return Err(type_error(vm, format!("Too {amount} arguments for {shown}; actual {got}, expected {wanted}")));
    }
    let mut result = Vec::new();
    for argument in items(arguments) {
        let unpacked = attribute(vm, argument.get(), "__typing_is_unpacked_typevartuple__")?;
        let is_unpacked = match unpacked {
            Some(unpacked) => vm.truth(unpacked.get())?,
            None => false,
        };
        let substitute = attribute(vm, argument.get(), "__typing_subst__")?;
        let replaced = match (substitute, place_of(&parameters, argument.get())) {
            (Some(substitute), Some(place)) => vm.call(substitute.get(), &[values[place].get()])?,
            _ => substituted_within(vm, argument, &parameters, &values)?,
        };
        if is_unpacked && replaced.get().as_tuple().is_some() {
            result.extend(items(&replaced));
        } else {
            result.push(replaced);
        }
    }
    Ok(result)
}

/// An argument that may have type variables inside, with the values of those that are known.
fn substituted_within(vm: &mut Vm, argument: Owned, parameters: &[Owned], values: &[Owned]) -> Outcome {
    let own = parameters_within(vm, argument.get())?;
    if own.is_empty() {
        return Ok(argument);
    }
    let mut key = Vec::new();
    for parameter in own {
        match place_of(parameters, parameter.get()) {
            // What stands for several types can be gone through, and has a tuple of them.
            Some(place) => match values[place].get().as_tuple() {
                Some(several) if vm.lookup_special(parameter.get(), Name::Iter).is_some() => {
                    key.extend(several.iter().map(Ref::to_owned));
                }
                _ => key.push(values[place].clone()),
            },
            None => key.push(parameter),
        }
    }
    let key = vm.new_tuple(key)?;
    vm.get_item(argument.get(), key.get())
}
