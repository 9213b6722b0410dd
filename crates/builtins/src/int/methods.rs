//! Methods and operators of int and bool.

use toy_object::{Int, Owned, Ref};
use toy_vm::{Args, BinaryOp, ClassName, Outcome, UnaryOp, Vm, natives};

use crate::support::{present, protocol, this_int, truth, unary};

natives! {
    /// The methods of int.
    pub(crate) INT_METHODS:
    method "__repr__" ("") "The text that repr shows." => repr;
    method "__hash__" ("") "The number that hash gives." => protocol::hash;
    method "__bool__" ("") "Whether it counts as true." => protocol::bool;
    method "__format__" ("format_spec, /") "The text that a format specification asks for." => protocol::format;
    method "__int__" ("") "The integer in it." => to_int;
    method "__index__" ("") "The integer that it stands for as an index." => to_int;
    method "__trunc__" ("") "The integer next to it towards zero." => to_int;
    method "__floor__" ("") "The largest integer that is not above it." => to_int;
    method "__ceil__" ("") "The smallest integer that is not below it." => to_int;
    method "__round__" ("ndigits=None, /") "The nearest integer, the even one of two, or so many decimals." => round;
    method "__float__" ("") "It as a float." => to_float;
    method "__abs__" ("") "The distance from zero." => |vm, args| unary(vm, args, UnaryOp::Absolute);
    method "__neg__" ("") "The number with the other sign." => |vm, args| unary(vm, args, UnaryOp::Negative);
    method "__pos__" ("") "The number itself." => |vm, args| unary(vm, args, UnaryOp::Positive);
    method "__invert__" ("") "Every bit turned round." => |vm, args| unary(vm, args, UnaryOp::Invert);
    method "__pow__" ("value, mod=None, /") "self ** value, modulo mod if that is given." => power;
    method "__rpow__" ("value, mod=None, /") "value ** self, modulo mod if that is given." => reflected_power;
    method "__getnewargs__" ("") "Arguments for a copy." => new_arguments;
    method "as_integer_ratio" ("")
        "Return a pair of integers, whose ratio is equal to the original int.\n\nThe ratio is in lowest terms and has a positive denominator." => as_integer_ratio;
    method "bit_length" ("") "How many bits the number takes without its sign." => bit_length;
    method "bit_count" ("")
        "How many bits of the number without its sign are ones." => bit_count;
    method "conjugate" ("") "The number itself." => to_int;
    method "is_integer" ("") "Returns True. Exists for duck type compatibility with float.is_integer." => is_integer;
    getter "real" ("") "The number itself." => to_int;
    getter "imag" ("") "Zero." => |vm, _| Ok(vm.new_int(0)?);
    getter "numerator" ("") "The number itself." => to_int;
    getter "denominator" ("") "One." => |vm, _| Ok(vm.new_int(1)?);
}

natives! {
    /// The methods of bool that differ from those of int.
    pub(crate) BOOL_METHODS:
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
}

fn is_int(other: Ref<'_>) -> bool {
    other.as_int().is_some()
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = to_int(vm, args)?;
    vm.repr(number.get())
}

/// The number as a plain int: `True` becomes 1.
fn to_int(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(this_int(vm, args)?.to_owned(vm.heap())?)
}

fn to_float(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = float_of_int(vm, args.at(0))?;
    Ok(vm.new_float(number)?)
}

/// An int as a float; `OverflowError` if it is too large.
pub(crate) fn float_of_int(vm: &mut Vm, number: Ref<'_>) -> Outcome<f64> {
    match number.as_int().and_then(Int::to_f64) {
        Some(float) => Ok(float),
        None => Err(vm.raise(ClassName::OverflowError, "int too large to convert to float")),
    }
}

fn power(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if !is_int(args.at(1)) {
        return Ok(Owned::not_implemented());
    }
    match present(args.get(2)) {
        None => vm.builtin_binary(BinaryOp::Power, args.at(0), args.at(1)),
        Some(modulus) => {
            Ok(vm.int_power_modulo(args.at(0), args.at(1), modulus)?.unwrap_or_else(Owned::not_implemented))
        }
    }
}

fn reflected_power(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if !is_int(args.at(1)) || present(args.get(2)).is_some() {
        return Ok(Owned::not_implemented());
    }
    vm.builtin_binary(BinaryOp::Power, args.at(1), args.at(0))
}

/// Rounds to a multiple of a power of ten, halves to the even one.
fn round(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = this_int(vm, args)?.to_owned(vm.heap())?;
    let Some(digits) = args.get(1) else { return Ok(number) };
    let digits = vm.index(digits)?;
    let Some(digits) = digits.get().as_int().filter(|digits| digits.is_negative()) else { return Ok(number) };
    let Some(digits) = digits.to_i64().and_then(i64::checked_neg) else { return Ok(vm.new_int(0)?) };
    // More digits than the number has: nothing is left, and no need to compute a huge power.
    if digits as u64 > vm_digits(number.get()) {
        return Ok(vm.new_int(0)?);
    }
    let (ten, digits) = (vm.new_int(10)?, vm.new_int(digits)?);
    let unit = vm.binary(BinaryOp::Power, ten.get(), digits.get())?;
    let (quotient, rest) = divide(vm, number.get(), unit.get())?;
    let doubled = vm.binary(BinaryOp::Add, rest.get(), rest.get())?;
    let order = compare(doubled.get(), unit.get());
    let is_odd = quotient.get().as_int().is_some_and(Int::is_odd);
    let quotient = if order.is_gt() || order.is_eq() && is_odd {
        let one = vm.new_int(1)?;
        vm.binary(BinaryOp::Add, quotient.get(), one.get())?
    } else {
        quotient
    };
    vm.binary(BinaryOp::Multiply, quotient.get(), unit.get())
}

/// An upper bound of the number of decimal digits.
fn vm_digits(number: Ref<'_>) -> u64 {
    number.as_int().map_or(0, |number| number.bit_length() * 4 / 13 + 2)
}

fn divide(vm: &mut Vm, number: Ref<'_>, unit: Ref<'_>) -> Outcome<(Owned, Owned)> {
    let quotient = vm.binary(BinaryOp::FloorDivide, number, unit)?;
    let rest = vm.binary(BinaryOp::Modulo, number, unit)?;
    Ok((quotient, rest))
}

fn compare(left: Ref<'_>, right: Ref<'_>) -> std::cmp::Ordering {
    match (left.as_int(), right.as_int()) {
        (Some(left), Some(right)) => left.compare(right),
        _ => std::cmp::Ordering::Equal,
    }
}

fn new_arguments(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = to_int(vm, args)?;
    Ok(vm.new_tuple([number])?)
}

fn as_integer_ratio(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let pair = [to_int(vm, args)?, vm.new_int(1)?];
    Ok(vm.new_tuple(pair)?)
}

fn bit_length(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let bits = this_int(vm, args)?.bit_length();
    Ok(vm.new_int(bits as i64)?)
}

fn bit_count(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let bits = this_int(vm, args)?.bit_count();
    Ok(vm.new_int(bits as i64)?)
}

fn is_integer(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_int(vm, args)?;
    truth(true)
}
