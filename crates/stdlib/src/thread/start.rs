//! Starting threads, and waiting for them at the end.

use std::sync::Arc;

use toy_object::{FunctionField, Owned, Ref};
use toy_vm::{Args, ClassName, Obstacle, Outcome, Vm, natives, row_of};

use crate::library;

use super::handle::{HANDLE, Handle, State};
use crate::argument::{flag_or, integer, present, runtime_error, type_error, value_error};
use crate::class;

/// The handles of threads that the program waits for, a list.
const AWAITED: &str = "_thread.awaited";

fn awaited(vm: &mut Vm) -> Outcome {
    if let Some(list) = library::get(vm, AWAITED) {
        return Ok(list);
    }
    let list = vm.new_list(Vec::new())?;
    library::set(vm, AWAITED, list.clone());
    Ok(list)
}

fn check_callable(vm: &mut Vm, function: Ref<'_>, complaint: &str) -> Outcome<()> {
    if vm.is_callable(function) { Ok(()) } else { Err(type_error(vm, complaint)) }
}

fn check_not_ending(vm: &mut Vm) -> Outcome<()> {
    if vm.machine().threads().is_ending() {
        return Err(vm.raise(ClassName::PythonFinalizationError, "can't create new thread at interpreter shutdown"));
    }
    Ok(())
}

pub(super) fn start_new_thread(vm: &mut Vm, args: Args<'_>) -> Outcome {
    check_callable(vm, args.at(0), "first arg must be callable")?;
    if args.at(1).as_tuple().is_none() {
        return Err(type_error(vm, "2nd arg must be a tuple"));
    }
    let keywords = match args.get(2) {
        None => vm.new_dict()?,
        Some(keywords) if keywords.as_dict().is_some() => keywords.to_owned(),
        Some(_) => return Err(type_error(vm, "optional 3rd arg must be a dictionary")),
    };
    check_not_ending(vm)?;
    let name = name_after(vm, args.at(0));
    let record = vm.spawn(args.at(0).to_owned(), args.at(1).to_owned(), keywords, &name)?;
    let identity = record.identity() as i64;
    Ok(vm.new_int(identity)?)
}

/// What a thread is called that nobody has named: after its function.
fn name_after(vm: &Vm, function: Ref<'_>) -> String {
    let function = function.as_bound_method().map_or(function, |method| method.function());
    let name = function.as_function().and_then(|function| function.get(FunctionField::Name));
    let name = name.and_then(|name| name.get().as_str().map(|name| name.to_string_lossy()));
    let name = name.or_else(|| row_of(function).map(|row| row.name.to_owned()));
    format!("Thread ({})", name.unwrap_or_else(|| vm.class_name_of(function)))
}

natives! {
    /// What a joinable thread runs: the function, and then it says through the handle that it is done.
    RUN:
    function "_run" ("function, handle, /") "Call a function and mark its handle as done." => |vm, args| {
        let result = vm.call(args.at(0), &[]);
        // Whatever the function let out is reported before anybody who waits goes on.
        if result.is_err() {
            if vm.raised_is(ClassName::SystemExit) {
                drop(vm.take_raised());
            } else {
                vm.unraisable_of_thread(args.at(0));
            }
        }
        drop(result);
        if let Some(handle) = args.at(1).payload::<Handle>(vm.heap()) {
            handle.finish(vm);
        }
        Ok(Owned::none())
    };
}

pub(super) fn start_joinable_thread(vm: &mut Vm, args: Args<'_>) -> Outcome {
    check_callable(vm, args.at(0), "thread function must be callable")?;
    let handle = match present(args.get(1)) {
        Some(handle) if handle.payload::<Handle>(vm.heap()).is_some() => handle.to_owned(),
        Some(_) => return Err(type_error(vm, "'handle' must be a _ThreadHandle")),
        None => class::new(vm, HANDLE, Handle::new())?,
    };
    let is_daemon = flag_or(vm, args.get(2), true)?;
    check_not_ending(vm)?;
    let payload = handle.get().payload::<Handle>(vm.heap()).expect("checked above");
    if payload.state() != State::NotStarted {
        return Err(runtime_error(vm, "thread already started"));
    }
    let run = vm.new_function_of_row(&RUN[0], None, None)?;
    let arguments = vm.new_tuple([args.at(0).to_owned(), handle.clone()])?;
    let keywords = vm.new_dict()?;
    let name = payload.name().unwrap_or_else(|| name_after(vm, args.at(0)));
    let record = vm.spawn(run, arguments, keywords, &name)?;
    payload.begin(record, is_daemon);
    if !is_daemon {
        let awaited = awaited(vm)?;
        remember(vm, awaited.get(), handle.clone())?;
    }
    Ok(handle)
}

/// Adds a handle to the list, and takes out those of threads that have ended.
fn remember(vm: &mut Vm, awaited: Ref<'_>, handle: Owned) -> Outcome<()> {
    let list = awaited.as_list().expect("made here");
    let mut index = 0;
    let mut ended = Vec::new();
    while let Some(other) = list.get(index) {
        let is_awaited = other.get().payload::<Handle>(vm.heap()).is_some_and(Handle::is_awaited);
        if is_awaited {
            index += 1;
        } else {
            ended.extend(list.pop(index));
        }
    }
    list.push(vm.heap(), handle)?;
    drop(ended);
    Ok(())
}

pub(super) fn make_thread_handle(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let identity = integer(vm, args.at(0))? as u64;
    let living = vm.machine().threads().living();
    match living.into_iter().find(|record| record.identity() == identity) {
        Some(record) => super::handle_of(vm, record),
        None => Err(runtime_error(vm, "no such thread")),
    }
}

pub(super) fn shutdown(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let awaited = awaited(vm)?;
    let record = Arc::clone(vm.record());
    loop {
        let list = awaited.get().as_list().expect("made here");
        let next = (0..list.len()).filter_map(|index| list.get(index)).find(|handle| {
            let handle = handle.get().payload::<Handle>(vm.heap());
            handle.is_some_and(|handle| handle.is_awaited() && !handle.is_of(&record))
        });
        let Some(next) = next else { return Ok(Owned::none()) };
        next.get().payload::<Handle>(vm.heap()).expect("found by it").join(vm, None, Obstacle::LastThread)?;
    }
}

/// What `stack_size` was asked for last.
const STACK_SIZE: &str = "_thread.stack_size";

/// Bytes that CPython's threads need at least.
const LEAST_STACK: i64 = 32 << 10;

/// Notes a size and answers the last one. Stacks of threads are as large as toy needs them: memory is used only as far as they are.
pub(super) fn stack_size(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let size = args.get(0).map_or(Ok(0), |size| integer(vm, size))?;
    if size < 0 {
        return Err(value_error(vm, "size must be 0 or a positive value"));
    }
    if (1..LEAST_STACK).contains(&size) {
        return Err(value_error(vm, format!("size not valid: {size} bytes")));
    }
    let before = library::get(vm, STACK_SIZE);
    let size = vm.new_int(size)?;
    library::set(vm, STACK_SIZE, size);
    before.map_or_else(|| Ok(vm.new_int(0)?), Ok)
}
