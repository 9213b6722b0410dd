//! What stands inside of lists and dicts that are written.

use toy_object::{Owned, Ref, ShapeId};
use toy_vm::{Outcome, Vm};

use super::encode::{Style, push_float};
use crate::argument::{type_error, value_error};
use crate::module::call_method;

/// The items of a list or a tuple, as one of the two; `None`: there are none. Those of a subclass are asked for where the text has lines:
/// so CPython, which writes those in Python.
pub(super) fn items_of(vm: &mut Vm, object: Ref<'_>, style: &Style<'_>) -> Outcome<Option<Owned>> {
    let is_plain = matches!(object.shape(), ShapeId::LIST | ShapeId::TUPLE);
    if is_plain || style.indent.is_none() {
        let length = match object.as_list() {
            Some(list) => list.len(),
            None => object.as_tuple().map_or(0, |tuple| tuple.len()),
        };
        return Ok((length > 0).then(|| object.to_owned()));
    }
    if !vm.truth(object)? {
        return Ok(None);
    }
    let items = vm.collect(object)?;
    Ok(Some(vm.new_list(items)?))
}

/// An item of what [`items_of`] gave, if there still is one.
#[inline]
pub(super) fn item(items: &Owned, index: usize) -> Option<Owned> {
    match items.get().as_list() {
        Some(list) => list.get(index),
        None => items.get().as_tuple()?.get(index).map(Ref::to_owned),
    }
}

/// Whether a dict is written as empty.
pub(super) fn is_empty(vm: &mut Vm, object: Ref<'_>, style: &Style<'_>) -> Outcome<bool> {
    if object.shape() == ShapeId::DICT || style.indent.is_none() {
        return Ok(object.as_dict().is_none_or(|dict| dict.is_empty()));
    }
    Ok(!vm.truth(object)?)
}

/// The entries of a dict as they were when it was begun.
pub(super) struct Entries(std::vec::IntoIter<(Owned, Owned)>);

impl Entries {
    pub(super) fn of(vm: &mut Vm, object: Ref<'_>, style: &Style<'_>) -> Outcome<Self> {
        let mut entries = if object.shape() == ShapeId::DICT {
            let dict = object.as_dict().expect("its shape says so");
            if !vm.has_room_for(dict.len().saturating_mul(size_of::<(Owned, Owned)>())) {
                return Err(toy_object::OutOfMemory.into());
            }
            dict.entries()
        } else {
            asked(vm, object, style)?
        };
        if style.sorts_keys {
            entries = sorted(vm, entries)?;
        }
        Ok(Self(entries.into_iter()))
    }

    #[inline]
    pub(super) fn next(&mut self) -> Option<(Owned, Owned)> {
        self.0.next()
    }
}

/// The items that an instance of a subclass says that it has.
fn asked(vm: &mut Vm, object: Ref<'_>, style: &Style<'_>) -> Outcome<Vec<(Owned, Owned)>> {
    let items = call_method(vm, object, "items", &[])?;
    let items = vm.collect(items.get())?;
    items.into_iter().map(|item| pair(vm, &item, style)).collect()
}

fn pair(vm: &mut Vm, item: &Owned, style: &Style<'_>) -> Outcome<(Owned, Owned)> {
    if let Some(tuple) = item.get().as_tuple().filter(|tuple| tuple.len() == 2)
        && let (Some(key), Some(value)) = (tuple.get(0), tuple.get(1))
    {
        return Ok((key.to_owned(), value.to_owned()));
    }
    if style.indent.is_none() {
        return Err(value_error(vm, "items must return 2-tuples"));
    }
    let mut parts = vm.unpack(item.get(), 2)?.into_iter();
    match (parts.next(), parts.next()) {
        (Some(key), Some(value)) => Ok((key, value)),
        _ => Err(value_error(vm, "items must return 2-tuples")),
    }
}

/// Entries in the order of their keys, and of their values where keys are equal.
fn sorted(vm: &mut Vm, mut entries: Vec<(Owned, Owned)>) -> Outcome<Vec<(Owned, Owned)>> {
    let is_plain = entries.iter().all(|(key, _)| key.get().as_exact_str().is_some());
    if is_plain {
        entries.sort_by(|(left, _), (right, _)| {
            let (left, right) = (left.get().as_str(), right.get().as_str());
            left.zip(right).map_or(std::cmp::Ordering::Equal, |(left, right)| left.compare(right))
        });
        return Ok(entries);
    }
    let mut pairs = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        pairs.push(vm.new_tuple([key, value])?);
    }
    let (pairs, outcome) = vm.sort(pairs, None, false);
    outcome?;
    let parts = |pair: &Owned| {
        let tuple = pair.get().as_tuple()?;
        Some((tuple.get(0)?.to_owned(), tuple.get(1)?.to_owned()))
    };
    Ok(pairs.iter().filter_map(parts).collect())
}

/// A key as text; `None` if it cannot be one and is to be skipped.
#[inline]
pub(super) fn key_text(vm: &mut Vm, key: Owned, style: &Style<'_>) -> Outcome<Option<Owned>> {
    if key.get().as_str().is_some() { Ok(Some(key)) } else { other_key_text(vm, key.get(), style) }
}

fn other_key_text(vm: &mut Vm, key: Ref<'_>, style: &Style<'_>) -> Outcome<Option<Owned>> {
    let text = match key.value() {
        value if value.as_bool() == Some(true) => "true",
        value if value.as_bool() == Some(false) => "false",
        _ if key.is_none() => "null",
        _ => {
            if let Some(number) = key.as_float() {
                let mut text = String::new();
                push_float(vm, &mut text, number, key, style)?;
                return Ok(Some(vm.new_str(&text)?));
            }
            if key.as_int().is_some() {
                return vm.builtin_repr(key).map(Some);
            }
            if style.skips_keys {
                return Ok(None);
            }
            let got = vm.type_name(key);
            return Err(type_error(vm, format!("keys must be str, int, float, bool or None, not {got}")));
        }
    };
    Ok(Some(vm.new_str(text)?))
}
