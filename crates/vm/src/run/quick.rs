//! The fast halves of instructions: they answer from what is at hand, or not at all, and change nothing unless they answer.

use std::cell::Cell;

use toy_object::{
    CellObject, ClassObject, CodeObject, Construction, DictObject, FunctionObject, InstanceObject, ListObject,
    RangeIteratorObject, SequenceIteratorObject, ShapeId, TupleObject, Value,
};

use super::registers::{Registers, cache, pointer, retain, shape};
use crate::thread::Vm;

/// The index in a globals cache that says: not in the globals, look at the builtins' cache.
pub(super) const NOT_IN_GLOBALS: u32 = u32::MAX;

/// The linked code of a function.
#[inline(always)]
pub(super) fn code_of<'a>(function: &FunctionObject) -> &'a CodeObject {
    // SAFETY: a function's code is a code object, which the function keeps alive.
    unsafe { CodeObject::of(function.code_value()) }
}

/// The truth of what needs no call.
#[inline(always)]
pub(super) fn quick_truth(value: Value) -> Option<bool> {
    match value {
        Value::TRUE => Some(true),
        Value::FALSE | Value::NONE => Some(false),
        value if value.is_small_int() => Some(value != Value::ZERO),
        _ => None,
    }
}

/// What a cell holds, unless it is empty; counted for the caller.
#[inline(always)]
pub(super) fn load_cell(cell: Value) -> Option<Value> {
    // SAFETY: the verifier lets `Cell` operands name cell locals only.
    let content = unsafe { CellObject::of(cell) }.content_value();
    if content.is_unbound() {
        return None;
    }
    retain(content);
    Some(content)
}

/// What a cell of the closure holds, unless it is empty; counted for the caller.
#[inline(always)]
pub(super) fn load_free(registers: Registers, index: u32) -> Option<Value> {
    // SAFETY: register -1 is the running function.
    let function = unsafe { FunctionObject::of(registers.function()) };
    // SAFETY: code with free names runs only in functions whose closure has a cell for each.
    let closure = unsafe { TupleObject::of(function.closure_value()) };
    load_cell(*closure.items().get(index as usize)?)
}

/// A global or builtin whose place is cached; counted for the caller.
#[inline(always)]
pub(super) fn load_global(vm: &Vm, registers: Registers, pc: *const Cell<u64>) -> Option<Value> {
    let first = cache(pc).get();
    // SAFETY: register -1 is the running function.
    let function = unsafe { FunctionObject::of(registers.function()) };
    // SAFETY: a function's globals are a dict.
    let globals = unsafe { DictObject::of(function.globals_value()) };
    if first as u32 == 0 || globals.version() != first as u32 {
        return None;
    }
    let index = (first >> 32) as u32;
    let value = if index != NOT_IN_GLOBALS {
        // While the version is the same, so are the places of the entries.
        globals.value_bits(index as usize)
    } else {
        let second = cache(pc.wrapping_add(1)).get();
        // SAFETY: the builtins are a dict.
        let builtins = unsafe { DictObject::of(vm.builtins_value) };
        if second as u32 == 0 || builtins.version() != second as u32 {
            return None;
        }
        builtins.value_bits((second >> 32) as usize)
    };
    retain(value);
    Some(value)
}

/// The slot that the cache at `pc` names, if the object has the cached shape.
#[inline(always)]
pub(super) fn slot_of<'a>(object: Value, pc: *const Cell<u64>) -> Option<&'a Cell<Value>> {
    let cached = cache(pc).get();
    let pointer = pointer(object)?;
    // `FREE` is the shape of no object, so an empty cache never fits.
    if shape(object).0 != cached as u32 {
        return None;
    }
    // SAFETY: the cache names a slot below the capacity of objects of this shape.
    Some(unsafe { InstanceObject::slot(pointer, (cached >> 32) as usize) })
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
pub(super) fn list_item(object: Value, index: Value) -> Option<Value> {
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

/// Replaces an element of a list by a value whose count the caller provides; hands out the old one with its count.
#[inline(always)]
pub(super) fn set_list_item(object: Value, index: Value, value: Value) -> Option<Value> {
    let (list, index) = list_and_index(object, index)?;
    // SAFETY: the index was just checked, and the caller provides the count.
    Some(unsafe { list.replace_unchecked(index, value) })
}

/// Appends a value, whose count the caller provides if this answers `true`, to a list that has room.
#[inline(always)]
pub(super) fn append_within_capacity(list: Value, value: Value) -> bool {
    // SAFETY: the compiler names a list under construction here, and the verifier nothing else.
    let list = unsafe { ListObject::of(list) };
    // SAFETY: the caller provides the count.
    unsafe { list.push_within_capacity(value) }.is_none()
}

/// The next number of a range iterator; the inner `None` at its end.
#[inline(always)]
pub(super) fn next_of_range(iterator: Value) -> Option<Option<Value>> {
    // SAFETY: the caller compared the shape.
    let iterator = unsafe { RangeIteratorObject::of(iterator) };
    // Range iterators are made only for numbers that need no box.
    Some(iterator.advance().map(Value::int_unchecked))
}

/// The next element of an iterator over a list or tuple, not counted; `None` at its end or over something else.
#[inline(always)]
pub(super) fn next_of_sequence(iterator: Value) -> Option<Value> {
    // SAFETY: the caller compared the shape.
    let (sequence, index) = unsafe { SequenceIteratorObject::of(iterator) }.state();
    let position = index.get();
    let item = match shape(sequence) {
        ShapeId::LIST => {
            // SAFETY: the shape says that it is a list; the iterator keeps it alive.
            let list = unsafe { ListObject::of(sequence) };
            if position >= list.items_len() {
                return None;
            }
            // SAFETY: the position was just checked.
            unsafe { list.item_unchecked(position) }
        }
        // SAFETY: the shape says that it is a tuple; the iterator keeps it alive.
        ShapeId::TUPLE => *unsafe { TupleObject::of(sequence) }.items().get(position)?,
        _ => return None,
    };
    index.set(position + 1);
    Some(item)
}

/// Prepares the call of a class whose instances are made plainly: the registers from `callee` on become `__init__`, the new
/// instance, the arguments. Answers the code of `__init__` and the instance once more, counted.
#[inline(always)]
pub(super) fn begin_construction<'a>(
    vm: &Vm,
    registers: Registers,
    callee: u16,
    count: u16,
) -> Option<(&'a CodeObject, Value)> {
    let class = registers.get(callee);
    // SAFETY: the caller compared the shape.
    let data = unsafe { ClassObject::of(class) };
    let Construction::PlainInit(init) = data.construction() else { return None };
    // SAFETY: the class keeps its `__init__`, a function, alive as long as it remembers it.
    let function = unsafe { FunctionObject::of(init) };
    let code = code_of(function);
    let layout = code.layout();
    let base = registers.0.wrapping_add(callee as usize + 1);
    let fits = base.wrapping_add(layout.register_count as usize) < vm.stack.initialised();
    if layout.positional_count != u32::from(count) + 1 || !fits || vm.frames.len() >= vm.recursion_limit() {
        return None;
    }
    let instance = vm.heap().new_instance(data.root_shape()).ok()?.into_value();
    for argument in (1..=count).rev() {
        let value = registers.get(callee + argument);
        registers.set(callee + argument + 1, value);
    }
    retain(init);
    registers.set(callee, init);
    registers.set(callee + 1, instance);
    retain(instance);
    // A class never dies by its count: its resolution order names it.
    let _not_the_last = super::registers::release(class);
    Some((code, instance))
}
