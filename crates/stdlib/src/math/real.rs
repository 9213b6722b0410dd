//! Functions of real numbers, with CPython's rules for what is an error: a NaN that the arguments do not explain is a domain
//! error, an infinity that they do not explain is a range error.

use num_bigint::BigInt;
use toy_object::{Int, Name, Owned, Ref};
use toy_vm::{Args, Outcome, Raised, Vm};

use crate::argument::{overflow_error, present, real, type_error, value_error};

#[cold]
pub(super) fn domain_error(vm: &mut Vm) -> Raised {
    value_error(vm, "math domain error")
}

#[cold]
pub(super) fn range_error(vm: &mut Vm) -> Raised {
    overflow_error(vm, "math range error")
}

/// A function that overflows nowhere: an infinity is a pole.
#[inline]
pub(super) fn unary(vm: &mut Vm, args: Args<'_>, function: fn(f64) -> f64) -> Outcome {
    let x = real(vm, args.at(0))?;
    let result = function(x);
    if !result.is_finite() && ((result.is_nan() && !x.is_nan()) || (result.is_infinite() && x.is_finite())) {
        return Err(domain_error(vm));
    }
    Ok(vm.new_float(result)?)
}

/// A function whose infinities are overflows.
#[inline]
pub(super) fn unary_overflowing(vm: &mut Vm, args: Args<'_>, function: fn(f64) -> f64) -> Outcome {
    let x = real(vm, args.at(0))?;
    let result = function(x);
    if result.is_infinite() && x.is_finite() {
        return Err(range_error(vm));
    }
    Ok(vm.new_float(result)?)
}

/// A function that is never wrong.
pub(super) fn unary_plain(vm: &mut Vm, args: Args<'_>, function: fn(f64) -> f64) -> Outcome {
    let x = real(vm, args.at(0))?;
    Ok(vm.new_float(function(x))?)
}

/// A function of two numbers that is never wrong.
pub(super) fn binary(vm: &mut Vm, args: Args<'_>, function: fn(f64, f64) -> f64) -> Outcome {
    let (x, y) = (real(vm, args.at(0))?, real(vm, args.at(1))?);
    Ok(vm.new_float(function(x, y))?)
}

/// A question.
pub(super) fn test(vm: &mut Vm, args: Args<'_>, question: fn(f64) -> bool) -> Outcome {
    let x = real(vm, args.at(0))?;
    Ok(Owned::bool(question(x)))
}

/// An integral float as an integer object.
fn whole(vm: &mut Vm, number: f64) -> Outcome {
    match vm.new_int_from_f64(number)? {
        Some(number) => Ok(number),
        None if number.is_nan() => Err(value_error(vm, "cannot convert float NaN to integer")),
        None => Err(overflow_error(vm, "cannot convert float infinity to integer")),
    }
}

fn rounded(vm: &mut Vm, args: Args<'_>, special: Name, round: fn(f64) -> f64) -> Outcome {
    let x = args.at(0);
    if let Some(number) = x.as_exact_float() {
        return whole(vm, round(number));
    }
    match vm.call_special(x, special, &[]) {
        Some(answer) => answer,
        None => {
            let number = real(vm, x)?;
            whole(vm, round(number))
        }
    }
}

pub(super) fn floor(vm: &mut Vm, args: Args<'_>) -> Outcome {
    rounded(vm, args, Name::Floor, f64::floor)
}

pub(super) fn ceil(vm: &mut Vm, args: Args<'_>) -> Outcome {
    rounded(vm, args, Name::Ceil, f64::ceil)
}

pub(super) fn trunc(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let x = args.at(0);
    if let Some(number) = x.as_exact_float() {
        return whole(vm, number.trunc());
    }
    match vm.call_special(x, Name::Trunc, &[]) {
        Some(answer) => answer,
        None => {
            let got = vm.type_name(x);
            Err(type_error(vm, format!("type {got} doesn't define __trunc__ method")))
        }
    }
}

pub(super) fn fma(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (x, y, z) = (real(vm, args.at(0))?, real(vm, args.at(1))?, real(vm, args.at(2))?);
    let result = x.mul_add(y, z);
    if result.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
        return Err(value_error(vm, "invalid operation in fma"));
    }
    if result.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        return Err(overflow_error(vm, "overflow in fma"));
    }
    Ok(vm.new_float(result)?)
}

pub(super) fn fmod(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (x, y) = (real(vm, args.at(0))?, real(vm, args.at(1))?);
    if y.is_infinite() && x.is_finite() {
        return Ok(vm.new_float(x)?);
    }
    let result = x % y;
    if result.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(domain_error(vm));
    }
    Ok(vm.new_float(result)?)
}

pub(super) fn remainder(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (x, y) = (real(vm, args.at(0))?, real(vm, args.at(1))?);
    if !x.is_nan() && !y.is_nan() && (x.is_infinite() || y == 0.0) {
        return Err(domain_error(vm));
    }
    let result = if y.is_infinite() && x.is_finite() { x } else { libm::remainder(x, y) };
    Ok(vm.new_float(result)?)
}

pub(super) fn pow(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (x, y) = (real(vm, args.at(0))?, real(vm, args.at(1))?);
    let result = x.powf(y);
    if x.is_finite() && y.is_finite() {
        if result.is_nan() || (result.is_infinite() && x == 0.0) {
            return Err(domain_error(vm));
        }
        if result.is_infinite() {
            return Err(range_error(vm));
        }
    }
    Ok(vm.new_float(result)?)
}

pub(super) fn frexp(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let x = real(vm, args.at(0))?;
    let (mantissa, exponent) = if x.is_finite() { libm::frexp(x) } else { (x, 0) };
    let pair = [vm.new_float(mantissa)?, vm.new_int(i64::from(exponent))?];
    Ok(vm.new_tuple(pair)?)
}

pub(super) fn ldexp(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let x = real(vm, args.at(0))?;
    let Some(exponent) = args.at(1).as_int() else {
        return Err(type_error(vm, "Expected an int as second argument to ldexp."));
    };
    let exponent = exponent.saturating_to_isize().clamp(-5000, 5000) as i32;
    let result = if x.is_finite() { libm::ldexp(x, exponent) } else { x };
    if result.is_infinite() && x.is_finite() {
        return Err(range_error(vm));
    }
    Ok(vm.new_float(result)?)
}

pub(super) fn modf(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let x = real(vm, args.at(0))?;
    let fraction = if x.is_infinite() { 0f64.copysign(x) } else { (x - x.trunc()).copysign(x) };
    let pair = [vm.new_float(fraction)?, vm.new_float(x.trunc())?];
    Ok(vm.new_tuple(pair)?)
}

pub(super) fn ulp(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let x = real(vm, args.at(0))?.abs();
    let result = if !x.is_finite() {
        x
    } else if x == f64::MAX {
        x - x.next_down()
    } else {
        x.next_up() - x
    };
    Ok(vm.new_float(result)?)
}

pub(super) fn next_after(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (x, y) = (real(vm, args.at(0))?, real(vm, args.at(1))?);
    let steps = match present(args.get(2)) {
        None => 1,
        Some(steps) => {
            let steps = vm.index(steps)?;
            let steps = steps.get().as_int().map_or(0, Int::saturating_to_isize);
            u64::try_from(steps).map_err(|_| value_error(vm, "steps must be a non-negative integer"))?
        }
    };
    Ok(vm.new_float(stepped(x, y, steps))?)
}

/// The float `steps` after `x` towards `y`. Floats in order are integers in order, if the negative ones are turned round.
fn stepped(x: f64, y: f64, steps: u64) -> f64 {
    if steps == 0 || x.is_nan() {
        return x;
    }
    if y.is_nan() || x == y {
        return y;
    }
    let place = |number: f64| {
        let bits = number.to_bits() as i64;
        i128::from(if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits })
    };
    let (from, to) = (place(x), place(y));
    let way = to - from;
    if way.unsigned_abs() <= u128::from(steps) {
        return y;
    }
    let there = from + i128::from(steps) * way.signum();
    let there = i64::try_from(there).unwrap_or(if way < 0 { i64::MIN } else { i64::MAX });
    let result = f64::from_bits(if there < 0 { i64::MIN.wrapping_sub(there) } else { there } as u64);
    // Zero reached from below is negative.
    if result == 0.0 { 0f64.copysign(x) } else { result }
}

pub(super) fn is_close(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (a, b) = (real(vm, args.at(0))?, real(vm, args.at(1))?);
    let relative = args.get(2).map_or(Ok(1e-9), |tolerance| real(vm, tolerance))?;
    let absolute = args.get(3).map_or(Ok(0.0), |tolerance| real(vm, tolerance))?;
    if relative < 0.0 || absolute < 0.0 {
        return Err(value_error(vm, "tolerances must be non-negative"));
    }
    let difference = (b - a).abs();
    let close = a == b
        || (a.is_finite()
            && b.is_finite()
            && (difference <= (relative * b).abs() || difference <= (relative * a).abs() || difference <= absolute));
    Ok(Owned::bool(close))
}

/// The logarithm of an integer that may be too large for a float: log(m * 2^e) = log(m) + e * log(2).
fn log_of(vm: &mut Vm, argument: Ref<'_>, function: fn(f64) -> f64) -> Outcome<f64> {
    if let Some(Int::Big(number)) = argument.as_int() {
        if number.sign() != num_bigint::Sign::Plus {
            return Err(domain_error(vm));
        }
        let float = Int::Big(number).to_f64();
        return Ok(match float {
            Some(float) => function(float),
            None => {
                // A fraction from one half up to one, times a power of two. What is cut off only decides how it is rounded.
                let shift = number.bits() - 64;
                let top: BigInt = number >> shift;
                let is_cut = number.trailing_zeros().is_some_and(|zeros| zeros < shift);
                let top = u64::try_from(&top).map_or(f64::INFINITY, |top| (top | u64::from(is_cut)) as f64);
                function(libm::ldexp(top, -64)) + function(2.0) * number.bits() as f64
            }
        });
    }
    let x = real(vm, argument)?;
    if x <= 0.0 {
        return Err(domain_error(vm));
    }
    Ok(function(x))
}

pub(super) fn log(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = log_of(vm, args.at(0), f64::ln)?;
    let result = match args.get(1) {
        None => number,
        Some(base) => {
            let base = log_of(vm, base, f64::ln)?;
            if base == 0.0 {
                return Err(vm.raise(toy_vm::ClassName::ZeroDivisionError, "float division by zero"));
            }
            number / base
        }
    };
    Ok(vm.new_float(result)?)
}

pub(super) fn log2(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let result = log_of(vm, args.at(0), f64::log2)?;
    Ok(vm.new_float(result)?)
}

pub(super) fn log10(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let result = log_of(vm, args.at(0), f64::log10)?;
    Ok(vm.new_float(result)?)
}
