//! Weak references: a side table from object to the references that point at it.
//!
//! Invariant: the table names no reference whose block was freed: its death takes a reference out before anything of it is
//! released. A reference may be named while its count is zero: then it waits on the graveyard's stack, and its former owner,
//! which CPython would have it outlive the referent for, is being taken apart.
//! Invariant: an object that the table names as a referent has a shape that says `weakly_referenced`, and so has every shape
//! that it can change to: otherwise its death would not look here.

use std::cell::UnsafeCell;
use std::ptr::NonNull;

use hashbrown::HashMap;

use super::{Finaliser, Heap, OutOfMemory};
use crate::header::Header;
use crate::layout::WeakReferenceObject;
use crate::reference::{Owned, Ref};
use crate::shape::{Kind, Shape, ShapeFlags, ShapeId};
use crate::value::Value;

pub(super) struct WeakTable {
    references: UnsafeCell<HashMap<NonNull<Header>, Vec<NonNull<WeakReferenceObject>>>>,
}

impl WeakTable {
    pub(super) fn new() -> Self {
        Self { references: UnsafeCell::new(HashMap::new()) }
    }

    #[expect(clippy::mut_from_ref, reason = "under the lock, and no caller keeps the borrow")]
    fn references(&self) -> &mut HashMap<NonNull<Header>, Vec<NonNull<WeakReferenceObject>>> {
        // SAFETY: the functions below borrow it for one statement each and call nothing that could come back here.
        unsafe { &mut *self.references.get() }
    }
}

impl Heap {
    /// A weak reference to an object; `callback` is called with the reference
    /// after the object's death. Two plain references without callback to one object are the same object.
    /// `None`: objects of this kind cannot be referred to weakly.
    pub fn new_weak_reference(&self, referent: Ref<'_>, callback: Option<Owned>) -> Result<Option<Owned>, OutOfMemory> {
        if !supports_weak_references(self, referent) {
            return Ok(None);
        }
        self.new_hidden_weak_reference(referent, callback)
    }

    /// As [`new_weak_reference`](Self::new_weak_reference), to any object that lies in memory: for natives, where scripts may not.
    pub fn new_hidden_weak_reference(
        &self,
        referent: Ref<'_>,
        callback: Option<Owned>,
    ) -> Result<Option<Owned>, OutOfMemory> {
        let Some(pointer) = referent.value().as_pointer() else { return Ok(None) };
        if callback.is_none() {
            let existing = self.weak.references().get(&pointer).and_then(|references| references.first().copied());
            if let Some(reference) = existing {
                // SAFETY: the table names no freed reference, and as nothing is being buried now, all are alive.
                let object = unsafe { reference.as_ref() };
                if object.callback.get().is_unbound() {
                    // SAFETY: as above.
                    return Ok(Some(unsafe { Ref::from_value(Value::pointer(reference.cast())) }.to_owned()));
                }
            }
        }
        let has_callback = callback.is_some();
        let owned = self.allocate(WeakReferenceObject {
            header: Header::new(ShapeId::WEAK_REFERENCE),
            referent: referent.value().into(),
            callback: callback.map_or(Value::UNBOUND, Owned::into_value).into(),
            hash: None.into(),
        })?;
        self.note_weakly_referenced(referent.shape());
        if let Some(reference) = owned.value().as_pointer() {
            let references = self.weak.references().entry(pointer).or_default();
            // The plain one stands first, where it is found again.
            let place = if has_callback { references.len() } else { 0 };
            references.insert(place, reference.cast());
        }
        Ok(Some(owned))
    }

    /// The weak reference to an object that stands first: the plain one, if there is one.
    pub fn first_weak_reference(&self, referent: Ref<'_>) -> Option<Owned> {
        let pointer = referent.value().as_pointer()?;
        let reference = self.weak.references().get(&pointer)?.first().copied()?;
        // SAFETY: the table names no freed reference, and as nothing is being buried now, all are alive.
        Some(unsafe { Ref::from_value(Value::pointer(reference.cast())) }.to_owned())
    }

    /// Number of weak references to an object.
    pub fn weak_reference_count(&self, referent: Ref<'_>) -> usize {
        let pointer = referent.value().as_pointer();
        pointer.and_then(|pointer| self.weak.references().get(&pointer)).map_or(0, Vec::len)
    }

    /// Whether any living object's death would call somebody.
    pub(super) fn has_weak_callbacks(&self) -> bool {
        let mut references = self.weak.references().values().flatten();
        // SAFETY: the table names no freed reference.
        references.any(|reference| !unsafe { reference.as_ref() }.callback.get().is_unbound())
    }

    /// Notes that objects of this shape, and of all shapes that they can change to by their attributes, may be referents.
    pub(crate) fn note_weakly_referenced(&self, shape: ShapeId) {
        let note = |shape: &Shape| shape.flags.set(ShapeFlags { weakly_referenced: true, ..shape.flags() });
        let shape = self.shape(shape);
        if shape.flags().weakly_referenced {
            return;
        }
        note(shape);
        if shape.kind() != Kind::Instance {
            return;
        }
        // Shapes made from now on take it over from the one that they are made from.
        let class = shape.class.get();
        // SAFETY: a class outlives the objects of its shapes.
        let class = class.and_then(|class| unsafe { Ref::from_value(Value::pointer(class)) }.as_class(self));
        class.into_iter().for_each(|class| class.for_each_instance_shape(self, note));
    }

    /// Clears the references to a dying object and queues their callbacks, the newest first as CPython does.
    pub(crate) fn clear_weak_references(&self, referent: NonNull<Header>) {
        self.clear_weak_references_unless(referent, |_| false);
    }

    /// As [`clear_weak_references`](Self::clear_weak_references), but callbacks of references that are themselves dead
    /// are dropped.
    pub(crate) fn clear_weak_references_unless(
        &self,
        referent: NonNull<Header>,
        is_dead: impl Fn(NonNull<Header>) -> bool,
    ) {
        let Some(references) = self.weak.references().remove(&referent) else { return };
        // Nothing is dropped before all are cleared: that could free others of them, which the table does not name any more.
        let mut unheard = Vec::new();
        for reference in references.iter().rev() {
            // SAFETY: the table names no freed reference, and none has been freed since.
            let object = unsafe { reference.as_ref() };
            object.referent.set(Value::UNBOUND);
            let callback = object.callback.replace(Value::UNBOUND);
            // SAFETY: the reference owned a count of its callback, if it had one, and let go of it.
            let callback = unsafe { Owned::from_value(callback) };
            if callback.value().is_unbound() || is_dead(reference.cast()) {
                unheard.push(callback);
            } else {
                // SAFETY: it is not freed, and if its count is zero, then it waits on the graveyard's stack.
                let reference = unsafe { self.keep_dying(reference.cast()) };
                self.enqueue(Finaliser::WeakCallback { reference, callback });
            }
        }
    }

    /// Takes a dying weak reference out of the table.
    pub(crate) fn forget_weak_reference(&self, reference: NonNull<WeakReferenceObject>, referent: Value) {
        let Some(referent) = referent.as_pointer() else { return };
        let references = self.weak.references();
        if let Some(list) = references.get_mut(&referent) {
            list.retain(|&other| other != reference);
            if list.is_empty() {
                references.remove(&referent);
            }
        }
    }
}

fn supports_weak_references(heap: &Heap, referent: Ref<'_>) -> bool {
    let shape = heap.shape(referent.shape());
    match shape.kind() {
        Kind::Instance => shape.flags().weak_references,
        Kind::Set
        | Kind::FrozenSet
        | Kind::Function
        | Kind::BoundMethod
        | Kind::NativeFunction
        | Kind::Class
        | Kind::Module
        | Kind::Generator
        | Kind::Code
        | Kind::Native
        | Kind::WeakReference => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{int, on_heap, text};

    #[test]
    fn references_are_cleared_at_death_and_callbacks_queued_newest_first() {
        on_heap(|heap| {
            let object = heap.new_set().expect("memory");
            let weak = |callback: Option<Owned>| {
                let reference = heap.new_weak_reference(object.get(), callback);
                reference.expect("memory").expect("sets can be referred to weakly")
            };
            let plain = weak(None);
            assert!(plain.get().is(weak(None).get()), "plain references are shared");
            let (first, second) = (weak(Some(text(heap, "first"))), weak(Some(text(heap, "second"))));
            let unheard = weak(Some(text(heap, "unheard")));
            drop(unheard);
            assert_eq!(heap.weak_reference_count(object.get()), 3);
            let referent = |reference: &Owned| reference.get().as_weak_reference(heap).expect("one").referent();
            assert!(referent(&plain).is_some_and(|referent| referent.get().is(object.get())));
            drop(object);
            assert!(referent(&plain).is_none() && referent(&first).is_none());
            for expected in [&second, &first] {
                let Some(Finaliser::WeakCallback { reference, .. }) = heap.next_finaliser() else {
                    panic!("a callback is missing");
                };
                assert!(reference.get().is(expected.get()));
            }
            assert!(heap.next_finaliser().is_none());
        });
    }

    #[test]
    fn numbers_and_plain_lists_cannot_be_referred_to_weakly() {
        on_heap(|heap| {
            let list = heap.new_list(vec![]).expect("memory");
            for object in [int(heap, 1), int(heap, i64::MAX), list] {
                let reference = heap.new_weak_reference(object.get(), None);
                assert!(reference.expect("memory").is_none());
            }
        });
    }
}
