//! The eight bytes that a register, a list element or an attribute holds.
//!
//! | low three bits | meaning |
//! |---|---|
//! | `000` | pointer to an object on the heap |
//! | `.11` | integer of 62 bits |
//! | `010` | one of the singletons, told apart by the bits above |
//! | `001`, `100`, `101` | float: `rotate_left(bits, 4) + 1`; covers 0.0, -0.0 and 2^-255 ≤ |x| < 2^256 and the very small |
//! | `110` | never occurs |
//!
//! Other floats and integers live in objects. Which form a number takes is a function of the number alone, so equal
//! bits of two small integers mean equal integers and the other way round.

use std::ptr::NonNull;

use crate::header::Header;

/// Smallest integer that a value holds by itself.
pub const SMALL_INT_MIN: i64 = -(1 << 61);
/// Largest integer that a value holds by itself.
pub const SMALL_INT_MAX: i64 = (1 << 61) - 1;

const TAG_MASK: u64 = 0b111;
const INT_TAG: u64 = 0b11;

/// Raw bits of a value. Copying one copies no count: [`Owned`](crate::Owned) and [`Ref`](crate::Ref) are the types that
/// know who owns what, and only they (and the dispatch loop) look behind a pointer.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Value(u64);

impl Value {
    /// `None`.
    pub const NONE: Value = Value(0b0_0010);
    /// `False`.
    pub const FALSE: Value = Value(0b0_1010);
    /// `True`.
    pub const TRUE: Value = Value(0b1_0010);
    /// What a local holds before it is assigned and a register after its content was consumed. No script sees it.
    pub const UNBOUND: Value = Value(0b1_1010);
    /// `Ellipsis`.
    pub const ELLIPSIS: Value = Value(0b10_0010);
    /// `NotImplemented`.
    pub const NOT_IMPLEMENTED: Value = Value(0b10_1010);
    /// The integer 0.
    pub const ZERO: Value = Value(INT_TAG);

    /// The bits.
    #[inline(always)]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// From bits that [`bits`](Self::bits) gave. Safe because nothing safe looks behind a pointer.
    #[inline(always)]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// `True` or `False`.
    #[inline(always)]
    pub const fn bool(truth: bool) -> Self {
        // FALSE is 0b01010, TRUE is 0b10010: eight apart.
        Self(Self::FALSE.0 + ((truth as u64) << 3))
    }

    /// An integer between [`SMALL_INT_MIN`] and [`SMALL_INT_MAX`], else `None`.
    #[inline(always)]
    pub const fn small_int(number: i64) -> Option<Self> {
        if number >= SMALL_INT_MIN && number <= SMALL_INT_MAX { Some(Self::int_unchecked(number)) } else { None }
    }

    /// An integer known to fit 62 bits (lengths, characters, indices); others lose their top bits.
    #[inline(always)]
    pub const fn int_unchecked(number: i64) -> Self {
        Self(((number as u64) << 2) | INT_TAG)
    }

    /// A pointer to an object.
    #[inline(always)]
    pub(crate) fn pointer(object: NonNull<Header>) -> Self {
        Self(object.as_ptr() as u64)
    }

    /// Whether it points to an object.
    #[inline(always)]
    pub const fn is_pointer(self) -> bool {
        self.0 & TAG_MASK == 0
    }

    /// The object, if it is one. Looking behind it is unsafe: the value says nothing about who keeps it alive.
    #[inline(always)]
    pub fn as_pointer(self) -> Option<NonNull<Header>> {
        if self.is_pointer() { NonNull::new(self.0 as *mut Header) } else { None }
    }

    /// Whether it is an integer held in the value itself.
    #[inline(always)]
    pub const fn is_small_int(self) -> bool {
        self.0 & INT_TAG == INT_TAG
    }

    /// Whether both are integers held in the values themselves.
    #[inline(always)]
    pub const fn both_small_ints(self, other: Value) -> bool {
        self.0 & other.0 & INT_TAG == INT_TAG
    }

    /// The integer held in the value itself.
    #[inline(always)]
    pub const fn as_small_int(self) -> Option<i64> {
        if self.is_small_int() { Some(self.small_int_unchecked()) } else { None }
    }

    /// The integer, of a value for which [`is_small_int`](Self::is_small_int) holds; else nonsense.
    #[inline(always)]
    pub const fn small_int_unchecked(self) -> i64 {
        (self.0 as i64) >> 2
    }

    /// Whether it is a float held in the value itself.
    #[inline(always)]
    pub const fn is_immediate_float(self) -> bool {
        // One bit for each of the tags 1, 4 and 5, for every value of the two bits above: processors test such a bit at once.
        (0x3232_3232_u32 >> (self.0 & 31)) & 1 != 0
    }

    /// Whether both are floats held in the values themselves.
    #[inline(always)]
    pub const fn both_immediate_floats(self, other: Value) -> bool {
        self.is_immediate_float() && other.is_immediate_float()
    }

    /// A float whose bits fit the immediate form, else `None`.
    #[inline(always)]
    pub const fn immediate_float(number: f64) -> Option<Self> {
        let value = Self(number.to_bits().rotate_left(4).wrapping_add(1));
        if value.is_immediate_float() { Some(value) } else { None }
    }

    /// The float held in the value itself.
    #[inline(always)]
    pub const fn as_immediate_float(self) -> Option<f64> {
        if self.is_immediate_float() { Some(self.immediate_float_unchecked()) } else { None }
    }

    /// The float, of a value for which [`is_immediate_float`](Self::is_immediate_float) holds; else nonsense.
    #[inline(always)]
    pub const fn immediate_float_unchecked(self) -> f64 {
        f64::from_bits(self.0.wrapping_sub(1).rotate_right(4))
    }

    /// `True` and `False`, else `None`.
    #[inline(always)]
    pub const fn as_bool(self) -> Option<bool> {
        match self {
            Self::TRUE => Some(true),
            Self::FALSE => Some(false),
            _ => None,
        }
    }

    /// Whether it is unbound.
    #[inline(always)]
    pub const fn is_unbound(self) -> bool {
        self.0 == Self::UNBOUND.0
    }

    /// Whether it is `None`.
    #[inline(always)]
    pub const fn is_none(self) -> bool {
        self.0 == Self::NONE.0
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::NONE => f.write_str("None"),
            Self::FALSE => f.write_str("False"),
            Self::TRUE => f.write_str("True"),
            Self::UNBOUND => f.write_str("unbound"),
            Self::ELLIPSIS => f.write_str("Ellipsis"),
            Self::NOT_IMPLEMENTED => f.write_str("NotImplemented"),
            value if value.is_small_int() => write!(f, "{}", value.small_int_unchecked()),
            value if value.is_immediate_float() => write!(f, "{:?}", value.immediate_float_unchecked()),
            value => write!(f, "object at {:#x}", value.0),
        }
    }
}

// `const` matching on the singletons above needs structural equality, which the derive gives.
const _: () = assert!(Value::bool(true).0 == Value::TRUE.0 && Value::bool(false).0 == Value::FALSE.0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_62_bits_survive_and_larger_ones_are_refused() {
        for number in [0, 1, -1, SMALL_INT_MIN, SMALL_INT_MAX] {
            assert_eq!(Value::small_int(number).and_then(Value::as_small_int), Some(number));
        }
        assert_eq!(Value::small_int(SMALL_INT_MAX + 1), None);
        assert_eq!(Value::small_int(SMALL_INT_MIN - 1), None);
    }

    #[test]
    fn every_immediate_has_exactly_one_reading() {
        let singletons =
            [Value::NONE, Value::FALSE, Value::TRUE, Value::UNBOUND, Value::ELLIPSIS, Value::NOT_IMPLEMENTED];
        let floats = [0.0, -0.0, 1.0, -1.5, 1e70, -1e-70, f64::MIN_POSITIVE, 5e-324].map(|number| {
            let value = Value::immediate_float(number).expect("immediate");
            assert_eq!(value.as_immediate_float().map(f64::to_bits), Some(number.to_bits()));
            value
        });
        let ints = [0, 7, -7].map(Value::int_unchecked);
        for value in singletons.into_iter().chain(floats).chain(ints) {
            let readings =
                [value.is_pointer(), value.is_small_int(), value.is_immediate_float(), singletons.contains(&value)];
            assert_eq!(readings.iter().filter(|&&reading| reading).count(), 1, "{value:?}");
        }
    }

    #[test]
    fn floats_outside_the_range_need_a_box() {
        for number in [1e100, -1e100, 1e-100, f64::INFINITY, f64::NAN, f64::MAX] {
            assert_eq!(Value::immediate_float(number), None, "{number}");
        }
        assert!(Value::immediate_float(2f64.powi(-255)).is_some());
        assert!(Value::immediate_float(-(2f64.powi(255))).is_some());
    }
}
