//! Numbers for readers: three significant digits, with a sensible unit.

use super::statistics::Spread;

/// What a number is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Nanoseconds.
    Time,
    /// A count, or anything that a script reports.
    Number,
    /// An index from 0 to 1.
    Index,
}

/// Factor and suffix, the greatest first.
type Scale = (f64, &'static str);
const TIMES: [Scale; 4] = [(1e9, " s"), (1e6, " ms"), (1e3, " µs"), (1.0, " ns")];
const PREFIXES: [Scale; 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];

/// Numbers below stand as they are, without a prefix.
const LEAST_PREFIXED: f64 = 10_000.0;
/// Numbers from here on, and below [`LEAST_PLAIN`], have an exponent.
const LEAST_HUGE: f64 = 1e15;
const LEAST_PLAIN: f64 = 1e-3;

impl Unit {
    /// A value with its unit.
    #[must_use]
    pub fn format(self, value: f64) -> String {
        let (factor, suffix) = self.scale(value);
        format!("{}{suffix}", self.digits(value, factor))
    }

    /// The range of a spread, in the unit that its median is shown in: `[1.2, 3.4]`.
    #[must_use]
    pub fn format_range(self, spread: &Spread) -> String {
        let (factor, _) = self.scale(spread.median);
        format!("[{}, {}]", self.digits(spread.min, factor), self.digits(spread.max, factor))
    }

    /// A value on an axis, as short as it can be: `10k`, `100µs`.
    #[must_use]
    pub fn tick(self, value: f64) -> String {
        let scales = if self == Self::Time { &TIMES } else { &PREFIXES };
        let fitting = scales.iter().find(|(factor, _)| value >= *factor);
        let (factor, suffix) = fitting.copied().unwrap_or((1.0, if self == Self::Time { "ns" } else { "" }));
        let digits = self.digits(value, factor);
        let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { &digits };
        format!("{digits}{}", suffix.trim_start())
    }

    /// The unit that a value is best shown in.
    fn scale(self, value: f64) -> Scale {
        let size = value.abs();
        let scales: &[Scale] = match self {
            Self::Time => &TIMES,
            Self::Number if (LEAST_PREFIXED..LEAST_HUGE).contains(&size) => &PREFIXES,
            Self::Number | Self::Index => &[],
        };
        let fitting = scales.iter().find(|(factor, _)| size >= *factor);
        fitting.or_else(|| scales.last()).copied().unwrap_or((1.0, ""))
    }

    /// A value in a unit of so many: three digits, or all of a whole number that has no prefix.
    fn digits(self, value: f64, factor: f64) -> String {
        let is_whole = self == Self::Number && factor == 1.0 && value.fract() == 0.0;
        let value = value / factor;
        let size = value.abs();
        if self == Self::Index {
            format!("{value:.3}")
        } else if value == 0.0 {
            "0".to_owned()
        } else if !(LEAST_PLAIN..LEAST_HUGE).contains(&size) {
            format!("{value:.2e}")
        } else if is_whole {
            format!("{value:.0}")
        } else {
            let decimals = (2.0 - size.log10().floor()).max(0.0) as usize;
            format!("{value:.decimals$}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit() {
        for (value, text) in [
            (0.0, "0 ns"),
            (7.0, "7.00 ns"),
            (999.0, "999 ns"),
            (1_234.0, "1.23 µs"),
            (56_789.0, "56.8 µs"),
            (123_456_789.0, "123 ms"),
            (3_210_000_000.0, "3.21 s"),
            (4_321e9, "4321 s"),
        ] {
            assert_eq!(Unit::Time.format(value), text);
        }
    }

    #[test]
    fn numbers_have_a_prefix_when_they_are_large() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (7.0, "7"),
            (2.5, "2.50"),
            (9_999.0, "9999"),
            (12_345.0, "12.3k"),
            (-8_110_000.0, "-8.11M"),
            (31.2e9, "31.2G"),
            (1e15, "1.00e15"),
            (0.01234, "0.0123"),
            (0.000_012, "1.20e-5"),
        ] {
            assert_eq!(Unit::Number.format(value), text);
        }
        assert_eq!(Unit::Index.format(0.98765), "0.988");
    }

    #[test]
    fn ticks_are_short() {
        let time = |value| Unit::Time.tick(value);
        assert_eq!([time(1.0), time(1e4), time(1.5e6), time(1e9)], ["1ns", "10µs", "1.5ms", "1s"]);
        let number = |value| Unit::Number.tick(value);
        assert_eq!(
            [number(1.0), number(100.0), number(1e4), number(2.5e6), number(0.25)],
            ["1", "100", "10k", "2.5M", "0.25"]
        );
    }

    #[test]
    fn a_range_is_in_the_unit_of_its_median() {
        let spread = Spread { median: 980e6, min: 900e6, max: 1.2e9 };
        assert_eq!(
            (Unit::Time.format(spread.median).as_str(), &*Unit::Time.format_range(&spread)),
            ("980 ms", "[900, 1200]")
        );
        let spread = Spread { median: 20_000.0, min: 500.0, max: 30_500.0 };
        assert_eq!(Unit::Number.format_range(&spread), "[0.500, 30.5]");
    }
}
