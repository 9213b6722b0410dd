//! A place in bytes that are read from the front, and the numbers of variable length in them.
//!
//! Invariant: a number has one encoding: the shortest.

use super::error::Fault;

/// How many bytes a number of 64 bits takes at most, seven bits in each.
const LONGEST_NUMBER: usize = 10;

#[derive(Debug)]
/// Bytes, and how many of them have been read.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8], offset: usize) -> Self {
        Self { bytes, offset }
    }

    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    pub(super) fn remaining(&self) -> usize {
        self.bytes.len() - self.offset
    }

    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        let byte = *self.bytes.get(self.offset).ok_or(Fault::Truncated { wanted: 1, remaining: 0 })?;
        self.offset += 1;
        Ok(byte)
    }

    pub(super) fn take(&mut self, wanted: u64) -> Result<&'a [u8], Fault> {
        let truncated = Fault::Truncated { wanted, remaining: self.remaining() };
        let Ok(length) = usize::try_from(wanted) else { return Err(truncated) };
        let taken = self.bytes[self.offset..].get(..length).ok_or(truncated)?;
        self.offset += length;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let truncated = Fault::Truncated { wanted: N as u64, remaining: self.remaining() };
        let taken = *self.bytes[self.offset..].first_chunk().ok_or(truncated)?;
        self.offset += N;
        Ok(taken)
    }

    /// A number: seven bits in each byte, the lowest first, the top bit set in all but the last.
    #[inline]
    pub(super) fn number(&mut self) -> Result<u64, Fault> {
        match self.bytes.get(self.offset) {
            Some(&byte) if byte < 0x80 => {
                self.offset += 1;
                Ok(u64::from(byte))
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Result<u64, Fault> {
        let mut number = 0;
        for place in 0..LONGEST_NUMBER {
            let byte = self.byte()?;
            // The tenth byte holds only the topmost of the 64 bits.
            if (place == LONGEST_NUMBER - 1 && byte > 1) || (place > 0 && byte == 0) {
                return Err(Fault::BadNumber);
            }
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Fault::BadNumber)
    }
}

/// Writes a number as [`Cursor::number`] reads it.
pub(super) fn write_number(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// How many bytes [`write_number`] writes.
pub(super) fn size_of_number(number: u64) -> usize {
    (64 - (number | 1).leading_zeros() as usize).div_ceil(7)
}
