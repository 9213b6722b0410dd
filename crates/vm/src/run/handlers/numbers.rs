//! Operators and comparisons on what lives in the values themselves.

use toy_code::flag;
use toy_object::Value;

use crate::run::number;
use crate::run::registers::consume_one_living;
use crate::run::running::{Running, Step};
use crate::thread::Vm;

/// Two handlers an operator: with a register and with a constant on the right.
macro_rules! operators {
    ($($name:ident, $name_const:ident => $function:path;)*) => { $(
        #[inline(always)]
        pub(in crate::run) fn $name(run: &mut Running, _: &mut Vm) -> Step {
            run.write_or_slow($function(run.registers.get(run.b()), run.registers.get(run.c())))
        }

        #[inline(always)]
        pub(in crate::run) fn $name_const(run: &mut Running, _: &mut Vm) -> Step {
            run.write_or_slow($function(run.registers.get(run.b()), run.constant(run.c())))
        }
    )* };
}

operators! {
    add, add_const => number::add;
    subtract, subtract_const => number::subtract;
    multiply, multiply_const => number::multiply;
    true_divide, true_divide_const => number::true_divide;
    floor_divide, floor_divide_const => number::floor_divide;
    modulo, modulo_const => number::modulo;
    left_shift, left_shift_const => number::left_shift;
    right_shift, right_shift_const => number::right_shift;
    and, and_const => number::and;
    or, or_const => number::or;
    xor, xor_const => number::xor;
}

/// Three handlers a comparison: with a result, and with a jump, which compares with a register or a constant.
macro_rules! comparisons {
    ($($name:ident, $jump:ident, $jump_const:ident => $compare:expr;)*) => { $(
        #[inline(always)]
        pub(in crate::run) fn $name(run: &mut Running, _: &mut Vm) -> Step {
            run.write_or_slow($compare(run.registers.get(run.b()), run.registers.get(run.c())).map(Value::bool))
        }

        #[inline(always)]
        pub(in crate::run) fn $jump(run: &mut Running, _: &mut Vm) -> Step {
            jump_by_truth(run, $compare(run.registers.get(run.a()), run.registers.get(run.b())))
        }

        #[inline(always)]
        pub(in crate::run) fn $jump_const(run: &mut Running, _: &mut Vm) -> Step {
            jump_by_truth(run, $compare(run.registers.get(run.a()), run.constant(run.b())))
        }
    )* };
}

#[inline(always)]
fn jump_by_truth(run: &mut Running, truth: Option<bool>) -> Step {
    match truth {
        Some(truth) => run.jump_if(truth, run.short_distance()),
        None => Step::Slow,
    }
}

comparisons! {
    equal, jump_equal, jump_equal_const => |x, y| number::compare(x, y, |x, y| x == y, |x, y| x == y);
    not_equal, jump_not_equal, jump_not_equal_const => |x, y| number::compare(x, y, |x, y| x != y, |x, y| x != y);
    less, jump_less, jump_less_const => |x, y| number::compare(x, y, |x, y| x < y, |x, y| x < y);
    less_equal, jump_less_equal, jump_less_equal_const => |x, y| number::compare(x, y, |x, y| x <= y, |x, y| x <= y);
    greater, jump_greater, jump_greater_const => |x, y| number::compare(x, y, |x, y| x > y, |x, y| x > y);
    greater_equal, jump_greater_equal, jump_greater_equal_const => |x, y| number::compare(x, y, |x, y| x >= y, |x, y| x >= y);
}

/// The same for an integer and a float, in any order.
pub(in crate::run) mod mixed {
    use super::{Running, Step, Value, Vm, jump_by_truth};
    use crate::run::number::mixed;

    operators! {
        add, add_const => mixed::add;
        subtract, subtract_const => mixed::subtract;
        multiply, multiply_const => mixed::multiply;
        true_divide, true_divide_const => mixed::true_divide;
    }

    comparisons! {
        equal, jump_equal, jump_equal_const => |x, y| mixed::compare(x, y, |x, y| x == y);
        not_equal, jump_not_equal, jump_not_equal_const => |x, y| mixed::compare(x, y, |x, y| x != y);
        less, jump_less, jump_less_const => |x, y| mixed::compare(x, y, |x, y| x < y);
        less_equal, jump_less_equal, jump_less_equal_const => |x, y| mixed::compare(x, y, |x, y| x <= y);
        greater, jump_greater, jump_greater_const => |x, y| mixed::compare(x, y, |x, y| x > y);
        greater_equal, jump_greater_equal, jump_greater_equal_const => |x, y| mixed::compare(x, y, |x, y| x >= y);
    }
}

#[inline(always)]
pub(in crate::run) fn negative(run: &mut Running, _: &mut Vm) -> Step {
    run.write_or_slow(number::negative(run.registers.get(run.b())))
}

#[inline(always)]
pub(in crate::run) fn not(run: &mut Running, _: &mut Vm) -> Step {
    run.write_or_slow(number::quick_truth(run.registers.get(run.b())).map(|truth| Value::bool(!truth)))
}

#[inline(always)]
pub(in crate::run) fn is(run: &mut Running, _: &mut Vm) -> Step {
    identity(run, true)
}

#[inline(always)]
pub(in crate::run) fn is_not(run: &mut Running, _: &mut Vm) -> Step {
    identity(run, false)
}

#[inline(always)]
fn identity(run: &Running, wanted: bool) -> Step {
    let (b, c) = (run.b(), run.c());
    let (left, right) = (run.registers.get(b), run.registers.get(c));
    let is_done = consume_one_living(run.registers, (b, run.has(flag::CONSUME_B)), (c, run.has(flag::CONSUME_C)));
    if is_done { run.write(Value::bool((left == right) == wanted)) } else { Step::Slow }
}
