//! Blocks for objects: size classes in walkable pages, and large blocks beside them.
//!
//! A page is 64 KiB, aligned to its size, and holds blocks of one size class behind its own header, so a block knows its
//! page and a walk needs no list of objects. A block that holds no object has a count and a shape of zero.

use std::alloc::{Layout, alloc, dealloc, realloc};
use std::cell::{Cell, UnsafeCell};
use std::collections::HashSet;
use std::ptr::NonNull;

use crate::header::Header;
use crate::shape::ShapeId;

/// Size and alignment of a page, in bytes.
pub(crate) const PAGE_SIZE: usize = 1 << 16;
/// Distance of the size classes, in bytes.
const GRANULE: usize = 16;
/// Largest block that lives in a page; larger ones are allocated on their own.
pub(crate) const LARGEST_SMALL: usize = 512;
/// Places in a page where a block can start.
const GRANULES: usize = PAGE_SIZE / GRANULE;
const CLASS_COUNT: usize = LARGEST_SMALL / GRANULE;
const FIRST_BLOCK: usize = 64;

#[repr(C)]
struct Page {
    block_size: u32,
    ordinal: u32,
    /// Offset of the first byte that no block has used yet.
    fresh: Cell<u32>,
}

/// A block that waits to be used again: a header of zeros, then the link.
#[repr(C)]
struct FreeBlock {
    header: Header,
    next: Cell<Option<NonNull<FreeBlock>>>,
}

/// What stands before a large block.
#[repr(C, align(16))]
struct LargePrefix {
    /// Place in `Pages::large`.
    index: Cell<usize>,
    size: usize,
    serial: u64,
}

struct SizeClass {
    /// The list of free blocks.
    free: Cell<Option<NonNull<FreeBlock>>>,
    /// The page that fresh blocks come from.
    current: Cell<Option<NonNull<Page>>>,
}

/// All blocks of a heap.
pub(crate) struct Pages {
    classes: [SizeClass; CLASS_COUNT],
    pages: UnsafeCell<Vec<NonNull<Page>>>,
    large: UnsafeCell<Vec<NonNull<LargePrefix>>>,
    next_serial: Cell<u64>,
}

impl Pages {
    pub(crate) fn new() -> Self {
        Self {
            classes: [const { SizeClass { free: Cell::new(None), current: Cell::new(None) } }; CLASS_COUNT],
            pages: UnsafeCell::new(Vec::new()),
            large: UnsafeCell::new(Vec::new()),
            next_serial: Cell::new(0),
        }
    }

    /// A block of at least `size` bytes whose content is undefined, if one is at hand without asking the system.
    #[inline(always)]
    pub(crate) fn take(&self, size: usize) -> Option<NonNull<Header>> {
        if size > LARGEST_SMALL {
            return None;
        }
        let class = &self.classes[(size - 1) / GRANULE];
        if let Some(block) = class.free.get() {
            // SAFETY: blocks on the free list lie in pages of this heap, which live as long as the heap.
            class.free.set(unsafe { block.as_ref() }.next.get());
            return Some(block.cast());
        }
        let page_pointer = class.current.get()?;
        // SAFETY: pages live as long as the heap.
        let page = unsafe { page_pointer.as_ref() };
        let offset = page.fresh.get();
        let end = offset + page.block_size;
        if end as usize > PAGE_SIZE {
            return None;
        }
        page.fresh.set(end);
        // SAFETY: the offset is inside the page's 64 KiB, as just checked.
        Some(unsafe { page_pointer.byte_add(offset as usize) }.cast())
    }

    /// A block from the system: a new page of the size class, or a large block of its own. `None`: the system refused.
    #[cold]
    pub(crate) fn take_from_system(&self, size: usize) -> Option<NonNull<Header>> {
        if size > LARGEST_SMALL {
            return self.take_large(size);
        }
        let block_size = size.next_multiple_of(GRANULE);
        // SAFETY: only this function changes the vector, and no reference into it leaves this type.
        let pages = unsafe { &mut *self.pages.get() };
        pages.try_reserve(1).ok()?;
        // SAFETY: the layout has a size other than zero.
        let memory = NonNull::new(unsafe { alloc(page_layout()) })?.cast::<Page>();
        let page =
            Page { block_size: block_size as u32, ordinal: pages.len() as u32, fresh: Cell::new(FIRST_BLOCK as u32) };
        // SAFETY: the memory is fresh, aligned to 64 KiB and larger than a `Page`.
        unsafe { memory.write(page) };
        pages.push(memory);
        self.classes[(size - 1) / GRANULE].current.set(Some(memory));
        self.take(size)
    }

    fn take_large(&self, size: usize) -> Option<NonNull<Header>> {
        // SAFETY: as in `take_from_system`, the vector is only reached from here, `give_back_large` and `walk`.
        let large = unsafe { &mut *self.large.get() };
        large.try_reserve(1).ok()?;
        let layout = large_layout(size)?;
        // SAFETY: the layout has a size other than zero.
        let memory = NonNull::new(unsafe { alloc(layout) })?.cast::<LargePrefix>();
        let serial = self.next_serial.replace(self.next_serial.get() + 1);
        // SAFETY: the memory is fresh, aligned, and holds a prefix and `size` bytes.
        unsafe { memory.write(LargePrefix { index: Cell::new(large.len()), size, serial }) };
        large.push(memory);
        // SAFETY: the block lies behind the prefix in the same allocation.
        Some(unsafe { memory.add(1) }.cast())
    }

    /// Takes a block back.
    ///
    /// # Safety
    /// The block came from this heap with this size, its content has been dropped, and nobody refers to it.
    #[inline(always)]
    pub(crate) unsafe fn give_back(&self, block: NonNull<Header>, size: usize) {
        if size > LARGEST_SMALL {
            // SAFETY: the caller's promise.
            unsafe { self.give_back_large(block) };
            return;
        }
        let class = &self.classes[(size - 1) / GRANULE];
        let free = block.cast::<FreeBlock>();
        let header = Header { count: Cell::new(0), shape: Cell::new(ShapeId::FREE) };
        // SAFETY: the block is ours again, aligned to 8 and at least 16 bytes long.
        unsafe { free.write(FreeBlock { header, next: class.free.clone() }) };
        class.free.set(Some(free));
    }

    #[cold]
    unsafe fn give_back_large(&self, block: NonNull<Header>) {
        // SAFETY: the caller says that it is a large block of this heap, so a prefix stands before it.
        let prefix_pointer = unsafe { block.cast::<LargePrefix>().sub(1) };
        // SAFETY: as above; the prefix is never written through another path.
        let prefix = unsafe { prefix_pointer.as_ref() };
        // SAFETY: as in `take_large`.
        let large = unsafe { &mut *self.large.get() };
        let index = prefix.index.get();
        let size = prefix.size;
        large.swap_remove(index);
        if let Some(moved) = large.get(index) {
            // SAFETY: what stands in the vector are live prefixes.
            unsafe { moved.as_ref() }.index.set(index);
        }
        if let Some(layout) = large_layout(size) {
            // SAFETY: allocated in `take_large` with this layout.
            unsafe { dealloc(prefix_pointer.as_ptr().cast(), layout) };
        }
    }

    /// The size of a large block, which may be more than its object takes.
    ///
    /// # Safety
    /// The block is a large one.
    pub(crate) unsafe fn large_size(block: NonNull<Header>) -> usize {
        // SAFETY: a large block has its prefix before it.
        let prefix = unsafe { block.cast::<LargePrefix>().sub(1) };
        // SAFETY: as above.
        unsafe { prefix.as_ref() }.size
    }

    /// Makes a large block larger, possibly elsewhere. `None`: the system refused, and nothing has changed.
    ///
    /// # Safety
    /// The block is a large one of this heap, and nobody refers to it.
    #[cold]
    pub(crate) unsafe fn resize_large(&self, block: NonNull<Header>, size: usize) -> Option<NonNull<Header>> {
        // SAFETY: the caller's promise: a prefix stands before the block.
        let old = unsafe { block.cast::<LargePrefix>().sub(1) };
        // SAFETY: as above.
        let old_layout = large_layout(unsafe { old.as_ref() }.size)?;
        let new_layout = large_layout(size)?;
        // SAFETY: allocated in `take_large` or here with the old layout; the new size is not zero.
        let memory = unsafe { realloc(old.as_ptr().cast(), old_layout, new_layout.size()) };
        let mut prefix = NonNull::new(memory)?.cast::<LargePrefix>();
        // SAFETY: the prefix was moved along.
        let moved = unsafe { prefix.as_mut() };
        moved.size = size;
        // SAFETY: as in `take_large`.
        let large = unsafe { &mut *self.large.get() };
        large[moved.index.get()] = prefix;
        // SAFETY: the block lies behind the prefix in the same allocation.
        Some(unsafe { prefix.add(1) }.cast())
    }

    /// Calls `visit` with every block that holds an object.
    pub(crate) fn walk(&self, mut visit: impl FnMut(NonNull<Header>)) {
        let mut index = 0;
        // By index: `visit` may make objects, and so pages.
        while let Some(page_pointer) = self.page(index) {
            index += 1;
            // SAFETY: pages live as long as the heap.
            let page = unsafe { page_pointer.as_ref() };
            let mut offset = FIRST_BLOCK as u32;
            while offset < page.fresh.get() {
                // SAFETY: offsets below `fresh` are inside the page.
                let block = unsafe { page_pointer.byte_add(offset as usize) }.cast::<Header>();
                // SAFETY: every block below `fresh` starts with an initialised header, free or not.
                if unsafe { block.as_ref() }.shape() != ShapeId::FREE {
                    visit(block);
                }
                offset += page.block_size;
            }
        }
        let mut index = 0;
        while let Some(prefix) = self.large_block(index) {
            index += 1;
            // SAFETY: the block lies behind its prefix.
            visit(unsafe { prefix.add(1) }.cast());
        }
    }

    /// Number of pages; they are never given back.
    pub(crate) fn page_count(&self) -> usize {
        // SAFETY: the borrow ends here; nobody else borrows meanwhile.
        unsafe { &*self.pages.get() }.len()
    }

    fn page(&self, index: usize) -> Option<NonNull<Page>> {
        // SAFETY: the borrow ends here; nobody else borrows meanwhile.
        unsafe { &*self.pages.get() }.get(index).copied()
    }

    fn large_block(&self, index: usize) -> Option<NonNull<LargePrefix>> {
        // SAFETY: the borrow ends here; nobody else borrows meanwhile.
        unsafe { &*self.large.get() }.get(index).copied()
    }

    /// A number for each block, below [`place_count`](Self::place_count): the granule of the page that it starts at, or
    /// behind those the place among the large blocks.
    ///
    /// # Safety
    /// The block came from this heap with this size and holds an object.
    #[inline]
    pub(crate) unsafe fn place(&self, block: NonNull<Header>, size: usize) -> usize {
        if size > LARGEST_SMALL {
            // SAFETY: a large block has its prefix before it.
            let prefix = unsafe { block.cast::<LargePrefix>().sub(1) };
            // SAFETY: as above.
            return self.page_count() * GRANULES + unsafe { prefix.as_ref() }.index.get();
        }
        let offset = block.as_ptr() as usize % PAGE_SIZE;
        // SAFETY: a small block lies in a page aligned to its size, so this is the page's header.
        let page = unsafe { block.byte_sub(offset).cast::<Page>() };
        // SAFETY: as above.
        unsafe { page.as_ref() }.ordinal as usize * GRANULES + offset / GRANULE
    }

    /// The block at a place. Panics if there is no such place.
    pub(crate) fn block_at(&self, place: usize) -> NonNull<Header> {
        match self.page(place / GRANULES) {
            // SAFETY: the granule is inside of the page's 64 KiB.
            Some(page) => unsafe { page.byte_add(place % GRANULES * GRANULE) }.cast(),
            None => {
                let prefix = self.large_block(place - self.page_count() * GRANULES).expect("a place");
                // SAFETY: the block lies behind its prefix.
                unsafe { prefix.add(1) }.cast()
            }
        }
    }

    /// The number of places.
    pub(crate) fn place_count(&self) -> usize {
        // SAFETY: the borrow ends here; nobody else borrows meanwhile.
        self.page_count() * GRANULES + unsafe { &*self.large.get() }.len()
    }

    /// The number of a block, stable while its object lives: what `id()` shows.
    ///
    /// # Safety
    /// The block came from this heap with this size and holds an object.
    pub(crate) unsafe fn slot_number(&self, block: NonNull<Header>, size: usize) -> u64 {
        if size > LARGEST_SMALL {
            // SAFETY: a large block has its prefix before it.
            let prefix = unsafe { block.cast::<LargePrefix>().sub(1) };
            // SAFETY: as above.
            let serial = unsafe { prefix.as_ref() }.serial;
            return ((1 << 40) + serial) * GRANULE as u64;
        }
        let address = block.as_ptr() as usize;
        let offset = address % PAGE_SIZE;
        // SAFETY: a small block lies in a page aligned to its size, so this is the page's header.
        let page = unsafe { block.byte_sub(offset).cast::<Page>() };
        // SAFETY: as above.
        let ordinal = unsafe { page.as_ref() }.ordinal;
        // Numbers look like addresses of 16-byte blocks, starting at 1 MiB, so that none is zero.
        (1 << 20) + (u64::from(ordinal) * GRANULES as u64 + (offset / GRANULE) as u64) * GRANULE as u64
    }
}

impl Pages {
    /// Checks that every free block is marked as one, lies in a page of its size class and is listed once; `tell` hears
    /// what is wrong.
    pub(crate) fn verify(&self, mut tell: impl FnMut(&str)) {
        for (number, class) in self.classes.iter().enumerate() {
            let block_size = (number + 1) * GRANULE;
            let mut listed = HashSet::new();
            let mut next = class.free.get();
            while let Some(block) = next {
                if !listed.insert(block) {
                    tell(&format!("a free block of {block_size} bytes is listed twice"));
                    break;
                }
                // SAFETY: blocks on the free list lie in pages of this heap, which live as long as the heap.
                let free = unsafe { block.as_ref() };
                if free.header.shape() != ShapeId::FREE || free.header.count.get() != 0 {
                    tell(&format!("a listed block of {block_size} bytes is not free"));
                }
                next = free.next.get();
            }
            let unlisted = self.free_blocks(block_size).filter(|block| !listed.contains(&block.cast())).count();
            let strangers = listed.len() - (self.free_blocks(block_size).count() - unlisted);
            if unlisted + strangers > 0 {
                tell(&format!(
                    "of the free blocks of {block_size} bytes, {unlisted} are lost and {strangers} strangers"
                ));
            }
        }
    }

    /// The blocks of a size class that were used once and hold no object now.
    fn free_blocks(&self, block_size: usize) -> impl Iterator<Item = NonNull<Header>> {
        let pages = (0..).map_while(|index| self.page(index));
        // SAFETY: pages live as long as the heap.
        let pages = pages.filter(move |page| unsafe { page.as_ref() }.block_size as usize == block_size);
        pages.flat_map(move |page| {
            // SAFETY: as above.
            let fresh = unsafe { page.as_ref() }.fresh.get() as usize;
            // SAFETY: offsets below `fresh` are inside the page.
            let blocks = (FIRST_BLOCK..fresh).step_by(block_size).map(move |offset| unsafe { page.byte_add(offset) });
            // SAFETY: every block below `fresh` starts with an initialised header, free or not.
            blocks
                .map(NonNull::cast)
                .filter(|block: &NonNull<Header>| unsafe { block.as_ref() }.shape() == ShapeId::FREE)
        })
    }
}

/// Whether blocks of both sizes are small and of the same size class.
#[inline]
pub(crate) fn is_same_class(old_size: usize, new_size: usize) -> bool {
    new_size <= LARGEST_SMALL && (old_size - 1) / GRANULE == (new_size - 1) / GRANULE
}

fn page_layout() -> Layout {
    const LAYOUT: Layout = match Layout::from_size_align(PAGE_SIZE, PAGE_SIZE) {
        Ok(layout) => layout,
        Err(_) => panic!("64 KiB aligned to 64 KiB is a layout"),
    };
    LAYOUT
}

fn large_layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(size_of::<LargePrefix>())?, 16).ok()
}

#[cfg(test)]
mod tests;
