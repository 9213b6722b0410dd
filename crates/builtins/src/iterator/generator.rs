//! The methods of generators.

use toy_object::{GeneratorState, Owned, Ref};
use toy_vm::{Args, Outcome, Resumed, Vm, natives};

use super::value_or_stop;
use crate::support::{none, present, protocol, this_generator, truth, type_error};

natives! {
    /// The methods of generators.
    pub(crate) GENERATOR_METHODS:
    method "__iter__" ("") "A fresh iterator; of an iterator, itself." => protocol::iter_self;
    method "__next__" ("") "The next item, or StopIteration." => next;
    method "send" ("value, /")
        "Goes on, with a value for the yield that waits; gives what is yielded next." => send;
    method "throw" ("type, value=None, traceback=None, /")
        "Raises an exception where it waits; gives what is yielded next." => throw;
    method "close" ("") "Ends it: GeneratorExit is raised where it waits." => close;
    getter "__name__" ("") "Its name." => |vm, args| name(vm, args, false);
    setter "__name__" ("value, /") "Its name." => |vm, args| set_name(vm, args, false);
    getter "__qualname__" ("") "Its name with what it is defined in." => |vm, args| name(vm, args, true);
    setter "__qualname__" ("value, /") "Its name with what it is defined in." => |vm, args| set_name(vm, args, true);
    getter "gi_running" ("") "Whether the generator is running." => |vm, args| is_in(vm, args, &[GeneratorState::Running]);
    getter "gi_suspended" ("") "Whether the generator waits at a yield."
        => |vm, args| is_in(vm, args, &[GeneratorState::Suspended, GeneratorState::SuspendedInTry]);
    getter "gi_code" ("") "The code that it runs." => code;
}

fn next(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_generator(vm, args)?;
    let value = vm.generator_next(args.at(0))?;
    value_or_stop(vm, value)
}

/// What a generator yielded; what it returned is the value of a `StopIteration`.
fn resumed(vm: &mut Vm, resumed: Resumed) -> Outcome {
    match resumed {
        Resumed::Yielded(value) => Ok(value),
        Resumed::Returned(value) => Err(vm.raise_stop_iteration(value.get())),
    }
}

fn send(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_generator(vm, args)?;
    let answer = vm.generator_send(args.at(0), args.at(1).to_owned())?;
    resumed(vm, answer)
}

fn throw(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_generator(vm, args)?;
    let exception = exception_of(vm, args.at(1), args.get(2))?;
    let answer = vm.generator_throw(args.at(0), exception)?;
    resumed(vm, answer)
}

/// The exception that `throw(type, value)` means.
fn exception_of(vm: &mut Vm, thrown: Ref<'_>, value: Option<Ref<'_>>) -> Outcome {
    if vm.is_exception_instance(thrown) {
        if present(value).is_some() {
            return Err(type_error(vm, "instance exception may not have a separate value"));
        }
        return Ok(thrown.to_owned());
    }
    if !thrown.as_class(vm.heap()).is_some_and(|class| class.flags().is_exception) {
        let got = vm.type_name(thrown);
        let text = format!("exceptions must be classes or instances deriving from BaseException, not {got}");
        return Err(type_error(vm, text));
    }
    match present(value) {
        None => vm.call(thrown, &[]),
        Some(value) if vm.is_instance(value, thrown)? => Ok(value.to_owned()),
        Some(value) => match value.as_tuple() {
            Some(arguments) => vm.call(thrown, &arguments.iter().collect::<Vec<_>>()),
            None => vm.call(thrown, &[value]),
        },
    }
}

fn close(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_generator(vm, args)?;
    vm.generator_close(args.at(0))
}

fn is_in(vm: &mut Vm, args: Args<'_>, states: &[GeneratorState]) -> Outcome {
    truth(states.contains(&this_generator(vm, args)?.state()))
}

fn code(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let function = this_generator(vm, args)?.function();
    Ok(function.as_ref().and_then(|function| function.get().as_function()).map_or_else(Owned::none, |f| f.code()))
}

fn name(vm: &mut Vm, args: Args<'_>, is_qualified: bool) -> Outcome {
    this_generator(vm, args)?;
    let (name, qualified_name) = vm.generator_names(args.at(0)).unwrap_or_else(|| (Owned::none(), Owned::none()));
    Ok(if is_qualified { qualified_name } else { name })
}

fn set_name(vm: &mut Vm, args: Args<'_>, is_qualified: bool) -> Outcome {
    this_generator(vm, args)?;
    let attribute = if is_qualified { "__qualname__" } else { "__name__" };
    let Some(value) = args.get(1).filter(|value| value.as_str().is_some()) else {
        return Err(type_error(vm, format!("{attribute} must be set to a string object")));
    };
    let (name, qualified_name) = vm.generator_names(args.at(0)).unwrap_or_else(|| (Owned::none(), Owned::none()));
    let names = if is_qualified { (name, value.to_owned()) } else { (value.to_owned(), qualified_name) };
    vm.set_generator_names(args.at(0), names);
    none()
}
