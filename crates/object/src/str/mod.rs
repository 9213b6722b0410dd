//! Text: code points in the narrowest of three widths, so that indexing takes constant time for all text.
//!
//! Invariant: a string's width is the narrowest that holds all of its code points, so equal strings lie equal in memory.
//! Invariant: the empty string and those of one Latin-1 character exist once, made with the heap.

mod append;
mod build;
mod builder;
mod compare;
mod join;
mod search;
mod transform;
mod unit;

use std::borrow::Cow;

pub(crate) use build::Characters;
pub use builder::StrBuilder;
pub(crate) use compare::{equal, hash};
pub use join::NotText;
pub use search::Places;
pub use unit::{CodePoints, Units};

use crate::layout::StrObject;
use crate::reference::Ref;

/// Text. Positions and lengths count code points.
#[derive(Clone, Copy)]
pub struct Str<'a> {
    object: &'a StrObject,
}

impl<'a> Ref<'a> {
    /// The text, of a string or an instance of a subclass.
    #[inline]
    pub fn as_str(self) -> Option<Str<'a>> {
        Some(Str { object: self.layout_or_wrapped()? })
    }

    /// The text, if it is a plain string.
    #[inline]
    pub fn as_exact_str(self) -> Option<Str<'a>> {
        Some(Str { object: self.layout()? })
    }
}

impl StrObject {
    /// Where the code points start.
    #[inline(always)]
    pub(crate) fn data(&self) -> *const u8 {
        // SAFETY: one past the struct is inside the block or at its end.
        unsafe { self.header.block().cast::<StrObject>().add(1) }.cast().as_ptr()
    }

    /// The code points as they lie in memory.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: `length` units of `width` bytes stand behind the struct, initialised when the string was made.
        unsafe { std::slice::from_raw_parts(self.data(), self.length as usize * self.width as usize) }
    }

    /// The code points in their width.
    #[inline]
    pub(crate) fn units(&self) -> Units<'_> {
        let (data, length) = (self.data(), self.length as usize);
        match self.width {
            // SAFETY: as in `bytes`.
            1 => Units::One(unsafe { std::slice::from_raw_parts(data, length) }),
            // SAFETY: as in `bytes`; the data starts at a multiple of 8.
            2 => Units::Two(unsafe { std::slice::from_raw_parts(data.cast(), length) }),
            // SAFETY: as in `bytes`; the data starts at a multiple of 8.
            _ => Units::Four(unsafe { std::slice::from_raw_parts(data.cast(), length) }),
        }
    }
}

impl<'a> Str<'a> {
    /// The plain string as a value; of an instance of a subclass it is the string inside.
    #[inline]
    pub fn as_ref(self) -> Ref<'a> {
        Ref::from_header(&self.object.header)
    }

    /// Number of code points.
    #[inline]
    pub fn len(self) -> usize {
        self.object.length as usize
    }

    /// Whether there is no code point.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.object.length == 0
    }

    /// Bytes a code point: 1, 2 or 4.
    #[inline]
    pub fn width(self) -> usize {
        self.object.width as usize
    }

    /// Whether every code point is below 128.
    #[inline]
    pub fn is_ascii(self) -> bool {
        self.object.is_ascii
    }

    /// Whether it is in the heap's table of interned strings.
    #[inline]
    pub fn is_interned(self) -> bool {
        self.object.is_interned.get()
    }

    /// The characters of a text that is known to be ASCII; of another one the bytes as they lie in memory.
    #[inline]
    fn ascii(self) -> &'a [u8] {
        debug_assert!(self.is_ascii());
        self.object.bytes()
    }

    /// The code points in their width, for loops that want to be specialised.
    #[inline]
    pub fn units(self) -> Units<'a> {
        self.object.units()
    }

    /// A code point. Panics if `index` is not below the length.
    #[inline]
    pub fn code_point(self, index: usize) -> u32 {
        match self.units() {
            Units::One(units) => units[index].into(),
            Units::Two(units) => units[index].into(),
            Units::Four(units) => units[index],
        }
    }

    /// All code points.
    #[inline]
    pub fn code_points(self) -> CodePoints<'a> {
        self.units().code_points()
    }

    /// The text without copying, if it is ASCII.
    #[inline]
    pub fn as_utf8(self) -> Option<&'a str> {
        // SAFETY: ASCII is UTF-8.
        if self.object.is_ascii { Some(unsafe { std::str::from_utf8_unchecked(self.object.bytes()) }) } else { None }
    }

    /// The text; `None` if it holds lone surrogates, which UTF-8 cannot express.
    pub fn to_utf8(self) -> Option<Cow<'a, str>> {
        if let Some(text) = self.as_utf8() {
            return Some(Cow::Borrowed(text));
        }
        if self.has_surrogates() {
            return None;
        }
        Some(Cow::Owned(self.to_string_lossy()))
    }

    /// The text with lone surrogates replaced by U+FFFD.
    pub fn to_string_lossy(self) -> String {
        if let Some(text) = self.as_utf8() {
            return text.to_owned();
        }
        let mut text = String::with_capacity(self.object.bytes().len() + self.len() / 2);
        text.extend(self.code_points().map(|point| char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER)));
        text
    }

    /// Whether there is a lone surrogate.
    pub fn has_surrogates(self) -> bool {
        self.object.has_surrogates
    }

    /// The hash, computed once.
    #[inline]
    pub fn hash(self) -> i64 {
        hash(self.object) as i64
    }
}

impl std::fmt::Debug for Str<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.to_string_lossy())
    }
}

#[cfg(test)]
mod tests;
