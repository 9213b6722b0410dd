//! Text in which surrogates may stand: generalised UTF-8.
//!
//! A string of Python is a sequence of code points from 0 to 0x10FFFF, surrogates among them, alone or in pairs. Here each stands
//! for itself, in the bytes that UTF-8's rule gives for its number (ED A0 80 to ED BF BF), as CPython's error handler
//! `surrogatepass` does it. WTF-8 would join a pair to one character; then `'\ud83d\ude00'` would come back as another string.

use std::iter::FusedIterator;

/// Generalised UTF-8.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SurrogateText<'a>(&'a [u8]);

impl<'a> SurrogateText<'a> {
    /// Bytes as text.
    ///
    /// # Errors
    ///
    /// How many of the bytes are valid, if they are not generalised UTF-8.
    pub fn new(bytes: &'a [u8]) -> Result<Self, usize> {
        let mut valid = 0;
        loop {
            match std::str::from_utf8(&bytes[valid..]) {
                Ok(_) => return Ok(Self(bytes)),
                Err(error) => {
                    valid += error.valid_up_to();
                    match bytes[valid..] {
                        [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..] => valid += 3,
                        _ => return Err(valid),
                    }
                }
            }
        }
    }

    /// Its bytes.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Its code points.
    pub fn code_points(self) -> impl FusedIterator<Item = u32> + Clone + 'a {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (point, behind) = split_first(rest)?;
            rest = behind;
            Some(point)
        })
        .fuse()
    }
}

/// The first code point of generalised UTF-8, and what stands behind it.
fn split_first(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let low = |byte: u8| u32::from(byte & 0x3f);
    Some(match *bytes {
        [a @ ..0x80, ref rest @ ..] => (u32::from(a), rest),
        [a @ ..0xE0, b, ref rest @ ..] => (u32::from(a & 0x1f) << 6 | low(b), rest),
        [a @ ..0xF0, b, c, ref rest @ ..] => (u32::from(a & 0x0f) << 12 | low(b) << 6 | low(c), rest),
        [a, b, c, d, ref rest @ ..] => (u32::from(a & 0x07) << 18 | low(b) << 12 | low(c) << 6 | low(d), rest),
        _ => return None,
    })
}

/// The bytes of a code point, and how many of the four they are.
///
/// # Panics
///
/// If there is no such code point.
pub(super) fn encode(point: u32) -> ([u8; 4], usize) {
    assert!(point <= 0x10_FFFF, "{point:#x} is no code point");
    let tail = |shift: u32| 0x80 | ((point >> shift) & 0x3f) as u8;
    match point {
        0..0x80 => ([point as u8, 0, 0, 0], 1),
        0x80..0x800 => ([0xC0 | (point >> 6) as u8, tail(0), 0, 0], 2),
        0x800..0x1_0000 => ([0xE0 | (point >> 12) as u8, tail(6), tail(0), 0], 3),
        _ => ([0xF0 | (point >> 18) as u8, tail(12), tail(6), tail(0)], 4),
    }
}
