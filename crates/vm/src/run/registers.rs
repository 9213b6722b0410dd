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
    pub(super) fn get(self, index: u16) -> Value {
        // SAFETY: see the type's invariant.
        unsafe { self.0.wrapping_add(index as usize).read() }
    }

    /// Overwrites a register that holds no pointer, or one whose count was moved out.
    #[inline(always)]
    pub(super) fn set(self, index: u16, value: Value) {
        // SAFETY: see the type's invariant.
        unsafe { self.0.wrapping_add(index as usize).write(value) }
    }

    /// Writes a register and hands out the old content with its count.
    #[inline(always)]
    pub(super) fn replace(self, index: u16, value: Value) -> Value {
        // SAFETY: see the type's invariant.
        unsafe { self.0.wrapping_add(index as usize).replace(value) }
    }

    /// Moves the content out.
    #[inline(always)]
    pub(super) fn take(self, index: u16) -> Value {
        self.replace(index, Value::UNBOUND)
    }

    /// The running function.
    #[inline(always)]
    pub(super) fn function(self) -> Value {
        // SAFETY: see the type's invariant.
        unsafe { self.0.wrapping_sub(1).read() }
    }
}

/// The object behind a value: [`Value::as_pointer`] in two machine instructions.
#[inline(always)]
pub(super) fn pointer(value: Value) -> Option<NonNull<Header>> {
    if !value.is_pointer() {
        return None;
    }
    // SAFETY: pointers are made from `NonNull`, everything else has a tag: no value in a register, slot or list is 0.
    unsafe { std::hint::assert_unchecked(value.bits() != 0) };
    value.as_pointer()
}

/// The header behind a value that a register holds.
#[inline(always)]
pub(super) fn header<'a>(value: Value) -> Option<&'a Header> {
    // SAFETY: a register that holds a pointer owns a count, and the loop reads the header before it writes the register.
    pointer(value).map(|pointer| unsafe { pointer.as_ref() })
}

/// The shape of an object in a register; `FREE` for values that are none.
#[inline(always)]
pub(super) fn shape(value: Value) -> ShapeId {
    header(value).map_or(ShapeId::FREE, Header::shape)
}

/// One owner more of what a register holds. `false`, and nothing has changed: the count is watched, and somebody is to be
/// told.
#[inline(always)]
#[must_use]
pub(super) fn retain(value: Value) -> bool {
    header(value).is_none_or(Header::retain_unless_watched)
}

/// One owner less. If that was the last one, or if the count is watched, [`settle`] is to be called with the object.
#[inline(always)]
#[must_use]
pub(super) fn release(value: Value) -> Option<NonNull<Header>> {
    let pointer = pointer(value)?;
    // SAFETY: the caller moved the value, with its count, out of a register.
    if unsafe { pointer.as_ref() }.release_unsettled() { Some(pointer) } else { None }
}

/// Empties a register whose content is consumed, if that lets nothing die; `false`: nothing has changed.
#[inline(always)]
pub(super) fn consume_living(registers: Registers, index: u16) -> bool {
    let is_living = header(registers.get(index)).is_none_or(Header::release_unless_last);
    if is_living {
        registers.set(index, Value::UNBOUND);
    }
    is_living
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
pub(super) fn operand<const INDEX: usize>(instruction: *const Cell<u64>) -> u16 {
    field::<u16, INDEX>(instruction)
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
