//! New strings from old ones.

use super::build::copy_units;
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
        heap.concat_all(&[self, other], None)
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
            items => heap.concat_all(items, Some(self)),
        }
    }
}

impl Heap {
    /// The parts, at least one of them, one behind the other with `separator` between each two.
    fn concat_all(&self, parts: &[Str<'_>], separator: Option<Str<'_>>) -> Result<Owned, OutOfMemory> {
        let gaps = parts.len() - 1;
        let between = separator.map_or(Some(0), |separator| separator.len().checked_mul(gaps));
        let length = parts.iter().try_fold(between.ok_or(OutOfMemory)?, |sum, part| sum.checked_add(part.len()));
        let length = length.ok_or(OutOfMemory)?;
        let width = parts.iter().chain(&separator).map(|part| part.width()).max();
        match width {
            _ if length <= 1 => Ok(self.only_part(parts.iter().chain(&separator))),
            Some(1) => self.concat_units::<u8>(parts, separator, length),
            Some(2) => self.concat_units::<u16>(parts, separator, length),
            _ => self.concat_units::<u32>(parts, separator, length),
        }
    }

    /// What parts make of which at most one is not empty.
    fn only_part<'a>(&self, mut parts: impl Iterator<Item = &'a Str<'a>>) -> Owned {
        let part = parts.find(|part| !part.is_empty());
        part.map_or_else(|| self.empty_str(), |part| part.as_ref().to_owned())
    }

    fn concat_units<U: Unit>(
        &self,
        parts: &[Str<'_>],
        separator: Option<Str<'_>>,
        length: usize,
    ) -> Result<Owned, OutOfMemory> {
        let content = parts.iter().chain(&separator).map(|part| part.content()).reduce(|a, b| a.and(b));
        let block = self.allocate_str::<U>(length, content.ok_or(OutOfMemory)?)?;
        let mut written = 0;
        for (index, part) in parts.iter().enumerate() {
            let separator = separator.filter(|_| index > 0);
            for piece in separator.iter().chain([part]) {
                // SAFETY: the lengths add up to the length of the block.
                let place = unsafe { block.data.add(written) };
                // SAFETY: as above, and the width is the largest of all parts.
                unsafe { copy_units(piece.units(), place) };
                written += piece.len();
            }
        }
        Ok(block.finish())
    }
}
