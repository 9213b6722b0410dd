//! Builtin functions that go through all elements: `all`, `any`, `max`, `min`, `sorted`.

use std::ops::ControlFlow;

use toy_object::{Owned, Ref};
use toy_vm::{Args, CompareOp, Outcome, Vm, natives};

use crate::support::{flag_or, present, truth, type_error, value_error};

natives! {
    /// Builtin functions that go through all elements.
    pub(crate) AGGREGATE_FUNCTIONS:
    function "all" ("iterable, /")
        "Whether every item is true; nothing has none that is false." => |vm, args| search(vm, args.at(0), false);
    function "any" ("iterable, /")
        "Whether some item is true." => |vm, args| search(vm, args.at(0), true);
    function "max" ("*args, key=None, default=None")
        "The largest item of an iterable, or of the arguments.\n\nkey is called for what to compare; default is given for nothing at all."
        => |vm, args| extreme(vm, args, "max", CompareOp::Greater);
    function "min" ("*args, key=None, default=None")
        "The smallest item of an iterable, or of the arguments.\n\nkey is called for what to compare; default is given for nothing at all."
        => |vm, args| extreme(vm, args, "min", CompareOp::Less);
    function "sorted" ("*args, key=None, reverse=False")
        "The items in order, as a new list.\n\nkey is called for what to compare; reverse turns the order round. Equal items stay as they were." => sorted;
}

/// Whether an element's truth is `wanted`; the others are not looked at.
fn search(vm: &mut Vm, iterable: Ref<'_>, wanted: bool) -> Outcome {
    let mut is_found = false;
    vm.for_each(iterable, |vm, item| {
        is_found = vm.truth(item.get())? == wanted;
        Ok(if is_found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    truth(is_found == wanted)
}

/// The best element so far with its key.
struct Best {
    item: Owned,
    /// Absent without a key function: the item itself.
    key: Option<Owned>,
}

/// Takes `item` if it is better than the best so far.
fn improve(
    vm: &mut Vm,
    best: &mut Option<Best>,
    item: Owned,
    key: Option<Ref<'_>>,
    operator: CompareOp,
) -> Outcome<()> {
    let key = key.map(|key| vm.call_with(key, &item)).transpose()?;
    let is_better = match best {
        None => true,
        Some(best) => {
            let (left, right) = (key.as_ref().unwrap_or(&item), best.key.as_ref().unwrap_or(&best.item));
            vm.compare_bool(operator, left.get(), right.get())?
        }
    };
    if is_better {
        *best = Some(Best { item, key });
    }
    Ok(())
}

fn extreme(vm: &mut Vm, args: Args<'_>, name: &str, operator: CompareOp) -> Outcome {
    let (key, default) = (present(args.get(0)), args.get(1));
    let Some(arguments) = args.get(2).and_then(Ref::as_tuple).filter(|arguments| !arguments.is_empty()) else {
        return Err(type_error(vm, format!("{name} expected at least 1 argument, got 0")));
    };
    let mut best = None;
    match (arguments.len(), arguments.get(0)) {
        (1, Some(iterable)) => vm.for_each(iterable, |vm, item| {
            improve(vm, &mut best, item, key, operator)?;
            Ok(ControlFlow::Continue(()))
        })?,
        _ if default.is_some() => {
            let text = format!("Cannot specify a default for {name}() with multiple positional arguments");
            return Err(type_error(vm, text));
        }
        (_, Some(first)) if key.is_none() => {
            let mut best = first;
            for item in arguments.iter().skip(1) {
                if vm.compare_bool(operator, item, best)? {
                    best = item;
                }
            }
            return Ok(best.to_owned());
        }
        _ => {
            for item in arguments.iter() {
                improve(vm, &mut best, item.to_owned(), key, operator)?;
            }
        }
    }
    match (best, default) {
        (Some(best), _) => Ok(best.item),
        (None, Some(default)) => Ok(default.to_owned()),
        (None, None) => Err(value_error(vm, format!("{name}() iterable argument is empty"))),
    }
}

fn sorted(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let arguments = args.at(2).as_tuple();
    let Some(iterable) = arguments.filter(|arguments| arguments.len() == 1).and_then(|arguments| arguments.get(0))
    else {
        let got = arguments.map_or(0, |arguments| arguments.len());
        return Err(type_error(vm, format!("sorted expected 1 argument, got {got}")));
    };
    let items = vm.collect(iterable)?;
    let is_reversed = flag_or(vm, args.get(1), false)?;
    let (items, result) = vm.sort(items, present(args.get(0)), is_reversed);
    result?;
    Ok(vm.new_list(items)?)
}
