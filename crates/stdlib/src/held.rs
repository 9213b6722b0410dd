//! Values that native objects own, several at a time.

use std::cell::RefCell;

use toy_object::{Owned, Ref};

/// A row of values inside a native object.
#[derive(Default)]
pub(crate) struct HeldList(RefCell<Vec<Owned>>);

impl HeldList {
    /// Holds these.
    pub(crate) fn new(values: Vec<Owned>) -> Self {
        Self(RefCell::new(values))
    }

    /// Number of values.
    pub(crate) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// A value.
    pub(crate) fn get(&self, index: usize) -> Option<Owned> {
        self.0.borrow().get(index).cloned()
    }

    /// Hands the values out to be read.
    pub(crate) fn with<R>(&self, read: impl FnOnce(&[Owned]) -> R) -> R {
        read(&self.0.borrow())
    }

    /// Replaces a value; gives the old one back to be dropped.
    pub(crate) fn set(&self, index: usize, value: Owned) -> Option<Owned> {
        self.0.borrow_mut().get_mut(index).map(|place| std::mem::replace(place, value))
    }

    /// Adds a value.
    pub(crate) fn push(&self, value: Owned) {
        self.0.borrow_mut().push(value);
    }

    /// Shows the values to the collector.
    pub(crate) fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        for value in self.0.borrow().iter() {
            visit(value.get());
        }
    }

    /// Lets go of all.
    pub(crate) fn clear(&self) {
        drop(self.0.take());
    }
}

/// The two methods of `Payload` and of `Iterate` that name the fields which own values.
macro_rules! holds {
    ($($field:ident),*) => {
        fn visit(&self, visit: &mut dyn FnMut(toy_object::Ref<'_>)) {
            let _ = &visit;
            $(self.$field.visit(visit);)*
        }

        fn clear(&self) {
            $(self.$field.clear();)*
        }
    };
}

pub(crate) use holds;
