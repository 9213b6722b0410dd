//! The methods of the iterators that the dispatch loop knows.

use toy_vm::{Args, Outcome, Vm, natives};

use super::value_or_stop;
use crate::support::{length, protocol};

natives! {
    /// The methods of iterators over builtin containers, of `iter(callable, sentinel)` and of `iter(sequence)`.
    pub(crate) ITERATOR_METHODS:
    method "__iter__" ("") "Implement iter(self)." => protocol::iter_self;
    method "__next__" ("") "Implement next(self)." => next;
    method "__length_hint__" ("") "Private method returning an estimate of len(list(it))." => length_hint;
}

fn next(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let value = vm.next(args.at(0))?;
    value_or_stop(vm, value)
}

fn length_hint(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let count = vm.length_hint_of(args.at(0)).unwrap_or(0);
    length(vm, count)
}
