//! The iterators of a deque, in both directions.

use std::cell::Cell;

use toy_object::{Owned, Ref};
use toy_vm::{Args, Held, Iterate, Outcome, Vm, natives};

use super::deque::{self, DEQUE, Deque};
use crate::argument::{integer_or, runtime_error, type_error};
use crate::class;
use crate::held::holds;

const ITERATOR: &str = "collections._deque_iterator";
const REVERSE_ITERATOR: &str = "collections._deque_reverse_iterator";

/// Defines both classes, and returns the first, which is known to scripts.
pub(super) fn define(vm: &mut Vm) -> Outcome {
    let class = class::define_iterator(vm, ITERATOR, METHODS)?;
    class::define_iterator(vm, REVERSE_ITERATOR, REVERSE_METHODS)?;
    Ok(class)
}

natives! {
    /// What the iterators of deques have beside the methods of all iterators.
    METHODS:
    static "__new__" ("deque, index=0, /") "An iterator over a deque, some items ahead." => |vm, args| new(vm, args, false);
}

natives! {
    /// The same of those that go backwards.
    REVERSE_METHODS:
    static "__new__" ("deque, index=0, /") "An iterator over a deque, some items ahead." => |vm, args| new(vm, args, true);
}

struct DequeIterator {
    deque: Held,
    /// Items already given.
    given: Cell<usize>,
    /// Items still to be given.
    left: Cell<usize>,
    changes: u64,
    is_reversed: bool,
}

impl Iterate for DequeIterator {
    /// Says that the deque has changed as often as it is asked, and also behind the end.
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let Some(owner) = self.deque.get() else { return Ok(None) };
        let deque: &Deque = owner.get().payload(vm.heap()).expect("made from one");
        if deque.changes() != self.changes {
            self.left.set(0);
            return Err(runtime_error(vm, "deque mutated during iteration"));
        }
        let Some(left) = self.left.get().checked_sub(1) else { return Ok(None) };
        self.left.set(left);
        let given = self.given.replace(self.given.get() + 1);
        Ok(deque.get(if self.is_reversed { left } else { given }))
    }

    fn length_hint(&self, _vm: &mut Vm) -> Option<usize> {
        Some(self.left.get())
    }

    fn reduce(&self, vm: &mut Vm, class: Ref<'_>) -> Outcome<Option<Owned>> {
        let owner = self.deque.get_or_none();
        let length = owner.get().payload::<Deque>(vm.heap()).map_or(0, Deque::len);
        let given = vm.new_int_from_usize(length.saturating_sub(self.left.get()))?;
        let arguments = vm.new_tuple([owner, given])?;
        Ok(Some(vm.new_tuple([class.to_owned(), arguments])?))
    }

    holds!(deque);
}

pub(super) fn iterate(vm: &mut Vm, args: Args<'_>, is_reversed: bool) -> Outcome {
    let deque = deque::this(vm, args)?;
    let (length, changes) = (deque.len(), deque.changes());
    let (deque, given, left) = (Held::new(args.at(0).to_owned()), Cell::new(0), Cell::new(length));
    let key = if is_reversed { REVERSE_ITERATOR } else { ITERATOR };
    class::new_iterator(vm, key, DequeIterator { deque, given, left, changes, is_reversed })
}

fn new(vm: &mut Vm, args: Args<'_>, is_reversed: bool) -> Outcome {
    let Some(deque) = args.at(1).payload::<Deque>(vm.heap()) else {
        let got = vm.type_name(args.at(1));
        return Err(type_error(vm, format!("argument 1 must be {DEQUE}, not {got}")));
    };
    let (length, changes) = (deque.len(), deque.changes());
    let ahead = usize::try_from(integer_or(vm, args.get(2), 0)?).unwrap_or(0).min(length);
    let (deque, given, left) = (Held::new(args.at(1).to_owned()), Cell::new(ahead), Cell::new(length - ahead));
    let key = if is_reversed { REVERSE_ITERATOR } else { ITERATOR };
    class::construct_iterator(vm, key, args.at(0), DequeIterator { deque, given, left, changes, is_reversed })
}
