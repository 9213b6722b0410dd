//! Frames of generators that come onto the stack and leave it again, in the plain case: the general way is in
//! `run/slow/resume.rs`.

use std::ptr::NonNull;

use toy_code::{Op, flag};
use toy_object::{Generator, GeneratorState, ShapeId, Value};

use crate::frame::{Frame, FrameKind, code_of, function_of};
use crate::run::registers::{operand, operation, release, release_unless_last, retain, shape};
use crate::run::running::{Running, Step};
use crate::thread::Vm;

/// `for` over a generator: it is asked for its next value.
#[inline(always)]
pub(in crate::run) fn for_generator(run: &mut Running, vm: &mut Vm) -> Step {
    if shape(run.registers.get(run.b())) != ShapeId::GENERATOR {
        return Step::Advance;
    }
    resume::<false>(run, vm)
}

/// `yield from` a generator.
#[inline(always)]
pub(in crate::run) fn send(run: &mut Running, vm: &mut Vm) -> Step {
    if shape(run.registers.get(run.b())) != ShapeId::GENERATOR {
        return Step::Slow;
    }
    resume::<true>(run, vm)
}

/// Resumes the generator in operand b, with what stands in operand a if it `SENDS` something.
#[inline(always)]
fn resume<const SENDS: bool>(run: &mut Running, vm: &mut Vm) -> Step {
    let object = run.registers.get(run.b());
    // SAFETY: the caller compared the shape; a register keeps it alive.
    let waiting = unsafe { Generator::of(object) };
    let sent = if SENDS { run.registers.get(run.a()) } else { Value::NONE };
    let is_started = match waiting.state() {
        GeneratorState::Suspended | GeneratorState::SuspendedInTry => true,
        GeneratorState::Created if sent.is_none() => false,
        _ => return Step::Slow,
    };
    // SAFETY: a frame runs.
    let register_count = unsafe { vm.frames.top() }.code().layout().register_count as usize;
    let first = run.registers.0.wrapping_add(register_count).max(vm.native_top);
    let end = first.wrapping_add(waiting.window_length() + 2);
    if end >= vm.stack.initialised() || !vm.frames.has_room() || waiting.keeps_more() || !retain(object) {
        return Step::Slow;
    }
    // SAFETY: one that waits has a window, in which the function comes first.
    let function = unsafe { waiting.window_value_unchecked(0) };
    let code = code_of(function_of(function));
    let pc = code.words().as_ptr().wrapping_add(waiting.resume_at() as usize);
    let base = first.wrapping_add(1);
    let frame = Frame {
        pc,
        base,
        code: NonNull::from(code),
        link: object,
        object: Value::UNBOUND,
        handled_depth: vm.handled.len() as u32,
        destination: run.a() as u16,
        kind: FrameKind::Generator,
    };
    if SENDS {
        run.registers.set(run.a(), Value::UNBOUND);
    }
    // SAFETY: a frame runs, and there is room.
    unsafe { vm.frames.push_upon(run.pc.wrapping_add(1), frame) };
    // SAFETY: there is room, and above the registers of the top frame none holds a count.
    unsafe { waiting.move_window_to(first) };
    waiting.set_state(GeneratorState::Running);
    let before = pc.wrapping_sub(1);
    run.switch_to(before, base, code);
    // The word before is the `yield` that it waits at.
    let old = if is_started { run.registers.replace(operand::<1>(before), sent) } else { Value::UNBOUND };
    run.give_up_at_safepoint(old)
}

/// `yield` to a `for` or `yield from` of this loop.
#[inline(always)]
pub(in crate::run) fn yield_value(run: &mut Running, vm: &mut Vm) -> Step {
    let Some((value, destination)) = suspend(run, vm, FrameKind::Generator) else { return Step::Slow };
    // SAFETY: a frame of this kind was pushed upon its asker's.
    let asker = unsafe { vm.frames.pop_to_caller() };
    run.switch_to(asker.pc.wrapping_sub(1), asker.base, asker.code());
    let old = run.registers.replace(destination, value);
    if operation(run.pc) == Op::ForNext as u8 {
        run.move_by(run.short_distance());
    }
    run.give_up_at_safepoint(old)
}

/// `yield` to Rust.
#[inline(always)]
pub(in crate::run) fn yield_to_rust(run: &mut Running, vm: &mut Vm) -> Step {
    let Some((value, _)) = suspend(run, vm, FrameKind::Entry) else { return Step::Slow };
    run.save(vm);
    vm.frames.pop();
    Step::End(value)
}

/// Puts the registers of the running frame, if it is of that kind, into its generator. Gives what is yielded, and where to;
/// `None`, and nothing has changed: that must be done the general way.
#[inline(always)]
fn suspend(run: &Running, vm: &mut Vm, kind: FrameKind) -> Option<(Value, usize)> {
    let handled_depth = vm.handled.len() as u32;
    // SAFETY: a frame runs.
    let frame = unsafe { vm.frames.top() };
    let code = frame.code();
    // What a handler covers must be closed, which is found out the general way.
    let is_plain = frame.object.is_unbound() && frame.handled_depth == handled_depth && !code.layout().has_handlers;
    let (generator, destination) = (frame.link, frame.destination as usize);
    if frame.kind != kind || !is_plain || shape(generator) != ShapeId::GENERATOR {
        return None;
    }
    // SAFETY: the shape says that it is a generator; the frame keeps it alive.
    let waiting = unsafe { Generator::of(generator) };
    let count = code.layout().register_count as usize + 1;
    let value = run.registers.get(run.b());
    let consumes = run.has(flag::CONSUME_B);
    if !waiting.has_room_for_window(count) || !(consumes || retain(value)) {
        return None;
    }
    // Whoever asked holds it, too.
    if !release_unless_last(generator) {
        if !consumes {
            // The register has another count.
            let _living = release(value);
        }
        return None;
    }
    if consumes {
        run.registers.set(run.b(), Value::UNBOUND);
    }
    let behind = run.pc.wrapping_add(1);
    waiting.set_resume_at(((behind as usize - code.words().as_ptr() as usize) / size_of::<u64>()) as u32);
    waiting.set_state(GeneratorState::Suspended);
    // SAFETY: these are the frame's registers and its function, the frame is left, and there is room.
    unsafe { waiting.take_window_from(run.registers.0.wrapping_sub(1), count) };
    Some((value, destination))
}
