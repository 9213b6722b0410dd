//! Sums, products and signs.

use num_bigint::BigInt;

use super::Int;
use crate::heap::{Heap, OutOfMemory};
use crate::reference::Owned;

impl Int<'_> {
    /// The sum.
    #[inline]
    pub fn add(self, heap: &Heap, other: Int<'_>) -> Result<Owned, OutOfMemory> {
        if let (Int::Small(left), Int::Small(right)) = (self, other)
            && let Some(sum) = left.checked_add(right)
        {
            return heap.new_int(sum);
        }
        heap.room_for_bits(self.bit_length().max(other.bit_length()))?;
        heap.new_bigint(match (self, other) {
            (Int::Small(left), Int::Small(right)) => BigInt::from(left) + right,
            (Int::Small(small), Int::Big(big)) | (Int::Big(big), Int::Small(small)) => big + small,
            (Int::Big(left), Int::Big(right)) => left + right,
        })
    }

    /// The difference.
    #[inline]
    pub fn sub(self, heap: &Heap, other: Int<'_>) -> Result<Owned, OutOfMemory> {
        if let (Int::Small(left), Int::Small(right)) = (self, other)
            && let Some(difference) = left.checked_sub(right)
        {
            return heap.new_int(difference);
        }
        heap.room_for_bits(self.bit_length().max(other.bit_length()))?;
        heap.new_bigint(match (self, other) {
            (Int::Small(left), Int::Small(right)) => BigInt::from(left) - right,
            (Int::Small(left), Int::Big(right)) => left - right,
            (Int::Big(left), Int::Small(right)) => left - right,
            (Int::Big(left), Int::Big(right)) => left - right,
        })
    }

    /// The product.
    #[inline]
    pub fn mul(self, heap: &Heap, other: Int<'_>) -> Result<Owned, OutOfMemory> {
        if let (Int::Small(left), Int::Small(right)) = (self, other)
            && let Some(product) = left.checked_mul(right)
        {
            return heap.new_int(product);
        }
        heap.room_for_bits(self.bit_length() + other.bit_length())?;
        heap.new_bigint(match (self, other) {
            (Int::Small(left), Int::Small(right)) => BigInt::from(i128::from(left) * i128::from(right)),
            (Int::Small(small), Int::Big(big)) | (Int::Big(big), Int::Small(small)) => big * small,
            (Int::Big(left), Int::Big(right)) => left * right,
        })
    }

    /// The number with the other sign.
    #[inline]
    pub fn neg(self, heap: &Heap) -> Result<Owned, OutOfMemory> {
        match self {
            Int::Small(number) => Int::Small(0).sub(heap, Int::Small(number)),
            Int::Big(number) => {
                heap.room_for_bits(number.bits())?;
                heap.new_bigint(-number)
            }
        }
    }

    /// The magnitude.
    pub fn abs(self, heap: &Heap) -> Result<Owned, OutOfMemory> {
        if self.is_negative() { self.neg(heap) } else { self.to_owned(heap) }
    }

    /// The number as a plain integer.
    pub fn to_owned(self, heap: &Heap) -> Result<Owned, OutOfMemory> {
        match self {
            Int::Small(number) => heap.new_int(number),
            Int::Big(number) => {
                heap.room_for_bits(number.bits())?;
                heap.new_bigint(number.clone())
            }
        }
    }
}
