//! Hexadecimal floats: `float.hex` and `float.fromhex`.

use crate::error::Failure;
use crate::float_parse::named_value;
use crate::float_text::decompose;
use crate::int_float::round_to_f64;
use crate::unicode::is_ascii_space;

/// `value.hex()`.
pub fn float_hex(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value.is_infinite() {
        return format!("{sign}inf");
    }
    if value == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let (significand, exponent) = decompose(value.abs());
    let fraction = significand & ((1 << 52) - 1);
    format!("{sign}0x{}.{fraction:013x}p{:+}", significand >> 52, exponent + 52)
}

/// `float.fromhex(text)`, correctly rounded.
///
/// # Errors
/// `ValueError` if the text is no hexadecimal float, `OverflowError` if it is too large.
pub fn float_from_hex(text: &str) -> Result<f64, Failure> {
    let text = text.trim_matches(|character| is_ascii_space(u32::from(character)));
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let magnitude = match named_value(unsigned) {
        Some(value) => value,
        None => parse_magnitude(unsigned)?,
    };
    Ok(if negative { -magnitude } else { magnitude })
}

fn parse_magnitude(text: &str) -> Result<f64, Failure> {
    let invalid = || Failure::value("invalid hexadecimal floating-point string");
    let text = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let (significand, exponent) = match text.find(['p', 'P']) {
        Some(marker) => (&text[..marker], parse_exponent(&text[marker + 1..]).ok_or_else(invalid)?),
        None => (text, 0),
    };
    let (whole, fraction) = significand.split_once('.').unwrap_or((significand, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err(invalid());
    }
    let mut top: u64 = 0;
    let mut inexact = false;
    let mut dropped_digits: i64 = 0;
    for digit in whole.chars().chain(fraction.chars()) {
        let digit = digit.to_digit(16).ok_or_else(invalid)?;
        if top >> 60 == 0 {
            top = top << 4 | u64::from(digit);
        } else {
            dropped_digits += 1;
            inexact |= digit != 0;
        }
    }
    let scale = 4 * (dropped_digits - fraction.len() as i64);
    let value = round_to_f64(top, inexact, exponent.saturating_add(scale));
    if value.is_infinite() {
        return Err(Failure::overflow("hexadecimal value too large to represent as a float"));
    }
    Ok(value)
}

/// A signed decimal exponent, held within bounds that no float's exponent reaches.
fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse().unwrap_or(i64::MAX).min(i64::MAX / 4);
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}
