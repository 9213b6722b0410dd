//! The end of another process, as something to wait for; and starting programs.

use std::cell::RefCell;
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::sync::Arc;

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::waiting;
use crate::argument::{int32, text, type_error};
use crate::class;
use crate::io::descriptor::{self, Descriptor};

/// Full name of the class.
pub(super) const PROCESS_END: &str = "_multiprocessing.ProcessEnd";

/// Becomes ready when a process ends.
pub(super) struct ProcessEnd {
    /// Absent once it is closed.
    descriptor: RefCell<Option<Arc<OwnedFd>>>,
}

impl Payload for ProcessEnd {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

impl ProcessEnd {
    /// The descriptor; `ValueError` if it is closed.
    pub(super) fn open(&self, vm: &mut Vm) -> Outcome<Arc<OwnedFd>> {
        match &*self.descriptor.borrow() {
            Some(descriptor) => Ok(Arc::clone(descriptor)),
            None => Err(vm.raise(ClassName::ValueError, "the process is closed")),
        }
    }
}

natives! {
    /// The methods of `ProcessEnd`.
    pub(super) METHODS:
    static "__new__" ("pid") "The end of the process of this number." => |vm, args| {
        let number = int32(vm, args.at(1))?;
        match toy_process::process_descriptor(number) {
            Ok(descriptor) => {
                let end = ProcessEnd { descriptor: RefCell::new(Some(Arc::new(descriptor))) };
                class::construct(vm, PROCESS_END, args.at(0), end)
            }
            Err(error) => Err(vm.raise_os_error(&error, None)),
        }
    };
    class "_rebuild" ("descriptor") "The one whose descriptor this is, which it takes over." => |vm, args| {
        let number = int32(vm, args.at(1))?;
        let descriptor = descriptor::claim(vm, number)?;
        class::construct(vm, PROCESS_END, args.at(0), ProcessEnd { descriptor: RefCell::new(Some(descriptor)) })
    };
    method releasing "wait" ("timeout=None") "Wait until it has ended; whether it has." => |vm, args| {
        let descriptor = class::this::<ProcessEnd>(vm, args.at(0), PROCESS_END)?.open(vm)?;
        let timeout = waiting::timeout(vm, args.get(1))?;
        let ready = waiting::wait_for(vm, &[Descriptor::Open(descriptor)], timeout)?;
        Ok(Owned::bool(ready[0]))
    };
    method "fileno" ("") "The number of the descriptor that becomes readable then." => |vm, args| {
        let descriptor = class::this::<ProcessEnd>(vm, args.at(0), PROCESS_END)?.open(vm)?;
        let number = descriptor::lend(vm, &descriptor)?;
        Ok(vm.new_int(i64::from(number))?)
    };
    method "close" ("") "Let go of the descriptor." => |vm, args| {
        drop(class::this::<ProcessEnd>(vm, args.at(0), PROCESS_END)?.descriptor.take());
        Ok(Owned::none())
    };
}

/// Text for another program.
fn system_text(vm: &mut Vm, argument: Ref<'_>) -> Outcome<OsString> {
    let text = text(vm, argument, "argument")?.into_owned();
    if text.contains('\0') {
        return Err(crate::argument::value_error(vm, "embedded null byte"));
    }
    Ok(OsString::from_vec(text.into_bytes()))
}

fn pair(vm: &mut Vm, item: Ref<'_>) -> Outcome<(OsString, OsString)> {
    let parts = vm.collect(item)?;
    let [name, value] = parts.as_slice() else { return Err(type_error(vm, "the environment is made of pairs")) };
    Ok((system_text(vm, name.get())?, system_text(vm, value.get())?))
}

pub(super) fn open_lifeline(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let (reader, lifeline) = toy_process::open_lifeline().map_err(|error| vm.raise_os_error(&error, None))?;
    let reader = descriptor::add(vm, reader)?;
    let parts = [vm.new_int(i64::from(reader.number()))?, vm.new_int(lifeline.0.cast_signed())?];
    Ok(vm.new_tuple(parts)?)
}

pub(super) fn start(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let program = system_text(vm, args.at(0))?;
    let (mut arguments, mut environment) = (Vec::new(), Vec::new());
    for argument in vm.collect(args.at(1))? {
        arguments.push(system_text(vm, argument.get())?);
    }
    for item in vm.collect(args.at(2))? {
        environment.push(pair(vm, item.get())?);
    }
    let input = int32(vm, args.at(3))?;
    let input = descriptor::find(vm, input)?;
    vm.note_beyond_control("another process");
    vm.flush_out()?;
    let copy = rustix::io::fcntl_dupfd_cloexec(&input, 3).map_err(std::io::Error::from);
    match copy.and_then(|input| toy_process::start(&program, &arguments, &environment, input)) {
        Ok(process) => Ok(vm.new_int(i64::from(process))?),
        Err(error) => Err(vm.raise_os_error(&error, Some(args.at(0)))),
    }
}
