//! Dicts as namespaces: keys that are strings, and keys that can be compared without script code.

use super::{Dict, Lookup, Match};
use crate::hash::native_hash;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::StrObject;
use crate::reference::{Owned, Ref};

/// Compares a string with a key of the same hash. What is no plain string is different: a namespace asks nobody.
#[inline(always)]
fn compare(name: Ref<'_>, string: &StrObject, key: Ref<'_>) -> Match {
    let is_equal = || key.layout::<StrObject>().is_some_and(|key| crate::str::equal(key, string));
    (key.is(name) || is_equal()).into()
}

impl Dict<'_> {
    /// The position of a name. A key that only script code could find equal to the name is not found.
    #[inline]
    pub fn index_of_str(self, name: Ref<'_>) -> Option<usize> {
        let string = name.layout::<StrObject>()?;
        let hash = crate::str::hash(string) as i64;
        // SAFETY: comparing strings changes nothing.
        match unsafe { self.table() }.find(hash, |key| compare(name, string, key)) {
            Lookup::Found(position) => Some(position),
            Lookup::Absent | Lookup::Compare(_) => None,
        }
    }

    /// The value of a name.
    #[inline]
    pub fn get_str(self, name: Ref<'_>) -> Option<Owned> {
        self.value_at(self.index_of_str(name)?)
    }

    /// Sets the value of a name, which is a plain string; gives the old value back to be dropped.
    pub fn set_str(self, heap: &Heap, name: Ref<'_>, value: Owned) -> Result<Option<Owned>, OutOfMemory> {
        if let Some(position) = self.index_of_str(name) {
            return Ok(self.set_value_at(position, value));
        }
        let hash = name.as_exact_str().expect("a name is a string").hash();
        self.insert(heap, name.to_owned(), hash, value)?;
        Ok(None)
    }

    /// Takes a name out and gives its value back. (The key lives on: the caller has a reference to it.)
    pub fn remove_str(self, name: Ref<'_>) -> Option<Owned> {
        let (_, value) = self.remove_at(self.index_of_str(name)?)?;
        Some(value)
    }

    /// The value of any key, if no script code is needed to find it; `Err`: it is.
    pub fn get_native(self, key: Ref<'_>) -> Result<Option<Owned>, NeedsScript> {
        let hash = native_hash(key).ok_or(NeedsScript)?;
        match self.find(key, hash) {
            Lookup::Found(position) => Ok(self.value_at(position)),
            Lookup::Absent => Ok(None),
            Lookup::Compare(_) => Err(NeedsScript),
        }
    }
}

/// Hashing or comparing a key is up to script code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NeedsScript;
