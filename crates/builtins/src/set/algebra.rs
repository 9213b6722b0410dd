//! Sets with other sets and with iterables, in CPython's order.
//!
//! `toy_object` goes through two sets as long as no script code is needed; here the elements are dealt with at which it
//! stops.

use std::ops::ControlFlow;

use toy_object::{Dict, NotSubset, Owned, Progress, Ref, Set, difference_copies, intersection_order};
use toy_vm::{ClassName, Outcome, Vm};

use crate::support::is_exactly;

/// What an operation takes elements from.
pub(super) enum Source<'a> {
    /// A set or frozenset.
    Set(Set<'a>),
    /// A plain dict: its keys, whose hashes are known.
    Dict(Dict<'a>),
    /// Anything that can be iterated over.
    Iterable(Ref<'a>),
}

pub(super) fn source<'a>(vm: &Vm, value: Ref<'a>) -> Source<'a> {
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

/// Calls `f` for the elements of `walked` at which `step` stops.
fn walk(
    vm: &mut Vm,
    walked: Set<'_>,
    mut step: impl FnMut(&mut Vm, usize) -> Outcome<Progress>,
    mut f: impl FnMut(&mut Vm, Ref<'_>) -> Outcome<()>,
) -> Outcome<()> {
    let mut position = 0;
    while let Progress::At(place) = step(vm, position)? {
        if let Some((_, key)) = walked.entry_from(place) {
            f(vm, key.get())?;
        }
        position = place + 1;
    }
    Ok(())
}

/// Adds all elements of an iterable to a set, which may be a frozenset in the making.
pub(crate) fn set_update(vm: &mut Vm, target: Ref<'_>, other: Ref<'_>) -> Outcome<()> {
    let Some(set) = target.as_set() else { return Ok(()) };
    match source(vm, other) {
        Source::Set(other) => {
            if set.begin_merge(vm.heap(), other)? {
                return Ok(());
            }
            walk(
                vm,
                other,
                |vm, position| Ok(set.merge_from(vm.heap(), other, position)?),
                |vm, key| vm.set_add(set.as_ref(), key).map(drop),
            )
        }
        Source::Dict(dict) => {
            set.begin_merge_of_keys(vm.heap(), dict.len())?;
            let mut position = 0;
            while let Some(entry) = dict.next_entry(position) {
                position = entry.position + 1;
                vm.set_add(set.as_ref(), entry.key.get())?;
            }
            Ok(())
        }
        Source::Iterable(other) => vm.for_each(other, |vm, item| {
            vm.set_add(set.as_ref(), item.get())?;
            Ok(ControlFlow::Continue(()))
        }),
    }
}

/// `set & other`, of the set's kind.
pub(crate) fn set_intersection(vm: &mut Vm, set: Ref<'_>, other: Ref<'_>) -> Outcome {
    let Some(set) = set.as_set() else { return new_set_of(vm, None) };
    if set.as_ref().is(other) {
        return Ok(set.copy(vm.heap())?);
    }
    let result = new_like(vm, set)?;
    let selected = expect_set(&result);
    match source(vm, other) {
        Source::Set(other) => {
            let (walked, tested) = intersection_order(set, other);
            walk(
                vm,
                walked,
                |vm, position| Ok(selected.select_from(vm.heap(), walked, tested, true, position)?),
                |vm, key| {
                    if vm.set_contains(tested.as_ref(), key)? {
                        vm.set_add(selected.as_ref(), key)?;
                    }
                    Ok(())
                },
            )?;
        }
        Source::Dict(_) | Source::Iterable(_) => vm.for_each(other, |vm, item| {
            if vm.set_contains(set.as_ref(), item.get())? {
                vm.set_add(selected.as_ref(), item.get())?;
            }
            Ok(ControlFlow::Continue(()))
        })?,
    }
    Ok(result)
}

/// `set - other`, of the set's kind.
pub(super) fn set_difference(vm: &mut Vm, set: Ref<'_>, other: Ref<'_>) -> Outcome {
    let Some(set) = set.as_set() else { return new_set_of(vm, None) };
    let other_len = match source(vm, other) {
        Source::Set(other) => Some(other.len()),
        Source::Dict(dict) => Some(dict.len()),
        Source::Iterable(_) => None,
    };
    if other_len.is_none_or(|len| difference_copies(set, len)) {
        let copy = set.copy(vm.heap())?;
        set_difference_update(vm, copy.get(), other)?;
        return Ok(copy);
    }
    let result = new_like(vm, set)?;
    let selected = expect_set(&result);
    if let Source::Set(other) = source(vm, other) {
        walk(
            vm,
            set,
            |vm, position| Ok(selected.select_from(vm.heap(), set, other, false, position)?),
            |vm, key| {
                if !vm.set_contains(other.as_ref(), key)? {
                    vm.set_add(selected.as_ref(), key)?;
                }
                Ok(())
            },
        )?;
        return Ok(result);
    }
    let mut position = 0;
    while let Some((place, key)) = set.entry_from(position) {
        position = place + 1;
        if vm.dict_get(other, key.get())?.is_none() {
            vm.set_add(selected.as_ref(), key.get())?;
        }
    }
    Ok(result)
}

/// `target -= other`.
pub(crate) fn set_difference_update(vm: &mut Vm, target: Ref<'_>, other: Ref<'_>) -> Outcome<()> {
    let Some(set) = target.as_set() else { return Ok(()) };
    let Source::Set(others) = source(vm, other) else {
        vm.for_each(other, |vm, item| {
            vm.set_remove(set.as_ref(), item.get())?;
            Ok(ControlFlow::Continue(()))
        })?;
        return Ok(set.tidy(vm.heap())?);
    };
    if others.as_ref().is(set.as_ref()) {
        drop(set.clear());
        return Ok(());
    }
    // A much larger set is not walked: what both have is.
    let common = if others.len() >> 3 > set.len() {
        Some(set_intersection(vm, set.as_ref(), others.as_ref())?)
    } else {
        None
    };
    let others = common.as_ref().map_or(others, expect_set);
    let mut dropped = Vec::new();
    walk(
        vm,
        others,
        |_, position| {
            let progress = set.discard_from(others, position, |key| dropped.push(key));
            dropped.clear();
            Ok(progress)
        },
        |vm, key| vm.set_remove(set.as_ref(), key).map(drop),
    )?;
    Ok(set.tidy(vm.heap())?)
}

/// `target ^= other`.
pub(crate) fn set_symmetric_difference_update(vm: &mut Vm, target: Ref<'_>, other: Ref<'_>) -> Outcome<()> {
    let Some(set) = target.as_set() else { return Ok(()) };
    match source(vm, other) {
        Source::Set(others) if others.as_ref().is(set.as_ref()) => drop(set.clear()),
        Source::Set(others) => toggle_all(vm, set, others)?,
        Source::Dict(dict) => {
            let mut position = 0;
            while let Some(entry) = dict.next_entry(position) {
                position = entry.position + 1;
                toggle(vm, set, entry.key.get())?;
            }
        }
        Source::Iterable(iterable) => {
            let others = new_set_of(vm, Some(iterable))?;
            toggle_all(vm, set, expect_set(&others))?;
        }
    }
    Ok(())
}

fn toggle_all(vm: &mut Vm, set: Set<'_>, others: Set<'_>) -> Outcome<()> {
    let mut dropped = Vec::new();
    walk(
        vm,
        others,
        |vm, position| {
            let progress = set.toggle_from(vm.heap(), others, position, |key| dropped.push(key))?;
            dropped.clear();
            Ok(progress)
        },
        |vm, key| toggle(vm, set, key),
    )
}

fn toggle(vm: &mut Vm, set: Set<'_>, key: Ref<'_>) -> Outcome<()> {
    if !vm.set_remove(set.as_ref(), key)? {
        vm.set_add(set.as_ref(), key)?;
    }
    Ok(())
}

/// `set ^ other`, of the set's kind.
pub(super) fn set_symmetric_difference(vm: &mut Vm, set: Ref<'_>, other: Ref<'_>) -> Outcome {
    let Some(set) = set.as_set() else { return new_set_of(vm, None) };
    let result = new_like(vm, set)?;
    set_update(vm, result.get(), other)?;
    set_symmetric_difference_update(vm, result.get(), set.as_ref())?;
    Ok(result)
}

/// Whether every element of `set` is in `other`.
pub(super) fn is_subset(vm: &mut Vm, set: Set<'_>, other: Set<'_>) -> Outcome<bool> {
    if set.len() > other.len() {
        return Ok(false);
    }
    let mut position = 0;
    loop {
        match set.is_subset_from(other, position) {
            Err(NotSubset) => return Ok(false),
            Ok(Progress::Done) => return Ok(true),
            Ok(Progress::At(place)) => {
                if let Some((_, key)) = set.entry_from(place)
                    && !vm.set_contains(other.as_ref(), key.get())?
                {
                    return Ok(false);
                }
                position = place + 1;
            }
        }
    }
}
