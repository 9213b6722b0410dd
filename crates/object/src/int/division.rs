//! Division: rounded down, with remainder, and into a float.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};

use super::{Int, IntError};
use crate::heap::Heap;
use crate::reference::Owned;

/// Largest magnitude up to which every integer is a float: 2^53.
const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// Quotient rounded down and remainder with the divisor's sign; `None` if the quotient overflows. `right` is not 0.
#[inline]
fn floor(left: i64, right: i64) -> Option<(i64, i64)> {
    let quotient = left.checked_div(right)?;
    let rest = left % right;
    Some(if rest != 0 && (rest < 0) != (right < 0) { (quotient - 1, rest + right) } else { (quotient, rest) })
}

impl Int<'_> {
    /// `self // other`.
    #[inline]
    pub fn floor_div(self, heap: &Heap, other: Int<'_>) -> Result<Owned, IntError> {
        if other.is_zero() {
            return Err(IntError::DivisionByZero);
        }
        if let (Int::Small(left), Int::Small(right)) = (self, other) {
            if let Some((quotient, _)) = floor(left, right) {
                return Ok(heap.new_int(quotient)?);
            }
        }
        Ok(heap.new_bigint(self.as_bigint().div_floor(&*other.as_bigint()))?)
    }

    /// `self % other`.
    #[inline]
    pub fn modulo(self, heap: &Heap, other: Int<'_>) -> Result<Owned, IntError> {
        if other.is_zero() {
            return Err(IntError::DivisionByZero);
        }
        if let (Int::Small(left), Int::Small(right)) = (self, other) {
            if let Some((_, rest)) = floor(left, right) {
                return Ok(heap.new_int(rest)?);
            }
        }
        Ok(heap.new_bigint(self.as_bigint().mod_floor(&*other.as_bigint()))?)
    }

    /// `divmod(self, other)`.
    pub fn div_mod(self, heap: &Heap, other: Int<'_>) -> Result<(Owned, Owned), IntError> {
        if other.is_zero() {
            return Err(IntError::DivisionByZero);
        }
        if let (Int::Small(left), Int::Small(right)) = (self, other) {
            if let Some((quotient, rest)) = floor(left, right) {
                return Ok((heap.new_int(quotient)?, heap.new_int(rest)?));
            }
        }
        let (quotient, rest) = self.as_bigint().div_mod_floor(&*other.as_bigint());
        Ok((heap.new_bigint(quotient)?, heap.new_bigint(rest)?))
    }

    /// `self / other`, correctly rounded.
    pub fn true_div(self, other: Int<'_>) -> Result<f64, IntError> {
        match (self, other) {
            (_, Int::Small(0)) => Err(IntError::DivisionByZero),
            (Int::Small(left), Int::Small(right)) if left.unsigned_abs() <= EXACT && right.unsigned_abs() <= EXACT => {
                Ok(left as f64 / right as f64)
            }
            (left, right) => {
                let (left, right) = (left.as_bigint(), right.as_bigint());
                let magnitude = divide_magnitudes(&left.abs(), &right.abs());
                let is_negative = left.is_negative() != right.is_negative();
                if magnitude.is_infinite() {
                    return Err(IntError::FloatOverflow);
                }
                Ok(if is_negative { -magnitude } else { magnitude })
            }
        }
    }

    /// The greatest common divisor.
    pub fn gcd(self, heap: &Heap, other: Int<'_>) -> Result<Owned, IntError> {
        Ok(heap.new_bigint(self.as_bigint().gcd(&other.as_bigint()))?)
    }

    /// The integral part of the square root of a number that is not negative.
    pub fn square_root(self, heap: &Heap) -> Result<Owned, IntError> {
        Ok(heap.new_bigint(self.as_bigint().sqrt())?)
    }
}

/// The correctly rounded quotient of two positive numbers (the first may be 0); infinite if it is too large.
fn divide_magnitudes(left: &BigInt, right: &BigInt) -> f64 {
    /// A quotient of so many bits keeps two more than a float, and one to spare.
    const KEPT: i64 = f64::MANTISSA_DIGITS as i64 + 3;
    /// The exponent of the last bit of the smallest float.
    const LOWEST: i64 = f64::MIN_EXP as i64 - f64::MANTISSA_DIGITS as i64;
    let exponent = left.bits() as i64 - right.bits() as i64;
    if exponent > i64::from(f64::MAX_EXP) {
        return f64::INFINITY;
    }
    // The quotient is computed in units of 2^shift; near the smallest floats fewer bits count.
    let shift = (exponent - KEPT).max(LOWEST - 2);
    let (quotient, rest) = if shift >= 0 {
        left.div_rem(&(right << shift as u64))
    } else {
        (left << shift.unsigned_abs()).div_rem(right)
    };
    let Some(mut quotient) = quotient.to_u64() else { return f64::INFINITY };
    // Whatever is left only matters in so far as it is more than nothing.
    quotient |= u64::from(rest.is_positive());
    // The bits that do not count are rounded off here, so that converting and scaling are exact.
    let spare = (64 - quotient.leading_zeros()).saturating_sub(f64::MANTISSA_DIGITS).max((LOWEST - shift).max(0) as u32);
    let half = 1u64 << spare >> 1;
    let tail = quotient & ((1u64 << spare) - 1);
    let mut rounded = quotient >> spare;
    if tail > half || (tail == half && half > 0 && rounded & 1 == 1) {
        rounded += 1;
    }
    scale(rounded as f64, shift + i64::from(spare))
}

/// `number` times 2^exponent, in steps that are each exact.
fn scale(mut number: f64, mut exponent: i64) -> f64 {
    while exponent > 1000 {
        number *= 2f64.powi(1000);
        exponent -= 1000;
    }
    while exponent < -1000 {
        number *= 2f64.powi(-1000);
        exponent += 1000;
    }
    number * 2f64.powi(exponent as i32)
}
