//! Dicts and sets whose keys may define `__hash__` and `__eq__`.
//!
//! A lookup that comes to a key which only script code can compare stops there, the code runs, and the lookup goes on: from
//! the start if the table changed meanwhile.

use toy_object::{Candidate, Dict, Lookup, Owned, Ref, Set};

use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

/// The dict of a value that callers say is one.
fn dict_of(value: Ref<'_>) -> Dict<'_> {
    value.as_dict().expect("callers pass a dict")
}

/// The set of a value that callers say is one.
fn set_of(value: Ref<'_>) -> Set<'_> {
    value.as_set().expect("callers pass a set")
}

/// What is looked up by keys.
trait Keyed: Copy {
    fn find(self, key: Ref<'_>, hash: i64) -> Lookup;
    fn candidate_key(self, candidate: &Candidate) -> Owned;
    fn answer(self, key: Ref<'_>, hash: i64, candidate: &Candidate, is_equal: bool) -> Lookup;
}

macro_rules! keyed {
    ($($class:ident)*) => {
        $(impl Keyed for $class<'_> {
            #[inline(always)]
            fn find(self, key: Ref<'_>, hash: i64) -> Lookup {
                $class::find(self, key, hash)
            }

            fn candidate_key(self, candidate: &Candidate) -> Owned {
                $class::candidate_key(self, candidate)
            }

            fn answer(self, key: Ref<'_>, hash: i64, candidate: &Candidate, is_equal: bool) -> Lookup {
                $class::answer(self, key, hash, candidate, is_equal)
            }
        })*
    };
}

keyed!(Dict Set);

impl Vm {
    /// The position of a key in a dict.
    #[inline]
    pub fn dict_find(&mut self, dict: Dict<'_>, key: Ref<'_>, hash: i64) -> Outcome<Option<usize>> {
        self.find_key(dict, key, hash)
    }

    /// The position of an element in a set.
    #[inline]
    pub(crate) fn set_find(&mut self, set: Set<'_>, key: Ref<'_>, hash: i64) -> Outcome<Option<usize>> {
        self.find_key(set, key, hash)
    }

    #[inline(always)]
    fn find_key(&mut self, table: impl Keyed, key: Ref<'_>, hash: i64) -> Outcome<Option<usize>> {
        match table.find(key, hash) {
            Lookup::Found(position) => Ok(Some(position)),
            Lookup::Absent => Ok(None),
            lookup => self.continue_to_find(table, key, hash, lookup),
        }
    }

    #[cold]
    fn continue_to_find(
        &mut self,
        table: impl Keyed,
        key: Ref<'_>,
        hash: i64,
        lookup: Lookup,
    ) -> Outcome<Option<usize>> {
        let mut lookup = lookup;
        loop {
            match lookup {
                Lookup::Found(position) => return Ok(Some(position)),
                Lookup::Absent => return Ok(None),
                Lookup::Compare(candidate) => {
                    let other = table.candidate_key(&candidate);
                    let is_equal = self.equal(other.get(), key)?;
                    lookup = table.answer(key, hash, &candidate, is_equal);
                }
            }
        }
    }

    /// The value of a key in a dict (or in the one inside an instance of a subclass).
    #[inline]
    pub fn dict_get(&mut self, dict: Ref<'_>, key: Ref<'_>) -> Outcome<Option<Owned>> {
        let hash = self.hash(key)?;
        self.dict_get_hashed(dict, key, hash)
    }

    /// [`dict_get`](Self::dict_get) with the key's hash at hand.
    #[inline]
    pub fn dict_get_hashed(&mut self, dict: Ref<'_>, key: Ref<'_>, hash: i64) -> Outcome<Option<Owned>> {
        let dict = dict_of(dict);
        let position = self.dict_find(dict, key, hash)?;
        Ok(position.and_then(|position| dict.value_at(position)))
    }

    /// Sets a key in a dict.
    #[inline]
    pub fn dict_set(&mut self, dict: Ref<'_>, key: Ref<'_>, value: Ref<'_>) -> Outcome<()> {
        let hash = self.hash(key)?;
        self.dict_set_hashed(dict, key, hash, value)
    }

    /// [`dict_set`](Self::dict_set) with the key's hash at hand.
    pub fn dict_set_hashed(&mut self, dict: Ref<'_>, key: Ref<'_>, hash: i64, value: Ref<'_>) -> Outcome<()> {
        let dict = dict_of(dict);
        match self.dict_find(dict, key, hash)? {
            Some(position) => drop(dict.set_value_at(position, value.to_owned())),
            None => {
                dict.insert(self.heap(), key.to_owned(), hash, value.to_owned())?;
            }
        }
        Ok(())
    }

    /// The value of a key, which becomes `default` if the key is missing.
    pub fn dict_set_default(&mut self, dict: Ref<'_>, key: Ref<'_>, default: Ref<'_>) -> Outcome {
        let hash = self.hash(key)?;
        let dict = dict_of(dict);
        if let Some(position) = self.dict_find(dict, key, hash)?
            && let Some(value) = dict.value_at(position)
        {
            return Ok(value);
        }
        dict.insert(self.heap(), key.to_owned(), hash, default.to_owned())?;
        Ok(default.to_owned())
    }

    /// Takes a key out of a dict; gives its value.
    pub fn dict_remove(&mut self, dict: Ref<'_>, key: Ref<'_>) -> Outcome<Option<Owned>> {
        let hash = self.hash(key)?;
        self.dict_remove_hashed(dict, key, hash)
    }

    /// [`dict_remove`](Self::dict_remove) with the key's hash at hand.
    pub fn dict_remove_hashed(&mut self, dict: Ref<'_>, key: Ref<'_>, hash: i64) -> Outcome<Option<Owned>> {
        let dict = dict_of(dict);
        let Some(position) = self.dict_find(dict, key, hash)? else { return Ok(None) };
        // The key may die here, after the dict has changed.
        Ok(dict.remove_at(position).map(|(_key, value)| value))
    }

    /// Moves a key of a dict behind all others, or in front of them; `false` if it is missing.
    pub fn dict_move(&mut self, dict: Ref<'_>, key: Ref<'_>, to_end: bool) -> Outcome<bool> {
        let hash = self.hash(key)?;
        let dict = dict_of(dict);
        let Some(position) = self.dict_find(dict, key, hash)? else { return Ok(false) };
        dict.move_entry(self.heap(), position, to_end)?;
        Ok(true)
    }

    /// Adds an element to a set; `false` if it was there.
    pub fn set_add(&mut self, set: Ref<'_>, key: Ref<'_>) -> Outcome<bool> {
        let hash = self.hash(key)?;
        self.set_add_hashed(set_of(set), key, hash)
    }

    /// [`set_add`](Self::set_add) with the element's hash at hand.
    pub fn set_add_hashed(&mut self, set: Set<'_>, key: Ref<'_>, hash: i64) -> Outcome<bool> {
        if self.set_find(set, key, hash)?.is_some() {
            return Ok(false);
        }
        set.insert(self.heap(), key.to_owned(), hash)?;
        Ok(true)
    }

    /// Takes an element out of a set; `false` if it was not there. A set as key stands for the frozenset of its elements.
    pub fn set_remove(&mut self, set: Ref<'_>, key: Ref<'_>) -> Outcome<bool> {
        let (hash, frozen) = self.hash_in_set(key)?;
        let key = frozen.as_ref().map_or(key, Owned::get);
        let set = set_of(set);
        match self.set_find(set, key, hash)? {
            Some(position) => Ok(set.remove_at(position).is_some()),
            None => Ok(false),
        }
    }

    /// Whether a set has an element. A set as key stands for the frozenset of its elements.
    pub fn set_contains(&mut self, set: Ref<'_>, key: Ref<'_>) -> Outcome<bool> {
        let (hash, frozen) = self.hash_in_set(key)?;
        let key = frozen.as_ref().map_or(key, Owned::get);
        Ok(self.set_find(set_of(set), key, hash)?.is_some())
    }

    /// The hash of what is looked for in a set, and the frozenset that a mutable set stands for.
    fn hash_in_set(&mut self, key: Ref<'_>) -> Outcome<(i64, Option<Owned>)> {
        let is_mutable_set = key.as_set().is_some_and(|set| !set.is_frozen());
        if !is_mutable_set {
            return Ok((self.hash(key)?, None));
        }
        match self.hash(key) {
            Ok(hash) => Ok((hash, None)),
            Err(raised) => {
                if !self.raised_is(ClassName::TypeError) {
                    return Err(raised);
                }
                drop(self.take_raised());
                let frozen = self.new_frozen_set()?;
                self.set_merge(frozen.get(), key)?;
                Ok((self.hash(frozen.get())?, Some(frozen)))
            }
        }
    }

    /// Whether two dicts have equal values under equal keys.
    pub(crate) fn dicts_equal(&mut self, left: Ref<'_>, right: Ref<'_>) -> Outcome<bool> {
        let (left, right) = (dict_of(left), dict_of(right));
        if left.len() != right.len() {
            return Ok(false);
        }
        let mut position = 0;
        while let Some(entry) = left.next_entry(position) {
            position = entry.position + 1;
            let Some(other) = self.dict_find(right, entry.key.get(), entry.hash)? else { return Ok(false) };
            let Some(other) = right.value_at(other) else { return Ok(false) };
            if !self.equal(entry.value.get(), other.get())? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
