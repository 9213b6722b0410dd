//! Text to floats: `float(text)`.

use std::borrow::Cow;

use crate::error::Failure;
use crate::unicode::{decimal_value, is_ascii_space, is_space};

/// `float(text)`: decimal digits of any script with underscores between them, `inf`, `infinity`, `nan`, white space
/// around; correctly rounded. `None` if the text is no float: see [`invalid_float_literal`].
pub fn parse_float(text: &str) -> Option<f64> {
    let text = trim_number(text);
    let digits = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(with_ascii_digits(text)?) };
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(&digits);
    // Rust reads `1.`, `.5`, `1e5` as Python does; its other spellings are these names, read above it.
    if unsigned.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || byte == b'.') {
        return if digits.contains('_') { without_underscores(&digits)?.parse().ok() } else { digits.parse().ok() };
    }
    let magnitude = named_value(unsigned)?;
    Some(if digits.starts_with('-') { -magnitude } else { magnitude })
}

/// The error for an argument of `float()`, given the argument's repr.
pub fn invalid_float_literal(repr: &str) -> Failure {
    Failure::value(format!("could not convert string to float: {repr}"))
}

/// The value of `inf`, `infinity` and `nan` in any case.
pub(crate) fn named_value(text: &str) -> Option<f64> {
    let names = [("inf", f64::INFINITY), ("infinity", f64::INFINITY), ("nan", f64::NAN)];
    names.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The text without the white space that may surround a number: that of ASCII is narrower than `str.strip`'s.
pub(crate) fn trim_number(text: &str) -> &str {
    text.trim_matches(|character: char| {
        let code = u32::from(character);
        if character.is_ascii() { is_ascii_space(code) } else { is_space(code) }
    })
}

/// Replaces the decimal digits of all scripts by ASCII digits; `None` if anything else is not ASCII.
pub(crate) fn with_ascii_digits(text: &str) -> Option<String> {
    let ascii = |character: char| match decimal_value(u32::from(character)) {
        Some(value) => char::from_digit(value, 10),
        None => character.is_ascii().then_some(character),
    };
    text.chars().map(ascii).collect()
}

/// Drops underscores; `None` if one does not stand between two digits.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let between_digits = |index: usize| {
        let before = index.checked_sub(1).and_then(|before| bytes.get(before));
        before.is_some_and(u8::is_ascii_digit) && bytes.get(index + 1).is_some_and(u8::is_ascii_digit)
    };
    let proper = (0..bytes.len()).all(|index| bytes[index] != b'_' || between_digits(index));
    proper.then(|| text.replace('_', ""))
}
