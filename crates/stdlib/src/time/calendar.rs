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

const SECONDS_A_DAY: i64 = 86_400;
/// Days from the first of March of year 0 to 1970.
const EPOCH: i64 = 719_468;

/// The class of moments. What a moment may know beyond its nine elements is None otherwise.
pub(super) fn define(vm: &mut Vm) -> Outcome {
    let class = structure::define_open(vm, STRUCT_TIME, &FIELDS, FIELDS.len())?;
    for name in ["tm_zone", "tm_gmtoff"] {
        set(vm, class.get(), name, Ref::NONE)?;
    }
    for (name, count) in [("n_fields", 11), ("n_sequence_fields", 9), ("n_unnamed_fields", 0)] {
        let count = vm.new_int(count)?;
        set(vm, class.get(), name, count.get())?;
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

/// The moment in Greenwich.
fn universal(seconds: i64) -> Option<Moment> {
    let (days, second) = (seconds.div_euclid(SECONDS_A_DAY), seconds.rem_euclid(SECONDS_A_DAY));
    // Years that begin in March, in cycles of 400.
    let shifted = days + EPOCH;
    let (cycle, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let month_day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = cycle * 400 + year + i64::from(month <= 2);
    i32::try_from(year - 1900).ok()?;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month as usize - 1];
    Some(Moment {
        date: [year, month, month_day, second / 3600, second / 60 % 60, second % 60],
        week_day: (days + 3).rem_euclid(7),
        year_day: before + month_day + i64::from(is_leap && month > 2),
        is_summer: 0,
        offset: 0,
        zone: "GMT".to_owned(),
    })
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

/// What the calendar here shows.
fn local(vm: &mut Vm, seconds: i64) -> Outcome<Moment> {
    let moment = toy_process::local_time(seconds);
    moment.ok_or_else(|| vm.raise_os_error(&rustix::io::Errno::OVERFLOW.into(), None))
}

pub(super) fn gmtime(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let seconds = seconds(vm, args.get(0))?;
    match universal(seconds) {
        Some(moment) => describe(vm, &moment),
        None => Err(vm.raise_os_error(&rustix::io::Errno::OVERFLOW.into(), None)),
    }
}

pub(super) fn localtime(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let seconds = seconds(vm, args.get(0))?;
    let moment = local(vm, seconds)?;
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
            local(vm, seconds)
        }
    }
}

pub(super) fn asctime(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let moment = moment_or_now(vm, args.get(0), "asctime")?;
    new_text(vm, super::format::ancient(&moment))
}

pub(super) fn ctime(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let seconds = seconds(vm, args.get(0))?;
    let moment = local(vm, seconds)?;
    new_text(vm, super::format::ancient(&moment))
}

/// What is known of the zone: seconds west of Greenwich in winter and in summer, whether there is a summer time, and both names.
pub(super) fn zones(vm: &mut Vm) -> Outcome<[(&'static str, Owned); 4]> {
    let now = nanoseconds(vm, ClockId::Realtime).div_euclid(1_000_000_000);
    let year = universal(now).map_or(1970, |moment| moment.date[0] as i32);
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

#[cfg(test)]
mod tests {
    use super::universal;

    #[test]
    fn days_are_counted_right_around_leap_years() {
        for (seconds, date, week_day, year_day) in [
            (0, [1970, 1, 1, 0, 0, 0], 3, 1),
            (-1, [1969, 12, 31, 23, 59, 59], 2, 365),
            (951_782_400, [2000, 2, 29, 0, 0, 0], 1, 60),
            (951_868_799, [2000, 2, 29, 23, 59, 59], 1, 60),
            (4_107_542_400, [2100, 3, 1, 0, 0, 0], 0, 60),
            (1_735_689_599, [2024, 12, 31, 23, 59, 59], 1, 366),
            (-62_135_596_800, [1, 1, 1, 0, 0, 0], 0, 1),
        ] {
            let moment = universal(seconds).expect("a year that fits");
            assert_eq!((moment.date, moment.week_day, moment.year_day), (date, week_day, year_day), "{seconds}");
        }
        assert!(universal(i64::MAX).is_none());
    }
}
