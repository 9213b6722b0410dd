//! Many strings made one: `str.join`, f-strings.

use super::Str;
use super::build::{Content, copy_units};
use super::unit::Unit;
use crate::heap::{Heap, OutOfMemory};
use crate::list::List;
use crate::reference::{Owned, Ref};

/// The item at this index is no text, so it cannot be joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotText(pub usize);

impl Str<'_> {
    /// The items with this text between each two of them (`str.join`).
    pub fn join(self, heap: &Heap, items: &[Str<'_>]) -> Result<Owned, OutOfMemory> {
        let mut measure = Measure::default();
        items.iter().try_for_each(|&part| measure.add(part))?;
        heap.join_measured(items.iter().copied(), self, measure)
    }

    /// As [`join`](Self::join), the items of a list.
    pub fn join_list(self, heap: &Heap, items: List<'_>) -> Result<Result<Owned, NotText>, OutOfMemory> {
        // SAFETY: joining drops no item, and changes no list.
        let items = unsafe { items.as_slice() };
        self.join_refs(heap, items.iter().map(Owned::get))
    }

    /// As [`join`](Self::join), of items that may be no text.
    pub fn join_refs<'r>(
        self,
        heap: &Heap,
        items: impl Iterator<Item = Ref<'r>> + Clone,
    ) -> Result<Result<Owned, NotText>, OutOfMemory> {
        let mut measure = Measure::default();
        for item in items.clone() {
            match item.as_str() {
                Some(part) => measure.add(part)?,
                None => return Ok(Err(NotText(measure.count))),
            }
        }
        heap.join_measured(items.filter_map(Ref::as_str), self, measure).map(Ok)
    }
}

/// What is to be known of parts before they are put together.
struct Measure {
    count: usize,
    length: usize,
    width: usize,
    content: Content,
}

impl Default for Measure {
    fn default() -> Self {
        Self { count: 0, length: 0, width: 1, content: Content::ASCII }
    }
}

impl Measure {
    #[inline]
    fn add(&mut self, part: Str<'_>) -> Result<(), OutOfMemory> {
        self.count += 1;
        self.length = self.length.checked_add(part.len()).ok_or(OutOfMemory)?;
        self.width = self.width.max(part.width());
        self.content = self.content.and(part.content());
        Ok(())
    }
}

impl Heap {
    /// Parts, which were measured, with a separator between each two of them.
    fn join_measured<'s>(
        &self,
        parts: impl Iterator<Item = Str<'s>>,
        separator: Str<'_>,
        mut measure: Measure,
    ) -> Result<Owned, OutOfMemory> {
        let mut parts = parts;
        if measure.count == 1
            && let Some(part) = parts.next()
        {
            return Ok(part.as_ref().to_owned());
        }
        let separators = measure.count.saturating_sub(1).checked_mul(separator.len()).ok_or(OutOfMemory)?;
        if separators > 0 {
            measure.length = measure.length.checked_add(separators).ok_or(OutOfMemory)?;
            measure.width = measure.width.max(separator.width());
            measure.content = measure.content.and(separator.content());
        }
        if measure.length <= 1 {
            // One part at most is not empty; or else the only separator is the text.
            let part = parts.find(|part| !part.is_empty());
            let part = part.map(|part| part.as_ref().to_owned());
            let rest = || if separators > 0 { separator.as_ref().to_owned() } else { self.empty_str() };
            return Ok(part.unwrap_or_else(rest));
        }
        match measure.width {
            1 if measure.content.is_ascii => {
                let mut block = self.allocate_ascii(measure.length)?;
                let mut is_first = true;
                for part in parts {
                    if !is_first && separators > 0 {
                        block.push(separator.ascii());
                    }
                    is_first = false;
                    block.push(part.ascii());
                }
                Ok(block.finish(self))
            }
            1 => self.write_parts::<u8>(parts, separator, (measure.length, measure.content)),
            2 => self.write_parts::<u16>(parts, separator, (measure.length, measure.content)),
            _ => self.write_parts::<u32>(parts, separator, (measure.length, measure.content)),
        }
    }

    fn write_parts<'s, U: Unit>(
        &self,
        parts: impl Iterator<Item = Str<'s>>,
        separator: Str<'_>,
        (length, content): (usize, Content),
    ) -> Result<Owned, OutOfMemory> {
        let block = self.allocate_str::<U>(length, content)?;
        let mut written = 0;
        let mut write = |piece: Str<'_>| {
            assert!(piece.len() <= length - written, "parts are as long as they were");
            // SAFETY: there is room for the piece, as just checked.
            let place = unsafe { block.data.add(written) };
            // SAFETY: as above, and the width is the largest of all parts.
            unsafe { copy_units(piece.units(), place) };
            written += piece.len();
        };
        for (index, part) in parts.enumerate() {
            if index > 0 {
                write(separator);
            }
            write(part);
        }
        assert_eq!(written, length, "parts are as long as they were");
        Ok(block.finish())
    }
}
