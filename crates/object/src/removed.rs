//! What was taken out of a container, until it is dropped.
//!
//! A container changes first and lets go afterwards: what is let go may die, and a dying object may have to do with the
//! container again.

use std::mem::ManuallyDrop;

use crate::dict::DictTable;
use crate::heap::Heap;
use crate::reference::Owned;
use crate::set::SetTable;
use crate::value::Value;

/// Values that a container let go of. They die with it, in CPython's order: those of a list from the last to the first,
/// those of a dict or set from the first to the last.
#[must_use = "what it holds dies here"]
pub struct Removed {
    content: Content,
}

enum Content {
    /// Charged to the heap by capacity; each value is a count.
    Values(Vec<Value>),
    Dict(DictTable),
    Set(SetTable),
}

impl Removed {
    /// Takes over the counts and the charge.
    pub(crate) fn values(values: Vec<Value>) -> Self {
        Self { content: Content::Values(values) }
    }

    /// Takes over the counts and the charge.
    pub(crate) fn dict(table: DictTable) -> Self {
        Self { content: Content::Dict(table) }
    }

    /// Takes over the counts and the charge.
    pub(crate) fn set(table: SetTable) -> Self {
        Self { content: Content::Set(table) }
    }

    /// Takes the counts and the charge of the items of a list.
    pub(crate) fn into_values(self) -> Vec<Value> {
        match &mut ManuallyDrop::new(self).content {
            Content::Values(values) => std::mem::take(values),
            // Only lists put back what they gave.
            Content::Dict(_) | Content::Set(_) => Vec::new(),
        }
    }

    /// Number of items of a list, keys of a dict or set.
    pub fn len(&self) -> usize {
        match &self.content {
            Content::Values(values) => values.len(),
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
            Content::Values(values) => {
                let items: *mut [Value] = values.as_mut_slice();
                // SAFETY: `Owned` is a transparent value, and each value here is a count that this owner holds.
                unsafe { &mut *(items as *mut [Owned]) }
            }
            Content::Dict(_) | Content::Set(_) => &mut [],
        }
    }
}

impl Drop for Removed {
    fn drop(&mut self) {
        let heap = crate::heap::current();
        match &mut self.content {
            Content::Values(values) => {
                while let Some(value) = values.pop() {
                    drop_value(value);
                }
                heap.refund_vector(values);
            }
            Content::Dict(table) => {
                table.visit(drop_value);
                heap.refund(table.charged_bytes());
            }
            Content::Set(table) => {
                table.visit(drop_value);
                heap.refund(table.charged_bytes());
            }
        }
    }
}

/// Drops the count that a container held.
fn drop_value(value: Value) {
    // SAFETY: `Removed` owns a count of each value, and each is dropped once.
    drop(unsafe { Owned::from_value(value) });
}

impl Heap {
    /// A vector of owners as the values of a container, charged.
    pub(crate) fn adopt(&self, items: Vec<Owned>) -> Result<Vec<Value>, crate::OutOfMemory> {
        self.charge(items.capacity() * size_of::<Value>())?;
        // In place: neither size nor alignment changes.
        let values: Vec<Value> = items.into_iter().map(Owned::into_value).collect();
        Ok(values)
    }
}
