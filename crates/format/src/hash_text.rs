//! The hash of text and bytes: SipHash-1-3 with a key of zeros, over the characters' 1-, 2- or 4-byte form.
//!
//! That is CPython's hash under `PYTHONHASHSEED=0`, so that sets of strings, too, show in the order of a CPython that
//! was started so. It does not depend on the machine. It is no protection against chosen collisions.

use crate::hash::visible;

/// `hash(data)` of bytes, and of a string whose characters fit one byte each. That of nothing is 0.
pub fn hash_bytes(data: &[u8]) -> i64 {
    if data.is_empty() {
        return 0;
    }
    let (blocks, tail) = data.as_chunks::<8>();
    let mut state = SipState::new();
    for block in blocks {
        state.absorb(u64::from_le_bytes(*block));
    }
    let mut last = [0; 8];
    last[..tail.len()].copy_from_slice(tail);
    state.finish(data.len(), u64::from_le_bytes(last))
}

/// `hash(text)` of a string whose greatest character needs two bytes.
pub fn hash_ucs2(units: &[u16]) -> i64 {
    let (blocks, tail) = units.as_chunks::<4>();
    let join = |units: &[u16]| units.iter().rev().fold(0, |joined, &unit| joined << 16 | u64::from(unit));
    let mut state = SipState::new();
    for block in blocks {
        state.absorb(join(block));
    }
    state.finish(units.len() * 2, join(tail))
}

/// `hash(text)` of a string whose greatest character needs four bytes.
pub fn hash_ucs4(units: &[u32]) -> i64 {
    let (blocks, tail) = units.as_chunks::<2>();
    let mut state = SipState::new();
    for &[low, high] in blocks {
        state.absorb(u64::from(low) | u64::from(high) << 32);
    }
    state.finish(units.len() * 4, tail.first().map_or(0, |&unit| u64::from(unit)))
}

/// `hash(text)`. Text that is not ASCII is copied into the form that its greatest character needs.
pub fn hash_str(text: &str) -> i64 {
    if text.is_ascii() {
        return hash_bytes(text.as_bytes());
    }
    match text.chars().max() {
        Some('\0'..='\u{ff}') | None => hash_bytes(&text.chars().map(|c| c as u8).collect::<Vec<u8>>()),
        Some('\u{100}'..='\u{ffff}') => hash_ucs2(&text.encode_utf16().collect::<Vec<u16>>()),
        Some(_) => hash_ucs4(&text.chars().map(u32::from).collect::<Vec<u32>>()),
    }
}

/// The four words of SipHash, for one round a block and three at the end.
struct SipState {
    v0: u64,
    v1: u64,
    v2: u64,
    v3: u64,
}

impl SipState {
    fn new() -> Self {
        SipState {
            v0: 0x736f_6d65_7073_6575,
            v1: 0x646f_7261_6e64_6f6d,
            v2: 0x6c79_6765_6e65_7261,
            v3: 0x7465_6462_7974_6573,
        }
    }

    #[inline]
    fn absorb(&mut self, block: u64) {
        self.v3 ^= block;
        self.round();
        self.v0 ^= block;
    }

    /// The hash of `length` bytes whose last, incomplete block is `tail`. Empty data hashes to zero.
    #[inline]
    fn finish(mut self, length: usize, tail: u64) -> i64 {
        if length == 0 {
            return 0;
        }
        self.absorb((length as u64) << 56 | tail);
        self.v2 ^= 0xff;
        self.round();
        self.round();
        self.round();
        visible((self.v0 ^ self.v1 ^ self.v2 ^ self.v3) as i64)
    }

    #[inline]
    fn round(&mut self) {
        self.v0 = self.v0.wrapping_add(self.v1);
        self.v2 = self.v2.wrapping_add(self.v3);
        self.v1 = self.v1.rotate_left(13) ^ self.v0;
        self.v3 = self.v3.rotate_left(16) ^ self.v2;
        self.v0 = self.v0.rotate_left(32);
        self.v2 = self.v2.wrapping_add(self.v1);
        self.v0 = self.v0.wrapping_add(self.v3);
        self.v1 = self.v1.rotate_left(17) ^ self.v2;
        self.v3 = self.v3.rotate_left(21) ^ self.v0;
        self.v2 = self.v2.rotate_left(32);
    }
}
