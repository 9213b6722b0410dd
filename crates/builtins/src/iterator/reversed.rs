//! `reversed`.

use std::cell::Cell;

use toy_object::{Name, Payload, Ref};
use toy_vm::{Args, ClassName, Held, Outcome, Vm, natives};

use super::{shape_of_class, shape_of_name, state, value_or_stop};
use crate::support::{length, protocol, type_error};

natives! {
    /// The methods of reversed.
    pub(crate) REVERSED_METHODS:
    static "__new__" ("object, /") "Create and return a new object." => new;
    method "__iter__" ("") "Implement iter(self)." => protocol::iter_self;
    method "__next__" ("") "Implement next(self)." => next;
    method "__length_hint__" ("") "Private method returning an estimate of len(list(it))." => length_hint;
}

natives! {
    /// The methods of the reverse iterators of lists.
    pub(crate) LIST_REVERSE_METHODS:
    method "__iter__" ("") "Implement iter(self)." => protocol::iter_self;
    method "__next__" ("") "Implement next(self)." => next;
    method "__length_hint__" ("") "Private method returning an estimate of len(list(it))." => length_hint;
}

/// Goes through a sequence from its end.
struct Reversed {
    /// Nothing after the end.
    sequence: Held,
    /// Number of elements before the last one that was given.
    remaining: Cell<usize>,
}

impl Payload for Reversed {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.sequence.visit(visit);
    }

    fn clear(&self) {
        self.sequence.clear();
    }
}

/// A reverse iterator of a class that this module defines.
pub(crate) fn reverse_iterator(vm: &mut Vm, class: &str, sequence: Ref<'_>, length: usize) -> Outcome {
    let shape = shape_of_name(vm, class);
    let sequence = Held::new(sequence.to_owned());
    Ok(vm.new_native(shape, Reversed { sequence, remaining: length.into() })?)
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
    if is_keyed || vm.lookup_special(object, Name::GetItem).is_none() || vm.lookup_special(object, Name::Len).is_none() {
        return not_reversible(vm, object);
    }
    let count = vm.len(object)?;
    let shape = shape_of_class(vm, args.at(0));
    let sequence = Held::new(object.to_owned());
    Ok(vm.new_native(shape, Reversed { sequence, remaining: count.into() })?)
}

fn not_reversible(vm: &mut Vm, object: Ref<'_>) -> Outcome {
    let got = vm.type_name(object);
    Err(type_error(vm, format!("'{got}' object is not reversible")))
}

fn next(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let state: &Reversed = state(vm, args, "reversed")?;
    let Some(sequence) = state.sequence.get() else { return value_or_stop(vm, None) };
    if let Some(index) = state.remaining.get().checked_sub(1) {
        state.remaining.set(index);
        if let Some(list) = sequence.get().as_list() {
            if let Some(item) = list.get(index) {
                return Ok(item);
            }
        } else {
            let index = vm.new_int_from_usize(index)?;
            match vm.get_item(sequence.get(), index.get()) {
                Ok(item) => return Ok(item),
                Err(raised) => {
                    if !vm.raised_is(ClassName::IndexError) && !vm.raised_is(ClassName::StopIteration) {
                        return Err(raised);
                    }
                    drop(vm.take_raised());
                }
            }
        }
    }
    state.remaining.set(0);
    state.sequence.clear();
    value_or_stop(vm, None)
}

fn length_hint(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let state: &Reversed = state(vm, args, "reversed")?;
    let Some(sequence) = state.sequence.get() else { return length(vm, 0) };
    let remaining = state.remaining.get();
    let count = vm.len(sequence.get())?;
    length(vm, if remaining > count { 0 } else { remaining })
}
