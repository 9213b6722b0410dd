//! Builtin functions of numbers.

use toy_object::{Kind, Name, Ref, Value};
use toy_vm::{Args, BinaryOp, ClassName, Outcome, UnaryOp, Vm, natives};

use crate::support::{check_room, present, type_error};

natives! {
    /// Builtin functions of numbers.
    pub(crate) NUMBER_FUNCTIONS:
    function "abs" ("x, /") "The distance of a number from zero." => |vm, args| vm.unary(UnaryOp::Absolute, args.at(0));
    function "bin" ("number, /")
        "The number in base two, behind 0b." => |vm, args| in_radix(vm, args.at(0), 2, "0b");
    function "oct" ("number, /")
        "The number in base eight, behind 0o." => |vm, args| in_radix(vm, args.at(0), 8, "0o");
    function "hex" ("number, /")
        "The number in base sixteen, behind 0x." => |vm, args| in_radix(vm, args.at(0), 16, "0x");
    function "divmod" ("x, y, /") "Quotient, rounded down, and remainder."
        => |vm, args| vm.binary(BinaryOp::DivMod, args.at(0), args.at(1));
    function "pow" ("base, exp, mod=None")
        "A power, or its remainder modulo mod.\n\nOf integers, the remainder is found without making the power." => pow;
    function "round" ("number, ndigits=None")
        "The nearest number with so many decimals, of two the even one.\n\nWithout ndigits, or with None, an integer." => round;
    function "hash" ("obj, /")
        "A number that equal objects share." => hash;
    function "id" ("obj, /")
        "A number that no other object has that lives at the same time." => id;
}

fn in_radix(vm: &mut Vm, number: Ref<'_>, radix: u32, prefix: &str) -> Outcome {
    let number = vm.index(number)?;
    if let Some(number) = number.get().as_int() {
        // The digits, and once more with the prefix.
        check_room(vm, usize::try_from(2 * number.bit_length() / u64::from(radix.ilog2())).ok())?;
    }
    let digits = number.get().as_int().map_or_else(String::new, |number| number.to_string_radix(radix));
    let (sign, digits) = digits.strip_prefix('-').map_or(("", &*digits), |digits| ("-", digits));
    let text = [sign, prefix, digits].concat();
    Ok(vm.new_str(&text)?)
}

fn pow(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match present(args.get(2)) {
        None => vm.binary(BinaryOp::Power, args.at(0), args.at(1)),
        Some(modulus) => power_modulo(vm, args.at(0), args.at(1), modulus),
    }
}

/// `pow(base, exponent, modulus)`.
fn power_modulo(vm: &mut Vm, base: Ref<'_>, exponent: Ref<'_>, modulus: Ref<'_>) -> Outcome {
    // A subclass may say itself what its power is.
    if vm.kind_of(base) != Kind::Instance
        && let Some(power) = vm.int_power_modulo(base, exponent, modulus)?
    {
        return Ok(power);
    }
    if let Some(answer) = vm.call_special(base, Name::Pow, &[exponent, modulus]) {
        let answer = answer?;
        if answer.value() != Value::NOT_IMPLEMENTED {
            return Ok(answer);
        }
    } else if vm.has_special(base, Name::RPow) {
        // Who knows the reflected operation is taken for one that knows this, too.
        let name = vm.intern("__pow__")?;
        return Err(vm.raise_with(ClassName::AttributeError, &[name.get()]));
    }
    if [base, exponent, modulus].iter().any(|operand| operand.as_float().is_some()) {
        return Err(type_error(vm, "pow() 3rd argument not allowed unless all arguments are integers"));
    }
    let [base, exponent, modulus] = [base, exponent, modulus].map(|operand| vm.type_name(operand));
    Err(type_error(vm, format!("unsupported operand type(s) for ** or pow(): '{base}', '{exponent}', '{modulus}'")))
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
