//! The methods of range.

use toy_object::Owned;
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::support::{class_argument, length, protocol, this_range, value_error};

natives! {
    /// The methods of range.
    pub(crate) RANGE_METHODS:
    static "__new__" ("start, stop=None, step=None, /") "Create and return a new object." => new;
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__hash__" ("") "The number that hash gives." => protocol::hash;
    method "__bool__" ("") "Whether it counts as true." => protocol::bool;
    method "__len__" ("") "How many items there are." => protocol::len;
    method "__getitem__" ("key, /") "What self[key] gives." => protocol::get_item;
    method "__contains__" ("key, /") "Return bool(key in self)." => protocol::contains;
    method "__iter__" ("") "A fresh iterator; of an iterator, itself." => protocol::iter;
    method "__reversed__" ("") "An iterator from the last item to the first." => reversed;
    member "start" ("") "The first number." => start;
    member "stop" ("") "Where it ends; not part of it." => stop;
    member "step" ("") "The distance between two numbers." => step;
    method "count" ("value, /") "How often the value is in here." => count;
    method "index" ("value, /")
        "Where the value first is, between start and stop; ValueError if it is not."
        => index;
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    class_argument(vm, args, ClassName::Range)?;
    let first = vm.index(args.at(1))?;
    let (start, stop) = match args.get(2) {
        None => (vm.new_int(0)?, first),
        Some(stop) => (first, vm.index(stop)?),
    };
    let step = match args.get(3) {
        None => vm.new_int(1)?,
        Some(step) => vm.index(step)?,
    };
    match vm.new_range(start, stop, step)? {
        Some(range) => Ok(range),
        None => Err(value_error(vm, "range() arg 3 must not be zero")),
    }
}

fn start(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(this_range(vm, args)?.start().to_owned())
}

fn stop(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(this_range(vm, args)?.stop().to_owned())
}

fn step(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(this_range(vm, args)?.step().to_owned())
}

fn reversed(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let range = this_range(vm, args)?;
    if let Some((start, step, count)) = range.small_parts()
        && let Some(last) = step.checked_mul(count as i64 - 1).and_then(|distance| start.checked_add(distance))
    {
        return Ok(vm.new_range_iterator(last, step.wrapping_neg(), count)?);
    }
    // start + (length - 1) * step, down to start - step, which is left out.
    let one = vm.new_int(1)?;
    let index = vm.binary(toy_vm::BinaryOp::Subtract, range.length(), one.get())?;
    let distance = vm.binary(toy_vm::BinaryOp::Multiply, index.get(), range.step())?;
    let last = vm.binary(toy_vm::BinaryOp::Add, range.start(), distance.get())?;
    let end = vm.binary(toy_vm::BinaryOp::Subtract, range.start(), range.step())?;
    let step = vm.unary(toy_vm::UnaryOp::Negative, range.step())?;
    match vm.new_range(last, end, step)? {
        Some(reversed) => vm.get_iterator(reversed.get()),
        None => Err(value_error(vm, "range() arg 3 must not be zero")),
    }
}

/// How often and where first a value occurs. Integers are computed, others compared one by one.
fn occurrences(vm: &mut Vm, args: Args<'_>) -> Outcome<(usize, Option<Owned>)> {
    let range = this_range(vm, args)?;
    if let Some(number) = args.at(1).as_int() {
        let place = range.index_of(vm.heap(), number)?;
        return Ok((usize::from(place.is_some()), place));
    }
    let (mut count, mut first, mut index) = (0, None, 0);
    let iterator = vm.get_iterator(args.at(0))?;
    while let Some(number) = vm.next(iterator.get())? {
        if vm.equal(number.get(), args.at(1))? {
            count += 1;
            if first.is_none() {
                first = Some(vm.new_int(index)?);
            }
        }
        index += 1;
    }
    Ok((count, first))
}

fn count(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (count, _) = occurrences(vm, args)?;
    length(vm, count)
}

fn index(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match occurrences(vm, args)? {
        (_, Some(index)) => Ok(index),
        (_, None) if args.at(1).as_exact_int().is_some() || args.at(1).value().as_bool().is_some() => {
            let number = vm.repr_text(args.at(1))?;
            Err(value_error(vm, format!("{number} is not in range")))
        }
        _ => Err(value_error(vm, "sequence.index(x): x not in sequence")),
    }
}
