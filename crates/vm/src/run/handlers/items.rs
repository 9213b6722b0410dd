//! Elements of lists and tuples.

use toy_code::flag;
use toy_object::{ListObject, ShapeId, TupleObject, Value};

use crate::run::registers::{release, retain, shape};
use crate::run::running::{Running, Step};
use crate::thread::Vm;

#[inline(always)]
pub(in crate::run) fn get_item(run: &mut Running, _: &mut Vm) -> Step {
    item(run, run.registers.get(run.c()))
}

#[inline(always)]
pub(in crate::run) fn get_item_const(run: &mut Running, _: &mut Vm) -> Step {
    item(run, run.constant(run.c()))
}

#[inline(always)]
fn item(run: &Running, index: Value) -> Step {
    match list_item(run.registers.get(run.b()), index) {
        // The object that is consumed must not die here, unless the result takes its place.
        Some(value) if (!run.has(flag::CONSUME_B) || run.a() == run.b()) && retain(value) => run.write(value),
        _ => Step::Slow,
    }
}

#[inline(always)]
pub(in crate::run) fn set_item(run: &mut Running, _: &mut Vm) -> Step {
    let value = run.registers.get(run.c());
    let consumes = run.has(flag::CONSUME_C);
    let step = replace_item(run, value, consumes);
    if consumes && !matches!(step, Step::Slow) {
        run.registers.set(run.c(), Value::UNBOUND);
    }
    step
}

#[inline(always)]
pub(in crate::run) fn set_item_const(run: &mut Running, _: &mut Vm) -> Step {
    replace_item(run, run.constant(run.c()), false)
}

/// Writes an element; `is_counted`: the value's count is the caller's to give.
#[inline(always)]
fn replace_item(run: &Running, value: Value, is_counted: bool) -> Step {
    if run.has(flag::CONSUME_A) {
        return Step::Slow;
    }
    let Some((list, index)) = list_and_index(run.registers.get(run.a()), run.registers.get(run.b())) else {
        return Step::Slow;
    };
    if !is_counted && !retain(value) {
        return Step::Slow;
    }
    // SAFETY: the index was just checked, and the list gets the count.
    run.give_up(unsafe { list.replace_unchecked(index, value) })
}

/// Appends to a list that has room.
#[inline(always)]
pub(in crate::run) fn list_append(run: &mut Running, _: &mut Vm) -> Step {
    let value = run.registers.get(run.b());
    let is_counted = run.has(flag::CONSUME_B);
    if !is_counted && !retain(value) {
        return Step::Slow;
    }
    // SAFETY: the compiler names a list under construction here, and the verifier nothing else.
    let list = unsafe { ListObject::of(run.registers.get(run.a())) };
    // SAFETY: the list gets the count, if it takes the value.
    if unsafe { list.push_within_capacity(value) }.is_some() {
        if !is_counted {
            // The register has another count.
            let _living = release(value);
        }
        return Step::Slow;
    }
    if is_counted {
        run.registers.set(run.b(), Value::UNBOUND);
    }
    Step::Next
}

/// What a comprehension puts into a list that must grow, a set, or a dict.
#[inline(always)]
pub(in crate::run) fn collect(_: &mut Running, _: &mut Vm) -> Step {
    Step::Collect
}

#[inline(always)]
fn list_and_index<'a>(object: Value, index: Value) -> Option<(&'a ListObject, usize)> {
    if shape(object) != ShapeId::LIST || !index.is_small_int() {
        return None;
    }
    // SAFETY: the shape says that it is a list; a register keeps it alive.
    let list = unsafe { ListObject::of(object) };
    let (index, length) = (index.small_int_unchecked(), list.items_len() as i64);
    let index = if index < 0 { index + length } else { index };
    if (index as u64) < length as u64 { Some((list, index as usize)) } else { None }
}

/// An element of a list, or of a tuple; not counted.
#[inline(always)]
fn list_item(object: Value, index: Value) -> Option<Value> {
    if let Some((list, index)) = list_and_index(object, index) {
        // SAFETY: the index was just checked.
        return Some(unsafe { list.item_unchecked(index) });
    }
    if shape(object) == ShapeId::TUPLE && index.is_small_int() {
        // SAFETY: the shape says that it is a tuple; a register keeps it alive.
        let items = unsafe { TupleObject::of(object) }.items();
        return items.get(usize::try_from(index.small_int_unchecked()).ok()?).copied();
    }
    None
}
