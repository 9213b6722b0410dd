//! `_heapq`: heaps in lists. Item k is never larger than its children, which are items 2k + 1 and 2k + 2.
//!
//! Invariant: whenever a comparison runs, every item is in the list.

use toy_object::{List, Owned, Ref};
use toy_vm::{Args, ClassName, CompareOp, Outcome, Vm, natives};

use crate::argument::{shown_type, type_error};
use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    NewModule::new(vm, "_heapq", "Heaps in lists.", FUNCTIONS)?.finish()
}

natives! {
    /// The functions of `_heapq`.
    FUNCTIONS:
    function "heappush" ("heap, item, /") "Add an item." => push;
    function "heappop" ("heap, /") "Take the smallest item out." => pop;
    function "heapify" ("heap, /") "Make a heap of any list, in place." => heapify;
    function "heapreplace" ("heap, item, /")
        "Take the smallest item out and put another in: quicker than one after the other." => replace;
    function "heappushpop" ("heap, item, /")
        "Put an item in, then take the smallest out, which may be the same." => push_pop;
    function "_sink" ("heap, position, /") "Let the item at a position find its place below." => |vm, args| {
        let heap = list(vm, args, "_sink() argument 1")?;
        let position = crate::argument::integer(vm, args.at(1))?;
        sink(vm, heap, usize::try_from(position).unwrap_or(usize::MAX))?;
        Ok(Owned::none())
    };
}

fn list<'a>(vm: &mut Vm, args: Args<'a>, what: &str) -> Outcome<List<'a>> {
    match args.at(0).as_list() {
        Some(list) => Ok(list),
        None => {
            let got = shown_type(vm, args.at(0));
            Err(type_error(vm, format!("{what} must be list, not {got}")))
        }
    }
}

/// Puts an item in the first place and gives what stood there.
fn exchange_first(vm: &mut Vm, heap: List<'_>, item: Owned) -> Outcome {
    if heap.is_empty() {
        return Err(vm.raise(ClassName::IndexError, "index out of range"));
    }
    Ok(heap.set(0, item).unwrap_or_else(Owned::none))
}

fn push(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let heap = list(vm, args, "heappush() argument 1")?;
    heap.push(vm.heap(), args.at(1).to_owned())?;
    rise(vm, heap, 0, heap.len() - 1)?;
    Ok(Owned::none())
}

fn pop(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let heap = list(vm, args, "heappop() argument")?;
    let Some(last) = heap.len().checked_sub(1).and_then(|end| heap.pop(end)) else {
        return Err(vm.raise(ClassName::IndexError, "index out of range"));
    };
    if heap.is_empty() {
        return Ok(last);
    }
    let smallest = exchange_first(vm, heap, last)?;
    sink(vm, heap, 0)?;
    Ok(smallest)
}

fn heapify(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let heap = list(vm, args, "heapify() argument")?;
    for position in (0..heap.len() / 2).rev() {
        sink(vm, heap, position)?;
    }
    Ok(Owned::none())
}

fn replace(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let heap = list(vm, args, "heapreplace() argument 1")?;
    let smallest = exchange_first(vm, heap, args.at(1).to_owned())?;
    sink(vm, heap, 0)?;
    Ok(smallest)
}

fn push_pop(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let heap = list(vm, args, "heappushpop() argument 1")?;
    let item = args.at(1);
    let Some(smallest) = heap.get(0) else { return Ok(item.to_owned()) };
    if !vm.compare_bool(CompareOp::Less, smallest.get(), item)? {
        return Ok(item.to_owned());
    }
    let smallest = exchange_first(vm, heap, item.to_owned())?;
    sink(vm, heap, 0)?;
    Ok(smallest)
}

/// Whether one item is less than another; what asks that must not change the length of the list.
fn is_less(vm: &mut Vm, heap: List<'_>, left: Ref<'_>, right: Ref<'_>) -> Outcome<bool> {
    let size = heap.len();
    let is_less = vm.compare_bool(CompareOp::Less, left, right)?;
    if heap.len() == size {
        return Ok(is_less);
    }
    Err(vm.raise(ClassName::RuntimeError, "list changed size during iteration"))
}

/// Lets the item at `position` change places with larger parents, up to `top`.
fn rise(vm: &mut Vm, heap: List<'_>, top: usize, mut position: usize) -> Outcome<()> {
    let Some(item) = heap.get(position) else { return Ok(()) };
    while position > top {
        let above = (position - 1) >> 1;
        let Some(parent) = heap.get(above) else { break };
        if !is_less(vm, heap, item.get(), parent.get())? {
            break;
        }
        heap.swap(position, above);
        position = above;
    }
    Ok(())
}

/// Lets the item at `position` find its place below.
///
/// It came from the end of the list and is probably large: so the smaller children rise all the way down to the leaves, one
/// comparison each, and then the item rises to where it belongs. That takes fewer comparisons than asking on the way.
fn sink(vm: &mut Vm, heap: List<'_>, top: usize) -> Outcome<()> {
    let (mut position, size) = (top, heap.len());
    while position < size / 2 {
        let mut child = 2 * position + 1;
        if let (Some(left), Some(right)) = (heap.get(child), heap.get(child + 1))
            && !is_less(vm, heap, left.get(), right.get())?
        {
            child += 1;
        }
        heap.swap(position, child);
        position = child;
    }
    rise(vm, heap, top, position)
}
