//! Strings made piece by piece.

use super::build::{Content, is_surrogate};
use super::unit::Unit;
use super::{Str, Units};
use crate::heap::{Heap, OutOfMemory};
use crate::reference::Owned;

/// A string in the making. It counts against the limit of the heap when it is finished; until then it grows only as far as
/// there is room. If there was none at some time, the text is lost, and finishing says so: there is one place to look at
/// for errors. Used while the lock of the heap is held.
#[derive(Debug)]
pub struct StrBuilder {
    buffer: Buffer,
    has_surrogates: bool,
}

#[derive(Debug)]
enum Buffer {
    One(Vec<u8>),
    Two(Vec<u16>),
    Four(Vec<u32>),
    /// There was no room.
    Lost,
}

impl Default for StrBuilder {
    fn default() -> Self {
        Self::new()
    }
}

/// Appends with room made beforehand; without room the buffer is lost.
macro_rules! append {
    ($builder:ident, $units:ident, $additional:expr, $append:expr) => {
        if has_room($units, $additional) { $append } else { $builder.buffer = Buffer::Lost }
    };
}

impl StrBuilder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { buffer: Buffer::One(Vec::new()), has_surrogates: false }
    }

    /// Nothing yet, with room for so many code points below 256.
    pub fn with_capacity(capacity: usize) -> Self {
        let mut units = Vec::new();
        let buffer = if has_room(&mut units, capacity) { Buffer::One(units) } else { Buffer::Lost };
        Self { buffer, has_surrogates: false }
    }

    /// Number of code points so far; 0 if there was no room for them.
    pub fn len(&self) -> usize {
        match &self.buffer {
            Buffer::One(units) => units.len(),
            Buffer::Two(units) => units.len(),
            Buffer::Four(units) => units.len(),
            Buffer::Lost => 0,
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
            Buffer::One(units) if code_point < 0x100 => append!(self, units, 1, units.push(code_point as u8)),
            Buffer::Two(units) if code_point < 0x1_0000 => {
                self.has_surrogates |= is_surrogate(code_point);
                append!(self, units, 1, units.push(code_point as u16));
            }
            Buffer::Four(units) => {
                self.has_surrogates |= is_surrogate(code_point);
                append!(self, units, 1, units.push(code_point));
            }
            Buffer::Lost => {}
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
            Buffer::One(units) if text.is_ascii() => {
                append!(self, units, text.len(), units.extend_from_slice(text.as_bytes()));
            }
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
            (Buffer::One(buffer), Units::One(units)) => {
                append!(self, buffer, units.len(), buffer.extend_from_slice(units));
            }
            (Buffer::Two(buffer), Units::One(units)) => {
                let wide = units.iter().map(|&unit| u16::from(unit));
                append!(self, buffer, units.len(), buffer.extend(wide));
            }
            (Buffer::Lost, _) => {}
            (_, units) => units.code_points().for_each(|point| self.push_code_point(point)),
        }
    }

    /// Appends a code point so many times.
    pub fn push_times(&mut self, code_point: u32, times: usize) {
        match &mut self.buffer {
            Buffer::One(units) if code_point < 0x100 => {
                append!(self, units, times, units.resize(units.len() + times, code_point as u8));
            }
            _ => {
                for _ in 0..times {
                    if matches!(self.buffer, Buffer::Lost) {
                        return;
                    }
                    self.push_code_point(code_point);
                }
            }
        }
    }

    /// The string, or that there was no room for it.
    pub fn finish(self, heap: &Heap) -> Result<Owned, OutOfMemory> {
        let content = Content { is_ascii: false, has_surrogates: self.has_surrogates };
        match &self.buffer {
            Buffer::One(units) => heap.new_str_from_units(Units::One(units)),
            Buffer::Two(units) => heap.new_str_of_units(units, content),
            Buffer::Four(units) => heap.new_str_of_units(units, content),
            Buffer::Lost => Err(OutOfMemory),
        }
    }

    #[cold]
    fn widen(&mut self, code_point: u32) {
        fn widened<U: Unit, W: Unit>(units: &[U], buffer: fn(Vec<W>) -> Buffer) -> Buffer {
            let mut wide = Vec::new();
            if !has_room(&mut wide, units.len() + 1) {
                return Buffer::Lost;
            }
            wide.extend(units.iter().map(|&unit| W::truncate(unit.code_point())));
            buffer(wide)
        }
        self.buffer = match &self.buffer {
            Buffer::One(units) if code_point < 0x1_0000 => widened(units, Buffer::Two),
            Buffer::One(units) => widened(units, Buffer::Four),
            Buffer::Two(units) => widened(units, Buffer::Four),
            Buffer::Four(_) | Buffer::Lost => return,
        };
    }
}

/// Makes room for `additional` units more, if the heap's limit and the system allow it.
#[inline]
fn has_room<U>(units: &mut Vec<U>, additional: usize) -> bool {
    units.capacity() - units.len() >= additional || crate::heap::current().extend_room(units, additional)
}

impl std::fmt::Write for StrBuilder {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.push_str(text);
        Ok(())
    }
}
