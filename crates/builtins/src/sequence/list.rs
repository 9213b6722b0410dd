//! The methods of list.

use toy_object::{NativeFind, Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::{index_range, sort::sort_list};
use crate::iterator::reverse_iterator;
use crate::support::{
    class_argument, index_error, instance_of, integer, integer_or, length, none, protocol, this_list, type_error,
    value_error,
};

natives! {
    /// The methods of list.
    pub(crate) LIST_METHODS:
    static "__new__" ("*args, **kwargs") "Create and return a new object." => new;
    method "__init__" ("iterable=(), /") "Initialize self." => init;
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__len__" ("") "How many items there are." => protocol::len;
    method ordinary "__getitem__" ("index, /") "Return self[index]." => protocol::get_item;
    method "__setitem__" ("key, value, /") "What self[key] = value does." => protocol::set_item;
    method "__delitem__" ("key, /") "What del self[key] does." => protocol::delete_item;
    method "__contains__" ("key, /") "Return bool(key in self)." => protocol::contains;
    method "__iter__" ("") "A fresh iterator; of an iterator, itself." => protocol::iter;
    method "__reversed__" ("") "An iterator from the last item to the first." => reversed;
    class "__class_getitem__" ("item, /") "The class with parameters in brackets." => protocol::class_get_item;
    method "append" ("object, /") "Puts an item at the end." => append;
    method "clear" ("") "Takes everything out." => clear;
    method "copy" ("") "A list with the same items." => copy;
    method "count" ("value, /") "How often the value is in here." => count;
    method "extend" ("iterable, /") "Puts all items of an iterable at the end." => extend;
    method "index" ("value, start=0, stop=9223372036854775807, /")
        "Where the value first is, between start and stop; ValueError if it is not." => index;
    method "insert" ("index, object, /") "Puts an item in front of the one at this index." => insert;
    method "pop" ("index=-1, /")
        "Takes the item at this index out, by default the last, and gives it."
        => pop;
    method "remove" ("value, /")
        "Takes the first item that equals the value out; ValueError if there is none." => remove;
    method "reverse" ("") "Turns the order of the items round." => reverse;
    method "sort" ("*args, key=None, reverse=False") "Puts the items in order.\n\nkey is called for what to compare; reverse turns the order round. Equal items stay as they were." => sort;
}

natives! {
    /// What calls of list run.
    pub(crate) LIST_MAKER:
    static "__new__" ("iterable=(), /") "A new list of the items of an iterable." => make;
}

fn make(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let list = vm.new_list(Vec::new())?;
    if let Some(iterable) = args.get(1) {
        vm.extend_list(list.get(), iterable)?;
    }
    Ok(list)
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::List)?;
    let list = vm.new_list(Vec::new())?;
    instance_of(vm, class, ClassName::List, list)
}

fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let list = this_list(vm, args)?;
    drop(list.clear());
    if let Some(iterable) = args.get(1) {
        vm.extend_list(list.as_ref(), iterable)?;
    }
    none()
}

fn append(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_list(vm, args)?.push(vm.heap(), args.at(1).to_owned())?;
    none()
}

fn clear(vm: &mut Vm, args: Args<'_>) -> Outcome {
    drop(this_list(vm, args)?.clear());
    none()
}

fn copy(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(this_list(vm, args)?.copy(vm.heap())?)
}

fn reverse(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_list(vm, args)?.reverse();
    none()
}

fn reversed(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let list = this_list(vm, args)?;
    reverse_iterator(vm, "list_reverseiterator", list.as_ref(), list.len())
}

fn extend(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let list = this_list(vm, args)?;
    vm.extend_list(list.as_ref(), args.at(1))?;
    none()
}

fn insert(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let index = integer(vm, args.at(1))?;
    let list = this_list(vm, args)?;
    let index = if index < 0 { index.saturating_add(list.len() as i64).max(0) } else { index };
    list.insert(vm.heap(), usize::try_from(index).unwrap_or(usize::MAX), args.at(2).to_owned())?;
    none()
}

fn pop(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let index = integer_or(vm, args.get(1), -1)?;
    let list = this_list(vm, args)?;
    let length = list.len();
    if length == 0 {
        return Err(index_error(vm, "pop from empty list"));
    }
    let index = if index < 0 { index.saturating_add(length as i64) } else { index };
    match usize::try_from(index).ok().and_then(|index| list.pop(index)) {
        Some(item) => Ok(item),
        None => Err(index_error(vm, "pop index out of range")),
    }
}

/// The first index in a range whose item equals `value`. The list may change while script code compares.
fn position(vm: &mut Vm, list: Ref<'_>, value: Ref<'_>, start: usize, stop: usize) -> Outcome<Option<usize>> {
    let Some(list) = list.as_list() else { return Ok(None) };
    let mut index = start;
    loop {
        // Script code is asked only where it has a say; it may change the list.
        index = match list.find_natively(value, index..stop) {
            NativeFind::Found(index) => return Ok(Some(index)),
            NativeFind::Ask(index) => index,
            NativeFind::Absent => return Ok(None),
        };
        let Some(item) = list.get(index) else { return Ok(None) };
        if vm.equal(item.get(), value)? {
            return Ok(Some(index));
        }
        index += 1;
    }
}

fn index(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let list = this_list(vm, args)?;
    let (start, stop) = index_range(vm, args.get(2), args.get(3), list.len())?;
    match position(vm, list.as_ref(), args.at(1), start, stop)? {
        Some(index) => length(vm, index),
        None => {
            let value = vm.repr_text(args.at(1))?;
            Err(value_error(vm, format!("{value} is not in list")))
        }
    }
}

fn remove(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let list = this_list(vm, args)?;
    match position(vm, list.as_ref(), args.at(1), 0, usize::MAX)? {
        Some(index) => {
            drop(list.pop(index));
            none()
        }
        None => Err(value_error(vm, "list.remove(x): x not in list")),
    }
}

fn count(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let list = this_list(vm, args)?;
    let (mut count, mut start) = (0, 0);
    while let Some(index) = position(vm, list.as_ref(), args.at(1), start, usize::MAX)? {
        count += 1;
        start = index + 1;
    }
    length(vm, count)
}

fn sort(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let list = this_list(vm, args)?;
    let places = args.at(3).as_tuple().map_or(0, |places| places.len());
    let given = places + usize::from(args.get(1).is_some()) + usize::from(args.get(2).is_some());
    if places > 0 && given > 2 {
        return Err(type_error(vm, format!("sort() takes at most 2 arguments ({given} given)")));
    }
    if places > 0 {
        return Err(type_error(vm, "sort() takes no positional arguments"));
    }
    sort_list(vm, list, args.get(1), args.get(2))?;
    Ok(Owned::none())
}
