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
            Units::One(units) if self.is_ascii() => match units[start..end] {
                [] => Ok(heap.empty_str()),
                [character] => heap.new_character(character.into()),
                ref units => heap.new_str_of_units(units, self.content()),
            },
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

    /// The text with `new` for each `old`, which is not empty, but for no more than `limit` of them. `None`: one of the
    /// three is not ASCII.
    pub fn replace_ascii(
        self,
        heap: &Heap,
        old: Str<'_>,
        new: Str<'_>,
        limit: usize,
    ) -> Result<Option<Owned>, OutOfMemory> {
        let (Units::One(text), Units::One(by)) = (self.units(), new.units()) else { return Ok(None) };
        if !(self.is_ascii() && new.is_ascii()) {
            return Ok(None);
        }
        // The first search says how long the result will be, and remembers some of the places for the second one.
        const REMEMBERED: usize = 16;
        let (mut places, mut count) = ([0; REMEMBERED], 0);
        for place in self.places(old).take(limit) {
            if let Some(remembered) = places.get_mut(count) {
                *remembered = place;
            }
            count += 1;
        }
        if count == 0 {
            return Ok(Some(self.as_ref().to_owned()));
        }
        let kept = text.len() - count * old.len();
        let length = count.checked_mul(by.len()).and_then(|added| added.checked_add(kept)).ok_or(OutOfMemory)?;
        let mut block = heap.allocate_ascii(length)?;
        let mut start = 0;
        let mut push = |place: usize| {
            block.push(&text[start..place]);
            block.push(by);
            start = place + old.len();
        };
        match places.get(..count) {
            Some(places) => places.iter().copied().for_each(&mut push),
            None => self.places(old).take(count).for_each(&mut push),
        }
        block.push(&text[start..]);
        Ok(Some(block.finish(heap)))
    }

    /// The text with each character exchanged for another one, if all are ASCII; `map` gives ASCII for ASCII.
    pub fn map_ascii(self, heap: &Heap, map: impl Fn(u8) -> u8) -> Result<Option<Owned>, OutOfMemory> {
        let Some(text) = self.as_utf8() else { return Ok(None) };
        let mut block = heap.allocate_ascii(text.len())?;
        block.extend(text.bytes().map(|byte| map(byte) & 0x7f));
        Ok(Some(block.finish(heap)))
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
}
