//! The methods of dict.

use std::ops::ControlFlow;

use toy_object::{DictYield, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::view::new_view;
use crate::support::{class_argument, instance_of, is_class, none, protocol, this_dict, truth, type_error};

natives! {
    /// The methods of dict.
    pub(crate) DICT_METHODS:
    static "__new__" ("*args, **kwargs") "Create and return a new object." => new;
    method "__init__" ("*args, **kwargs") "Initialize self." => init;
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__len__" ("") "How many items there are." => protocol::len;
    method ordinary "__getitem__" ("key, /") "What self[key] gives." => protocol::get_item;
    method "__setitem__" ("key, value, /") "What self[key] = value does." => protocol::set_item;
    method "__delitem__" ("key, /") "What del self[key] does." => protocol::delete_item;
    method ordinary "__contains__" ("key, /") "Whether there is such a key." => contains;
    method "__iter__" ("") "A fresh iterator; of an iterator, itself." => iter;
    method "__reversed__" ("") "An iterator from the last item to the first." => reversed;
    class "__class_getitem__" ("item, /") "The class with parameters in brackets." => protocol::class_get_item;
    method "get" ("key, default=None, /") "The value at a key, or the default if there is none." => get;
    method "setdefault" ("key, default=None, /")
        "The value at a key, after putting the default there if there was none." => setdefault;
    method "pop" ("key, default=None, /")
        "Takes a key out and gives its value, or the default; KeyError without either." => pop;
    method "popitem" ("")
        "Takes the last entry out and gives key and value; KeyError if there is none." => popitem;
    method "keys" ("") "A view of the keys." => |vm, args| view(vm, args, DictYield::Keys);
    method "items" ("") "A view of the entries, each a tuple of key and value." => |vm, args| view(vm, args, DictYield::Items);
    method "values" ("") "A view of the values." => |vm, args| view(vm, args, DictYield::Values);
    method "update" ("*args, **kwargs")
        "D.update([E, ]**F) -> None.  Update D from mapping/iterable E and F.\nIf E is present and has a .keys() method, then does:  for k in E.keys(): D[k] = E[k]\nIf E is present and lacks a .keys() method, then does:  for k, v in E: D[k] = v\nIn either case, this is followed by: for k in F:  D[k] = F[k]"
        => |vm, args| update_from(vm, args, "update");
    method "clear" ("") "Remove all items from the dict." => clear;
    method "copy" ("") "Return a shallow copy of the dict." => copy;
    class "fromkeys" ("iterable, value=None, /") "A dict with these keys, all with the same value."
        => fromkeys;
}

natives! {
    /// What calls of dict without keywords run.
    pub(crate) DICT_MAKER:
    static "__new__" ("iterable=(), /") "A new dict of the entries of a mapping or of pairs." => make;
}

fn make(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let dict = vm.new_dict()?;
    if let Some(source) = args.get(1) {
        vm.dict_update(dict.get(), source)?;
    }
    Ok(dict)
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::Dict)?;
    let dict = vm.new_dict()?;
    instance_of(vm, class, ClassName::Dict, dict)
}

fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    update_from(vm, args, "dict")
}

/// `dict.update(source, **keywords)` and `dict(source, **keywords)`.
fn update_from(vm: &mut Vm, args: Args<'_>, name: &str) -> Outcome {
    let dict = this_dict(vm, args)?.as_ref();
    if let Some(sources) = args.get(1).and_then(Ref::as_tuple) {
        if sources.len() > 1 {
            let got = sources.len();
            return Err(type_error(vm, format!("{name} expected at most 1 argument, got {got}")));
        }
        if let Some(source) = sources.get(0) {
            vm.dict_update(dict, source)?;
        }
    }
    if let Some(keywords) = args.get(2) {
        vm.dict_update(dict, keywords)?;
    }
    none()
}

fn contains(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let dict = this_dict(vm, args)?.as_ref();
    truth(vm.dict_get(dict, args.at(1))?.is_some())
}

fn reversed(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let dict = this_dict(vm, args)?.as_ref().to_owned();
    Ok(if vm.is_ordered_dict(args.at(0)) {
        vm.new_ordered_dict_iterator(dict, DictYield::Keys, true)?
    } else {
        vm.new_dict_iterator(dict, DictYield::Keys, true)?
    })
}

fn iter(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if !vm.is_ordered_dict(args.at(0)) {
        return protocol::iter(vm, args);
    }
    let dict = this_dict(vm, args)?.as_ref().to_owned();
    Ok(vm.new_ordered_dict_iterator(dict, DictYield::Keys, false)?)
}

fn get(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let dict = this_dict(vm, args)?.as_ref();
    match vm.dict_get(dict, args.at(1))? {
        Some(value) => Ok(value),
        None => Ok(args.get(2).unwrap_or(Ref::NONE).to_owned()),
    }
}

fn setdefault(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let dict = this_dict(vm, args)?.as_ref();
    vm.dict_set_default(dict, args.at(1), args.get(2).unwrap_or(Ref::NONE))
}

fn pop(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let dict = this_dict(vm, args)?;
    // An empty dict has nothing, whatever the key: it need not even be hashable.
    let removed = if dict.is_empty() { None } else { vm.dict_remove(dict.as_ref(), args.at(1))? };
    match (removed, args.get(2)) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.to_owned()),
        (None, None) => Err(vm.raise_key_error(args.at(1))),
    }
}

fn popitem(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match this_dict(vm, args)?.pop_item() {
        Some((key, value)) => Ok(vm.new_tuple([key, value])?),
        None => Err(vm.raise(ClassName::KeyError, "popitem(): dictionary is empty")),
    }
}

fn view(vm: &mut Vm, args: Args<'_>, yields: DictYield) -> Outcome {
    let dict = this_dict(vm, args)?.as_ref().to_owned();
    let is_ordered = vm.is_ordered_dict(args.at(0));
    new_view(vm, dict, yields, is_ordered)
}

fn clear(vm: &mut Vm, args: Args<'_>) -> Outcome {
    drop(this_dict(vm, args)?.clear());
    none()
}

fn copy(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_dict(vm, args)?;
    vm.dict_copy(args.at(0))
}

fn fromkeys(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let value = args.get(2).unwrap_or(Ref::NONE);
    if is_class(vm, args.at(0), ClassName::Dict) {
        let dict = vm.new_dict()?;
        vm.for_each(args.at(1), |vm, key| {
            vm.dict_set(dict.get(), key.get(), value)?;
            Ok(ControlFlow::Continue(()))
        })?;
        return Ok(dict);
    }
    let mapping = vm.call(args.at(0), &[])?;
    vm.for_each(args.at(1), |vm, key| {
        vm.set_item(mapping.get(), key.get(), value)?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(mapping)
}
