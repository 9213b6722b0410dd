//! Builtin functions of the iterator protocol: `aiter`, `anext`, `iter`, `len`, `next`.

use toy_object::{Name, Owned, Ref, ShapeId};
use toy_vm::{Args, ClassName, NativeIterator, Outcome, Resumed, Vm, natives};

use crate::support::{length, type_error};

natives! {
    /// Builtin functions of the iterator protocol.
    pub(crate) ITERATE_FUNCTIONS:
    function "iter" ("object, sentinel=None, /")
        "An iterator over the items, or over what calls of a function give until that equals a sentinel." => iter;
    function "next" ("iterator, default=None, /")
        "The next item, or the default at the end; without one, StopIteration." => next;
    function "len" ("obj, /") "How many items there are." => len;
    function "aiter" ("async_iterable, /") "An asynchronous iterator over the items." => aiter;
    function "anext" ("aiterator, default=None, /")
        "anext(async_iterator[, default])\n\nReturn the next item from the async iterator." => anext;
}

fn iter(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(sentinel) = args.get(1) else { return vm.get_iterator(args.at(0)) };
    if !vm.is_callable(args.at(0)) {
        return Err(type_error(vm, "iter(v, w): v must be callable"));
    }
    vm.new_call_iterator(args.at(0), sentinel)
}

fn next(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (iterator, default) = (args.at(0), args.get(1));
    let stop = match next_or_stop(vm, iterator)? {
        Ok(value) => return Ok(value),
        Err(stop) => stop,
    };
    match (default, stop) {
        (Some(default), _) => Ok(default.to_owned()),
        (None, Stop::Value(value)) => Err(vm.raise_stop_iteration(value.get())),
        (None, Stop::Exception(exception)) => Err(vm.raise_again(exception)),
    }
}

/// How an iterator said that it is at its end.
enum Stop {
    /// A builtin one, without an exception yet.
    Value(Owned),
    /// The `StopIteration` that script code raised.
    Exception(Owned),
}

fn next_or_stop(vm: &mut Vm, iterator: Ref<'_>) -> Outcome<Result<Owned, Stop>> {
    if iterator.shape() == ShapeId::GENERATOR {
        return Ok(match vm.generator_send(iterator, Owned::none())? {
            Resumed::Yielded(value) => Ok(value),
            Resumed::Returned(value) => Err(Stop::Value(value)),
        });
    }
    if is_builtin_iterator(vm, iterator) {
        return Ok(vm.next(iterator)?.ok_or_else(|| Stop::Value(Owned::none())));
    }
    match vm.call_special(iterator, Name::Next, &[]) {
        Some(Ok(value)) => Ok(Ok(value)),
        Some(Err(raised)) if !vm.raised_is(ClassName::StopIteration) => Err(raised),
        Some(Err(_)) => Ok(Err(Stop::Exception(vm.take_raised()))),
        None => {
            let got = vm.type_name(iterator);
            Err(type_error(vm, format!("'{got}' object is not an iterator")))
        }
    }
}

fn is_builtin_iterator(vm: &Vm, iterator: Ref<'_>) -> bool {
    matches!(
        iterator.shape(),
        ShapeId::RANGE_ITERATOR | ShapeId::SEQUENCE_ITERATOR | ShapeId::DICT_ITERATOR | ShapeId::SET_ITERATOR
    ) || iterator.payload::<NativeIterator>(vm.heap()).is_some()
}

fn len(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let count = vm.len(args.at(0))?;
    length(vm, count)
}

fn aiter(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let object = args.at(0);
    let Some(iterator) = vm.call_special(object, Name::AsyncIter, &[]) else {
        let got = vm.type_name(object);
        return Err(type_error(vm, format!("'{got}' object is not an async iterable")));
    };
    let iterator = iterator?;
    if !vm.has_special(iterator.get(), Name::AsyncNext) {
        let got = vm.type_name(iterator.get());
        return Err(type_error(vm, format!("aiter() returned not an async iterator of type '{got}'")));
    }
    Ok(iterator)
}

fn anext(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let iterator = args.at(0);
    let Some(awaitable) = vm.call_special(iterator, Name::AsyncNext, &[]) else {
        let got = vm.type_name(iterator);
        return Err(type_error(vm, format!("'{got}' object is not an async iterator")));
    };
    match args.get(1) {
        Some(default) => crate::iterator::anext_with_default(vm, awaitable?, default),
        None => awaitable,
    }
}
