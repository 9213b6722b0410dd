//! Finding text in text, for every pair of widths.

use memchr::memmem;

use super::{Str, Units};
use crate::heap::{Heap, OutOfMemory};

/// A search for one needle that can be asked again and again.
struct Searcher<'n> {
    /// The needle as it lies in a text of `width` bytes a code point.
    bytes: std::borrow::Cow<'n, [u8]>,
    width: usize,
}

impl<'n> Searcher<'n> {
    /// `None`: the needle needs a larger width than the text has, so it is not in it.
    fn new(needle: Units<'n>, text: Units<'_>) -> Option<Self> {
        let (needle_width, width) = (width(needle), width(text));
        if needle_width > width {
            return None;
        }
        let bytes = if needle_width == width {
            bytes(needle).into()
        } else if width == 2 {
            needle.code_points().flat_map(|point| (point as u16).to_ne_bytes()).collect()
        } else {
            needle.code_points().flat_map(u32::to_ne_bytes).collect()
        };
        Some(Self { bytes, width })
    }

    /// The first place, in code points, of the needle in the text.
    fn first(&self, finder: &memmem::Finder<'_>, text: &[u8]) -> Option<usize> {
        let mut from = 0;
        // What is found between two code points is none.
        loop {
            let place = from + finder.find(&text[from..])?;
            if place % self.width == 0 {
                return Some(place / self.width);
            }
            from = place + 1;
        }
    }

    /// The last place, in code points, of the needle in the text.
    fn last(&self, text: &[u8]) -> Option<usize> {
        let finder = memmem::FinderRev::new(&self.bytes);
        let mut end = text.len();
        loop {
            let place = finder.rfind(&text[..end])?;
            if place % self.width == 0 {
                return Some(place / self.width);
            }
            end = place + self.bytes.len() - 1;
        }
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

impl Str<'_> {
    /// The first place of `needle` that lies wholly between `start` and `end`. An empty needle is found at `start`.
    pub fn find(self, needle: Str<'_>, start: usize, end: usize) -> Option<usize> {
        let end = end.min(self.len());
        if start > end || needle.len() > end - start {
            return None;
        }
        let text = self.units().range(start, end);
        if let (Units::One(text), Units::One(&[byte])) = (text, needle.units()) {
            return memchr::memchr(byte, text).map(|place| start + place);
        }
        let searcher = Searcher::new(needle.units(), text)?;
        let place = searcher.first(&memmem::Finder::new(&searcher.bytes), bytes(text))?;
        Some(start + place)
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
        let text = self.units().range(start, end);
        let place = Searcher::new(needle.units(), text)?.last(bytes(text))?;
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
        let Some(searcher) = Searcher::new(needle.units(), text) else { return 0 };
        let finder = memmem::Finder::new(&searcher.bytes);
        let mut text = bytes(text);
        let mut count = 0;
        while let Some(place) = searcher.first(&finder, text) {
            count += 1;
            text = &text[place * searcher.width + searcher.bytes.len()..];
        }
        count
    }

    /// Whether `needle` occurs.
    pub fn contains(self, needle: Str<'_>) -> bool {
        self.find(needle, 0, self.len()).is_some()
    }

    /// All places of `needle` without overlap, from the front. `needle` is not empty.
    pub fn places(self, heap: &Heap, needle: Str<'_>) -> Result<Vec<usize>, OutOfMemory> {
        let mut places = Vec::new();
        let Some(searcher) = Searcher::new(needle.units(), self.units()).filter(|_| !needle.is_empty()) else {
            return Ok(places);
        };
        let finder = memmem::Finder::new(&searcher.bytes);
        let text = bytes(self.units());
        let mut from = 0;
        while let Some(place) = searcher.first(&finder, &text[from * searcher.width..]) {
            heap.push_within_room(&mut places, from + place)?;
            from += place + needle.len();
        }
        Ok(places)
    }
}
