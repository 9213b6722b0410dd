//! Where integers meet floats: exact conversion, exact comparison, and correctly rounded division.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{ToPrimitive, Zero};

use crate::error::Failure;
use crate::float_text::decompose;
use crate::int::{Int, IntRef};

/// Bits of a float's significand.
const SIGNIFICAND_BITS: i64 = 53;
/// The exponent of the last bit of the smallest floats.
const LEAST_EXPONENT: i64 = -1074;
/// Integers up to here are floats exactly.
const EXACT_INTEGER: u64 = 1 << 53;

/// The float nearest to `value`, ties to even: `float(value)`.
///
/// # Errors
/// `OverflowError` ("int too large to convert to float").
pub fn int_to_f64<'a>(value: impl Into<IntRef<'a>>) -> Result<f64, Failure> {
    match value.into() {
        IntRef::Small(value) => Ok(value as f64),
        IntRef::Big(value) => bigint_to_f64(value),
    }
}

/// The float nearest to `value`, ties to even.
///
/// # Errors
/// `OverflowError` ("int too large to convert to float").
pub fn bigint_to_f64(value: &BigInt) -> Result<f64, Failure> {
    let magnitude = value.magnitude();
    let dropped_bits = magnitude.bits().saturating_sub(64);
    let (top, inexact) = top_bits(magnitude, dropped_bits);
    let rounded = round_to_f64(top, inexact, i64::try_from(dropped_bits).unwrap_or(i64::MAX / 2));
    if rounded.is_infinite() {
        return Err(Failure::overflow("int too large to convert to float"));
    }
    Ok(with_sign(rounded, value.sign() == Sign::Minus))
}

/// Compares the exact values; `None` if the float is no number.
pub fn compare_int_float<'a>(int: impl Into<IntRef<'a>>, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    let int = int.into();
    if let IntRef::Small(value) = int
        && value.unsigned_abs() <= EXACT_INTEGER
    {
        return (value as f64).partial_cmp(&float);
    }
    if float.is_infinite() {
        return Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = truncated(float);
    let by_whole = match (int, &whole) {
        (IntRef::Small(left), Int::Small(right)) => left.cmp(right),
        (IntRef::Small(left), Int::Big(right)) => BigInt::from(left).cmp(right),
        (IntRef::Big(left), Int::Small(right)) => left.cmp(&BigInt::from(*right)),
        (IntRef::Big(left), Int::Big(right)) => left.cmp(right),
    };
    // With equal whole parts, the fraction that truncation dropped decides.
    Some(by_whole.then_with(|| 0.0f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal)))
}

/// `int(value)`: the integer towards zero.
///
/// # Errors
/// `OverflowError` for an infinity, `ValueError` for a NaN.
pub fn float_to_int(value: f64) -> Result<Int, Failure> {
    if value.is_nan() {
        return Err(Failure::value("cannot convert float NaN to integer"));
    }
    if value.is_infinite() {
        return Err(Failure::overflow("cannot convert float infinity to integer"));
    }
    Ok(truncated(value))
}

/// `dividend / divisor`, correctly rounded even where neither operand is a float. Zero by a negative integer is -0.0.
///
/// # Errors
/// `ZeroDivisionError`, or `OverflowError` ("integer division result too large for a float").
pub fn int_true_divide<'a>(dividend: impl Into<IntRef<'a>>, divisor: impl Into<IntRef<'a>>) -> Result<f64, Failure> {
    let (dividend, divisor) = (dividend.into(), divisor.into());
    if let (IntRef::Small(dividend), IntRef::Small(divisor)) = (dividend, divisor)
        && dividend.unsigned_abs() <= EXACT_INTEGER
        && divisor.unsigned_abs() <= EXACT_INTEGER
        && divisor != 0
    {
        return Ok(dividend as f64 / divisor as f64);
    }
    let negative = dividend.is_negative() != divisor.is_negative();
    let (dividend, divisor) = (magnitude(dividend), magnitude(divisor));
    if divisor.is_zero() {
        return Err(Failure::zero_division("division by zero"));
    }
    let quotient = if dividend.is_zero() { 0.0 } else { divide_magnitudes(&dividend, &divisor) };
    if quotient.is_infinite() {
        return Err(Failure::overflow("integer division result too large for a float"));
    }
    Ok(with_sign(quotient, negative))
}

/// `top * 2^exponent` (and a bit more, if inexact) rounded half to even, infinite if too large.
pub(crate) fn round_to_f64(top: u64, inexact: bool, exponent: i64) -> f64 {
    if top == 0 {
        return 0.0;
    }
    let bits = i64::from(u64::BITS - top.leading_zeros());
    // The exponent of the last bit that the result can hold; larger for subnormal results.
    let last_exponent = (exponent + bits - SIGNIFICAND_BITS).max(LEAST_EXPONENT);
    let dropped_bits = last_exponent - exponent;
    let significand = if dropped_bits <= 0 { top } else { round_shift(top, dropped_bits, inexact) };
    let exponent = if dropped_bits <= 0 { exponent } else { last_exponent };
    scale(significand, exponent)
}

/// The integer part of a finite float.
pub(crate) fn truncated(value: f64) -> Int {
    let (significand, exponent) = decompose(value.abs());
    if exponent <= 0 {
        let whole = significand.checked_shr(exponent.unsigned_abs()).unwrap_or(0) as i64;
        return Int::Small(if value < 0.0 { -whole } else { whole });
    }
    let magnitude = BigInt::from(significand) << exponent.unsigned_abs();
    Int::from(if value < 0.0 { -magnitude } else { magnitude })
}

fn divide_magnitudes(dividend: &BigUint, divisor: &BigUint) -> f64 {
    // A quotient of 63 or 64 bits leaves more than ten bits to round by; the rest of the value is "inexact".
    let shift = 64 - (bit_length(dividend) - bit_length(divisor));
    let (dividend, divisor) = match usize::try_from(shift) {
        Ok(shift) => (dividend << shift, divisor.clone()),
        Err(_) => (dividend.clone(), divisor << shift.unsigned_abs()),
    };
    let quotient = &dividend / &divisor;
    let remainder = &dividend - &quotient * &divisor;
    let extra_bits = quotient.bits().saturating_sub(64);
    let (top, inexact) = top_bits(&quotient, extra_bits);
    round_to_f64(top, inexact || !remainder.is_zero(), -shift + bit_count(extra_bits))
}

/// The value without its lowest `dropped` bits, and whether any of those was set.
fn top_bits(magnitude: &BigUint, dropped: u64) -> (u64, bool) {
    if dropped == 0 {
        return (magnitude.to_u64().unwrap_or(0), false);
    }
    let inexact = magnitude.trailing_zeros().is_some_and(|zeros| zeros < dropped);
    ((magnitude >> dropped).to_u64().unwrap_or(0), inexact)
}

fn round_shift(value: u64, dropped_bits: i64, inexact: bool) -> u64 {
    if dropped_bits > 64 {
        return 0;
    }
    let wide = u128::from(value);
    let half = 1u128 << (dropped_bits - 1);
    let quotient = (wide >> dropped_bits) as u64;
    let remainder = wide & ((half << 1) - 1);
    let round_up = remainder > half || (remainder == half && (inexact || quotient & 1 == 1));
    quotient + u64::from(round_up)
}

/// `significand * 2^exponent` for a result that needs no rounding, infinite if too large.
fn scale(significand: u64, exponent: i64) -> f64 {
    let mut value = significand as f64;
    let mut exponent = exponent.clamp(-2200, 2200);
    // Steps of at most 2^±1000, towards the result, so that no step rounds.
    while exponent != 0 && value != 0.0 && value.is_finite() {
        let step = exponent.clamp(-1000, 1000);
        value *= power_of_two(step);
        exponent -= step;
    }
    value
}

fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

fn magnitude(value: IntRef<'_>) -> BigUint {
    match value {
        IntRef::Small(value) => value.unsigned_abs().into(),
        IntRef::Big(value) => value.magnitude().clone(),
    }
}

fn bit_length(value: &BigUint) -> i64 {
    bit_count(value.bits())
}

fn bit_count(bits: u64) -> i64 {
    i64::try_from(bits).unwrap_or(i64::MAX / 4)
}

fn with_sign(magnitude: f64, negative: bool) -> f64 {
    if negative { -magnitude } else { magnitude }
}
