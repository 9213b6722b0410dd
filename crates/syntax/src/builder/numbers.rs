//! Number literals to values.

use std::ops::Range;

use toy_source::{Span, Warning};

use super::Builder;
use crate::ast::{ExpressionId, ExpressionKind};

/// As many decimal digits as CPython converts: the conversion takes quadratic time.
const DIGIT_LIMIT: usize = 4300;

impl Builder<'_> {
    /// A number whose form the lexer has checked.
    pub(crate) fn number(&mut self, range: Range<u32>) -> ExpressionId {
        let text = self.slice(self.span(range.clone()));
        let digits: String = text.chars().filter(|&char| char != '_').collect::<String>().to_ascii_lowercase();
        let kind = match digits.as_bytes() {
            [b'0', b'x', ..] => in_base(&digits[2..], 4),
            [b'0', b'o', ..] => in_base(&digits[2..], 3),
            [b'0', b'b', ..] => in_base(&digits[2..], 1),
            [.., b'j'] => ExpressionKind::Imaginary(digits[..digits.len() - 1].parse().unwrap_or(f64::INFINITY)),
            bytes if bytes.iter().all(u8::is_ascii_digit) => self.decimal(&digits, range.start),
            _ => ExpressionKind::Float(digits.parse().unwrap_or(f64::INFINITY)),
        };
        self.doubt_number(range.clone(), &digits);
        self.expression(range, kind)
    }

    /// Warns of a number that a keyword follows without a blank: what is read as its last digit may be meant as a letter.
    fn doubt_number(&mut self, range: Range<u32>, digits: &str) {
        let span = self.span(range);
        if !self.text[span.end as usize..].starts_with(|next: char| next.is_ascii_alphabetic()) {
            return;
        }
        let kind = match digits.as_bytes() {
            [b'0', b'x', ..] => "hexadecimal",
            [b'0', b'o', ..] => "octal",
            [b'0', b'b', ..] => "binary",
            [.., b'j'] => "imaginary",
            _ => "decimal",
        };
        self.ast.warnings.push(Warning::new(span, format!("invalid {kind} literal")));
    }

    fn decimal(&mut self, digits: &str, start: u32) -> ExpressionKind {
        if let Ok(value) = digits.parse() {
            return ExpressionKind::Integer(value);
        }
        if digits.len() > DIGIT_LIMIT {
            let line = self.text[..start as usize].rfind(['\n', '\r']).map_or(0, |end| end + 1);
            let count = digits.len();
            let message = format!(
                "Exceeds the limit ({DIGIT_LIMIT} digits) for integer string conversion: value has {count} digits; \
                 use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer \
                 literals to avoid decimal conversion limits."
            );
            self.fault(Span::new(line, line), message);
        }
        ExpressionKind::BigInteger(digits.trim_start_matches('0').into())
    }
}

/// Digits of two to the power of `bits` to a number; a large one to hexadecimal digits.
fn in_base(digits: &str, bits: usize) -> ExpressionKind {
    let digits = digits.trim_start_matches('0');
    let mut binary = Vec::with_capacity(digits.len() * bits);
    for digit in digits.chars().filter_map(|digit| digit.to_digit(16)) {
        binary.extend((0..bits).rev().map(|bit| digit >> bit & 1));
    }
    let leading = binary.iter().take_while(|&&bit| bit == 0).count();
    let binary = &binary[leading..];
    if binary.len() < 64 {
        return ExpressionKind::Integer(binary.iter().fold(0, |value, &bit| value << 1 | i64::from(bit)));
    }
    let mut hexadecimal: Vec<char> = binary
        .rchunks(4)
        .filter_map(|nibble| char::from_digit(nibble.iter().fold(0, |value, &bit| value << 1 | bit), 16))
        .collect();
    hexadecimal.extend(['x', '0']);
    ExpressionKind::BigInteger(hexadecimal.iter().rev().collect::<String>().into())
}

#[cfg(test)]
mod tests {
    use super::in_base;
    use crate::ast::ExpressionKind;

    #[test]
    fn large_numbers_of_every_base_become_hexadecimal() {
        assert!(matches!(in_base("00ff", 4), ExpressionKind::Integer(255)));
        assert!(matches!(in_base("777777777777777777777", 3), ExpressionKind::Integer(i64::MAX)));
        let ExpressionKind::BigInteger(digits) = in_base("2000000000000000000000", 3) else { panic!("too small") };
        assert_eq!(&*digits, "0x10000000000000000");
    }
}
