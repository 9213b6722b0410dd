//! The decimal forms of a float: shortest, fixed, with an exponent, and general.
//!
//! Everything here works on magnitudes; signs belong to the layout. All digits are correctly rounded, ties to even on
//! the exact binary value, as in CPython's `dtoa`.

use std::fmt::Write as _;
use std::iter::repeat_n;

/// No float has more digits behind the point, so that digits asked for beyond these are zeros.
const LONGEST_FRACTION: usize = 1074;
/// No float has more significant digits.
const MOST_SIGNIFICANT_DIGITS: usize = 767;
/// The most fractional digits for which `significand * 10^digits` fits 128 bits.
const EXACT_FRACTION: usize = 22;

/// `repr(value)`: the shortest digits that read back as the same float, in CPython's form (`1e+16`, `1e-05`, `-0.0`).
pub fn float_repr(value: f64) -> String {
    let mut out = String::with_capacity(24);
    write_float_repr(&mut out, value);
    out
}

/// Appends [`float_repr`] of `value`.
pub fn write_float_repr(out: &mut String, value: f64) {
    if value.is_nan() {
        return out.push_str("nan");
    }
    if value.is_sign_negative() {
        out.push('-');
    }
    if value.is_infinite() {
        return out.push_str("inf");
    }
    push_shortest(out, value.abs(), false);
}

/// How the digits of a float are chosen and arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FloatStyle {
    /// As `repr` does.
    Shortest,
    /// So many digits behind the point.
    Fixed(usize),
    /// One digit before the point, so many behind it, and an exponent.
    Exponent(usize),
    /// So many significant digits, with an exponent where that is shorter.
    General(usize),
    /// As `General`, but it always looks like a float: the style of a precision without a type code.
    GeneralFloat(usize),
}

/// Appends a finite magnitude. `alternate` keeps the point and, in the general style, trailing zeros.
pub(crate) fn push_magnitude(out: &mut String, magnitude: f64, style: FloatStyle, alternate: bool) {
    match style {
        FloatStyle::Shortest => push_shortest(out, magnitude, alternate),
        FloatStyle::Fixed(precision) => push_fixed(out, magnitude, precision, alternate),
        FloatStyle::Exponent(precision) => push_exponent(out, magnitude, precision, alternate),
        FloatStyle::General(precision) => push_general(out, magnitude, precision, alternate, false),
        FloatStyle::GeneralFloat(precision) => push_general(out, magnitude, precision, alternate, true),
    }
}

/// `value * 10^digits` rounded half to even, if the exact product fits 128 bits.
pub(crate) fn scaled_to_integer(magnitude: f64, digits: usize) -> Option<u128> {
    if digits > EXACT_FRACTION {
        return None;
    }
    let (significand, exponent) = decompose(magnitude);
    let product = u128::from(significand) * 10u128.pow(digits as u32);
    if exponent >= 0 {
        let shift = exponent.unsigned_abs();
        return (shift < product.leading_zeros()).then(|| product << shift);
    }
    let shift = exponent.unsigned_abs();
    if shift >= u128::BITS {
        return Some(0);
    }
    let quotient = product >> shift;
    let half = 1u128 << (shift - 1);
    let remainder = product & ((half << 1) - 1);
    let round_up = remainder > half || (remainder == half && quotient & 1 == 1);
    Some(quotient + u128::from(round_up))
}

/// A finite magnitude as `significand * 2^exponent`.
pub(crate) fn decompose(magnitude: f64) -> (u64, i32) {
    let bits = magnitude.to_bits();
    let biased_exponent = (bits >> 52 & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    if biased_exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased_exponent - 1075) }
}

fn push_shortest(out: &mut String, magnitude: f64, alternate: bool) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(magnitude);
    // Both write 1e-4 .. 1e16 in plain digits; outside it, only the digits are taken over.
    if (1e-4..1e16).contains(&magnitude) || magnitude == 0.0 {
        return out.push_str(text);
    }
    let (significand, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let mut exponent: i32 = exponent.parse().unwrap_or(0);
    let mut significand = significand.strip_suffix(".0").unwrap_or(significand);
    if let Some(fraction) = significand.strip_prefix("0.") {
        significand = fraction.trim_start_matches('0');
        exponent -= (fraction.len() - significand.len()) as i32 + 1;
    }
    let mut digits = significand.chars().filter(|&digit| digit != '.').peekable();
    out.extend(digits.next());
    if alternate || digits.peek().is_some() {
        out.push('.');
    }
    out.extend(digits);
    push_exponent_part(out, exponent);
}

fn push_fixed(out: &mut String, magnitude: f64, precision: usize, alternate: bool) {
    let Some(scaled) = scaled_to_integer(magnitude, precision) else {
        return push_long_fixed(out, magnitude, precision, alternate);
    };
    let mut buffer = itoa::Buffer::new();
    let digits = match u64::try_from(scaled) {
        Ok(scaled) => buffer.format(scaled),
        Err(_) => buffer.format(scaled),
    };
    match digits.len().checked_sub(precision) {
        Some(point @ 1..) => {
            out.push_str(&digits[..point]);
            push_point(out, precision, alternate);
            out.push_str(&digits[point..]);
        }
        _ => {
            out.push_str("0.");
            out.extend(repeat_n('0', precision - digits.len()));
            out.push_str(digits);
        }
    }
}

fn push_long_fixed(out: &mut String, magnitude: f64, precision: usize, alternate: bool) {
    let known = precision.min(LONGEST_FRACTION);
    push_formatted(out, format_args!("{magnitude:.known$}"));
    if precision == 0 {
        push_point(out, precision, alternate);
    }
    out.extend(repeat_n('0', precision - known));
}

fn push_exponent(out: &mut String, magnitude: f64, precision: usize, alternate: bool) {
    let exponent = push_significand(out, magnitude, precision);
    if precision == 0 {
        push_point(out, precision, alternate);
    }
    push_exponent_part(out, exponent);
}

fn push_general(out: &mut String, magnitude: f64, precision: usize, alternate: bool, looks_like_float: bool) {
    let precision = precision.max(1);
    // Trailing zeros are dropped unless asked for, so that digits beyond the longest need not be made.
    let made = if alternate { precision } else { precision.min(MOST_SIGNIFICANT_DIGITS) };
    let start = out.len();
    let exponent = push_significand(out, magnitude, made - 1);
    let limit = precision - usize::from(looks_like_float);
    let with_exponent = exponent < -4 || usize::try_from(exponent).is_ok_and(|exponent| exponent >= limit);
    if with_exponent {
        if alternate {
            push_point_unless_present(out, start);
        } else {
            trim_fraction(out, start);
        }
        return push_exponent_part(out, exponent);
    }
    move_point(out, start, exponent);
    if !alternate {
        trim_fraction(out, start);
    } else if made as i64 == i64::from(exponent) + 1 {
        out.push('.');
    }
    if looks_like_float && !out[start..].contains('.') {
        out.push_str(".0");
    } else if looks_like_float && out.ends_with('.') {
        out.push('0');
    }
}

/// Makes `d.ddd` times ten to the `exponent` plain digits. There are more digits than the exponent says.
fn move_point(out: &mut String, start: usize, exponent: i32) {
    let Ok(shift) = usize::try_from(exponent) else {
        if out.len() > start + 1 {
            out.remove(start + 1);
        }
        let zeros = "0.000";
        return out.insert_str(start, &zeros[..1 + exponent.unsigned_abs() as usize]);
    };
    if shift > 0 {
        out.remove(start + 1);
        if out.len() > start + 1 + shift {
            out.insert(start + 1 + shift, '.');
        }
    }
}

/// Appends `d.ddd` with `precision` digits behind the point, and answers the decimal exponent.
fn push_significand(out: &mut String, magnitude: f64, precision: usize) -> i32 {
    let known = precision.min(MOST_SIGNIFICANT_DIGITS);
    let start = out.len();
    push_formatted(out, format_args!("{magnitude:.known$e}"));
    let marker = out[start..].rfind('e').map_or(out.len(), |offset| start + offset);
    let exponent = out.get(marker + 1..).and_then(|text| text.parse().ok()).unwrap_or(0);
    out.truncate(marker);
    out.extend(repeat_n('0', precision - known));
    exponent
}

fn push_exponent_part(out: &mut String, exponent: i32) {
    out.push('e');
    out.push(if exponent < 0 { '-' } else { '+' });
    let magnitude = exponent.unsigned_abs();
    if magnitude < 10 {
        out.push('0');
    }
    out.push_str(itoa::Buffer::new().format(magnitude));
}

fn push_point(out: &mut String, precision: usize, alternate: bool) {
    if precision > 0 || alternate {
        out.push('.');
    }
}

fn push_point_unless_present(out: &mut String, start: usize) {
    if !out[start..].contains('.') {
        out.push('.');
    }
}

/// Drops trailing zeros behind the point, and then the point.
fn trim_fraction(out: &mut String, start: usize) {
    if out[start..].contains('.') {
        let kept = out[start..].trim_end_matches('0').trim_end_matches('.').len();
        out.truncate(start + kept);
    }
}

fn push_formatted(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    // A String takes everything: its `write_fmt` fails only if a Display implementation does, and those of f64 do not.
    let _ = out.write_fmt(arguments);
}
