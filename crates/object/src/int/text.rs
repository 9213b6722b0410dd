//! Digits of integers.

use num_bigint::BigInt;

use super::Int;

impl Int<'_> {
    /// The number in a radix between 2 and 36, in lower case, with `-` if it is negative.
    pub fn to_string_radix(self, radix: u32) -> String {
        match self {
            Int::Small(number) if radix == 10 => number.to_string(),
            number => number.as_bigint().to_str_radix(radix),
        }
    }
}

impl std::fmt::Display for Int<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Int::Small(number) => number.fmt(f),
            Int::Big(number) => number.fmt(f),
        }
    }
}

/// The number that these digits of a radix between 2 and 36 stand for; `None` if they are none, or one is no digit of it.
pub fn parse_digits(digits: &str, radix: u32) -> Option<BigInt> {
    if !digits.bytes().all(|digit| char::from(digit).is_digit(radix)) {
        return None;
    }
    BigInt::parse_bytes(digits.as_bytes(), radix)
}
