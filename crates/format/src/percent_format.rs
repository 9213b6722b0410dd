//! Formatting one argument for a `%` conversion, and the errors about arguments.

use std::iter::repeat_n;

use crate::error::Failure;
use crate::float_text::FloatStyle;
use crate::format_number::{DEFAULT_PRECISION, FloatForm};
use crate::format_str::{character_count, prefix};
use crate::int::IntRef;
use crate::int_text::{Base, DigitLimit, push_magnitude};
use crate::layout::{NumberText, write_number};
use crate::percent::{Amount, PercentConversion, PercentFlags};
use crate::spec::{Align, FormatSpec, Sign, check_size, split_padding};

/// A conversion whose `*` have been replaced by their arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PercentLayout {
    /// The flags; a negative width has set [`PercentFlags::left`].
    pub flags: PercentFlags,
    /// The least width, in characters.
    pub width: usize,
    /// The precision.
    pub precision: Option<usize>,
}

impl PercentLayout {
    /// Whether it asks for nothing.
    pub fn is_plain(&self) -> bool {
        self.width == 0 && self.precision.is_none() && self.flags == PercentFlags::default()
    }
}

impl<T: ?Sized> PercentConversion<'_, T> {
    /// Fills in the arguments of `*` for width and precision; they are ignored where the template has none.
    ///
    /// # Errors
    /// `MemoryError` for a size that could not be allocated, `OverflowError` for a precision beyond 31 bits.
    pub fn layout(&self, star_width: i64, star_precision: i64) -> Result<PercentLayout, Failure> {
        let mut flags = self.flags;
        let width = match self.width {
            None => 0,
            Some(Amount::Number(width)) => width,
            Some(Amount::Argument) => {
                flags.left |= star_width < 0;
                usize::try_from(star_width.unsigned_abs()).unwrap_or(usize::MAX)
            }
        };
        let precision = match self.precision {
            None => None,
            Some(Amount::Number(precision)) => Some(precision),
            Some(Amount::Argument) => {
                let precision = i32::try_from(star_precision)
                    .map_err(|_| Failure::overflow("Python int too large to convert to C int"))?;
                Some(usize::try_from(precision).unwrap_or(0))
            }
        };
        check_size(Some(width))?;
        Ok(PercentLayout { flags, width, precision })
    }
}

impl PercentLayout {
    /// How many spaces stand before and behind a text of `length` characters.
    pub fn padding(&self, length: usize) -> (usize, usize) {
        let align = if self.flags.left { Align::Left } else { Align::Right };
        split_padding(self.width.saturating_sub(length), align)
    }

    fn number_spec(&self) -> FormatSpec {
        let flags = self.flags;
        let zero = flags.zero && !flags.left;
        FormatSpec {
            fill: if zero { '0' } else { ' ' },
            align: Some(match (flags.left, zero) {
                (true, _) => Align::Left,
                (_, true) => Align::AfterSign,
                _ => Align::Right,
            }),
            sign: match (flags.plus, flags.space) {
                (true, _) => Some(Sign::Plus),
                (_, true) => Some(Sign::Space),
                _ => None,
            },
            width: Some(self.width),
            ..FormatSpec::default()
        }
    }
}

/// Appends an integer for [`PercentKind::Decimal`](crate::PercentKind::Decimal) or
/// [`PercentKind::Based`](crate::PercentKind::Based) with that letter.
///
/// # Errors
/// `ValueError` when a decimal number has more digits than `limit` allows, `MemoryError` for a huge precision.
pub fn percent_int<'a>(
    out: &mut String,
    value: impl Into<IntRef<'a>>,
    letter: char,
    layout: &PercentLayout,
    limit: DigitLimit,
) -> Result<(), Failure> {
    let value = value.into();
    check_size(layout.precision)?;
    let base = match letter {
        'o' => Base::Octal,
        'x' => Base::LowerHex,
        'X' => Base::UpperHex,
        _ => Base::Decimal,
    };
    let mut digits = String::new();
    push_magnitude(&mut digits, value, base, limit)?;
    if let Some(missing) = layout.precision.and_then(|precision| precision.checked_sub(digits.len())) {
        digits.insert_str(0, &"0".repeat(missing));
    }
    let prefix = if layout.flags.alternate { base.prefix() } else { "" };
    let number = NumberText { negative: value.is_negative(), prefix, integer: &digits, rest: "" };
    write_number(out, &number, &layout.number_spec(), None);
    Ok(())
}

/// Appends a float for [`PercentKind::Float`](crate::PercentKind::Float) with that letter.
///
/// # Errors
/// `MemoryError` for a huge precision.
pub fn percent_float(out: &mut String, value: f64, letter: char, layout: &PercentLayout) -> Result<(), Failure> {
    check_size(layout.precision)?;
    let precision = layout.precision.unwrap_or(DEFAULT_PRECISION);
    let style = match letter {
        'e' | 'E' => FloatStyle::Exponent(precision),
        'g' | 'G' => FloatStyle::General(precision),
        _ => FloatStyle::Fixed(precision),
    };
    let form =
        FloatForm { style, upper: letter.is_ascii_uppercase(), percent: false, alternate: layout.flags.alternate };
    let mut text = String::with_capacity(32);
    form.push(&mut text, value.abs());
    let negative = value.is_sign_negative() && !value.is_nan();
    let number = NumberText { negative, prefix: "", integer: "", rest: &text };
    write_number(out, &number, &layout.number_spec(), None);
    Ok(())
}

/// Appends text for `s`, `r` or `a`: cut to the precision and padded with spaces.
pub fn percent_str(out: &mut String, text: &str, layout: &PercentLayout) {
    let length = character_count(text);
    let (kept, length) = match layout.precision {
        Some(precision) if precision < length => (prefix(text, precision), precision),
        _ => (text, length),
    };
    let (before, behind) = layout.padding(length);
    out.reserve(before + kept.len() + behind);
    out.extend(repeat_n(' ', before));
    out.push_str(kept);
    out.extend(repeat_n(' ', behind));
}

/// Appends bytes for `b`, `s` or `a` in a bytes template: cut to the precision and padded with spaces.
pub fn percent_bytes(out: &mut Vec<u8>, bytes: &[u8], layout: &PercentLayout) {
    let kept = &bytes[..bytes.len().min(layout.precision.unwrap_or(usize::MAX))];
    let (before, behind) = layout.padding(kept.len());
    out.extend(repeat_n(b' ', before));
    out.extend_from_slice(kept);
    out.extend(repeat_n(b' ', behind));
}

/// Appends the character for `c`, padded with spaces.
pub fn percent_char(out: &mut String, character: char, layout: &PercentLayout) {
    let layout = PercentLayout { precision: None, ..*layout };
    percent_str(out, character.encode_utf8(&mut [0; 4]), &layout);
}

/// The code point for `c` and an integer. It may be a surrogate, which only the caller can show.
///
/// # Errors
/// `OverflowError`; the range is that of a byte for a bytes template.
pub fn percent_char_code<'a>(value: impl Into<IntRef<'a>>, in_bytes: bool) -> Result<u32, Failure> {
    let (end, message) = match in_bytes {
        true => (0x100, "%c arg not in range(256)"),
        false => (0x11_0000, "%c arg not in range(0x110000)"),
    };
    let code = value.into().to_i64().and_then(|value| u32::try_from(value).ok());
    code.filter(|&code| code < end).ok_or_else(|| Failure::overflow(message))
}

/// The errors about arguments that the caller finds out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PercentArgumentError<'a> {
    /// The tuple has too few items.
    NotEnough,
    /// The tuple has too many items.
    NotAllConverted {
        /// Whether the template is bytes.
        in_bytes: bool,
    },
    /// A key in the template, but no mapping.
    MappingRequired,
    /// `*` got something other than an integer.
    StarWantsInt,
    /// `d`, `i` or `u` got something other than a number.
    NumberRequired {
        /// The letter of the conversion. Bytes templates say `d` for `i`.
        letter: char,
        /// The type of the argument.
        type_name: &'a str,
    },
    /// `o`, `x` or `X` got something other than an integer.
    IntegerRequired {
        /// The letter of the conversion.
        letter: char,
        /// The type of the argument.
        type_name: &'a str,
    },
    /// A float conversion got something other than a number.
    FloatRequired {
        /// Whether the template is bytes.
        in_bytes: bool,
        /// The type of the argument.
        type_name: &'a str,
    },
    /// `c` got neither an integer nor a single character.
    CharacterRequired {
        /// Whether the template is bytes.
        in_bytes: bool,
    },
    /// `b`, or `s` in bytes, got something without bytes.
    BytesRequired {
        /// The type of the argument.
        type_name: &'a str,
    },
}

impl From<PercentArgumentError<'_>> for Failure {
    fn from(error: PercentArgumentError<'_>) -> Failure {
        use PercentArgumentError as E;
        Failure::type_error(match error {
            E::NotEnough => "not enough arguments for format string".to_owned(),
            E::NotAllConverted { in_bytes: false } => "not all arguments converted during string formatting".to_owned(),
            E::NotAllConverted { in_bytes: true } => "not all arguments converted during bytes formatting".to_owned(),
            E::MappingRequired => "format requires a mapping".to_owned(),
            E::StarWantsInt => "* wants int".to_owned(),
            E::NumberRequired { letter, type_name } => {
                format!("%{letter} format: a real number is required, not {type_name}")
            }
            E::IntegerRequired { letter, type_name } => {
                format!("%{letter} format: an integer is required, not {type_name}")
            }
            E::FloatRequired { in_bytes: false, type_name } => format!("must be real number, not {type_name}"),
            E::FloatRequired { in_bytes: true, type_name } => format!("float argument required, not {type_name}"),
            E::CharacterRequired { in_bytes: false } => "%c requires int or char".to_owned(),
            E::CharacterRequired { in_bytes: true } => {
                "%c requires an integer in range(256) or a single byte".to_owned()
            }
            E::BytesRequired { type_name } => {
                format!("%b requires a bytes-like object, or an object that implements __bytes__, not '{type_name}'")
            }
        })
    }
}
