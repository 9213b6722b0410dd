//! Calls of functions written in toy, construction of plain instances, returns.

use std::ptr::NonNull;

use toy_code::flag;
use toy_object::{ClassObject, CodeObject, Construction, FunctionObject, ShapeId, Value};

use crate::frame::{Frame, FrameKind, code_of, function_of};
use crate::run::registers::{Registers, release, release_unless_last, retain, settle, shape};
use crate::run::running::{Running, Step};
use crate::thread::Vm;

#[inline(always)]
pub(in crate::run) fn call(run: &mut Running, vm: &mut Vm) -> Step {
    let callee = run.registers.get(run.b());
    match shape(callee) {
        ShapeId::FUNCTION => enter(run, vm, callee, run.c()),
        ShapeId::CLASS => Step::Construct,
        ShapeId::NATIVE_FUNCTION => Step::Native(run.b(), run.c()),
        _ => Step::Call(run.b(), run.c()),
    }
}

/// A call with the receiver behind the callee.
#[inline(always)]
pub(in crate::run) fn call_method(run: &mut Running, vm: &mut Vm) -> Step {
    let callee = run.registers.get(run.b());
    if run.registers.get(run.b() + 1).is_unbound() {
        return Step::Slow;
    }
    match shape(callee) {
        ShapeId::FUNCTION => enter(run, vm, callee, run.c() + 1),
        ShapeId::NATIVE_FUNCTION => Step::Native(run.b(), run.c() + 1),
        _ => Step::Call(run.b(), run.c() + 1),
    }
}

/// [`call_method`] of what is no method after all, as a function of a module: it moves to where the receiver would stand.
#[inline(always)]
pub(in crate::run) fn call_without_receiver(run: &mut Running, vm: &mut Vm) -> Step {
    let (first, count) = (run.b(), run.c());
    if !run.registers.get(first + 1).is_unbound() {
        return Step::Slow;
    }
    let callee = run.registers.get(first);
    run.registers.set(first, Value::UNBOUND);
    run.registers.set(first + 1, callee);
    match shape(callee) {
        ShapeId::FUNCTION => {
            let code = code_of(function_of(callee));
            let base = run.registers.0.wrapping_add(first + 2);
            if accepts(vm, code, base, count) {
                push(run, vm, code, base, count, FrameKind::Call, Value::UNBOUND)
            } else {
                Step::Call(first + 1, count)
            }
        }
        ShapeId::NATIVE_FUNCTION => Step::Native(first + 1, count),
        _ => Step::Call(first + 1, count),
    }
}

/// A return to a frame that waits for the value.
#[inline(always)]
pub(in crate::run) fn return_register(run: &mut Running, vm: &mut Vm) -> Step {
    // SAFETY: a frame runs.
    let frame = unsafe { vm.frames.top() };
    if frame.kind != FrameKind::Call || !frame.object.is_unbound() {
        return Step::Slow;
    }
    let value = run.registers.take(run.a());
    leave::<false>(run, vm, value, FrameKind::Call)
}

/// A return to whoever waits for something else.
#[inline(always)]
pub(in crate::run) fn return_elsewhere(run: &mut Running, vm: &mut Vm) -> Step {
    let value = run.registers.take(run.a());
    leave_if_plain::<false>(run, vm, value)
}

#[inline(always)]
pub(in crate::run) fn return_const(run: &mut Running, vm: &mut Vm) -> Step {
    let value = run.constant(run.wide() as usize);
    if retain(value) { leave_if_plain::<false>(run, vm, value) } else { Step::Slow }
}

/// Answers [`Step::Construct`]: the registers from the callee on become `__init__`, the new instance, the arguments.
#[inline(always)]
pub(in crate::run) fn construct(run: &mut Running, vm: &mut Vm) -> Step {
    let (callee, count) = (run.b(), run.c());
    let class = run.registers.get(callee);
    // SAFETY: the shape was compared before.
    let data = unsafe { ClassObject::of(class) };
    let Construction::PlainInit(init) = data.construction() else { return Step::Call(callee, count) };
    // SAFETY: the class keeps its `__init__`, a function, alive as long as it remembers it.
    let code = code_of(unsafe { FunctionObject::of(init) });
    let base = run.registers.0.wrapping_add(callee + 1);
    if code.layout().plain_count as usize != count + 1 || !has_room(vm, code, base) || !retain(init) {
        return Step::Call(callee, count);
    }
    let Ok(instance) = vm.heap().new_instance(data.root_shape()) else {
        // The class has another count.
        let _living = release(init);
        return Step::Call(callee, count);
    };
    let instance = instance.into_value();
    for argument in (1..=count).rev() {
        run.registers.set(callee + argument + 1, run.registers.get(callee + argument));
    }
    run.registers.set(callee, init);
    run.registers.set(callee + 1, instance);
    // A fresh object's count is not watched; and a class never dies by its count: its resolution order names it.
    let (_counted, _living) = (retain(instance), release(class));
    push(run, vm, code, base, count + 1, FrameKind::Init, instance)
}

/// Answers [`Step::Leave`].
#[inline(always)]
pub(in crate::run) fn leave_burying(run: &mut Running, vm: &mut Vm, value: Value) -> Step {
    match leave_if_plain::<true>(run, vm, value) {
        Step::Next => Step::Finalise,
        step => step,
    }
}

/// Whether a frame of this code has room at `base`.
#[inline(always)]
fn has_room(vm: &Vm, code: &CodeObject, base: *mut Value) -> bool {
    base.wrapping_add(code.layout().register_count as usize) < vm.stack.initialised() && vm.frames.has_room()
}

/// Whether a call with `count` arguments at `base` needs nothing but a frame.
#[inline(always)]
fn accepts(vm: &Vm, code: &CodeObject, base: *mut Value, count: usize) -> bool {
    let layout = code.layout();
    layout.plain_count as usize == count && has_room(vm, code, base)
}

/// Calls the function in register b with `count` arguments.
#[inline(always)]
fn enter(run: &mut Running, vm: &mut Vm, callee: Value, count: usize) -> Step {
    let code = code_of(function_of(callee));
    let base = run.registers.0.wrapping_add(run.b() + 1);
    if accepts(vm, code, base, count) {
        push(run, vm, code, base, count, FrameKind::Call, Value::UNBOUND)
    } else {
        Step::Call(run.b(), count)
    }
}

/// Calls the getter of a property with the object in register b; the result is the attribute.
#[inline(always)]
pub(in crate::run) fn enter_getter(run: &mut Running, vm: &mut Vm, getter: Value) -> Step {
    // SAFETY: a frame runs.
    let window = unsafe { vm.frames.top() }.code().layout().register_count as usize;
    let code = code_of(function_of(getter));
    let base = run.registers.0.wrapping_add(window + 1);
    if !accepts(vm, code, base, 1) || !retain(getter) {
        return Step::Slow;
    }
    let object = run.registers.get(run.b());
    if run.has(flag::CONSUME_B) {
        run.registers.set(run.b(), Value::UNBOUND);
    } else if !retain(object) {
        // The general way counts the function again.
        let _living = release(getter);
        return Step::Slow;
    }
    run.registers.set(window, getter);
    run.registers.set(window + 1, object);
    push(run, vm, code, base, 1, FrameKind::Attribute, Value::UNBOUND)
}

/// Pushes the frame of a function whose parameters, `count` of them, stand bound at `base`, where it has room.
#[inline(always)]
fn push(
    run: &mut Running,
    vm: &mut Vm,
    code: &CodeObject,
    base: *mut Value,
    count: usize,
    kind: FrameKind,
    link: Value,
) -> Step {
    let (mut local, end) = (base.wrapping_add(count), base.wrapping_add(code.layout().local_count as usize));
    while local < end {
        // Volatile, because there are one or two: nobody shall make a call or vectors of it.
        // SAFETY: the locals lie inside the frame, which has room.
        unsafe { local.write_volatile(Value::UNBOUND) };
        local = local.wrapping_add(1);
    }
    // SAFETY: a frame runs, and the caller looked for room.
    let place = unsafe { vm.frames.place_upon(run.behind(1)) };
    // Field by field, in this order: what is read is written at once, and stays in no machine register.
    macro_rules! fill {
        ($($field:ident: $value:expr),*) => { $(
            // SAFETY: the place is a frame's.
            let field = unsafe { &raw mut (*place).$field };
            // SAFETY: it is the field of nobody else.
            unsafe { field.write($value) };
        )* };
    }
    let callee_pc = code.words().as_ptr();
    fill! {
        handled_depth: vm.handled.len() as u32,
        destination: run.a() as u16,
        kind: kind,
        object: Value::UNBOUND,
        link: link,
        code: NonNull::from(code),
        base: base,
        pc: callee_pc
    }
    run.switch_to(callee_pc.wrapping_sub(1), base, code);
    run.look_at_budget()
}

/// Returns to the frame below, if that is all.
#[inline(always)]
fn leave_if_plain<const BURIES: bool>(run: &mut Running, vm: &mut Vm, value: Value) -> Step {
    // SAFETY: a frame runs.
    let frame = unsafe { vm.frames.top() };
    if !frame.object.is_unbound() {
        return Step::Return(value);
    }
    // Comparisons, not a `match`: a table of jumps would be predicted badly.
    if frame.kind == FrameKind::Init && value.is_none() {
        leave::<BURIES>(run, vm, value, FrameKind::Init)
    } else if frame.kind == FrameKind::Call {
        leave::<BURIES>(run, vm, value, FrameKind::Call)
    } else if frame.kind == FrameKind::Attribute {
        leave::<BURIES>(run, vm, value, FrameKind::Attribute)
    } else {
        Step::Return(value)
    }
}

/// Returns from a frame of this kind, which is not `Entry` or `Generator`, to the frame below. Unless `BURIES`, nothing is called: then objects
/// that die with the frame are left to [`leave_burying`], which begins anew.
#[inline(always)]
fn leave<const BURIES: bool>(run: &mut Running, vm: &mut Vm, value: Value, kind: FrameKind) -> Step {
    // SAFETY: a frame runs.
    let frame: *const Frame = unsafe { vm.frames.top() };
    // SAFETY: as above.
    let local_count = unsafe { &*frame }.code().layout().local_count as usize;
    let mut local = run.registers.0;
    let end = local.wrapping_add(local_count);
    while local < end {
        // SAFETY: the locals lie inside the frame.
        let old = unsafe { local.read() };
        if old.is_pointer() {
            if !BURIES && !release_unless_last(old) {
                return Step::Leave(value);
            }
            // SAFETY: as above.
            unsafe { local.write(Value::UNBOUND) };
            if BURIES && let Some(object) = release(old) {
                settle(vm.heap(), object);
            }
        }
        local = local.wrapping_add(1);
    }
    let function = run.registers.function();
    if !BURIES && !release_unless_last(function) {
        return Step::Leave(value);
    }
    Registers(run.registers.0.wrapping_sub(1)).set(0, Value::UNBOUND);
    if BURIES && let Some(function) = release(function) {
        settle(vm.heap(), function);
    }
    // What is left of the frame is read as late as possible: machine registers are few.
    // SAFETY: the record of the frame is still in place.
    let frame = unsafe { &*frame };
    let destination = frame.destination as usize;
    let result = if kind == FrameKind::Init { frame.link } else { value };
    // SAFETY: a frame of these kinds was pushed upon its caller's.
    let caller = unsafe { vm.frames.pop_to_caller() };
    run.switch_to(caller.pc.wrapping_sub(1), caller.base, caller.code());
    if kind == FrameKind::Attribute {
        run.skip(2);
    }
    run.give_up(run.registers.replace(destination, result))
}
