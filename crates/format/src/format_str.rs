//! Formatting text by a [`FormatSpec`].

use std::iter::repeat_n;

use crate::error::{Failure, FormatError};
use crate::spec::{Align, FormatSpec, Sign};

/// Appends `format(text, spec)`: cut to the precision, padded to the width.
///
/// # Errors
/// As CPython's `str.__format__`.
pub fn format_str(out: &mut String, text: &str, spec: &FormatSpec) -> Result<(), FormatError> {
    check_str_spec(spec)?;
    let length = if spec.width.is_none() && spec.precision.is_none() { 0 } else { character_count(text) };
    let (kept, length) = match spec.precision {
        Some(precision) if precision < length => (prefix(text, precision), precision),
        _ => (text, length),
    };
    let (before, behind) = spec.padding(length);
    out.reserve(kept.len() + (before + behind) * spec.fill.len_utf8());
    out.extend(repeat_n(spec.fill, before));
    out.push_str(kept);
    out.extend(repeat_n(spec.fill, behind));
    Ok(())
}

/// Checks that `spec` suits a string: for callers who cut and pad their own text, by [`FormatSpec::precision`] and
/// [`FormatSpec::padding`].
///
/// # Errors
/// As CPython's `str.__format__`.
pub fn check_str_spec(spec: &FormatSpec) -> Result<(), FormatError> {
    spec.digit_groups('s')?;
    if let Some(code) = spec.code.filter(|&code| code != 's') {
        return Err(FormatError::UnknownCode(code));
    }
    let message = if let Some(sign) = spec.sign {
        match sign {
            Sign::Space => "Space not allowed in string format specifier",
            Sign::Plus | Sign::Minus => "Sign not allowed in string format specifier",
        }
    } else if spec.coerce_negative_zero {
        "Negative zero coercion (z) not allowed in string format specifier"
    } else if spec.alternate {
        "Alternate form (#) not allowed in string format specifier"
    } else if spec.align == Some(Align::AfterSign) {
        "'=' alignment not allowed in string format specifier"
    } else {
        return spec.check_width();
    };
    Err(Failure::value(message).into())
}

/// The number of code points.
pub(crate) fn character_count(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// The first `length` code points.
pub(crate) fn prefix(text: &str, length: usize) -> &str {
    text.char_indices().nth(length).map_or(text, |(end, _)| &text[..end])
}
