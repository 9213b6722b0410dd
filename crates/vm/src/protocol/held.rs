//! A value that a native object owns and that can change.

use std::cell::RefCell;

use toy_object::{Owned, Ref};

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

    /// Lets go.
    pub fn clear(&self) {
        drop(self.0.replace(Owned::unbound()));
    }

    /// Shows the value to the collector.
    pub fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.0.borrow().get());
    }
}
