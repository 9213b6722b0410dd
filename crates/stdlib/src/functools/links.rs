//! Results in the order in which they were last asked for: a list linked both ways, in a vector.

use std::cell::{Cell, RefCell};

use toy_object::{Owned, Ref};

/// No place.
const NONE: usize = usize::MAX;

/// A result that is remembered.
pub(super) struct Entry {
    pub(super) key: Owned,
    pub(super) hash: i64,
    pub(super) result: Owned,
}

struct Link {
    /// Nothing in a place that is free.
    entry: Option<Entry>,
    older: usize,
    newer: usize,
}

/// See the [module documentation](self).
pub(super) struct Links {
    places: RefCell<Vec<Link>>,
    free: RefCell<Vec<usize>>,
    oldest: Cell<usize>,
    newest: Cell<usize>,
}

impl Links {
    pub(super) fn new() -> Self {
        Self { places: RefCell::default(), free: RefCell::default(), oldest: Cell::new(NONE), newest: Cell::new(NONE) }
    }

    pub(super) fn len(&self) -> usize {
        self.places.borrow().len() - self.free.borrow().len()
    }

    /// The result in a place, which is the newest now. `None` if the place is free.
    pub(super) fn asked_for(&self, place: usize) -> Option<Owned> {
        let result = self.places.borrow().get(place)?.entry.as_ref()?.result.clone();
        if self.newest.get() != place {
            self.take_out(place);
            self.append(place);
        }
        Some(result)
    }

    /// Adds an entry as the newest; answers its place.
    pub(super) fn add(&self, entry: Entry) -> usize {
        let free = self.free.borrow_mut().pop();
        let place = free.unwrap_or_else(|| {
            self.places.borrow_mut().push(Link { entry: None, older: NONE, newer: NONE });
            self.places.borrow().len() - 1
        });
        self.places.borrow_mut()[place].entry = Some(entry);
        self.append(place);
        place
    }

    /// Takes the oldest entry out.
    pub(super) fn remove_oldest(&self) -> Option<Entry> {
        let oldest = self.oldest.get();
        if oldest == NONE { None } else { self.remove(oldest) }
    }

    /// Takes an entry out.
    pub(super) fn remove(&self, place: usize) -> Option<Entry> {
        let entry = self.places.borrow_mut()[place].entry.take()?;
        self.take_out(place);
        self.free.borrow_mut().push(place);
        Some(entry)
    }

    fn take_out(&self, place: usize) {
        let mut places = self.places.borrow_mut();
        let (older, newer) = (places[place].older, places[place].newer);
        match places.get_mut(older) {
            Some(link) => link.newer = newer,
            None => self.oldest.set(newer),
        }
        match places.get_mut(newer) {
            Some(link) => link.older = older,
            None => self.newest.set(older),
        }
    }

    fn append(&self, place: usize) {
        let mut places = self.places.borrow_mut();
        let newest = self.newest.replace(place);
        (places[place].older, places[place].newer) = (newest, NONE);
        match places.get_mut(newest) {
            Some(link) => link.newer = place,
            None => self.oldest.set(place),
        }
    }

    /// Shows the values to the collector.
    pub(super) fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        for entry in self.places.borrow().iter().filter_map(|link| link.entry.as_ref()) {
            visit(entry.key.get());
            visit(entry.result.get());
        }
    }

    /// Lets go of all.
    pub(super) fn clear(&self) {
        self.oldest.set(NONE);
        self.newest.set(NONE);
        self.free.take();
        drop(self.places.take());
    }
}

#[cfg(test)]
mod tests {
    use toy_object::{Owned, Value};

    use super::{Entry, Links};

    #[test]
    fn the_one_not_asked_for_goes_first() {
        let number = |number: i64| Value::small_int(number).and_then(Owned::from_immediate).expect("is small");
        let links = Links::new();
        let places: Vec<_> =
            (0..4).map(|key| links.add(Entry { key: number(key), hash: key, result: number(10 * key) })).collect();
        assert!(links.asked_for(places[0]).is_some() && links.asked_for(places[2]).is_some());
        drop(links.remove(places[3]));
        assert_eq!(links.add(Entry { key: number(4), hash: 4, result: number(40) }), places[3]);
        let order: Vec<_> = std::iter::from_fn(|| links.remove_oldest())
            .filter_map(|entry| entry.key.get().value().as_small_int())
            .collect();
        assert_eq!(order, [1, 0, 2, 4]);
        assert_eq!(links.len(), 0);
        assert!(links.asked_for(places[1]).is_none());
    }
}
