//! Equality, order and hash of strings.

use std::cmp::Ordering;

use super::unit::{Unit, with_units};
use super::{Str, Units};
use crate::layout::StrObject;

/// The hash, computed once and kept in the string; 0 only for the empty text, and never what stands for -1.
#[inline]
pub(crate) fn hash(string: &StrObject) -> u64 {
    match string.hash.get() {
        0 => compute_hash(string),
        hash => hash,
    }
}

#[cold]
#[inline(never)]
fn compute_hash(string: &StrObject) -> u64 {
    let hash = match string.units() {
        Units::One(units) => toy_format::hash_bytes(units),
        Units::Two(units) => toy_format::hash_ucs2(units),
        Units::Four(units) => toy_format::hash_ucs4(units),
    } as u64;
    // 0 says "not computed yet", and is the hash of the empty text.
    let hash = if hash == 0 && string.length > 0 { 1 } else { hash };
    string.hash.set(hash);
    hash
}

/// Whether both are the same text.
#[inline]
pub(crate) fn equal(left: &StrObject, right: &StrObject) -> bool {
    left.length == right.length && left.width == right.width && left.bytes() == right.bytes()
}

impl Str<'_> {
    /// Whether both are the same text.
    #[inline]
    pub fn equal(self, other: Str<'_>) -> bool {
        equal(self.object, other.object)
    }

    /// The order by code points.
    pub fn compare(self, other: Str<'_>) -> Ordering {
        match (self.units(), other.units()) {
            (Units::One(left), Units::One(right)) => left.cmp(right),
            (left, right) => with_units!(left, left => with_units!(right, right => {
                let left = left.iter().map(|&unit| unit.code_point());
                left.cmp(right.iter().map(|&unit| unit.code_point()))
            })),
        }
    }

    /// Whether it is this text.
    pub fn is_text(self, text: &str) -> bool {
        match self.as_utf8() {
            Some(own) => own == text,
            None => self.code_points().eq(text.chars().map(u32::from)),
        }
    }

    /// Whether the text from `start` on begins with `prefix`.
    pub fn starts_with_at(self, prefix: Str<'_>, start: usize) -> bool {
        let Some(end) = start.checked_add(prefix.len()).filter(|&end| end <= self.len()) else { return false };
        units_equal(self.units().range(start, end), prefix.units())
    }

    /// Whether it begins with `prefix`.
    pub fn starts_with(self, prefix: Str<'_>) -> bool {
        self.starts_with_at(prefix, 0)
    }

    /// Whether it ends with `suffix`.
    pub fn ends_with(self, suffix: Str<'_>) -> bool {
        suffix.len() <= self.len() && self.starts_with_at(suffix, self.len() - suffix.len())
    }
}

/// Whether both are the same code points, whatever their widths.
fn units_equal(left: Units<'_>, right: Units<'_>) -> bool {
    match (left, right) {
        (Units::One(left), Units::One(right)) => left == right,
        (Units::Two(left), Units::Two(right)) => left == right,
        (Units::Four(left), Units::Four(right)) => left == right,
        (left, right) => left.len() == right.len() && left.code_points().eq(right.code_points()),
    }
}
