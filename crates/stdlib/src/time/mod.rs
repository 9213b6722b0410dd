//! `time`: clocks, calendars, and sleeping without the lock.

mod calendar;
mod format;

use std::time::Duration;

use rustix::time::{ClockId, clock_getres, clock_gettime};
use toy_gil::ReleaseCause;
use toy_object::Owned;
use toy_vm::{Args, Outcome, Vm, Wake, natives};

use crate::argument::{int32, seconds, text, type_error, value_error};
use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let (struct_time, zones) = (calendar::define(vm)?, calendar::zones(vm)?);
    let mut module = NewModule::new(vm, "time", "Clocks, calendars, and sleeping.", FUNCTIONS)?;
    module.set("struct_time", struct_time)?;
    for (name, value) in zones {
        module.set(name, value)?;
    }
    for (name, _, number) in CLOCKS {
        module.set_int(name, *number)?;
    }
    module.finish()
}

natives! {
    /// The functions of `time`.
    FUNCTIONS:
    function releasing "sleep" ("seconds, /") "Let the other threads run for a number of seconds." => sleep;
    function "gmtime" ("seconds=None, /") "A moment as the calendar in Greenwich shows it." => calendar::gmtime;
    function "localtime" ("seconds=None, /") "A moment as the calendar here shows it." => calendar::localtime;
    function "mktime" ("time_tuple, /") "The seconds of a moment of the calendar here." => calendar::mktime;
    function "asctime" ("time_tuple=None, /") "A moment as text, such as Sun Sep  9 01:46:40 2001." => calendar::asctime;
    function "ctime" ("seconds=None, /") "Seconds as such a text." => calendar::ctime;
    function "strftime" ("format, time_tuple=None, /") "A moment as text." => format::strftime;
    function "strptime" ("data_string, format='%a %b %d %H:%M:%S %Y', /") "The moment that a text says." => strptime;
    function "clock_gettime" ("clk_id, /") "What a clock shows, in seconds." => |vm, args| {
        let clock = exact_clock(vm, args)?;
        in_seconds(vm, clock)
    };
    function "clock_gettime_ns" ("clk_id, /") "What a clock shows, in nanoseconds." => |vm, args| {
        let clock = exact_clock(vm, args)?;
        in_nanoseconds(vm, clock)
    };
    function "clock_settime" ("clk_id, time, /") "Set a clock, in seconds." => |vm, args| {
        let clock = clock(vm, args)?;
        let seconds = crate::argument::signed_seconds(vm, args.at(1))?;
        let whole = seconds.floor();
        set_clock(vm, clock, whole as i64, ((seconds - whole) * 1e9) as i64)
    };
    function "clock_settime_ns" ("clk_id, time, /") "Set a clock, in nanoseconds." => |vm, args| {
        let clock = clock(vm, args)?;
        let time = crate::argument::integer(vm, args.at(1))?;
        set_clock(vm, clock, time.div_euclid(1_000_000_000), time.rem_euclid(1_000_000_000))
    };
    function "tzset" ("") "Looks at the variable TZ again. Toy cannot go over to another zone." => tzset;
    function "clock_getres" ("clk_id, /") "How fine a clock is, in seconds." => |vm, args| {
        let resolution = clock_getres(clock(vm, args)?);
        Ok(vm.new_float(resolution.tv_sec as f64 + resolution.tv_nsec as f64 / 1e9)?)
    };
    function "get_clock_info" ("name, /") "What is known of a clock." => get_clock_info;
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

/// Clocks by their names and numbers. The raw one and that which goes on while the machine sleeps do not differ from others here.
const CLOCKS: &[(&str, ClockId, i64)] = &[
    ("CLOCK_REALTIME", ClockId::Realtime, 0),
    ("CLOCK_MONOTONIC", ClockId::Monotonic, 1),
    ("CLOCK_PROCESS_CPUTIME_ID", ClockId::ProcessCPUTime, 2),
    ("CLOCK_THREAD_CPUTIME_ID", ClockId::ThreadCPUTime, 3),
    ("CLOCK_MONOTONIC_RAW", ClockId::MonotonicRaw, 4),
    ("CLOCK_BOOTTIME", ClockId::Boottime, 7),
];

/// The clock that the first argument is the number of.
fn clock(vm: &mut Vm, args: Args<'_>) -> Outcome<ClockId> {
    let number = i64::from(int32(vm, args.at(0))?);
    match CLOCKS.iter().find(|(_, _, other)| *other == number) {
        Some((_, clock, _)) => Ok(*clock),
        None => Err(vm.raise_os_error(&rustix::io::Errno::INVAL.into(), None)),
    }
}

/// As [`clock`], for what takes integers only.
fn exact_clock(vm: &mut Vm, args: Args<'_>) -> Outcome<ClockId> {
    if args.at(0).as_int().is_none() {
        let got = vm.type_name(args.at(0));
        return Err(type_error(vm, format!("clk_id should be integer, not {got}")));
    }
    clock(vm, args)
}

/// What is known of a clock: name, where it comes from, whether it can be set.
const KNOWN: &[(&str, &str, ClockId, bool)] = &[
    ("time", "clock_gettime(CLOCK_REALTIME)", ClockId::Realtime, true),
    ("monotonic", "clock_gettime(CLOCK_MONOTONIC)", ClockId::Monotonic, false),
    ("perf_counter", "clock_gettime(CLOCK_MONOTONIC)", ClockId::Monotonic, false),
    ("process_time", "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", ClockId::ProcessCPUTime, false),
    ("thread_time", "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", ClockId::ThreadCPUTime, false),
];

fn set_clock(vm: &mut Vm, clock: ClockId, seconds: i64, nanoseconds: i64) -> Outcome {
    let time = rustix::time::Timespec { tv_sec: seconds, tv_nsec: nanoseconds };
    match rustix::time::clock_settime(clock, time) {
        Ok(()) => Ok(Owned::none()),
        Err(error) => Err(vm.raise_os_error(&error.into(), None)),
    }
}

/// The zone is that of the start: what a script writes into `os.environ` does not reach the system's library.
fn tzset(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let posix = vm.import_module("posix")?;
    let environment = crate::module::find(vm, posix.get(), "environ")?.unwrap_or_else(Owned::none);
    let name = vm.new_str("TZ")?;
    let wanted = vm.dict_get(environment.get(), name.get())?;
    let wanted = wanted.map(|zone| vm.str_text(zone.get())).transpose()?;
    if wanted == std::env::var("TZ").ok() {
        return Ok(Owned::none());
    }
    let message = "time.tzset() cannot go over to another zone in toy: start it with the variable TZ set";
    Err(vm.raise(toy_vm::ClassName::NotImplementedError, message))
}

fn get_clock_info(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = text(vm, args.at(0), "get_clock_info() argument 1")?;
    let Some((_, source, clock, is_adjustable)) = KNOWN.iter().find(|(other, ..)| *other == name) else {
        return Err(value_error(vm, "unknown clock"));
    };
    let resolution = clock_getres(*clock);
    let resolution = vm.new_float(resolution.tv_sec as f64 + resolution.tv_nsec as f64 / 1e9)?;
    let source = vm.new_str(source)?;
    let (is_adjustable, is_monotonic) = (Owned::bool(*is_adjustable), Owned::bool(!*is_adjustable));
    let types = vm.import_module("types")?;
    let info = crate::module::call_method(vm, types.get(), "SimpleNamespace", &[])?;
    let attributes = [
        ("implementation", source),
        ("monotonic", is_monotonic),
        ("adjustable", is_adjustable),
        ("resolution", resolution),
    ];
    for (name, value) in attributes {
        crate::module::set(vm, info.get(), name, value.get())?;
    }
    Ok(info)
}

fn strptime(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let module = vm.import_module("_strptime")?;
    let format = match args.get(1) {
        Some(format) => format.to_owned(),
        None => vm.new_str("%a %b %d %H:%M:%S %Y")?,
    };
    crate::module::call_method(vm, module.get(), "_strptime_time", &[args.at(0), format.get()])
}

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
