//! Who this process is: users, groups, sessions; and what it has used.

use nix::sched::{self, CpuSet};
use nix::unistd::{self, Pid};
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm};

use crate::argument::{int32, integer, value_error};
use crate::structure;

/// A process by its number; 0: this one.
fn process(vm: &mut Vm, argument: Ref<'_>) -> Outcome<Pid> {
    Ok(Pid::from_raw(int32(vm, argument)?))
}

/// The number of a process, group or session; 0 if it is of another namespace.
fn number(vm: &mut Vm, answer: nix::Result<Pid>) -> Outcome {
    match answer {
        Ok(process) => Ok(vm.new_int(i64::from(process.as_raw()))?),
        Err(error) => Err(vm.raise_os_error(&error.into(), None)),
    }
}

fn nothing(vm: &mut Vm, answer: nix::Result<()>) -> Outcome {
    answer.map(|()| Owned::none()).map_err(|error| vm.raise_os_error(&error.into(), None))
}

pub(super) fn getpgid(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let process = process(vm, args.at(0))?;
    number(vm, unistd::getpgid(Some(process)))
}

pub(super) fn getpgrp(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    number(vm, Ok(unistd::getpgrp()))
}

pub(super) fn getsid(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let process = process(vm, args.at(0))?;
    number(vm, unistd::getsid(Some(process)))
}

pub(super) fn setsid(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    nothing(vm, unistd::setsid().map(drop))
}

pub(super) fn setpgid(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (process, group) = (process(vm, args.at(0))?, process(vm, args.at(1))?);
    nothing(vm, unistd::setpgid(process, group))
}

pub(super) fn getgroups(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let groups = rustix::process::getgroups().map_err(|error| vm.raise_os_error(&error.into(), None))?;
    let mut numbers = Vec::new();
    for group in groups {
        numbers.push(vm.new_int(i64::from(group.as_raw()))?);
    }
    Ok(vm.new_list(numbers)?)
}

pub(super) fn killpg(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (group, signal) = (int32(vm, args.at(0))?, int32(vm, args.at(1))?);
    let target = if group == 0 { toy_process::Target::OwnGroup } else { toy_process::Target::Group(group) };
    toy_process::send_signal(target, signal).map_err(|error| vm.raise_os_error(&error, None))?;
    vm.check_signals()?;
    Ok(Owned::none())
}

pub(super) fn nice(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let increment = int32(vm, args.at(0))?;
    match rustix::process::nice(increment) {
        Ok(priority) => Ok(vm.new_int(i64::from(priority))?),
        Err(error) => Err(vm.raise_os_error(&error.into(), None)),
    }
}

pub(super) fn getloadavg(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let text = std::fs::read_to_string("/proc/loadavg").map_err(|error| vm.raise_os_error(&error, None))?;
    let mut parts = Vec::new();
    for word in text.split_whitespace().take(3) {
        parts.push(vm.new_float(word.parse().unwrap_or(0.0))?);
    }
    Ok(vm.new_tuple(parts)?)
}

/// Ticks of the clock in which the system counts what processes use, a second.
const TICKS: f64 = 100.0;

pub(super) fn times_class(vm: &mut Vm) -> Outcome {
    let fields = ["user", "system", "children_user", "children_system", "elapsed"];
    structure::define(vm, "posix.times_result", &fields)
}

pub(super) fn times(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let class = times_class(vm)?;
    let text = std::fs::read_to_string("/proc/self/stat").map_err(|error| vm.raise_os_error(&error, None))?;
    // Behind the program's name, which may hold anything.
    let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let used = rest.split_whitespace().skip(11).take(4).map(|word| word.parse::<f64>().unwrap_or(0.0) / TICKS);
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let elapsed = now.tv_sec as f64 + (now.tv_nsec / 10_000_000) as f64 / TICKS;
    let mut parts = Vec::new();
    for seconds in used.chain([elapsed]).collect::<Vec<_>>() {
        parts.push(vm.new_float(seconds)?);
    }
    structure::new(vm, class.get(), parts)
}

pub(super) fn sched_getaffinity(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let process = process(vm, args.at(0))?;
    let cpus = sched::sched_getaffinity(process).map_err(|error| vm.raise_os_error(&error.into(), None))?;
    let set = vm.new_set()?;
    for place in (0..CpuSet::count()).filter(|place| cpus.is_set(*place).unwrap_or(false)) {
        let place = vm.new_int_from_usize(place)?;
        vm.set_add(set.get(), place.get())?;
    }
    Ok(set)
}

pub(super) fn sched_setaffinity(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let process = process(vm, args.at(0))?;
    let mut cpus = CpuSet::new();
    for place in vm.collect(args.at(1))? {
        let place = integer(vm, place.get())?;
        match usize::try_from(place) {
            Ok(place) if cpus.set(place).is_ok() => {}
            Ok(_) => return Err(crate::argument::overflow_error(vm, "CPU number too large")),
            Err(_) => return Err(value_error(vm, "negative CPU number")),
        }
    }
    nothing(vm, sched::sched_setaffinity(process, &cpus))
}
