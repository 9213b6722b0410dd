//! The loop as a loop: one `match` on the operation, for every platform and every build. It can count exactly and be observed.

use toy_code::Op;

use super::Exit;
use super::handlers::{attributes, calls, for_each_handler, generators, items, iteration, jumps, names, numbers};
use super::registers::operation;
use super::running::{Running, Step};
use crate::frame::taken;
use crate::probe::Probe;
use crate::thread::Vm;

/// Runs the top frame and what it calls until the entry frame below it returns, something is raised, or the budget's
/// segment is used up. Unless `EXACT`, it also stops at a safepoint with fewer than [`SAFEPOINT_DISTANCE`](toy_code::SAFEPOINT_DISTANCE) instructions left.
pub(super) fn run<P: Probe, const EXACT: bool>(vm: &mut Vm, probe: &mut P) -> Exit {
    let mut run = Running::load(vm);
    if !EXACT && run.is_near_limit() {
        // Too little for the fast loop, but enough of a budget: a shorter segment cannot be.
        return Exit::Safepoint;
    }
    loop {
        if EXACT {
            if run.is_at_end() {
                return run.stop(vm);
            }
            if P::LISTENS {
                run.save(vm);
                let frame = vm.top();
                probe.instruction(frame.code(), frame.word_index());
            }
        }
        run.pc = run.pc.wrapping_add(1);
        // SAFETY: the code is verified: every word that `pc` comes to is an instruction of the table.
        let op: Op = unsafe { std::mem::transmute::<u8, Op>(operation(run.pc)) };
        macro_rules! handle {
            ($($op:ident => $first:path $(, $second:path)?;)*) => {
                match op {
                    $(Op::$op => match $first(&mut run, vm) {
                        $(Step::Slow => $second(&mut run, vm),)?
                        step => step,
                    },)*
                    _ => Step::Slow,
                }
            };
        }
        let mut step = for_each_handler!(handle);
        loop {
            let exit = match step {
                Step::Next => break,
                Step::Safepoint if EXACT => break,
                Step::Safepoint => return run.stop(vm),
                Step::Construct => {
                    step = calls::construct(&mut run, vm);
                    continue;
                }
                Step::Advance => {
                    step = iteration::advance(&mut run, vm);
                    continue;
                }
                Step::End(value) => return Running::end(vm, taken(value)),
                Step::Raised => return Exit::Raised,
                Step::Leave(value) => {
                    step = calls::leave_burying(&mut run, vm, value);
                    continue;
                }
                Step::Collect => run.collect(vm),
                Step::Finalise => run.finalise(vm),
                Step::Settle(object) => run.settle(vm, object),
                Step::SettleTwo(object) => run.settle_two(vm, object),
                Step::Slow => run.perform_slowly(vm),
                Step::Native(callee, count) => run.call_native(vm, callee, count),
                Step::Call(callee, count) => run.call_generally(vm, callee, count),
                Step::Return(value) => run.return_value(vm, value),
            };
            match exit {
                Some(exit) => return exit,
                None => step = if !EXACT && run.is_near_limit() { Step::Safepoint } else { Step::Next },
            }
        }
    }
}
