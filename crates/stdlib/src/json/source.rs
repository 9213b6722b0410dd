//! The text that is read, in the width in which it is stored.

use std::borrow::Cow;

use toy_object::{Str, Units};

/// What stands behind the end: no code point.
pub(super) const END: u32 = u32::MAX;
/// So many code points are looked at together.
const BLOCK: usize = 16;

/// An integer that code points are stored in.
pub(super) trait Unit: Copy + 'static {
    fn point(self) -> u32;

    /// Code points that are known to be ASCII.
    fn ascii(units: &[Self]) -> Cow<'_, str>;
}

impl Unit for u8 {
    #[inline(always)]
    fn point(self) -> u32 {
        self.into()
    }

    fn ascii(units: &[u8]) -> Cow<'_, str> {
        String::from_utf8_lossy(units)
    }
}

macro_rules! wide_unit {
    ($($unit:ident)*) => {
        $(impl Unit for $unit {
            #[inline(always)]
            fn point(self) -> u32 {
                self.into()
            }

            fn ascii(units: &[$unit]) -> Cow<'_, str> {
                units.iter().map(|&unit| char::from(unit as u8)).collect()
            }
        })*
    };
}
wide_unit!(u16 u32);

/// A text, and its code points.
#[derive(Clone, Copy)]
pub(super) struct Source<'a, U> {
    pub(super) text: Str<'a>,
    pub(super) units: &'a [U],
}

/// Runs the same code for each width.
macro_rules! with_source {
    ($text:expr, $source:ident => $body:expr) => {{
        use toy_object::Units;
        use $crate::json::source::Source;
        let text = $text;
        match text.units() {
            Units::One(units) => {
                let $source = Source { text, units };
                $body
            }
            Units::Two(units) => {
                let $source = Source { text, units };
                $body
            }
            Units::Four(units) => {
                let $source = Source { text, units };
                $body
            }
        }
    }};
}
pub(super) use with_source;

impl<'a, U: Unit> Source<'a, U> {
    /// The code point at a place, or [`END`].
    #[inline(always)]
    pub(super) fn at(self, place: usize) -> u32 {
        self.units.get(place).map_or(END, |unit| unit.point())
    }

    /// Whether this character stands at a place.
    #[inline(always)]
    pub(super) fn is_at(self, place: usize, character: char) -> bool {
        self.at(place) == character.into()
    }

    /// Whether this text, which is ASCII, stands at a place.
    pub(super) fn starts_at(self, place: usize, word: &str) -> bool {
        word.bytes().enumerate().all(|(index, byte)| self.at(place + index) == byte.into())
    }

    /// The first place from this one on where there is no whitespace.
    #[inline(always)]
    pub(super) fn skip(self, mut place: usize) -> usize {
        while matches!(self.at(place), 0x20 | 0x09 | 0x0a | 0x0d) {
            place += 1;
        }
        place
    }

    /// The first place from this one on of a code point that passes the test; the end if there is none.
    #[inline(always)]
    pub(super) fn find(self, mut place: usize, test: impl Fn(u32) -> bool) -> usize {
        // Blocks have no early exit, so that the processor can look at several code points at a time.
        for block in self.units[place..].chunks_exact(BLOCK) {
            if block.iter().fold(false, |found, unit| found | test(unit.point())) {
                break;
            }
            place += BLOCK;
        }
        let rest = &self.units[place..];
        place + rest.iter().position(|unit| test(unit.point())).unwrap_or(rest.len())
    }

    /// The code points of a range.
    pub(super) fn range(self, start: usize, end: usize) -> Units<'a> {
        self.text.units().range(start, end)
    }
}

/// The first place from this one on where there is no whitespace.
pub(super) fn whitespace_end(text: Str<'_>, place: usize) -> usize {
    with_source!(text, source => source.skip(place))
}
