//! `_bisect`: searching sorted lists by halving, and keeping them sorted.

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, ClassName, CompareOp, Outcome, Vm, natives};

use crate::argument::{integer, integer_or, present, type_error, value_error};
use crate::module::{NewModule, call_method};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    NewModule::new(vm, "_bisect", "Searching sorted lists by halving.", FUNCTIONS)?.finish()
}

natives! {
    /// The functions of `_bisect`.
    FUNCTIONS:
    function "bisect_right" ("a, x, lo=0, hi=None, *, key=None")
        "The place to insert x so that `a` stays sorted, behind items equal to x." =>
        |vm, args| place(vm, args, Side::Right);
    function "bisect_left" ("a, x, lo=0, hi=None, *, key=None")
        "The place to insert x so that `a` stays sorted, in front of items equal to x." =>
        |vm, args| place(vm, args, Side::Left);
    function "insort_right" ("a, x, lo=0, hi=None, *, key=None") "Insert x, behind items equal to it." =>
        |vm, args| insert(vm, args, Side::Right);
    function "insort_left" ("a, x, lo=0, hi=None, *, key=None") "Insert x, in front of items equal to it." =>
        |vm, args| insert(vm, args, Side::Left);
}

/// On which side of equal items.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

fn place(vm: &mut Vm, args: Args<'_>, side: Side) -> Outcome {
    let place = search(vm, args, args.at(1), side)?;
    Ok(vm.new_int(place)?)
}

fn insert(vm: &mut Vm, args: Args<'_>, side: Side) -> Outcome {
    let key = match present(args.get(4)) {
        Some(key) => vm.call(key, &[args.at(1)])?,
        None => args.at(1).to_owned(),
    };
    let place = search(vm, args, key.get(), side)?;
    if vm.class_of(args.at(0)).is(vm.class(ClassName::List).get())
        && let Some(list) = args.at(0).as_list()
    {
        let place = usize::try_from(place).unwrap_or(0).min(list.len());
        list.insert(vm.heap(), place, args.at(1).to_owned())?;
        return Ok(Owned::none());
    }
    let place = vm.new_int(place)?;
    call_method(vm, args.at(0), "insert", &[place.get(), args.at(1)])?;
    Ok(Owned::none())
}

/// The place for `item`, between `lo` and `hi`.
fn search(vm: &mut Vm, args: Args<'_>, item: Ref<'_>, side: Side) -> Outcome<i64> {
    let (sequence, key) = (args.at(0), present(args.get(4)).map(Ref::to_owned));
    let mut low = integer_or(vm, args.get(2), 0)?;
    let high = match present(args.get(3)) {
        Some(high) if vm.is_index(high) => integer(vm, high)?,
        Some(high) => {
            let got = vm.type_name(high);
            return Err(type_error(vm, format!("argument should be integer or None, not '{got}'")));
        }
        None => -1,
    };
    if low < 0 {
        return Err(value_error(vm, "lo must be non-negative"));
    }
    let is_list = vm.class_of(sequence).is(vm.class(ClassName::List).get());
    if !is_list {
        check_sequence(vm, sequence)?;
    }
    let mut high = match high {
        -1 => vm.len(sequence)? as i64,
        high => high,
    };
    let list = sequence.as_list().filter(|_| is_list);
    while low < high {
        let middle = low + (high - low) / 2;
        let found = match list.and_then(|list| list.get(middle as usize)) {
            Some(found) => found,
            None => {
                let middle = vm.new_int(middle)?;
                vm.get_item(sequence, middle.get())?
            }
        };
        let found = match &key {
            Some(key) => vm.call(key.get(), &[found.get()])?,
            None => found,
        };
        let is_before = match side {
            Side::Left => vm.compare_bool(CompareOp::Less, found.get(), item)?,
            Side::Right => !vm.compare_bool(CompareOp::Less, item, found.get())?,
        };
        if is_before { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

/// `TypeError` unless a value has items by their number. A dictionary has not, though it can be asked the same way.
fn check_sequence(vm: &mut Vm, value: Ref<'_>) -> Outcome<()> {
    let got = vm.type_name(value);
    if value.as_dict().is_some() {
        return Err(type_error(vm, format!("{got} is not a sequence")));
    }
    if vm.lookup_special(value, Name::GetItem).is_none() {
        vm.len(value)?;
        return Err(type_error(vm, format!("'{got}' object does not support indexing")));
    }
    Ok(())
}
