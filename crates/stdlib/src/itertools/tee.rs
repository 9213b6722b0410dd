//! `tee`: several iterators over one. They walk along a chain of nodes, which dies behind the last of them.

use std::cell::Cell;

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, ClassName, Held, Iterate, Outcome, Vm, natives};

use crate::argument::{integer_or, value_error};
use crate::class;
use crate::held::holds;
use crate::module::call_method;

pub(super) const TEE: &str = "itertools._tee";
const NODE: &str = "itertools._tee_node";

natives! {
    /// The methods of `_tee`.
    pub(super) TEE_METHODS:
    static "__new__" ("iterable, /") "An iterator that `tee` can share." => |vm, args| {
        let node = match args.at(1).payload::<Node>(vm.heap()) {
            Some(_) => args.at(1).to_owned(),
            None => {
                let source = vm.get_iterator(args.at(1))?;
                new_node(vm, source)?
            }
        };
        class::construct_iterator(vm, TEE, args.at(0), Tee { node: Held::new(node) })
    };
    method "__copy__" ("") "An iterator that stands where this one does." => |vm, args| {
        let parts = call_method(vm, args.at(0), "__reduce__", &[])?;
        let node = parts.get().as_tuple().and_then(|parts| parts.get(1)?.as_tuple()?.get(0).map(Ref::to_owned));
        class::new_iterator(vm, TEE, Tee { node: Held::optional(node) })
    };
}

/// One item, and the node of the next. The last node holds no item yet but the iterator to get it from.
struct Node {
    source: Held,
    item: Held,
    next: Held,
    /// Somebody is getting the item: this thread further up, or another one.
    is_running: Cell<bool>,
}

impl Payload for Node {
    holds!(source, item, next);
}

pub(super) fn define_node(vm: &mut Vm) -> Outcome<()> {
    class::define(vm, NODE, &[]).map(drop)
}

fn new_node(vm: &mut Vm, source: Owned) -> Outcome {
    let node = Node {
        source: Held::new(source),
        item: Held::optional(None),
        next: Held::optional(None),
        is_running: Cell::new(false),
    };
    class::new(vm, NODE, node)
}

struct Tee {
    node: Held,
}

impl Iterate for Tee {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let Some(owner) = self.node.get() else { return Ok(None) };
        let node = owner.get().payload::<Node>(vm.heap()).expect("made here");
        if node.next.get().is_none() {
            let Some(source) = node.source.get() else { return Ok(None) };
            if node.is_running.replace(true) {
                return Err(vm.raise(ClassName::RuntimeError, "cannot re-enter the tee iterator"));
            }
            let item = vm.next(source.get());
            node.is_running.set(false);
            let Some(item) = item? else { return Ok(None) };
            let next = new_node(vm, source)?;
            drop(node.item.set(item));
            drop(node.next.set(next));
            node.source.clear();
        }
        let item = node.item.get();
        drop(self.node.set(node.next.get_or_none()));
        Ok(item)
    }

    fn reduce(&self, vm: &mut Vm, class: Ref<'_>) -> Outcome<Option<Owned>> {
        let arguments = vm.new_tuple([self.node.get_or_none()])?;
        Ok(Some(vm.new_tuple([class.to_owned(), arguments])?))
    }

    holds!(node);
}

pub(super) fn tee(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let count = integer_or(vm, args.get(1), 2)?;
    let Ok(count) = usize::try_from(count) else {
        return Err(value_error(vm, "n must be >= 0"));
    };
    if count == 0 {
        return Ok(vm.new_tuple([])?);
    }
    let source = vm.get_iterator(args.at(0))?;
    let node = new_node(vm, source)?;
    let mut tees = Vec::new();
    for _ in 0..count {
        tees.push(class::new_iterator(vm, TEE, Tee { node: Held::new(node.clone()) })?);
    }
    Ok(vm.new_tuple(tees)?)
}
