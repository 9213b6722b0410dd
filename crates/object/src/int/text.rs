//! Digits of integers.

use num_bigint::BigInt;

use super::Int;

impl Int<'_> {
    /// The number in a radix between 2 and 36, in lower case, with `-` if it is negative.
    pub fn to_string_radix(self, radix: u32) -> String {
        match self {
            Int::Small(number) if radix == 10 => number.to_string(),
            Int::Small(number) if radix.is_power_of_two() => bit_digits(number, radix.ilog2()),
            number => number.as_bigint().to_str_radix(radix),
        }
    }
}

/// The digits of a number of `width` bits each.
fn bit_digits(number: i64, width: u32) -> String {
    let mut digits = [0; 65];
    let (mut start, mut rest) = (digits.len(), number.unsigned_abs());
    loop {
        start -= 1;
        digits[start] = b"0123456789abcdefghijklmnopqrstuv"[(rest & ((1 << width) - 1)) as usize];
        rest >>= width;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        start -= 1;
        digits[start] = b'-';
    }
    digits[start..].iter().map(|&digit| digit as char).collect()
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
