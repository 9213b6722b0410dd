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

    /// Reads an argument.
    ///
    /// # Errors
    /// Why the text is none of this kind.
    pub(super) fn read(self, text: &str) -> Result<Argument, Refusal> {
        match self {
            Unit::Instructions => {
                NonZeroU64::new(read_number(text)?).map(Argument::Instructions).ok_or(Refusal::NoInstructions)
            }
            Unit::Time => read_time(text).map(Argument::Time),
            Unit::Seed => read_number(text).map(Argument::Seed),
            Unit::File if text.is_empty() => Err(Refusal::Malformed),
            Unit::File => Ok(Argument::File(text.to_owned())),
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

/// Why a text is no argument. `Display` writes what follows "not `text`".
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// It does not look like one at all.
    Malformed,
    /// No instructions.
    NoInstructions,
    /// More than a word holds.
    TooLarge,
    /// A number that would be a time if it had a unit.
    NoUnit,
    /// A time whose unit is none.
    UnknownUnit(String),
    /// Less than a nanosecond.
    TooShort,
    /// More nanoseconds than a word holds.
    TooLong,
    /// More digits behind the point than there are nanoseconds in a second.
    TooFine,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = UNITS_OF_TIME.map(|(name, _)| format!("`{name}`")).join(", ");
        match self {
            Refusal::Malformed => Ok(()),
            Refusal::NoInstructions => formatter.write_str(": that is too small, the least is `1`"),
            Refusal::TooLarge => write!(formatter, ": that is too large, the greatest is `{}`", u64::MAX),
            Refusal::NoUnit => write!(formatter, ": it lacks a unit, one of {units}"),
            Refusal::UnknownUnit(unit) => write!(formatter, ": `{unit}` is no unit of time, which are {units}"),
            Refusal::TooShort => {
                formatter.write_str(": that is too short, the shortest is `1ns`, which is as good as none")
            }
            Refusal::TooLong => write!(formatter, ": that is too long, the longest is `{}ns`", u64::MAX),
            Refusal::TooFine => formatter.write_str(": it has more than nine digits behind the point"),
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

/// Digits behind the point, underscores included.
const MOST_FRACTION_DIGITS: usize = 9;

/// Digits with single underscores between them, as in Python.
fn read_number(text: &str) -> Result<u64, Refusal> {
    let well_formed = text.split('_').all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    if !well_formed {
        return Err(Refusal::Malformed);
    }
    text.replace('_', "").parse().map_err(|_| Refusal::TooLarge)
}

/// A number, perhaps with a decimal point, and a unit; of a nanosecond at least.
fn read_time(text: &str) -> Result<Duration, Refusal> {
    let digits = text.find(|character: char| !character.is_ascii_digit() && !"._".contains(character));
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let parts = read_number(whole).and_then(|whole| Ok((whole, read_number(fraction)?)));
    let (whole, fraction_value) = parts.map_err(|refusal| match refusal {
        Refusal::TooLarge if fraction.len() > MOST_FRACTION_DIGITS => Refusal::TooFine,
        Refusal::TooLarge => Refusal::TooLong,
        refusal => refusal,
    })?;
    if unit.is_empty() {
        return Err(Refusal::NoUnit);
    }
    let known = UNITS_OF_TIME.iter().find(|(name, _)| *name == unit);
    let (_, unit) = known.ok_or_else(|| Refusal::UnknownUnit(unit.to_owned()))?;
    if fraction.len() > MOST_FRACTION_DIGITS {
        return Err(Refusal::TooFine);
    }
    let fraction = u128::from(fraction_value) * unit / 10_u128.pow(fraction.len() as u32);
    match u64::try_from(u128::from(whole) * unit + fraction) {
        Ok(0) => Err(Refusal::TooShort),
        Ok(nanoseconds) => Ok(Duration::from_nanos(nanoseconds)),
        Err(_) => Err(Refusal::TooLong),
    }
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
    }

    #[test]
    fn what_is_no_time_is_refused_for_a_reason() {
        for malformed in ["", "ms", "-5ms", "1.s", ".5s", "1.2.3s", "1__0s", "five"] {
            assert_eq!(Unit::Time.read(malformed), Err(Refusal::Malformed), "{malformed}");
        }
        for (text, refusal) in [
            ("5", Refusal::NoUnit),
            ("1.5", Refusal::NoUnit),
            ("5m", Refusal::UnknownUnit("m".to_owned())),
            ("5 ms", Refusal::UnknownUnit(" ms".to_owned())),
            ("5msec", Refusal::UnknownUnit("msec".to_owned())),
            ("0us", Refusal::TooShort),
            ("0.1ns", Refusal::TooShort),
            ("18446744073709551616ns", Refusal::TooLong),
            ("99999999999999s", Refusal::TooLong),
            ("99999999999999999999s", Refusal::TooLong),
            ("0.0000000001s", Refusal::TooFine),
            ("0.00000000000000000000000000001s", Refusal::TooFine),
            ("0.99999999999999999999999999999s", Refusal::TooFine),
        ] {
            assert_eq!(Unit::Time.read(text), Err(refusal), "{text}");
        }
        assert_eq!(Unit::Time.read("18446744073709551615ns"), Ok(Argument::Time(Duration::from_nanos(u64::MAX))));
    }

    #[test]
    fn numbers_are_digits_and_underscores() {
        assert_eq!(Unit::Instructions.read("18446744073709551615").unwrap().instructions(), NonZeroU64::MAX);
        assert_eq!(Unit::Seed.read("0"), Ok(Argument::Seed(0)));
        for malformed in ["", "-1", "+1", "1k", "1__0", "_1", "1_", "1.5", "٣"] {
            assert_eq!(Unit::Instructions.read(malformed), Err(Refusal::Malformed), "{malformed}");
        }
        assert_eq!(Unit::Instructions.read("0"), Err(Refusal::NoInstructions));
        for unit in [Unit::Instructions, Unit::Seed] {
            assert_eq!(unit.read("18446744073709551616"), Err(Refusal::TooLarge));
            assert_eq!(unit.read("18_446_744_073_709_551_616"), Err(Refusal::TooLarge));
        }
    }
}
