//! Sorting: stable, asking only `<`, with as few questions as CPython's sort.
//!
//! Keys that are all small integers, all floats or all text are compared without the machine. Everything else is sorted by
//! merging runs, see `merge`.

use std::cmp::Ordering;

use toy_object::{Owned, Ref, ShapeId};

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
                let made: Outcome<Vec<Owned>> = items.iter().map(|item| self.call(key, &[item.get()])).collect();
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
        let result = match quick_sort_order(keys_view, &mut order) {
            true => Ok(()),
            false => sort_order(&mut Comparer { vm: self, keys: keys_view }, &mut order),
        };
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
        _ => false,
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
