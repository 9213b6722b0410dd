//! Memory that several processes see: blocks on anonymous files, which a fork inherits and a descriptor carries elsewhere.
//!
//! Small blocks lie many to a file. Every access is an atomic one, because others may write at any moment: an element at a multiple of
//! its own size is never seen half written.
//!
//! Invariant: a file is sealed at its size before it is mapped, so no mapped byte can vanish.
//! Invariant: a block's bytes are zero when it is made; none is given out twice.
#![expect(unsafe_code, reason = "mappings are raw memory; every access is checked against the block and atomic")]

use std::io;
use std::os::fd::OwnedFd;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, fstat, ftruncate, memfd_create};
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// Bytes of a file that small blocks share.
const ARENA: usize = 64 << 10;
/// Larger blocks have a file of their own.
const SMALL: usize = 4 << 10;
/// Blocks begin at multiples of this: those of two locks do not share a cache line.
const ALIGNMENT: usize = 64;

/// A mapped file.
#[derive(Debug)]
struct Mapping {
    descriptor: Arc<OwnedFd>,
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: the memory belongs to the mapping until it is dropped, and is touched by atomic operations only.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    fn new(length: usize) -> io::Result<Self> {
        let descriptor = memfd_create("toy-shared", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        ftruncate(&descriptor, length as u64)?;
        fcntl_add_seals(&descriptor, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        Self::of(Arc::new(descriptor), length)
    }

    fn of(descriptor: Arc<OwnedFd>, length: usize) -> io::Result<Self> {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: the system chooses a free place; nothing else lies there.
        let start = unsafe { mmap(ptr::null_mut(), length, protection, MapFlags::SHARED, &*descriptor, 0) }?;
        let start = NonNull::new(start.cast()).ok_or(Errno::NOMEM)?;
        Ok(Self { descriptor, start, length })
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and whoever refers to it shares its ownership.
        let _unmapped = unsafe { munmap(self.start.as_ptr().cast(), self.length) };
    }
}

/// The file that small blocks are taken from, and how much of it is taken.
struct Arena {
    mapping: Arc<Mapping>,
    taken: usize,
    /// Of which process: a copy of the process must not give the same bytes out.
    generation: u32,
}

static OPEN: Mutex<Option<Arena>> = Mutex::new(None);

/// Bytes that other processes may see, too.
#[derive(Clone, Debug)]
pub struct Block {
    mapping: Arc<Mapping>,
    offset: usize,
    length: usize,
}

impl Block {
    /// A new block of so many bytes, all zero.
    ///
    /// # Errors
    ///
    /// If the system refuses: no memory, too many open files.
    pub fn new(length: usize) -> io::Result<Self> {
        if length > SMALL {
            return Ok(Self { mapping: Arc::new(Mapping::new(length)?), offset: 0, length });
        }
        // Nobody sleeps while holding it, so it is free in a copy of the process, too.
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = crate::fork::generation();
        let room = length.max(1).next_multiple_of(ALIGNMENT);
        let arena = match &mut *open {
            Some(arena) if arena.generation == generation && ARENA - arena.taken >= room => arena,
            place => place.insert(Arena { mapping: Arc::new(Mapping::new(ARENA)?), taken: 0, generation }),
        };
        let offset = arena.taken;
        arena.taken += room;
        Ok(Self { mapping: Arc::clone(&arena.mapping), offset, length })
    }

    /// A block that another process has made, by the descriptor of its file and its place there.
    ///
    /// # Errors
    ///
    /// If the descriptor is not that of such a file, or the block does not lie in it.
    pub fn from_parts(descriptor: Arc<OwnedFd>, offset: usize, length: usize) -> io::Result<Self> {
        let unfit = || io::Error::from(Errno::INVAL);
        let seals = fcntl_get_seals(&*descriptor)?;
        let size = usize::try_from(fstat(&*descriptor)?.st_size).map_err(|_| unfit())?;
        let end = offset.checked_add(length).ok_or_else(unfit)?;
        if !seals.contains(SealFlags::SHRINK) || end > size || !offset.is_multiple_of(ALIGNMENT) || size == 0 {
            return Err(unfit());
        }
        Ok(Self { mapping: Arc::new(Mapping::of(descriptor, size)?), offset, length })
    }

    /// The file that the block lies in.
    pub fn descriptor(&self) -> &Arc<OwnedFd> {
        &self.mapping.descriptor
    }

    /// Where in the file it begins.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The address of `count` bytes from `place` on.
    #[track_caller]
    fn address(&self, place: usize, count: usize) -> NonNull<u8> {
        assert!(place.checked_add(count).is_some_and(|end| end <= self.length), "an access outside of a shared block");
        // SAFETY: the block lies inside the mapping, and the bytes inside the block.
        unsafe { self.mapping.start.add(self.offset + place) }
    }

    /// The 32-bit word at a place, which is a multiple of four.
    ///
    /// # Panics
    ///
    /// If the place is not in the block, or no multiple of four.
    #[track_caller]
    pub fn word(&self, place: usize) -> &AtomicU32 {
        assert!(place.is_multiple_of(4), "a word stands at a multiple of four");
        // SAFETY: the address is checked and aligned, and lives as long as the block.
        unsafe { AtomicU32::from_ptr(self.address(place, 4).cast().as_ptr()) }
    }

    /// Copies bytes out.
    ///
    /// # Panics
    ///
    /// If they are not all in the block.
    #[track_caller]
    pub fn read(&self, place: usize, into: &mut [u8]) {
        let mut rest = into;
        self.pieces(place, rest.len(), |cell| {
            let (piece, others) = std::mem::take(&mut rest).split_at_mut(cell.size());
            match cell {
                Cell::Eight(cell) => piece.copy_from_slice(&cell.load(ORDER).to_ne_bytes()),
                Cell::Four(cell) => piece.copy_from_slice(&cell.load(ORDER).to_ne_bytes()),
                Cell::Two(cell) => piece.copy_from_slice(&cell.load(ORDER).to_ne_bytes()),
                Cell::One(cell) => piece[0] = cell.load(ORDER),
            }
            rest = others;
        });
    }

    /// Copies bytes in.
    ///
    /// # Panics
    ///
    /// If the block has no room for them all.
    #[track_caller]
    pub fn write(&self, place: usize, bytes: &[u8]) {
        let mut rest = bytes;
        self.pieces(place, bytes.len(), |cell| {
            let piece;
            (piece, rest) = rest.split_at(cell.size());
            let low = |size: usize| {
                let mut bytes = [0; 8];
                bytes[..size].copy_from_slice(piece);
                u64::from_le_bytes(bytes)
            };
            match cell {
                Cell::Eight(cell) => cell.store(low(8).to_le(), ORDER),
                Cell::Four(cell) => cell.store((low(4) as u32).to_le(), ORDER),
                Cell::Two(cell) => cell.store((low(2) as u16).to_le(), ORDER),
                Cell::One(cell) => cell.store(piece[0], ORDER),
            }
        });
    }

    /// Divides bytes into the largest pieces of 8, 4, 2 and 1 bytes that stand at multiples of their size.
    #[track_caller]
    fn pieces(&self, place: usize, count: usize, mut access: impl FnMut(Cell<'_>)) {
        let first = self.address(place, count);
        let mut done = 0;
        while done < count {
            // SAFETY: fewer than `count` bytes further.
            let address = unsafe { first.add(done) };
            let left = count - done;
            let size =
                [8, 4, 2].into_iter().find(|&size| left >= size && address.addr().get() % size == 0).unwrap_or(1);
            access(match size {
                // SAFETY: so many bytes lie in the block, which outlives the access, at a multiple of their size.
                8 => Cell::Eight(unsafe { AtomicU64::from_ptr(address.cast().as_ptr()) }),
                // SAFETY: as above.
                4 => Cell::Four(unsafe { AtomicU32::from_ptr(address.cast().as_ptr()) }),
                // SAFETY: as above.
                2 => Cell::Two(unsafe { AtomicU16::from_ptr(address.cast().as_ptr()) }),
                // SAFETY: as above.
                _ => Cell::One(unsafe { AtomicU8::from_ptr(address.as_ptr()) }),
            });
            done += size;
        }
    }
}

/// Bytes that are read and written at once.
enum Cell<'a> {
    Eight(&'a AtomicU64),
    Four(&'a AtomicU32),
    Two(&'a AtomicU16),
    One(&'a AtomicU8),
}

impl Cell<'_> {
    fn size(&self) -> usize {
        match self {
            Self::Eight(_) => 8,
            Self::Four(_) => 4,
            Self::Two(_) => 2,
            Self::One(_) => 1,
        }
    }
}

const ORDER: Ordering = Ordering::Relaxed;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_out_as_they_went_in_wherever_they_stand() {
        let block = Block::new(100).expect("memory");
        for start in 0..9 {
            let bytes: Vec<u8> = (0..50).map(|byte| byte + start as u8).collect();
            block.write(start, &bytes);
            let mut found = vec![0; 50];
            block.read(start, &mut found);
            assert_eq!(found, bytes, "from {start}");
        }
    }

    #[test]
    fn a_block_is_found_again_by_its_parts_and_only_so() {
        let block = Block::new(8).expect("memory");
        block.write(0, b"12345678");
        let descriptor = || Arc::clone(block.descriptor());
        let again = Block::from_parts(descriptor(), block.offset(), 8).expect("it exists");
        again.word(4).store(u32::from_ne_bytes(*b"abcd"), Ordering::Relaxed);
        let mut found = [0; 8];
        block.read(0, &mut found);
        assert_eq!(&found, b"1234abcd");
        assert!(Block::from_parts(descriptor(), block.offset(), ARENA + 1).is_err());
        assert!(Block::from_parts(descriptor(), usize::MAX, 2).is_err());
        let (reader, _writer) = crate::pipe().expect("few open files");
        assert!(Block::from_parts(Arc::new(reader), 0, 8).is_err());
    }

    #[test]
    #[should_panic(expected = "outside of a shared block")]
    fn nothing_is_read_behind_the_end() {
        Block::new(8).expect("memory").read(4, &mut [0; 5]);
    }
}
