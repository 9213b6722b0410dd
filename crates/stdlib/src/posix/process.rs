//! Processes: who we are, children, signals.

use rustix::event::{Timespec, poll};
use rustix::io::Errno;
use toy_gil::ReleaseCause;
use toy_object::{Owned, Ref};
use toy_process::{Forked, Target, WaitStatus};
use toy_vm::{Args, Outcome, Vm};

use crate::argument::{int32, new_text, type_error};
use crate::{library, structure};

pub(super) fn getpid(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let number = rustix::process::getpid().as_raw_nonzero().get();
    Ok(vm.new_int(i64::from(number))?)
}

pub(super) fn getppid(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let number = rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
    Ok(vm.new_int(i64::from(number))?)
}

pub(super) fn getuid(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    Ok(vm.new_int(i64::from(rustix::process::getuid().as_raw()))?)
}

pub(super) fn getgid(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    Ok(vm.new_int(i64::from(rustix::process::getgid().as_raw()))?)
}

pub(super) fn uname_class(vm: &mut Vm) -> Outcome {
    structure::define(vm, "posix.uname_result", &["sysname", "nodename", "release", "version", "machine"])
}

pub(super) fn uname(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let class = uname_class(vm)?;
    let names = rustix::system::uname();
    let texts = [names.sysname(), names.nodename(), names.release(), names.version(), names.machine()];
    let mut parts = Vec::new();
    for text in texts {
        parts.push(new_text(vm, text.to_string_lossy())?);
    }
    structure::new(vm, class.get(), parts)
}

/// What is called around a fork, a list of tuples: before, after in the parent, after in the child.
const AT_FORK: &str = "posix.at_fork";

fn at_fork(vm: &mut Vm) -> Outcome {
    if let Some(calls) = library::get(vm, AT_FORK) {
        return Ok(calls);
    }
    let calls = vm.new_list(Vec::new())?;
    library::set(vm, AT_FORK, calls.clone());
    Ok(calls)
}

pub(super) fn register_at_fork(vm: &mut Vm, args: Args<'_>) -> Outcome {
    for (place, name) in ["before", "after_in_child", "after_in_parent"].into_iter().enumerate() {
        if let Some(function) = args.get(place).filter(|function| !function.is_none() && !vm.is_callable(*function)) {
            let got = vm.type_name(function);
            return Err(type_error(vm, format!("'{name}' must be callable, not {got}")));
        }
    }
    let parts = [0, 2, 1].map(|place| args.get(place).map_or_else(Owned::none, Ref::to_owned));
    if parts.iter().all(|part| part.get().is_none()) {
        return Err(type_error(vm, "At least one argument is required."));
    }
    let call = vm.new_tuple(parts)?;
    let calls = at_fork(vm)?;
    calls.get().as_list().expect("made here").push(vm.heap(), call)?;
    Ok(Owned::none())
}

/// Calls what was registered for a moment of forking. What is raised is reported and stops nothing.
fn call_at_fork(vm: &mut Vm, place: usize, is_reversed: bool) -> Outcome<()> {
    let Some(calls) = library::get(vm, AT_FORK) else { return Ok(()) };
    let mut calls = vm.collect(calls.get())?;
    if is_reversed {
        calls.reverse();
    }
    for call in calls {
        let function = call.get().as_tuple().and_then(|call| call.get(place)).map_or_else(Owned::none, Ref::to_owned);
        if !function.get().is_none() && vm.call(function.get(), &[]).is_err() {
            vm.unraisable(None, Some(function.get()));
        }
    }
    Ok(())
}

pub(super) fn fork(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    call_at_fork(vm, 0, true)?;
    let forked = vm.fork(|| {
        toy_process::fork().map(|forked| match forked {
            Forked::Child => 0,
            Forked::Parent(child) => child,
        })
    });
    let child = match forked {
        Ok(0) => {
            crate::thread::after_fork(vm)?;
            call_at_fork(vm, 2, false)?;
            0
        }
        forked => {
            call_at_fork(vm, 1, false)?;
            forked?
        }
    };
    Ok(vm.new_int(i64::from(child))?)
}

fn wait_for(vm: &mut Vm, target: Target, blocks: bool) -> Outcome {
    loop {
        let waited = if vm.is_virtual() {
            wait_in_turn(vm, target, blocks)
        } else {
            vm.released(ReleaseCause::Join, || toy_process::wait(target, blocks))
        };
        let (process, status) = match waited {
            Ok(Some((process, status))) => (process, status.raw()),
            Ok(None) => (0, 0),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                vm.check_signals()?;
                continue;
            }
            Err(error) => return Err(vm.raise_os_error(&error, None)),
        };
        let parts = [vm.new_int(i64::from(process))?, vm.new_int(i64::from(status))?];
        return Ok(vm.new_tuple(parts)?);
    }
}

/// In virtual time the other threads run until the child has ended.
fn wait_in_turn(vm: &mut Vm, target: Target, blocks: bool) -> std::io::Result<Option<(i32, WaitStatus)>> {
    loop {
        match toy_process::wait(target, false) {
            Ok(None) if blocks => vm.wait_outside("another process", pause)?,
            waited => return waited,
        }
    }
}

/// Waits for some time in virtual time's stead.
pub(crate) fn pause(time: &Timespec) -> Result<bool, Errno> {
    poll(&mut [], Some(time)).map(|_| false)
}

pub(super) fn waitpid(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let target = Target::from_number(int32(vm, args.at(0))?);
    let options = int32(vm, args.at(1))?;
    if options & !NO_HANG == 0 {
        return wait_for(vm, target, options == 0);
    }
    // Children that were stopped or go on are wanted, too.
    loop {
        match vm.released(ReleaseCause::Join, || toy_process::wait_with_usage(target, options)) {
            Ok((process, status, _)) => {
                let parts = [vm.new_int(i64::from(process))?, vm.new_int(i64::from(status))?];
                return Ok(vm.new_tuple(parts)?);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error, None)),
        }
    }
}

/// `WNOHANG`: do not wait.
const NO_HANG: i32 = 1;

pub(super) fn wait(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    wait_for(vm, Target::Any, true)
}

pub(super) fn kill(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (process, signal) = (int32(vm, args.at(0))?, int32(vm, args.at(1))?);
    match toy_process::send_signal(Target::from_number(process), signal) {
        Ok(()) => {
            // A signal to this very process may have arrived already.
            vm.check_signals()?;
            Ok(Owned::none())
        }
        Err(error) => Err(vm.raise_os_error(&error, None)),
    }
}

pub(super) fn exit_now(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let status = int32(vm, args.at(0))?;
    // Whoever listens to the lock keeps what was heard; there is nobody left to be told of trouble.
    drop(vm.gil().lock().finish());
    toy_process::exit_now(status)
}

fn status(vm: &mut Vm, args: Args<'_>) -> Outcome<WaitStatus> {
    Ok(WaitStatus::from_raw(int32(vm, args.at(0))?))
}

pub(super) fn exit_code(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let status = status(vm, args)?;
    match status.exit_code() {
        Some(code) => Ok(vm.new_int(i64::from(code))?),
        None => {
            let raw = status.raw();
            let message = match raw & 0xff {
                0x7f => format!("process stopped by delivery of signal {}", raw >> 8 & 0xff),
                _ => format!("invalid wait status: {raw}"),
            };
            Err(crate::argument::value_error(vm, message))
        }
    }
}

pub(super) fn has_exited(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(Owned::bool(matches!(status(vm, args)?, WaitStatus::Exited(_))))
}

pub(super) fn exit_status(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let code = (status(vm, args)?.raw() >> 8) & 0xff;
    Ok(vm.new_int(i64::from(code))?)
}

pub(super) fn was_signaled(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(Owned::bool(matches!(status(vm, args)?, WaitStatus::Signaled(..))))
}

pub(super) fn signal(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let signal = status(vm, args)?.raw() & 0x7f;
    Ok(vm.new_int(i64::from(signal))?)
}
