//! `time`: clocks, and sleeping without the lock.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use toy_gil::ReleaseCause;
use toy_object::Owned;
use toy_vm::{Args, Outcome, Vm, Wake, natives};

use crate::argument::seconds;
use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    NewModule::new(vm, "time", "Clocks, and sleeping.", FUNCTIONS)?.finish()
}

natives! {
    /// The functions of `time`.
    FUNCTIONS:
    function releasing "sleep" ("seconds, /") "Let the other threads run for a number of seconds." => sleep;
    function "time" ("") "Seconds since 1970, as a float." => |vm, _| in_seconds(vm, ClockId::Realtime);
    function "time_ns" ("") "Nanoseconds since 1970." => |vm, _| in_nanoseconds(vm, ClockId::Realtime);
    function "monotonic" ("") "A clock that is never set, in seconds." => |vm, _| in_seconds(vm, ClockId::Monotonic);
    function "monotonic_ns" ("") "A clock that is never set, in nanoseconds." => |vm, _| in_nanoseconds(vm, ClockId::Monotonic);
    function "perf_counter" ("") "The best clock for short times, in seconds." => |vm, _| in_seconds(vm, ClockId::Monotonic);
    function "perf_counter_ns" ("") "The best clock for short times, in nanoseconds." =>
        |vm, _| in_nanoseconds(vm, ClockId::Monotonic);
    function "process_time" ("") "Seconds that the process has computed." => |vm, _| in_seconds(vm, ClockId::ProcessCPUTime);
    function "process_time_ns" ("") "Nanoseconds that the process has computed." =>
        |vm, _| in_nanoseconds(vm, ClockId::ProcessCPUTime);
    function "thread_time" ("") "Seconds that the thread has computed." => |vm, _| in_seconds(vm, ClockId::ThreadCPUTime);
    function "thread_time_ns" ("") "Nanoseconds that the thread has computed." =>
        |vm, _| in_nanoseconds(vm, ClockId::ThreadCPUTime);
}

/// The time of day at which virtual time begins: the first second of 2025, in UTC.
const VIRTUAL_DAWN: i64 = 1_735_689_600_000_000_000;

fn nanoseconds(vm: &mut Vm, clock: ClockId) -> i64 {
    if vm.is_virtual() {
        let since_start = i64::try_from(vm.now().as_nanos()).unwrap_or(i64::MAX);
        return if clock == ClockId::Realtime { since_start.saturating_add(VIRTUAL_DAWN) } else { since_start };
    }
    let now = clock_gettime(clock);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

fn in_seconds(vm: &mut Vm, clock: ClockId) -> Outcome {
    let nanoseconds = nanoseconds(vm, clock);
    Ok(vm.new_float(nanoseconds as f64 / 1e9)?)
}

fn in_nanoseconds(vm: &mut Vm, clock: ClockId) -> Outcome {
    let nanoseconds = nanoseconds(vm, clock);
    Ok(vm.new_int(nanoseconds)?)
}

fn sleep(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let time = seconds(vm, args.at(0), "sleep length must be non-negative")?;
    let end = vm.now().saturating_add(time);
    let mut left = time;
    loop {
        match vm.park(ReleaseCause::Sleep, Some(left)) {
            Wake::TimedOut => break,
            Wake::Interrupted => vm.check_signals()?,
            // A wake-up that was meant for a lock given up long ago ends a park, but not the sleep.
            Wake::Woken => {}
        }
        left = end.saturating_sub(vm.now());
        if left == Duration::ZERO {
            break;
        }
    }
    Ok(Owned::none())
}
