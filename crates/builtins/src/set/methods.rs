//! Methods and operators of set and frozenset.

use toy_object::{Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::algebra::{
    expect_set, is_disjoint, is_subset, is_superset, set_difference, set_difference_update, set_intersection,
    set_symmetric_difference, set_symmetric_difference_update, set_update,
};
use crate::support::{is_exactly, none, plain, protocol, this_set, truth};

natives! {
    /// What set and frozenset have in common.
    pub(crate) SET_METHODS:
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__len__" ("") "How many items there are." => protocol::len;
    method ordinary "__contains__" ("object, /") "Whether there is such an element." => protocol::contains;
    method "__iter__" ("") "A fresh iterator; of an iterator, itself." => protocol::iter;
    class "__class_getitem__" ("item, /") "The class with parameters in brackets." => protocol::class_get_item;
    method "copy" ("") "A set with the same elements." => copy;
    method "union" ("*others") "Return a new set with elements from the set and all others." => union;
    method "intersection" ("*others") "Return a new set with elements common to the set and all others." => intersection;
    method "difference" ("*others") "Return a new set with elements in the set that are not in the others." => difference;
    method "symmetric_difference" ("other, /") "Return a new set with elements in either the set or other but not both."
        => |vm, args| { let set = this_set(vm, args)?; set_symmetric_difference(vm, set.as_ref(), args.at(1)) };
    method "isdisjoint" ("other, /") "Whether both have nothing in common." => |vm, args| { let set = this_set(vm, args)?; truth(is_disjoint(vm, set.as_ref(), args.at(1))?) };
    method "issubset" ("other, /") "Whether the other has all elements of this one." => |vm, args| { let set = this_set(vm, args)?; truth(is_subset(vm, set.as_ref(), args.at(1))?) };
    method "issuperset" ("other, /") "Whether this one has all elements of the other." => |vm, args| { let set = this_set(vm, args)?; truth(is_superset(vm, set.as_ref(), args.at(1))?) };
}

natives! {
    /// What only set can.
    pub(crate) SET_MUTATIONS:
    method "add" ("object, /") "Puts an element in, unless it is there." => add;
    method "clear" ("") "Takes everything out." => clear;
    method "discard" ("object, /")
        "Takes an element out if it is there." => discard;
    method "remove" ("object, /")
        "Takes an element out; KeyError if it is not there." => remove;
    method "pop" ("") "Takes some element out and gives it; KeyError if there is none." => pop;
    method "update" ("*others") "Update the set, adding elements from all others."
        => |vm, args| changed_by_all(vm, args, set_update);
    method "intersection_update" ("*others") "Update the set, keeping only elements found in it and all others."
        => intersection_update;
    method "difference_update" ("*others") "Update the set, removing elements found in others."
        => |vm, args| changed_by_all(vm, args, set_difference_update);
    method "symmetric_difference_update" ("other, /")
        "Update the set, keeping only elements found in either set, but not in both."
        => |vm, args| { let set = this_set(vm, args)?; set_symmetric_difference_update(vm, set.as_ref(), args.at(1))?; none() };
}

natives! {
    /// What only frozenset has.
    pub(crate) FROZEN_SET_METHODS:
    method "__hash__" ("") "The number that hash gives." => protocol::hash;
}

/// An operation of two sets that changes the first.
type Change = fn(&mut Vm, Ref<'_>, Ref<'_>) -> Outcome<()>;

/// The arguments of `*others`.
fn others<'a>(args: Args<'a>) -> impl Iterator<Item = Ref<'a>> {
    args.get(1).and_then(Ref::as_tuple).into_iter().flat_map(|others| others.iter())
}

fn changed_by_all(vm: &mut Vm, args: Args<'_>, change: Change) -> Outcome {
    let set = this_set(vm, args)?;
    for other in others(args) {
        change(vm, set.as_ref(), other)?;
    }
    none()
}

fn copy(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let set = this_set(vm, args)?;
    if is_exactly(vm, args.at(0), ClassName::FrozenSet) {
        return Ok(args.at(0).to_owned());
    }
    Ok(set.copy(vm.heap())?)
}

fn union(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let result = this_set(vm, args)?.copy(vm.heap())?;
    for other in others(args) {
        set_update(vm, result.get(), other)?;
    }
    Ok(result)
}

fn intersection(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mut result: Option<Owned> = None;
    for other in others(args) {
        let next = match &result {
            None => set_intersection(vm, plain(args.at(0)), other)?,
            Some(result) => set_intersection(vm, result.get(), other)?,
        };
        result = Some(next);
    }
    match result {
        Some(result) => Ok(result),
        None => Ok(this_set(vm, args)?.copy(vm.heap())?),
    }
}

fn intersection_update(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let common = intersection(vm, args)?;
    if !common.get().is(args.at(0)) {
        this_set(vm, args)?.swap_content(expect_set(&common));
    }
    none()
}

fn difference(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mut others = others(args);
    let Some(first) = others.next() else { return Ok(this_set(vm, args)?.copy(vm.heap())?) };
    let result = set_difference(vm, plain(args.at(0)), first)?;
    for other in others {
        set_difference_update(vm, result.get(), other)?;
    }
    Ok(result)
}

fn add(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let set = this_set(vm, args)?;
    vm.set_add(set.as_ref(), args.at(1))?;
    none()
}

fn clear(vm: &mut Vm, args: Args<'_>) -> Outcome {
    drop(this_set(vm, args)?.clear());
    none()
}

fn discard(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let set = this_set(vm, args)?;
    vm.set_remove(set.as_ref(), args.at(1))?;
    none()
}

fn remove(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let set = this_set(vm, args)?;
    if vm.set_remove(set.as_ref(), args.at(1))? { none() } else { Err(vm.raise_key_error(args.at(1))) }
}

fn pop(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match this_set(vm, args)?.pop() {
        Some(item) => Ok(item),
        None => Err(vm.raise(ClassName::KeyError, "pop from an empty set")),
    }
}
