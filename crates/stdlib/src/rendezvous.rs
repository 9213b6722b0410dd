//! `_rendezvous`: sockets with a name, through which processes that do not know each other meet. `multiprocessing.managers` uses it.

use rustix::io::Errno;
use toy_gil::ReleaseCause;
use toy_object::Owned;
use toy_vm::{Args, Outcome, Vm, natives};

use crate::argument::{int32, text};
use crate::io::descriptor;
use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    NewModule::new(vm, "_rendezvous", "Sockets with a name, where processes meet.", FUNCTIONS)?.finish()
}

natives! {
    /// The functions of `_rendezvous`.
    FUNCTIONS:
    function "listen" ("name, /") "Listen under a name; returns the number of a descriptor that can be read when somebody calls." => |vm, args| {
        let name = text(vm, args.at(0), "name")?.into_owned();
        match toy_process::listen_at(name.as_bytes()) {
            Ok(socket) => new_number(vm, socket),
            Err(error) => Err(vm.raise_os_error(&error.into(), None)),
        }
    };
    function "let_in" ("fd, /") "Let the next caller in; returns the number of a connection to it, or None: nobody of this user calls." => |vm, args| {
        let number = int32(vm, args.at(0))?;
        let listener = descriptor::find(vm, number)?;
        match toy_process::let_in(&listener) {
            Ok(socket) => new_number(vm, socket),
            Err(Errno::AGAIN) => Ok(Owned::none()),
            Err(error) => Err(vm.raise_os_error(&error.into(), None)),
        }
    };
    function releasing "call" ("name, /") "Call whoever listens under a name; returns the number of a connection." => call;
}

fn new_number(vm: &mut Vm, socket: std::os::fd::OwnedFd) -> Outcome {
    let number = descriptor::add(vm, socket)?.number();
    Ok(vm.new_int(i64::from(number))?)
}

fn call(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = text(vm, args.at(0), "name")?.into_owned();
    loop {
        match vm.released(ReleaseCause::Io, || toy_process::call(name.as_bytes())) {
            Ok(socket) => return new_number(vm, socket),
            Err(Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
    }
}
