//! The methods of generators and coroutines.

use toy_object::{GeneratorState, Owned, Payload, Ref};
use toy_vm::{Args, ClassName, Outcome, Resumed, Thrown, Vm, natives};

use super::value_or_stop;
use crate::support::{none, protocol, this_generator, truth, type_error, wrong_receiver};

natives! {
    /// The methods of generators.
    pub(crate) GENERATOR_METHODS:
    class "__class_getitem__" ("item, /") "The class with parameters in brackets." => protocol::class_get_item;
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
    getter "gi_frame" ("") "Its frame, until it has ended." => frame;
    getter "gi_yieldfrom" ("") "What it delegates to by yield from." => delegate;
}

natives! {
    /// The methods of coroutines.
    pub(crate) COROUTINE_METHODS:
    class "__class_getitem__" ("item, /") "The class with parameters in brackets." => protocol::class_get_item;
    method "__await__" ("") "Return an iterator to be used in await expression." => wrapper;
    method "send" ("value, /")
        "send(arg) -> send 'arg' into coroutine,\nreturn next yielded value or raise StopIteration." => send;
    method "throw" ("type, value=None, traceback=None, /")
        "throw(value)\nthrow(type[,value[,traceback]])\n\nRaise exception in coroutine, return next yielded value or raise\nStopIteration." => throw;
    method "close" ("") "close() -> raise GeneratorExit inside coroutine." => close;
    getter "__name__" ("") "name of the coroutine" => |vm, args| name(vm, args, false);
    setter "__name__" ("value, /") "name of the coroutine" => |vm, args| set_name(vm, args, false);
    getter "__qualname__" ("") "qualified name of the coroutine" => |vm, args| name(vm, args, true);
    setter "__qualname__" ("value, /") "qualified name of the coroutine" => |vm, args| set_name(vm, args, true);
    getter "cr_running" ("") "Whether the coroutine is running." => |vm, args| is_in(vm, args, &[GeneratorState::Running]);
    getter "cr_suspended" ("") "Whether the coroutine waits at an await."
        => |vm, args| is_in(vm, args, &[GeneratorState::Suspended, GeneratorState::SuspendedInTry]);
    getter "cr_code" ("") "The code that it runs." => code;
    getter "cr_frame" ("") "Its frame, until it has ended." => frame;
    getter "cr_await" ("") "What it awaits." => delegate;
    getter "cr_origin" ("") "None: origins are not tracked." => |_, _| none();
}

natives! {
    /// The methods of what `__await__` of a coroutine returns.
    pub(crate) COROUTINE_WRAPPER_METHODS:
    method "__iter__" ("") "Implement iter(self)." => protocol::iter_self;
    method "__next__" ("") "Implement next(self)." => |vm, args| {
        let coroutine = wrapped(vm, args)?;
        let answer = vm.generator_send(coroutine.get(), Owned::none())?;
        resumed(vm, answer)
    };
    method "send" ("value, /") "send(arg) -> send 'arg' into coroutine." => |vm, args| {
        let coroutine = wrapped(vm, args)?;
        let answer = vm.generator_send(coroutine.get(), args.at(1).to_owned())?;
        resumed(vm, answer)
    };
    method "throw" ("type, value=None, traceback=None, /") "throw(value) -> raise exception in coroutine." => |vm, args| {
        let coroutine = wrapped(vm, args)?;
        throw_into(vm, coroutine.get(), args)
    };
    method "close" ("") "close() -> raise GeneratorExit inside coroutine." => |vm, args| {
        let coroutine = wrapped(vm, args)?;
        vm.generator_close(coroutine.get())
    };
}

/// What `__await__` of a coroutine returns: an iterator, which the coroutine itself is not.
struct Wrapper {
    coroutine: Owned,
}

impl Payload for Wrapper {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.coroutine.get());
    }
}

fn wrapper(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_generator(vm, args)?;
    let shape = vm.class_shape(ClassName::CoroutineWrapper);
    Ok(vm.new_native(shape, Wrapper { coroutine: args.at(0).to_owned() })?)
}

fn wrapped(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match args.at(0).payload::<Wrapper>(vm.heap()) {
        Some(wrapper) => Ok(wrapper.coroutine.clone()),
        None => Err(wrong_receiver(vm, "coroutine_wrapper", args.at(0))),
    }
}

pub(super) fn frame(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_generator(vm, args)?;
    Ok(vm.generator_frame(args.at(0))?.unwrap_or_else(Owned::none))
}

pub(super) fn delegate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_generator(vm, args)?;
    Ok(vm.generator_delegate(args.at(0)).unwrap_or_else(Owned::none))
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
    throw_into(vm, args.at(0), args)
}

/// Throws what `throw` was called with behind its receiver.
fn throw_into(vm: &mut Vm, generator: Ref<'_>, args: Args<'_>) -> Outcome {
    let arguments: Vec<Owned> = (1..4).map_while(|index| args.get(index)).map(Ref::to_owned).collect();
    vm.warn_of_old_throw("throw", arguments.len() > 1);
    let answer = vm.generator_throw(generator, Thrown::Arguments(arguments), true)?;
    resumed(vm, answer)
}

fn close(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_generator(vm, args)?;
    vm.generator_close(args.at(0))
}

pub(super) fn is_in(vm: &mut Vm, args: Args<'_>, states: &[GeneratorState]) -> Outcome {
    truth(states.contains(&this_generator(vm, args)?.state()))
}

pub(super) fn code(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_generator(vm, args)?;
    Ok(vm.generator_code(args.at(0)).unwrap_or_else(Owned::none))
}

pub(super) fn name(vm: &mut Vm, args: Args<'_>, is_qualified: bool) -> Outcome {
    this_generator(vm, args)?;
    let (name, qualified_name) = vm.generator_names(args.at(0)).unwrap_or_else(|| (Owned::none(), Owned::none()));
    Ok(if is_qualified { qualified_name } else { name })
}

pub(super) fn set_name(vm: &mut Vm, args: Args<'_>, is_qualified: bool) -> Outcome {
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
