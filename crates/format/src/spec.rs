//! The format mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.

use crate::error::{Failure, FormatError, MAXIMUM_WIDTH, displayed_code};
use crate::unicode::decimal_value;

/// Where padding goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// `<`: behind the text.
    Left,
    /// `>`: before the text.
    Right,
    /// `^`: on both sides, the odd one behind.
    Center,
    /// `=`: between sign (or prefix) and digits.
    AfterSign,
}

/// What stands before a number that is not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `-`: nothing, as by default.
    Minus,
    /// `+`: a plus.
    Plus,
    /// A space.
    Space,
}

/// The separator between groups of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// `,`
    Comma,
    /// `_`
    Underscore,
}

impl Grouping {
    pub(crate) fn separator(self) -> char {
        match self {
            Grouping::Comma => ',',
            Grouping::Underscore => '_',
        }
    }
}

/// A parsed format spec. It does not depend on the type of the value, so a constant spec is parsed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormatSpec {
    /// The padding character.
    pub fill: char,
    /// Where padding goes, if said.
    pub align: Option<Align>,
    /// The sign option, if said.
    pub sign: Option<Sign>,
    /// `z`: a negative zero loses its sign after rounding.
    pub coerce_negative_zero: bool,
    /// `#`: prefixes for integers, a point for floats in any case.
    pub alternate: bool,
    /// `0` before the width: numbers are aligned by [`Align::AfterSign`] unless something else is said.
    pub zero: bool,
    /// The least number of characters of the result.
    pub width: Option<usize>,
    /// The separator between groups of digits.
    pub grouping: Option<Grouping>,
    /// Digits of a float, or the greatest number of characters of a string.
    pub precision: Option<usize>,
    /// The type code.
    pub code: Option<char>,
}

impl Default for FormatSpec {
    /// The empty spec.
    fn default() -> Self {
        FormatSpec {
            fill: ' ',
            align: None,
            sign: None,
            coerce_negative_zero: false,
            alternate: false,
            zero: false,
            width: None,
            grouping: None,
            precision: None,
            code: None,
        }
    }
}

impl FormatSpec {
    /// Parses a spec. Whether it suits a value is checked when one is formatted.
    ///
    /// # Errors
    /// [`FormatError::InvalidSpecifier`], or `ValueError` for a missing precision, too many digits or two separators.
    pub fn parse(text: &str) -> Result<FormatSpec, FormatError> {
        let mut spec = FormatSpec::default();
        let mut rest = Cursor { text };
        let fill_specified = rest.take_alignment(&mut spec);
        spec.sign = rest.take_mapped(|character| match character {
            '-' => Some(Sign::Minus),
            '+' => Some(Sign::Plus),
            ' ' => Some(Sign::Space),
            _ => None,
        });
        spec.coerce_negative_zero = rest.take('z');
        spec.alternate = rest.take('#');
        if !fill_specified && rest.take('0') {
            spec.fill = '0';
            spec.zero = true;
        }
        spec.width = rest.take_integer()?;
        spec.grouping = rest.take_grouping()?;
        if rest.take('.') {
            spec.precision = rest.take_integer()?;
            if spec.precision.is_none() {
                return Err(Failure::value("Format specifier missing precision").into());
            }
        }
        spec.code = rest.next();
        if !rest.text.is_empty() {
            return Err(FormatError::InvalidSpecifier(text.to_owned()));
        }
        Ok(spec)
    }

    /// Whether the spec changes nothing, like the empty one.
    pub fn is_empty(&self) -> bool {
        *self == FormatSpec::default()
    }

    /// How many fill characters stand before and behind a text of `length` characters, aligned to the left unless the
    /// spec says otherwise.
    pub fn padding(&self, length: usize) -> (usize, usize) {
        split_padding(self.width.unwrap_or(0).saturating_sub(length), self.align.unwrap_or(Align::Left))
    }

    /// Where a number is padded.
    pub(crate) fn number_align(&self) -> Align {
        self.align.unwrap_or(if self.zero { Align::AfterSign } else { Align::Right })
    }

    /// The separator and the size of its groups for a value whose type code is `default_code` when none is given.
    pub(crate) fn digit_groups(&self, default_code: char) -> Result<Option<(char, usize)>, FormatError> {
        let Some(grouping) = self.grouping else { return Ok(None) };
        let code = self.code.unwrap_or(default_code);
        match (code, grouping) {
            ('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F' | '\0', _) => Ok(Some((grouping.separator(), 3))),
            ('b' | 'o' | 'x' | 'X', Grouping::Underscore) => Ok(Some(('_', 4))),
            _ => Err(Failure::value(format!(
                "Cannot specify '{}' with '{}'.",
                grouping.separator(),
                displayed_code(code)
            ))
            .into()),
        }
    }

    /// Refuses a width that could not be allocated.
    pub(crate) fn check_width(&self) -> Result<(), FormatError> {
        Ok(check_size(self.width)?)
    }
}

/// Refuses results that could not be allocated.
pub(crate) fn check_size(size: Option<usize>) -> Result<(), Failure> {
    if size.is_some_and(|size| size > MAXIMUM_WIDTH) { Err(Failure::memory()) } else { Ok(()) }
}

/// Divides `total` fill characters into those before and those behind the text.
pub(crate) fn split_padding(total: usize, align: Align) -> (usize, usize) {
    let before = match align {
        Align::Right => total,
        Align::Center => total / 2,
        Align::Left | Align::AfterSign => 0,
    };
    (before, total - before)
}

struct Cursor<'a> {
    text: &'a str,
}

impl Cursor<'_> {
    fn next(&mut self) -> Option<char> {
        let mut characters = self.text.chars();
        let first = characters.next()?;
        self.text = characters.as_str();
        Some(first)
    }

    fn take(&mut self, expected: char) -> bool {
        let rest = self.text.strip_prefix(expected);
        self.text = rest.unwrap_or(self.text);
        rest.is_some()
    }

    fn take_mapped<T>(&mut self, meaning: impl FnOnce(char) -> Option<T>) -> Option<T> {
        let mut characters = self.text.chars();
        let found = meaning(characters.next()?)?;
        self.text = characters.as_str();
        Some(found)
    }

    /// Reads `[fill]align`, and answers whether there was a fill character.
    fn take_alignment(&mut self, spec: &mut FormatSpec) -> bool {
        let mut characters = self.text.chars();
        let first = characters.next();
        if let (Some(fill), Some(align)) = (first, characters.next().and_then(alignment)) {
            (spec.fill, spec.align) = (fill, Some(align));
            self.text = characters.as_str();
            return true;
        }
        spec.align = self.take_mapped(alignment);
        false
    }

    fn take_integer(&mut self) -> Result<Option<usize>, Failure> {
        let mut number: Option<usize> = None;
        while let Some(digit) = self.take_mapped(|character| decimal_value(u32::from(character))) {
            let accumulated = number
                .unwrap_or(0)
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(digit as usize))
                .filter(|&value| isize::try_from(value).is_ok())
                .ok_or_else(too_many_digits)?;
            number = Some(accumulated);
        }
        Ok(number)
    }

    fn take_grouping(&mut self) -> Result<Option<Grouping>, Failure> {
        let comma = self.take(',');
        let underscore = self.take('_');
        if underscore && (comma || self.text.starts_with(',')) {
            return Err(Failure::value("Cannot specify both ',' and '_'."));
        }
        Ok(match (comma, underscore) {
            (true, _) => Some(Grouping::Comma),
            (_, true) => Some(Grouping::Underscore),
            _ => None,
        })
    }
}

fn alignment(character: char) -> Option<Align> {
    match character {
        '<' => Some(Align::Left),
        '>' => Some(Align::Right),
        '^' => Some(Align::Center),
        '=' => Some(Align::AfterSign),
        _ => None,
    }
}

pub(crate) fn too_many_digits() -> Failure {
    Failure::value("Too many decimal digits in format string")
}
