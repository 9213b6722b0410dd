//! `_collections`: what `collections` needs natively.

mod counting;
mod deque;
mod deque_iterator;
mod order;
mod ring;

use toy_object::{Owned, Ref};
use toy_vm::{Outcome, Vm, natives};

use crate::module::NewModule;
use crate::structure;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let deque = deque::define(vm)?;
    let iterator = deque_iterator::define(vm)?;
    let getter = structure::element_class(vm)?;
    let mut module = NewModule::new(vm, "_collections", "What collections needs natively.", FUNCTIONS)?;
    module.set("deque", deque)?;
    module.set("_deque_iterator", iterator)?;
    module.set("_tuplegetter", getter)?;
    module.finish()
}

/// The items of a deque, if it is one.
pub(crate) fn deque_items(vm: &Vm, object: Ref<'_>) -> Option<Vec<Owned>> {
    object.payload::<deque::Deque>(vm.heap()).map(deque::Deque::items)
}

natives! {
    /// The functions of `_collections`.
    FUNCTIONS:
    function "_count_elements" ("mapping, iterable, /") "Count the items of an iterable in a mapping." => counting::count_elements;
    function "_move_to_edge" ("mapping, key, last, /") "Move a key of a dict behind the others, or in front of them." => order::move_to_edge;
    function "_pop_edge" ("mapping, last, /") "Take the last entry of a dict out, or the first." => order::pop_edge;
}
