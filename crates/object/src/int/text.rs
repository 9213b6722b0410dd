//! Digits of integers, in subquadratic time where there are many.

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;

use super::Int;

/// Numbers with at most so many bits are turned into digits in one go.
const DIRECT_BITS: u64 = 4096;

impl Int<'_> {
    /// The number in a radix between 2 and 36, in lower case, with `-` if it is negative.
    pub fn to_string_radix(self, radix: u32) -> String {
        match self {
            Int::Small(number) if radix == 10 => number.to_string(),
            Int::Big(number) if number.bits() > DIRECT_BITS && !radix.is_power_of_two() => {
                let mut text = String::new();
                if number.sign() == Sign::Minus {
                    text.push('-');
                }
                push_digits(number.magnitude(), radix, &mut text);
                text
            }
            number => number.as_bigint().to_str_radix(radix),
        }
    }
}

impl std::fmt::Display for Int<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Int::Small(number) => number.fmt(f),
            Int::Big(_) => f.write_str(&self.to_string_radix(10)),
        }
    }
}

/// Splits the number at radix^(2^k) again and again, so that the work is that of a few large divisions.
fn push_digits(number: &BigUint, radix: u32, text: &mut String) {
    // (divisor, its number of digits), the smallest first.
    let mut digits = (DIRECT_BITS as f64 / f64::from(radix).log2()) as usize / 2;
    let mut divisors = vec![(BigUint::from(radix).pow(digits as u32), digits)];
    while divisors[divisors.len() - 1].0.bits() * 2 <= number.bits() + 1 {
        let last = &divisors[divisors.len() - 1].0;
        let square = last * last;
        digits *= 2;
        divisors.push((square, digits));
    }
    push_part(number, radix, &divisors, None, text);
}

/// Appends the digits of a part; `width`: filled up with zeros to so many.
fn push_part(
    number: &BigUint,
    radix: u32,
    divisors: &[(BigUint, usize)],
    width: Option<usize>,
    text: &mut String,
) {
    let Some(((divisor, digits), smaller)) = divisors.split_last() else {
        let part = number.to_str_radix(radix);
        let zeros = width.map_or(0, |width| width.saturating_sub(part.len()));
        text.extend(std::iter::repeat_n('0', zeros));
        text.push_str(&part);
        return;
    };
    if width.is_none() && number < divisor {
        return push_part(number, radix, smaller, None, text);
    }
    let (high, low) = number.div_rem(divisor);
    push_part(&high, radix, smaller, width.map(|width| width - digits), text);
    push_part(&low, radix, smaller, Some(*digits), text);
}

/// The number that these digits of a radix between 2 and 36 stand for; `None` if they are none, or one is no digit of it.
pub fn parse_digits(digits: &str, radix: u32) -> Option<BigInt> {
    if digits.is_empty() || !digits.bytes().all(|digit| char::from(digit).is_digit(radix)) {
        return None;
    }
    Some(BigInt::from_biguint(Sign::Plus, parse_part(digits, radix)))
}

fn parse_part(digits: &str, radix: u32) -> BigUint {
    /// Up to so many digits the simple way is the fastest.
    const DIRECT_DIGITS: usize = 2048;
    if digits.len() <= DIRECT_DIGITS {
        return BigUint::parse_bytes(digits.as_bytes(), radix).unwrap_or_default();
    }
    let (high, low) = digits.split_at(digits.len() / 2);
    let power = BigUint::from(radix).pow(low.len() as u32);
    parse_part(high, radix) * power + parse_part(low, radix)
}
