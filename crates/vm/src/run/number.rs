//! Arithmetic on numbers that live in the values themselves. Everything else is `None` here.
//!
//! Two functions an operator: for two integers or two floats, and for one of each ([`mixed`]), which is less common and would
//! cost the others machine registers.

use toy_object::Value;

const TAG: u64 = 0b11;

/// Integers up to here are floats without loss.
const EXACT: u64 = 1 << 53;

/// `left + right`.
#[inline(always)]
pub(super) fn add(left: Value, right: Value) -> Option<Value> {
    if left.both_small_ints(right) {
        // Both carry the tag; one of them loses it.
        let sum = (left.bits() as i64).checked_add((right.bits() - TAG) as i64)?;
        return Some(Value::from_bits(sum as u64));
    }
    floats(left, right, |x, y| x + y)
}

/// `left - right`.
#[inline(always)]
pub(super) fn subtract(left: Value, right: Value) -> Option<Value> {
    if left.both_small_ints(right) {
        let difference = (left.bits() as i64).checked_sub((right.bits() - TAG) as i64)?;
        return Some(Value::from_bits(difference as u64));
    }
    floats(left, right, |x, y| x - y)
}

/// `left * right`.
#[inline(always)]
pub(super) fn multiply(left: Value, right: Value) -> Option<Value> {
    if left.both_small_ints(right) {
        // One factor keeps its two tag bits' place: 4x * y = 4(xy).
        let product = ((left.bits() - TAG) as i64).checked_mul(right.small_int_unchecked())?;
        return Some(Value::from_bits(product as u64 | TAG));
    }
    floats(left, right, |x, y| x * y)
}

/// `left / right`, for floats other than zero and for integers that a float holds exactly.
#[inline(always)]
pub(super) fn true_divide(left: Value, right: Value) -> Option<Value> {
    if left.both_small_ints(right) {
        let (x, y) = (left.small_int_unchecked(), right.small_int_unchecked());
        if y == 0 || x.unsigned_abs() > EXACT || y.unsigned_abs() > EXACT {
            return None;
        }
        return Value::immediate_float(x as f64 / y as f64);
    }
    if !left.both_immediate_floats(right) {
        return None;
    }
    let (x, y) = (left.immediate_float_unchecked(), right.immediate_float_unchecked());
    if y == 0.0 { None } else { Value::immediate_float(x / y) }
}

/// `left // right` for integers.
#[inline(always)]
pub(super) fn floor_divide(left: Value, right: Value) -> Option<Value> {
    if !left.both_small_ints(right) {
        return None;
    }
    let (x, y) = (left.small_int_unchecked(), right.small_int_unchecked());
    if (x | y) as u64 >> 32 == 0 && y != 0 {
        // Half as wide is several times as fast on many processors.
        return Some(Value::int_unchecked(i64::from(x as u32 / y as u32)));
    }
    let quotient = x.checked_div(y)?;
    let floor = if (x % y != 0) && ((x < 0) != (y < 0)) { quotient - 1 } else { quotient };
    Value::small_int(floor)
}

/// `left % right` for integers.
#[inline(always)]
pub(super) fn modulo(left: Value, right: Value) -> Option<Value> {
    if !left.both_small_ints(right) {
        return None;
    }
    let (x, y) = (left.small_int_unchecked(), right.small_int_unchecked());
    if (x | y) as u64 >> 32 == 0 && y != 0 {
        return Some(Value::int_unchecked(i64::from(x as u32 % y as u32)));
    }
    let rest = x.checked_rem(y)?;
    Some(Value::int_unchecked(if rest != 0 && ((rest < 0) != (y < 0)) { rest + y } else { rest }))
}

/// `left << right` for a small shift that loses nothing.
#[inline(always)]
pub(super) fn left_shift(left: Value, right: Value) -> Option<Value> {
    if !left.both_small_ints(right) {
        return None;
    }
    let (x, count) = (left.small_int_unchecked(), right.small_int_unchecked());
    if !(0..62).contains(&count) {
        return None;
    }
    let shifted = x << count;
    if shifted >> count == x { Value::small_int(shifted) } else { None }
}

/// `left >> right`.
#[inline(always)]
pub(super) fn right_shift(left: Value, right: Value) -> Option<Value> {
    if !left.both_small_ints(right) {
        return None;
    }
    let (x, count) = (left.small_int_unchecked(), right.small_int_unchecked());
    if count < 0 { None } else { Some(Value::int_unchecked(x >> count.min(63))) }
}

/// `left & right`.
#[inline(always)]
pub(super) fn and(left: Value, right: Value) -> Option<Value> {
    if left.both_small_ints(right) { Some(Value::from_bits(left.bits() & right.bits())) } else { None }
}

/// `left | right`.
#[inline(always)]
pub(super) fn or(left: Value, right: Value) -> Option<Value> {
    if left.both_small_ints(right) { Some(Value::from_bits(left.bits() | right.bits())) } else { None }
}

/// `left ^ right`.
#[inline(always)]
pub(super) fn xor(left: Value, right: Value) -> Option<Value> {
    if left.both_small_ints(right) { Some(Value::from_bits((left.bits() ^ right.bits()) | TAG)) } else { None }
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

/// A comparison of two numbers, given once for integers and once for floats.
#[inline(always)]
pub(super) fn compare(
    left: Value,
    right: Value,
    integers: impl FnOnce(i64, i64) -> bool,
    floats: impl FnOnce(f64, f64) -> bool,
) -> Option<bool> {
    if left.both_small_ints(right) {
        // Equal tags: the order of the bits is the order of the numbers.
        return Some(integers(left.bits() as i64, right.bits() as i64));
    }
    if left.both_immediate_floats(right) {
        return Some(floats(left.immediate_float_unchecked(), right.immediate_float_unchecked()));
    }
    None
}

/// `-operand`.
#[inline(always)]
pub(super) fn negative(operand: Value) -> Option<Value> {
    match operand.as_small_int() {
        Some(number) => Value::small_int(-number),
        None => Value::immediate_float(-operand.as_immediate_float()?),
    }
}

#[inline(always)]
fn floats(left: Value, right: Value, operation: impl FnOnce(f64, f64) -> f64) -> Option<Value> {
    if !left.both_immediate_floats(right) {
        return None;
    }
    Value::immediate_float(operation(left.immediate_float_unchecked(), right.immediate_float_unchecked()))
}

/// The same operators for a float and an integer, in any order.
pub(super) mod mixed {
    use super::{EXACT, Value};

    /// Both as floats; the integer becomes the nearest one.
    #[inline(always)]
    fn two_floats(left: Value, right: Value) -> Option<(f64, f64)> {
        if left.is_immediate_float() && right.is_small_int() {
            Some((left.immediate_float_unchecked(), right.small_int_unchecked() as f64))
        } else if left.is_small_int() && right.is_immediate_float() {
            Some((left.small_int_unchecked() as f64, right.immediate_float_unchecked()))
        } else {
            None
        }
    }

    /// `left + right`.
    #[inline(always)]
    pub(in crate::run) fn add(left: Value, right: Value) -> Option<Value> {
        two_floats(left, right).and_then(|(x, y)| Value::immediate_float(x + y))
    }

    /// `left - right`.
    #[inline(always)]
    pub(in crate::run) fn subtract(left: Value, right: Value) -> Option<Value> {
        two_floats(left, right).and_then(|(x, y)| Value::immediate_float(x - y))
    }

    /// `left * right`.
    #[inline(always)]
    pub(in crate::run) fn multiply(left: Value, right: Value) -> Option<Value> {
        two_floats(left, right).and_then(|(x, y)| Value::immediate_float(x * y))
    }

    /// `left / right`, unless `right` is zero.
    #[inline(always)]
    pub(in crate::run) fn true_divide(left: Value, right: Value) -> Option<Value> {
        let (x, y) = two_floats(left, right)?;
        if y == 0.0 { None } else { Value::immediate_float(x / y) }
    }

    /// A comparison, of an integer that a float holds exactly: it can be compared as one.
    #[inline(always)]
    pub(in crate::run) fn compare(left: Value, right: Value, test: impl FnOnce(f64, f64) -> bool) -> Option<bool> {
        let is_exact = |value: Value| value.is_immediate_float() || value.small_int_unchecked().unsigned_abs() <= EXACT;
        let (x, y) = two_floats(left, right)?;
        if is_exact(left) && is_exact(right) { Some(test(x, y)) } else { None }
    }
}
