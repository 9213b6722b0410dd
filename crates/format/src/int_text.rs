//! Integers to text in a base, with CPython's limit on decimal conversions.

use num_bigint::{BigInt, BigUint};

use crate::error::Failure;
use crate::int::IntRef;

/// Room for the decimal form of a machine word, which its `format` writes.
pub use itoa::Buffer as Decimal;

/// How many digits a conversion between text and an integer may have, when the base is no power of two
/// (`sys.set_int_max_str_digits`). It keeps quadratic conversions of hostile input short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigitLimit(
    /// The number of digits; zero means that there is no limit.
    pub usize,
);

impl Default for DigitLimit {
    /// 4300 digits, as CPython starts with.
    fn default() -> Self {
        DigitLimit(4300)
    }
}

impl DigitLimit {
    /// Whether a number of so many digits is refused.
    pub fn refuses(self, digits: usize) -> bool {
        self.0 != 0 && digits > self.0
    }
}

/// Appends the decimal form of `value`: `str(value)` and `repr(value)`.
///
/// # Errors
/// `ValueError` when the number has more digits than `limit` allows.
pub fn write_int<'a>(out: &mut String, value: impl Into<IntRef<'a>>, limit: DigitLimit) -> Result<(), Failure> {
    match value.into() {
        IntRef::Small(value) => out.push_str(Decimal::new().format(value)),
        IntRef::Big(value) => {
            if value.sign() == num_bigint::Sign::Minus {
                out.push('-');
            }
            out.push_str(&decimal_digits(value.magnitude(), limit)?);
        }
    }
    Ok(())
}

/// The bases that a format can write an integer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    Binary,
    Octal,
    Decimal,
    LowerHex,
    UpperHex,
}

impl Base {
    /// The prefix of the alternate form.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Base::Binary => "0b",
            Base::Octal => "0o",
            Base::Decimal => "",
            Base::LowerHex => "0x",
            Base::UpperHex => "0X",
        }
    }
}

/// Appends the digits of the absolute value, without sign or prefix.
pub(crate) fn push_magnitude(
    out: &mut String,
    value: IntRef<'_>,
    base: Base,
    limit: DigitLimit,
) -> Result<(), Failure> {
    match value {
        IntRef::Small(value) => push_small_magnitude(out, value.unsigned_abs(), base),
        IntRef::Big(value) => push_big_magnitude(out, value, base, limit)?,
    }
    Ok(())
}

fn push_small_magnitude(out: &mut String, mut magnitude: u64, base: Base) {
    let (bits, digits) = match base {
        Base::Decimal => return out.push_str(Decimal::new().format(magnitude)),
        Base::Binary => (1, b"0123456789abcdef"),
        Base::Octal => (3, b"0123456789abcdef"),
        Base::LowerHex => (4, b"0123456789abcdef"),
        Base::UpperHex => (4, b"0123456789ABCDEF"),
    };
    let mut buffer = [0; 64];
    let mut start = buffer.len();
    loop {
        start -= 1;
        buffer[start] = digits[(magnitude & ((1 << bits) - 1)) as usize];
        magnitude >>= bits;
        if magnitude == 0 {
            break;
        }
    }
    out.extend(buffer[start..].iter().map(|&digit| char::from(digit)));
}

fn push_big_magnitude(out: &mut String, value: &BigInt, base: Base, limit: DigitLimit) -> Result<(), Failure> {
    let magnitude = value.magnitude();
    let text = match base {
        Base::Binary => magnitude.to_str_radix(2),
        Base::Octal => magnitude.to_str_radix(8),
        Base::Decimal => decimal_digits(magnitude, limit)?,
        Base::LowerHex => magnitude.to_str_radix(16),
        Base::UpperHex => magnitude.to_str_radix(16).to_ascii_uppercase(),
    };
    out.push_str(&text);
    Ok(())
}

/// Below so many bits, the plain quadratic conversion is faster than the one by division of num-bigint.
const SHORT_BITS: u64 = 5000;

fn decimal_digits(magnitude: &BigUint, limit: DigitLimit) -> Result<String, Failure> {
    // log10(2) from below: a number refused here has too many digits for certain, and is never converted.
    let certain_digits = usize::try_from(magnitude.bits() / 1000 * 301).unwrap_or(usize::MAX);
    if !limit.refuses(certain_digits) {
        let digits =
            if magnitude.bits() < SHORT_BITS { short_decimal_digits(magnitude) } else { magnitude.to_str_radix(10) };
        if !limit.refuses(digits.len()) {
            return Ok(digits);
        }
    }
    Err(Failure::value(format!(
        "Exceeds the limit ({} digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit",
        limit.0
    )))
}

/// Converts by shifting the binary digits into a number of base 10^9, the highest first.
fn short_decimal_digits(magnitude: &BigUint) -> String {
    const BASE: u64 = 1_000_000_000;
    const BASE_ZEROS: &str = "000000000";
    let mut limbs: Vec<u32> = Vec::with_capacity(magnitude.bits() as usize / 29 + 2);
    for digit in magnitude.iter_u32_digits().rev() {
        let mut carry = u64::from(digit);
        for limb in &mut limbs {
            let shifted = u64::from(*limb) << 32 | carry;
            *limb = (shifted % BASE) as u32;
            carry = shifted / BASE;
        }
        while carry > 0 {
            limbs.push((carry % BASE) as u32);
            carry /= BASE;
        }
    }
    let mut buffer = Decimal::new();
    let mut out = String::with_capacity((limbs.len() + 1) * BASE_ZEROS.len());
    let mut highest_first = limbs.iter().rev();
    out.push_str(buffer.format(highest_first.next().copied().unwrap_or(0)));
    for &limb in highest_first {
        let digits = buffer.format(limb);
        out.push_str(&BASE_ZEROS[digits.len()..]);
        out.push_str(digits);
    }
    out
}
