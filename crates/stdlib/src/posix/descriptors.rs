//! Descriptors by number: how they behave, copies of them, reading and writing at places.

use std::os::fd::BorrowedFd;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::{Errno, FdFlags, fcntl_getfd, fcntl_setfd};
use rustix::pipe::{PipeFlags, pipe_with};
use toy_gil::ReleaseCause;
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm};

use super::files::numbers;
use crate::argument::{bytes, flag_or, int32, integer};
use crate::io::descriptor;

/// Makes a call that does not wait with the descriptor that the first argument is.
pub(super) fn on<R>(vm: &mut Vm, args: Args<'_>, call: impl Fn(BorrowedFd<'_>) -> Result<R, Errno>) -> Outcome<R> {
    let number = int32(vm, args.at(0))?;
    descriptor::find(vm, number)?.call(vm, call)
}

/// As [`on`], for calls that answer nothing and may take long.
pub(super) fn slowly_on(
    vm: &mut Vm,
    args: Args<'_>,
    call: impl Fn(BorrowedFd<'_>) -> Result<(), Errno> + Send + Sync,
) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let descriptor = descriptor::find(vm, number)?;
    loop {
        match vm.released(ReleaseCause::Io, || descriptor.with(&call)) {
            Ok(()) => return Ok(Owned::none()),
            Err(Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
    }
}

pub(super) fn get_blocking(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let flags = on(vm, args, |descriptor| fcntl_getfl(descriptor))?;
    Ok(Owned::bool(!flags.contains(OFlags::NONBLOCK)))
}

pub(super) fn set_blocking(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let blocks = vm.truth(args.at(1))?;
    on(vm, args, |descriptor| {
        let mut flags = fcntl_getfl(descriptor)?;
        flags.set(OFlags::NONBLOCK, !blocks);
        fcntl_setfl(descriptor, flags)
    })?;
    Ok(Owned::none())
}

pub(super) fn get_inheritable(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let flags = on(vm, args, |descriptor| fcntl_getfd(descriptor))?;
    Ok(Owned::bool(!flags.contains(FdFlags::CLOEXEC)))
}

pub(super) fn set_inheritable(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let is_inheritable = vm.truth(args.at(1))?;
    on(vm, args, |descriptor| {
        let mut flags = fcntl_getfd(descriptor)?;
        flags.set(FdFlags::CLOEXEC, !is_inheritable);
        fcntl_setfd(descriptor, flags)
    })?;
    Ok(Owned::none())
}

pub(super) fn dup2(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (from, to) = (int32(vm, args.at(0))?, int32(vm, args.at(1))?);
    let is_inheritable = flag_or(vm, args.get(2), true)?;
    let descriptor = descriptor::find(vm, from)?;
    if to < 0 {
        return Err(vm.raise_os_error(&Errno::BADF.into(), None));
    }
    if from != to {
        descriptor::replace(vm, &descriptor, to, is_inheritable)?;
    }
    Ok(vm.new_int(i64::from(to))?)
}

pub(super) fn pipe2(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let flags = PipeFlags::from_bits_retain(int32(vm, args.at(0))? as u32);
    let (reader, writer) = pipe_with(flags).map_err(|error| vm.raise_os_error(&error.into(), None))?;
    let (reader, writer) = (descriptor::add(vm, reader)?, descriptor::add(vm, writer)?);
    numbers(vm, [reader, writer].map(|end| i64::from(end.number())))
}

pub(super) fn closerange(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let wanted = int32(vm, args.at(0))?.max(0)..int32(vm, args.at(1))?;
    for number in open_numbers().filter(|number| wanted.contains(number)) {
        if descriptor::close(vm, number).is_err() {
            drop(vm.take_raised());
        }
    }
    Ok(Owned::none())
}

/// The numbers of the process's descriptors. Where the system does not list them, all that it allows.
fn open_numbers() -> impl Iterator<Item = i32> {
    let listed = std::fs::read_dir("/proc/self/fd").map(|entries| {
        entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect::<Vec<i32>>()
    });
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let end = limit.and_then(|limit| i32::try_from(limit).ok()).unwrap_or(i32::MAX);
    let all = if listed.is_ok() { 0..0 } else { 0..end };
    listed.unwrap_or_default().into_iter().chain(all)
}

fn place(vm: &mut Vm, argument: Ref<'_>) -> Outcome<u64> {
    let place = integer(vm, argument)?;
    u64::try_from(place).map_err(|_| vm.raise_os_error(&Errno::INVAL.into(), None))
}

pub(super) fn pread(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let length = integer(vm, args.at(1))?;
    let place = place(vm, args.at(2))?;
    let Ok(length) = usize::try_from(length) else { return Err(vm.raise_os_error(&Errno::INVAL.into(), None)) };
    let descriptor = descriptor::find(vm, number)?;
    if !vm.has_room_for(length) {
        return Err(toy_object::OutOfMemory.into());
    }
    let mut buffer = vec![0; length];
    loop {
        match vm.released(ReleaseCause::Io, || descriptor.with(|fd| rustix::io::pread(fd, &mut buffer[..], place))) {
            Ok(count) => return Ok(vm.new_bytes(&buffer[..count])?),
            Err(Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
    }
}

pub(super) fn pwrite(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let data = bytes(vm, args.at(1))?;
    let place = place(vm, args.at(2))?;
    let descriptor = descriptor::find(vm, number)?;
    loop {
        match vm.released(ReleaseCause::Io, || descriptor.with(|fd| rustix::io::pwrite(fd, &data, place))) {
            Ok(count) => return Ok(vm.new_int_from_usize(count)?),
            Err(Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
    }
}

pub(super) fn ftruncate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let length = place(vm, args.at(1))?;
    slowly_on(vm, args, |descriptor| rustix::fs::ftruncate(descriptor, length))
}

pub(super) fn ttyname(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = on(vm, args, |descriptor| rustix::termios::ttyname(descriptor, Vec::new()))?;
    super::path_text(vm, name.as_bytes())
}
