//! Bytes that never change, and bytes that do.

use std::cell::RefCell;
use std::ptr::NonNull;

use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::{ByteArrayObject, BytesObject};
use crate::reference::{Owned, Ref};
use crate::shape::ShapeId;
use crate::value::Value;

/// Immutable bytes.
#[derive(Clone, Copy)]
pub struct Bytes<'a> {
    object: &'a BytesObject,
}

/// Mutable bytes. Their content cannot be borrowed, only visited.
///
/// Invariant: no closure that visits the content runs script code, so that no two visits meet.
#[derive(Clone, Copy)]
pub struct ByteArray<'a> {
    object: &'a ByteArrayObject,
}

impl Heap {
    /// Immutable bytes.
    pub fn new_bytes(&self, bytes: &[u8]) -> Result<Owned, OutOfMemory> {
        self.new_bytes_concat(&[bytes])
    }

    /// Immutable bytes: the parts one behind the other.
    pub fn new_bytes_concat(&self, parts: &[&[u8]]) -> Result<Owned, OutOfMemory> {
        let length = parts.iter().try_fold(0usize, |sum, part| sum.checked_add(part.len())).ok_or(OutOfMemory)?;
        let (block, data) = self.allocate_bytes(length)?;
        let mut written = 0;
        for part in parts {
            // SAFETY: the lengths of the parts add up to the length of the block.
            let place = unsafe { data.add(written) };
            // SAFETY: as above; a fresh block overlaps with nothing.
            unsafe { place.copy_from_nonoverlapping(NonNull::from(*part).cast(), part.len()) };
            written += part.len();
        }
        // SAFETY: the new object's count of one becomes the returned owner's.
        Ok(unsafe { Owned::from_value(Value::pointer(block)) })
    }

    /// Immutable bytes: `part`, `times` times.
    pub fn new_bytes_repeated(&self, part: &[u8], times: usize) -> Result<Owned, OutOfMemory> {
        let length = part.len().checked_mul(times).ok_or(OutOfMemory)?;
        let (block, data) = self.allocate_bytes(length)?;
        if length > 0 {
            // SAFETY: the block has room for the part at least once.
            unsafe { data.copy_from_nonoverlapping(NonNull::from(part).cast(), part.len()) };
        }
        let mut written = part.len();
        // What is written is doubled until the end is reached.
        while written < length {
            let more = written.min(length - written);
            // SAFETY: `written + more` is at most `length`.
            let place = unsafe { data.add(written) };
            // SAFETY: `more` bytes from the start are written, and end where the place begins at the latest.
            unsafe { place.copy_from_nonoverlapping(data, more) };
            written += more;
        }
        // SAFETY: the new object's count of one becomes the returned owner's.
        Ok(unsafe { Owned::from_value(Value::pointer(block)) })
    }

    /// Bytes whose content is still to be written.
    fn allocate_bytes(&self, length: usize) -> Result<(NonNull<Header>, NonNull<u8>), OutOfMemory> {
        let block = self.allocate_block(length.checked_add(size_of::<BytesObject>()).ok_or(OutOfMemory)?)?;
        let start = block.cast::<BytesObject>();
        // SAFETY: the block is fresh and large enough.
        unsafe { start.write(BytesObject { header: Header::new(ShapeId::BYTES), hash: 0.into(), length }) };
        // SAFETY: the bytes stand behind the struct.
        Ok((block, unsafe { start.add(1) }.cast::<u8>()))
    }

    /// Mutable bytes.
    pub fn new_byte_array(&self, bytes: Vec<u8>) -> Result<Owned, OutOfMemory> {
        let charge = bytes.capacity();
        self.charge(charge)?;
        let header = Header::new(ShapeId::BYTE_ARRAY);
        self.allocate(ByteArrayObject { header, bytes: RefCell::new(bytes) }).inspect_err(|_| self.refund(charge))
    }

    /// A copy of bytes, not counted yet: for results in the making.
    pub fn copy_bytes(&self, bytes: &[u8]) -> Result<Vec<u8>, OutOfMemory> {
        let mut copy = Vec::new();
        if !self.has_room_for(bytes.len()) || copy.try_reserve_exact(bytes.len()).is_err() {
            return Err(OutOfMemory);
        }
        copy.extend_from_slice(bytes);
        Ok(copy)
    }
}

impl<'a> Ref<'a> {
    /// The bytes, of bytes or an instance of a subclass.
    #[inline]
    pub fn as_bytes(self) -> Option<Bytes<'a>> {
        Some(Bytes { object: self.layout_or_wrapped()? })
    }

    /// The bytearray, or that of an instance of a subclass.
    #[inline]
    pub fn as_byte_array(self) -> Option<ByteArray<'a>> {
        Some(ByteArray { object: self.layout_or_wrapped()? })
    }

    /// Calls `f` with the content of bytes or of a bytearray, which `f` must not change.
    pub fn with_bytes<R>(self, f: impl FnOnce(&[u8]) -> R) -> Option<R> {
        if let Some(bytes) = self.as_bytes() {
            return Some(f(bytes.as_slice()));
        }
        Some(self.as_byte_array()?.with(f))
    }

    /// A copy of the content of bytes or of a bytearray; `None` for anything else.
    pub fn copied_bytes(self, heap: &Heap) -> Result<Option<Vec<u8>>, OutOfMemory> {
        self.with_bytes(|bytes| heap.copy_bytes(bytes)).transpose()
    }
}

impl BytesObject {
    pub(crate) fn as_slice(&self) -> &[u8] {
        // SAFETY: one past the struct is inside the block or at its end.
        let first = unsafe { self.header.block().cast::<BytesObject>().add(1) }.cast::<u8>();
        // SAFETY: `length` bytes stand behind the struct, written when the object was made and never again.
        unsafe { NonNull::slice_from_raw_parts(first, self.length).as_ref() }
    }
}

impl<'a> Bytes<'a> {
    /// The bytes.
    #[inline]
    pub fn as_slice(self) -> &'a [u8] {
        self.object.as_slice()
    }

    /// Number of bytes.
    #[inline]
    pub fn len(self) -> usize {
        self.object.length
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.object.length == 0
    }

    /// The bytes as a value; of an instance of a subclass they are the bytes inside.
    pub fn as_ref(self) -> Ref<'a> {
        Ref::from_header(&self.object.header)
    }

    /// The hash, computed once.
    pub fn hash(self) -> i64 {
        if self.object.hash.get() == 0 {
            let hash = toy_format::hash_bytes(self.as_slice()) as u64;
            // 0 says "not computed yet", and is the hash of no bytes.
            self.object.hash.set(if hash == 0 && !self.as_slice().is_empty() { 1 } else { hash });
        }
        self.object.hash.get() as i64
    }
}

impl ByteArray<'_> {
    /// Number of bytes.
    pub fn len(self) -> usize {
        self.object.bytes.borrow().len()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// A byte.
    pub fn get(self, index: usize) -> Option<u8> {
        self.object.bytes.borrow().get(index).copied()
    }

    /// Changes a byte; `false` if there is none.
    pub fn set(self, index: usize, byte: u8) -> bool {
        self.object.bytes.borrow_mut().get_mut(index).map(|place| *place = byte).is_some()
    }

    /// A copy of the content.
    pub fn to_vec(self, heap: &Heap) -> Result<Vec<u8>, OutOfMemory> {
        heap.copy_bytes(&self.object.bytes.borrow())
    }

    /// Calls `f` with the content, which `f` must not change: panics if it tries.
    pub fn with<R>(self, f: impl FnOnce(&[u8]) -> R) -> R {
        f(&self.object.bytes.borrow())
    }

    /// Lets `f` change the content, which it must not reach in another way: panics if it tries. `additional` is how many
    /// bytes it may grow: the room for them is made, and counted, beforehand.
    pub fn with_mut<R>(
        self,
        heap: &Heap,
        additional: usize,
        f: impl FnOnce(&mut Vec<u8>) -> R,
    ) -> Result<R, OutOfMemory> {
        let mut bytes = self.object.bytes.borrow_mut();
        heap.reserve(&mut bytes, additional)?;
        let before = bytes.capacity();
        let result = f(&mut bytes);
        let after = bytes.capacity();
        heap.refund(before.saturating_sub(after));
        heap.force_charge(after.saturating_sub(before));
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{enter_with_limit, on_heap};

    #[test]
    fn bytes_are_made_whole_from_parts_and_by_repetition() {
        on_heap(|heap| {
            let content = |owned: Owned| owned.get().as_bytes().expect("bytes").as_slice().to_vec();
            assert_eq!(content(heap.new_bytes(b"\0\xFFx").expect("memory")), b"\0\xFFx");
            assert_eq!(content(heap.new_bytes_concat(&[b"ab", b"", b"c"]).expect("memory")), b"abc");
            assert_eq!(content(heap.new_bytes_repeated(b"ab", 3).expect("memory")), b"ababab");
            assert_eq!(content(heap.new_bytes_repeated(b"", 1 << 60).expect("memory")), b"");
            assert!(heap.new_bytes_repeated(b"ab", usize::MAX).is_err());
        });
    }

    #[test]
    fn a_bytearray_is_charged_for_what_it_grows() {
        on_heap(|heap| {
            let owned = heap.new_byte_array(b"abc".to_vec()).expect("memory");
            let array = owned.get().as_byte_array().expect("a bytearray");
            let before = heap.memory_in_use();
            array.with_mut(heap, 10_000, |bytes| bytes.resize(10_000, 7)).expect("memory");
            assert!(heap.memory_in_use() >= before + 9_990);
            array.with_mut(heap, 0, |bytes| *bytes = b"xyz".to_vec()).expect("memory");
            assert!(heap.memory_in_use() <= before + 10);
            assert!(array.set(1, b'!') && !array.set(3, 0));
            assert_eq!(
                (array.to_vec(heap).expect("memory"), array.get(1), array.len()),
                (b"x!z".to_vec(), Some(b'!'), 3)
            );
            assert_eq!(array.with(<[u8]>::len), 3);
        });
    }

    #[test]
    fn a_bytearray_that_may_not_grow_stays_as_it_is() {
        let gil = enter_with_limit(1 << 20);
        let owned = gil.new_byte_array(b"abc".to_vec()).expect("memory");
        let array = owned.get().as_byte_array().expect("a bytearray");
        assert_eq!(array.with_mut(&gil, 1 << 30, |bytes| bytes.clear()), Err(OutOfMemory));
        assert_eq!(array.to_vec(&gil).as_deref(), Ok(&b"abc"[..]));
    }
}
