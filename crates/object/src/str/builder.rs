//! Strings made piece by piece.

use super::build::{Content, is_surrogate};
use super::unit::Unit;
use super::{Str, Units};
use crate::heap::{Heap, OutOfMemory};
use crate::reference::Owned;

/// A string in the making. It counts against the limit of the heap when it is finished.
#[derive(Clone, Debug)]
pub struct StrBuilder {
    buffer: Buffer,
    has_surrogates: bool,
}

#[derive(Clone, Debug)]
enum Buffer {
    One(Vec<u8>),
    Two(Vec<u16>),
    Four(Vec<u32>),
}

impl Default for StrBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl StrBuilder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// Nothing yet, with room for so many code points below 256.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { buffer: Buffer::One(Vec::with_capacity(capacity)), has_surrogates: false }
    }

    /// Number of code points so far.
    pub fn len(&self) -> usize {
        match &self.buffer {
            Buffer::One(units) => units.len(),
            Buffer::Two(units) => units.len(),
            Buffer::Four(units) => units.len(),
        }
    }

    /// Whether there is nothing yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends a code point.
    #[inline]
    pub fn push_code_point(&mut self, code_point: u32) {
        match &mut self.buffer {
            Buffer::One(units) if code_point < 0x100 => units.push(code_point as u8),
            Buffer::Two(units) if code_point < 0x1_0000 => {
                self.has_surrogates |= is_surrogate(code_point);
                units.push(code_point as u16);
            }
            Buffer::Four(units) => {
                self.has_surrogates |= is_surrogate(code_point);
                units.push(code_point);
            }
            _ => {
                self.widen(code_point);
                self.push_code_point(code_point);
            }
        }
    }

    /// Appends a character.
    #[inline]
    pub fn push(&mut self, character: char) {
        self.push_code_point(character.into());
    }

    /// Appends text.
    pub fn push_str(&mut self, text: &str) {
        match &mut self.buffer {
            Buffer::One(units) if text.is_ascii() => units.extend_from_slice(text.as_bytes()),
            _ => text.chars().for_each(|character| self.push(character)),
        }
    }

    /// Appends a string.
    pub fn push_string(&mut self, text: Str<'_>) {
        self.push_units(text.units());
    }

    /// Appends code points in any width.
    pub fn push_units(&mut self, units: Units<'_>) {
        match (&mut self.buffer, units) {
            (Buffer::One(buffer), Units::One(units)) => buffer.extend_from_slice(units),
            (Buffer::Two(buffer), Units::One(units)) => buffer.extend(units.iter().map(|&unit| u16::from(unit))),
            (_, units) => units.code_points().for_each(|point| self.push_code_point(point)),
        }
    }

    /// The string.
    pub fn finish(self, heap: &Heap) -> Result<Owned, OutOfMemory> {
        let content = Content { is_ascii: false, has_surrogates: self.has_surrogates };
        match &self.buffer {
            Buffer::One(units) => heap.new_str_from_units(Units::One(units)),
            Buffer::Two(units) => heap.new_str_of_units(units, content),
            Buffer::Four(units) => heap.new_str_of_units(units, content),
        }
    }

    #[cold]
    fn widen(&mut self, code_point: u32) {
        fn widened<U: Unit, W: Unit>(units: &[U]) -> Vec<W> {
            let mut wide = Vec::with_capacity((units.len() + 1).next_power_of_two());
            wide.extend(units.iter().map(|&unit| W::truncate(unit.code_point())));
            wide
        }
        self.buffer = match &self.buffer {
            Buffer::One(units) if code_point < 0x1_0000 => Buffer::Two(widened(units)),
            Buffer::One(units) => Buffer::Four(widened(units)),
            Buffer::Two(units) => Buffer::Four(widened(units)),
            Buffer::Four(units) => Buffer::Four(units.clone()),
        };
    }
}

impl std::fmt::Write for StrBuilder {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.push_str(text);
        Ok(())
    }
}
