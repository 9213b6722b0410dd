//! What is written behind a policy's name: numbers of instructions, times, seeds, files.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

/// What kind of thing an [`Argument`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// A number of instructions from 1 on: `100`, `1_000`.
    Instructions,
    /// A time above 0: `5ms`, `250us`, `1.5s`.
    Time,
    /// Any whole number from 0 to 2^64 - 1.
    Seed,
    /// A path, which may hold anything but a comma.
    File,
}

/// A place for an argument in a row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// What it is called: the first one follows a colon without its name, the others are written `name=value`.
    pub name: &'static str,
    /// What it is.
    pub unit: Unit,
    /// What it is when it is left out, as it would be written; `None`: it must be there.
    pub default: Option<&'static str>,
}

/// The value of a parameter. `Display` writes it as it is read.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Argument {
    /// Instructions.
    Instructions(NonZeroU64),
    /// A time.
    Time(Duration),
    /// A seed.
    Seed(u64),
    /// A path.
    File(String),
}

impl Unit {
    /// Every kind.
    pub const ALL: [Unit; 4] = [Unit::Instructions, Unit::Time, Unit::Seed, Unit::File];

    /// Reads an argument; `None` if the text is none of this kind.
    pub(super) fn read(self, text: &str) -> Option<Argument> {
        match self {
            Unit::Instructions => read_number(text).and_then(NonZeroU64::new).map(Argument::Instructions),
            Unit::Time => read_time(text).map(Argument::Time),
            Unit::Seed => read_number(text).map(Argument::Seed),
            Unit::File => Some(Argument::File(text.to_owned())).filter(|_| !text.is_empty()),
        }
    }

    /// What to write, in words.
    #[must_use]
    pub fn wanted(self) -> &'static str {
        match self {
            Unit::Instructions => "a number of instructions from 1 on, such as `100` or `1_000`",
            Unit::Time => "a time such as `5ms`, `250us` or `1.5s`",
            Unit::Seed => "a whole number from 0 on",
            Unit::File => "the name of a file",
        }
    }

    /// What stands for it in a description.
    #[must_use]
    pub fn letter(self) -> &'static str {
        match self {
            Unit::Instructions => "N",
            Unit::Time => "T",
            Unit::Seed => "S",
            Unit::File => "FILE",
        }
    }
}

impl Argument {
    /// The number of instructions; the table says that it is one.
    pub(super) fn instructions(&self) -> NonZeroU64 {
        match self {
            Argument::Instructions(number) => *number,
            other => panic!("{other} is no number of instructions"),
        }
    }

    /// The time; the table says that it is one.
    pub(super) fn time(&self) -> Duration {
        match self {
            Argument::Time(time) => *time,
            other => panic!("{other} is no time"),
        }
    }

    /// The seed; the table says that it is one.
    pub(super) fn seed(&self) -> u64 {
        match self {
            Argument::Seed(seed) => *seed,
            other => panic!("{other} is no seed"),
        }
    }
}

impl fmt::Display for Argument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Argument::Instructions(number) => number.fmt(formatter),
            Argument::Seed(seed) => seed.fmt(formatter),
            Argument::File(path) => path.fmt(formatter),
            Argument::Time(time) => {
                let nanoseconds = time.as_nanos();
                let (name, unit) = UNITS_OF_TIME.iter().find(|(_, unit)| nanoseconds % unit == 0).unwrap_or(&("ns", 1));
                write!(formatter, "{}{name}", nanoseconds / unit)
            }
        }
    }
}

/// Units of time: their names and nanoseconds, the longest first; of those that mean the same the first is written.
pub const UNITS_OF_TIME: [(&str, u128); 5] =
    [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("µs", 1_000), ("ns", 1)];

/// Digits with single underscores between them, as in Python.
fn read_number(text: &str) -> Option<u64> {
    let well_formed = text.split('_').all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    well_formed.then(|| text.replace('_', "").parse().ok()).flatten()
}

/// A number, perhaps with a decimal point, and a unit; of a nanosecond at least.
fn read_time(text: &str) -> Option<Duration> {
    let digits = text.find(|character: char| !character.is_ascii_digit() && !"._".contains(character))?;
    let (number, unit) = text.split_at(digits);
    let (_, unit) = UNITS_OF_TIME.iter().find(|(name, _)| *name == unit)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let fraction_digits = u32::try_from(fraction.len()).ok().filter(|digits| *digits <= 9)?;
    let whole = u128::from(read_number(whole)?) * unit;
    let fraction = u128::from(read_number(fraction)?) * unit / 10_u128.pow(fraction_digits);
    let nanoseconds = u64::try_from(whole + fraction).ok().filter(|nanoseconds| *nanoseconds > 0)?;
    Some(Duration::from_nanos(nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_the_longest_unit_that_says_them_exactly() {
        for (text, shown) in [
            ("5ms", "5ms"),
            ("0.005s", "5ms"),
            ("250µs", "250us"),
            ("1_500ns", "1500ns"),
            ("1.5ms", "1500us"),
            ("60s", "60s"),
        ] {
            assert_eq!(Unit::Time.read(text).unwrap().to_string(), shown);
        }
        for wrong in
            ["", "5", "ms", "5 ms", "-5ms", "0s", "0.1ns", "1.s", ".5s", "1.2.3s", "5m", "99999999999999s", "1__0s"]
        {
            assert_eq!(Unit::Time.read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_are_digits_and_underscores() {
        assert_eq!(Unit::Instructions.read("18446744073709551615").unwrap().instructions(), NonZeroU64::MAX);
        assert_eq!(Unit::Seed.read("0"), Some(Argument::Seed(0)));
        for wrong in ["0", "", "-1", "+1", "1k", "1__0", "_1", "1_", "1.5", "18446744073709551616", "٣"] {
            assert_eq!(Unit::Instructions.read(wrong), None, "{wrong}");
        }
    }
}
