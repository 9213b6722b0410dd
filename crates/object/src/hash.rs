//! Hashes of builtin values: CPython's for numbers and tuples of them, fixed ones for text.
//!
//! No hash is -1, which CPython keeps for errors: it becomes -2.

use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

use crate::equal::MAX_DEPTH;
use crate::heap::Heap;
use crate::int::Int;
use crate::reference::Ref;
use crate::shape::ShapeId;

/// Numbers are hashed modulo this prime, 2^61 - 1.
const MODULUS: u64 = (1 << 61) - 1;
const HASH_INFINITY: i64 = 314_159;
const HASH_NONE: i64 = 0xFCA8_6420;
const HASH_ELLIPSIS: i64 = 0x0E11_1951;
const HASH_NOT_IMPLEMENTED: i64 = 0x0417_1317;

/// The hash of a value, if no script code is needed for it: numbers, text, bytes, None, tuples of such, frozensets, ranges,
/// and objects whose classes are builtin and that are equal to nothing but themselves. `None` for instances, and for what
/// cannot be hashed.
#[inline]
pub fn native_hash(value: Ref<'_>) -> Option<i64> {
    if let Some(number) = value.value().as_small_int() {
        return Some(hash_i64(number));
    }
    match value.as_exact_str() {
        Some(text) => Some(text.hash()),
        None => hash_to_depth(value, MAX_DEPTH),
    }
}

fn hash_to_depth(value: Ref<'_>, depth: usize) -> Option<i64> {
    match value.shape() {
        ShapeId::STR => value.as_exact_str().map(|text| text.hash()),
        ShapeId::INT | ShapeId::BOOL => value.as_int().map(hash_int),
        ShapeId::FLOAT => value.as_exact_float().map(|number| match hash_f64(number) {
            Some(hash) => hash,
            // What is no number is only equal to itself.
            None => identity_hash(crate::heap::current(), value),
        }),
        ShapeId::NONE => Some(HASH_NONE),
        ShapeId::ELLIPSIS => Some(HASH_ELLIPSIS),
        ShapeId::NOT_IMPLEMENTED => Some(HASH_NOT_IMPLEMENTED),
        ShapeId::BYTES => value.as_bytes().map(|bytes| bytes.hash()),
        ShapeId::TUPLE => {
            let depth = depth.checked_sub(1)?;
            let items = value.as_tuple()?;
            let mut hash = TupleHash::new();
            for item in items.iter() {
                hash.add(hash_to_depth(item, depth)?);
            }
            Some(hash.finish(items.len()))
        }
        ShapeId::FROZEN_SET => value.as_set().map(|set| set.frozen_hash()),
        ShapeId::RANGE => hash_range(value),
        ShapeId::SLICE => {
            let depth = depth.checked_sub(1)?;
            let slice = value.as_slice()?;
            let mut hash = TupleHash::new();
            for part in [slice.start(), slice.stop(), slice.step()] {
                hash.add(hash_to_depth(part, depth)?);
            }
            Some(hash.finish(3))
        }
        ShapeId::FUNCTION
        | ShapeId::CLASS
        | ShapeId::MODULE
        | ShapeId::CODE
        | ShapeId::GENERATOR
        | ShapeId::RANGE_ITERATOR
        | ShapeId::SEQUENCE_ITERATOR
        | ShapeId::DICT_ITERATOR
        | ShapeId::SET_ITERATOR => Some(identity_hash(crate::heap::current(), value)),
        _ => None,
    }
}

/// Equal ranges have equal hashes: the length, the start unless it is empty, the step unless it has but one element.
fn hash_range(value: Ref<'_>) -> Option<i64> {
    let range = value.as_range()?;
    let length = range.length();
    let start = if range.is_empty() { Ref::NONE } else { range.start() };
    let has_step = !matches!(length.as_int()?, Int::Small(0 | 1));
    let step = if has_step { range.step() } else { Ref::NONE };
    let mut hash = TupleHash::new();
    for part in [length, start, step] {
        hash.add(hash_to_depth(part, 0)?);
    }
    Some(hash.finish(3))
}

/// The hash of an object that is only equal to itself.
pub fn identity_hash(heap: &Heap, object: Ref<'_>) -> i64 {
    // The low bits of the number of a block are always 0.
    avoid_error((heap.identity(object) >> 4) as i64)
}

#[inline(always)]
fn avoid_error(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

/// The hash of an integer.
pub fn hash_int(number: Int<'_>) -> i64 {
    match number {
        Int::Small(number) => hash_i64(number),
        Int::Big(number) => hash_bigint(number),
    }
}

/// The hash of an integer.
#[inline]
pub fn hash_i64(number: i64) -> i64 {
    let magnitude = number.unsigned_abs();
    let rest = if magnitude < MODULUS { magnitude } else { magnitude % MODULUS } as i64;
    avoid_error(if number < 0 { -rest } else { rest })
}

fn hash_bigint(number: &BigInt) -> i64 {
    let rest = (number.magnitude() % MODULUS).to_i64().unwrap_or(0);
    avoid_error(if number.sign() == Sign::Minus { -rest } else { rest })
}

/// The hash of a float: that of the integer if it is one. `None` for what is no number.
pub fn hash_f64(number: f64) -> Option<i64> {
    if number.is_nan() {
        return None;
    }
    if number.is_infinite() {
        return Some(if number > 0.0 { HASH_INFINITY } else { -HASH_INFINITY });
    }
    if number == number.trunc() && number.abs() < MODULUS as f64 {
        return Some(hash_i64(number as i64));
    }
    let (mut mantissa, exponent) = split(number.abs());
    // The number is mantissa * 2^exponent; 2^61 is 1 modulo the prime, so powers of two rotate 61 bits.
    mantissa %= MODULUS;
    let turns = exponent.rem_euclid(61) as u32;
    let rotated = if turns == 0 { mantissa } else { (mantissa << turns & MODULUS) | mantissa >> (61 - turns) };
    let hash = (rotated % MODULUS) as i64;
    Some(avoid_error(if number < 0.0 { -hash } else { hash }))
}

/// A positive float as an integer times a power of two.
fn split(number: f64) -> (u64, i32) {
    let bits = number.to_bits();
    let exponent = (bits >> 52) as i32 & 0x7FF;
    let fraction = bits & ((1 << 52) - 1);
    if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) }
}

/// The hash of a tuple, from those of its items.
#[derive(Clone, Copy, Debug)]
pub struct TupleHash(u64);

impl Default for TupleHash {
    fn default() -> Self {
        Self::new()
    }
}

impl TupleHash {
    const PRIME_1: u64 = 11_400_714_785_074_694_791;
    const PRIME_2: u64 = 14_029_467_366_897_019_727;
    const PRIME_5: u64 = 2_870_177_450_012_600_261;

    /// Of no items yet.
    pub fn new() -> Self {
        Self(Self::PRIME_5)
    }

    /// Adds an item's hash.
    #[inline]
    pub fn add(&mut self, hash: i64) {
        let lane = self.0.wrapping_add((hash as u64).wrapping_mul(Self::PRIME_2));
        self.0 = lane.rotate_left(31).wrapping_mul(Self::PRIME_1);
    }

    /// The hash of a tuple of `length` items.
    pub fn finish(self, length: usize) -> i64 {
        let hash = self.0.wrapping_add(length as u64 ^ (Self::PRIME_5 ^ 3_527_539));
        if hash == u64::MAX { 1_546_275_796 } else { hash as i64 }
    }
}

/// The hash of a frozenset of `length` elements, from those of its elements in any order.
pub fn hash_frozen_set(hashes: impl Iterator<Item = i64>, length: usize) -> i64 {
    let shuffled = hashes.map(|hash| {
        let hash = hash as u64;
        ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167)
    });
    let mut hash = shuffled.fold(0, |sum, hash| sum ^ hash);
    hash ^= (length as u64 + 1).wrapping_mul(1_927_868_237);
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
    if hash == u64::MAX { 590_923_713 } else { hash as i64 }
}

/// The hash of text or bytes as they lie in memory: the same in every run.
pub(crate) fn hash_bytes(bytes: &[u8]) -> i64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |state: u64, word: u64| {
        let product = u128::from(state ^ word).wrapping_mul(u128::from(FACTOR | 1 << 63));
        product as u64 ^ (product >> 64) as u64
    };
    let mut chunks = bytes.chunks_exact(8);
    let mut state = FACTOR ^ bytes.len() as u64;
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        state = mix(state, u64::from_le_bytes(word));
    }
    let mut word = [0; 8];
    let rest = chunks.remainder();
    word[..rest.len()].copy_from_slice(rest);
    avoid_error(mix(mix(state, u64::from_le_bytes(word)), FACTOR) as i64)
}
