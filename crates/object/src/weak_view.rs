//! What a weak reference refers to.

use crate::heap::Heap;
use crate::layout::WeakReferenceObject;
use crate::reference::{Owned, Ref};

/// A weak reference.
#[derive(Clone, Copy)]
pub struct WeakReference<'a> {
    object: &'a WeakReferenceObject,
}

impl<'a> Ref<'a> {
    /// The weak reference, if it is one.
    pub fn as_weak_reference(self, heap: &Heap) -> Option<WeakReference<'a>> {
        Some(WeakReference { object: self.layout_of_kind(heap)? })
    }
}

impl WeakReference<'_> {
    /// The object; `None` after its death.
    pub fn referent(self) -> Option<Owned> {
        let referent = self.object.referent.get();
        // SAFETY: a dying referent clears the references to it, so what is named here is alive.
        if referent.is_unbound() { None } else { Some(unsafe { Ref::from_value(referent) }.to_owned()) }
    }

    /// What is called after the object's death.
    pub fn callback(self) -> Option<Owned> {
        let callback = self.object.callback.get();
        // SAFETY: the reference owns a count of its callback at this moment.
        if callback.is_unbound() { None } else { Some(unsafe { Ref::from_value(callback) }.to_owned()) }
    }

    /// The hash of the object, once it was asked for.
    pub fn hash(self) -> Option<i64> {
        self.object.hash.get()
    }

    /// Remembers the hash of the object.
    pub fn set_hash(self, hash: i64) {
        self.object.hash.set(Some(hash));
    }
}
