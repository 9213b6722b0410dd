//! Builtin functions of numbers.

use toy_object::{IntError, Name, Owned, Ref};
use toy_vm::{Args, BinaryOp, Outcome, Raised, Vm, natives};

use crate::support::{present, type_error, value_error, zero_division_error};

natives! {
    /// Builtin functions of numbers.
    pub(crate) NUMBER_FUNCTIONS:
    function "abs" ("x, /") "Return the absolute value of the argument." => abs;
    function "bin" ("number, /")
        "Return the binary representation of an integer.\n\n   >>> bin(2796202)\n   '0b1010101010101010101010'" => |vm, args| in_radix(vm, args.at(0), 2, "0b");
    function "oct" ("number, /")
        "Return the octal representation of an integer.\n\n   >>> oct(342391)\n   '0o1234567'" => |vm, args| in_radix(vm, args.at(0), 8, "0o");
    function "hex" ("number, /")
        "Return the hexadecimal representation of an integer.\n\n   >>> hex(12648430)\n   '0xc0ffee'" => |vm, args| in_radix(vm, args.at(0), 16, "0x");
    function "divmod" ("x, y, /") "Return the tuple (x//y, x%y).  Invariant: div*y + mod == x."
        => |vm, args| divmod(vm, args.at(0), args.at(1));
    function "pow" ("base, exp, mod=None")
        "Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments.\n\nSome types, such as ints, are able to use a more efficient algorithm when\ninvoked using the three argument form." => pow;
    function "round" ("number, ndigits=None")
        "Round a number to a given precision in decimal digits.\n\nThe return value is an integer if ndigits is omitted or None.  Otherwise\nthe return value has the same type as the number.  ndigits may be negative." => round;
    function "hash" ("obj, /")
        "Return the hash value for the given object.\n\nTwo objects that compare equal must also have the same hash value, but the\nreverse is not necessarily true." => hash;
    function "id" ("obj, /")
        "Return the identity of an object.\n\nThis is guaranteed to be unique among simultaneously existing objects." => id;
}

fn abs(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = args.at(0);
    if let Some(number) = number.as_exact_int() {
        return Ok(number.abs(vm.heap())?);
    }
    if let Some(number) = number.as_exact_float() {
        return Ok(vm.new_float(number.abs())?);
    }
    match vm.call_special(number, Name::Abs, &[]) {
        Some(answer) => answer,
        None => {
            let got = vm.type_name(number);
            Err(type_error(vm, format!("bad operand type for abs(): '{got}'")))
        }
    }
}

fn in_radix(vm: &mut Vm, number: Ref<'_>, radix: u32, prefix: &str) -> Outcome {
    let number = vm.index(number)?;
    let digits = number.get().as_int().map_or_else(String::new, |number| number.to_string_radix(radix));
    let text = match digits.strip_prefix('-') {
        Some(digits) => format!("-{prefix}{digits}"),
        None => format!("{prefix}{digits}"),
    };
    Ok(vm.new_str(&text)?)
}

/// `divmod(left, right)`.
pub(crate) fn divmod(vm: &mut Vm, left: Ref<'_>, right: Ref<'_>) -> Outcome {
    if let (Some(left), Some(right)) = (plain_int(left), plain_int(right)) {
        return match left.div_mod(vm.heap(), right) {
            Ok((quotient, rest)) => Ok(vm.new_tuple([quotient, rest])?),
            Err(IntError::OutOfMemory) => Err(toy_object::OutOfMemory.into()),
            Err(_) => Err(zero_division_error(vm, "integer division or modulo by zero")),
        };
    }
    if left.as_exact_float().is_some() || right.as_exact_float().is_some() {
        let (left, right) = (plain_float(vm, left)?, plain_float(vm, right)?);
        if let (Some(left), Some(right)) = (left, right) {
            return match toy_format::float_divmod(left, right) {
                Ok((quotient, rest)) => {
                    let pair = [vm.new_float(quotient)?, vm.new_float(rest)?];
                    Ok(vm.new_tuple(pair)?)
                }
                Err(failure) => Err(vm.raise_failure(failure)),
            };
        }
    }
    match by_methods(vm, left, right, Name::DivMod, Name::RDivMod)? {
        Some(answer) => Ok(answer),
        None => Err(unsupported(vm, "divmod()", &[left, right])),
    }
}

/// A plain int or bool.
fn plain_int(value: Ref<'_>) -> Option<toy_object::Int<'_>> {
    if value.as_exact_int().is_some() || value.value().as_bool().is_some() { value.as_int() } else { None }
}

/// A plain float, or a plain int as a float.
fn plain_float(vm: &mut Vm, value: Ref<'_>) -> Outcome<Option<f64>> {
    match (value.as_exact_float(), plain_int(value)) {
        (Some(number), _) => Ok(Some(number)),
        (None, Some(_)) => crate::int::float_of_int(vm, value).map(Some),
        (None, None) => Ok(None),
    }
}

/// What the operands' methods answer: the right one's first if its class is a proper subclass of the left one's. `None`:
/// neither knows.
fn by_methods(
    vm: &mut Vm,
    left: Ref<'_>,
    right: Ref<'_>,
    forward: Name,
    reflected: Name,
) -> Outcome<Option<Owned>> {
    let (left_class, right_class) = (vm.class_of(left).to_owned(), vm.class_of(right).to_owned());
    let same = left_class.get().is(right_class.get());
    let right_first =
        !same && right_class.get().as_class(vm.heap()).is_some_and(|class| class.is_subclass_of(left_class.get()));
    let forward = (left, right, forward);
    let backward = (right, left, reflected);
    let order = if right_first { [backward, forward] } else { [forward, backward] };
    let attempts = if same { &order[..1] } else { &order[..] };
    for &(receiver, other, method) in attempts {
        if let Some(answer) = vm.call_special(receiver, method, &[other]) {
            let answer = answer?;
            if answer.value() != toy_object::Value::NOT_IMPLEMENTED {
                return Ok(Some(answer));
            }
        }
    }
    Ok(None)
}

#[cold]
fn unsupported(vm: &mut Vm, operator: &str, operands: &[Ref<'_>]) -> Raised {
    let names: Vec<String> = operands.iter().map(|&operand| format!("'{}'", vm.type_name(operand))).collect();
    let names = if names.len() == 2 { names.join(" and ") } else { names.join(", ") };
    type_error(vm, format!("unsupported operand type(s) for {operator}: {names}"))
}

fn pow(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match present(args.get(2)) {
        None => vm.binary(BinaryOp::Power, args.at(0), args.at(1)),
        Some(modulus) => power_modulo(vm, args.at(0), args.at(1), modulus),
    }
}

/// `pow(base, exponent, modulus)`.
pub(crate) fn power_modulo(vm: &mut Vm, base: Ref<'_>, exponent: Ref<'_>, modulus: Ref<'_>) -> Outcome {
    if let (Some(base), Some(exponent), Some(modulus)) = (base.as_int(), exponent.as_int(), modulus.as_int()) {
        if modulus.is_zero() {
            return Err(value_error(vm, "pow() 3rd argument cannot be 0"));
        }
        return match base.pow_mod(vm.heap(), exponent, modulus) {
            Ok(power) => Ok(power),
            Err(IntError::OutOfMemory) => Err(toy_object::OutOfMemory.into()),
            Err(_) => Err(value_error(vm, "base is not invertible for the given modulus")),
        };
    }
    if let Some(answer) = vm.call_special(base, Name::Pow, &[exponent, modulus]) {
        let answer = answer?;
        if answer.value() != toy_object::Value::NOT_IMPLEMENTED {
            return Ok(answer);
        }
    }
    Err(unsupported(vm, "** or pow()", &[base, exponent, modulus]))
}

fn round(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (number, digits) = (args.at(0), present(args.get(1)));
    if digits.is_none()
        && let Some(number) = number.as_exact_float()
    {
        return match toy_format::round_float_to_int(number) {
            Ok(number) => crate::int::int_object(vm, number),
            Err(failure) => Err(vm.raise_failure(failure)),
        };
    }
    match vm.call_special(number, Name::Round, digits.as_slice()) {
        Some(answer) => answer,
        None => {
            let got = vm.type_name(number);
            Err(type_error(vm, format!("type {got} doesn't define __round__ method")))
        }
    }
}

fn hash(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let hash = vm.hash(args.at(0))?;
    Ok(vm.new_int(hash)?)
}

fn id(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let identity = vm.identity(args.at(0));
    Ok(vm.new_int(identity as i64)?)
}
