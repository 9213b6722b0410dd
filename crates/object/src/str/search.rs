//! Finding text in text, for every pair of widths.

use std::cell::OnceCell;
use std::cmp::Ordering;

use memchr::memmem;

use super::{Str, Units};

/// So many bytes are searched for the needle's first byte: to prepare anything better takes longer than that.
const SHORT_TEXT: usize = 512;

/// Longer needles might be compared for long at each of those bytes.
const SHORT_NEEDLE: usize = 64;

/// How a needle is looked for.
enum Needle<'n> {
    /// It is one byte.
    Byte(u8),
    /// What is better than to look for its first byte is prepared when that has not found it.
    Lazy(&'n [u8], OnceCell<Box<memmem::Finder<'n>>>),
    Prepared(Box<memmem::Finder<'n>>),
}

/// A search for one needle, not empty, that can be asked again and again.
struct Searcher<'n> {
    needle: Needle<'n>,
    /// Bytes of the needle as it lies in the text.
    length: usize,
    /// Bytes a code point of the text.
    width: usize,
}

impl<'n> Searcher<'n> {
    /// `None`: the needle needs a larger width than the text has, so it is not in it.
    fn new(needle: Units<'n>, text: Units<'_>) -> Option<Self> {
        let (needle_width, width) = (width(needle), width(text));
        if needle_width > width {
            return None;
        }
        if needle_width < width {
            let widened = widened(needle, width);
            let finder = memmem::Finder::new(&widened).into_owned();
            return Some(Self { needle: Needle::Prepared(Box::new(finder)), length: widened.len(), width });
        }
        let part = bytes(needle);
        let needle = match part {
            &[byte] => Needle::Byte(byte),
            _ if part.len() <= SHORT_NEEDLE => Needle::Lazy(part, OnceCell::new()),
            _ => Needle::Prepared(Box::new(memmem::Finder::new(part))),
        };
        Some(Self { needle, length: part.len(), width })
    }

    /// The first place, in bytes, of the needle in the text.
    #[inline]
    fn first(&self, text: &[u8]) -> Option<usize> {
        let mut from = 0;
        // What is found between two code points is none.
        loop {
            let rest = text.get(from..)?;
            let place = from
                + match &self.needle {
                    Needle::Byte(byte) => first_byte(*byte, rest)?,
                    Needle::Lazy(part, finder) => match finder.get() {
                        Some(finder) => finder.find(rest)?,
                        None => first_lazily(part, finder, rest)?,
                    },
                    Needle::Prepared(finder) => finder.find(rest)?,
                };
            if place % self.width == 0 {
                return Some(place);
            }
            from = place + 1;
        }
    }
}

/// The first place of a byte: separators stand close together, so the next few are looked at before a search is set up.
#[inline]
fn first_byte(byte: u8, text: &[u8]) -> Option<usize> {
    const CLOSE: usize = 8;
    let (close, far) = text.split_at(text.len().min(CLOSE));
    match close.iter().position(|&other| other == byte) {
        Some(place) => Some(place),
        None => Some(CLOSE + memchr::memchr(byte, far)?),
    }
}

/// The first place of a part, not empty, in a short text.
#[inline]
fn first_plain(part: &[u8], text: &[u8]) -> Option<usize> {
    let last = text.len().checked_sub(part.len())?;
    let mut from = 0;
    while from <= last {
        let place = from + memchr::memchr(part[0], &text[from..=last])?;
        if text[place..].starts_with(part) {
            return Some(place);
        }
        from = place + 1;
    }
    None
}

/// The first place of a part: at the start of a text by looking for its first byte.
#[inline]
fn first_lazily<'n>(part: &'n [u8], finder: &OnceCell<Box<memmem::Finder<'n>>>, text: &[u8]) -> Option<usize> {
    let start = &text[..text.len().min(SHORT_TEXT + part.len() - 1)];
    if let Some(place) = first_plain(part, start) {
        return Some(place);
    }
    if start.len() == text.len() {
        return None;
    }
    let finder = finder.get_or_init(|| Box::new(memmem::Finder::new(part)));
    Some(SHORT_TEXT + finder.find(&text[SHORT_TEXT..])?)
}

/// The last place, in code points of `width` bytes, of a part in a text.
fn last(part: &[u8], text: &[u8], width: usize) -> Option<usize> {
    let finder = memmem::FinderRev::new(part);
    let mut end = text.len();
    loop {
        let place = finder.rfind(&text[..end])?;
        if place % width == 0 {
            return Some(place / width);
        }
        end = place + part.len() - 1;
    }
}

/// The places of a needle in a text, in code points, one after the other without overlap.
pub struct Places<'a> {
    searcher: Option<Searcher<'a>>,
    text: &'a [u8],
    /// Where the search goes on.
    from: usize,
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let searcher = self.searcher.as_ref()?;
        let place = self.from + searcher.first(&self.text[self.from..])?;
        self.from = place + searcher.length;
        Some(place / searcher.width)
    }
}

/// Code points as they lie in a text of a larger width.
fn widened(units: Units<'_>, width: usize) -> Vec<u8> {
    if width == 2 {
        units.code_points().flat_map(|point| (point as u16).to_ne_bytes()).collect()
    } else {
        units.code_points().flat_map(u32::to_ne_bytes).collect()
    }
}

fn width(units: Units<'_>) -> usize {
    match units {
        Units::One(_) => 1,
        Units::Two(_) => 2,
        Units::Four(_) => 4,
    }
}

/// The code points as they lie in memory.
fn bytes(units: Units<'_>) -> &[u8] {
    match units {
        Units::One(units) => units,
        // SAFETY: every byte of an integer is initialised, and bytes need no alignment.
        Units::Two(units) => unsafe { std::slice::from_raw_parts(units.as_ptr().cast(), units.len() * 2) },
        // SAFETY: as above.
        Units::Four(units) => unsafe { std::slice::from_raw_parts(units.as_ptr().cast(), units.len() * 4) },
    }
}

impl<'a> Str<'a> {
    /// The first place of `needle` that lies wholly between `start` and `end`. An empty needle is found at `start`.
    pub fn find(self, needle: Str<'_>, start: usize, end: usize) -> Option<usize> {
        let end = end.min(self.len());
        if start > end || needle.len() > end - start {
            return None;
        }
        if needle.is_empty() {
            return Some(start);
        }
        let text = self.units().range(start, end);
        if let (Units::One(text), Units::One(&[byte])) = (text, needle.units()) {
            return first_byte(byte, text).map(|place| start + place);
        }
        let searcher = Searcher::new(needle.units(), text)?;
        let place = searcher.first(bytes(text))?;
        Some(start + place / searcher.width)
    }

    /// The last place of `needle` that lies wholly between `start` and `end`. An empty needle is found at `end`.
    pub fn rfind(self, needle: Str<'_>, start: usize, end: usize) -> Option<usize> {
        let end = end.min(self.len());
        if start > end || needle.len() > end - start {
            return None;
        }
        if needle.is_empty() {
            return Some(end);
        }
        let (text, part) = (self.units().range(start, end), needle.units());
        let place = match width(part).cmp(&width(text)) {
            Ordering::Greater => return None,
            Ordering::Equal => last(bytes(part), bytes(text), width(text))?,
            Ordering::Less => last(&widened(part, width(text)), bytes(text), width(text))?,
        };
        Some(start + place)
    }

    /// How often `needle` occurs between `start` and `end` without overlap. An empty needle occurs once more than there
    /// are code points.
    pub fn count(self, needle: Str<'_>, start: usize, end: usize) -> usize {
        let end = end.min(self.len());
        if start > end {
            return 0;
        }
        if needle.is_empty() {
            return end - start + 1;
        }
        let text = self.units().range(start, end);
        if let (Units::One(text), Units::One(&[byte])) = (text, needle.units()) {
            return memchr::memchr_iter(byte, text).count();
        }
        Places { searcher: Searcher::new(needle.units(), text), text: bytes(text), from: 0 }.count()
    }

    /// Whether `needle` occurs.
    pub fn contains(self, needle: Str<'_>) -> bool {
        self.find(needle, 0, self.len()).is_some()
    }

    /// All places of `needle`, which is not empty, without overlap, from the front.
    pub fn places(self, needle: Str<'a>) -> Places<'a> {
        let searcher = if needle.is_empty() { None } else { Searcher::new(needle.units(), self.units()) };
        Places { searcher, text: bytes(self.units()), from: 0 }
    }
}
