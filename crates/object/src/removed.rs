//! What was taken out of a container, until it is dropped.
//!
//! A container changes first and lets go afterwards: what is let go may die, and a dying object may have to do with the
//! container again.

use crate::dict::DictTable;
use crate::heap::{Heap, OutOfMemory};
use crate::reference::Owned;
use crate::set::SetTable;

/// Values that a container let go of. They die with it, in CPython's order: those of a list from the last to the first,
/// those of a dict or set from the first to the last.
#[must_use = "what it holds dies here"]
pub struct Removed {
    content: Content,
}

enum Content {
    Items(Vec<Owned>),
    Dict(DictTable),
    Set(SetTable),
}

impl Removed {
    /// Takes over the charge of the vector.
    pub(crate) fn items(items: Vec<Owned>) -> Self {
        Self { content: Content::Items(items) }
    }

    /// Takes over the charge of the table.
    pub(crate) fn dict(table: DictTable) -> Self {
        Self { content: Content::Dict(table) }
    }

    /// Takes over the charge of the table.
    pub(crate) fn set(table: SetTable) -> Self {
        Self { content: Content::Set(table) }
    }

    /// Gives the items of a list away, and the charge of the vector with them.
    pub(crate) fn into_items(mut self) -> Vec<Owned> {
        match &mut self.content {
            Content::Items(items) => std::mem::take(items),
            // Only lists put back what they gave.
            Content::Dict(_) | Content::Set(_) => Vec::new(),
        }
    }

    /// Number of items of a list, keys of a dict or set.
    pub fn len(&self) -> usize {
        match &self.content {
            Content::Items(items) => items.len(),
            Content::Dict(table) => table.len(),
            Content::Set(table) => table.len(),
        }
    }

    /// Whether nothing was removed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The items of a list, to be sorted; empty for others.
    pub fn items_mut(&mut self) -> &mut [Owned] {
        match &mut self.content {
            Content::Items(items) => items,
            Content::Dict(_) | Content::Set(_) => &mut [],
        }
    }
}

impl Drop for Removed {
    fn drop(&mut self) {
        let heap = crate::heap::current();
        match &mut self.content {
            Content::Items(items) => {
                heap.refund_vector(items);
                while let Some(item) = items.pop() {
                    drop(item);
                }
            }
            // Their tables drop from the first to the last.
            Content::Dict(table) => heap.refund(table.charged_bytes()),
            Content::Set(table) => heap.refund(table.charged_bytes()),
        }
    }
}

impl Heap {
    /// Charges for a vector that becomes a container's.
    pub(crate) fn adopt(&self, items: Vec<Owned>) -> Result<Vec<Owned>, OutOfMemory> {
        self.charge(items.capacity() * size_of::<Owned>())?;
        Ok(items)
    }
}
