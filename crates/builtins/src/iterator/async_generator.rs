//! The methods of asynchronous generators, of what they give out to be awaited, and of what `anext` with a default does.

use toy_object::{GeneratorState, Name, Owned, Payload, Ref};
use toy_vm::{Args, AsyncInput, AsyncSend, AsyncThrow, ClassName, Outcome, Vm, natives};

use super::generator::{code, delegate, frame, is_in, name, set_name};
use crate::support::{none, protocol, this_generator, truth, wrong_receiver};

natives! {
    /// The methods of asynchronous generators.
    pub(crate) ASYNC_GENERATOR_METHODS:
    method "__aiter__" ("") "Return an awaitable, that resolves in asynchronous iterator." => protocol::iter_self;
    method "__anext__" ("") "Return a value or raise StopAsyncIteration." => |vm, args| {
        this_generator(vm, args)?;
        vm.new_async_send(args.at(0), Owned::none())
    };
    method "asend" ("value, /") "asend(v) -> send 'v' in generator." => |vm, args| {
        this_generator(vm, args)?;
        vm.new_async_send(args.at(0), args.at(1).to_owned())
    };
    method "athrow" ("type, value=None, traceback=None, /")
        "athrow(value)\nathrow(type[,value[,tb]])\n\nraise exception in generator." => |vm, args| {
        this_generator(vm, args)?;
        let exception = vm.exception_to_throw("athrow", args.at(1), args.get(2), args.get(3))?;
        vm.new_async_throw(args.at(0), Some(exception))
    };
    method "aclose" ("") "aclose() -> raise GeneratorExit inside generator." => |vm, args| {
        this_generator(vm, args)?;
        vm.new_async_throw(args.at(0), None)
    };
    class "__class_getitem__" ("item, /") "See PEP 585" => protocol::class_get_item;
    getter "__name__" ("") "name of the async generator" => |vm, args| name(vm, args, false);
    setter "__name__" ("value, /") "name of the async generator" => |vm, args| set_name(vm, args, false);
    getter "__qualname__" ("") "qualified name of the async generator" => |vm, args| name(vm, args, true);
    setter "__qualname__" ("value, /") "qualified name of the async generator" => |vm, args| set_name(vm, args, true);
    getter "ag_running" ("") "Whether something that it gave out is being awaited." => |vm, args| {
        this_generator(vm, args)?;
        truth(vm.is_async_running(args.at(0)))
    };
    getter "ag_suspended" ("") "Whether it waits at a yield or await."
        => |vm, args| is_in(vm, args, &[GeneratorState::Suspended, GeneratorState::SuspendedInTry]);
    getter "ag_code" ("") "The code that it runs." => code;
    getter "ag_frame" ("") "Its frame, until it has ended." => frame;
    getter "ag_await" ("") "What it awaits." => delegate;
}

natives! {
    /// The methods of everything here that is awaited.
    pub(crate) AWAITABLE_METHODS:
    method "__await__" ("") "Return an iterator to be used in await expression." => protocol::iter_self;
    method "__iter__" ("") "Implement iter(self)." => protocol::iter_self;
    method "__next__" ("") "Implement next(self)." => |vm, args| resume(vm, args.at(0), AsyncInput::Send(Owned::none()));
    method "send" ("value, /") "send(v) -> send 'v' in what is awaited."
        => |vm, args| resume(vm, args.at(0), AsyncInput::Send(args.at(1).to_owned()));
    method "throw" ("type, value=None, traceback=None, /") "throw(value) -> raise exception in what is awaited." => |vm, args| {
        let exception = vm.exception_to_throw("throw", args.at(1), args.get(2), args.get(3))?;
        resume(vm, args.at(0), AsyncInput::Throw(exception))
    };
    method "close" ("") "close() -> raise GeneratorExit in what is awaited." => close;
}

/// What `anext(iterator, default)` returns.
struct WithDefault {
    awaitable: Owned,
    default: Owned,
}

impl Payload for WithDefault {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.awaitable.get());
        visit(self.default.get());
    }
}

/// `anext(iterator, default)`.
pub(crate) fn anext_with_default(vm: &mut Vm, awaitable: Owned, default: Ref<'_>) -> Outcome {
    let shape = vm.class_shape(ClassName::AnextAwaitable);
    Ok(vm.new_native(shape, WithDefault { awaitable, default: default.to_owned() })?)
}

fn resume(vm: &mut Vm, object: Ref<'_>, input: AsyncInput) -> Outcome {
    let heap = vm.heap();
    if let Some(send) = object.payload::<AsyncSend>(heap) {
        return vm.async_send(send, input);
    }
    if let Some(throw) = object.payload::<AsyncThrow>(heap) {
        return vm.async_throw(throw, input);
    }
    if let Some(with_default) = object.payload::<WithDefault>(heap) {
        return resume_with_default(vm, with_default, input);
    }
    Err(wrong_receiver(vm, "awaitable", object))
}

/// Where the iterator is at its end, the default is the result of the await.
fn resume_with_default(vm: &mut Vm, object: &WithDefault, input: AsyncInput) -> Outcome {
    let (awaitable, default) = (object.awaitable.clone(), object.default.clone());
    let iterator = vm.awaitable_iterator(awaitable.get())?;
    let (method, argument) = match &input {
        AsyncInput::Send(value) if value.get().is_none() && !vm.has_special(iterator.get(), Name::Next) => {
            (Name::Send, Some(value))
        }
        AsyncInput::Send(value) if value.get().is_none() => (Name::Next, None),
        AsyncInput::Send(value) => (Name::Send, Some(value)),
        AsyncInput::Throw(exception) => (Name::Throw, Some(exception)),
    };
    let method = vm.heap().name(method);
    let arguments: Vec<Ref<'_>> = argument.into_iter().map(Owned::get).collect();
    let outcome = vm.call_method(iterator.get(), method, &arguments);
    match outcome {
        Err(_) if vm.raised_is(ClassName::StopAsyncIteration) => {
            drop(vm.take_raised());
            Err(vm.raise_stop_iteration(default.get()))
        }
        outcome => outcome,
    }
}

fn close(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (object, heap) = (args.at(0), vm.heap());
    let is_over = match (object.payload::<AsyncSend>(heap), object.payload::<AsyncThrow>(heap)) {
        (Some(send), _) => send.is_over(),
        (None, Some(throw)) => throw.is_over(),
        (None, None) => false,
    };
    if is_over {
        return none();
    }
    if let Some(with_default) = object.payload::<WithDefault>(heap) {
        let awaitable = with_default.awaitable.clone();
        let iterator = vm.awaitable_iterator(awaitable.get())?;
        let close = vm.heap().name(Name::Close);
        return vm.call_method(iterator.get(), close, &[]);
    }
    vm.close_async(|vm, input| resume(vm, object, input))
}
