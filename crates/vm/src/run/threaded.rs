//! The loop as threaded code: every handler ends with a jump to the next one.
//!
//! Each handler becomes a function of its own, with the state of the loop in argument registers, and calls the next one as
//! its last act. Optimised builds make a jump of that call. The language does not promise it: builds without optimisation use
//! the other loop (see `build.rs`), builds with debug assertions look at safepoints whether the OS stack has grown, and the loop
//! is left whenever the segment of the budget ends. So an optimised handler that ended with a call after all, of some hundred
//! bytes at most, could not pile up more than a few megabytes.

use std::cell::Cell;
use std::ptr::NonNull;

use toy_code::Op;
use toy_object::{Header, Value};

use super::Exit;
use super::handlers::{attributes, calls, for_each_handler, generators, items, iteration, jumps, names, numbers};
use super::registers::{Registers, operation};
use super::running::{Running, Step};
use crate::frame::taken;
use crate::thread::{Vm, stack_address};

type Handler = fn(&mut Vm, *const Cell<u64>, Registers, *const Value, usize) -> Exit;

/// Runs the top frame and what it calls until the entry frame below it returns, something is raised, or a safepoint comes
/// with fewer than [`SAFEPOINT_DISTANCE`](toy_code::SAFEPOINT_DISTANCE) instructions left.
#[inline(never)]
pub(super) fn run(vm: &mut Vm) -> Exit {
    let run = Running::load(vm);
    let outer = std::mem::replace(&mut vm.loop_address, stack_address());
    let exit = go_on(vm, run);
    vm.loop_address = outer;
    exit
}

/// Leaves the loop at a safepoint.
#[inline(always)]
fn stop(vm: &mut Vm, run: Running) -> Exit {
    const MOST_FRAMES: usize = 4 << 10;
    debug_assert!(vm.loop_address.abs_diff(stack_address()) < MOST_FRAMES, "a handler has not ended with a jump");
    run.stop(vm)
}

/// Makes a function of a handler; `$otherwise` is where it goes when it gives up.
macro_rules! threaded {
    ($handler:path, $otherwise:expr) => {{
        #[inline(never)]
        fn threaded(
            vm: &mut Vm,
            pc: *const Cell<u64>,
            registers: Registers,
            constants: *const Value,
            limit: usize,
        ) -> Exit {
            let mut run = Running { pc, registers, constants, limit };
            let step = $handler(&mut run, vm);
            proceed(vm, run, step, $otherwise)
        }
        threaded
    }};
    ($handler:path) => {
        threaded!($handler, slow)
    };
}

/// The handlers by operation; the general way for all others.
static HANDLERS: [Handler; 256] = {
    let mut handlers: [Handler; 256] = [slow; 256];
    macro_rules! fill {
        ($($op:ident => $first:path $(, $second:path)?;)*) => { $(
            handlers[Op::$op as usize] = threaded!($first $(, threaded!($second))?);
        )* };
    }
    for_each_handler!(fill);
    handlers
};

/// The next instruction.
#[inline(always)]
fn next(vm: &mut Vm, run: Running) -> Exit {
    let pc = run.pc.wrapping_add(1);
    HANDLERS[operation(pc) as usize](vm, pc, run.registers, run.constants, run.limit)
}

/// What follows a handler.
#[inline(always)]
fn proceed(vm: &mut Vm, run: Running, step: Step, otherwise: Handler) -> Exit {
    let Running { pc, registers, constants, limit } = run;
    match step {
        Step::Next => next(vm, run),
        Step::Settle(object) => settle(vm, pc, registers, constants, limit, object),
        Step::SettleTwo(object) => settle_two(vm, pc, registers, constants, limit, object),
        Step::Slow => otherwise(vm, pc, registers, constants, limit),
        Step::Native(callee, count) => native(vm, pc, registers, constants, limit, callee << 16 | count),
        Step::Collect => collect(vm, pc, registers, constants, limit),
        Step::Advance => advance(vm, pc, registers, constants, limit),
        Step::Call(callee, count) => call(vm, pc, registers, constants, limit, callee << 16 | count),
        Step::Construct => construct(vm, pc, registers, constants, limit),
        Step::Safepoint => stop(vm, run),
        Step::Leave(value) => leave_burying(vm, pc, registers, constants, limit, value),
        Step::Finalise => finalise(vm, pc, registers, constants, limit),
        Step::Return(value) => return_value(vm, pc, registers, constants, limit, value),
        Step::End(value) => end(vm, value),
        Step::Raised => Exit::Raised,
    }
}

/// Leaves the loop for good.
#[inline(never)]
fn end(vm: &mut Vm, value: Value) -> Exit {
    Running::end(vm, taken(value))
}

/// What follows something that has run outside the handlers.
#[inline(always)]
fn resume(vm: &mut Vm, run: Running, exit: Option<Exit>) -> Exit {
    match exit {
        Some(exit) => exit,
        None => go_on(vm, run),
    }
}

/// What follows a step that has not become another one by itself.
#[inline(always)]
fn go_on(vm: &mut Vm, run: Running) -> Exit {
    if run.is_near_limit() { stop(vm, run) } else { next(vm, run) }
}

/// Functions behind the handlers, one for each step, with what follows them. (No trait: its methods would be exported, and
/// with them all that they call.)
macro_rules! behind {
    ($(fn $name:ident($run:ident, $vm:ident $(, $argument:ident: $type:ty)?) $follow:ident($answer:expr $(, $more:ident)?);)*) => { $(
        #[inline(never)]
        fn $name(
            $vm: &mut Vm,
            pc: *const Cell<u64>,
            registers: Registers,
            constants: *const Value,
            limit: usize,
            $($argument: $type,)?
        ) -> Exit {
            let mut $run = Running { pc, registers, constants, limit };
            let answer = $answer;
            $follow($vm, $run, answer $(, $more)?)
        }
    )* };
}

behind! {
    fn slow(run, vm) resume(run.perform_slowly(vm));
    fn collect(run, vm) resume(run.collect(vm));
    fn settle(run, vm, object: NonNull<Header>) resume(run.settle(vm, object));
    fn settle_two(run, vm, object: NonNull<Header>) resume(run.settle_two(vm, object));
    fn native(run, vm, window: usize) resume(run.call_native(vm, window >> 16, window & 0xffff));
    fn call(run, vm, window: usize) resume(run.call_generally(vm, window >> 16, window & 0xffff));
    fn finalise(run, vm) resume(run.finalise(vm));
    fn return_value(run, vm, value: Value) resume(run.return_value(vm, value));
    fn advance(run, vm) proceed(iteration::advance(&mut run, vm), slow);
    fn construct(run, vm) proceed(calls::construct(&mut run, vm), slow);
    fn leave_burying(run, vm, value: Value) proceed(calls::leave_burying(&mut run, vm, value), slow);
}
