//! Formatting integers and floats by a [`FormatSpec`].

use crate::error::{Failure, FormatError};
use crate::float_text::{self, FloatStyle};
use crate::int::IntRef;
use crate::int_float::int_to_f64;
use crate::int_text::{self, Base, DigitLimit};
use crate::layout::{NumberText, sign_character, write_number};
use crate::spec::{FormatSpec, check_size};

/// The precision of the float type codes when none is given.
pub(crate) const DEFAULT_PRECISION: usize = 6;

/// Appends `format(value, spec)` for an integer; a bool is formatted as one unless the spec is empty.
///
/// The locale type code `n` groups nothing, as in the C locale.
///
/// # Errors
/// As CPython's `int.__format__`; [`FormatError::Surrogate`] for `c` and a surrogate.
pub fn format_int<'a>(
    out: &mut String,
    value: impl Into<IntRef<'a>>,
    spec: &FormatSpec,
    limit: DigitLimit,
) -> Result<(), FormatError> {
    let value = value.into();
    let groups = spec.digit_groups('d')?;
    let base = match spec.code.unwrap_or('d') {
        'd' | 'n' => Base::Decimal,
        'b' => Base::Binary,
        'o' => Base::Octal,
        'x' => Base::LowerHex,
        'X' => Base::UpperHex,
        'c' => return format_character(out, value, spec),
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' => return format_float(out, int_to_f64(value)?, spec),
        other => return Err(FormatError::UnknownCode(other)),
    };
    check_integer_spec(spec)?;
    let prefix = if spec.alternate { base.prefix() } else { "" };
    if spec.width.is_none() && groups.is_none() {
        out.extend(sign_character(value.is_negative(), spec.sign));
        out.push_str(prefix);
        return Ok(int_text::push_magnitude(out, value, base, limit)?);
    }
    spec.check_width()?;
    let mut long_digits = String::new();
    let mut short_digits = itoa::Buffer::new();
    let integer = match (value, base) {
        (IntRef::Small(value), Base::Decimal) => short_digits.format(value.unsigned_abs()),
        _ => {
            int_text::push_magnitude(&mut long_digits, value, base, limit)?;
            long_digits.as_str()
        }
    };
    write_number(out, &NumberText { negative: value.is_negative(), prefix, integer, rest: "" }, spec, groups);
    Ok(())
}

/// Appends `format(value, spec)` for a float.
///
/// The locale type code `n` is `g` with a point and no groups, as in the C locale.
///
/// # Errors
/// As CPython's `float.__format__`.
pub fn format_float(out: &mut String, value: f64, spec: &FormatSpec) -> Result<(), FormatError> {
    let groups = spec.digit_groups('\0')?;
    let form = FloatForm::new(spec)?;
    let value = if form.percent { value * 100.0 } else { value };

    let negative = value.is_sign_negative() && !value.is_nan();
    if spec.width.is_none() && groups.is_none() && !spec.coerce_negative_zero {
        out.extend(sign_character(negative, spec.sign));
        form.push(out, value.abs());
        return Ok(());
    }
    spec.check_width()?;
    let mut text = String::with_capacity(32);
    form.push(&mut text, value.abs());
    let negative = negative && !(spec.coerce_negative_zero && is_zero_text(&text));
    let (integer, rest) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    write_number(out, &NumberText { negative, prefix: "", integer, rest }, spec, groups);
    Ok(())
}

/// Which text a float becomes, apart from its sign.
pub(crate) struct FloatForm {
    pub(crate) style: FloatStyle,
    pub(crate) upper: bool,
    pub(crate) percent: bool,
    pub(crate) alternate: bool,
}

impl FloatForm {
    fn new(spec: &FormatSpec) -> Result<FloatForm, FormatError> {
        let code = spec.code.unwrap_or('\0');
        if !matches!(code, '\0' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%') {
            return Err(FormatError::UnknownCode(code));
        }
        if spec.precision.is_some_and(|precision| i32::try_from(precision).is_err()) {
            return Err(Failure::value("precision too big").into());
        }
        check_size(spec.precision)?;
        let precision = spec.precision.unwrap_or(DEFAULT_PRECISION);
        let style = match code {
            'e' | 'E' => FloatStyle::Exponent(precision),
            'f' | 'F' | '%' => FloatStyle::Fixed(precision),
            'g' | 'G' | 'n' => FloatStyle::General(precision),
            _ => spec.precision.map_or(FloatStyle::Shortest, FloatStyle::GeneralFloat),
        };
        Ok(FloatForm { style, upper: matches!(code, 'E' | 'F' | 'G'), percent: code == '%', alternate: spec.alternate })
    }

    /// Appends the text of a magnitude, which may be infinite or no number.
    pub(crate) fn push(&self, out: &mut String, magnitude: f64) {
        let start = out.len();
        if magnitude.is_nan() {
            out.push_str(if self.upper { "NAN" } else { "nan" });
        } else if magnitude.is_infinite() {
            out.push_str(if self.upper { "INF" } else { "inf" });
        } else {
            float_text::push_magnitude(out, magnitude, self.style, self.alternate);
            if self.upper && !matches!(self.style, FloatStyle::Fixed(_)) {
                out[start..].make_ascii_uppercase();
            }
        }
        if self.percent {
            out.push('%');
        }
    }
}

/// Whether the digits before any exponent are all zero.
fn is_zero_text(text: &str) -> bool {
    text.bytes().take_while(|&byte| byte != b'e' && byte != b'E').all(|byte| matches!(byte, b'0' | b'.' | b'%'))
}

fn check_integer_spec(spec: &FormatSpec) -> Result<(), FormatError> {
    if spec.precision.is_some() {
        return Err(Failure::value("Precision not allowed in integer format specifier").into());
    }
    if spec.coerce_negative_zero {
        return Err(Failure::value("Negative zero coercion (z) not allowed in integer format specifier").into());
    }
    Ok(())
}

fn format_character(out: &mut String, value: IntRef<'_>, spec: &FormatSpec) -> Result<(), FormatError> {
    check_integer_spec(spec)?;
    if spec.sign.is_some() {
        return Err(Failure::value("Sign not allowed with integer format specifier 'c'").into());
    }
    if spec.alternate {
        return Err(Failure::value("Alternate form (#) not allowed with integer format specifier 'c'").into());
    }
    spec.check_width()?;
    let value = value.to_i64().ok_or_else(|| Failure::overflow("Python int too large to convert to C long"))?;
    let code = u32::try_from(value)
        .ok()
        .filter(|&code| code <= u32::from(char::MAX))
        .ok_or_else(|| Failure::overflow("%c arg not in range(0x110000)"))?;
    let character = char::from_u32(code).ok_or(FormatError::Surrogate(code as u16))?;
    let rest = character.encode_utf8(&mut [0; 4]).to_owned();
    write_number(out, &NumberText { negative: false, prefix: "", integer: "", rest: &rest }, spec, None);
    Ok(())
}
