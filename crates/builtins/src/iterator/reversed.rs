//! `reversed`.

use std::cell::Cell;

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, ClassName, Held, Iterate, Outcome, Vm, natives};

use super::{call_of, new_of_class, shape_of_name};
use crate::support::type_error;

natives! {
    /// The constructor of reversed.
    pub(crate) REVERSED_METHODS:
    static "__new__" ("object, /") "Create and return a new object." => new;
}

/// Goes through a sequence from its end.
struct Reversed {
    /// Nothing after the end.
    sequence: Held,
    /// Number of elements before the last one that was given.
    remaining: Cell<usize>,
}

/// A reverse iterator of a class that this module defines.
pub(crate) fn reverse_iterator(vm: &mut Vm, class: &str, sequence: Ref<'_>, length: usize) -> Outcome {
    let shape = shape_of_name(vm, class);
    let sequence = Held::new(sequence.to_owned());
    vm.new_iterator(shape, Reversed { sequence, remaining: length.into() })
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let object = args.at(1);
    if let Some(method) = vm.lookup_special(object, Name::Reversed) {
        if method.get().is_none() {
            return not_reversible(vm, object);
        }
        if let Some(answer) = vm.call_special(object, Name::Reversed, &[]) {
            return answer;
        }
    }
    // Dicts and sets have items, but no order by number.
    let is_keyed = object.as_dict().is_some() || object.as_set().is_some();
    if is_keyed || vm.lookup_special(object, Name::GetItem).is_none() {
        return not_reversible(vm, object);
    }
    let count = vm.len(object)?;
    let sequence = Held::new(object.to_owned());
    new_of_class(vm, "reversed", args.at(0), Reversed { sequence, remaining: count.into() })
}

fn not_reversible(vm: &mut Vm, object: Ref<'_>) -> Outcome {
    let got = vm.type_name(object);
    Err(type_error(vm, format!("'{got}' object is not reversible")))
}

impl Iterate for Reversed {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let Some(sequence) = self.sequence.get() else { return Ok(None) };
        if let Some(index) = self.remaining.get().checked_sub(1) {
            self.remaining.set(index);
            let item = match sequence.get().as_list() {
                Some(list) => list.get(index),
                None => item_at(vm, sequence.get(), index)?,
            };
            if item.is_some() {
                return Ok(item);
            }
        }
        self.remaining.set(0);
        self.sequence.clear();
        Ok(None)
    }

    fn reduce(&self, vm: &mut Vm, _class: Ref<'_>) -> Outcome<Option<Owned>> {
        // The class of reverse iterators over lists has no constructor.
        let class = vm.machine().extra("reversed").unwrap_or_else(Owned::none);
        let Some(sequence) = self.sequence.get() else {
            let empty = vm.new_tuple([])?;
            return call_of(vm, class.get(), vec![empty]).map(Some);
        };
        let index = vm.new_int(self.remaining.get() as i64 - 1)?;
        let arguments = vm.new_tuple([sequence])?;
        Ok(Some(vm.new_tuple([class, arguments, index])?))
    }

    fn set_state(&self, vm: &mut Vm, state: Ref<'_>) -> Outcome<()> {
        let index = vm.index_clamped(state)?;
        let Some(sequence) = self.sequence.get() else { return Ok(()) };
        let length = vm.len(sequence.get())?;
        self.remaining.set(usize::try_from(index.saturating_add(1)).unwrap_or(0).min(length));
        Ok(())
    }

    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.sequence.visit(visit);
    }

    fn clear(&self) {
        self.sequence.clear();
    }

    fn length_hint(&self, vm: &mut Vm) -> Option<usize> {
        let sequence = self.sequence.get();
        let count = sequence.map_or(0, |sequence| vm.length_hint(sequence.get()));
        let remaining = self.remaining.get();
        Some(if remaining > count { 0 } else { remaining })
    }
}

/// An item of any sequence; `None` if it says that it has no such item any more.
fn item_at(vm: &mut Vm, sequence: Ref<'_>, index: usize) -> Outcome<Option<Owned>> {
    let index = vm.new_int_from_usize(index)?;
    match vm.get_item(sequence, index.get()) {
        Ok(item) => Ok(Some(item)),
        Err(_) if vm.raised_is(ClassName::IndexError) || vm.raised_is(ClassName::StopIteration) => {
            drop(vm.take_raised());
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}
