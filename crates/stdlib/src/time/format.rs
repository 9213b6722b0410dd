//! Moments as text: `strftime`, `asctime`. Names are English: there are no other locales.

use std::fmt::Write as _;

use toy_process::Moment;
use toy_vm::{Args, Outcome, Vm};

use super::calendar;
use crate::argument::{new_text, text};

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn short(name: &str) -> &str {
    &name[..3]
}

/// `Sun Sep  9 01:46:40 2001`
pub(super) fn ancient(moment: &Moment) -> String {
    let [year, month, day, hour, minute, second] = moment.date;
    let (week_day, month) = (short(DAYS[moment.week_day as usize % 7]), short(MONTHS[(month as usize + 11) % 12]));
    format!("{week_day} {month} {day:2} {hour:02}:{minute:02}:{second:02} {year}")
}

pub(super) fn strftime(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let format = text(vm, args.at(0), "strftime() argument 1")?;
    let moment = calendar::moment_or_now(vm, args.get(1), "strftime")?;
    let mut out = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        let mut directive = letters.next();
        // How a number is filled up: `-` not at all, `_` with spaces, `0` with zeros.
        let filling = directive.filter(|letter| "-_0^#".contains(*letter));
        if filling.is_some() {
            directive = letters.next();
        }
        match directive {
            Some(directive) => write_one(&mut out, &moment, directive, filling),
            None => out.push('%'),
        }
    }
    new_text(vm, out)
}

/// A number of a width, filled up as asked for, otherwise with `usual`.
fn number(out: &mut String, number: i64, width: usize, usual: char, filling: Option<char>) {
    let written = match filling.unwrap_or(usual) {
        '-' => write!(out, "{number}"),
        '_' | ' ' => write!(out, "{number:width$}"),
        _ => write!(out, "{number:0width$}"),
    };
    written.expect("a text takes everything");
}

/// The year and the number of the week to which a day belongs by ISO 8601.
fn iso_week(moment: &Moment) -> (i64, i64) {
    let year = moment.date[0];
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let week = (moment.year_day - 1 - moment.week_day + 10) / 7;
    let weeks_in = |year: i64| {
        let first_day = |year: i64| (year + (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400) % 7;
        if first_day(year) == 4 || (is_leap(year) && first_day(year) == 3) { 53 } else { 52 }
    };
    match week {
        0 => (year - 1, weeks_in(year - 1)),
        week if week > weeks_in(year) => (year + 1, 1),
        week => (year, week),
    }
}

fn write_one(out: &mut String, moment: &Moment, directive: char, filling: Option<char>) {
    let [year, month, day, hour, minute, second] = moment.date;
    let (week_day, year_day) = (moment.week_day, moment.year_day);
    let noon_hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    let half = if hour < 12 { "AM" } else { "PM" };
    let parts = |out: &mut String, directives: &str| {
        for letter in directives.chars() {
            if letter.is_ascii_alphabetic() { write_one(out, moment, letter, None) } else { out.push(letter) }
        }
    };
    let mut name = |name: &str| match filling {
        Some('^' | '#') => out.push_str(&name.to_uppercase()),
        _ => out.push_str(name),
    };
    match directive {
        'a' => name(short(DAYS[week_day as usize])),
        'A' => name(DAYS[week_day as usize]),
        'b' | 'h' => name(short(MONTHS[month as usize - 1])),
        'B' => name(MONTHS[month as usize - 1]),
        'p' => out.push_str(half),
        'P' => out.push_str(&half.to_lowercase()),
        'Z' => out.push_str(&moment.zone),
        'c' => {
            parts(out, "a b e T ");
            number(out, year, 1, '0', None);
        }
        'D' | 'x' => parts(out, "m/d/y"),
        'F' => parts(out, "Y-m-d"),
        'T' | 'X' => parts(out, "H:M:S"),
        'R' => parts(out, "H:M"),
        'r' => parts(out, "I:M:S p"),
        'n' => out.push('\n'),
        't' => out.push('\t'),
        '%' => out.push('%'),
        'Y' => number(out, year, 1, '0', filling),
        'C' => number(out, year.div_euclid(100), 2, '0', filling),
        'y' => number(out, year.rem_euclid(100), 2, '0', filling),
        'G' => number(out, iso_week(moment).0, 1, '0', filling),
        'g' => number(out, iso_week(moment).0.rem_euclid(100), 2, '0', filling),
        'V' => number(out, iso_week(moment).1, 2, '0', filling),
        'm' => number(out, month, 2, '0', filling),
        'd' => number(out, day, 2, '0', filling),
        'e' => number(out, day, 2, ' ', filling),
        'H' => number(out, hour, 2, '0', filling),
        'k' => number(out, hour, 2, ' ', filling),
        'I' => number(out, noon_hour, 2, '0', filling),
        'l' => number(out, noon_hour, 2, ' ', filling),
        'M' => number(out, minute, 2, '0', filling),
        'S' => number(out, second, 2, '0', filling),
        'j' => number(out, year_day, 3, '0', filling),
        'u' => number(out, week_day + 1, 1, '0', filling),
        'w' => number(out, (week_day + 1) % 7, 1, '0', filling),
        'U' => number(out, (year_day + 6 - (week_day + 1) % 7) / 7, 2, '0', filling),
        'W' => number(out, (year_day + 6 - week_day) / 7, 2, '0', filling),
        's' => {
            let seconds = toy_process::seconds_of(moment.date.map(|part| part as i32), moment.is_summer as i32);
            number(out, seconds.unwrap_or(-1), 1, '0', filling);
        }
        'z' => {
            let (sign, minutes) = (if moment.offset < 0 { '-' } else { '+' }, moment.offset.abs() / 60);
            out.push(sign);
            number(out, minutes / 60 * 100 + minutes % 60, 4, '0', filling);
        }
        other => {
            // As it stands: there is no such directive.
            out.push('%');
            out.extend(filling);
            out.push(other);
        }
    }
}
