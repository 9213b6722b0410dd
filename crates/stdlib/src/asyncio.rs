//! `_asyncio`: the loop that a thread runs, and the iterator behind `await future`. `asyncio` is built on it.
//!
//! The iterator is native so that tracebacks show what scripts wait for, and not how: no frame of the library stands between a
//! coroutine and the exception that it gets.

use std::cell::Cell;

use toy_object::{ExceptionSlot, Owned, Payload, Ref};
use toy_vm::{Args, Held, Iterate, Outcome, Purpose, Resumed, Thrown, Vm, natives};

use crate::argument::{present, runtime_error, type_error};
use crate::class;
use crate::contextvars::{Context, run_in};
use crate::held::holds;
use crate::library;
use crate::module::{NewModule, call_method};

const FUTURE_ITERATOR: &str = "_asyncio.FutureIter";

/// The one object that keeps the names, and its class.
const NAMES: &str = "_asyncio.names";
const NAMES_CLASS: &str = "_asyncio._names";

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    class::define_iterator(vm, FUTURE_ITERATOR, &[])?;
    class::define(vm, NAMES_CLASS, &[])?;
    let names = names(vm)?;
    library::set(vm, NAMES, names);
    let doc = "The loop that a thread runs, and awaiting futures, as asyncio is built on them.";
    NewModule::new(vm, "_asyncio", doc, FUNCTIONS)?.finish()
}

natives! {
    /// The functions of `_asyncio`.
    FUNCTIONS:
    function "_get_running_loop" ("") "The loop that the calling thread runs, or None." =>
        |vm, _| Ok(vm.kept(Purpose::RunningLoop).cloned().unwrap_or_else(Owned::none));
    function "get_running_loop" ("") "The loop that the calling thread runs; RuntimeError if there is none." => |vm, _| {
        match vm.kept(Purpose::RunningLoop).cloned() {
            Some(running) => Ok(running),
            None => Err(runtime_error(vm, "no running event loop")),
        }
    };
    function "_set_running_loop" ("loop, /") "Say which loop the calling thread runs; None: none." => |vm, args| {
        let running = Some(args.at(0)).filter(|running| !running.is_none()).map(Ref::to_owned);
        drop(vm.keep(Purpose::RunningLoop, running));
        Ok(Owned::none())
    };
    function "future_iterator" ("future, /") "What awaiting a future iterates over: the future itself, until it is done." => |vm, args| {
        let iterator = FutureIterator { future: Held::new(args.at(0).to_owned()), has_waited: Cell::new(false) };
        class::new_iterator(vm, FUTURE_ITERATOR, iterator)
    };
    function "call_in" ("context, callback, args, /") "As `context.run(callback, *args)`." => |vm, args| {
        let arguments: Vec<Ref<'_>> = match args.at(2).as_tuple() {
            Some(arguments) => arguments.iter().collect(),
            None => return Err(type_error(vm, "the arguments must be a tuple")),
        };
        if args.at(0).payload::<Context>(vm.heap()).is_some() {
            return run_in(vm, args.at(0), |vm| vm.call(args.at(1), &arguments));
        }
        // Something else that has a `run`.
        let all: Vec<Ref<'_>> = std::iter::once(args.at(1)).chain(arguments).collect();
        call_method(vm, args.at(0), "run", &all)
    };
    function "instances" ("cls, /") "A list of all objects of a class." => instances;
    function "step" ("coroutine, error=None, /")
        "Run a coroutine until it awaits something or returns, and say which: a pair of whether it has returned, and of what." => step;
}

/// Like `send` and `throw`, without an exception where the coroutine returns.
fn step(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (coroutine, error) = (args.at(0), present(args.get(1)));
    let resumed = if coroutine.as_generator().is_some() {
        match error {
            None => vm.generator_send(coroutine, Owned::none())?,
            Some(error) => vm.generator_throw(coroutine, Thrown::Exception(error.to_owned()), true)?,
        }
    } else {
        let none = Owned::none();
        let (method, argument) = error.map_or(("send", none.get()), |error| ("throw", error));
        match call_method(vm, coroutine, method, &[argument]) {
            Ok(awaited) => Resumed::Yielded(awaited),
            Err(raised) => Resumed::Returned(vm.stop_value(raised)?),
        }
    };
    let parts = match resumed {
        Resumed::Yielded(awaited) => [Owned::bool(false), awaited],
        Resumed::Returned(result) => [Owned::bool(true), result],
    };
    Ok(vm.new_tuple(parts)?)
}

/// Names of attributes that futures have.
struct Names {
    state: Owned,
    blocking: Owned,
    result: Owned,
    exception: Owned,
    traceback: Owned,
    unheard: Owned,
}

impl Payload for Names {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        let names = [&self.state, &self.blocking, &self.result, &self.exception, &self.traceback, &self.unheard];
        names.into_iter().for_each(|name| visit(name.get()));
    }
}

fn names(vm: &mut Vm) -> Outcome {
    let names = Names {
        state: vm.intern("_state")?,
        blocking: vm.intern("_asyncio_future_blocking")?,
        result: vm.intern("_result")?,
        exception: vm.intern("_exception")?,
        traceback: vm.intern("_exception_tb")?,
        unheard: vm.intern("_is_unheard")?,
    };
    class::new(vm, NAMES_CLASS, names)
}

struct FutureIterator {
    future: Held,
    /// The task has been given the future to wait for.
    has_waited: Cell<bool>,
}

impl Iterate for FutureIterator {
    fn next(&self, vm: &mut Vm) -> Outcome<Option<Owned>> {
        let Some(future) = self.future.get() else { return Ok(None) };
        let owner = library::get(vm, NAMES).expect("made with the module");
        let names = owner.get().own_payload::<Names>(vm.heap()).expect("made here");
        let state = attribute(vm, future.get(), &names.state)?;
        let is = |name: &str| state.get().as_str().is_some_and(|state| state.as_utf8() == Some(name));
        if is("PENDING") {
            if self.has_waited.replace(true) {
                return Err(runtime_error(vm, "await wasn't used with future"));
            }
            // A task that is given a future by a bare `yield` can tell.
            vm.set_attribute(future.get(), names.blocking.get(), Owned::bool(true).get())?;
            return Ok(Some(future));
        }
        drop(self.future.set(Owned::unbound()));
        if is("CANCELLED") {
            let error = call_method(vm, future.get(), "_make_cancelled_error", &[])?;
            return Err(vm.raise_value(error));
        }
        let exception = attribute(vm, future.get(), &names.exception)?;
        if exception.get().is_none() {
            let result = attribute(vm, future.get(), &names.result)?;
            return if result.get().is_none() { Ok(None) } else { Err(vm.raise_stop_iteration(result.get())) };
        }
        vm.set_attribute(future.get(), names.unheard.get(), Owned::bool(false).get())?;
        let traceback = attribute(vm, future.get(), &names.traceback)?;
        drop(vm.set_exception_slot(exception.get(), ExceptionSlot::Traceback, traceback));
        Err(vm.raise_value(exception))
    }

    holds!(future);
}

/// An attribute that every future has; None if it has lost it.
fn attribute(vm: &mut Vm, future: Ref<'_>, name: &Owned) -> Outcome {
    Ok(vm.find_attribute(future, name.get())?.unwrap_or_else(Owned::none))
}

/// A list of all objects of a class or its subclasses: the heap itself knows them.
fn instances(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let heap = vm.heap();
    let Some(class) = args.at(0).as_class(heap) else { return Err(type_error(vm, "a class is required")) };
    let mut found = Vec::new();
    heap.walk(|object| {
        if heap.class_of(object).as_class(heap).is_some_and(|other| other.is_subclass_of(class.as_ref())) {
            found.push(object.to_owned());
        }
    });
    Ok(vm.new_list(found)?)
}
