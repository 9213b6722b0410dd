//! What scripts want done when signals come: the table of handlers, and calling them.

use std::cell::RefCell;

use rustix::fs::{OFlags, fcntl_getfl};
use toy_object::{Owned, Payload, Ref};
use toy_process::{Disposition, INTERRUPT, SIGNALS};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::names::{SIG_DFL, SIG_IGN};
use super::{check_number, none_after_signals, signal_number};
use crate::argument::{flag_or, int32, integer, type_error, value_error};
use crate::io::descriptor;
use crate::{class, library};

const TABLE: &str = "_signal.handlers";
const TABLE_CLASS: &str = "_signal._handlers";
const DEFAULT_HANDLER: &str = "_signal.default_int_handler";

/// What is done with each signal, by its number: a function, a number of the system's, or None for what others decided.
struct Table {
    handlers: RefCell<Vec<Owned>>,
    /// Whether it is told that the wakeup descriptor takes no more.
    warns_when_full: std::cell::Cell<bool>,
}

impl Payload for Table {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.handlers.borrow().iter().for_each(|handler| visit(handler.get()));
    }

    fn clear(&self) {
        drop(self.handlers.take());
    }
}

natives! {
    /// What Ctrl-C does by default.
    DEFAULT:
    function "default_int_handler" ("signalnum, frame, /") "Raises KeyboardInterrupt." =>
        |vm, _| Err(vm.raise_without_arguments(ClassName::KeyboardInterrupt));
}

/// Notes what is done with signals now, and has scripts decide from now on. Gives what Ctrl-C does by default.
pub(super) fn install(vm: &mut Vm) -> Outcome {
    if let Some(handler) = library::get(vm, DEFAULT_HANDLER) {
        return Ok(handler);
    }
    let default_handler = vm.new_function_of_row(&DEFAULT[0], None, None)?;
    let mut handlers = vec![Owned::none()];
    for signal in 1..=SIGNALS {
        handlers.push(match toy_process::disposition(signal) {
            _ if signal == INTERRUPT => default_handler.clone(),
            Ok(Some(Disposition::Default)) => vm.new_int(SIG_DFL)?,
            Ok(Some(Disposition::Ignored)) => vm.new_int(SIG_IGN)?,
            Ok(_) | Err(_) => Owned::none(),
        });
    }
    class::define(vm, TABLE_CLASS, &[])?;
    let table = Table { handlers: RefCell::new(handlers), warns_when_full: std::cell::Cell::new(true) };
    let table = class::new(vm, TABLE_CLASS, table)?;
    library::set(vm, TABLE, table);
    library::set(vm, DEFAULT_HANDLER, default_handler.clone());
    vm.handle_signals(handle);
    Ok(default_handler)
}

fn with_table<R>(vm: &Vm, f: impl FnOnce(&Table) -> R) -> Option<R> {
    let table = library::get(vm, TABLE)?;
    table.get().payload(vm.heap()).map(f)
}

fn handler_of(vm: &Vm, signal: i32) -> Owned {
    let handler = with_table(vm, |table| table.handlers.borrow().get(signal as usize).cloned());
    handler.flatten().unwrap_or_else(Owned::none)
}

fn is_number(handler: Ref<'_>) -> bool {
    handler.as_int().is_some()
}

/// Calls a signal's handler. One that was taken away meanwhile is passed over.
fn handle(vm: &mut Vm, signal: i32) -> Outcome<()> {
    let warns = with_table(vm, |table| table.warns_when_full.get()).unwrap_or(false);
    if let Some(error) = toy_process::take_wakeup_error()
        && (warns || error.kind() != std::io::ErrorKind::WouldBlock)
    {
        let toy_vm::Raised { .. } = vm.raise_os_error(&error, None);
        vm.unraisable(Some("Exception ignored when trying to write to the signal wakeup fd"), None);
    }
    let handler = handler_of(vm, signal);
    if handler.get().is_none() || is_number(handler.get()) {
        return Ok(());
    }
    let number = vm.new_int(i64::from(signal))?;
    let frame = vm.frame_at(0)?.unwrap_or_else(Owned::none);
    vm.call(handler.get(), &[number.get(), frame.get()]).map(drop)
}

pub(super) fn signal(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let handler = args.at(1);
    if !vm.record().is_main() {
        return Err(value_error(vm, "signal only works in main thread of the main interpreter"));
    }
    let signal = check_number(vm, number)?;
    let disposition = if vm.is_callable(handler) {
        Disposition::Noted
    } else {
        match handler.as_int().and_then(|number| number.to_i64()) {
            Some(SIG_DFL) => Disposition::Default,
            Some(SIG_IGN) => Disposition::Ignored,
            _ => {
                let message = "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object";
                return Err(type_error(vm, message));
            }
        }
    };
    // Those that have come already are the old handler's.
    vm.check_signals()?;
    toy_process::change_disposition(signal, disposition).map_err(|error| vm.raise_os_error(&error, None))?;
    let default_handler = class::find(vm, DEFAULT_HANDLER);
    vm.note_handled_signal(signal, disposition == Disposition::Noted && !handler.is(default_handler.get()));
    let handler = handler.to_owned();
    let before = with_table(vm, |table| {
        table.handlers.borrow_mut().get_mut(signal as usize).map(|slot| std::mem::replace(slot, handler))
    });
    Ok(before.flatten().unwrap_or_else(Owned::none))
}

pub(super) fn getsignal(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let signal = signal_number(vm, args.at(0))?;
    Ok(handler_of(vm, signal))
}

pub(super) fn siginterrupt(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let signal = signal_number(vm, args.at(0))?;
    let interrupts = vm.truth(args.at(1))?;
    let changed = toy_process::restart_calls(signal, !interrupts);
    changed.map(|()| Owned::none()).map_err(|error| vm.raise_os_error(&error, None))
}

pub(super) fn set_wakeup_fd(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (number, warns) = (int32(vm, args.at(0))?, flag_or(vm, args.get(1), true)?);
    if !vm.record().is_main() {
        return Err(value_error(vm, "set_wakeup_fd only works in main thread of the main interpreter"));
    }
    if number != -1 {
        let descriptor = descriptor::find(vm, number)?;
        let flags = descriptor.call(vm, |descriptor| fcntl_getfl(descriptor))?;
        if !flags.contains(OFlags::NONBLOCK) {
            return Err(value_error(vm, format!("the fd {number} must be in non-blocking mode")));
        }
    }
    with_table(vm, |table| table.warns_when_full.set(warns));
    Ok(vm.new_int(i64::from(toy_process::set_wakeup(number)))?)
}

pub(super) fn raise_signal(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let signal = int32(vm, args.at(0))?;
    toy_process::send_to_self(signal).map_err(|error| vm.raise_os_error(&error, None))?;
    none_after_signals(vm)
}

pub(super) fn pthread_kill(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (identity, signal) = (integer(vm, args.at(0))?, int32(vm, args.at(1))?);
    let living = vm.machine().threads().living();
    let record = living.iter().find(|record| i64::try_from(record.identity()) == Ok(identity));
    let sent = match record.map(|record| record.native_id()) {
        Some(thread @ 1..) => toy_process::send_to_own_thread(thread, signal),
        _ => Err(rustix::io::Errno::SRCH.into()),
    };
    sent.map_err(|error| vm.raise_os_error(&error, None))?;
    none_after_signals(vm)
}

pub(super) fn pidfd_send_signal(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (number, signal) = (int32(vm, args.at(0))?, int32(vm, args.at(1))?);
    if args.get(2).is_some_and(|information| !information.is_none()) {
        return Err(type_error(vm, "siginfo must be None"));
    }
    if args.get(3).map_or(Ok(0), |flags| int32(vm, flags))? != 0 {
        return Err(vm.raise_os_error(&rustix::io::Errno::INVAL.into(), None));
    }
    let descriptor = descriptor::find(vm, number)?;
    toy_process::send_to_descriptor(&descriptor, signal).map_err(|error| vm.raise_os_error(&error, None))?;
    none_after_signals(vm)
}

/// As if a signal came, if anybody here handles it.
pub(crate) fn interrupt_main(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let signal = args.get(0).map_or(Ok(INTERRUPT), |signal| signal_number(vm, signal))?;
    let is_handled = match library::get(vm, TABLE) {
        None => signal == INTERRUPT,
        Some(_) => {
            let handler = handler_of(vm, signal);
            !handler.get().is_none() && !is_number(handler.get())
        }
    };
    if is_handled {
        vm.simulate_signal(signal);
    }
    Ok(Owned::none())
}
