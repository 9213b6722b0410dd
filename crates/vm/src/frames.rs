//! The frames of a thread, the running one last.
//!
//! Invariant: the frames from `memory`'s start to `top`, inclusive, are initialised.
#![allow(
    unsafe_code,
    reason = "the loop reaches the running frame by a pointer; every access states why it is in range"
)]

use std::cell::Cell;
use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};

use crate::frame::Frame;

/// Room for as many frames as most scripts need.
const USUAL_DEPTH: usize = 256;

/// The frames of a thread: a vector that knows its last element's place.
pub(crate) struct Frames {
    memory: Vec<MaybeUninit<Frame>>,
    /// The running frame; one before the first while none runs.
    top: *mut Frame,
    /// Upon this frame, and those above it, none is pushed without further ado: memory or the limit would be exceeded.
    last: *mut Frame,
    /// Most frames that may be pushed without further ado.
    limit: usize,
}

impl Frames {
    /// No frames. See [`set_limit`](Self::set_limit).
    pub(crate) fn new(limit: usize) -> Self {
        let memory = Vec::with_capacity(USUAL_DEPTH);
        let mut frames = Self { memory, top: std::ptr::null_mut(), last: std::ptr::null_mut(), limit };
        frames.top = frames.start().wrapping_sub(1);
        frames.set_limit(limit);
        frames
    }

    fn start(&mut self) -> *mut Frame {
        self.memory.as_mut_ptr().cast()
    }

    /// Sets how many frames [`has_room`](Self::has_room) allows.
    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        let count = limit.min(self.memory.capacity());
        self.last = self.start().wrapping_add(count).wrapping_sub(1);
    }

    /// Whether one frame more stays within the limit and needs no memory.
    #[inline(always)]
    pub(crate) fn has_room(&self) -> bool {
        self.top < self.last
    }

    /// Makes place for a frame upon the running one, which will go on at `pc`. The place is to be written at once.
    ///
    /// # Safety
    ///
    /// A frame runs, and [`has_room`](Self::has_room) has just said so.
    #[inline(always)]
    pub(crate) unsafe fn place_upon(&mut self, pc: *const Cell<u64>) -> *mut Frame {
        // SAFETY: a frame runs: it is initialised.
        unsafe { (*self.top).pc = pc };
        // At most `last`, which lies inside the allocation.
        self.top = self.top.wrapping_add(1);
        self.top
    }

    /// Pushes a frame upon the running one, which will go on at `pc`.
    ///
    /// # Safety
    ///
    /// As of [`place_upon`](Self::place_upon).
    #[inline(always)]
    pub(crate) unsafe fn push_upon(&mut self, pc: *const Cell<u64>, frame: Frame) {
        // SAFETY: the caller's promise.
        let place = unsafe { self.place_upon(pc) };
        // SAFETY: the place lies inside the allocation.
        unsafe { place.write(frame) };
    }

    /// Drops the record of the running frame; the one below it runs.
    ///
    /// # Safety
    ///
    /// There are two.
    #[inline(always)]
    pub(crate) unsafe fn pop_to_caller(&mut self) -> &mut Frame {
        self.top = self.top.wrapping_sub(1);
        // SAFETY: one is left.
        unsafe { self.top() }
    }

    /// The running frame.
    ///
    /// # Safety
    ///
    /// There is one.
    #[inline(always)]
    pub(crate) unsafe fn top(&mut self) -> &mut Frame {
        // SAFETY: the caller knows that there is a frame.
        unsafe { &mut *self.top }
    }

    /// The running frame. Panics if there is none.
    #[inline(always)]
    pub(crate) fn running(&self) -> &Frame {
        assert!(self.top.cast_const() >= self.memory.as_ptr().cast(), "no frame runs");
        // SAFETY: it is the last of those that are initialised.
        unsafe { &*self.top }
    }

    /// Sets where the running frame goes on, if there is one.
    #[inline(always)]
    pub(crate) fn go_on_at(&mut self, pc: *const Cell<u64>) {
        if self.top.cast_const() >= self.memory.as_ptr().cast() {
            // SAFETY: it is the last of those that are initialised.
            unsafe { (*self.top).pc = pc };
        }
    }

    /// Pushes a frame, whatever the limit.
    pub(crate) fn push(&mut self, frame: Frame) {
        if !self.has_room() {
            self.make_room();
        }
        self.top = self.top.wrapping_add(1);
        // SAFETY: there is room for one frame more.
        unsafe { self.top.write(frame) };
    }

    /// Makes room for one frame more, whatever the limit.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self) {
        let count = self.len();
        if count < self.memory.capacity() {
            return;
        }
        // SAFETY: elements need no initialisation, and so many fit; the vector moves them when it grows.
        unsafe { self.memory.set_len(count) };
        self.memory.reserve(count);
        self.top = self.start().wrapping_add(count).wrapping_sub(1);
        self.set_limit(self.limit);
    }

    /// Drops the record of the running frame, if one runs.
    #[inline(always)]
    pub(crate) fn pop(&mut self) {
        if !self.is_empty() {
            self.top = self.top.wrapping_sub(1);
        }
    }

    /// Number of frames.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        (self.top.wrapping_add(1) as usize - self.memory.as_ptr() as usize) / size_of::<Frame>()
    }
}

impl Deref for Frames {
    type Target = [Frame];

    #[inline]
    fn deref(&self) -> &[Frame] {
        // SAFETY: so many are initialised.
        unsafe { std::slice::from_raw_parts(self.memory.as_ptr().cast(), self.len()) }
    }
}

impl DerefMut for Frames {
    #[inline]
    fn deref_mut(&mut self) -> &mut [Frame] {
        let count = self.len();
        // SAFETY: so many are initialised, and borrowed by nobody else.
        unsafe { std::slice::from_raw_parts_mut(self.memory.as_mut_ptr().cast(), count) }
    }
}
