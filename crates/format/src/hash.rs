//! Hashes of numbers and containers, the same as CPython's on 64 bits: equal numbers of all types hash equal, and sets
//! of numbers show in the same order.

use num_bigint::{BigInt, Sign};

use crate::float_text::decompose;

/// Numbers are hashed modulo this Mersenne prime.
const MODULUS: u64 = (1 << MODULUS_BITS) - 1;
const MODULUS_BITS: u32 = 61;
/// The hash of positive infinity.
const HASH_INFINITY: i64 = 314_159;

/// The hash of `None`.
pub const HASH_NONE: i64 = 0xfca8_6420;

/// `hash(value)` of an integer.
pub fn hash_i64(value: i64) -> i64 {
    signed(reduce(value.unsigned_abs()), value < 0)
}

/// `hash(value)` of an integer of any size.
pub fn hash_bigint(value: &BigInt) -> i64 {
    // 2^64 is 8 modulo the prime, so that shifting in a digit is a rotation.
    let fold = |remainder: u64, digit: u64| reduce(rotate(remainder, 64 % MODULUS_BITS) + reduce(digit));
    let remainder = value.iter_u64_digits().rev().fold(0, fold);
    signed(remainder, value.sign() == Sign::Minus)
}

/// `hash(value)` of a float. `None` for a NaN, which hashes by identity.
pub fn hash_f64(value: f64) -> Option<i64> {
    if value.is_nan() {
        return None;
    }
    if value.is_infinite() {
        return Some(if value > 0.0 { HASH_INFINITY } else { -HASH_INFINITY });
    }
    let (significand, exponent) = decompose(value.abs());
    let rotation = exponent.rem_euclid(MODULUS_BITS as i32) as u32;
    Some(signed(rotate(significand, rotation), value < 0.0))
}

/// The hash of a tuple, fed with the hashes of its items (a variant of xxHash).
#[derive(Clone, Debug)]
pub struct TupleHasher {
    accumulator: u64,
    length: u64,
}

impl TupleHasher {
    const PRIME_1: u64 = 11_400_714_785_074_694_791;
    const PRIME_2: u64 = 14_029_467_366_897_019_727;
    const PRIME_5: u64 = 2_870_177_450_012_600_261;

    /// The state before the first item.
    pub fn new() -> Self {
        TupleHasher { accumulator: Self::PRIME_5, length: 0 }
    }

    /// Takes the hash of the next item.
    #[inline]
    pub fn add(&mut self, item_hash: i64) {
        let mixed = self.accumulator.wrapping_add((item_hash as u64).wrapping_mul(Self::PRIME_2));
        self.accumulator = mixed.rotate_left(31).wrapping_mul(Self::PRIME_1);
        self.length += 1;
    }

    /// The hash of the tuple.
    pub fn finish(&self) -> i64 {
        Self::valid(self.accumulator.wrapping_add(self.length ^ (Self::PRIME_5 ^ 3_527_539)))
    }

    /// The hash of a slice, which always has as many parts.
    pub fn finish_slice(&self) -> i64 {
        Self::valid(self.accumulator)
    }

    fn valid(hash: u64) -> i64 {
        if hash == u64::MAX { 1_546_275_796 } else { hash as i64 }
    }
}

impl Default for TupleHasher {
    fn default() -> Self {
        Self::new()
    }
}

/// The hash of a frozenset, fed with the hashes of its elements in any order.
#[derive(Clone, Debug, Default)]
pub struct FrozensetHasher {
    accumulator: u64,
    length: u64,
}

impl FrozensetHasher {
    /// The state before the first element.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the hash of another element.
    #[inline]
    pub fn add(&mut self, element_hash: i64) {
        let hash = element_hash as u64;
        self.accumulator ^= ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167);
        self.length += 1;
    }

    /// The hash of the frozenset.
    pub fn finish(&self) -> i64 {
        let mut hash = self.accumulator ^ (self.length + 1).wrapping_mul(1_927_868_237);
        hash ^= (hash >> 11) ^ (hash >> 25);
        hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
        if hash == u64::MAX { 590_923_713 } else { hash as i64 }
    }
}

/// A hash that scripts can see: -1 is reserved for errors, in CPython and in `__hash__` methods.
pub(crate) fn visible(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

fn signed(remainder: u64, negative: bool) -> i64 {
    let hash = remainder as i64;
    visible(if negative { -hash } else { hash })
}

fn reduce(value: u64) -> u64 {
    let folded = (value & MODULUS) + (value >> MODULUS_BITS);
    if folded >= MODULUS { folded - MODULUS } else { folded }
}

/// Multiplies a remainder by `2^bits`, for fewer bits than the modulus has.
fn rotate(remainder: u64, bits: u32) -> u64 {
    (remainder << bits & MODULUS) | remainder >> (MODULUS_BITS - bits)
}
