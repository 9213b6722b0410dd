//! `groupby`: runs of items with the same key. The iterator and its groups share one state, an object of its own.

use std::cell::Cell;

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, Held, Iterate, Outcome, Vm, natives};

use crate::argument::present;
use crate::class;
use crate::held::holds;

pub(super) const GROUP_BY: &str = "itertools.groupby";
pub(super) const GROUPER: &str = "itertools._grouper";
const STATE: &str = "itertools._groupby_state";

natives! {
    /// The methods of `groupby`.
    pub(super) GROUP_BY_METHODS:
    static "__new__" ("iterable, key=None") "Pairs of a key and an iterator over neighbouring items that have it." => new_group_by;
}

struct State {
    iterator: Held,
    key_function: Held,
    /// The item that was read last and belongs to no group yet, and its key.
    item: Held,
    key: Held,
    /// The key of the present group.
    group_key: Held,
    /// Number of the present group: older groups have come to their end.
    group: Cell<u64>,
}

impl Payload for State {
    holds!(iterator, key_function, item, key, group_key);
}

impl State {
    /// Reads the next item and its key; whether there is one.
    fn read(&self, vm: &mut Vm) -> Outcome<bool> {
        let Some(iterator) = self.iterator.get() else { return Ok(false) };
        let Some(item) = vm.next(iterator.get())? else { return Ok(false) };
        let key = match self.key_function.get() {
            Some(function) => vm.call(function.get(), &[item.get()])?,
            None => item.clone(),
        };
        drop(self.item.set(item));
        drop(self.key.set(key));
        Ok(true)
    }

    /// Whether the item that was read last belongs to the present group.
    fn is_in_group(&self, vm: &mut Vm) -> Outcome<bool> {
        match (self.group_key.get(), self.key.get()) {
            (Some(group), Some(key)) => vm.equal(group.get(), key.get()),
            _ => Ok(false),
        }
    }
}

pub(super) fn define_state(vm: &mut Vm) -> Outcome<()> {
    class::define(vm, STATE, &[]).map(drop)
}

struct GroupBy {
    state: Held,
}

impl Iterate for GroupBy {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let Some(owner) = self.state.get() else { return Ok(None) };
        let state = state_of(vm, owner.get());
        state.group.set(state.group.get() + 1);
        // Leave the rest of the present group behind.
        while state.item.get().is_none() || state.is_in_group(vm)? {
            state.item.clear();
            if !state.read(vm)? {
                return Ok(None);
            }
        }
        let key = state.key.get_or_none();
        drop(state.group_key.set(key.clone()));
        let grouper = Grouper { state: Held::new(owner.clone()), group: state.group.get() };
        let grouper = class::new_iterator(vm, GROUPER, grouper)?;
        Ok(Some(vm.new_tuple([key, grouper])?))
    }

    holds!(state);
}

struct Grouper {
    state: Held,
    group: u64,
}

impl Iterate for Grouper {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let Some(owner) = self.state.get() else { return Ok(None) };
        let state = state_of(vm, owner.get());
        if state.group.get() != self.group {
            return Ok(None);
        }
        if state.item.get().is_none() && !state.read(vm)? {
            return Ok(None);
        }
        if !state.is_in_group(vm)? {
            return Ok(None);
        }
        let item = state.item.get();
        state.item.clear();
        Ok(item)
    }

    holds!(state);
}

fn state_of<'a>(vm: &Vm, owner: Ref<'a>) -> &'a State {
    owner.payload(vm.heap()).expect("made here")
}

fn new_group_by(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let state = State {
        iterator: Held::new(vm.get_iterator(args.at(1))?),
        key_function: Held::optional(present(args.get(2)).map(Ref::to_owned)),
        item: Held::optional(None),
        key: Held::optional(None),
        group_key: Held::optional(None),
        group: Cell::new(0),
    };
    let state = Held::new(class::new(vm, STATE, state)?);
    class::construct_iterator(vm, GROUP_BY, args.at(0), GroupBy { state })
}
