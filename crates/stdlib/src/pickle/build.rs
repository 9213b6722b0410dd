//! Putting objects together: making them, filling them, giving them their state.

use toy_object::{Kind, Name, Owned, Ref, ShapeId};
use toy_vm::{Outcome, Vm};

use super::attribute;
use super::error::unpickling_error;
use crate::module::call_method;

/// `cls.__new__(cls, *args, **kwargs)`.
pub(super) fn new_object(vm: &mut Vm, class: Ref<'_>, arguments: Ref<'_>, keywords: Option<Ref<'_>>) -> Outcome {
    let heap = vm.heap();
    let operation = if keywords.is_some() { "NEWOBJ_EX" } else { "NEWOBJ" };
    let Some(view) = class.as_class(heap) else {
        let got = vm.type_name(class);
        return Err(unpickling_error(vm, format!("{operation} class argument must be a type, not {got}")));
    };
    let arguments: Vec<Ref<'_>> = arguments.as_tuple().into_iter().flat_map(|tuple| tuple.iter()).collect();
    if arguments.is_empty() && keywords.is_none() && vm.makes_plainly(view) {
        return vm.object_new(class, false);
    }
    let maker = vm.get_attribute(class, heap.name(Name::New))?;
    let mut all = Vec::with_capacity(arguments.len() + 1);
    all.push(class);
    all.extend(arguments);
    let mut by_name = Vec::new();
    let mut position = 0;
    while let Some((index, key, value)) = keywords.and_then(|keywords| keywords.as_dict()?.entry_from(position)) {
        position = index + 1;
        if key.get().as_str().is_none() {
            return Err(unpickling_error(vm, "the names of arguments must be strings"));
        }
        by_name.push((key, value));
    }
    let by_name: Vec<(Ref<'_>, Ref<'_>)> = by_name.iter().map(|(name, value)| (name.get(), value.get())).collect();
    vm.call_keywords(maker.get(), &all, &by_name)
}

/// Appends values to a list or to what is filled like one.
pub(super) fn append(vm: &mut Vm, list: Ref<'_>, items: Vec<Owned>) -> Outcome<()> {
    if list.shape() == ShapeId::LIST
        && let Some(list) = list.as_list()
    {
        list.extend(vm.heap(), items)?;
        return Ok(());
    }
    if let Some(extend) = attribute(vm, list, "extend")? {
        let items = vm.new_list(items)?;
        vm.call(extend.get(), &[items.get()])?;
        return Ok(());
    }
    for item in items {
        call_method(vm, list, "append", &[item.get()])?;
    }
    Ok(())
}

/// Sets items of a dict or of what is filled like one.
pub(super) fn set_item(vm: &mut Vm, dict: Ref<'_>, key: Ref<'_>, value: Ref<'_>) -> Outcome<()> {
    if dict.shape() == ShapeId::DICT { vm.dict_set(dict, key, value) } else { vm.set_item(dict, key, value) }
}

/// Gives an object its state: by `__setstate__`, else as its attributes.
pub(super) fn build(vm: &mut Vm, object: Ref<'_>, state: Ref<'_>) -> Outcome<()> {
    if let Some(setter) = vm.find_attribute(object, vm.heap().name(Name::SetState))? {
        vm.call(setter.get(), &[state])?;
        return Ok(());
    }
    let (attributes, slots) = match state.as_tuple().map(|pair| (pair.len(), pair.get(0), pair.get(1))) {
        Some((2, Some(attributes), Some(slots))) => (attributes, slots),
        _ => (state, Ref::NONE),
    };
    if !attributes.is_none() {
        set_attributes(vm, object, attributes)?;
    }
    if slots.is_none() {
        return Ok(());
    }
    if slots.as_dict().is_none() {
        return Err(unpickling_error(vm, "slot state is not a dictionary"));
    }
    for (name, value) in slots.as_dict().map_or_else(Vec::new, |slots| slots.entries()) {
        vm.set_attribute(object, name.get(), value.get())?;
    }
    Ok(())
}

/// Puts attributes into the `__dict__`; an instance keeps them where it would have put them itself.
fn set_attributes(vm: &mut Vm, object: Ref<'_>, attributes: Ref<'_>) -> Outcome<()> {
    if attributes.as_dict().is_none() {
        return Err(unpickling_error(vm, "state is not a dictionary"));
    }
    let attributes = attributes.as_dict().map_or_else(Vec::new, |attributes| attributes.entries());
    let heap = vm.heap();
    let is_named = attributes.iter().all(|(name, _)| name.get().as_exact_str().is_some());
    let has_dict = !heap.shape(object.shape()).flags().no_dict;
    match object.as_instance(heap) {
        Some(instance) if is_named && has_dict && vm.kind_of(object) == Kind::Instance => {
            for (name, value) in attributes {
                let name = vm.intern_name(name.get())?;
                // What stands in `__slots__` is not part of the `__dict__`.
                let is_slot = heap.shape(object.shape()).slot(name.value());
                match is_slot.filter(|&slot| heap.shape(object.shape()).is_born_slot(slot)) {
                    Some(_) => {
                        let Some(dict) = vm.attribute_dict(object)? else { continue };
                        vm.dict_set(dict.get(), name.get(), value.get())?;
                    }
                    None => drop(instance.set_attribute(heap, name.get(), value)?),
                }
            }
        }
        _ => {
            let Some(dict) = vm.attribute_dict(object)? else {
                return Err(vm.raise_attribute_error(object, vm.heap().name(Name::Dict)));
            };
            for (name, value) in attributes {
                vm.dict_set(dict.get(), name.get(), value.get())?;
            }
        }
    }
    Ok(())
}
