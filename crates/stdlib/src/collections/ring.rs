//! The items of a deque: a heap list used as a ring, so that memory is counted where all memory is.
//!
//! ```text
//! index   0   1   2   3   4   5   6   7
//!         c   d   –   –   –   –   a   b       head = 6, len = 4
//! ```
//!
//! Invariant: places that hold no item hold None.

use std::cell::Cell;

use toy_object::{List, OutOfMemory, Owned, Ref};
use toy_vm::{Held, Vm};

const LEAST_CAPACITY: usize = 8;

/// See the [module documentation](self).
pub(super) struct Ring {
    /// A list; nothing before the first item comes.
    places: Held,
    head: Cell<usize>,
    len: Cell<usize>,
}

/// Runs `f` on the list behind an owner.
fn with_list<R>(places: &Owned, f: impl FnOnce(List<'_>) -> R) -> R {
    f(places.get().as_list().expect("made by the ring"))
}

impl Ring {
    pub(super) fn new() -> Self {
        Self { places: Held::optional(None), head: Cell::new(0), len: Cell::new(0) }
    }

    pub(super) fn len(&self) -> usize {
        self.len.get()
    }

    fn capacity(&self) -> usize {
        self.places.get().map_or(0, |places| with_list(&places, |list| list.len()))
    }

    fn place(&self, index: usize, capacity: usize) -> usize {
        let place = self.head.get() + index;
        if place >= capacity { place - capacity } else { place }
    }

    /// The item at an index.
    pub(super) fn get(&self, index: usize) -> Option<Owned> {
        if index >= self.len.get() {
            return None;
        }
        let places = self.places.get()?;
        with_list(&places, |list| list.get(self.place(index, list.len())))
    }

    /// Replaces the item at an index; gives the old one back to be dropped.
    pub(super) fn set(&self, index: usize, item: Owned) -> Option<Owned> {
        if index >= self.len.get() {
            return None;
        }
        let places = self.places.get()?;
        with_list(&places, |list| list.set(self.place(index, list.len()), item))
    }

    /// A list with room for one item more.
    fn with_room(&self, vm: &Vm) -> Result<Owned, OutOfMemory> {
        let (len, capacity) = (self.len.get(), self.capacity());
        match self.places.get() {
            Some(places) if len < capacity => Ok(places),
            old => {
                let capacity = (capacity * 2).max(LEAST_CAPACITY);
                let places = vm.new_list_with_capacity(capacity)?;
                with_list(&places, |list| {
                    let items = (0..len).filter_map(|index| {
                        let old = old.as_ref()?;
                        with_list(old, |old| old.set(self.place(index, old.len()), Owned::none()))
                    });
                    list.extend(vm.heap(), items)?;
                    list.extend(vm.heap(), std::iter::repeat_with(Owned::none).take(capacity - len))
                })?;
                self.head.set(0);
                drop(self.places.set(places.clone()));
                Ok(places)
            }
        }
    }

    /// Adds an item at the end.
    pub(super) fn push_back(&self, vm: &Vm, item: Owned) -> Result<(), OutOfMemory> {
        let places = self.with_room(vm)?;
        with_list(&places, |list| drop(list.set(self.place(self.len.get(), list.len()), item)));
        self.len.set(self.len.get() + 1);
        Ok(())
    }

    /// Adds an item in front.
    pub(super) fn push_front(&self, vm: &Vm, item: Owned) -> Result<(), OutOfMemory> {
        let places = self.with_room(vm)?;
        with_list(&places, |list| {
            self.head.set(self.head.get().checked_sub(1).unwrap_or(list.len() - 1));
            drop(list.set(self.head.get(), item));
        });
        self.len.set(self.len.get() + 1);
        Ok(())
    }

    /// Takes the last item.
    pub(super) fn pop_back(&self) -> Option<Owned> {
        let len = self.len.get().checked_sub(1)?;
        let item = self.set(len, Owned::none());
        self.len.set(len);
        item
    }

    /// Takes the first item.
    pub(super) fn pop_front(&self) -> Option<Owned> {
        let len = self.len.get().checked_sub(1)?;
        let item = self.set(0, Owned::none());
        self.head.set(self.place(1, self.capacity()));
        self.len.set(len);
        item
    }

    /// Moves the last item to the front, so many times; negative: the first to the end.
    pub(super) fn rotate(&self, times: i64) {
        let len = self.len.get();
        if len < 2 {
            return;
        }
        let times = times.rem_euclid(len as i64) as usize;
        let capacity = self.capacity();
        if len == capacity {
            self.head.set(self.place(len - times, capacity));
            return;
        }
        if times <= len / 2 {
            for _ in 0..times {
                let item = self.pop_back().unwrap_or_else(Owned::none);
                self.head.set(self.head.get().checked_sub(1).unwrap_or(capacity - 1));
                self.len.set(len);
                drop(self.set(0, item));
            }
        } else {
            for _ in 0..len - times {
                let item = self.pop_front().unwrap_or_else(Owned::none);
                self.len.set(len);
                drop(self.set(len - 1, item));
            }
        }
    }

    /// Takes the item at an index out; those behind it move.
    pub(super) fn remove(&self, index: usize) -> Option<Owned> {
        self.rotate(-(index as i64));
        let item = self.pop_front();
        self.rotate(index as i64);
        item
    }

    /// Puts an item before the one at an index.
    pub(super) fn insert(&self, vm: &Vm, index: usize, item: Owned) -> Result<(), OutOfMemory> {
        self.rotate(-(index as i64));
        let result = self.push_front(vm, item);
        self.rotate(index as i64);
        result
    }

    /// Takes everything out; the list is given back to be dropped.
    pub(super) fn take_all(&self) -> Owned {
        self.head.set(0);
        self.len.set(0);
        self.places.set(Owned::unbound())
    }

    /// Every item in order.
    pub(super) fn items(&self) -> Vec<Owned> {
        (0..self.len()).filter_map(|index| self.get(index)).collect()
    }

    pub(super) fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.places.visit(visit);
    }

    pub(super) fn clear(&self) {
        drop(self.take_all());
    }
}
