//! The eight bytes before every object: its count and its shape.
//!
//! | count | meaning |
//! |---|---|
//! | 0 | the block is free, or the object is being dropped |
//! | 1 … 2^31 - 1 | that many owners |
//! | top bit set | watched or saturated: the true count stands in the heap's table of watched objects |
//! | top bit set, the next one not, the third set | frozen: nobody counts any more, and the object stays for ever |
//!
//! Invariant: a change that goes through the cold path writes nothing before it gets there. So a frozen object is never written to,
//! and a forked process shares the page it stands on for as long as it only reads.
//!
//! Counts are not atomic: whoever touches one holds the global interpreter lock. That is what it is for.

use std::cell::Cell;
use std::ptr::NonNull;

use crate::shape::ShapeId;

/// Bit of a count that sends every change through the cold path.
pub(crate) const WATCHED: u32 = 1 << 31;
/// What the header of a watched object says: far from where one more or less would clear the bit.
pub(crate) const WATCHED_COUNT: u32 = WATCHED | WATCHED >> 1;

/// What the header of a frozen object says.
pub(crate) const FROZEN_COUNT: u32 = WATCHED | WATCHED >> 2;

/// What every object starts with.
#[repr(C, align(8))]
#[derive(Debug)]
pub struct Header {
    /// See the table above.
    pub(crate) count: Cell<u32>,
    /// What the object is.
    pub(crate) shape: Cell<ShapeId>,
}

impl Header {
    /// The header of a new object: one owner.
    pub(crate) fn new(shape: ShapeId) -> Self {
        Self { count: Cell::new(1), shape: Cell::new(shape) }
    }

    /// The block that starts with this header, to be followed beyond it.
    #[inline(always)]
    pub(crate) fn block(&self) -> NonNull<Header> {
        // A reference reaches no further than what it refers to; the block's provenance was exposed when it became a value.
        let block = std::ptr::with_exposed_provenance_mut(std::ptr::from_ref(self).addr());
        // SAFETY: a reference's address is not zero.
        unsafe { NonNull::new_unchecked(block) }
    }

    /// The shape.
    #[inline(always)]
    pub fn shape(&self) -> ShapeId {
        self.shape.get()
    }

    /// Changes the shape: an attribute was added.
    ///
    /// # Safety
    /// The object is an instance whose slots are filled as the new shape says, with the same capacity.
    #[inline(always)]
    pub unsafe fn move_to_shape(&self, shape: ShapeId) {
        self.shape.set(shape);
    }

    /// One owner more.
    #[inline(always)]
    pub fn retain(&self) {
        debug_assert_ne!(self.count.get(), 0, "nobody takes a count of the dead");
        if !self.retain_unless_watched() {
            self.retain_watched();
        }
    }

    /// One owner less; `true` if that was the last one and the object is to be dropped by the caller.
    #[inline(always)]
    #[must_use]
    pub fn release(&self) -> bool {
        self.release_unsettled() && self.settle_release()
    }

    /// One owner less, if there are others; `false`, and nothing has changed, for the last one and for watched objects.
    #[inline(always)]
    #[must_use]
    pub fn release_unless_last(&self) -> bool {
        let count = self.count.get();
        if count as i32 <= 1 {
            return false;
        }
        self.count.set(count - 1);
        true
    }

    /// One owner more, unless the count is watched: then nothing has changed, and `false`.
    #[inline(always)]
    #[must_use]
    pub fn retain_unless_watched(&self) -> bool {
        let count = self.count.get().wrapping_add(1);
        if count & WATCHED != 0 {
            return false;
        }
        self.count.set(count);
        true
    }

    /// The first half of [`release`](Self::release), which calls nothing: `true` if [`settle_release`](Self::settle_release)
    /// is to follow.
    #[inline(always)]
    #[must_use]
    pub fn release_unsettled(&self) -> bool {
        !self.release_unless_last()
    }

    /// The second half: `true` if that was the last owner and the object is to be dropped by the caller.
    #[inline]
    #[must_use]
    pub fn settle_release(&self) -> bool {
        if self.count.get() == 1 {
            self.count.set(0);
            return true;
        }
        self.release_watched()
    }

    /// Nobody counts any more who owns it.
    #[inline]
    pub(crate) fn is_frozen(&self) -> bool {
        self.count.get() == FROZEN_COUNT
    }

    #[cold]
    #[inline(never)]
    fn retain_watched(&self) {
        if !self.is_frozen() {
            crate::heap::watched_count_changed(self, 1);
        }
    }

    #[cold]
    #[inline(never)]
    fn release_watched(&self) -> bool {
        !self.is_frozen() && crate::heap::watched_count_changed(self, -1)
    }
}
