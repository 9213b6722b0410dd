//! Moments as calendars show them: `struct_time`, and from seconds to it and back.

use toy_object::{Owned, Ref};
use toy_process::Moment;
use toy_vm::{Args, Outcome, Vm};

use super::{ClockId, nanoseconds};
use crate::argument::{int32, integer, new_text, overflow_error, present, real, type_error, value_error};
use crate::module::set;
use crate::structure;

const STRUCT_TIME: &str = "time.struct_time";

const FIELDS: [&str; 9] =
    ["tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst"];

/// The class of moments. What a moment may know beyond its nine elements is None otherwise.
pub(super) fn define(vm: &mut Vm) -> Outcome {
    let class = structure::define_open(vm, STRUCT_TIME, &FIELDS, FIELDS.len())?;
    for name in ["tm_zone", "tm_gmtoff"] {
        set(vm, class.get(), name, Ref::NONE)?;
    }
    Ok(class)
}

fn describe(vm: &mut Vm, moment: &Moment) -> Outcome {
    let class = define(vm)?;
    let mut elements = Vec::new();
    for number in moment.date.into_iter().chain([moment.week_day, moment.year_day, moment.is_summer]) {
        elements.push(vm.new_int(number)?);
    }
    let described = structure::new(vm, class.get(), elements)?;
    let (zone, offset) = (new_text(vm, &moment.zone)?, vm.new_int(moment.offset)?);
    set(vm, described.get(), "tm_zone", zone.get())?;
    set(vm, described.get(), "tm_gmtoff", offset.get())?;
    Ok(described)
}

/// The seconds that an argument says, or that it is now.
fn seconds(vm: &mut Vm, argument: Option<Ref<'_>>) -> Outcome<i64> {
    match present(argument) {
        None => Ok(nanoseconds(vm, ClockId::Realtime).div_euclid(1_000_000_000)),
        Some(number) if number.as_int().is_some() => match number.as_int().and_then(|number| number.to_i64()) {
            Some(seconds) => Ok(seconds),
            None => Err(overflow_error(vm, "timestamp out of range for platform time_t")),
        },
        Some(number) => {
            let seconds = match number.as_float() {
                Some(seconds) => seconds,
                None => {
                    let index = vm.index(number)?;
                    real(vm, index.get())?
                }
            };
            if seconds.is_nan() {
                return Err(value_error(vm, "Invalid value NaN (not a number)"));
            }
            let whole = seconds.floor();
            if !(-9.2e18..9.2e18).contains(&whole) {
                return Err(overflow_error(vm, "timestamp out of range for platform time_t"));
            }
            Ok(whole as i64)
        }
    }
}

/// What a calendar shows.
fn shown(vm: &mut Vm, seconds: i64, calendar: fn(i64) -> Option<Moment>) -> Outcome<Moment> {
    calendar(seconds).ok_or_else(|| vm.raise_os_error(&rustix::io::Errno::OVERFLOW.into(), None))
}

pub(super) fn gmtime(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let seconds = seconds(vm, args.get(0))?;
    let moment = shown(vm, seconds, toy_process::universal_time)?;
    describe(vm, &moment)
}

pub(super) fn localtime(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let seconds = seconds(vm, args.get(0))?;
    let moment = shown(vm, seconds, toy_process::local_time)?;
    describe(vm, &moment)
}

/// The moment that a tuple of nine says.
pub(super) fn moment_of(vm: &mut Vm, argument: Ref<'_>, function: &str) -> Outcome<Moment> {
    if toy_object::wrapped(argument).unwrap_or(argument).as_tuple().is_none() {
        return Err(type_error(vm, "Tuple or struct_time argument required"));
    }
    let parts = vm.collect(argument)?;
    if parts.len() != 9 {
        return Err(type_error(vm, format!("{function}(): illegal time tuple argument")));
    }
    let mut numbers = [0; 9];
    for (number, part) in numbers.iter_mut().zip(&parts) {
        *number = i64::from(int32(vm, part.get())?);
    }
    let [date @ .., week_day, year_day, is_summer] = numbers;
    let mut moment = Moment { date, week_day, year_day, is_summer, ..Moment::default() };
    if let Some(zone) = crate::module::find(vm, argument, "tm_zone")?.filter(|zone| zone.get().as_str().is_some()) {
        moment.zone = vm.str_text(zone.get())?;
    }
    match crate::module::find(vm, argument, "tm_gmtoff")?.filter(|offset| offset.get().as_int().is_some()) {
        Some(offset) => moment.offset = integer(vm, offset.get())?,
        None => {
            // As the calendar here has it at that moment.
            let numbers = moment.date.map(|part| part as i32);
            if let Some(here) =
                toy_process::seconds_of(numbers, moment.is_summer as i32).and_then(toy_process::local_time)
            {
                (moment.zone, moment.offset) = (here.zone, here.offset);
            }
        }
    }
    Ok(moment)
}

/// Complains of what no calendar shows; zeros stand for the first month and day.
pub(super) fn checked(vm: &mut Vm, mut moment: Moment) -> Outcome<Moment> {
    let [_, month, day, hour, minute, second] = &mut moment.date;
    (*month, *day) = (if *month == 0 { 1 } else { *month }, if *day == 0 { 1 } else { *day });
    moment.year_day = if moment.year_day == 0 { 1 } else { moment.year_day };
    moment.week_day = if moment.week_day < -1 { moment.week_day } else { moment.week_day.rem_euclid(7) };
    let ranges = [
        (*month, 1..=12, "month out of range"),
        (*day, 1..=31, "day of month out of range"),
        (*hour, 0..=23, "hour out of range"),
        (*minute, 0..=59, "minute out of range"),
        (*second, 0..=61, "seconds out of range"),
        (moment.week_day, 0..=6, "day of week out of range"),
        (moment.year_day, 1..=366, "day of year out of range"),
    ];
    match ranges.into_iter().find(|(number, range, _)| !range.contains(number)) {
        Some((_, _, complaint)) => Err(value_error(vm, complaint)),
        None => Ok(moment),
    }
}

pub(super) fn mktime(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let moment = moment_of(vm, args.at(0), "mktime")?;
    match toy_process::seconds_of(moment.date.map(|part| part as i32), moment.is_summer as i32) {
        Some(seconds) => Ok(vm.new_float(seconds as f64)?),
        None => Err(overflow_error(vm, "mktime argument out of range")),
    }
}

/// The moment that an argument says, or now, here.
pub(super) fn moment_or_now(vm: &mut Vm, argument: Option<Ref<'_>>, function: &str) -> Outcome<Moment> {
    match argument {
        Some(argument) => {
            let moment = moment_of(vm, argument, function)?;
            checked(vm, moment)
        }
        None => {
            let seconds = seconds(vm, None)?;
            shown(vm, seconds, toy_process::local_time)
        }
    }
}

pub(super) fn asctime(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let moment = moment_or_now(vm, args.get(0), "asctime")?;
    new_text(vm, super::format::ancient(&moment))
}

pub(super) fn ctime(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let seconds = seconds(vm, args.get(0))?;
    let moment = shown(vm, seconds, toy_process::local_time)?;
    new_text(vm, super::format::ancient(&moment))
}

/// What is known of the zone: seconds west of Greenwich in winter and in summer, whether there is a summer time, and both names.
pub(super) fn zones(vm: &mut Vm) -> Outcome<[(&'static str, Owned); 4]> {
    let now = nanoseconds(vm, ClockId::Realtime).div_euclid(1_000_000_000);
    let year = toy_process::universal_time(now).map_or(1970, |moment| moment.date[0] as i32);
    let at = |month| toy_process::seconds_of([year, month, 1, 0, 0, 0], -1).and_then(toy_process::local_time);
    let (january, july) = (at(1).unwrap_or_default(), at(7).unwrap_or_default());
    // South of the equator summer is in January.
    let (winter, summer) = if january.offset <= july.offset { (&january, &july) } else { (&july, &january) };
    let names = [vm.new_str(&winter.zone)?, vm.new_str(&summer.zone)?];
    Ok([
        ("timezone", vm.new_int(-winter.offset)?),
        ("altzone", vm.new_int(-summer.offset)?),
        ("daylight", vm.new_int(i64::from(january.offset != july.offset))?),
        ("tzname", vm.new_tuple(names)?),
    ])
}
