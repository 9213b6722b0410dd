//! Numbers in policies: plain counts, and times with a unit.

use std::fmt;

use serde::{Deserialize, Serialize};
use toy_gil::UNITS_OF_TIME;

/// What a number on the axis of a grid counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AxisUnit {
    /// Things without a unit, mostly instructions.
    #[serde(rename = "count")]
    Count,
    /// A time; its number is of nanoseconds.
    #[serde(rename = "ns")]
    Time,
}

/// A whole number with its unit, such as `1_000` or `100ms`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Quantity {
    /// Nanoseconds if it is a time.
    pub(super) value: u64,
    pub(super) unit: AxisUnit,
}

/// Why a text is no quantity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BadQuantity {
    /// It is no number with a known unit.
    Malformed,
    /// It does not fit into 64 bits.
    TooLarge,
}

impl Quantity {
    /// Digits with single underscores between them, as in Python, and behind them a unit of time or nothing.
    pub(super) fn parse(text: &str) -> Result<Self, BadQuantity> {
        let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '_').unwrap_or(text.len());
        let (digits, suffix) = text.split_at(end);
        if digits.split('_').any(str::is_empty) {
            return Err(BadQuantity::Malformed);
        }
        let (unit, factor) = match UNITS_OF_TIME.iter().find(|(name, _)| *name == suffix) {
            Some((_, factor)) => (AxisUnit::Time, *factor),
            None if suffix.is_empty() => (AxisUnit::Count, 1),
            None => return Err(BadQuantity::Malformed),
        };
        let number: u64 = digits.replace('_', "").parse().map_err(|_| BadQuantity::TooLarge)?;
        let value = u64::try_from(u128::from(number) * factor).map_err(|_| BadQuantity::TooLarge)?;
        Ok(Self { value, unit })
    }
}

/// As a policy has it: a time in the largest unit of which it is a whole number.
impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unit == AxisUnit::Count {
            return write!(formatter, "{}", self.value);
        }
        let nanoseconds = u128::from(self.value);
        let whole = UNITS_OF_TIME.iter().find(|(_, unit)| nanoseconds.is_multiple_of(*unit));
        let (name, unit) = whole.unwrap_or(&("ns", 1));
        write!(formatter, "{}{name}", nanoseconds / unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_and_without_a_unit() {
        let count = |value| Ok(Quantity { value, unit: AxisUnit::Count });
        let time = |value| Ok(Quantity { value, unit: AxisUnit::Time });
        assert_eq!(Quantity::parse("1_000"), count(1000));
        assert_eq!(Quantity::parse("18446744073709551615"), count(u64::MAX));
        assert_eq!(Quantity::parse("5ns"), time(5));
        assert_eq!(Quantity::parse("5us"), time(5_000));
        assert_eq!(Quantity::parse("5µs"), time(5_000));
        assert_eq!(Quantity::parse("5ms"), time(5_000_000));
        assert_eq!(Quantity::parse("5s"), time(5_000_000_000));
        for text in ["", "ms", "_1", "1_", "1__0", "-1", "1.5ms", "1 ms", "1h", "x", "１"] {
            assert_eq!(Quantity::parse(text), Err(BadQuantity::Malformed), "{text}");
        }
        for text in ["18446744073709551616", "99999999999s"] {
            assert_eq!(Quantity::parse(text), Err(BadQuantity::TooLarge), "{text}");
        }
    }

    #[test]
    fn times_are_written_in_the_largest_whole_unit() {
        for text in ["7", "0", "1ns", "1500ns", "2us", "1500us", "20ms", "3s"] {
            assert_eq!(Quantity::parse(text).expect("well-formed").to_string(), text);
        }
        assert_eq!(Quantity::parse("1000us").expect("well-formed").to_string(), "1ms");
        assert_eq!(Quantity::parse("7µs").expect("well-formed").to_string(), "7us");
    }
}
