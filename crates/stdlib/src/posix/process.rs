//! Processes: who we are, children, signals.

use toy_gil::ReleaseCause;
use toy_object::Owned;
use toy_process::{Target, WaitStatus};
use toy_vm::{Args, ClassName, Outcome, Vm};

use crate::argument::{int32, integer, new_text};
use crate::structure;

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

pub(super) fn uname(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let class = structure::define(vm, "posix.uname_result", &["sysname", "nodename", "release", "version", "machine"])?;
    let names = rustix::system::uname();
    let texts = [names.sysname(), names.nodename(), names.release(), names.version(), names.machine()];
    let mut parts = Vec::new();
    for text in texts {
        parts.push(new_text(vm, text.to_string_lossy())?);
    }
    structure::new(vm, class.get(), parts)
}

pub(super) fn fork(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    Err(vm.raise(ClassName::OsError, "fork is not available yet: the machine's fork gate is not connected"))
}

fn wait_for(vm: &mut Vm, target: Target, blocks: bool) -> Outcome {
    loop {
        let waited = vm.released(ReleaseCause::Join, || toy_process::wait(target, blocks));
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

pub(super) fn waitpid(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let target = Target::from_number(int32(vm, args.at(0))?);
    let options = integer(vm, args.at(1))?;
    wait_for(vm, target, options & 1 == 0)
}

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
            let message = format!("invalid wait status: {}", status.raw());
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
