//! Powers, plain and modular.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::One;

use super::{Int, IntError};
use crate::heap::{Heap, OutOfMemory};
use crate::reference::Owned;

impl Int<'_> {
    /// `self ** exponent`.
    pub fn pow(self, heap: &Heap, exponent: Int<'_>) -> Result<Owned, IntError> {
        if exponent.is_negative() {
            return Err(IntError::NegativeExponent);
        }
        match self {
            // Those whose powers stay small, whatever the exponent.
            _ if exponent.is_zero() => return Ok(heap.new_int(1)?),
            Int::Small(base @ (0 | 1)) => return Ok(heap.new_int(base)?),
            Int::Small(-1) => return Ok(heap.new_int(if exponent.is_odd() { -1 } else { 1 })?),
            _ => {}
        }
        let exponent = exponent.to_i64().and_then(|exponent| u32::try_from(exponent).ok()).ok_or(OutOfMemory)?;
        if let Int::Small(base) = self {
            if let Some(power) = base.checked_pow(exponent) {
                return Ok(heap.new_int(power)?);
            }
            if base.unsigned_abs().is_power_of_two() {
                let sign = if base < 0 && exponent % 2 == 1 { -1 } else { 1 };
                let count = i64::from(base.trailing_zeros()) * i64::from(exponent);
                return Int::Small(sign).shift_left(heap, Int::Small(count));
            }
        }
        // A number of n bits is at least 2^(n-1), so this is no more than the result takes.
        let bits = (self.bit_length() - 1).checked_mul(exponent.into()).ok_or(OutOfMemory)?;
        heap.room_for_bits(bits)?;
        Ok(heap.new_bigint(self.as_bigint().as_ref().pow(exponent))?)
    }

    /// `pow(self, exponent, modulus)`: with the sign of the modulus.
    pub fn pow_mod(self, heap: &Heap, exponent: Int<'_>, modulus: Int<'_>) -> Result<Owned, IntError> {
        if modulus.is_zero() {
            return Err(IntError::DivisionByZero);
        }
        if let (Int::Small(base), Int::Small(exponent @ 0..), Int::Small(modulus @ 1..)) = (self, exponent, modulus) {
            return Ok(heap.new_int(small_pow_mod(base, exponent, modulus))?);
        }
        let modulus = modulus.as_bigint();
        let mut base = self.as_bigint();
        let mut exponent = exponent.as_bigint();
        if exponent.sign() == num_bigint::Sign::Minus {
            // The inverse modulo ±1 is 0, which is not told as one.
            if modulus.magnitude().is_one() {
                return Ok(heap.new_int(0)?);
            }
            let inverse = base.mod_floor(&modulus).modinv(&modulus).ok_or(IntError::NotInvertible)?;
            base = std::borrow::Cow::Owned(inverse);
            exponent = std::borrow::Cow::Owned(-exponent.into_owned());
        }
        Ok(heap.new_bigint(BigInt::modpow(&base, &exponent, &modulus))?)
    }
}

/// By repeated squaring; `exponent` is not negative, `modulus` is positive.
fn small_pow_mod(base: i64, exponent: i64, modulus: i64) -> i64 {
    let times = |left: i64, right: i64| (i128::from(left) * i128::from(right) % i128::from(modulus)) as i64;
    let mut square = base.rem_euclid(modulus);
    let mut exponent = exponent;
    let mut power = 1 % modulus;
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = times(power, square);
        }
        square = times(square, square);
        exponent >>= 1;
    }
    power
}
