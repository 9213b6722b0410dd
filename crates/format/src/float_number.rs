//! Floats as exact numbers: rounding to decimal digits and the integer ratio.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Pow, Zero};

use crate::error::Failure;
use crate::float_text::{FloatStyle, decompose, push_magnitude, scaled_to_integer};
use crate::int::Int;
use crate::int_float::{bigint_to_f64, float_to_int, truncated};

/// From here on, rounding to so many digits changes no float.
const MOST_DIGITS: i64 = 323;
/// Below this, rounding to so many digits leaves zero of any float.
const LEAST_DIGITS: i64 = -308;
/// Powers of ten up to this exponent are floats exactly.
const EXACT_POWER_OF_TEN: usize = 22;

/// `round(value)`: the nearest integer, ties to even.
///
/// # Errors
/// `OverflowError` for an infinity, `ValueError` for a NaN.
pub fn round_float_to_int(value: f64) -> Result<Int, Failure> {
    float_to_int(value.round_ties_even())
}

/// `round(value, digits)`: rounded at the `digits`-th decimal, half to even on the exact binary value. A negative
/// number counts digits before the point.
///
/// # Errors
/// `OverflowError` if the rounded value is too large for a float.
pub fn round_float(value: f64, digits: i64) -> Result<f64, Failure> {
    if !value.is_finite() || digits > MOST_DIGITS {
        return Ok(value);
    }
    if digits < LEAST_DIGITS {
        return Ok(0.0 * value);
    }
    let magnitude = value.abs();
    let rounded = match usize::try_from(digits) {
        Ok(digits) => round_fraction(magnitude, digits),
        Err(_) => round_whole(magnitude, digits.unsigned_abs() as u32),
    };
    if rounded.is_infinite() {
        return Err(Failure::overflow("rounded value too large to represent"));
    }
    Ok(rounded.copysign(value))
}

/// `value.as_integer_ratio()`: numerator and positive denominator in lowest terms.
///
/// # Errors
/// `OverflowError` for an infinity, `ValueError` for a NaN.
pub fn float_as_integer_ratio(value: f64) -> Result<(BigInt, BigInt), Failure> {
    if value.is_nan() {
        return Err(Failure::value("cannot convert NaN to integer ratio"));
    }
    if value.is_infinite() {
        return Err(Failure::overflow("cannot convert Infinity to integer ratio"));
    }
    let (significand, exponent) = decompose(value.abs());
    if significand == 0 {
        return Ok((BigInt::zero(), BigInt::one()));
    }
    let zeros = significand.trailing_zeros();
    let exponent = i64::from(exponent) + i64::from(zeros);
    let mut numerator = BigInt::from(significand >> zeros);
    let mut denominator = BigInt::one();
    if exponent >= 0 {
        numerator <<= exponent.unsigned_abs();
    } else {
        denominator <<= exponent.unsigned_abs();
    }
    Ok((if value < 0.0 { -numerator } else { numerator }, denominator))
}

fn round_fraction(magnitude: f64, digits: usize) -> f64 {
    if let Some(scaled) = scaled_to_integer(magnitude, digits).filter(|&scaled| scaled <= 1 << 53)
        && digits <= EXACT_POWER_OF_TEN
    {
        // Both operands are exact, so that the division rounds once, as reading the digits would.
        return scaled as f64 / 10f64.powi(digits as i32);
    }
    let mut text = String::with_capacity(digits + 320);
    push_magnitude(&mut text, magnitude, FloatStyle::Fixed(digits), false);
    text.parse().unwrap_or(magnitude)
}

fn round_whole(magnitude: f64, digits: u32) -> f64 {
    let unit: BigInt = BigInt::from(10).pow(digits);
    let (mut quotient, remainder) = truncated(magnitude).into_big().div_rem(&unit);
    let twice: BigInt = remainder * 2;
    let round_up = match twice.cmp(&unit) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => magnitude.fract() != 0.0 || quotient.is_odd(),
        std::cmp::Ordering::Less => false,
    };
    if round_up {
        quotient += 1;
    }
    bigint_to_f64(&(quotient * unit)).unwrap_or(f64::INFINITY)
}
