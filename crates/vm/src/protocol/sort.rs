//! Sorting: stable, asking only `<`, with as few questions as CPython's sort.
//!
//! Keys that are all small integers, all floats or all text, or tuples of such, are compared without the machine. Everything else is sorted by
//! merging runs, see `merge`.

use std::cmp::Ordering;

use smallvec::SmallVec;
use toy_object::{Owned, Ref, ShapeId, Tuple};

use super::merge::{Comparer, sort_order};
use crate::native::Outcome;
use crate::thread::Vm;

impl Vm {
    /// The items in order; `key` is called once for each. If something raises, the items come back in some order all the
    /// same.
    pub fn sort(&mut self, items: Vec<Owned>, key: Option<Ref<'_>>, is_reversed: bool) -> (Vec<Owned>, Outcome<()>) {
        if items.len() < 2 && key.is_none() {
            return (items, Ok(()));
        }
        // The keys, the order twice, and the sorted items: asked beforehand, so that the list is whole if they do not fit.
        if !self.has_room_for(items.len().saturating_mul(4 * size_of::<Owned>())) {
            return (items, Err(toy_object::OutOfMemory.into()));
        }
        let keys = match key {
            None => None,
            Some(key) => {
                let made: Outcome<Vec<Owned>> = items.iter().map(|item| self.call_with(key, item)).collect();
                match made {
                    Ok(keys) => Some(keys),
                    Err(raised) => return (items, Err(raised)),
                }
            }
        };
        let mut order: Vec<usize> = (0..items.len()).collect();
        // Reversed before and behind, so that equal items keep their order.
        if is_reversed {
            order.reverse();
        }
        let keys_view = keys.as_deref().unwrap_or(&items);
        let is_plain = quick_sort_order(keys_view, &mut order);
        let result =
            if is_plain { Ok(()) } else { sort_order(&mut Comparer { vm: self, keys: keys_view }, &mut order) };
        if let Some(keys) = keys.filter(|_| !is_plain) {
            // Their finalisers may tell the order in which they die.
            let mut keys: Vec<Option<Owned>> = keys.into_iter().map(Some).collect();
            order.iter().for_each(|&index| drop(keys[index].take()));
        }
        if is_reversed {
            order.reverse();
        }
        let mut items: Vec<Option<Owned>> = items.into_iter().map(Some).collect();
        let sorted = order.into_iter().filter_map(|index| items[index].take()).collect();
        (sorted, result)
    }
}

/// Sorts by keys that need no script code; `false`: there are others.
fn quick_sort_order(keys: &[Owned], order: &mut [usize]) -> bool {
    let Some(first) = keys.first() else { return true };
    match first.get().shape() {
        ShapeId::INT => sort_by_known(keys, order, |key| key.value().as_small_int(), Ord::cmp),
        ShapeId::FLOAT => sort_by_known(
            keys,
            order,
            // What is no number has no place in a total order.
            |key| key.get().as_exact_float().filter(|number| !number.is_nan()),
            |left, right| left.partial_cmp(right).unwrap_or(Ordering::Equal),
        ),
        ShapeId::STR => match keys.iter().map(|key| key.get().as_exact_str()).collect::<Option<Vec<_>>>() {
            Some(texts) => {
                order.sort_by(|&left, &right| texts[left].compare(texts[right]));
                true
            }
            None => false,
        },
        ShapeId::TUPLE => match keys.iter().map(|key| plain_tuple(key.get())).collect::<Option<Vec<_>>>() {
            Some(tuples) if have_equal_families(&tuples) => {
                order.sort_by(|&left, &right| compare_tuples(tuples[left], tuples[right]));
                true
            }
            _ => false,
        },
        _ => false,
    }
}

/// What can be compared without script code with everything of the same family.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    SmallInt,
    Float,
    Text,
}

fn family(value: Ref<'_>) -> Option<Family> {
    match value.shape() {
        ShapeId::INT => value.value().as_small_int().map(|_| Family::SmallInt),
        // What is no number has no place in a total order.
        ShapeId::FLOAT => value.as_exact_float().filter(|number| !number.is_nan()).map(|_| Family::Float),
        ShapeId::STR => Some(Family::Text),
        _ => None,
    }
}

fn plain_tuple(key: Ref<'_>) -> Option<Tuple<'_>> {
    if key.shape() == ShapeId::TUPLE { key.as_tuple() } else { None }
}

/// Whether in each place all tuples that have it hold values of one family.
fn have_equal_families(tuples: &[Tuple<'_>]) -> bool {
    let mut families: SmallVec<[Family; 8]> = SmallVec::new();
    tuples.iter().all(|tuple| {
        tuple.iter().enumerate().all(|(place, item)| match (family(item), families.get(place)) {
            (Some(family), Some(&known)) => family == known,
            (Some(family), None) => {
                families.push(family);
                true
            }
            (None, _) => false,
        })
    })
}

/// The first pair that differs decides, else the lengths. Values in the same place are of the same family.
fn compare_tuples(left: Tuple<'_>, right: Tuple<'_>) -> Ordering {
    let differing = left.iter().zip(right.iter()).map(|(left, right)| compare_plain(left, right));
    differing.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| left.len().cmp(&right.len()))
}

#[inline]
fn compare_plain(left: Ref<'_>, right: Ref<'_>) -> Ordering {
    if let (Some(left), Some(right)) = (left.value().as_small_int(), right.value().as_small_int()) {
        return left.cmp(&right);
    }
    if let (Some(left), Some(right)) = (left.as_exact_str(), right.as_exact_str()) {
        return left.compare(right);
    }
    match (left.as_exact_float(), right.as_exact_float()) {
        (Some(left), Some(right)) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
        _ => Ordering::Equal,
    }
}

fn sort_by_known<K: Copy>(
    keys: &[Owned],
    order: &mut [usize],
    read: impl Fn(&Owned) -> Option<K>,
    compare: impl Fn(&K, &K) -> Ordering,
) -> bool {
    let Some(mut pairs) = order.iter().map(|&index| Some((read(&keys[index])?, index))).collect::<Option<Vec<_>>>()
    else {
        return false;
    };
    pairs.sort_by(|(left, _), (right, _)| compare(left, right));
    for (place, (_, index)) in order.iter_mut().zip(pairs) {
        *place = index;
    }
    true
}
