//! Arithmetic of integers and floats.

use toy_format::{Power, float_divmod, float_floor_div, float_mod, float_pow, float_true_divide};
use toy_object::{Int, IntError, Owned, Ref};

use super::operator::BinaryOp;
use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

/// Two numbers of the same type, after conversion.
enum Pair<'a> {
    Ints(Int<'a>, Int<'a>),
    Floats(f64, f64),
}

impl Vm {
    /// An operation of two numbers (or of those inside instances of subclasses of numbers); `None`: one is no number, or
    /// they have no such operation.
    pub(crate) fn number_binary(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>) -> Outcome<Option<Owned>> {
        match self.number_pair(left, right)? {
            None => Ok(None),
            Some(Pair::Ints(x, y)) => self.int_binary(op, x, y, (left, right)),
            Some(Pair::Floats(x, y)) => self.float_binary(op, x, y),
        }
    }

    fn number_pair<'a>(&mut self, left: Ref<'a>, right: Ref<'a>) -> Outcome<Option<Pair<'a>>> {
        if let (Some(left), Some(right)) = (left.as_int(), right.as_int()) {
            return Ok(Some(Pair::Ints(left, right)));
        }
        let (x, y) = match (left.as_float(), right.as_float()) {
            (Some(x), Some(y)) => (x, y),
            (Some(x), None) => match right.as_int() {
                Some(y) => (x, self.int_to_float(y)?),
                None => return Ok(None),
            },
            (None, Some(y)) => match left.as_int() {
                Some(x) => (self.int_to_float(x)?, y),
                None => return Ok(None),
            },
            (None, None) => return Ok(None),
        };
        Ok(Some(Pair::Floats(x, y)))
    }

    fn int_to_float(&mut self, int: Int<'_>) -> Outcome<f64> {
        match int.to_f64() {
            Some(number) => Ok(number),
            None => Err(self.raise(ClassName::OverflowError, "int too large to convert to float")),
        }
    }

    fn int_binary(
        &mut self,
        op: BinaryOp,
        x: Int<'_>,
        y: Int<'_>,
        operands: (Ref<'_>, Ref<'_>),
    ) -> Outcome<Option<Owned>> {
        let heap = self.heap();
        let both_bools = operands.0.value().as_bool().zip(operands.1.value().as_bool());
        let result = match op {
            BinaryOp::Add => x.add(heap, y)?,
            BinaryOp::Subtract => x.sub(heap, y)?,
            BinaryOp::Multiply => x.mul(heap, y)?,
            BinaryOp::TrueDivide => match x.true_div(y) {
                Ok(quotient) => heap.new_float(quotient)?,
                Err(error) => return Err(self.int_error(op, error)),
            },
            BinaryOp::FloorDivide => x.floor_div(heap, y).map_err(|error| self.int_error(op, error))?,
            BinaryOp::Modulo => x.modulo(heap, y).map_err(|error| self.int_error(op, error))?,
            BinaryOp::DivMod => {
                let (quotient, rest) = x.div_mod(heap, y).map_err(|error| self.int_error(op, error))?;
                heap.new_tuple([quotient, rest])?
            }
            BinaryOp::Power => match x.pow(heap, y) {
                Ok(power) => power,
                Err(IntError::NegativeExponent) => {
                    let (x, y) = (self.int_to_float(x)?, self.int_to_float(y)?);
                    return self.float_binary(op, x, y);
                }
                Err(error) => return Err(self.int_error(op, error)),
            },
            BinaryOp::LeftShift => match x.shift_left(heap, y) {
                Err(IntError::OutOfMemory) if y.to_i64().is_none() => {
                    return Err(self.raise(ClassName::OverflowError, "too many digits in integer"));
                }
                shifted => shifted.map_err(|error| self.int_error(op, error))?,
            },
            BinaryOp::RightShift => x.shift_right(heap, y).map_err(|error| self.int_error(op, error))?,
            BinaryOp::And => match both_bools {
                Some((x, y)) => Owned::bool(x & y),
                None => x.and(heap, y)?,
            },
            BinaryOp::Or => match both_bools {
                Some((x, y)) => Owned::bool(x | y),
                None => x.or(heap, y)?,
            },
            BinaryOp::Xor => match both_bools {
                Some((x, y)) => Owned::bool(x ^ y),
                None => x.xor(heap, y)?,
            },
            BinaryOp::MatrixMultiply => return Ok(None),
        };
        Ok(Some(result))
    }

    #[cold]
    fn int_error(&mut self, op: BinaryOp, error: IntError) -> Raised {
        match error {
            IntError::OutOfMemory => toy_object::OutOfMemory.into(),
            IntError::DivisionByZero => {
                let message = match op {
                    BinaryOp::TrueDivide => "division by zero",
                    BinaryOp::Modulo => "integer modulo by zero",
                    BinaryOp::Power => return self.raise(ClassName::ValueError, "pow() 3rd argument cannot be 0"),
                    _ => "integer division or modulo by zero",
                };
                self.raise(ClassName::ZeroDivisionError, message)
            }
            IntError::NegativeShift => self.raise(ClassName::ValueError, "negative shift count"),
            IntError::NegativeExponent | IntError::NotInvertible => {
                self.raise(ClassName::ValueError, "base is not invertible for the given modulus")
            }
            IntError::FloatOverflow => {
                self.raise(ClassName::OverflowError, "integer division result too large for a float")
            }
        }
    }

    fn float_binary(&mut self, op: BinaryOp, x: f64, y: f64) -> Outcome<Option<Owned>> {
        let result = match op {
            BinaryOp::Add => Ok(x + y),
            BinaryOp::Subtract => Ok(x - y),
            BinaryOp::Multiply => Ok(x * y),
            BinaryOp::TrueDivide => float_true_divide(x, y),
            BinaryOp::FloorDivide => float_floor_div(x, y),
            BinaryOp::Modulo => float_mod(x, y),
            BinaryOp::DivMod => match float_divmod(x, y) {
                Ok((quotient, rest)) => {
                    let (quotient, rest) = (self.new_float(quotient)?, self.new_float(rest)?);
                    return Ok(Some(self.new_tuple([quotient, rest])?));
                }
                Err(failure) => Err(failure),
            },
            BinaryOp::Power => match float_pow(x, y) {
                Power::Real(power) => Ok(power),
                Power::ZeroDivision(failure) => Err(failure),
                Power::Complex => {
                    let message =
                        "a negative number to a fractional power is complex, and there are no complex numbers here";
                    return Err(self.raise(ClassName::ValueError, message));
                }
                Power::OutOfRange => {
                    let code = self.new_int(34)?;
                    let text = self.new_str("Numerical result out of range")?;
                    return Err(self.raise_with(ClassName::OverflowError, &[code.get(), text.get()]));
                }
            },
            BinaryOp::LeftShift
            | BinaryOp::RightShift
            | BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::Xor
            | BinaryOp::MatrixMultiply => return Ok(None),
        };
        match result {
            Ok(number) => Ok(Some(self.new_float(number)?)),
            Err(failure) => Err(self.raise_failure(failure)),
        }
    }

    /// `pow(base, exponent, modulus)` of integers; `None`: one is none.
    pub fn int_power_modulo(&mut self, base: Ref<'_>, exponent: Ref<'_>, modulus: Ref<'_>) -> Outcome<Option<Owned>> {
        let (Some(base), Some(exponent), Some(modulus)) = (base.as_int(), exponent.as_int(), modulus.as_int()) else {
            return Ok(None);
        };
        match base.pow_mod(self.heap(), exponent, modulus) {
            Ok(power) => Ok(Some(power)),
            Err(error) => Err(self.int_error(BinaryOp::Power, error)),
        }
    }
}
