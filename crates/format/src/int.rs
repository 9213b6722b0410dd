//! Integers of any size as this crate hands them out ([`Int`]) and takes them ([`IntRef`]).

use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

/// An integer result: small whenever it fits, so that equal integers are equal values of this type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Int {
    /// An integer of 64 bits.
    Small(i64),
    /// An integer outside the range of `i64`.
    Big(BigInt),
}

impl Int {
    /// The same integer, borrowed.
    pub fn borrow(&self) -> IntRef<'_> {
        match self {
            Int::Small(value) => IntRef::Small(*value),
            Int::Big(value) => IntRef::Big(value),
        }
    }

    /// The same integer as a big one.
    pub fn into_big(self) -> BigInt {
        match self {
            Int::Small(value) => value.into(),
            Int::Big(value) => value,
        }
    }
}

impl From<i64> for Int {
    fn from(value: i64) -> Self {
        Int::Small(value)
    }
}

impl From<BigInt> for Int {
    fn from(value: BigInt) -> Self {
        value.to_i64().map_or(Int::Big(value), Int::Small)
    }
}

/// An integer operand. A big one need not be outside the range of `i64`.
#[derive(Clone, Copy, Debug)]
pub enum IntRef<'a> {
    /// An integer of 64 bits.
    Small(i64),
    /// An integer of any size.
    Big(&'a BigInt),
}

impl IntRef<'_> {
    /// Whether the integer is less than zero.
    pub fn is_negative(self) -> bool {
        match self {
            IntRef::Small(value) => value < 0,
            IntRef::Big(value) => value.sign() == Sign::Minus,
        }
    }

    /// The integer as 64 bits, if it fits.
    pub fn to_i64(self) -> Option<i64> {
        match self {
            IntRef::Small(value) => Some(value),
            IntRef::Big(value) => value.to_i64(),
        }
    }
}

impl From<i64> for IntRef<'_> {
    fn from(value: i64) -> Self {
        IntRef::Small(value)
    }
}

impl<'a> From<&'a BigInt> for IntRef<'a> {
    fn from(value: &'a BigInt) -> Self {
        IntRef::Big(value)
    }
}

impl<'a> From<&'a Int> for IntRef<'a> {
    fn from(value: &'a Int) -> Self {
        value.borrow()
    }
}
