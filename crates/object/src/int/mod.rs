//! Integers: up to 62 bits in the value, larger ones in an object.
//!
//! Invariant: which of the two forms a number takes is a function of the number, so equal bits mean equal numbers.
//! Invariant: the digits of large integers are charged to the heap, and results that may be huge are sized beforehand.

mod arithmetic;
mod bitwise;
mod division;
mod power;
mod text;

use std::borrow::Cow;
use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};
use num_traits::{FromPrimitive, ToPrimitive};
use toy_format::IntRef;

pub use text::parse_digits;

use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::BigIntObject;
use crate::reference::{Owned, Ref};
use crate::shape::ShapeId;
use crate::value::Value;

/// An integer.
#[derive(Clone, Copy, Debug)]
pub enum Int<'a> {
    /// One that a machine word holds.
    Small(i64),
    /// One that needs more than 62 bits.
    Big(&'a BigInt),
}

/// Why an integer operation has no integer for an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IntError {
    /// The result does not fit the heap.
    OutOfMemory,
    /// The divisor or modulus is 0.
    DivisionByZero,
    /// Shifting by a negative number of bits.
    NegativeShift,
    /// The exponent is negative: the result is a float.
    NegativeExponent,
    /// The base has no inverse for this modulus.
    NotInvertible,
    /// The result is too large for a float.
    FloatOverflow,
}

impl From<OutOfMemory> for IntError {
    fn from(_: OutOfMemory) -> Self {
        IntError::OutOfMemory
    }
}

impl Heap {
    /// An integer.
    #[inline]
    pub fn new_int(&self, number: i64) -> Result<Owned, OutOfMemory> {
        match Value::small_int(number).and_then(Owned::from_immediate) {
            Some(int) => Ok(int),
            None => self.new_boxed_int(number.into()),
        }
    }

    /// An integer.
    pub fn new_bigint(&self, number: BigInt) -> Result<Owned, OutOfMemory> {
        let small = number.to_i64().and_then(Value::small_int).and_then(Owned::from_immediate);
        small.map_or_else(|| self.new_boxed_int(number), Ok)
    }

    /// An integer from a length, count or the like.
    pub fn new_int_from_usize(&self, number: usize) -> Result<Owned, OutOfMemory> {
        match i64::try_from(number) {
            Ok(number) => self.new_int(number),
            Err(_) => self.new_bigint(number.into()),
        }
    }

    /// The integral part of a float; `None` if it has none: an infinity or no number.
    pub fn new_int_from_f64(&self, number: f64) -> Result<Option<Owned>, OutOfMemory> {
        const EXACT: f64 = (1u64 << 62) as f64;
        if number.abs() < EXACT {
            return self.new_int(number as i64).map(Some);
        }
        BigInt::from_f64(number).map(|number| self.new_bigint(number)).transpose()
    }

    #[cold]
    #[inline(never)]
    fn new_boxed_int(&self, number: BigInt) -> Result<Owned, OutOfMemory> {
        let bytes = digit_bytes(&number);
        self.charge(bytes)?;
        let object = BigIntObject { header: Header::new(ShapeId::INT), number };
        self.allocate(object).inspect_err(|_| self.refund(bytes))
    }

    /// Gives back what the digits of a dying integer were charged for.
    pub(crate) fn refund_bigint(&self, object: &BigIntObject) {
        self.refund(digit_bytes(&object.number));
    }

    /// Asks whether a result of so many bits would fit.
    pub fn room_for_bits(&self, bits: u64) -> Result<(), OutOfMemory> {
        let bytes = usize::try_from(bits / 8).map_err(|_| OutOfMemory)?;
        if self.has_room_for(bytes) { Ok(()) } else { Err(OutOfMemory) }
    }
}

/// Bytes of the digits of a number: a function of the number alone, so that what is charged is refunded.
fn digit_bytes(number: &BigInt) -> usize {
    number.bits().div_ceil(64) as usize * 8
}

impl<'a> Ref<'a> {
    /// The number, of an integer, a bool or an instance of a subclass.
    #[inline]
    pub fn as_int(self) -> Option<Int<'a>> {
        match self.value().as_small_int() {
            Some(number) => Some(Int::Small(number)),
            None => self.as_unusual_int(),
        }
    }

    #[inline(never)]
    fn as_unusual_int(self) -> Option<Int<'a>> {
        if let Some(truth) = self.value().as_bool() {
            return Some(Int::Small(truth.into()));
        }
        if self.is_builtin_kind() {
            return Some(Int::Big(&self.layout::<BigIntObject>()?.number));
        }
        crate::instance::wrapped(self)?.as_int()
    }

    /// The number, if it is a plain integer: no bool, no instance of a subclass.
    #[inline]
    pub fn as_exact_int(self) -> Option<Int<'a>> {
        match self.value().as_small_int() {
            Some(number) => Some(Int::Small(number)),
            None => Some(Int::Big(&self.layout::<BigIntObject>()?.number)),
        }
    }
}

impl<'a> Int<'a> {
    /// The number in the general form.
    pub fn to_bigint(self) -> BigInt {
        self.as_bigint().into_owned()
    }

    /// The number in the general form, borrowed if it stands in it.
    pub fn as_bigint(self) -> Cow<'a, BigInt> {
        match self {
            Int::Small(number) => Cow::Owned(number.into()),
            Int::Big(number) => Cow::Borrowed(number),
        }
    }

    /// The number, if it fits.
    #[inline]
    pub fn to_i64(self) -> Option<i64> {
        match self {
            Int::Small(number) => Some(number),
            Int::Big(number) => number.to_i64(),
        }
    }

    /// The number, if it fits.
    #[inline]
    pub fn to_usize(self) -> Option<usize> {
        match self {
            Int::Small(number) => usize::try_from(number).ok(),
            Int::Big(number) => number.to_usize(),
        }
    }

    /// The number, or the nearest one that fits.
    pub fn saturating_to_isize(self) -> isize {
        match self {
            Int::Small(number) => number as isize,
            Int::Big(number) => {
                number.to_isize().unwrap_or(if number.sign() == Sign::Minus { isize::MIN } else { isize::MAX })
            }
        }
    }

    /// The nearest float; `None` if the number is too large for one.
    #[inline]
    pub fn to_f64(self) -> Option<f64> {
        toy_format::int_to_f64(self).ok()
    }

    /// Whether it is 0.
    pub fn is_zero(self) -> bool {
        matches!(self, Int::Small(0))
    }

    /// Whether it is below 0.
    pub fn is_negative(self) -> bool {
        match self {
            Int::Small(number) => number < 0,
            Int::Big(number) => number.sign() == Sign::Minus,
        }
    }

    /// Whether it is odd.
    pub fn is_odd(self) -> bool {
        match self {
            Int::Small(number) => number & 1 == 1,
            Int::Big(number) => number.bit(0),
        }
    }

    /// Number of bits of the magnitude.
    pub fn bit_length(self) -> u64 {
        match self {
            Int::Small(number) => (64 - number.unsigned_abs().leading_zeros()).into(),
            Int::Big(number) => number.bits(),
        }
    }

    /// Number of ones in the magnitude.
    pub fn bit_count(self) -> u64 {
        match self {
            Int::Small(number) => number.unsigned_abs().count_ones().into(),
            Int::Big(number) => number.magnitude().count_ones(),
        }
    }

    /// The order.
    #[inline]
    pub fn compare(self, other: Int<'_>) -> Ordering {
        match (self, other) {
            (Int::Small(left), Int::Small(right)) => left.cmp(&right),
            (Int::Big(left), Int::Big(right)) => left.cmp(right),
            (Int::Small(left), Int::Big(right)) => compare_small(left, right),
            (Int::Big(left), Int::Small(right)) => compare_small(right, left).reverse(),
        }
    }

    /// Whether both are the same number.
    #[inline]
    pub fn equal(self, other: Int<'_>) -> bool {
        self.compare(other).is_eq()
    }

    /// The exact order of an integer and a float; `None` if the float is no number.
    #[inline]
    pub fn compare_f64(self, float: f64) -> Option<Ordering> {
        toy_format::compare_int_float(self, float)
    }
}

impl<'a> From<Int<'a>> for IntRef<'a> {
    #[inline]
    fn from(number: Int<'a>) -> Self {
        match number {
            Int::Small(number) => IntRef::Small(number),
            Int::Big(number) => IntRef::Big(number),
        }
    }
}

/// The order of a number of 64 bits and one of any size.
fn compare_small(small: i64, big: &BigInt) -> Ordering {
    match big.to_i64() {
        Some(big) => small.cmp(&big),
        None if big.sign() == Sign::Minus => Ordering::Greater,
        None => Ordering::Less,
    }
}

#[cfg(test)]
mod tests;
