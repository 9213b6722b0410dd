//! `s += x` where nobody else looks at `s`: the string grows in its block, so that building one piece by piece takes linear
//! time.
//!
//! Nothing records how much room a block has: that of a small block is given by its size class, and a large block knows
//! its own size.

use std::ptr::NonNull;

use super::Str;
use super::build::copy_units;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::StrObject;
use crate::reference::Owned;
use crate::value::Value;

impl Heap {
    /// The text of `left` and then that of `right`: `left` itself, longer, if nobody else refers to it.
    pub fn append_str(&self, left: Owned, right: Str<'_>) -> Result<Owned, OutOfMemory> {
        self.append_or_keep(left, right).map_err(|_| OutOfMemory)
    }

    /// The same for those who must not lose the text: it is given back if there is no room for the other one.
    pub fn append_or_keep(&self, left: Owned, right: Str<'_>) -> Result<Owned, Owned> {
        match self.appendable(&left, right) {
            Some(pointer) if !right.is_empty() => self.append_in_place(left, pointer, right),
            _ => self.append_to_copy(left, right),
        }
    }

    fn append_to_copy(&self, left: Owned, right: Str<'_>) -> Result<Owned, Owned> {
        let text = left.get().as_str().expect("only strings are appended to");
        text.concat(self, right).map_err(|_| left)
    }

    /// The string behind `left`, if nobody can notice that it changes and `right` needs no larger width.
    fn appendable(&self, left: &Owned, right: Str<'_>) -> Option<NonNull<StrObject>> {
        let object = left.get().layout::<StrObject>()?;
        let is_alone = object.header.count.get() == 1 && !object.is_interned.get();
        if is_alone && right.width() <= object.width as usize {
            left.value().as_pointer().map(NonNull::cast)
        } else {
            None
        }
    }

    fn append_in_place(&self, left: Owned, pointer: NonNull<StrObject>, right: Str<'_>) -> Result<Owned, Owned> {
        let (length, width, content) = match left.get().as_str() {
            Some(text) => (text.len(), text.width(), text.content().and(right.content())),
            None => unreachable!("only strings are appended to"),
        };
        let size = |length: usize| length.checked_mul(width)?.checked_add(size_of::<StrObject>());
        let new_length = length.checked_add(right.len());
        let short = new_length.and_then(|length| u32::try_from(length).ok());
        let (Some(short), Some(old_size), Some(new_size)) = (short, size(length), new_length.and_then(size)) else {
            return Err(left);
        };
        // SAFETY: the block was allocated with a size of the same class, the string's only owner is given away, and the
        // bytes up to `old_size` are kept.
        let block = match unsafe { self.grow_block(pointer.cast(), old_size, new_size) } {
            Ok(Some(block)) => block,
            Ok(None) => return self.append_to_copy(left, right),
            Err(OutOfMemory) => return Err(left),
        };
        // The old block may be gone; its count lives on in the new one.
        let _ = left.into_value();
        let string = block.cast::<StrObject>();
        // SAFETY: the data stand behind the struct.
        let data = unsafe { string.add(1) }.cast::<u8>();
        // SAFETY: there is room for `new_length` units.
        let place = unsafe { data.add(length * width) };
        match width {
            // SAFETY: as above; the width of `right` is not larger.
            1 => unsafe { copy_units(right.units(), place.as_ptr()) },
            // SAFETY: as above; the data start at a multiple of 8.
            2 => unsafe { copy_units(right.units(), place.cast::<u16>().as_ptr()) },
            // SAFETY: as above; the data start at a multiple of 8.
            _ => unsafe { copy_units(right.units(), place.cast::<u32>().as_ptr()) },
        }
        let string = string.as_ptr();
        // SAFETY: the block holds a string that nobody borrows.
        unsafe { (*string).length = short };
        // SAFETY: as above.
        unsafe { (*string).is_ascii = content.is_ascii };
        // SAFETY: as above.
        unsafe { (*string).has_surrogates = content.has_surrogates };
        // SAFETY: as above.
        unsafe { &(*string).hash }.set(0);
        // SAFETY: the count of one that `left` had.
        Ok(unsafe { Owned::from_value(Value::pointer(block)) })
    }
}
