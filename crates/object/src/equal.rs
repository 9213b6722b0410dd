//! Equality that needs no script code.

use std::cmp::Ordering;

use crate::dict::Match;
use crate::reference::Ref;
use crate::shape::ShapeId;

/// Tuples and lists are compared and hashed natively down to so many levels; deeper ones are left to the virtual machine,
/// which knows how much stack there is.
pub(crate) const MAX_DEPTH: usize = 16;

/// How a key compares with one of the same hash that stands in a table: the same object is equal, whatever it says.
#[inline(always)]
pub(crate) fn keys(key: Ref<'_>, other: Ref<'_>) -> Match {
    if key.is(other) { Match::Equal } else { distinct_keys(key, other) }
}

#[inline(never)]
fn distinct_keys(key: Ref<'_>, other: Ref<'_>) -> Match {
    native_equal(other, key).map_or(Match::Unknown, Match::from)
}

/// Whether two values are equal (`==`); `None`: script code must be asked.
#[inline]
pub fn native_equal(left: Ref<'_>, right: Ref<'_>) -> Option<bool> {
    if let (Some(left), Some(right)) = (left.value().as_small_int(), right.value().as_small_int()) {
        return Some(left == right);
    }
    if let (Some(left), Some(right)) = (left.as_exact_str(), right.as_exact_str()) {
        return Some(left.equal(right));
    }
    equal_to_depth(left, right, MAX_DEPTH)
}

/// What kind of value another must be to be equal to this one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Number,
    Text,
    Bytes,
    Tuple,
    List,
    Range,
    Slice,
    /// Equal to itself only.
    Identity,
    /// Dicts and sets: their comparison may ask for that of their elements.
    Table,
    /// Instances and everything that script code has a say in.
    Script,
}

fn family(value: Ref<'_>) -> Family {
    match value.shape() {
        ShapeId::INT | ShapeId::BOOL | ShapeId::FLOAT => Family::Number,
        ShapeId::STR => Family::Text,
        ShapeId::BYTES | ShapeId::BYTE_ARRAY => Family::Bytes,
        ShapeId::TUPLE => Family::Tuple,
        ShapeId::LIST => Family::List,
        ShapeId::RANGE => Family::Range,
        ShapeId::SLICE => Family::Slice,
        ShapeId::DICT | ShapeId::SET | ShapeId::FROZEN_SET => Family::Table,
        ShapeId::NONE
        | ShapeId::ELLIPSIS
        | ShapeId::NOT_IMPLEMENTED
        | ShapeId::CODE
        | ShapeId::FUNCTION
        | ShapeId::CLASS
        | ShapeId::MODULE
        | ShapeId::GENERATOR
        | ShapeId::RANGE_ITERATOR
        | ShapeId::SEQUENCE_ITERATOR
        | ShapeId::DICT_ITERATOR
        | ShapeId::SET_ITERATOR => Family::Identity,
        _ => Family::Script,
    }
}

fn equal_to_depth(left: Ref<'_>, right: Ref<'_>, depth: usize) -> Option<bool> {
    let family_of_left = family(left);
    let family_of_right = family(right);
    if family_of_left == Family::Script || family_of_right == Family::Script {
        return None;
    }
    if family_of_left != family_of_right {
        return Some(false);
    }
    match family_of_left {
        Family::Number => Some(compare_numbers(left, right)? == Some(Ordering::Equal)),
        Family::Text => Some(left.as_exact_str()?.equal(right.as_exact_str()?)),
        Family::Bytes => left.with_bytes(|left| right.with_bytes(|right| left == right))?,
        Family::Tuple => {
            let (left, right) = (left.as_tuple()?, right.as_tuple()?);
            if left.len() != right.len() {
                return Some(false);
            }
            all_equal(left.iter().zip(right.iter()), depth)
        }
        Family::List => {
            let (left, right) = (left.as_list()?, right.as_list()?);
            if left.len() != right.len() {
                return Some(false);
            }
            for index in 0..left.len() {
                let (left, right) = (left.get(index)?, right.get(index)?);
                if !all_equal(std::iter::once((left.get(), right.get())), depth)? {
                    return Some(false);
                }
            }
            Some(true)
        }
        Family::Range => Some(left.as_range()?.equal(right.as_range()?)),
        Family::Slice => {
            let (left, right) = (left.as_slice()?, right.as_slice()?);
            let pairs = [(left.start(), right.start()), (left.stop(), right.stop()), (left.step(), right.step())];
            all_equal(pairs.into_iter(), depth)
        }
        Family::Identity => Some(left.is(right)),
        Family::Table => {
            if left.is(right) {
                Some(true)
            } else {
                None
            }
        }
        Family::Script => None,
    }
}

/// Whether both of each pair are the same or equal.
fn all_equal<'a>(pairs: impl Iterator<Item = (Ref<'a>, Ref<'a>)>, depth: usize) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    for (left, right) in pairs {
        if !left.is(right) && !equal_to_depth(left, right, depth)? {
            return Some(false);
        }
    }
    Some(true)
}

/// The exact order of two plain numbers, integers, bools or floats. The outer `None`: one is none; the inner: one is a
/// float that is no number.
pub fn compare_numbers(left: Ref<'_>, right: Ref<'_>) -> Option<Option<Ordering>> {
    match (left.as_exact_float(), right.as_exact_float()) {
        (Some(left), Some(right)) => Some(left.partial_cmp(&right)),
        (Some(left), None) => Some(right.as_int()?.compare_f64(left).map(Ordering::reverse)),
        (None, Some(right)) => Some(left.as_int()?.compare_f64(right)),
        (None, None) => Some(Some(left.as_int()?.compare(right.as_int()?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Owned;
    use crate::testing::{int, on_heap, text};

    #[test]
    fn builtin_values_compare_as_in_python() {
        on_heap(|heap| {
            let float = |number| heap.new_float(number).expect("memory");
            let list = |items: Vec<Owned>| heap.new_list(items).expect("memory");
            let tuple = |items: Vec<Owned>| heap.new_tuple(items).expect("memory");
            let big = |text| heap.new_bigint(crate::parse_digits(text, 10).expect("digits")).expect("memory");
            let table = [
                (int(heap, 1), float(1.0), Some(true)),
                (int(heap, 1), Owned::bool(true), Some(true)),
                (float(f64::NAN), float(f64::NAN), Some(false)),
                (float(0.0), float(-0.0), Some(true)),
                (big("10000000000000000000000"), float(1e22), Some(true)),
                (big("10000000000000000000001"), float(1e22), Some(false)),
                (text(heap, "1"), int(heap, 1), Some(false)),
                (text(heap, "größe"), text(heap, "größe"), Some(true)),
                (
                    heap.new_bytes(b"ab").expect("memory"),
                    heap.new_byte_array(b"ab".to_vec()).expect("memory"),
                    Some(true),
                ),
                (heap.new_bytes(b"ab").expect("memory"), text(heap, "ab"), Some(false)),
                (tuple(vec![int(heap, 1), text(heap, "a")]), tuple(vec![float(1.0), text(heap, "a")]), Some(true)),
                (tuple(vec![int(heap, 1)]), list(vec![int(heap, 1)]), Some(false)),
                (list(vec![list(vec![]), int(heap, 2)]), list(vec![list(vec![]), int(heap, 2)]), Some(true)),
                (list(vec![int(heap, 2)]), list(vec![]), Some(false)),
                (Owned::none(), Owned::none(), Some(true)),
                (heap.new_dict().expect("memory"), heap.new_dict().expect("memory"), None),
                (heap.new_dict().expect("memory"), int(heap, 1), Some(false)),
            ];
            for (left, right, expected) in table {
                assert_eq!(native_equal(left.get(), right.get()), expected, "{left:?} == {right:?}");
                assert_eq!(native_equal(right.get(), left.get()), expected, "{right:?} == {left:?}");
            }
        });
    }

    #[test]
    fn a_value_that_is_not_equal_to_itself_is_still_found_as_a_key() {
        on_heap(|heap| {
            let nan = heap.new_float(f64::NAN).expect("memory");
            let pair = heap.new_tuple([nan.clone(), int(heap, 1)]).expect("memory");
            let same = heap.new_tuple([nan.clone(), int(heap, 1)]).expect("memory");
            assert_eq!(native_equal(nan.get(), nan.get()), Some(false));
            assert_eq!(native_equal(pair.get(), same.get()), Some(true));
            assert_eq!(keys(nan.get(), nan.get()), Match::Equal);
        });
    }
}
