//! Filling dicts from other mappings, and from pairs.

use toy_object::{Dict, Name, Ref, ShapeId};

use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

/// The dict of a value that callers say is one.
fn dict_of(value: Ref<'_>) -> Dict<'_> {
    value.as_dict().expect("callers pass a dict")
}

/// What becomes of a key that a dict has already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeated {
    /// It gets the new value.
    Replaced,
    /// `KeyError`, before its new value is looked up.
    Refused,
}

impl Vm {
    /// Adds everything that a mapping, or an iterable of pairs, has to a dict.
    pub fn dict_update(&mut self, dict: Ref<'_>, other: Ref<'_>) -> Outcome<()> {
        if self.is_plain_dict(other) {
            return self.dict_merge(dict, other);
        }
        let name = self.name(Name::Keys).to_owned();
        match self.find_attribute(other, name.get())? {
            // It is asked for once more, as CPython does.
            Some(_) => self.dict_update_by_keys(dict, other, Repeated::Replaced),
            None => self.dict_update_from_pairs(dict, other),
        }
    }

    /// A plain dict of what a dict, or an instance of a subclass, says that it has.
    pub fn dict_copy(&mut self, source: Ref<'_>) -> Outcome {
        let dict = dict_of(source);
        if self.is_plain_dict(source) || dict.is_empty() {
            return Ok(dict.copy(self.heap())?);
        }
        let copy = self.new_dict()?;
        self.dict_update_by_keys(copy.get(), source, Repeated::Replaced)?;
        Ok(copy)
    }

    /// `left | right` of two dicts, or instances of subclasses.
    pub(crate) fn dict_union(&mut self, left: Ref<'_>, right: Ref<'_>) -> Outcome {
        let union = self.dict_copy(left)?;
        self.dict_update(union.get(), right)?;
        Ok(union)
    }

    /// Adds to a dict what a mapping has for each of the keys that its method `keys` gives. All are known before the first is looked up.
    pub(crate) fn dict_update_by_keys(&mut self, dict: Ref<'_>, other: Ref<'_>, repeated: Repeated) -> Outcome<()> {
        let name = self.name(Name::Keys).to_owned();
        let keys = self.get_attribute(other, name.get())?;
        let keys = self.call(keys.get(), &[])?;
        if !self.is_iterable(keys.get()) {
            let (mapping, got) = (self.type_name(other), self.type_name(keys.get()));
            let message = format!("{mapping}.keys() returned a non-iterable (type {got})");
            return Err(self.raise(ClassName::TypeError, message));
        }
        for key in self.collect(keys.get())? {
            if repeated == Repeated::Refused && self.dict_get(dict, key.get())?.is_some() {
                return Err(self.raise_key_error(key.get()));
            }
            let value = self.get_item(other, key.get())?;
            self.dict_set(dict, key.get(), value.get())?;
        }
        Ok(())
    }

    /// Whether the entries of a value are those of the dict that it is, or that it stands for.
    pub(crate) fn is_plain_dict(&self, value: Ref<'_>) -> bool {
        value.shape() == ShapeId::DICT || self.is_plain_dict_subclass(value)
    }

    /// Whether iterating over an instance of a subclass of dict goes over the dict inside; CPython asks for no more.
    pub(crate) fn is_plain_dict_subclass(&self, value: Ref<'_>) -> bool {
        value.as_dict().is_some()
            && self
                .lookup_special(value, Name::Iter)
                .is_none_or(|method| crate::run::native_row(method.get()).is_some())
    }

    /// Adds the entries of another dict.
    pub(crate) fn dict_merge(&mut self, dict: Ref<'_>, other: Ref<'_>) -> Outcome<()> {
        let (target, source) = (dict_of(dict), dict_of(other));
        if target.as_ref().is(source.as_ref()) {
            return Ok(());
        }
        let (heap, length) = (self.heap(), source.len());
        if target.fill_from(heap, source)? {
            return Ok(());
        }
        let mut position = 0;
        loop {
            let mut dropped = Vec::new();
            let stopped = target.update_from(heap, source, position, |old| dropped.push(old))?;
            drop(dropped);
            let Some(entry) = stopped.and_then(|at| source.next_entry(at)) else { return Ok(()) };
            position = entry.position + 1;
            self.dict_set_hashed(dict, entry.key.get(), entry.hash, entry.value.get())?;
            if source.len() != length {
                return Err(self.raise(ClassName::RuntimeError, "dict mutated during update"));
            }
        }
    }

    fn dict_update_from_pairs(&mut self, dict: Ref<'_>, pairs: Ref<'_>) -> Outcome<()> {
        let iterator = self.get_iterator(pairs)?;
        let mut index = 0;
        while let Some(pair) = self.next(iterator.get())? {
            let items = match self.collect(pair.get()) {
                Ok(items) => items,
                Err(raised) => {
                    if !self.raised_is(ClassName::TypeError) {
                        return Err(raised);
                    }
                    drop(self.take_raised());
                    let message = format!("cannot convert dictionary update sequence element #{index} to a sequence");
                    return Err(self.raise(ClassName::TypeError, message));
                }
            };
            let [key, value] = items.as_slice() else {
                let message =
                    format!("dictionary update sequence element #{index} has length {}; 2 is required", items.len());
                return Err(self.raise(ClassName::ValueError, message));
            };
            self.dict_set(dict, key.get(), value.get())?;
            index += 1;
        }
        Ok(())
    }
}
