//! Descriptors by number: how they behave, and copies of them.

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};
use toy_object::Owned;
use toy_vm::{Args, Outcome, Vm};

use crate::argument::int32;
use crate::io::descriptor;

pub(super) fn get_blocking(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let flags = descriptor::find(vm, number)?.call(vm, |descriptor| fcntl_getfl(descriptor))?;
    Ok(Owned::bool(!flags.contains(OFlags::NONBLOCK)))
}

pub(super) fn set_blocking(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (number, blocks) = (int32(vm, args.at(0))?, vm.truth(args.at(1))?);
    descriptor::find(vm, number)?.call(vm, |descriptor| {
        let mut flags = fcntl_getfl(descriptor)?;
        flags.set(OFlags::NONBLOCK, !blocks);
        fcntl_setfl(descriptor, flags)
    })?;
    Ok(Owned::none())
}

pub(super) fn get_inheritable(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let flags = descriptor::find(vm, number)?.call(vm, |descriptor| fcntl_getfd(descriptor))?;
    Ok(Owned::bool(!flags.contains(FdFlags::CLOEXEC)))
}

pub(super) fn set_inheritable(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (number, is_inheritable) = (int32(vm, args.at(0))?, vm.truth(args.at(1))?);
    descriptor::find(vm, number)?.call(vm, |descriptor| {
        let mut flags = fcntl_getfd(descriptor)?;
        flags.set(FdFlags::CLOEXEC, !is_inheritable);
        fcntl_setfd(descriptor, flags)
    })?;
    Ok(Owned::none())
}
