//! A value that a native object owns and that can change.

use std::cell::RefCell;

use toy_object::{Heap, Owned, Ref};

use crate::native::Outcome;

/// A place for one value inside a [`Payload`](toy_object::Payload).
#[derive(Debug)]
pub struct Held(RefCell<Owned>);

impl Held {
    /// Holds this.
    pub fn new(value: Owned) -> Self {
        Self(RefCell::new(value))
    }

    /// Holds this, or nothing.
    pub fn optional(value: Option<Owned>) -> Self {
        Self::new(value.unwrap_or_else(Owned::unbound))
    }

    /// What is held; `None` if nothing is.
    #[inline]
    pub fn get(&self) -> Option<Owned> {
        let value = self.0.borrow();
        if value.value().is_unbound() { None } else { Some(value.clone()) }
    }

    /// What is held, or `None` as scripts see it.
    pub fn get_or_none(&self) -> Owned {
        self.get().unwrap_or_else(Owned::none)
    }

    /// Holds something else; the old value is given back to be dropped.
    pub fn set(&self, value: Owned) -> Owned {
        self.0.replace(value)
    }

    /// A tuple of two items, for an iterator that holds the last one: see [`Heap::next_pair`](toy_object::Heap::next_pair).
    #[inline]
    pub fn next_pair(&self, heap: &Heap, first: Owned, second: Owned) -> Outcome {
        let mut kept = self.set(Owned::unbound());
        let pair = heap.next_pair(&mut kept, first, second);
        drop(self.set(kept));
        Ok(pair?)
    }

    /// Lets go.
    pub fn clear(&self) {
        drop(self.0.replace(Owned::unbound()));
    }

    /// Shows the value to the collector.
    pub fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.0.borrow().get());
    }
}
