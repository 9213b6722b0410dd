//! Hashes of builtin values: the same as CPython's for numbers, None, tuples and frozensets of them, and for text as
//! CPython hashes it when its seed is 0.
//!
//! No hash is -1, which CPython keeps for errors: it becomes -2.

use toy_format::{HASH_NONE, TupleHasher, hash_bigint, hash_f64, hash_i64};

use crate::equal::MAX_DEPTH;
use crate::heap::Heap;
use crate::int::Int;
use crate::reference::Ref;
use crate::shape::ShapeId;

// CPython hashes these by address.
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
            let mut hash = TupleHasher::new();
            for item in items.iter() {
                hash.add(hash_to_depth(item, depth)?);
            }
            Some(hash.finish())
        }
        ShapeId::FROZEN_SET => value.as_set().map(|set| set.frozen_hash()),
        ShapeId::RANGE => hash_range(value),
        ShapeId::SLICE => {
            let depth = depth.checked_sub(1)?;
            let slice = value.as_slice()?;
            let mut hash = TupleHasher::new();
            for part in [slice.start(), slice.stop(), slice.step()] {
                hash.add(hash_to_depth(part, depth)?);
            }
            Some(hash.finish_slice())
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
    let mut hash = TupleHasher::new();
    for part in [length, start, step] {
        hash.add(hash_to_depth(part, 0)?);
    }
    Some(hash.finish())
}

/// The hash of an object that is only equal to itself.
pub fn identity_hash(heap: &Heap, object: Ref<'_>) -> i64 {
    // The low bits of the number of a block are always 0.
    (heap.identity(object) >> 4) as i64
}

/// The hash of an integer.
#[inline]
pub fn hash_int(number: Int<'_>) -> i64 {
    match number {
        Int::Small(number) => hash_i64(number),
        Int::Big(number) => hash_bigint(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dict::Lookup;
    use crate::reference::Owned;
    use crate::testing::{int, on_heap, text};

    fn float(heap: &Heap, number: f64) -> Owned {
        heap.new_float(number).expect("memory")
    }

    fn tuple<const N: usize>(heap: &Heap, items: [Owned; N]) -> Owned {
        heap.new_tuple(items).expect("memory")
    }

    #[test]
    fn hashes_are_those_of_cpython() {
        on_heap(|heap| {
            let power = |base, exponent| {
                let power = Int::Small(base).pow(heap, Int::Small(exponent));
                power.expect("memory")
            };
            let set = |items: Vec<Owned>| {
                let owned = heap.new_frozen_set().expect("memory");
                for item in items {
                    let set = owned.get().as_set().expect("a set");
                    let hash = native_hash(item.get()).expect("hashable");
                    assert_eq!(set.find(item.get(), hash), Lookup::Absent);
                    set.insert(heap, item, hash).expect("memory");
                }
                owned
            };
            let range = |start, stop, step| {
                let range = heap.new_range(int(heap, start), int(heap, stop), int(heap, step));
                range.expect("memory").expect("a step")
            };
            // From CPython 3.13, with PYTHONHASHSEED=0 for text.
            let table = [
                (float(heap, 0.5), 1_152_921_504_606_846_976),
                (float(heap, -2.75), -1_729_382_256_910_270_466),
                (float(heap, 1e300), 1_224_995_262_755_759_164),
                (float(heap, 5e-324), 16_777_216),
                (float(heap, f64::NEG_INFINITY), -314_159),
                (float(heap, 1e16), 10_000_000_000_000_000),
                (float(heap, -1.0), -2),
                (int(heap, -1), -2),
                (int(heap, (1 << 61) - 1), 0),
                (int(heap, 1 << 61), 1),
                (int(heap, -(1 << 61)), -2),
                (power(10, 30), 465_258_685_558_744_706),
                (Owned::bool(true), 1),
                (Owned::none(), 4_238_894_112),
                (tuple(heap, []), 5_740_354_900_026_072_187),
                (tuple(heap, [int(heap, 1)]), -6_644_214_454_873_602_895),
                (tuple(heap, [int(heap, 1), int(heap, 2), int(heap, 3)]), 529_344_067_295_497_451),
                (tuple(heap, [int(heap, -1), float(heap, 0.5), Owned::none()]), -6_887_503_068_694_238_652),
                (set(vec![]), 133_146_708_735_736),
                (set(vec![int(heap, 1), int(heap, 2), int(heap, 3)]), -272_375_401_224_217_160),
                (set(vec![set(vec![int(heap, 1)]), int(heap, -1)]), 3_023_684_883_002_879_178),
                (range(0, 0, 1), 2_676_694_398_852_732_306),
                (range(1, 2, 5), -1_269_592_299_258_668_772),
                (range(1, 10, 3), -9_160_968_616_009_628_824),
                (text(heap, "abc"), -4_594_863_902_769_663_758),
                (text(heap, "größer"), -7_444_222_006_709_251_777),
                (text(heap, "日本"), 6_243_316_497_235_261_705),
                (text(heap, "😀x"), -8_926_728_262_118_538_918),
                (heap.new_bytes(b"abc").expect("memory"), -4_594_863_902_769_663_758),
            ];
            for (value, expected) in table {
                assert_eq!(native_hash(value.get()), Some(expected), "{value:?}");
            }
        });
    }

    #[test]
    fn what_needs_script_code_or_has_no_hash_is_left_to_the_caller() {
        on_heap(|heap| {
            let list = heap.new_list(vec![]).expect("memory");
            assert_eq!(native_hash(list.get()), None);
            assert_eq!(native_hash(tuple(heap, [list]).get()), None);
            let mut deep = tuple(heap, []);
            for _ in 0..100 {
                deep = tuple(heap, [deep]);
            }
            assert_eq!(native_hash(deep.get()), None);
            let nan = float(heap, f64::NAN);
            assert_eq!(native_hash(nan.get()), Some(identity_hash(heap, nan.get())));
        });
    }
}
