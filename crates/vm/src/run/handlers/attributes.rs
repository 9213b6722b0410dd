//! Attributes and methods whose place a cache knows.

use std::cell::Cell;

use toy_code::flag;
use toy_object::{ClassObject, DictObject, InstanceObject, Kind, ModuleObject, ShapeId, TupleObject, Value};

use crate::run::attribute_cache::{OF_CLASS, OF_ELEMENT, OF_INSTANCE, OF_PROPERTY};
use crate::run::handlers::calls::enter_getter;
use crate::run::handlers::names::content_of_free;
use crate::run::registers::{cache, header_unchecked, pointer_unchecked, release, retain, shape};
use crate::run::running::{Running, Step};
use crate::thread::Vm;

#[inline(always)]
pub(in crate::run) fn get_attribute(run: &mut Running, _: &mut Vm) -> Step {
    if run.has(flag::CONSUME_B) && run.a() != run.b() {
        return Step::Slow;
    }
    let object = run.registers.get(run.b());
    let Some(value) = counted_slot(object, run.behind(1)) else { return Step::Slow };
    // Either nothing is consumed, or the result takes the place of the object that is.
    let old = run.registers.replace(run.a(), value);
    run.skip(2);
    run.give_up(old)
}

/// [`get_attribute`] of a module, of what stands in the class, or of a temporary that the result does not replace.
#[inline(always)]
pub(in crate::run) fn get_attribute_apart(run: &mut Running, vm: &mut Vm) -> Step {
    let object = run.registers.get(run.b());
    let found = counted_slot(object, run.behind(1)).or_else(|| counted_place(object, run.behind(1)));
    let found = found.or_else(|| counted_constant(vm, object, run.behind(1)));
    let Some(value) = found.or_else(|| counted_element(object, run.behind(1))) else {
        return match known_getter(object, run.behind(1)) {
            Some(getter) => enter_getter(run, vm, getter),
            None => Step::Slow,
        };
    };
    if !run.has(flag::CONSUME_B) || run.a() == run.b() {
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
pub(in crate::run) fn set_attribute(run: &mut Running, _: &mut Vm) -> Step {
    if run.has(flag::CONSUME_A) {
        return Step::Slow;
    }
    match replace_slot(run) {
        Some(old) => {
            run.skip(2);
            run.give_up(old)
        }
        None => Step::Slow,
    }
}

/// [`set_attribute`] of a temporary.
#[inline(always)]
pub(in crate::run) fn set_attribute_of_temporary(run: &mut Running, vm: &mut Vm) -> Step {
    if !run.has(flag::CONSUME_A) {
        return Step::Slow;
    }
    match replace_slot(run) {
        Some(old) => {
            let object = run.registers.take(run.a());
            run.skip(2);
            give_up_two(vm, old, object)
        }
        None => Step::Slow,
    }
}

/// Writes the attribute; answers its old value, with its count.
#[inline(always)]
fn replace_slot(run: &Running) -> Option<Value> {
    let object = run.registers.get(run.a());
    let slot = cached_slot(object, run.behind(1))?;
    let value = run.registers.get(run.b());
    if run.has(flag::CONSUME_B) {
        run.registers.set(run.b(), Value::UNBOUND);
    } else if !retain(value) {
        return None;
    }
    let old = slot.replace(value);
    // SAFETY: it has a slot, so it is an object; a register keeps it alive.
    let header = unsafe { header_unchecked(object) };
    // The second cache word holds the shape that the object has with the attribute.
    let next = ShapeId(cache(run.behind(2)).get() as u32);
    // SAFETY: the cache was filled for objects of this object's shape.
    unsafe { header.move_to_shape(next) };
    Some(old)
}

#[inline(always)]
pub(in crate::run) fn get_method(run: &mut Running, _: &mut Vm) -> Step {
    let object = run.registers.get(run.b());
    let cached = cache(run.behind(1)).get();
    if cached == 0 || shape(object).0 != cached as u32 {
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

/// [`get_method`] where what is called is no method: a function of a module or of a class, or what an attribute of the instance
/// holds.
#[inline(always)]
pub(in crate::run) fn get_method_elsewhere(run: &mut Running, vm: &mut Vm) -> Step {
    let object = run.registers.get(run.b());
    let found = counted_place(object, run.behind(1)).or_else(|| counted_constant(vm, object, run.behind(1)));
    let Some(value) = found else { return Step::Slow };
    let is_consumed = run.has(flag::CONSUME_B);
    if is_consumed {
        run.registers.set(run.b(), Value::UNBOUND);
    }
    run.registers.set(run.a() + 1, Value::UNBOUND);
    run.registers.set(run.a(), value);
    run.skip(2);
    if is_consumed { run.give_up(object) } else { Step::Next }
}

/// [`get_method`] of `super()`, without a super object.
#[inline(always)]
pub(in crate::run) fn get_super_method(run: &mut Running, _: &mut Vm) -> Step {
    let (callee, receiver) = (run.registers.get(run.b()), run.registers.get(0));
    let cached = cache(run.behind(1)).get();
    let is_known = cached != 0 && receiver.is_pointer() && shape(receiver).0 == cached as u32;
    if !is_known || callee.bits() != cache(run.behind(4)).get() {
        return Step::Slow;
    }
    let place = (cached >> 32) as usize - 1;
    let class = content_of_free(run.registers, place);
    if class.is_none_or(|class| class.bits() != cache(run.behind(3)).get()) || !retain(receiver) {
        return Step::Slow;
    }
    let function = Value::from_bits(cache(run.behind(2)).get());
    if !retain(function) {
        // The general way counts the receiver again.
        let _living = release(receiver);
        return Step::Slow;
    }
    let is_consumed = run.has(flag::CONSUME_B);
    if is_consumed {
        run.registers.set(run.b(), Value::UNBOUND);
    }
    run.registers.set(run.a() + 1, receiver);
    run.registers.set(run.a(), function);
    run.skip(4);
    if is_consumed { run.give_up(callee) } else { Step::Next }
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

/// What the slot that the cache names holds, unless that is nothing; counted for the caller.
#[inline(always)]
fn counted_slot(object: Value, pc: *const Cell<u64>) -> Option<Value> {
    let value = cached_slot(object, pc)?.get();
    if value.is_unbound() || !retain(value) { None } else { Some(value) }
}

/// What stands where a cache says that has a place instead of a shape in its second word; counted for the caller. The upper half of
/// the first word is the version of the dict of a module, or the shape of an instance that has no dict.
#[inline(always)]
fn counted_place(object: Value, pc: *const Cell<u64>) -> Option<Value> {
    let cached = cache(pc).get();
    let known = (cached >> 32) as u32;
    // The lower half is the shape of no object, unlike that of the other caches.
    if cached == 0 || cached as u32 != 0 || !object.is_pointer() {
        return None;
    }
    let place = cache(pc.wrapping_add(1)).get() as usize;
    let value = if shape(object) == ShapeId::MODULE {
        // SAFETY: its shape is that of plain modules; a register keeps it alive.
        let module = unsafe { ModuleObject::of(object) };
        // SAFETY: what a module keeps its attributes in is a dict.
        let attributes = unsafe { DictObject::of(module.dict_value()) };
        if attributes.version() != known {
            return None;
        }
        // SAFETY: while the version is the same, so are the places of the entries.
        unsafe { attributes.value_bits(place) }
    } else if shape(object).0 == known {
        // SAFETY: it is a pointer.
        let pointer = unsafe { pointer_unchecked(object) };
        // SAFETY: the cache names a slot below the capacity of objects of this shape.
        unsafe { InstanceObject::slot(pointer, place) }.get()
    } else {
        return None;
    };
    if value.is_unbound() || !retain(value) { None } else { Some(value) }
}

/// What a cache holds that has a value in its second word, counted for the caller: see [`attribute_cache`](crate::run::attribute_cache).
#[inline(always)]
fn counted_constant(vm: &Vm, object: Value, pc: *const Cell<u64>) -> Option<Value> {
    let cached = cache(pc).get();
    let known = ShapeId((cached >> 32) as u32);
    let fits = match cached as u32 {
        OF_INSTANCE => object.is_pointer() && shape(object) == known,
        OF_CLASS if object.is_pointer() && vm.shape(shape(object)).kind() == Kind::Class => {
            // SAFETY: its shape is that of classes; a register keeps it alive.
            unsafe { ClassObject::of(object) }.root_shape() == known
        }
        _ => false,
    };
    let value = Value::from_bits(cache(pc.wrapping_add(1)).get());
    if fits && retain(value) { Some(value) } else { None }
}

/// The element of a named tuple, if a cache knows that the attribute is one; counted for the caller.
#[inline(always)]
fn counted_element(object: Value, pc: *const Cell<u64>) -> Option<Value> {
    let cached = cache(pc).get();
    if cached as u32 != OF_ELEMENT || !object.is_pointer() || shape(object).0 != (cached >> 32) as u32 {
        return None;
    }
    // SAFETY: it is a pointer.
    let pointer = unsafe { pointer_unchecked(object) };
    // SAFETY: instances of this shape have a hidden first slot for what they wrap.
    let inner = unsafe { InstanceObject::slot(pointer, 0) }.get();
    // SAFETY: the cache was filled for instances of a subclass of tuple, which wrap a tuple from birth on.
    let tuple = unsafe { TupleObject::of(inner) };
    let &value = tuple.items().get(cache(pc.wrapping_add(1)).get() as usize)?;
    retain(value).then_some(value)
}

/// The getter, not counted, if a cache knows that the attribute is a property.
#[inline(always)]
fn known_getter(object: Value, pc: *const Cell<u64>) -> Option<Value> {
    let cached = cache(pc).get();
    let fits = cached as u32 == OF_PROPERTY && object.is_pointer() && shape(object).0 == (cached >> 32) as u32;
    fits.then(|| Value::from_bits(cache(pc.wrapping_add(1)).get()))
}

/// The slot that the cache at `pc` names, if the object has the cached shape.
#[inline(always)]
fn cached_slot<'a>(object: Value, pc: *const Cell<u64>) -> Option<&'a Cell<Value>> {
    let cached = cache(pc).get();
    // `FREE` is the shape of no object, so an empty cache never fits.
    if !object.is_pointer() || shape(object).0 != cached as u32 {
        return None;
    }
    // SAFETY: it is a pointer.
    let pointer = unsafe { pointer_unchecked(object) };
    // SAFETY: the cache names a slot below the capacity of objects of this shape.
    Some(unsafe { InstanceObject::slot(pointer, (cached >> 32) as usize) })
}
