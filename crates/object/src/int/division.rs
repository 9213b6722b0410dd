//! Division: rounded down, with remainder, and into a float.

use num_integer::Integer;

use super::{Int, IntError};
use crate::heap::Heap;
use crate::reference::Owned;

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
        if let (Int::Small(left), Int::Small(right)) = (self, other)
            && let Some((quotient, _)) = floor(left, right)
        {
            return Ok(heap.new_int(quotient)?);
        }
        heap.room_for_bits(self.bit_length())?;
        Ok(heap.new_bigint(self.as_bigint().div_floor(&*other.as_bigint()))?)
    }

    /// `self % other`.
    #[inline]
    pub fn modulo(self, heap: &Heap, other: Int<'_>) -> Result<Owned, IntError> {
        if other.is_zero() {
            return Err(IntError::DivisionByZero);
        }
        if let (Int::Small(left), Int::Small(right)) = (self, other)
            && let Some((_, rest)) = floor(left, right)
        {
            return Ok(heap.new_int(rest)?);
        }
        heap.room_for_bits(self.bit_length().max(other.bit_length()))?;
        Ok(heap.new_bigint(self.as_bigint().mod_floor(&*other.as_bigint()))?)
    }

    /// `divmod(self, other)`.
    pub fn div_mod(self, heap: &Heap, other: Int<'_>) -> Result<(Owned, Owned), IntError> {
        if other.is_zero() {
            return Err(IntError::DivisionByZero);
        }
        if let (Int::Small(left), Int::Small(right)) = (self, other)
            && let Some((quotient, rest)) = floor(left, right)
        {
            return Ok((heap.new_int(quotient)?, heap.new_int(rest)?));
        }
        heap.room_for_bits(self.bit_length() + other.bit_length())?;
        let (quotient, rest) = self.as_bigint().div_mod_floor(&*other.as_bigint());
        Ok((heap.new_bigint(quotient)?, heap.new_bigint(rest)?))
    }

    /// `self / other`, correctly rounded.
    #[inline]
    pub fn true_div(self, other: Int<'_>) -> Result<f64, IntError> {
        if other.is_zero() {
            return Err(IntError::DivisionByZero);
        }
        toy_format::int_true_divide(self, other).map_err(|_| IntError::FloatOverflow)
    }

    /// The greatest common divisor.
    pub fn gcd(self, heap: &Heap, other: Int<'_>) -> Result<Owned, IntError> {
        if let (Int::Small(left), Int::Small(right)) = (self, other)
            && let Ok(divisor) = i64::try_from(left.unsigned_abs().gcd(&right.unsigned_abs()))
        {
            return Ok(heap.new_int(divisor)?);
        }
        Ok(heap.new_bigint(self.as_bigint().gcd(&other.as_bigint()))?)
    }

    /// The integral part of the square root of a number that is not negative.
    pub fn square_root(self, heap: &Heap) -> Result<Owned, IntError> {
        Ok(heap.new_bigint(self.as_bigint().sqrt())?)
    }
}
