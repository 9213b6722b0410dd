//! Where the parts of a formatted number go: `padding sign prefix padding digits rest padding`.

use std::iter::repeat_n;

use crate::spec::{Align, FormatSpec, Sign, split_padding};

/// A number taken apart, ready to be laid out.
pub(crate) struct NumberText<'a> {
    pub(crate) negative: bool,
    pub(crate) prefix: &'a str,
    /// The digits before the point: the only ones that are grouped.
    pub(crate) integer: &'a str,
    /// What follows: point, fraction, exponent, `%`, or a whole `inf` or character.
    pub(crate) rest: &'a str,
}

/// What stands before a number.
pub(crate) fn sign_character(negative: bool, sign: Option<Sign>) -> Option<char> {
    match (negative, sign) {
        (true, _) => Some('-'),
        (false, Some(Sign::Plus)) => Some('+'),
        (false, Some(Sign::Space)) => Some(' '),
        (false, Some(Sign::Minus) | None) => None,
    }
}

/// Appends `number` as `spec` wants it; `groups` is the separator and how many digits it separates.
pub(crate) fn write_number(
    out: &mut String,
    number: &NumberText<'_>,
    spec: &FormatSpec,
    groups: Option<(char, usize)>,
) {
    let sign = sign_character(number.negative, spec.sign);
    let align = spec.number_align();
    let width = spec.width.unwrap_or(0);
    let other_length = usize::from(sign.is_some()) + number.prefix.len() + number.rest.chars().count();
    let zero_filled = spec.fill == '0' && align == Align::AfterSign;
    let digits =
        GroupedDigits::new(number.integer, groups, if zero_filled { width.saturating_sub(other_length) } else { 0 });

    let total_padding = width.saturating_sub(other_length + digits.length());
    let (before, behind) = if align == Align::AfterSign { (0, 0) } else { split_padding(total_padding, align) };
    let inside = total_padding - before - behind;
    out.reserve((before + inside + behind) * spec.fill.len_utf8() + other_length + digits.length());
    out.extend(repeat_n(spec.fill, before));
    out.extend(sign);
    out.push_str(number.prefix);
    out.extend(repeat_n(spec.fill, inside));
    digits.write(out);
    out.push_str(number.rest);
    out.extend(repeat_n(spec.fill, behind));
}

/// Digits with separators, and with zeros before them where grouping and zero padding meet.
struct GroupedDigits<'a> {
    digits: &'a str,
    leading_zeros: usize,
    groups: Option<(char, usize)>,
}

impl<'a> GroupedDigits<'a> {
    fn new(digits: &'a str, groups: Option<(char, usize)>, least_width: usize) -> Self {
        let leading_zeros = match groups {
            Some((_, size)) if !digits.is_empty() => zeros_to_fill(digits.len(), size, least_width),
            _ => 0,
        };
        GroupedDigits { digits, leading_zeros, groups }
    }

    fn length(&self) -> usize {
        let count = self.leading_zeros + self.digits.len();
        count + self.groups.map_or(0, |(_, size)| count.saturating_sub(1) / size)
    }

    fn write(&self, out: &mut String) {
        let Some((separator, size)) = self.groups else { return out.push_str(self.digits) };
        let count = self.leading_zeros + self.digits.len();
        let digits = repeat_n('0', self.leading_zeros).chain(self.digits.chars());
        for (index, digit) in digits.enumerate() {
            if index != 0 && (count - index).is_multiple_of(size) {
                out.push(separator);
            }
            out.push(digit);
        }
    }
}

/// How many zeros bring grouped digits to `least_width` columns. The result never starts with a separator: where one
/// would stand, a zero is put before it and the number becomes one column wider than asked.
fn zeros_to_fill(digits: usize, size: usize, least_width: usize) -> usize {
    let whole_groups = least_width / (size + 1);
    let columns_left = least_width % (size + 1);
    let digits_wanted = whole_groups * size + columns_left.max(1);
    digits_wanted.saturating_sub(digits)
}
