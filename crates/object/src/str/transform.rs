//! New strings from old ones.

use super::build::{Content, copy_units};
use super::unit::Unit;
use super::{Str, Units};
use crate::heap::{Heap, OutOfMemory};
use crate::reference::Owned;

impl Str<'_> {
    /// The code points from `start` up to `end`. Panics if they are not in order and within the length.
    pub fn substring(self, heap: &Heap, start: usize, end: usize) -> Result<Owned, OutOfMemory> {
        if start == 0 && end == self.len() {
            return Ok(self.as_ref().to_owned());
        }
        match self.units() {
            Units::One(units) if self.is_ascii() && end - start > 1 => {
                heap.new_str_of_units(&units[start..end], self.content())
            }
            units => heap.new_str_from_units(units.range(start, end)),
        }
    }

    /// Every `step`th code point from `start` on, before `stop`; negative steps go backwards. The three are as
    /// [`Slice::indices`](crate::Slice::indices) gives them for this length.
    pub fn slice(self, heap: &Heap, start: isize, stop: isize, step: isize) -> Result<Owned, OutOfMemory> {
        if step == 1 {
            let start = start as usize;
            return self.substring(heap, start, start.max(stop as usize));
        }
        let indices = crate::slice::stepped(start, stop, step);
        if !heap.has_room_for(indices.len().saturating_mul(self.width())) {
            return Err(OutOfMemory);
        }
        match self.units() {
            Units::One(units) => {
                let picked: Vec<u8> = indices.map(|index| units[index]).collect();
                heap.new_str_from_units(Units::One(&picked))
            }
            Units::Two(units) => {
                let picked: Vec<u16> = indices.map(|index| units[index]).collect();
                heap.new_str_from_units(Units::Two(&picked))
            }
            Units::Four(units) => {
                let picked: Vec<u32> = indices.map(|index| units[index]).collect();
                heap.new_str_from_units(Units::Four(&picked))
            }
        }
    }

    /// This text and then `other`.
    pub fn concat(self, heap: &Heap, other: Str<'_>) -> Result<Owned, OutOfMemory> {
        if self.is_empty() {
            return Ok(other.as_ref().to_owned());
        }
        if other.is_empty() {
            return Ok(self.as_ref().to_owned());
        }
        match self.width().max(other.width()) {
            1 => heap.concat_pair::<u8>(self, other),
            2 => heap.concat_pair::<u16>(self, other),
            _ => heap.concat_pair::<u32>(self, other),
        }
    }

    /// The text `times` times.
    pub fn repeat(self, heap: &Heap, times: usize) -> Result<Owned, OutOfMemory> {
        match (self.len(), times) {
            (0, _) | (_, 0) => Ok(heap.empty_str()),
            (_, 1) => Ok(self.as_ref().to_owned()),
            _ => match self.units() {
                Units::One(units) => self.repeat_units(heap, units, times),
                Units::Two(units) => self.repeat_units(heap, units, times),
                Units::Four(units) => self.repeat_units(heap, units, times),
            },
        }
    }

    fn repeat_units<U: Unit>(self, heap: &Heap, units: &[U], times: usize) -> Result<Owned, OutOfMemory> {
        let length = units.len().checked_mul(times).ok_or(OutOfMemory)?;
        let block = heap.allocate_str::<U>(length, self.content())?;
        // SAFETY: the block has room for `times` copies, the first of which goes here.
        unsafe { block.data.copy_from_nonoverlapping(units.as_ptr(), units.len()) };
        let mut written = units.len();
        // What is written is doubled until the end is reached.
        while written < length {
            let more = written.min(length - written);
            // SAFETY: `written + more` is at most `length`.
            let place = unsafe { block.data.add(written) };
            // SAFETY: `more` units from the start are written, and end where the place begins at the latest.
            unsafe { place.copy_from_nonoverlapping(block.data, more) };
            written += more;
        }
        Ok(block.finish())
    }

    /// The items with this text between each two of them (`str.join`).
    pub fn join(self, heap: &Heap, items: &[Str<'_>]) -> Result<Owned, OutOfMemory> {
        match items {
            [] => Ok(heap.empty_str()),
            [item] => Ok(item.as_ref().to_owned()),
            [first, others @ ..] => heap.concat_all(*first, others, self),
        }
    }
}

impl Heap {
    /// Two texts one behind the other, neither of them empty nor wider than `U`.
    #[inline]
    fn concat_pair<U: Unit>(&self, left: Str<'_>, right: Str<'_>) -> Result<Owned, OutOfMemory> {
        let length = left.len().checked_add(right.len()).ok_or(OutOfMemory)?;
        let block = self.allocate_str::<U>(length, left.content().and(right.content()))?;
        // SAFETY: the block has room for both.
        unsafe { copy_units(left.units(), block.data) };
        // SAFETY: as above.
        let place = unsafe { block.data.add(left.len()) };
        // SAFETY: as above.
        unsafe { copy_units(right.units(), place) };
        Ok(block.finish())
    }

    /// The first part and then the others, of which there are some, with `separator` before each.
    fn concat_all(&self, first: Str<'_>, others: &[Str<'_>], separator: Str<'_>) -> Result<Owned, OutOfMemory> {
        let mut length = separator.len().checked_mul(others.len()).ok_or(OutOfMemory)?;
        let mut width = separator.width();
        let mut content = separator.content();
        for part in others.iter().chain([&first]) {
            length = length.checked_add(part.len()).ok_or(OutOfMemory)?;
            width = width.max(part.width());
            content = content.and(part.content());
        }
        match width {
            _ if length <= 1 => Ok(self.only_part(others.iter().chain([&first, &separator]))),
            1 => self.concat_units::<u8>(first, others, separator, (length, content)),
            2 => self.concat_units::<u16>(first, others, separator, (length, content)),
            _ => self.concat_units::<u32>(first, others, separator, (length, content)),
        }
    }

    /// What parts make of which at most one is not empty.
    fn only_part<'a>(&self, mut parts: impl Iterator<Item = &'a Str<'a>>) -> Owned {
        let part = parts.find(|part| !part.is_empty());
        part.map_or_else(|| self.empty_str(), |part| part.as_ref().to_owned())
    }

    fn concat_units<U: Unit>(
        &self,
        first: Str<'_>,
        others: &[Str<'_>],
        separator: Str<'_>,
        (length, content): (usize, Content),
    ) -> Result<Owned, OutOfMemory> {
        let block = self.allocate_str::<U>(length, content)?;
        let mut written = 0;
        let mut write = |piece: Str<'_>| {
            // SAFETY: the lengths add up to the length of the block.
            let place = unsafe { block.data.add(written) };
            // SAFETY: as above, and the width is the largest of all parts.
            unsafe { copy_units(piece.units(), place) };
            written += piece.len();
        };
        write(first);
        for part in others {
            write(separator);
            write(*part);
        }
        Ok(block.finish())
    }
}
