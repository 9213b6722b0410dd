//! Waiting for children in every way that there is, and how important processes are.

use rustix::process::{self as system, Pid, Uid};
use toy_gil::ReleaseCause;
use toy_object::{Owned, Ref};
use toy_process::{Target, Usage, wait_with_usage};
use toy_vm::{Args, Outcome, Vm};

use crate::argument::{int32, value_error};
use crate::structure;

fn usage(vm: &mut Vm, usage: &Usage) -> Outcome {
    let fields = [
        "ru_utime",
        "ru_stime",
        "ru_maxrss",
        "ru_ixrss",
        "ru_idrss",
        "ru_isrss",
        "ru_minflt",
        "ru_majflt",
        "ru_nswap",
        "ru_inblock",
        "ru_oublock",
        "ru_msgsnd",
        "ru_msgrcv",
        "ru_nsignals",
        "ru_nvcsw",
        "ru_nivcsw",
    ];
    let class = structure::define(vm, "resource.struct_rusage", &fields)?;
    let mut parts = vec![vm.new_float(usage.user)?, vm.new_float(usage.system)?];
    for count in usage.counts {
        parts.push(vm.new_int(count)?);
    }
    structure::new(vm, class.get(), parts)
}

/// Waits for one of the children that are meant; (number, status, what it has used).
fn wait(vm: &mut Vm, target: Target, options: i32) -> Outcome {
    loop {
        let (process, status, used) = match vm.released(ReleaseCause::Join, || wait_with_usage(target, options)) {
            Ok(ended) => ended,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                vm.check_signals()?;
                continue;
            }
            Err(error) => return Err(vm.raise_os_error(&error, None)),
        };
        let used = usage(vm, &used)?;
        let parts = [vm.new_int(i64::from(process))?, vm.new_int(i64::from(status))?, used];
        return Ok(vm.new_tuple(parts)?);
    }
}

pub(super) fn wait3(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let options = int32(vm, args.at(0))?;
    wait(vm, Target::Any, options)
}

pub(super) fn wait4(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (process, options) = (int32(vm, args.at(0))?, int32(vm, args.at(1))?);
    wait(vm, Target::from_number(process), options)
}

pub(super) fn waitid(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (kind, number, options) = (int32(vm, args.at(0))?, int32(vm, args.at(1))?, int32(vm, args.at(2))?);
    loop {
        let found = vm.released(ReleaseCause::Join, || toy_process::wait_for_change(kind, number, options));
        let found = match found {
            Ok(None) => return Ok(Owned::none()),
            Ok(Some(found)) => found,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                vm.check_signals()?;
                continue;
            }
            Err(error) => return Err(vm.raise_os_error(&error, None)),
        };
        let class = waitid_class(vm)?;
        let parts = found.map(|number| vm.new_int(i64::from(number)));
        let parts = parts.into_iter().collect::<Result<Vec<_>, _>>()?;
        return structure::new(vm, class.get(), parts);
    }
}

pub(super) fn waitid_class(vm: &mut Vm) -> Outcome {
    structure::define(vm, "posix.waitid_result", &["si_pid", "si_uid", "si_signo", "si_status", "si_code"])
}

/// Whose importance is meant: that of a process, of a group, or of a user; 0 is one's own.
fn priority<R>(
    vm: &mut Vm,
    kind: Ref<'_>,
    number: Ref<'_>,
    process: impl FnOnce(Option<Pid>) -> rustix::io::Result<R>,
    group: impl FnOnce(Option<Pid>) -> rustix::io::Result<R>,
    user: impl FnOnce(Uid) -> rustix::io::Result<R>,
) -> Outcome<R> {
    let (kind, number) = (int32(vm, kind)?, int32(vm, number)?);
    let Ok(positive) = u32::try_from(number) else {
        return Err(vm.raise_os_error(&rustix::io::Errno::SRCH.into(), None));
    };
    let answer = match kind {
        0 => process(Pid::from_raw(number)),
        1 => group(Pid::from_raw(number)),
        2 => user(if number == 0 { system::getuid() } else { Uid::from_raw(positive) }),
        _ => Err(rustix::io::Errno::INVAL),
    };
    answer.map_err(|error| vm.raise_os_error(&error.into(), None))
}

pub(super) fn getpriority(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let priority = priority(
        vm,
        args.at(0),
        args.at(1),
        system::getpriority_process,
        system::getpriority_pgrp,
        system::getpriority_user,
    )?;
    Ok(vm.new_int(i64::from(priority))?)
}

pub(super) fn setpriority(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let wanted = int32(vm, args.at(2))?;
    priority(
        vm,
        args.at(0),
        args.at(1),
        |process| system::setpriority_process(process, wanted),
        |group| system::setpriority_pgrp(group, wanted),
        |user| system::setpriority_user(user, wanted),
    )?;
    Ok(Owned::none())
}

pub(super) fn pidfd_open(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let flags = system::PidfdFlags::from_bits_retain(crate::argument::integer_or(vm, args.get(1), 0)? as u32);
    let process = Pid::from_raw(number).filter(|_| number > 0);
    let Some(process) = process else { return Err(value_error(vm, "a process number must be positive")) };
    let opened = system::pidfd_open(process, flags).map_err(|error| vm.raise_os_error(&error.into(), None))?;
    let number = crate::io::descriptor::add(vm, opened)?.number();
    Ok(vm.new_int(i64::from(number))?)
}
