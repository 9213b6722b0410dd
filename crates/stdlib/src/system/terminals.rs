//! Pseudo-terminals, and which processes a terminal belongs to.

use rustix::io::Errno;
use rustix::process::{Pid, ioctl_tiocsctty};
use rustix::pty::{self, OpenptFlags};
use rustix::termios;
use toy_object::Owned;
use toy_vm::{Args, Outcome, Vm};

use crate::argument::int32;
use crate::io::descriptor::{self, Descriptor};
use crate::posix::path_text;

fn terminal(vm: &mut Vm, args: Args<'_>) -> Outcome<Descriptor> {
    let number = int32(vm, args.at(0))?;
    descriptor::find(vm, number)
}

pub(super) fn posix_openpt(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let flags = OpenptFlags::from_bits_retain(int32(vm, args.at(0))? as u32);
    let made = pty::openpt(flags).map_err(|error| vm.raise_os_error(&error.into(), None))?;
    let number = descriptor::add(vm, made)?.number();
    Ok(vm.new_int(i64::from(number))?)
}

pub(super) fn grantpt(vm: &mut Vm, args: Args<'_>) -> Outcome {
    terminal(vm, args)?.call(vm, |terminal| pty::grantpt(terminal))?;
    Ok(Owned::none())
}

pub(super) fn unlockpt(vm: &mut Vm, args: Args<'_>) -> Outcome {
    terminal(vm, args)?.call(vm, |terminal| pty::unlockpt(terminal))?;
    Ok(Owned::none())
}

pub(super) fn ptsname(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = terminal(vm, args)?.call(vm, |terminal| pty::ptsname(terminal, Vec::new()))?;
    path_text(vm, name.as_bytes())
}

pub(super) fn tcgetpgrp(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let group = terminal(vm, args)?.call(vm, |terminal| termios::tcgetpgrp(terminal))?;
    Ok(vm.new_int(i64::from(group.as_raw_pid()))?)
}

pub(super) fn tcsetpgrp(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let group = Pid::from_raw(int32(vm, args.at(1))?);
    terminal(vm, args)?.call(vm, |terminal| match group {
        Some(group) => termios::tcsetpgrp(terminal, group),
        None => Err(Errno::INVAL),
    })?;
    Ok(Owned::none())
}

pub(super) fn control(vm: &mut Vm, args: Args<'_>) -> Outcome {
    terminal(vm, args)?.call(vm, |terminal| ioctl_tiocsctty(terminal))?;
    Ok(Owned::none())
}
