//! Sets with other sets and with iterables, in CPython's order. Two sets are the virtual machine's business.

use std::ops::ControlFlow;

use toy_object::{Dict, Owned, Ref, Set, difference_copies};
use toy_vm::{BinaryOp, ClassName, CompareOp, Outcome, Vm};

use crate::support::is_exactly;

/// What an operation takes elements from.
enum Source<'a> {
    /// A set or frozenset.
    Set(Set<'a>),
    /// A plain dict: its keys.
    Dict(Dict<'a>),
    /// Anything that can be iterated over.
    Iterable(Ref<'a>),
}

fn source<'a>(vm: &Vm, value: Ref<'a>) -> Source<'a> {
    if let Some(set) = value.as_set() {
        return Source::Set(set);
    }
    match value.as_dict() {
        Some(dict) if is_exactly(vm, value, ClassName::Dict) => Source::Dict(dict),
        _ => Source::Iterable(value),
    }
}

/// The set that a value is known to be.
pub(super) fn expect_set(set: &Owned) -> Set<'_> {
    set.get().as_set().expect("made as a set")
}

/// A new set of the elements of an iterable.
pub(crate) fn new_set_of(vm: &mut Vm, iterable: Option<Ref<'_>>) -> Outcome {
    let set = vm.new_set()?;
    if let Some(iterable) = iterable {
        set_update(vm, set.get(), iterable)?;
    }
    Ok(set)
}

/// An empty set of the same kind, frozen or not.
fn new_like(vm: &mut Vm, set: Set<'_>) -> Outcome {
    Ok(if set.is_frozen() { vm.new_frozen_set()? } else { vm.new_set()? })
}

/// Adds all elements of an iterable to a set, which may be a frozenset in the making.
pub(crate) fn set_update(vm: &mut Vm, target: Ref<'_>, other: Ref<'_>) -> Outcome<()> {
    vm.set_update(target, other)
}

/// Calls `f` with the keys of a dict, which may change meanwhile, and the hashes that the dict keeps of them.
fn each_key(dict: Dict<'_>, mut f: impl FnMut(Ref<'_>, i64) -> Outcome<()>) -> Outcome<()> {
    let mut position = 0;
    while let Some(entry) = dict.next_entry(position) {
        position = entry.position + 1;
        f(entry.key.get(), entry.hash)?;
    }
    Ok(())
}

/// `set & other`, of the set's kind.
pub(crate) fn set_intersection(vm: &mut Vm, set: Ref<'_>, other: Ref<'_>) -> Outcome {
    if let Source::Set(other) = source(vm, other) {
        return vm.builtin_binary(BinaryOp::And, set, other.as_ref());
    }
    let Some(own) = set.as_set() else { return new_set_of(vm, None) };
    let result = new_like(vm, own)?;
    vm.for_each(other, |vm, item| {
        if vm.set_contains(set, item.get())? {
            vm.set_add(result.get(), item.get())?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(result)
}

/// `set - other`, of the set's kind.
pub(super) fn set_difference(vm: &mut Vm, set: Ref<'_>, other: Ref<'_>) -> Outcome {
    let Some(own) = set.as_set() else { return new_set_of(vm, None) };
    match source(vm, other) {
        Source::Set(other) => vm.builtin_binary(BinaryOp::Subtract, set, other.as_ref()),
        Source::Dict(dict) if !difference_copies(own, dict.len()) => {
            let result = new_like(vm, own)?;
            let mut position = 0;
            while let Some((place, key, hash)) = own.next_entry(position) {
                position = place + 1;
                if vm.dict_find(dict, key.get(), hash)?.is_none() {
                    vm.set_add_hashed(expect_set(&result), key.get(), hash)?;
                }
            }
            Ok(result)
        }
        Source::Dict(_) | Source::Iterable(_) => {
            let copy = own.copy(vm.heap())?;
            set_difference_update(vm, copy.get(), other)?;
            Ok(copy)
        }
    }
}

/// `target -= other`. The target may be a frozenset in the making.
pub(crate) fn set_difference_update(vm: &mut Vm, target: Ref<'_>, other: Ref<'_>) -> Outcome<()> {
    if let (Source::Set(other), Some(false)) = (source(vm, other), target.as_set().map(Set::is_frozen)) {
        return vm.builtin_in_place(BinaryOp::Subtract, target, other.as_ref()).map(drop);
    }
    vm.for_each(other, |vm, item| {
        vm.set_remove(target, item.get())?;
        Ok(ControlFlow::Continue(()))
    })?;
    match target.as_set() {
        Some(set) => Ok(set.tidy(vm.heap())?),
        None => Ok(()),
    }
}

/// `target ^= other`.
pub(crate) fn set_symmetric_difference_update(vm: &mut Vm, target: Ref<'_>, other: Ref<'_>) -> Outcome<()> {
    match source(vm, other) {
        Source::Set(other) => vm.builtin_in_place(BinaryOp::Xor, target, other.as_ref()).map(drop),
        Source::Dict(dict) => {
            let Some(set) = target.as_set() else { return Ok(()) };
            each_key(dict, |key, hash| vm.set_toggle_hashed(set, key, hash))
        }
        Source::Iterable(iterable) => {
            let other = new_set_of(vm, Some(iterable))?;
            vm.builtin_in_place(BinaryOp::Xor, target, other.get()).map(drop)
        }
    }
}

/// `set ^ other`, of the set's kind.
pub(super) fn set_symmetric_difference(vm: &mut Vm, set: Ref<'_>, other: Ref<'_>) -> Outcome {
    if let Source::Set(other) = source(vm, other) {
        return vm.builtin_binary(BinaryOp::Xor, set, other.as_ref());
    }
    // As CPython: a set of the other's elements, toggled by this one's.
    let result = match set.as_set() {
        Some(own) => new_like(vm, own)?,
        None => vm.new_set()?,
    };
    set_update(vm, result.get(), other)?;
    vm.set_toggle(result.get(), set)?;
    Ok(result)
}

/// Whether every element of `set` is in `other`, which becomes a set if it is none.
pub(super) fn is_subset(vm: &mut Vm, set: Ref<'_>, other: Ref<'_>) -> Outcome<bool> {
    let other = match source(vm, other) {
        Source::Set(other) => other.as_ref().to_owned(),
        Source::Dict(_) | Source::Iterable(_) => new_set_of(vm, Some(other))?,
    };
    vm.compare_bool(CompareOp::LessEqual, set, other.get())
}

/// Whether every element of `other` is in `set`.
pub(super) fn is_superset(vm: &mut Vm, set: Ref<'_>, other: Ref<'_>) -> Outcome<bool> {
    if let Source::Set(other) = source(vm, other) {
        return vm.compare_bool(CompareOp::GreaterEqual, set, other.as_ref());
    }
    all(vm, other, |vm, item| vm.set_contains(set, item))
}

/// Whether no element of `other` is in `set`. Of two sets the smaller one is walked.
pub(super) fn is_disjoint(vm: &mut Vm, set: Ref<'_>, other: Ref<'_>) -> Outcome<bool> {
    let (mut tested, mut walked) = (set, other);
    if let (Source::Set(other), Some(own)) = (source(vm, other), set.as_set()) {
        if other.as_ref().is(own.as_ref()) {
            return Ok(own.is_empty());
        }
        (tested, walked) = if other.len() > own.len() { (other.as_ref(), set) } else { (set, other.as_ref()) };
    }
    all(vm, walked, |vm, item| Ok(!vm.set_contains(tested, item)?))
}

/// Whether all elements pass a test; those behind the first that does not are not looked at.
fn all(vm: &mut Vm, iterable: Ref<'_>, test: impl Fn(&mut Vm, Ref<'_>) -> Outcome<bool>) -> Outcome<bool> {
    let mut passes = true;
    vm.for_each(iterable, |vm, item| {
        passes = test(vm, item.get())?;
        Ok(if passes { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(passes)
}
