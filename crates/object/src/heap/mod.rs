//! The heap of one virtual machine: blocks, shapes, interned strings, and the death of objects.
//!
//! Invariant: whoever holds a `&Heap` holds the global interpreter lock (see [`Gil`](crate::Gil)); nothing here is atomic.
//! Invariant: dropping an object runs no script code. Finalisers and callbacks of weak references are queued and run by the
//! virtual machine at the next instruction boundary.
//! Invariant: dropping is a loop over an explicit stack, never a recursion.

mod death;
mod memory;
mod names;
mod pages;
mod watch;
mod weak;

use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell, UnsafeCell};
use std::collections::HashSet;
use std::ptr::NonNull;

pub use death::Finaliser;
pub use memory::OutOfMemory;
pub use names::Name;
pub use watch::CountListener;
pub(crate) use watch::watched_count_changed;

use crate::content;
use crate::content_class::ContentClass;
use crate::header::Header;
use crate::layout::Layout;
use crate::reference::{Owned, Ref};
use crate::shape::{Kind, Shape, ShapeFlags, ShapeId};
use crate::size::block_size;
use crate::str::Characters;
use crate::value::Value;
use death::Graveyard;
use memory::Memory;
use names::Names;
use pages::Pages;
use watch::Watched;
use weak::WeakTable;

/// All objects of a virtual machine, and the tables that they need: shapes, interned names, weak references.
pub struct Heap {
    pages: Pages,
    memory: Memory,
    #[expect(clippy::vec_box, reason = "rows stay where they are while the table grows")]
    shapes: UnsafeCell<Vec<Box<Shape>>>,
    names: Names,
    characters: Characters,
    graveyard: Graveyard,
    weak: WeakTable,
    watched: Watched,
    /// Classes with dependents: some cache in code was filled from them. Not counted.
    pub(crate) depended_upon: RefCell<HashSet<NonNull<Header>>>,
    /// What the virtual machine keeps for all its threads.
    root: OnceCell<&'static dyn Any>,
    /// The classes whose objects share a shape.
    content_classes: [Cell<Option<NonNull<Header>>>; ContentClass::COUNT],
    /// Counts structural changes, so that a key table's version is unique in the whole heap.
    next_version: Cell<u32>,
}

thread_local! {
    /// The heap of the lock that this thread holds; null while it holds none.
    static CURRENT: Cell<*const Heap> = const { Cell::new(std::ptr::null()) };
}

/// The heap of the lock that this thread holds.
///
/// Panics if the thread holds none: an owner of a count was dropped outside of the lock.
#[inline]
pub(crate) fn current<'a>() -> &'a Heap {
    let heap = CURRENT.get();
    assert!(!heap.is_null(), "a heap object was touched without the global interpreter lock");
    // SAFETY: the pointer is set from a `&'static Heap` while the lock is held, and cleared when it is let go.
    unsafe { &*heap }
}

/// Makes `heap` (or none) this thread's current heap and returns the one before.
pub(crate) fn set_current(heap: *const Heap) -> *const Heap {
    CURRENT.replace(heap)
}

impl Heap {
    /// A heap with the builtin shapes and well-known names, and with a limit of `max_memory` bytes for everything in it.
    /// It lives as long as the process: threads of one virtual machine come and go, the heap stays.
    pub(crate) fn leak(max_memory: usize) -> &'static Heap {
        let shapes = Kind::ALL
            .iter()
            .map(|&kind| Box::new(Shape::new(kind, Box::default(), 0, ShapeFlags::default())))
            .collect();
        let heap = Box::leak(Box::new(Heap {
            pages: Pages::new(),
            memory: Memory::new(usize::MAX),
            shapes: UnsafeCell::new(shapes),
            names: Names::new(),
            characters: Characters::new(),
            graveyard: Graveyard::new(),
            weak: WeakTable::new(),
            watched: Watched::new(),
            depended_upon: RefCell::default(),
            root: OnceCell::new(),
            content_classes: [const { Cell::new(None) }; ContentClass::COUNT],
            next_version: Cell::new(1),
        }));
        let before = set_current(heap);
        // The limit is the script's: what every heap holds from the start is not refused.
        heap.make_well_known_names().expect("the system has memory for the names that every heap holds");
        set_current(before);
        heap.memory.set_limit(max_memory);
        heap
    }

    /// Sets what [`root`](Self::root) gives. Called once, at start; it lives as long as the process.
    pub fn set_root<T: Any>(&self, root: T) -> &'static T {
        let root: &'static T = Box::leak(Box::new(root));
        assert!(self.root.set(root).is_ok(), "a heap has one root");
        root
    }

    /// What the virtual machine keeps for all its threads.
    pub fn root<T: Any>(&self) -> &'static T {
        self.root.get().and_then(|root| root.downcast_ref()).expect("set at start, of this type")
    }

    /// A row of the table of shapes. Rows stay where they are for ever.
    #[inline]
    pub fn shape(&self, id: ShapeId) -> &Shape {
        // SAFETY: the vector only grows, in `add_shape`, which keeps no borrow; the boxes do not move.
        let shapes = unsafe { &*self.shapes.get() };
        &shapes[id.0 as usize]
    }

    pub(crate) fn add_shape(&self, shape: Shape) -> ShapeId {
        // SAFETY: nobody borrows the vector itself across calls, only the boxes' contents.
        let shapes = unsafe { &mut *self.shapes.get() };
        let id = ShapeId(shapes.len() as u32);
        shapes.push(Box::new(shape));
        id
    }

    /// The class of every plain object of this kind, for [`class_of`](Self::class_of). Set once, at start.
    pub fn set_class_of_kind(&self, kind: Kind, class: Ref<'_>) {
        self.shape(ShapeId(kind as u32)).class.set(class.value().as_pointer());
    }

    /// Sets a class whose objects share a shape with those of others. Called once for each, at start.
    pub fn set_content_class(&self, which: ContentClass, class: Ref<'_>) {
        self.content_classes[which as usize].set(class.value().as_pointer());
    }

    /// The class of any value.
    #[inline(always)]
    pub fn class_of<'a>(&'a self, value: Ref<'_>) -> Ref<'a> {
        let class = match value.shape() {
            ShapeId::SEQUENCE_ITERATOR | ShapeId::DICT_ITERATOR | ShapeId::NATIVE_FUNCTION => {
                self.class_by_content(value)
            }
            shape => self.shape(shape).class.get(),
        };
        let class = class.expect("every shape in use has a class");
        // SAFETY: a class outlives the objects of its shapes, and `value` is one.
        unsafe { Ref::from_value(Value::pointer(class)) }
    }

    /// A number that no key table of this heap had before, never 0. After 2^32 of them caching of globals ends.
    pub(crate) fn fresh_version(&self) -> u32 {
        let version = self.next_version.get();
        self.next_version.set(version.saturating_add(1));
        if version == u32::MAX { 0 } else { version }
    }

    /// The strings that exist from the start.
    pub(crate) fn characters(&self) -> &Characters {
        &self.characters
    }

    /// Memory for an object of `size` bytes.
    #[inline(always)]
    pub(crate) fn allocate_block(&self, size: usize) -> Result<NonNull<Header>, OutOfMemory> {
        self.memory.ask()?;
        match self.pages.take(size) {
            Some(block) => Ok(block),
            None => self.allocate_block_slowly(size),
        }
    }

    #[cold]
    #[inline(never)]
    fn allocate_block_slowly(&self, size: usize) -> Result<NonNull<Header>, OutOfMemory> {
        let charge = if size > pages::LARGEST_SMALL { size } else { pages::PAGE_SIZE };
        self.memory.charge(charge)?;
        self.pages.take_from_system(size).ok_or_else(|| {
            self.memory.refund(charge);
            OutOfMemory
        })
    }

    /// Gives a block back whose content is already dropped.
    ///
    /// # Safety
    /// See [`Pages::give_back`].
    #[inline(always)]
    pub(crate) unsafe fn free_block(&self, block: NonNull<Header>, size: usize) {
        if size > pages::LARGEST_SMALL {
            // SAFETY: the caller's promise; a large block is the one to know its size, which may have grown.
            self.memory.refund(unsafe { Pages::large_size(block) });
        }
        // SAFETY: the caller's promise.
        unsafe { self.pages.give_back(block, size) };
    }

    /// Room for an object that grows from `old_size` to `new_size` bytes, in the same block or in a larger one that its
    /// bytes were moved to; the old one is gone then. `None`: a small block that is full, nothing was done. Large blocks
    /// get more room than asked for, so that growing again and again takes linear time.
    ///
    /// # Safety
    /// The block came from this heap, its object takes `old_size` bytes, and nobody else refers to it.
    #[inline]
    pub(crate) unsafe fn grow_block(
        &self,
        block: NonNull<Header>,
        old_size: usize,
        new_size: usize,
    ) -> Result<Option<NonNull<Header>>, OutOfMemory> {
        if old_size <= pages::LARGEST_SMALL {
            return Ok(if pages::is_same_class(old_size, new_size) { Some(block) } else { None });
        }
        // SAFETY: the object's size says that the block is a large one.
        let room = unsafe { Pages::large_size(block) };
        if new_size <= room {
            return Ok(Some(block));
        }
        // SAFETY: as above.
        unsafe { self.grow_large_block(block, room, new_size) }.map(Some)
    }

    /// # Safety
    /// As for [`grow_block`](Self::grow_block); the block is a large one with `room` bytes.
    #[cold]
    unsafe fn grow_large_block(
        &self,
        block: NonNull<Header>,
        room: usize,
        new_size: usize,
    ) -> Result<NonNull<Header>, OutOfMemory> {
        let generous = new_size.saturating_add(new_size / 4);
        let size = if self.has_room_for(generous - room) { generous } else { new_size };
        self.memory.charge(size - room)?;
        // SAFETY: the caller's promise.
        unsafe { self.pages.resize_large(block, size) }.ok_or_else(|| {
            self.memory.refund(size - room);
            OutOfMemory
        })
    }

    /// A new object of a type whose layout is fixed. If there is no memory for it, what it would have owned is dropped.
    #[inline]
    pub(crate) fn allocate<T: Layout>(&self, object: T) -> Result<Owned, OutOfMemory> {
        let Ok(block) = self.allocate_block(size_of::<T>()) else { return Err(self.abandon(object)) };
        // SAFETY: the block is fresh, large enough, and aligned to 8 like every layout.
        unsafe { block.cast::<T>().write(object) };
        // SAFETY: the new object's count of one becomes the returned owner's.
        Ok(unsafe { Owned::from_value(Value::pointer(block)) })
    }

    /// As [`allocate`](Self::allocate), for an object that owns nothing yet: it is made where it stays, and not moved there from
    /// where it was put together, which the processor would have to wait for.
    #[inline(always)]
    pub(crate) fn allocate_in_place<T: Layout>(&self, make: impl FnOnce() -> T) -> Result<Owned, OutOfMemory> {
        let block = self.allocate_block(size_of::<T>())?;
        // SAFETY: the block is fresh, large enough, and aligned to 8 like every layout.
        unsafe { block.cast::<T>().write(make()) };
        // SAFETY: the new object's count of one becomes the returned owner's.
        Ok(unsafe { Owned::from_value(Value::pointer(block)) })
    }

    /// Drops everything that an object owns for which there is no block.
    #[cold]
    #[inline(never)]
    fn abandon<T: Layout>(&self, object: T) -> OutOfMemory {
        let mut values = Vec::new();
        let shape = self.shape(T::SHAPE);
        // SAFETY: the object is intact, and laid out as the shape says.
        unsafe {
            content::visit_values(shape.kind(), shape, NonNull::from(&object).cast(), |value| values.push(value))
        };
        drop(object);
        for value in values {
            // SAFETY: the object owned a count of each value, and is gone.
            drop(unsafe { Owned::from_value(value) });
        }
        OutOfMemory
    }

    /// Calls `visit` with every object.
    pub fn walk(&self, mut visit: impl FnMut(Ref<'_>)) {
        self.pages.walk(|block| {
            // SAFETY: the block holds an object, and it stays alive during the call: nothing else runs.
            visit(unsafe { Ref::from_value(Value::pointer(block)) });
        });
    }

    /// Calls `visit` with every value that the heap itself owns a count of.
    pub(crate) fn visit_roots(&self, mut visit: impl FnMut(Value)) {
        self.names.well_known().iter().chain(self.characters.values()).for_each(|&value| visit(value));
        self.visit_queue(visit);
    }

    /// Checks the lists of free blocks; `tell` hears what is wrong.
    pub(crate) fn verify_pages(&self, tell: impl FnMut(&str)) {
        self.pages.verify(tell);
    }

    /// Bytes in use that are not in pages: large blocks, and what objects own besides.
    #[cfg(test)]
    pub(crate) fn payload_in_use(&self) -> usize {
        self.memory_in_use() - self.pages.page_count() * pages::PAGE_SIZE
    }

    /// Number of objects.
    pub fn object_count(&self) -> usize {
        let mut count = 0;
        self.pages.walk(|_| count += 1);
        count
    }

    /// What `id()` shows: for objects a number of their place in the heap, for other values one made of their bits.
    pub fn identity(&self, value: Ref<'_>) -> u64 {
        match value.value().as_pointer() {
            // SAFETY: a `Ref` points to a living object, which stands in a block of the class that its size says.
            Some(block) => unsafe { self.pages.slot_number(block, self.size_of_object(value, block)) },
            None => value.value().bits() & !(1 << 63),
        }
    }

    #[cold]
    fn class_by_content(&self, object: Ref<'_>) -> Option<NonNull<Header>> {
        self.content_classes[ContentClass::of(self, object)? as usize].get()
    }

    /// A number for each object, below [`place_count`](Self::place_count), that stays the same until something is made or
    /// dies: for side tables.
    #[inline]
    pub(crate) fn place(&self, object: Ref<'_>) -> usize {
        match object.value().as_pointer() {
            // SAFETY: as in `identity`.
            Some(block) => unsafe { self.pages.place(block, self.size_of_object(object, block)) },
            None => unreachable!("only objects have a place"),
        }
    }

    /// The number of places.
    pub(crate) fn place_count(&self) -> usize {
        self.pages.place_count()
    }

    /// The object at a place where one stands.
    pub(crate) fn object_at(&self, place: usize) -> NonNull<Header> {
        self.pages.block_at(place)
    }

    #[inline]
    fn size_of_object(&self, object: Ref<'_>, block: NonNull<Header>) -> usize {
        let shape = self.shape(object.shape());
        // SAFETY: a `Ref` points to a living object, which is intact.
        unsafe { block_size(shape.kind(), shape, block) }
    }
}
