//! The register window of the running frame, as the loop uses it.

use std::cell::Cell;
use std::ptr::NonNull;

use toy_object::{Header, Heap, ShapeId, Value};

/// Register 0 of the running frame.
///
/// Invariant: made only from the base of the frame that runs. The code is verified, so every register that an instruction
/// names lies inside the frame; register -1 is the function.
#[derive(Clone, Copy)]
pub(super) struct Registers(pub(super) *mut Value);

impl Registers {
    /// Reads a register; the count stays there.
    #[inline(always)]
    pub(super) fn get(self, index: usize) -> Value {
        // SAFETY: see the type's invariant.
        unsafe { self.0.wrapping_add(index).read() }
    }

    /// Overwrites a register that holds no pointer, or one whose count was moved out.
    #[inline(always)]
    pub(super) fn set(self, index: usize, value: Value) {
        // SAFETY: see the type's invariant.
        unsafe { self.0.wrapping_add(index).write(value) }
    }

    /// Writes a register and hands out the old content with its count.
    #[inline(always)]
    pub(super) fn replace(self, index: usize, value: Value) -> Value {
        // SAFETY: see the type's invariant.
        unsafe { self.0.wrapping_add(index).replace(value) }
    }

    /// Moves the content out.
    #[inline(always)]
    pub(super) fn take(self, index: usize) -> Value {
        self.replace(index, Value::UNBOUND)
    }

    /// The running function.
    #[inline(always)]
    pub(super) fn function(self) -> Value {
        // SAFETY: see the type's invariant.
        unsafe { self.0.wrapping_sub(1).read() }
    }
}

// The functions below branch on the tag themselves: an `Option` of a pointer in between would be compared with null once more.

/// The object behind a value.
///
/// # Safety
///
/// The value is a pointer.
#[inline(always)]
pub(super) unsafe fn pointer_unchecked(value: Value) -> NonNull<Header> {
    // SAFETY: pointers are made from `NonNull`, everything else has a tag.
    unsafe { NonNull::new_unchecked(value.bits() as *mut Header) }
}

/// The header behind a value.
///
/// # Safety
///
/// The value is a pointer, and a register, slot or list that is not written meanwhile owns a count of it.
#[inline(always)]
pub(super) unsafe fn header_unchecked<'a>(value: Value) -> &'a Header {
    // SAFETY: the caller's promise.
    let pointer = unsafe { pointer_unchecked(value) };
    // SAFETY: the count keeps it alive.
    unsafe { pointer.as_ref() }
}

/// The shape of an object in a register; `FREE` for values that are none.
#[inline(always)]
pub(super) fn shape(value: Value) -> ShapeId {
    if !value.is_pointer() {
        return ShapeId::FREE;
    }
    // SAFETY: the register owns a count, and the header is read before it is written.
    unsafe { header_unchecked(value) }.shape()
}

/// One owner more of what a register holds. `false`, and nothing has changed: the count is watched, and somebody is to be
/// told.
#[inline(always)]
#[must_use]
pub(super) fn retain(value: Value) -> bool {
    if !value.is_pointer() {
        return true;
    }
    // SAFETY: whoever holds the value owns a count.
    unsafe { header_unchecked(value) }.retain_unless_watched()
}

/// One owner less. If that was the last one, or if the count is watched, [`settle`] is to be called with the object.
#[inline(always)]
#[must_use]
pub(super) fn release(value: Value) -> Option<NonNull<Header>> {
    if !value.is_pointer() {
        return None;
    }
    // SAFETY: it was just looked at.
    let pointer = unsafe { pointer_unchecked(value) };
    // SAFETY: the caller moved the value, with its count, out of a register.
    if unsafe { pointer.as_ref() }.release_unsettled() { Some(pointer) } else { None }
}

/// One owner less, if it lets nothing die and nobody watches; `false`: nothing has changed.
#[inline(always)]
#[must_use]
pub(super) fn release_unless_last(value: Value) -> bool {
    if !value.is_pointer() {
        return true;
    }
    // SAFETY: whoever holds the value owns a count.
    unsafe { header_unchecked(value) }.release_unless_last()
}

/// Empties a register whose content is consumed, if that lets nothing die; `false`: nothing has changed.
#[inline(always)]
pub(super) fn consume_living(registers: Registers, index: usize) -> bool {
    let is_living = release_unless_last(registers.get(index));
    if is_living {
        registers.set(index, Value::UNBOUND);
    }
    is_living
}

/// Empties those of two registers that are consumed, if that lets nothing die; `false`: nothing has changed. So if both are.
#[inline(always)]
pub(super) fn consume_one_living(registers: Registers, first: (usize, bool), second: (usize, bool)) -> bool {
    match (first, second) {
        ((_, false), (_, false)) => true,
        ((index, true), (_, false)) | ((_, false), (index, true)) => consume_living(registers, index),
        ((_, true), (_, true)) => false,
    }
}

/// A word of the running code: instruction, cache or data.
#[inline(always)]
pub(super) fn word(pc: *const Cell<u64>) -> u64 {
    // SAFETY: the code is verified: it does not run past its end, and caches stand where the table says.
    unsafe { &*pc }.get()
}

/// A field of an instruction word, `OFFSET` fields of its width from the lowest.
#[inline(always)]
fn field<T: Copy, const OFFSET: usize>(instruction: *const Cell<u64>) -> T {
    const { assert!(cfg!(target_endian = "little"), "fields of an instruction are read in place") };
    // SAFETY: as in `word`; callers name a field inside the word.
    unsafe { instruction.cast::<T>().wrapping_add(OFFSET).read() }
}

/// The operation of an instruction.
#[inline(always)]
pub(super) fn operation(instruction: *const Cell<u64>) -> u8 {
    field::<u8, 0>(instruction)
}

/// The flags of an instruction.
#[inline(always)]
pub(super) fn flags(instruction: *const Cell<u64>) -> u8 {
    field::<u8, 1>(instruction)
}

/// Operand a, b or c (`INDEX` 1, 2 or 3) of an instruction.
#[inline(always)]
pub(super) fn operand<const INDEX: usize>(instruction: *const Cell<u64>) -> usize {
    field::<u16, INDEX>(instruction) as usize
}

/// Operands b and c of an instruction as one.
#[inline(always)]
pub(super) fn wide(instruction: *const Cell<u64>) -> u32 {
    field::<u32, 1>(instruction)
}

/// A cache word, to be read and written.
#[inline(always)]
pub(super) fn cache<'a>(pc: *const Cell<u64>) -> &'a Cell<u64> {
    // SAFETY: as in `word`; the running frame keeps the code alive.
    unsafe { &*pc }
}

/// An element of a table of the running code.
#[inline(always)]
pub(super) fn element(table: *const Value, index: usize) -> Value {
    // SAFETY: the code is verified: indices lie inside its tables.
    unsafe { table.wrapping_add(index).read() }
}

/// Ends what [`release`] began with an object: tells who watches its count, drops it if its last owner has gone.
#[inline(always)]
pub(super) fn settle(heap: &Heap, object: NonNull<Header>) {
    // SAFETY: `release` has just given a count of it up, so it has not been dropped.
    if unsafe { object.as_ref() }.settle_release() {
        // SAFETY: that was the last owner, and the value was moved out of its register.
        unsafe { heap.bury_object(object) };
    }
}
