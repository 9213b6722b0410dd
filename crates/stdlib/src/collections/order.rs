//! The order of keys, for `OrderedDict`.

use toy_object::{Dict, Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm};

use crate::argument::type_error;

fn dict<'a>(vm: &mut Vm, mapping: Ref<'a>) -> Outcome<Dict<'a>> {
    mapping.as_dict().ok_or_else(|| type_error(vm, "a dict is required"))
}

pub(super) fn move_to_edge(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let to_end = vm.truth(args.at(2))?;
    let (mapping, key) = (dict(vm, args.at(0))?.as_ref(), args.at(1));
    if vm.dict_move(mapping, key, to_end)? { Ok(Owned::none()) } else { Err(vm.raise_key_error(key)) }
}

pub(super) fn pop_edge(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let last = vm.truth(args.at(1))?;
    let dict = dict(vm, args.at(0))?;
    let edge = if last { dict.entry_before(usize::MAX) } else { dict.entry_from(0) };
    match edge.and_then(|(position, _, _)| dict.remove_at(position)) {
        Some((key, value)) => Ok(vm.new_tuple([key, value])?),
        None => Err(vm.raise(ClassName::KeyError, "dictionary is empty")),
    }
}
