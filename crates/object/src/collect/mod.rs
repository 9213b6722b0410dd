//! The cycle collector: finds objects that only other dead objects refer to, and lets them die.
//!
//! No list of objects is kept: the heap's pages are walked. From each object's count the references found in other objects
//! are subtracted; what has a rest is owned from outside (registers, native code, the virtual machine's tables). That, and
//! what can be reached from it, lives. An instance reaches its class, too, although it holds no count of it.
//!
//! Finalisers are script code, so a collection has two steps, and the virtual machine runs what is queued in between:
//!
//! | step | what happens |
//! |---|---|
//! | [`Heap::begin_collection`] | weak references to the dead are cleared, callbacks and finalisers queued |
//! | the virtual machine | runs the queue; a finaliser may bring objects back to life |
//! | [`Heap::finish_collection`] | what is still dead is taken apart |

mod clear;
mod reach;
mod verify;

use std::ptr::NonNull;

use crate::header::Header;
use crate::heap::{Finaliser, Heap};
use crate::reference::{Owned, Ref};
use crate::shape::Kind;
use crate::value::Value;
use reach::Census;

/// Objects that were unreachable when the collection began; each is kept by one count.
#[must_use = "without `finish_collection` nothing is collected"]
pub struct Unreachable {
    objects: Vec<Owned>,
    /// Script code runs before the second step, and may find a way to the objects.
    is_uncertain: bool,
}

impl Unreachable {
    /// Number of objects.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether everything is alive.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

/// A count of an object.
///
/// # Safety
/// The object is alive.
unsafe fn own(object: NonNull<Header>) -> Owned {
    // SAFETY: the caller's promise.
    unsafe { Ref::from_value(Value::pointer(object)) }.to_owned()
}

impl Heap {
    /// First step of a collection: finds the dead, clears weak references to them, and queues callbacks and finalisers, the
    /// oldest instance's first, to be run before [`finish_collection`](Self::finish_collection).
    pub fn begin_collection(&self) -> Unreachable {
        let dead = Census::take(self).unreachable();
        // SAFETY: the census found these objects in the heap, and nothing has run since.
        let objects: Vec<Owned> = dead.objects().iter().map(|&object| unsafe { own(object) }).collect();
        for &object in dead.objects() {
            self.clear_weak_references_unless(object, |reference| dead.contains(reference));
        }
        let awaiting = dead.objects().iter().copied().filter(|&object| self.awaits_finalisation(object));
        let mut awaiting: Vec<_> = awaiting.collect();
        awaiting.sort_by_key(|&object| self.birth_of(object));
        for object in awaiting {
            // SAFETY: as above.
            self.enqueue(Finaliser::Object(unsafe { own(object) }));
        }
        Unreachable { objects, is_uncertain: self.has_finalisers() }
    }

    /// Second step: takes apart what is still dead. Returns the number of objects that die.
    pub fn finish_collection(&self, unreachable: Unreachable) -> usize {
        let Unreachable { mut objects, is_uncertain } = unreachable;
        if is_uncertain {
            let mut census = Census::take(self);
            objects.iter().for_each(|object| census.discount(object.get()));
            let dead = census.unreachable();
            objects.retain(|object| object.value().as_pointer().is_some_and(|object| dead.contains(object)));
        }
        for object in &objects {
            clear::clear(self, object.get());
        }
        let count = objects.len();
        // A class's shapes say how its instances are laid out: they go first.
        let (classes, others): (Vec<Owned>, Vec<Owned>) =
            objects.into_iter().partition(|object| self.shape(object.get().shape()).kind() == Kind::Class);
        drop(others);
        drop(classes);
        count
    }

    /// Both steps, for those who have no script code to run: what is queued stays queued.
    pub fn collect(&self) -> usize {
        let unreachable = self.begin_collection();
        self.finish_collection(unreachable)
    }

    /// The objects that refer to this one, each once.
    pub fn referrers(&self, of: Ref<'_>) -> Vec<Owned> {
        let mut referrers = Vec::new();
        self.walk(|object| {
            let mut refers = false;
            reach::visit(self, object, |child| refers |= child == of.value());
            if refers {
                referrers.push(object.to_owned());
            }
        });
        referrers
    }

    /// What an object refers to, as often as it does.
    pub fn referents(&self, object: Ref<'_>) -> Vec<Owned> {
        let mut referents = Vec::new();
        reach::visit(self, object, |child| {
            if !child.is_unbound() {
                // SAFETY: the object owns a count at this moment.
                referents.push(unsafe { Ref::from_value(child) }.to_owned());
            }
        });
        referents
    }

    /// All objects that may refer to others, in the order in which they lie in the heap.
    pub fn objects(&self) -> Vec<Owned> {
        let mut objects = Vec::new();
        self.walk(|object| {
            if reach::is_container(self.shape(object.shape()).kind()) {
                objects.push(object.to_owned());
            }
        });
        objects
    }
}

#[cfg(test)]
mod tests;
