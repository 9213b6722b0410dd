//! Constants, registers, cells, globals.

use std::cell::Cell;

use toy_code::flag;
use toy_object::{CellObject, DictObject, FunctionObject, TupleObject, Value};

use crate::run::registers::{Registers, cache, retain};
use crate::run::running::{Running, Step};
use crate::thread::Vm;

/// The index in a globals cache that says: not in the globals, look at the builtins' cache.
pub(in crate::run) const NOT_IN_GLOBALS: u32 = u32::MAX;

#[inline(always)]
pub(in crate::run) fn load_const(run: &mut Running, _: &mut Vm) -> Step {
    let value = run.constant(run.wide() as usize);
    if retain(value) { run.write(value) } else { Step::Slow }
}

#[inline(always)]
pub(in crate::run) fn move_value(run: &mut Running, _: &mut Vm) -> Step {
    let value = run.registers.get(run.b());
    if run.has(flag::CONSUME_B) {
        run.registers.set(run.b(), Value::UNBOUND);
    } else if !retain(value) {
        return Step::Slow;
    }
    run.write(value)
}

#[inline(always)]
pub(in crate::run) fn clear(run: &mut Running, _: &mut Vm) -> Step {
    run.write(Value::UNBOUND)
}

#[inline(always)]
pub(in crate::run) fn check_bound(run: &mut Running, _: &mut Vm) -> Step {
    if run.registers.get(run.a()).is_unbound() { Step::Slow } else { Step::Next }
}

#[inline(always)]
pub(in crate::run) fn load_cell(run: &mut Running, _: &mut Vm) -> Step {
    run.write_or_slow(content_of_cell(run.registers.get(run.b())))
}

#[inline(always)]
pub(in crate::run) fn load_free(run: &mut Running, _: &mut Vm) -> Step {
    let content = content_of_free(run.registers, run.wide() as usize);
    run.write_or_slow(content.filter(|&content| !content.is_unbound() && retain(content)))
}

/// What a cell of the running function's closure holds, not counted: unbound, if it is empty. The code has free names.
#[inline(always)]
pub(in crate::run) fn content_of_free(registers: Registers, place: usize) -> Option<Value> {
    // SAFETY: register -1 is the running function.
    let function = unsafe { FunctionObject::of(registers.function()) };
    // SAFETY: code with free names runs only in functions whose closure has a cell for each.
    let closure = unsafe { TupleObject::of(function.closure_value()) };
    let &cell = closure.items().get(place)?;
    // SAFETY: closures consist of cells.
    Some(unsafe { CellObject::of(cell) }.content_value())
}

#[inline(always)]
pub(in crate::run) fn load_global(run: &mut Running, vm: &mut Vm) -> Step {
    match cached_global(vm, run.registers, run.behind(1)) {
        Some(value) => {
            let old = run.registers.replace(run.a(), value);
            run.skip(2);
            run.give_up(old)
        }
        None => Step::Slow,
    }
}

/// What a cell holds, unless it is empty; counted for the caller.
#[inline(always)]
fn content_of_cell(cell: Value) -> Option<Value> {
    // SAFETY: the verifier lets `Cell` operands name cell locals only.
    let content = unsafe { CellObject::of(cell) }.content_value();
    if content.is_unbound() || !retain(content) { None } else { Some(content) }
}

/// A global or builtin whose place is cached; counted for the caller.
#[inline(always)]
fn cached_global(vm: &Vm, registers: Registers, caches: *const Cell<u64>) -> Option<Value> {
    let first = cache(caches).get();
    // SAFETY: register -1 is the running function.
    let function = unsafe { FunctionObject::of(registers.function()) };
    // SAFETY: a function's globals are a dict.
    let globals = unsafe { DictObject::of(function.globals_value()) };
    if first as u32 == 0 || globals.version() != first as u32 {
        return None;
    }
    let index = (first >> 32) as u32;
    let value = if index != NOT_IN_GLOBALS {
        // SAFETY: while the version is the same, so are the places of the entries.
        unsafe { globals.value_bits(index as usize) }
    } else {
        let second = cache(caches.wrapping_add(1)).get();
        // SAFETY: the builtins are a dict.
        let builtins = unsafe { DictObject::of(vm.builtins_value) };
        if second as u32 == 0 || builtins.version() != second as u32 {
            return None;
        }
        // SAFETY: as for the globals.
        unsafe { builtins.value_bits((second >> 32) as usize) }
    };
    if retain(value) { Some(value) } else { None }
}
