//! The float operators whose results differ from Rust's: floored division, modulo and power, with CPython's signed
//! zeros, infinities and NaNs.

use crate::error::Failure;

/// `dividend // divisor`.
///
/// # Errors
/// `ZeroDivisionError`.
pub fn float_floor_div(dividend: f64, divisor: f64) -> Result<f64, Failure> {
    if divisor == 0.0 {
        return Err(Failure::zero_division("float floor division by zero"));
    }
    Ok(floored_division(dividend, divisor).0)
}

/// `dividend % divisor`: the result has the sign of the divisor.
///
/// # Errors
/// `ZeroDivisionError`.
pub fn float_mod(dividend: f64, divisor: f64) -> Result<f64, Failure> {
    if divisor == 0.0 {
        return Err(Failure::zero_division("float modulo by zero"));
    }
    Ok(floored_remainder(dividend, divisor).0)
}

/// `divmod(dividend, divisor)`.
///
/// # Errors
/// `ZeroDivisionError`.
pub fn float_divmod(dividend: f64, divisor: f64) -> Result<(f64, f64), Failure> {
    if divisor == 0.0 {
        return Err(Failure::zero_division("float divmod()"));
    }
    Ok(floored_division(dividend, divisor))
}

/// `dividend / divisor`.
///
/// # Errors
/// `ZeroDivisionError`.
pub fn float_true_divide(dividend: f64, divisor: f64) -> Result<f64, Failure> {
    if divisor == 0.0 {
        return Err(Failure::zero_division("float division by zero"));
    }
    Ok(dividend / divisor)
}

/// What `base ** exponent` of two floats is.
#[derive(Clone, Debug, PartialEq)]
pub enum Power {
    /// A float.
    Real(f64),
    /// A complex number: a negative base under a fractional exponent.
    Complex,
    /// `ZeroDivisionError`: zero under a negative exponent.
    ZeroDivision(Failure),
    /// `OverflowError` with the arguments `(34, 'Numerical result out of range')`.
    OutOfRange,
}

/// `base ** exponent`.
pub fn float_pow(base: f64, exponent: f64) -> Power {
    if base == 0.0 && exponent < 0.0 && exponent.is_finite() {
        return Power::ZeroDivision(Failure::zero_division("0.0 cannot be raised to a negative power"));
    }
    if base < 0.0 && base.is_finite() && exponent.is_finite() && exponent.fract() != 0.0 {
        return Power::Complex;
    }
    let result = base.powf(exponent);
    if result.is_infinite() && base.is_finite() && exponent.is_finite() {
        return Power::OutOfRange;
    }
    Power::Real(result)
}

/// Quotient and remainder for a divisor that is not zero.
fn floored_division(dividend: f64, divisor: f64) -> (f64, f64) {
    let (remainder, below) = floored_remainder(dividend, divisor);
    let exact = (dividend - below.truncated_remainder) / divisor - if below.adjusted { 1.0 } else { 0.0 };
    if exact == 0.0 {
        return (0.0f64.copysign(dividend / divisor), remainder);
    }
    // The quotient of exact multiples may miss its integer by rounding.
    let floor = exact.floor();
    (if exact - floor > 0.5 { floor + 1.0 } else { floor }, remainder)
}

/// How the remainder towards zero became the floored one.
struct Adjustment {
    truncated_remainder: f64,
    adjusted: bool,
}

fn floored_remainder(dividend: f64, divisor: f64) -> (f64, Adjustment) {
    let truncated_remainder = dividend % divisor;
    if truncated_remainder == 0.0 {
        return (0.0f64.copysign(divisor), Adjustment { truncated_remainder, adjusted: false });
    }
    let adjusted = (divisor < 0.0) != (truncated_remainder < 0.0);
    let remainder = if adjusted { truncated_remainder + divisor } else { truncated_remainder };
    (remainder, Adjustment { truncated_remainder, adjusted })
}
