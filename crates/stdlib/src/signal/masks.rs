//! Signals that a thread holds back, and waiting for one of them.

use std::io::ErrorKind;
use std::time::Duration;

use rustix::io::Errno;
use toy_gil::ReleaseCause;
use toy_object::{Owned, Ref};
use toy_process::{Arrival, MaskChange, SIGNALS, SignalSet};
use toy_vm::{Args, Outcome, Vm};

use crate::argument::{int32, integer, signed_seconds, value_error};
use crate::structure;

const ARRIVAL: &str = "signal.struct_siginfo";

/// The class of descriptions of signals that were waited for.
pub(super) fn define_class(vm: &mut Vm) -> Outcome {
    structure::define(vm, ARRIVAL, &["si_signo", "si_code", "si_errno", "si_pid", "si_uid", "si_status", "si_band"])
}

/// The set of the numbers that an iterable gives.
fn set(vm: &mut Vm, argument: Ref<'_>) -> Outcome<SignalSet> {
    let mut set = SignalSet::default();
    for number in vm.collect(argument)? {
        let number = integer(vm, number.get())?;
        match i32::try_from(number) {
            Ok(signal @ 1..=SIGNALS) => set.insert(signal),
            _ => return Err(value_error(vm, format!("signal number {number} out of range [1; {SIGNALS}]"))),
        }
    }
    Ok(set)
}

fn new_set(vm: &mut Vm, signals: SignalSet) -> Outcome {
    let set = vm.new_set()?;
    for signal in signals.numbers() {
        let number = vm.new_int(i64::from(signal))?;
        vm.set_add(set.get(), number.get())?;
    }
    Ok(set)
}

pub(super) fn valid_signals(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    new_set(vm, SignalSet::valid())
}

pub(super) fn pthread_sigmask(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let how = int32(vm, args.at(0))?;
    let signals = set(vm, args.at(1))?;
    let before = match super::names::mask_change(how) {
        Some(change) => toy_process::change_mask(change, signals),
        None => Err(Errno::INVAL.into()),
    };
    let before = before.map_err(|error| vm.raise_os_error(&error, None))?;
    // Those that were held back come now.
    vm.check_signals()?;
    new_set(vm, before)
}

pub(super) fn sigpending(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let pending = toy_process::pending().map_err(|error| vm.raise_os_error(&error, None))?;
    new_set(vm, pending)
}

/// Waits, until the time is over.
fn wait(vm: &mut Vm, signals: SignalSet, timeout: Option<Duration>) -> Outcome<Option<Arrival>> {
    let deadline = timeout.and_then(|timeout| vm.now().checked_add(timeout));
    let mut left = timeout;
    loop {
        let waited = if vm.is_virtual() {
            match toy_process::wait_for_signal(signals, Some(Duration::ZERO)) {
                Err(error) if error.kind() == ErrorKind::WouldBlock && left != Some(Duration::ZERO) => {
                    let _interrupted = vm.wait_outside("a signal", crate::posix::pause);
                    Err(Errno::INTR.into())
                }
                waited => waited,
            }
        } else {
            vm.released(ReleaseCause::Sleep, || toy_process::wait_for_signal(signals, left))
        };
        match waited {
            Ok(arrival) => return Ok(Some(arrival)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == ErrorKind::Interrupted => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error, None)),
        }
        left = deadline.map(|deadline| deadline.saturating_sub(vm.now()));
    }
}

pub(super) fn sigwait(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let signals = set(vm, args.at(0))?;
    let arrival = wait(vm, signals, None)?;
    Ok(vm.new_int(i64::from(arrival.map_or(0, |arrival| arrival.signal)))?)
}

pub(super) fn sigwaitinfo(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let signals = set(vm, args.at(0))?;
    let arrival = wait(vm, signals, None)?;
    describe(vm, arrival)
}

pub(super) fn sigtimedwait(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let signals = set(vm, args.at(0))?;
    let seconds = signed_seconds(vm, args.at(1))?;
    if seconds < 0.0 {
        return Err(value_error(vm, "timeout must be non-negative"));
    }
    let timeout = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    let arrival = wait(vm, signals, Some(timeout))?;
    describe(vm, arrival)
}

fn describe(vm: &mut Vm, arrival: Option<Arrival>) -> Outcome {
    let Some(arrival) = arrival else { return Ok(Owned::none()) };
    let class = define_class(vm)?;
    let numbers = [
        i64::from(arrival.signal),
        i64::from(arrival.code),
        i64::from(arrival.errno),
        i64::from(arrival.process),
        i64::from(arrival.user),
        i64::from(arrival.status),
        arrival.band,
    ];
    let elements = numbers.into_iter().map(|number| vm.new_int(number)).collect::<Result<Vec<_>, _>>()?;
    structure::new(vm, class.get(), elements)
}

/// All ways in which a mask changes.
pub(super) const CHANGES: [MaskChange; 3] = [MaskChange::Block, MaskChange::Unblock, MaskChange::Set];
