//! `_broker`: what instances share, each in a process of its own. `_instances` makes `threading` and `queue` of it.

mod connection;
mod wait;

use std::time::Duration;

use toy_object::Owned;
use toy_process::broker::{Operation, Refusal, Server, Standing, Status};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::argument::{integer, present, value_error};
use crate::class;
use crate::module::NewModule;

use connection::{CONNECTION, CONNECTION_METHODS, Connection};

/// Makes the module, with a number for each operation, status and refusal: `ACQUIRE`, `TIMED_OUT`, `NOT_OWNER`.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let connection = class::define(vm, CONNECTION, CONNECTION_METHODS)?;
    let mut module =
        NewModule::new(vm, "_broker", "What instances share that run in processes of their own.", FUNCTIONS)?;
    module.set("Connection", connection)?;
    let operations = Operation::ALL.iter().map(|(word, code)| (format!("{word:?}"), *code));
    let statuses = Status::ALL.iter().map(|(word, code)| (format!("{word:?}"), *code));
    let refusals = Refusal::ALL.iter().map(|(word, code)| (format!("{word:?}"), *code));
    for (word, code) in operations.chain(statuses).chain(refusals) {
        module.set_int(&constant_name(&word), i64::from(code))?;
    }
    module.finish()
}

natives! {
    /// The functions of `_broker`.
    FUNCTIONS:
    function "serve" ("places=None, name='MainThread', /")
        "Start a broker in this process, its first instance; that many instances may run at once. Returns the connection to it." => serve;
    function "hide_exception" ("") "No exception is being handled in what the caller calls from now on." => |vm, _| {
        vm.hide_handled_exception();
        Ok(Owned::none())
    };
}

/// `TimedOut` as `TIMED_OUT`.
fn constant_name(word: &str) -> String {
    let mut name = String::new();
    for (place, letter) in word.char_indices() {
        if letter.is_ascii_uppercase() && place > 0 {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

fn serve(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let places = match present(args.get(0)) {
        None => None,
        Some(places) => match integer(vm, places)? {
            places @ 1.. => Some(usize::try_from(places).unwrap_or(usize::MAX)),
            _ => return Err(value_error(vm, "at least one instance must be able to run")),
        },
    };
    let name = match args.get(1) {
        Some(name) => crate::argument::text(vm, name, "name")?.into_owned(),
        None => "MainThread".to_owned(),
    };
    let server = Server::listen(places).map_err(|error| vm.raise_os_error(&error, None))?;
    // The children of children that have ended become this process's, which takes leave of them at its end.
    toy_process::adopt_orphans().map_err(|error| vm.raise_os_error(&error, None))?;
    let lock = std::sync::Arc::clone(vm.gil().shared().lock());
    let birth = lock.birth();
    let serving = server.clone();
    let body = move || {
        birth.begin();
        toy_process::block_signals_here();
        serving.serve(|call| lock.detached(call));
    };
    if let Err(error) = std::thread::Builder::new().name("broker".to_owned()).spawn(body) {
        return Err(vm.raise_os_error(&error, None));
    }
    Connection::introduce(vm, server.address().clone(), Some(server), 0, &name, Standing::default(), places.is_some())
}

/// Has the threads of the script run as instances; at most `places` of them run at once.
///
/// # Errors
/// If the system gives no sockets or no thread for the broker.
pub fn run_as_instances(vm: &mut Vm, places: Option<usize>) -> Outcome<()> {
    crate::frozen::run_as_instances(vm);
    let module = vm.import_module("_instances")?;
    let places = match places {
        Some(places) => vm.new_int_from_usize(places)?,
        None => Owned::none(),
    };
    drop(crate::module::call_method(vm, module.get(), "install", &[places.get()])?);
    Ok(())
}

/// The time that an instance is ready to wait: `None` for ever, never less than none.
fn patience(vm: &mut Vm, argument: Option<toy_object::Ref<'_>>) -> Outcome<Option<Duration>> {
    match present(argument) {
        None => Ok(None),
        Some(seconds) => {
            let seconds = crate::argument::signed_seconds(vm, seconds)?;
            match Duration::try_from_secs_f64(seconds.max(0.0)) {
                Ok(time) => Ok(Some(time)),
                Err(_) => Err(vm.raise(ClassName::OverflowError, "timeout value is too large")),
            }
        }
    }
}

/// Status, value and payload of a reply.
fn reply_tuple(vm: &mut Vm, reply: &toy_process::broker::Reply) -> Outcome {
    let status = vm.new_int(i64::from(reply.status as u8))?;
    let value = vm.new_int(reply.value)?;
    let payload = vm.new_bytes(&reply.payload)?;
    let parts: [Owned; 3] = [status, value, payload];
    Ok(vm.new_tuple(parts)?)
}
