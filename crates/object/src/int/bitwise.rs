//! Shifts and bitwise operations, on two's complement of any length.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::{Int, IntError};
use crate::heap::{Heap, OutOfMemory};
use crate::reference::Owned;

/// The same operation for both forms.
macro_rules! bitwise {
    ($($(#[$doc:meta])* $name:ident $operator:tt;)*) => {
        $(
            $(#[$doc])*
            #[inline]
            pub fn $name(self, heap: &Heap, other: Int<'_>) -> Result<Owned, OutOfMemory> {
                match (self, other) {
                    (Int::Small(left), Int::Small(right)) => heap.new_int(left $operator right),
                    (left, right) => {
                        heap.room_for_bits(left.bit_length().max(right.bit_length()))?;
                        heap.new_bigint(&*left.as_bigint() $operator &*right.as_bigint())
                    }
                }
            }
        )*
    };
}

impl Int<'_> {
    bitwise! {
        /// Bits that are in both.
        and &;
        /// Bits that are in one or both.
        or |;
        /// Bits that are in one only.
        xor ^;
    }

    /// All bits turned round: `-number - 1`.
    #[inline]
    pub fn invert(self, heap: &Heap) -> Result<Owned, OutOfMemory> {
        match self {
            Int::Small(number) => heap.new_int(!number),
            Int::Big(number) => {
                heap.room_for_bits(number.bits())?;
                heap.new_bigint(-number - 1)
            }
        }
    }

    /// `self << count`.
    pub fn shift_left(self, heap: &Heap, count: Int<'_>) -> Result<Owned, IntError> {
        if count.is_negative() {
            return Err(IntError::NegativeShift);
        }
        if self.is_zero() {
            return Ok(heap.new_int(0)?);
        }
        let count = count.to_usize().ok_or(OutOfMemory)?;
        if let Int::Small(number) = self {
            // The sign bit and those next to it are all the same as far as they are shifted out.
            if count < 62 && number << count >> count == number {
                return Ok(heap.new_int(number << count)?);
            }
        }
        heap.room_for_bits(self.bit_length().checked_add(count as u64).ok_or(OutOfMemory)?)?;
        Ok(heap.new_bigint(&*self.as_bigint() << count)?)
    }

    /// `self >> count`, rounded down.
    pub fn shift_right(self, heap: &Heap, count: Int<'_>) -> Result<Owned, IntError> {
        if count.is_negative() {
            return Err(IntError::NegativeShift);
        }
        let rest = if self.is_negative() { -1 } else { 0 };
        Ok(match (self, count) {
            (Int::Small(number), Int::Small(count)) => heap.new_int(number >> count.min(63))?,
            (Int::Small(_), Int::Big(_)) => heap.new_int(rest)?,
            (Int::Big(number), count) => match count.to_i64().and_then(|count| count.to_usize()) {
                Some(count) if (count as u64) < number.bits() => {
                    heap.room_for_bits(number.bits() - count as u64)?;
                    heap.new_bigint(number >> count)?
                }
                _ => heap.new_int(rest)?,
            },
        })
    }

    /// The magnitude's bytes, the least significant first.
    pub fn to_bytes_le(self, heap: &Heap) -> Result<Vec<u8>, OutOfMemory> {
        heap.room_for_bits(self.bit_length())?;
        Ok(self.as_bigint().magnitude().to_bytes_le())
    }

    /// Two's complement, the least significant byte first, as short as possible.
    pub fn to_signed_bytes_le(self, heap: &Heap) -> Result<Vec<u8>, OutOfMemory> {
        heap.room_for_bits(self.bit_length())?;
        Ok(self.as_bigint().to_signed_bytes_le())
    }
}

impl Heap {
    /// An integer from its bytes, the least significant first; `is_signed`: in two's complement.
    pub fn new_int_from_bytes_le(&self, bytes: &[u8], is_signed: bool) -> Result<Owned, OutOfMemory> {
        // In two's complement the digits are turned round in a copy.
        self.room_for_bits(bytes.len() as u64 * if is_signed { 16 } else { 8 })?;
        self.new_bigint(if is_signed {
            BigInt::from_signed_bytes_le(bytes)
        } else {
            BigInt::from_bytes_le(num_bigint::Sign::Plus, bytes)
        })
    }
}
