//! Text to integers: `int(text, base)`.

use std::borrow::Cow;

use num_bigint::BigInt;

use crate::error::Failure;
use crate::float_parse::{trim_number, with_ascii_digits};
use crate::int::Int;
use crate::int_text::DigitLimit;

/// How much of an argument's repr a message shows, in characters.
const SHOWN_CHARACTERS: usize = 200;

/// Why a text is not an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseIntError {
    /// The base is neither 0 nor 2 to 36.
    InvalidBase,
    /// The text is no literal in that base.
    InvalidLiteral {
        /// The base asked for, possibly 0.
        base: u32,
    },
    /// There are more digits than the limit allows.
    TooManyDigits {
        /// How many there are.
        digits: usize,
        /// How many are allowed.
        limit: usize,
    },
}

impl ParseIntError {
    /// The `ValueError` to raise, given the repr of the argument of `int()`.
    pub fn into_failure(self, repr: &str) -> Failure {
        match self {
            ParseIntError::InvalidBase => Failure::value("int() base must be >= 2 and <= 36, or 0"),
            ParseIntError::InvalidLiteral { base } => {
                let shown = crate::format_str::prefix(repr, SHOWN_CHARACTERS);
                Failure::value(format!("invalid literal for int() with base {base}: {shown}"))
            }
            ParseIntError::TooManyDigits { digits, limit } => Failure::value(format!(
                "Exceeds the limit ({limit} digits) for integer string conversion: value has {digits} digits; use sys.set_int_max_str_digits() to increase the limit"
            )),
        }
    }
}

/// `int(text, base)`: white space around, a sign, a prefix that fits the base, digits of any script with single
/// underscores between them. Base 0 reads the base from the prefix, as a literal does.
///
/// # Errors
/// See [`ParseIntError`].
pub fn parse_int(text: &str, base: i64, limit: DigitLimit) -> Result<Int, ParseIntError> {
    let base = u32::try_from(base).ok().filter(|base| *base == 0 || (2..=36).contains(base));
    let base = base.ok_or(ParseIntError::InvalidBase)?;
    if base == 10
        && let Some(value) = parse_short_decimal(text.as_bytes())
    {
        return Ok(Int::Small(value));
    }
    let invalid = ParseIntError::InvalidLiteral { base };
    let text = trim_number(text);
    let ascii = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(with_ascii_digits(text).ok_or(invalid)?) };
    let unsigned = ascii.strip_prefix(['+', '-']).unwrap_or(&ascii);
    let literal = Literal::new(unsigned, base).ok_or(invalid)?;
    let digits = literal.digits().ok_or(invalid)?;
    if !literal.base.is_power_of_two() && limit.refuses(digits.len()) {
        return Err(ParseIntError::TooManyDigits { digits: digits.len(), limit: limit.0 });
    }
    let magnitude = match i64::from_str_radix(&digits, literal.base) {
        Ok(small) => Int::Small(small),
        Err(_) => BigInt::parse_bytes(digits.as_bytes(), literal.base).map(Int::from).ok_or(invalid)?,
    };
    Ok(if ascii.starts_with('-') { negated(magnitude) } else { magnitude })
}

/// The common case: an optional minus and at most 18 digits, nothing else.
fn parse_short_decimal(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', digits)) => (true, digits),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let magnitude = digits.iter().try_fold(0i64, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| value * 10 + i64::from(digit))
    })?;
    Some(if negative { -magnitude } else { magnitude })
}

/// Digits whose base is known, the prefix taken off.
struct Literal<'a> {
    text: &'a str,
    base: u32,
}

impl<'a> Literal<'a> {
    fn new(unsigned: &'a str, base: u32) -> Option<Literal<'a>> {
        let prefix_base = match unsigned.as_bytes() {
            [b'0', b'b' | b'B', ..] => 2,
            [b'0', b'o' | b'O', ..] => 8,
            [b'0', b'x' | b'X', ..] => 16,
            _ => 0,
        };
        if prefix_base != 0 && (base == 0 || base == prefix_base) {
            // One underscore may follow the prefix.
            let text = unsigned[2..].strip_prefix('_').unwrap_or(&unsigned[2..]);
            return Some(Literal { text, base: prefix_base });
        }
        if base == 0 {
            // As in a program text, a leading zero is only allowed in zero itself.
            let old_octal = unsigned.starts_with('0') && unsigned.bytes().any(|byte| !matches!(byte, b'0' | b'_'));
            return (!old_octal).then_some(Literal { text: unsigned, base: 10 });
        }
        Some(Literal { text: unsigned, base })
    }

    /// The digits without underscores, if all are proper and each underscore stands between two of them.
    fn digits(&self) -> Option<Cow<'a, str>> {
        let mut previous = b'_';
        for byte in self.text.bytes() {
            let proper = if byte == b'_' { previous != b'_' } else { char::from(byte).is_digit(self.base) };
            if !proper {
                return None;
            }
            previous = byte;
        }
        if previous == b'_' {
            return None;
        }
        Some(if self.text.contains('_') { Cow::Owned(self.text.replace('_', "")) } else { Cow::Borrowed(self.text) })
    }
}

fn negated(value: Int) -> Int {
    match value {
        Int::Small(value) => Int::Small(-value),
        Int::Big(value) => Int::from(-value),
    }
}
