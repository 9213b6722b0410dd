//! Jumps that look at one value, or at none. Those that compare stand with the comparisons.

use toy_code::flag;
use toy_object::Value;

use crate::run::number::quick_truth;
use crate::run::registers::{consume_living, consume_one_living};
use crate::run::running::{Running, Step};
use crate::thread::Vm;

#[inline(always)]
pub(in crate::run) fn jump(run: &mut Running, _: &mut Vm) -> Step {
    run.jump(run.wide() as i32 as isize)
}

#[inline(always)]
pub(in crate::run) fn jump_if(run: &mut Running, _: &mut Vm) -> Step {
    match quick_truth(run.registers.get(run.a())) {
        Some(truth) => run.jump_if(truth, run.wide() as i32 as isize),
        None => Step::Slow,
    }
}

#[inline(always)]
pub(in crate::run) fn jump_or_clear(run: &mut Running, _: &mut Vm) -> Step {
    match quick_truth(run.registers.get(run.a())) {
        Some(truth) if truth == run.has(flag::JUMP_IF_TRUE) => run.jump(run.wide() as i32 as isize),
        Some(_) => {
            run.registers.set(run.a(), Value::UNBOUND);
            Step::Next
        }
        None => Step::Slow,
    }
}

#[inline(always)]
pub(in crate::run) fn jump_if_none(run: &mut Running, _: &mut Vm) -> Step {
    let value = run.registers.get(run.a());
    // If the value dies here, it does so before the jump: that is done the general way.
    if run.has(flag::CONSUME_A) && !consume_living(run.registers, run.a()) {
        return Step::Slow;
    }
    run.jump_if(value.is_none(), run.wide() as i32 as isize)
}

#[inline(always)]
pub(in crate::run) fn jump_is(run: &mut Running, _: &mut Vm) -> Step {
    let (a, b) = (run.a(), run.b());
    let (left, right) = (run.registers.get(a), run.registers.get(b));
    let is_done = consume_one_living(run.registers, (a, run.has(flag::CONSUME_A)), (b, run.has(flag::CONSUME_B)));
    if is_done { run.jump_if(left == right, run.short_distance()) } else { Step::Slow }
}

/// An uncounted word where the budget is looked at.
#[inline(always)]
pub(in crate::run) fn safepoint(run: &mut Running, _: &mut Vm) -> Step {
    run.pass_safepoint()
}
