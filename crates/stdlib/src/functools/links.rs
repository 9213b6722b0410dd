//! Results in the order in which they were last asked for: a list linked both ways by the numbers of its entries.

use std::cell::{Cell, RefCell};

use hashbrown::HashMap;
use toy_object::{Owned, Ref};

/// A result that is remembered.
pub(super) struct Entry {
    pub(super) key: Owned,
    pub(super) hash: i64,
    pub(super) result: Owned,
}

struct Link {
    entry: Entry,
    older: Option<i64>,
    newer: Option<i64>,
}

/// See the [module documentation](self).
///
/// Invariant: a number is given once, so that one which somebody found before the list changed never leads to another result.
#[derive(Default)]
pub(super) struct Links {
    links: RefCell<HashMap<i64, Link>>,
    /// The number of the next entry.
    next: Cell<i64>,
    oldest: Cell<Option<i64>>,
    newest: Cell<Option<i64>>,
}

impl Links {
    pub(super) fn len(&self) -> usize {
        self.links.borrow().len()
    }

    /// The result of a number, which is the newest now. `None` if it has been taken out.
    pub(super) fn asked_for(&self, number: i64) -> Option<Owned> {
        let links = &mut *self.links.borrow_mut();
        let result = links.get(&number)?.entry.result.clone();
        if self.newest.get() != Some(number) {
            self.take_out(links, number);
            self.append(links, number);
        }
        Some(result)
    }

    /// Adds an entry as the newest; answers its number.
    pub(super) fn add(&self, entry: Entry) -> i64 {
        let links = &mut *self.links.borrow_mut();
        let number = self.next.replace(self.next.get() + 1);
        links.insert(number, Link { entry, older: None, newer: None });
        self.append(links, number);
        number
    }

    /// Takes the oldest entry out.
    pub(super) fn remove_oldest(&self) -> Option<Entry> {
        self.remove(self.oldest.get()?)
    }

    /// Takes an entry out.
    pub(super) fn remove(&self, number: i64) -> Option<Entry> {
        let links = &mut *self.links.borrow_mut();
        self.take_out(links, number);
        Some(links.remove(&number)?.entry)
    }

    /// Makes neighbours of those between which an entry stands.
    fn take_out(&self, links: &mut HashMap<i64, Link>, number: i64) {
        let Some(&Link { older, newer, .. }) = links.get(&number) else { return };
        match older.and_then(|older| links.get_mut(&older)) {
            Some(link) => link.newer = newer,
            None => self.oldest.set(newer),
        }
        match newer.and_then(|newer| links.get_mut(&newer)) {
            Some(link) => link.older = older,
            None => self.newest.set(older),
        }
    }

    fn append(&self, links: &mut HashMap<i64, Link>, number: i64) {
        let newest = self.newest.replace(Some(number));
        match newest.and_then(|newest| links.get_mut(&newest)) {
            Some(link) => link.newer = Some(number),
            None => self.oldest.set(Some(number)),
        }
        if let Some(link) = links.get_mut(&number) {
            (link.older, link.newer) = (newest, None);
        }
    }

    /// Shows the values to the collector.
    pub(super) fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        for link in self.links.borrow().values() {
            visit(link.entry.key.get());
            visit(link.entry.result.get());
        }
    }

    /// Lets go of all.
    pub(super) fn clear(&self) {
        self.oldest.set(None);
        self.newest.set(None);
        drop(self.links.take());
    }
}

#[cfg(test)]
mod tests {
    use toy_object::{Owned, Value};

    use super::{Entry, Links};

    #[test]
    fn the_one_not_asked_for_goes_first() {
        let number = |number: i64| Value::small_int(number).and_then(Owned::from_immediate).expect("is small");
        let links = Links::default();
        let numbers: Vec<_> =
            (0..4).map(|key| links.add(Entry { key: number(key), hash: key, result: number(10 * key) })).collect();
        assert!(links.asked_for(numbers[0]).is_some() && links.asked_for(numbers[2]).is_some());
        drop(links.remove(numbers[3]));
        let last = links.add(Entry { key: number(4), hash: 4, result: number(40) });
        assert!(!numbers.contains(&last) && links.asked_for(numbers[3]).is_none());
        let order: Vec<_> = std::iter::from_fn(|| links.remove_oldest())
            .filter_map(|entry| entry.key.get().value().as_small_int())
            .collect();
        assert_eq!(order, [1, 0, 2, 4]);
        assert_eq!(links.len(), 0);
        assert!(links.asked_for(numbers[1]).is_none());
    }
}
