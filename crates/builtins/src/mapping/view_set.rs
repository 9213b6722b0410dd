//! Views of keys and of items as sets, in CPython's order of elements.

use std::ops::ControlFlow;

use toy_object::{DictYield, Owned, Ref};
use toy_vm::{Args, ClassName, CompareOp, Outcome, Vm};

use super::view::{DictView, this_view};
use crate::set::{new_set_of, set_difference_update, set_intersection, set_symmetric_difference_update, set_update};
use crate::support::{is_exactly, truth};

/// Whether `(key, value)` is an entry of the dict.
pub(super) fn contains_item(vm: &mut Vm, dict: Ref<'_>, item: Ref<'_>) -> Outcome<bool> {
    let Some(pair) = item.as_tuple() else { return Ok(false) };
    let (2, Some(key), Some(value)) = (pair.len(), pair.get(0), pair.get(1)) else { return Ok(false) };
    match vm.dict_get(dict, key)? {
        Some(found) => vm.equal(found.get(), value),
        None => Ok(false),
    }
}

fn is_view(vm: &Vm, value: Ref<'_>) -> bool {
    value.payload::<DictView>(vm.heap()).is_some_and(|view| view.yields() != DictYield::Values)
}

fn is_set_or_view(vm: &Vm, value: Ref<'_>) -> bool {
    value.as_set().is_some() || is_view(vm, value)
}

/// Whether every element of `inner` is in `outer`.
fn is_contained(vm: &mut Vm, inner: Ref<'_>, outer: Ref<'_>) -> Outcome<bool> {
    let mut is_contained = true;
    vm.for_each(inner, |vm, item| {
        is_contained = vm.contains(outer, item.get())?;
        Ok(if is_contained { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(is_contained)
}

fn compared(vm: &mut Vm, args: Args<'_>, operator: CompareOp) -> Outcome {
    let (view, other) = (args.at(0), args.at(1));
    let dict = this_view(vm, args)?.dict();
    let own = vm.len(dict)?;
    if !is_set_or_view(vm, other) {
        return Ok(Owned::not_implemented());
    }
    let others = vm.len(other)?;
    truth(match operator {
        CompareOp::Equal => own == others && is_contained(vm, view, other)?,
        CompareOp::NotEqual => !(own == others && is_contained(vm, view, other)?),
        CompareOp::Less => own < others && is_contained(vm, view, other)?,
        CompareOp::LessEqual => own <= others && is_contained(vm, view, other)?,
        CompareOp::Greater => own > others && is_contained(vm, other, view)?,
        CompareOp::GreaterEqual => own >= others && is_contained(vm, other, view)?,
    })
}

pub(super) fn equal(vm: &mut Vm, args: Args<'_>) -> Outcome {
    compared(vm, args, CompareOp::Equal)
}

pub(super) fn not_equal(vm: &mut Vm, args: Args<'_>) -> Outcome {
    compared(vm, args, CompareOp::NotEqual)
}

pub(super) fn less(vm: &mut Vm, args: Args<'_>) -> Outcome {
    compared(vm, args, CompareOp::Less)
}

pub(super) fn less_equal(vm: &mut Vm, args: Args<'_>) -> Outcome {
    compared(vm, args, CompareOp::LessEqual)
}

pub(super) fn greater(vm: &mut Vm, args: Args<'_>) -> Outcome {
    compared(vm, args, CompareOp::Greater)
}

pub(super) fn greater_equal(vm: &mut Vm, args: Args<'_>) -> Outcome {
    compared(vm, args, CompareOp::GreaterEqual)
}

/// `left & right`, one of which is a view.
pub(super) fn intersection(vm: &mut Vm, left: Ref<'_>, right: Ref<'_>) -> Outcome {
    let (mut view, mut other) = if is_view(vm, left) { (left, right) } else { (right, left) };
    let own = vm.len(view)?;
    if is_exactly(vm, other, ClassName::Set) && own <= vm.len(other)? {
        return set_intersection(vm, other, view);
    }
    if is_view(vm, other) && vm.len(other)? > own {
        std::mem::swap(&mut view, &mut other);
    }
    let result = new_set_of(vm, None)?;
    vm.for_each(other, |vm, item| {
        if vm.contains(view, item.get())? {
            vm.set_add(result.get(), item.get())?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(result)
}

/// `left | right`, one of which is a view.
pub(super) fn union(vm: &mut Vm, left: Ref<'_>, right: Ref<'_>) -> Outcome {
    let result = new_set_of(vm, Some(left))?;
    set_update(vm, result.get(), right)?;
    Ok(result)
}

/// `left - right`, one of which is a view.
pub(super) fn difference(vm: &mut Vm, left: Ref<'_>, right: Ref<'_>) -> Outcome {
    let result = new_set_of(vm, Some(left))?;
    set_difference_update(vm, result.get(), right)?;
    Ok(result)
}

/// `left ^ right`, one of which is a view.
pub(super) fn symmetric_difference(vm: &mut Vm, left: Ref<'_>, right: Ref<'_>) -> Outcome {
    let result = new_set_of(vm, Some(left))?;
    set_symmetric_difference_update(vm, result.get(), right)?;
    Ok(result)
}

pub(super) fn isdisjoint(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (mut view, mut other) = (args.at(0), args.at(1));
    if view.is(other) {
        return truth(vm.len(view)? == 0);
    }
    if is_set_or_view(vm, other) && vm.len(other)? > vm.len(view)? {
        std::mem::swap(&mut view, &mut other);
    }
    let mut is_disjoint = true;
    vm.for_each(other, |vm, item| {
        is_disjoint = !vm.contains(view, item.get())?;
        Ok(if is_disjoint { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    truth(is_disjoint)
}
