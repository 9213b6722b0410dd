//! Folding of numbers, within CPython's limits on the size of results.

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{Pow, Signed, ToPrimitive, Zero};
use toy_code::Constant;
use toy_syntax::ast::{BinaryOperator, UnaryOperator};

/// Products, powers and shifts have at most so many bits.
const MAXIMUM_BITS: u64 = 128;
/// Integers up to here are exact floats.
const EXACT_FLOAT: u64 = 1 << 53;

pub(super) fn unary(operator: UnaryOperator, operand: &Constant) -> Option<Constant> {
    if let Constant::Float(value) = operand {
        return match operator {
            UnaryOperator::Negative => Some(Constant::Float(-value)),
            UnaryOperator::Positive => Some(Constant::Float(*value)),
            UnaryOperator::Invert | UnaryOperator::Not => None,
        };
    }
    let value = match operand {
        Constant::Bool(truth) => BigInt::from(u8::from(*truth)),
        _ => integer(operand)?,
    };
    match operator {
        UnaryOperator::Negative => Some(constant(-value)),
        UnaryOperator::Positive => Some(constant(value)),
        UnaryOperator::Invert => Some(constant(!value)),
        UnaryOperator::Not => None,
    }
}

pub(super) fn binary(operator: BinaryOperator, left: &Constant, right: &Constant) -> Option<Constant> {
    if matches!((left, right), (Constant::Float(_), _) | (_, Constant::Float(_))) {
        return floats(operator, float(left)?, float(right)?);
    }
    integers(operator, integer(left)?, integer(right)?)
}

fn floats(operator: BinaryOperator, left: f64, right: f64) -> Option<Constant> {
    Some(Constant::Float(match operator {
        BinaryOperator::Add => left + right,
        BinaryOperator::Subtract => left - right,
        BinaryOperator::Multiply => left * right,
        BinaryOperator::TrueDivide if right != 0.0 => left / right,
        _ => return None,
    }))
}

fn integers(operator: BinaryOperator, left: BigInt, right: BigInt) -> Option<Constant> {
    Some(constant(match operator {
        BinaryOperator::Add => left + right,
        BinaryOperator::Subtract => left - right,
        BinaryOperator::Multiply if left.bits() + right.bits() <= MAXIMUM_BITS => left * right,
        BinaryOperator::TrueDivide => {
            let exact = |value: &BigInt| value.abs().to_u64().is_some_and(|value| value <= EXACT_FLOAT);
            if right.is_zero() || !exact(&left) || !exact(&right) {
                return None;
            }
            return Some(Constant::Float(left.to_f64()? / right.to_f64()?));
        }
        BinaryOperator::FloorDivide if !right.is_zero() => left.div_floor(&right),
        BinaryOperator::Modulo if !right.is_zero() => left.mod_floor(&right),
        BinaryOperator::Power => {
            let exponent = right
                .to_u64()
                .filter(|&exponent| exponent.checked_mul(left.bits()).is_some_and(|bits| bits <= MAXIMUM_BITS))?;
            Pow::pow(left, exponent)
        }
        BinaryOperator::LeftShift => {
            let distance = right.to_u64().filter(|&distance| distance + left.bits() <= MAXIMUM_BITS)?;
            left << distance
        }
        BinaryOperator::RightShift => left >> right.to_u64()?,
        BinaryOperator::And => left & right,
        BinaryOperator::Or => left | right,
        BinaryOperator::Xor => left ^ right,
        BinaryOperator::Multiply
        | BinaryOperator::FloorDivide
        | BinaryOperator::Modulo
        | BinaryOperator::MatrixMultiply => {
            return None;
        }
    }))
}

/// The value as a big integer. Booleans are left alone: `True & False` is a boolean again.
fn integer(constant: &Constant) -> Option<BigInt> {
    match constant {
        Constant::Integer(value) => Some(BigInt::from(*value)),
        Constant::BigInteger(digits) => {
            let (sign, digits) = match digits.strip_prefix('-') {
                Some(digits) => (Sign::Minus, digits),
                None => (Sign::Plus, &**digits),
            };
            let magnitude = match digits.strip_prefix("0x") {
                Some(digits) => BigInt::parse_bytes(digits.as_bytes(), 16)?,
                None => BigInt::parse_bytes(digits.as_bytes(), 10)?,
            };
            Some(if sign == Sign::Minus { -magnitude } else { magnitude })
        }
        _ => None,
    }
}

fn float(constant: &Constant) -> Option<f64> {
    match constant {
        Constant::Float(value) => Some(*value),
        Constant::Integer(value) if value.unsigned_abs() <= EXACT_FLOAT => Some(*value as f64),
        _ => None,
    }
}

fn constant(value: BigInt) -> Constant {
    match value.to_i64() {
        Some(value) => Constant::Integer(value),
        None => {
            Constant::BigInteger(format!("{}0x{:x}", if value.is_negative() { "-" } else { "" }, value.abs()).into())
        }
    }
}
