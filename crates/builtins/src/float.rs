//! The methods of float.

use toy_object::{Owned, Ref};
use toy_vm::{Args, BinaryOp, ClassName, Outcome, UnaryOp, Vm, natives};

use crate::int::{float_of_int, int_object, truncated};
use crate::support::{
    bytes_like, class_argument, instance_of, is_class, is_number, plain, present, protocol, this_float, truth,
    type_error, unary,
};

natives! {
    /// The methods of float.
    pub(crate) FLOAT_METHODS:
    static "__new__" ("x=0, /") "Create and return a new object." => new;
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__hash__" ("") "The number that hash gives." => protocol::hash;
    method "__bool__" ("") "Whether it counts as true." => protocol::bool;
    method "__format__" ("format_spec, /") "The text that a format specification asks for." => protocol::format;
    method "__float__" ("") "It as a float." => protocol::itself;
    method "__int__" ("") "The integer in it." => truncate;
    method "__trunc__" ("") "The integer next to it towards zero." => truncate;
    method "__floor__" ("") "The largest integer that is not above it." => |vm, args| { let x = this_float(vm, args)?; truncated(vm, x.floor()) };
    method "__ceil__" ("") "The smallest integer that is not below it." => |vm, args| { let x = this_float(vm, args)?; truncated(vm, x.ceil()) };
    method "__round__" ("ndigits=None, /")
        "The nearest integer, the even one of two, or so many decimals." => round;
    method "__abs__" ("") "The distance from zero." => |vm, args| unary(vm, args, UnaryOp::Absolute);
    method "__neg__" ("") "The number with the other sign." => |vm, args| unary(vm, args, UnaryOp::Negative);
    method "__pos__" ("") "The number itself." => protocol::itself;
    method "__pow__" ("value, mod=None, /") "self ** value, modulo mod if that is given." => |vm, args| power(vm, args, args.at(0), args.at(1));
    method "__rpow__" ("value, mod=None, /") "value ** self, modulo mod if that is given." => |vm, args| power(vm, args, args.at(1), args.at(0));
    method "__getnewargs__" ("") "Arguments for a copy." => new_arguments;
    method "as_integer_ratio" ("")
        "Return a pair of integers, whose ratio is exactly equal to the original float.\n\nThe ratio is in lowest terms and has a positive denominator.  Raise\nOverflowError on infinities and a ValueError on NaNs." => as_integer_ratio;
    method "conjugate" ("") "The number itself." => protocol::itself;
    method "hex" ("") "The number with hexadecimal digits, exactly." => hex;
    method "is_integer" ("") "Whether nothing stands behind the point." => |vm, args| truth(is_integral(this_float(vm, args)?));
    class "fromhex" ("string, /") "The number that a text like 0x1.8p3 stands for." => from_hex;
    getter "real" ("") "The number itself." => protocol::itself;
    getter "imag" ("") "Zero." => |vm, _| Ok(vm.new_float(0.0)?);
}

fn is_integral(number: f64) -> bool {
    number.is_finite() && number.fract() == 0.0
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::Float)?;
    let number = args.get(1).map_or(Ok(0.0), |object| float_of(vm, object))?;
    let number = vm.new_float(number)?;
    if is_class(vm, class, ClassName::Float) {
        return Ok(number);
    }
    instance_of(vm, class, ClassName::Float, number)
}

/// `float(object)`.
pub(crate) fn float_of(vm: &mut Vm, object: Ref<'_>) -> Outcome<f64> {
    if let Some(number) = object.as_exact_float() {
        return Ok(number);
    }
    if object.as_exact_int().is_some() || object.value().as_bool().is_some() {
        return float_of_int(vm, object);
    }
    if let Some(text) = object.as_str() {
        return match toy_format::parse_float(&text.to_string_lossy()) {
            Some(number) => Ok(number),
            None => Err(invalid_literal(vm, object)),
        };
    }
    if let Some(bytes) = bytes_like(vm, object)? {
        return match std::str::from_utf8(&bytes).ok().and_then(toy_format::parse_float) {
            Some(number) => Ok(number),
            None => Err(invalid_literal(vm, object)),
        };
    }
    // Unlike what only wants a number, `float` asks subclasses of float, too.
    if plain(object).as_exact_float().is_some()
        && let Some(number) = vm.float_by_method(object)?
    {
        return Ok(number);
    }
    if let Some(number) = vm.real(object)? {
        return Ok(number);
    }
    let got = vm.type_name(object);
    Err(type_error(vm, format!("float() argument must be a string or a real number, not '{got}'")))
}

#[cold]
fn invalid_literal(vm: &mut Vm, object: Ref<'_>) -> toy_vm::Raised {
    match vm.repr_text(object) {
        Ok(shown) => vm.raise_failure(toy_format::invalid_float_literal(&shown)),
        Err(raised) => raised,
    }
}

fn truncate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = this_float(vm, args)?;
    truncated(vm, number)
}

fn round(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = this_float(vm, args)?;
    let Some(digits) = present(args.get(1)) else {
        return match toy_format::round_float_to_int(number) {
            Ok(number) => int_object(vm, number),
            Err(failure) => Err(vm.raise_failure(failure)),
        };
    };
    let digits = vm.index_clamped(digits)?;
    match toy_format::round_float(number, digits) {
        Ok(number) => Ok(vm.new_float(number)?),
        Err(failure) => Err(vm.raise_failure(failure)),
    }
}

fn power(vm: &mut Vm, args: Args<'_>, base: Ref<'_>, exponent: Ref<'_>) -> Outcome {
    if present(args.get(2)).is_some() {
        return Err(type_error(vm, "pow() 3rd argument not allowed unless all arguments are integers"));
    }
    if !is_number(base) || !is_number(exponent) {
        return Ok(Owned::not_implemented());
    }
    vm.builtin_binary(BinaryOp::Power, base, exponent)
}

fn new_arguments(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = this_float(vm, args)?;
    let number = vm.new_float(number)?;
    Ok(vm.new_tuple([number])?)
}

fn as_integer_ratio(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match toy_format::float_as_integer_ratio(this_float(vm, args)?) {
        Ok((numerator, denominator)) => {
            let pair = [vm.new_bigint(numerator)?, vm.new_bigint(denominator)?];
            Ok(vm.new_tuple(pair)?)
        }
        Err(failure) => Err(vm.raise_failure(failure)),
    }
}

fn hex(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = toy_format::float_hex(this_float(vm, args)?);
    Ok(vm.new_str(&text)?)
}

fn from_hex(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(text) = args.at(1).as_str() else {
        return Err(type_error(vm, "bad argument type for built-in operation"));
    };
    let number = match toy_format::float_from_hex(&text.to_string_lossy()) {
        Ok(number) => vm.new_float(number)?,
        Err(failure) => return Err(vm.raise_failure(failure)),
    };
    if is_class(vm, args.at(0), ClassName::Float) { Ok(number) } else { vm.call(args.at(0), &[number.get()]) }
}
