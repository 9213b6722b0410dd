//! Attributes and methods whose place a cache knows.

use std::cell::Cell;

use toy_code::flag;
use toy_object::{InstanceObject, ShapeId, Value};

use crate::run::registers::{cache, header, pointer, release, retain, shape};
use crate::run::running::{Running, Step};
use crate::thread::Vm;

#[inline(always)]
pub(in crate::run) fn get_attribute(run: &mut Running, vm: &mut Vm) -> Step {
    let object = run.registers.get(run.b());
    let Some(slot) = slot_of(object, run.behind(1)) else { return Step::Slow };
    let value = slot.get();
    if value.is_unbound() || !retain(value) {
        return Step::Slow;
    }
    let is_kept = !run.has(flag::CONSUME_B);
    if is_kept || run.a() == run.b() {
        // Either nothing is consumed, or the result takes the place of the object that is.
        let old = run.registers.replace(run.a(), value);
        run.skip(2);
        return run.give_up(old);
    }
    run.registers.set(run.b(), Value::UNBOUND);
    let old = run.registers.replace(run.a(), value);
    run.skip(2);
    give_up_two(vm, object, old)
}

#[inline(always)]
pub(in crate::run) fn set_attribute(run: &mut Running, vm: &mut Vm) -> Step {
    let object = run.registers.get(run.a());
    let Some(slot) = slot_of(object, run.behind(1)) else { return Step::Slow };
    let value = run.registers.get(run.b());
    if run.has(flag::CONSUME_B) {
        run.registers.set(run.b(), Value::UNBOUND);
    } else if !retain(value) {
        return Step::Slow;
    }
    let old = slot.replace(value);
    if let Some(header) = header(object) {
        // The second cache word holds the shape that the object has with the attribute.
        let next = ShapeId(cache(run.behind(2)).get() as u32);
        // SAFETY: the cache was filled for objects of this object's shape.
        unsafe { header.move_to_shape(next) };
    }
    if run.has(flag::CONSUME_A) {
        run.registers.set(run.a(), Value::UNBOUND);
        run.skip(2);
        give_up_two(vm, old, object)
    } else {
        run.skip(2);
        run.give_up(old)
    }
}

#[inline(always)]
pub(in crate::run) fn get_method(run: &mut Running, _: &mut Vm) -> Step {
    let object = run.registers.get(run.b());
    let first = cache(run.behind(1)).get();
    if first == 0 || shape(object).0 != first as u32 {
        return Step::Slow;
    }
    let function = Value::from_bits(cache(run.behind(2)).get());
    if !retain(function) {
        return Step::Slow;
    }
    if run.has(flag::CONSUME_B) {
        run.registers.set(run.b(), Value::UNBOUND);
    } else if !retain(object) {
        // The general way counts the function again.
        let _living = release(function);
        return Step::Slow;
    }
    run.registers.set(run.a() + 1, object);
    run.registers.set(run.a(), function);
    run.skip(2);
    Step::Next
}

/// Gives up two values, the first one first.
#[inline(always)]
fn give_up_two(vm: &mut Vm, first: Value, second: Value) -> Step {
    match (release(first), release(second)) {
        (None, None) => Step::Next,
        (Some(object), None) | (None, Some(object)) => Step::Settle(object),
        (Some(first), Some(second)) => {
            vm.released_first = Some(first);
            Step::SettleTwo(second)
        }
    }
}

/// The slot that the cache at `pc` names, if the object has the cached shape.
#[inline(always)]
fn slot_of<'a>(object: Value, pc: *const Cell<u64>) -> Option<&'a Cell<Value>> {
    let cached = cache(pc).get();
    let pointer = pointer(object)?;
    // `FREE` is the shape of no object, so an empty cache never fits.
    if shape(object).0 != cached as u32 {
        return None;
    }
    // SAFETY: the cache names a slot below the capacity of objects of this shape.
    Some(unsafe { InstanceObject::slot(pointer, (cached >> 32) as usize) })
}
