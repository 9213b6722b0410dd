//! Calendars as the C library knows them: that of the place where the process runs, and that of Greenwich.
#![expect(unsafe_code, reason = "time zones are offered by the C library only, by foreign functions")]

use std::ffi::CStr;
use std::mem::MaybeUninit;

/// A moment as the calendar shows it.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// Year, month from 1, day from 1, hour, minute, second.
    pub date: [i64; 6],
    /// Day of the week from Monday, 0.
    pub week_day: i64,
    /// Day of the year from 1.
    pub year_day: i64,
    /// Whether summer time is in force: 1, 0, or -1 for not known.
    pub is_summer: i64,
    /// Seconds east of Greenwich.
    pub offset: i64,
    /// The zone's abbreviation.
    pub zone: String,
}

/// What the calendar here shows so many seconds after 1970 began; `None`: no calendar goes that far.
pub fn local_time(seconds: i64) -> Option<Moment> {
    shown(seconds, libc::localtime_r)
}

/// What the calendar in Greenwich shows then.
pub fn universal_time(seconds: i64) -> Option<Moment> {
    shown(seconds, libc::gmtime_r)
}

/// A function of the C library that fills in what a calendar shows, and answers with its place, or null.
type Calendar = unsafe extern "C" fn(*const libc::time_t, *mut libc::tm) -> *mut libc::tm;

fn shown(seconds: i64, calendar: Calendar) -> Option<Moment> {
    let seconds: libc::time_t = seconds;
    let mut place = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both are locals of ours.
    let answer = unsafe { calendar(&raw const seconds, place.as_mut_ptr()) };
    if answer.is_null() {
        return None;
    }
    // SAFETY: the call has filled it in.
    let time = unsafe { place.assume_init() };
    let zone = if time.tm_zone.is_null() {
        String::new()
    } else {
        // SAFETY: the abbreviation is a text of the C library's that stays as it is.
        unsafe { CStr::from_ptr(time.tm_zone) }.to_string_lossy().into_owned()
    };
    Some(Moment {
        date: [
            i64::from(time.tm_year) + 1900,
            i64::from(time.tm_mon) + 1,
            i64::from(time.tm_mday),
            i64::from(time.tm_hour),
            i64::from(time.tm_min),
            i64::from(time.tm_sec),
        ],
        week_day: (i64::from(time.tm_wday) + 6) % 7,
        year_day: i64::from(time.tm_yday) + 1,
        is_summer: i64::from(time.tm_isdst),
        offset: time.tm_gmtoff,
        zone,
    })
}

/// The seconds since 1970 at which the calendar shows this: year, month from 1, day, hour, minute, second, and whether summer time is
/// in force (-1: whatever fits). `None`: no such moment can be expressed.
pub fn seconds_of(date: [i32; 6], is_summer: i32) -> Option<i64> {
    let [year, month, day, hour, minute, second] = date;
    let mut place = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: zero is valid in all of its fields, a null abbreviation too.
    let time = unsafe { place.assume_init_mut() };
    time.tm_year = year.checked_sub(1900)?;
    time.tm_mon = month.checked_sub(1)?;
    (time.tm_mday, time.tm_hour, time.tm_min, time.tm_sec) = (day, hour, minute, second);
    time.tm_isdst = is_summer;
    // The library sets it if there is such a moment: -1 as an answer can be one.
    time.tm_wday = -1;
    // SAFETY: it is a local of ours.
    let seconds = unsafe { libc::mktime(time) };
    (time.tm_wday != -1).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::universal_time;

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
            let moment = universal_time(seconds).expect("a year that fits");
            assert_eq!((moment.date, moment.week_day, moment.year_day), (date, week_day, year_day), "{seconds}");
        }
        assert!(universal_time(i64::MAX).is_none());
    }
}
