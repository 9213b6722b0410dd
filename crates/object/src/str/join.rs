//! Many strings made one: `str.join`, f-strings.

use super::build::copy_units;
use super::unit::Unit;
use super::{Str, Units};
use crate::heap::{Heap, OutOfMemory};
use crate::list::List;
use crate::reference::{Owned, Ref};

/// The item at this index is no text, so it cannot be joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotText(pub usize);

impl Str<'_> {
    /// The items with this text between each two of them (`str.join`).
    pub fn join(self, heap: &Heap, items: &[Str<'_>]) -> Result<Owned, OutOfMemory> {
        heap.join_parts(items.iter().copied(), self)
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
        if let Some(place) = items.clone().position(|item| item.as_str().is_none()) {
            return Ok(Err(NotText(place)));
        }
        heap.join_parts(items.filter_map(Ref::as_str), self).map(Ok)
    }
}

impl Heap {
    /// Parts with a separator between each two of them.
    fn join_parts<'s>(
        &self,
        parts: impl Iterator<Item = Str<'s>> + Clone,
        separator: Str<'_>,
    ) -> Result<Owned, OutOfMemory> {
        let mut rest = parts.clone();
        let Some(first) = rest.next() else { return Ok(self.empty_str()) };
        let (mut length, mut width, mut content, mut count) = (first.len(), first.width(), first.content(), 0_usize);
        for part in rest {
            count += 1;
            length = length.checked_add(part.len()).ok_or(OutOfMemory)?;
            width = width.max(part.width());
            content = content.and(part.content());
        }
        if count == 0 {
            return Ok(first.as_ref().to_owned());
        }
        if !separator.is_empty() {
            let separators = separator.len().checked_mul(count).ok_or(OutOfMemory)?;
            length = length.checked_add(separators).ok_or(OutOfMemory)?;
            width = width.max(separator.width());
            content = content.and(separator.content());
        }
        if length <= 1 {
            // No part, or one, is not empty; else the separator is the text, or empty too.
            let mut parts = parts.filter(|part| !part.is_empty());
            return Ok(parts.next().map_or(separator.as_ref(), Str::as_ref).to_owned());
        }
        if width == 1 && content.is_ascii {
            let mut block = self.allocate_ascii(length)?;
            let mut push = |part: Str<'_>| {
                if let Units::One(units) = part.units() {
                    block.push(units);
                }
            };
            push(first);
            for part in parts.skip(1) {
                if !separator.is_empty() {
                    push(separator);
                }
                push(part);
            }
            return Ok(block.finish(self));
        }
        let measures = (length, content);
        match width {
            1 => self.write_parts::<u8>(parts, separator, measures),
            2 => self.write_parts::<u16>(parts, separator, measures),
            _ => self.write_parts::<u32>(parts, separator, measures),
        }
    }

    fn write_parts<'s, U: Unit>(
        &self,
        parts: impl Iterator<Item = Str<'s>>,
        separator: Str<'_>,
        (length, content): (usize, super::build::Content),
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
