//! Dunder methods that only hand the plain object inside the receiver to the virtual machine's protocol.

use toy_vm::{Args, Outcome, Vm};

use super::{length, none, overflow_error, plain, truth, wrong_receiver};

/// `__len__`.
pub(crate) fn len(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match vm.builtin_len(args.at(0)) {
        Some(count) => length(vm, count),
        None if plain(args.at(0)).as_range().is_some() => {
            Err(overflow_error(vm, "Python int too large to convert to C ssize_t"))
        }
        None => Err(wrong_receiver(vm, "container", args.at(0))),
    }
}

/// `__bool__`.
pub(crate) fn bool(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let is_true = vm.truth(plain(args.at(0)))?;
    truth(is_true)
}

/// `__getitem__`.
pub(crate) fn get_item(vm: &mut Vm, args: Args<'_>) -> Outcome {
    vm.builtin_get_item(args.at(0), args.at(1))
}

/// `__setitem__`.
pub(crate) fn set_item(vm: &mut Vm, args: Args<'_>) -> Outcome {
    vm.builtin_set_item(args.at(0), args.at(1), args.at(2))?;
    none()
}

/// `__delitem__`.
pub(crate) fn delete_item(vm: &mut Vm, args: Args<'_>) -> Outcome {
    vm.builtin_delete_item(args.at(0), args.at(1))?;
    none()
}

/// `__contains__`.
pub(crate) fn contains(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let is_in = vm.builtin_contains(args.at(0), args.at(1))?;
    truth(is_in)
}

/// `__iter__` of containers.
pub(crate) fn iter(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match vm.builtin_iterator(plain(args.at(0)))? {
        Some(iterator) => Ok(iterator),
        None => Err(wrong_receiver(vm, "container", args.at(0))),
    }
}

/// `__iter__` of iterators.
pub(crate) fn iter_self(_: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(args.at(0).to_owned())
}

/// `__repr__`.
pub(crate) fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    vm.builtin_repr(args.at(0))
}

/// `__format__`.
pub(crate) fn format(vm: &mut Vm, args: Args<'_>) -> Outcome {
    super::text_argument(vm, args.at(1), "__format__() argument must be str")?;
    vm.builtin_format(args.at(0), args.at(1))
}

/// `__hash__`.
pub(crate) fn hash(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let hash = vm.builtin_hash(args.at(0))?;
    Ok(vm.new_int(hash)?)
}

/// A property that always is the receiver itself, as a plain object: `real`, `conjugate()`.
pub(crate) fn itself(_: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(plain(args.at(0)).to_owned())
}

/// `__class_getitem__`: `list[int]`.
pub(crate) fn class_get_item(vm: &mut Vm, args: Args<'_>) -> Outcome {
    vm.generic_alias(args.at(0), args.at(1))
}
