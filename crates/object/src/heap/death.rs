//! How objects die: an explicit stack of the dying, and a queue of those who have something to say first.
//!
//! | an object whose count reached zero … | what happens |
//! |---|---|
//! | is a generator with weak references | they are cleared, their callbacks queued, and it goes on |
//! | has a finaliser that has not run | it gets one owner again, the queue, and waits there |
//! | has weak references | they are cleared, their callbacks queued, and it goes on |
//! | anything else | its content is released in the order that CPython releases it, and its block freed |
//!
//! Invariant: an object with count zero is owned by nobody but this stack, and its count is raised again in two places only:
//! here for the queue, before its content is touched, and in [`Heap::keep_dying`] for a weak reference whose referent dies
//! first. No count is taken anywhere else of an object whose count is zero.

use std::cell::{Cell, UnsafeCell};
use std::collections::VecDeque;
use std::ptr::NonNull;

use hashbrown::{HashMap, HashSet};

use super::Heap;
use crate::header::Header;
use crate::layout::{FloatObject, GeneratorObject, RangeIteratorObject, SliceObject, StrObject};
use crate::reference::{Owned, Ref};
use crate::shape::{Kind, Shape, ShapeId};
use crate::size::block_size;
use crate::value::Value;

/// Something that the virtual machine is to run at the next instruction boundary.
#[derive(Debug)]
pub enum Finaliser {
    /// Call `__del__` of this instance, close this generator, or finalise this native object; then drop it.
    Object(Owned),
    /// Call this weak reference's callback with the reference.
    WeakCallback {
        /// The weak reference, now dead.
        reference: Owned,
        /// What to call.
        callback: Owned,
    },
}

pub(super) struct Graveyard {
    dying: UnsafeCell<Vec<NonNull<Header>>>,
    is_burying: Cell<bool>,
    queue: UnsafeCell<VecDeque<Finaliser>>,
    has_finalisers: Cell<bool>,
    /// Objects whose finaliser has run and that live on: it runs only once.
    finalised: UnsafeCell<HashSet<*const Header>>,
    /// The instances of classes with a finaliser, numbered as they were made: a collection finalises in that order.
    births: UnsafeCell<HashMap<*const Header, u64>>,
    birth_count: Cell<u64>,
}

impl Graveyard {
    pub(super) fn new() -> Self {
        Self {
            dying: UnsafeCell::new(Vec::new()),
            is_burying: Cell::new(false),
            queue: UnsafeCell::new(VecDeque::new()),
            has_finalisers: Cell::new(false),
            finalised: UnsafeCell::new(HashSet::new()),
            births: UnsafeCell::new(HashMap::new()),
            birth_count: Cell::new(0),
        }
    }

    fn push(&self, object: NonNull<Header>) {
        // SAFETY: no borrow of the stack lives across a call.
        unsafe { &mut *self.dying.get() }.push(object);
    }

    fn pop(&self) -> Option<NonNull<Header>> {
        // SAFETY: no borrow of the stack lives across a call.
        unsafe { &mut *self.dying.get() }.pop()
    }

    /// Turns round what was pushed since the stack had `length` entries, so that it is popped in the order of pushing.
    fn reverse_from(&self, length: usize) {
        // SAFETY: no borrow of the stack lives across a call.
        let dying = unsafe { &mut *self.dying.get() };
        if dying.len() > length + 1 {
            dying[length..].reverse();
        }
    }

    fn depth(&self) -> usize {
        // SAFETY: no borrow of the stack lives across a call.
        unsafe { &*self.dying.get() }.len()
    }

    fn enqueue(&self, finaliser: Finaliser) {
        // SAFETY: no borrow of the queue lives across a call.
        unsafe { &mut *self.queue.get() }.push_back(finaliser);
        self.has_finalisers.set(true);
    }
}

impl Heap {
    /// Whether something is queued; the dispatch loop looks here after each instruction that dropped an object.
    #[inline(always)]
    pub fn has_finalisers(&self) -> bool {
        self.graveyard.has_finalisers.get()
    }

    /// The next thing to run, oldest first.
    pub fn next_finaliser(&self) -> Option<Finaliser> {
        // SAFETY: no borrow of the queue lives across a call.
        let next = unsafe { &mut *self.graveyard.queue.get() }.pop_front();
        if next.is_none() {
            self.graveyard.has_finalisers.set(false);
        }
        next
    }

    /// Notes that the finaliser of this object has run (or is running): it will not be queued again.
    pub fn mark_finalised(&self, object: Ref<'_>) {
        if let Some(pointer) = object.value().as_pointer() {
            debug_assert!(may_be_finalised(self.shape(object.shape())), "such an object has no finaliser");
            // SAFETY: no borrow of the set lives across a call.
            unsafe { &mut *self.graveyard.finalised.get() }.insert(pointer.as_ptr().cast_const());
        }
    }

    /// Whether the finaliser of this object has run, or is running.
    pub fn is_finalised(&self, object: Ref<'_>) -> bool {
        // SAFETY: no borrow of the set lives across a call.
        let finalised = unsafe { &*self.graveyard.finalised.get() };
        object.value().as_pointer().is_some_and(|pointer| finalised.contains(&pointer.as_ptr().cast_const()))
    }

    /// Drops an object whose count has just reached zero: for the dispatch loop, which counts by itself.
    ///
    /// # Safety
    /// The object's count is zero, and nobody refers to it.
    pub unsafe fn bury_object(&self, object: NonNull<Header>) {
        self.bury(object);
    }

    /// Drops an object whose count has just reached zero.
    #[cold]
    #[inline(never)]
    pub(crate) fn bury(&self, object: NonNull<Header>) {
        if !self.bury_leaf(object) {
            self.bury_branch(object);
        }
    }

    #[inline(never)]
    fn bury_branch(&self, object: NonNull<Header>) {
        if self.graveyard.is_burying.replace(true) {
            // Reached from the content of another dying object: the outer loop goes on with it.
            self.graveyard.push(object);
            return;
        }
        let mut next = Some(object);
        while let Some(object) = next {
            // SAFETY: what waits on the stack is not freed.
            if unsafe { object.as_ref() }.count.get() == 0 {
                self.bury_one(object);
            }
            next = self.graveyard.pop();
        }
        self.graveyard.is_burying.set(false);
    }

    /// Drops an object that owns nothing and that nobody can refer to weakly: it needs no stack, and its moment does not
    /// matter. `false`: it is none.
    #[inline]
    fn bury_leaf(&self, object: NonNull<Header>) -> bool {
        // SAFETY: a dying object is intact until its content is released.
        let size = match unsafe { object.as_ref() }.shape() {
            ShapeId::STR => {
                // SAFETY: the shape says that it is a string.
                let string = unsafe { object.cast::<StrObject>().as_ref() };
                if string.is_interned.get() {
                    return false;
                }
                string.block_size()
            }
            ShapeId::FLOAT => size_of::<FloatObject>(),
            ShapeId::RANGE_ITERATOR => size_of::<RangeIteratorObject>(),
            ShapeId::SLICE => {
                // SAFETY: the shape says that it is a slice.
                let slice = unsafe { object.cast::<SliceObject>().as_ref() };
                if [slice.start, slice.stop, slice.step].into_iter().any(Value::is_pointer) {
                    return false;
                }
                size_of::<SliceObject>()
            }
            _ => return false,
        };
        // SAFETY: there is no content to drop, the size is the one it was allocated with.
        unsafe { self.free_block(object, size) };
        true
    }

    fn bury_one(&self, object: NonNull<Header>) {
        // SAFETY: a dying object is intact until its content is released.
        let header = unsafe { object.as_ref() };
        let shape = self.shape(header.shape());
        let flags = shape.flags();
        // As in CPython, `__del__` still finds the weak references to its object, a generator's `finally` does not.
        if flags.weakly_referenced && shape.kind() == Kind::Generator {
            self.clear_weak_references(object);
        }
        let has_finaliser = flags.finaliser || (shape.kind() == Kind::Generator && must_be_closed(object));
        // The mark is taken even if there is no finaliser any more, or the next object at this address would inherit it.
        let is_finalised = may_be_finalised(shape) && self.take_finalised(object);
        if has_finaliser && !is_finalised {
            header.count.set(1);
            // SAFETY: the count of one just set becomes the queue's.
            let owned = unsafe { Owned::from_value(Value::pointer(object)) };
            self.graveyard.enqueue(Finaliser::Object(owned));
            return;
        }
        if flags.weakly_referenced {
            self.clear_weak_references(object);
        }
        if flags.finaliser {
            // SAFETY: no borrow of the map lives across a call.
            unsafe { &mut *self.graveyard.births.get() }.remove(&object.as_ptr().cast_const());
        }
        // The most frequent kinds have a short way of their own each.
        match shape.kind() {
            Kind::Tuple => self.take_tuple_apart(shape, object),
            Kind::List => self.take_list_apart(shape, object),
            Kind::Instance => self.take_instance_apart(shape, object),
            _ => self.take_other_apart(shape, object),
        }
    }

    #[inline(never)]
    fn take_other_apart(&self, shape: &Shape, object: NonNull<Header>) {
        self.take_apart(shape.kind(), shape, object);
    }

    #[inline(never)]
    fn take_tuple_apart(&self, shape: &Shape, object: NonNull<Header>) {
        self.take_apart(Kind::Tuple, shape, object);
    }

    /// Lets go of the items one by one, from the last to the first as CPython does it: the list waits on the stack while one
    /// of them dies, so that the stack grows with the depth of what dies, not with its breadth.
    #[inline(never)]
    fn take_list_apart(&self, shape: &Shape, object: NonNull<Header>) {
        // SAFETY: the shape says that it is a list, and nobody else reaches it.
        while let Some(item) = unsafe { crate::content::pop_item(object) } {
            let Some(item) = item.as_pointer() else { continue };
            // SAFETY: the list owned a count.
            if unsafe { item.as_ref() }.release() && !self.bury_leaf(item) {
                self.graveyard.push(object);
                self.graveyard.push(item);
                return;
            }
        }
        self.take_apart(Kind::List, shape, object);
    }

    #[inline(never)]
    fn take_instance_apart(&self, shape: &Shape, object: NonNull<Header>) {
        self.take_apart(Kind::Instance, shape, object);
    }

    /// Releases what a dying object owns, and frees its block.
    #[inline(always)]
    fn take_apart(&self, kind: Kind, shape: &Shape, object: NonNull<Header>) {
        // SAFETY: the object is intact, and of this shape.
        let size = unsafe { block_size(kind, shape, object) };
        let before = self.graveyard.depth();
        // SAFETY: the object has no owner any more, and this is the only place that takes its content apart.
        unsafe { crate::content::release(self, kind, shape, object) };
        self.graveyard.reverse_from(before);
        // SAFETY: its content is dropped, the size is the one it was allocated with.
        unsafe { self.free_block(object, size) };
    }

    /// Queues something to be run.
    pub(crate) fn enqueue(&self, finaliser: Finaliser) {
        self.graveyard.enqueue(finaliser);
    }

    /// Whether an object would be handed to the queue if it died now.
    pub(crate) fn awaits_finalisation(&self, object: NonNull<Header>) -> bool {
        // SAFETY: callers pass living objects.
        let shape = self.shape(unsafe { object.as_ref() }.shape());
        let has_finaliser = shape.flags().finaliser || (shape.kind() == Kind::Generator && must_be_closed(object));
        // SAFETY: no borrow of the set lives across a call.
        has_finaliser && !unsafe { &*self.graveyard.finalised.get() }.contains(&object.as_ptr().cast_const())
    }

    /// Whether the end of any object would be noticed: by its finaliser, or by a callback of a weak reference to it.
    pub fn has_last_words(&self) -> bool {
        let mut has_any = self.has_finalisers() || self.has_weak_callbacks();
        self.pages.walk(|object| has_any = has_any || self.awaits_finalisation(object));
        has_any
    }

    /// Numbers a new instance of a class with a finaliser.
    #[cold]
    pub(crate) fn note_birth(&self, object: NonNull<Header>) {
        let number = self.graveyard.birth_count.get() + 1;
        self.graveyard.birth_count.set(number);
        // SAFETY: no borrow of the map lives across a call.
        unsafe { &mut *self.graveyard.births.get() }.insert(object.as_ptr().cast_const(), number);
    }

    /// When an object was made, for those that [`note_birth`](Self::note_birth) heard of; 0 for all others.
    pub(crate) fn birth_of(&self, object: NonNull<Header>) -> u64 {
        // SAFETY: no borrow of the map lives across a call.
        unsafe { &*self.graveyard.births.get() }.get(&object.as_ptr().cast_const()).copied().unwrap_or(0)
    }

    /// Calls `visit` with everything that the queue owns.
    pub(crate) fn visit_queue(&self, mut visit: impl FnMut(Value)) {
        // SAFETY: callers only count.
        for finaliser in unsafe { &*self.graveyard.queue.get() } {
            match finaliser {
                Finaliser::Object(object) => visit(object.value()),
                Finaliser::WeakCallback { reference, callback } => {
                    visit(reference.value());
                    visit(callback.value());
                }
            }
        }
    }

    fn take_finalised(&self, object: NonNull<Header>) -> bool {
        // SAFETY: no borrow of the set lives across a call.
        let finalised = unsafe { &mut *self.graveyard.finalised.get() };
        !finalised.is_empty() && finalised.remove(&object.as_ptr().cast_const())
    }

    /// Takes one count from a value that stood in a dying object.
    #[inline]
    pub(crate) fn release_value(&self, value: Value) {
        if let Some(object) = value.as_pointer() {
            // SAFETY: the dying object owned a count.
            if unsafe { object.as_ref() }.release() && !self.bury_leaf(object) {
                self.graveyard.push(object);
                // Only reached while burying: the loop in `bury` pops it.
                debug_assert!(self.graveyard.is_burying.get());
            }
        }
    }

    /// A count of an object that may already wait on the stack: then it is passed over there, and dies when the count goes.
    ///
    /// # Safety
    /// The object is not freed; if its count is zero, it waits on the stack, and the count outlives the burial that goes on.
    pub(super) unsafe fn keep_dying(&self, object: NonNull<Header>) -> Owned {
        // SAFETY: the caller's promise.
        let header = unsafe { object.as_ref() };
        if header.count.get() == 0 {
            debug_assert!(self.graveyard.is_burying.get());
            header.count.set(1);
        } else {
            header.retain();
        }
        // SAFETY: the count was just taken.
        unsafe { Owned::from_value(Value::pointer(object)) }
    }
}

/// Whether objects of this shape can be [marked](Heap::mark_finalised): plain tuples, lists and dicts, of which many die,
/// never are.
fn may_be_finalised(shape: &Shape) -> bool {
    shape.flags().finaliser || !matches!(shape.kind(), Kind::Tuple | Kind::List | Kind::Dict | Kind::Set)
}

/// A generator that waits inside a `try` or `with` has code to run before it goes.
fn must_be_closed(object: NonNull<Header>) -> bool {
    // SAFETY: the caller looked at the kind.
    unsafe { object.cast::<GeneratorObject>().as_ref() }.state.get().must_be_closed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_sound, enter, new_class, new_instance, on_heap, set_attribute, text};

    /// The names, in attributes called `name`, of the objects in the queue.
    fn queued(heap: &Heap) -> Vec<Owned> {
        let next = || match heap.next_finaliser()? {
            Finaliser::Object(object) => Some(object),
            Finaliser::WeakCallback { .. } => None,
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn finalisers_are_queued_in_the_order_in_which_cpython_drops_and_run_once() {
        let gil = enter();
        let heap = gil.heap();
        let class = new_class(heap, "Resource", &[], true);
        let new = || new_instance(heap, &class);
        let objects: Vec<Owned> = (0..4).map(|_| new()).collect();
        let values: Vec<Value> = objects.iter().map(Owned::value).collect();
        // A list lets go from the last to the first.
        drop(heap.new_list(objects).expect("memory"));
        assert!(heap.has_finalisers());
        let waiting = queued(heap);
        assert!(!heap.has_finalisers());
        let order: Vec<Value> = waiting.iter().map(Owned::value).collect();
        assert_eq!(order, values.iter().rev().copied().collect::<Vec<_>>());
        for object in &waiting {
            heap.mark_finalised(object.get());
        }
        drop(waiting);
        assert!(!heap.has_finalisers(), "each has had its say");
        // The next object at the same address has not.
        drop(new());
        let again = queued(heap);
        assert_eq!(again.len(), 1);
        again.iter().for_each(|object| heap.mark_finalised(object.get()));
        drop(again);
        assert_sound(heap, &[&class]);
    }

    #[test]
    fn an_object_that_its_finaliser_keeps_alive_dies_quietly_later() {
        let gil = enter();
        let heap = gil.heap();
        let class = new_class(heap, "Phoenix", &[], true);
        let phoenix = new_instance(heap, &class);
        set_attribute(heap, &phoenix, "payload", text(heap, "feathers"));
        drop(phoenix);
        let risen = queued(heap);
        risen.iter().for_each(|object| heap.mark_finalised(object.get()));
        assert_sound(heap, &[&class, &risen[0]]);
        drop(risen);
        assert!(queued(heap).is_empty());
        assert_sound(heap, &[&class]);
    }

    #[test]
    fn a_generator_inside_of_a_try_waits_to_be_closed() {
        on_heap(|heap| {
            let new = |state| {
                // SAFETY: an empty window has no counts.
                let generator = unsafe { heap.new_generator(ShapeId::GENERATOR, Vec::new(), Box::new(())) };
                let generator = generator.expect("memory");
                generator.get().as_generator().expect("a generator").set_state(state);
                generator
            };
            drop(new(crate::GeneratorState::Suspended));
            assert!(queued(heap).is_empty());
            drop(new(crate::GeneratorState::SuspendedInTry));
            let waiting = queued(heap);
            assert_eq!(waiting.len(), 1);
            waiting[0].get().as_generator().expect("a generator").set_state(crate::GeneratorState::Finished);
        });
    }
}
