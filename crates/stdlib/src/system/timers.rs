//! Descriptors that become ready by themselves: counters of events, and timers.

use rustix::event::{EventfdFlags, eventfd};
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use rustix::time::{timerfd_create, timerfd_gettime, timerfd_settime};
use toy_gil::ReleaseCause;
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm};

use crate::argument::{int32, integer, integer_or, overflow_error, present, signed_seconds, value_error};
use crate::io::descriptor;

const NANOSECONDS: i64 = 1_000_000_000;

fn add(vm: &mut Vm, made: rustix::io::Result<std::os::fd::OwnedFd>) -> Outcome {
    let made = made.map_err(|error| vm.raise_os_error(&error.into(), None))?;
    let number = descriptor::add(vm, made)?.number();
    Ok(vm.new_int(i64::from(number))?)
}

pub(super) fn make_counter(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let start = integer(vm, args.at(0))?;
    let Ok(start) = u32::try_from(start) else {
        return Err(match start < 0 {
            true => value_error(vm, "value must be positive"),
            false => overflow_error(vm, "Python int too large to convert to C unsigned int"),
        });
    };
    let flags = integer_or(vm, args.get(1), i64::from(EventfdFlags::CLOEXEC.bits()))?;
    add(vm, eventfd(start, EventfdFlags::from_bits_retain(flags as u32)))
}

pub(super) fn read_counter(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let descriptor = descriptor::find(vm, number)?;
    let mut count = [0; 8];
    loop {
        match vm.released(ReleaseCause::Io, || descriptor.with(|fd| rustix::io::read(fd, &mut count[..]))) {
            Ok(_) => break,
            Err(rustix::io::Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
    }
    let count = usize::try_from(u64::from_ne_bytes(count)).unwrap_or(usize::MAX);
    Ok(vm.new_int_from_usize(count)?)
}

pub(super) fn add_to_counter(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (number, more) = (int32(vm, args.at(0))?, integer(vm, args.at(1))?);
    let Ok(more) = u64::try_from(more) else {
        return Err(overflow_error(vm, "can't convert negative int to unsigned"));
    };
    let descriptor = descriptor::find(vm, number)?;
    loop {
        match vm.released(ReleaseCause::Io, || descriptor.with(|fd| rustix::io::write(fd, &more.to_ne_bytes()))) {
            Ok(_) => return Ok(Owned::none()),
            Err(rustix::io::Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
    }
}

pub(super) fn make_timer(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let clock = match int32(vm, args.at(0))? {
        0 => TimerfdClockId::Realtime,
        1 => TimerfdClockId::Monotonic,
        7 => TimerfdClockId::Boottime,
        8 => TimerfdClockId::RealtimeAlarm,
        9 => TimerfdClockId::BoottimeAlarm,
        _ => return Err(vm.raise_os_error(&rustix::io::Errno::INVAL.into(), None)),
    };
    let flags = integer_or(vm, args.get(1), i64::from(TimerfdFlags::CLOEXEC.bits()))?;
    add(vm, timerfd_create(clock, TimerfdFlags::from_bits_retain(flags as u32)))
}

/// How a function counts time.
#[derive(Clone, Copy)]
enum Unit {
    Seconds,
    Nanoseconds,
}

fn span(vm: &mut Vm, argument: Option<Ref<'_>>, unit: Unit, name: &str) -> Outcome<Timespec> {
    let Some(argument) = present(argument) else { return Ok(Timespec { tv_sec: 0, tv_nsec: 0 }) };
    let (seconds, rest) = match unit {
        Unit::Seconds => {
            let seconds = signed_seconds(vm, argument)?;
            (seconds.floor() as i64, ((seconds - seconds.floor()) * NANOSECONDS as f64) as i64)
        }
        Unit::Nanoseconds => {
            let count = integer(vm, argument)?;
            (count.div_euclid(NANOSECONDS), count.rem_euclid(NANOSECONDS))
        }
    };
    if seconds < 0 {
        return Err(value_error(vm, format!("{name} must not be negative")));
    }
    Ok(Timespec { tv_sec: seconds, tv_nsec: rest })
}

/// When a timer goes off next, and how far the times after that are apart.
fn two(vm: &mut Vm, timer: &Itimerspec, unit: Unit) -> Outcome {
    let number = |time: Timespec| -> Outcome {
        Ok(match unit {
            Unit::Seconds => vm.new_float(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9)?,
            Unit::Nanoseconds => vm.new_int(time.tv_sec * NANOSECONDS + time.tv_nsec)?,
        })
    };
    let parts = [number(timer.it_value)?, number(timer.it_interval)?];
    Ok(vm.new_tuple(parts)?)
}

fn set(vm: &mut Vm, args: Args<'_>, unit: Unit) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let flags = TimerfdTimerFlags::from_bits_retain(integer_or(vm, args.get(1), 0)? as u32);
    let timer = Itimerspec {
        it_value: span(vm, args.get(2), unit, "initial")?,
        it_interval: span(vm, args.get(3), unit, "interval")?,
    };
    let before = descriptor::find(vm, number)?.call(vm, |descriptor| timerfd_settime(descriptor, flags, &timer))?;
    two(vm, &before, unit)
}

fn get(vm: &mut Vm, args: Args<'_>, unit: Unit) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let timer = descriptor::find(vm, number)?.call(vm, |descriptor| timerfd_gettime(descriptor))?;
    two(vm, &timer, unit)
}

pub(super) fn set_seconds(vm: &mut Vm, args: Args<'_>) -> Outcome {
    set(vm, args, Unit::Seconds)
}

pub(super) fn set_nanoseconds(vm: &mut Vm, args: Args<'_>) -> Outcome {
    set(vm, args, Unit::Nanoseconds)
}

pub(super) fn get_seconds(vm: &mut Vm, args: Args<'_>) -> Outcome {
    get(vm, args, Unit::Seconds)
}

pub(super) fn get_nanoseconds(vm: &mut Vm, args: Args<'_>) -> Outcome {
    get(vm, args, Unit::Nanoseconds)
}
