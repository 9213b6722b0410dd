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
    method "__repr__" ("") "Return repr(self)." => protocol::repr;
    method "__len__" ("") "Return len(self)." => protocol::len;
    method "__getitem__" ("key, /") "Return self[key]." => protocol::get_item;
    method "__setitem__" ("key, value, /") "Set self[key] to value." => protocol::set_item;
    method "__delitem__" ("key, /") "Delete self[key]." => protocol::delete_item;
    method "__contains__" ("key, /") "True if the dictionary has the specified key, else False." => contains;
    method "__iter__" ("") "Implement iter(self)." => protocol::iter;
    method "__reversed__" ("") "Return a reverse iterator over the dict keys." => reversed;
    class "__class_getitem__" ("item, /") "See PEP 585" => protocol::class_get_item;
    method "get" ("key, default=None, /") "Return the value for key if key is in the dictionary, else default." => get;
    method "setdefault" ("key, default=None, /")
        "Insert key with a value of default if key is not in the dictionary.\n\nReturn the value for key if key is in the dictionary, else default." => setdefault;
    method "pop" ("key, default=None, /")
        "D.pop(k[,d]) -> v, remove specified key and return the corresponding value.\n\nIf the key is not found, return the default if given; otherwise,\nraise a KeyError." => pop;
    method "popitem" ("")
        "Remove and return a (key, value) pair as a 2-tuple.\n\nPairs are returned in LIFO (last-in, first-out) order.\nRaises KeyError if the dict is empty." => popitem;
    method "keys" ("") "D.keys() -> a set-like object providing a view on D's keys" => |vm, args| view(vm, args, DictYield::Keys);
    method "items" ("") "D.items() -> a set-like object providing a view on D's items" => |vm, args| view(vm, args, DictYield::Items);
    method "values" ("") "D.values() -> an object providing a view on D's values" => |vm, args| view(vm, args, DictYield::Values);
    method "update" ("*args, **kwargs")
        "D.update([E, ]**F) -> None.  Update D from mapping/iterable E and F.\nIf E is present and has a .keys() method, then does:  for k in E.keys(): D[k] = E[k]\nIf E is present and lacks a .keys() method, then does:  for k, v in E: D[k] = v\nIn either case, this is followed by: for k in F:  D[k] = F[k]"
        => |vm, args| update_from(vm, args, "update");
    method "clear" ("") "Remove all items from the dict." => clear;
    method "copy" ("") "Return a shallow copy of the dict." => copy;
    class "fromkeys" ("iterable, value=None, /") "Create a new dictionary with keys from iterable and values set to value."
        => fromkeys;
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
    Ok(vm.new_dict_iterator(dict, DictYield::Keys, true)?)
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
    let dict = this_dict(vm, args)?.as_ref();
    match (vm.dict_remove(dict, args.at(1))?, args.get(2)) {
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
    new_view(vm, dict, yields)
}

fn clear(vm: &mut Vm, args: Args<'_>) -> Outcome {
    drop(this_dict(vm, args)?.clear());
    none()
}

fn copy(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(this_dict(vm, args)?.copy(vm.heap())?)
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
