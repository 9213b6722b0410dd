//! Timers that send signals, and waiting for any signal.

use std::time::Duration;

use rustix::io::Errno;
use toy_gil::ReleaseCause;
use toy_object::{Owned, Ref};
use toy_process::{Timer, Timing};
use toy_vm::{Args, ClassName, Outcome, Raised, Vm, Wake};

use crate::argument::{int32, overflow_error, signed_seconds, system_text};
use crate::class;

const TIMER_ERROR: &str = "signal.itimer_error";

/// Why a run with a seed may come out otherwise.
const BEYOND_CONTROL: &str = "a timer of the operating system";

pub(super) fn define_error(vm: &mut Vm) -> Outcome {
    class::error(vm, TIMER_ERROR, ClassName::OsError)
}

#[cold]
fn refuse(vm: &mut Vm, error: &std::io::Error) -> Raised {
    let class = class::find(vm, TIMER_ERROR);
    class::raise_numbered(vm, class.get(), error.raw_os_error().unwrap_or(0), &system_text(error))
}

fn timer_of(vm: &mut Vm, number: i32) -> Outcome<Timer> {
    let timer = usize::try_from(number).ok().and_then(|place| Timer::ALL.get(place).copied());
    timer.ok_or_else(|| refuse(vm, &Errno::INVAL.into()))
}

fn seconds(vm: &mut Vm, argument: Option<Ref<'_>>) -> Outcome<Duration> {
    let seconds = argument.map_or(Ok(0.0), |argument| signed_seconds(vm, argument))?;
    if seconds < 0.0 {
        return Err(refuse(vm, &Errno::INVAL.into()));
    }
    let duration =
        Duration::try_from_secs_f64(seconds).ok().filter(|duration| i64::try_from(duration.as_secs()).is_ok());
    duration.ok_or_else(|| overflow_error(vm, "timestamp out of range for platform time_t"))
}

fn describe(vm: &mut Vm, timing: Timing) -> Outcome {
    let parts = [vm.new_float(timing.after.as_secs_f64())?, vm.new_float(timing.every.as_secs_f64())?];
    Ok(vm.new_tuple(parts)?)
}

pub(super) fn setitimer(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let (after, every) = (seconds(vm, args.get(1))?, seconds(vm, args.get(2))?);
    let timer = timer_of(vm, number)?;
    vm.note_beyond_control(BEYOND_CONTROL);
    match toy_process::set_timer(timer, Timing { after, every }) {
        Ok(before) => describe(vm, before),
        Err(error) => Err(refuse(vm, &error)),
    }
}

pub(super) fn getitimer(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let timer = timer_of(vm, number)?;
    match toy_process::timer(timer) {
        Ok(timing) => describe(vm, timing),
        Err(error) => Err(refuse(vm, &error)),
    }
}

pub(super) fn alarm(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let seconds = int32(vm, args.at(0))?;
    vm.note_beyond_control(BEYOND_CONTROL);
    Ok(vm.new_int(i64::from(toy_process::alarm(seconds as u32)))?)
}

pub(super) fn pause(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    vm.note_beyond_control("a signal");
    let before = vm.heeded_signals();
    vm.check_signals()?;
    while vm.heeded_signals() == before {
        if vm.park(ReleaseCause::Sleep, None) == Wake::Interrupted {
            vm.check_signals()?;
        }
    }
    Ok(Owned::none())
}
