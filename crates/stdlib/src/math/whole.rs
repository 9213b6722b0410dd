//! Functions of whole numbers.

use num_bigint::BigInt;
use toy_object::{Int, Owned, Ref};
use toy_vm::{Args, Outcome, Vm};

use crate::argument::{overflow_error, present, type_error, value_error};

/// Runs `f` on what `__index__` makes of an argument.
fn with_index<R>(vm: &mut Vm, argument: Ref<'_>, f: impl FnOnce(&mut Vm, Int<'_>) -> Outcome<R>) -> Outcome<R> {
    let index = vm.index(argument)?;
    let number = index.get().as_int().expect("an index is an integer");
    f(vm, number)
}

fn combined(vm: &mut Vm, args: Args<'_>, combine: fn(&mut Vm, Int<'_>, Int<'_>) -> Outcome, empty: i64) -> Outcome {
    let mut result: Option<Owned> = None;
    let numbers = args.at(0).as_tuple().expect("star arguments are a tuple");
    for number in numbers.iter() {
        let number = vm.index(number)?;
        let number_int = number.get().as_int().expect("an index is an integer");
        result = Some(match &result {
            None => number_int.abs(vm.heap())?,
            Some(so_far) => {
                let so_far = so_far.get().as_int().expect("made here");
                combine(vm, so_far, number_int)?
            }
        });
    }
    match result {
        Some(result) => Ok(result),
        None => Ok(vm.new_int(empty)?),
    }
}

fn greatest_divisor(vm: &Vm, a: Int<'_>, b: Int<'_>) -> Outcome {
    // Nothing but memory can fail here.
    a.gcd(vm.heap(), b).map_err(|_| toy_object::OutOfMemory.into())
}

pub(super) fn gcd(vm: &mut Vm, args: Args<'_>) -> Outcome {
    combined(vm, args, |vm, a, b| greatest_divisor(vm, a, b), 0)
}

pub(super) fn lcm(vm: &mut Vm, args: Args<'_>) -> Outcome {
    combined(
        vm,
        args,
        |vm, a, b| {
            if a.is_zero() || b.is_zero() {
                return Ok(vm.new_int(0)?);
            }
            let divisor = greatest_divisor(vm, a, b)?;
            let divisor = divisor.get().as_int().expect("made here").to_bigint();
            let product = a.to_bigint() / divisor * b.to_bigint();
            let product = vm.new_bigint(product)?;
            Ok(product.get().as_int().expect("made here").abs(vm.heap())?)
        },
        1,
    )
}

pub(super) fn isqrt(vm: &mut Vm, args: Args<'_>) -> Outcome {
    with_index(vm, args.at(0), |vm, number| {
        if number.is_negative() {
            return Err(value_error(vm, "isqrt() argument must be nonnegative"));
        }
        number.square_root(vm.heap()).map_err(|_| value_error(vm, "isqrt() argument must be nonnegative"))
    })
}

/// Bits of a product that is not started because nobody can wait for it.
const MOST_BITS: f64 = 8e9;

/// The product of `first..=last`, by halves: the factors stay about equally long, where multiplying is quickest.
fn product(first: u64, last: u64) -> BigInt {
    if last - first < 16 {
        let mut result = BigInt::from(1);
        let mut small: u64 = 1;
        for factor in first..=last {
            small = match small.checked_mul(factor) {
                Some(small) => small,
                None => {
                    result *= small;
                    factor
                }
            };
        }
        return result * small;
    }
    let middle = first + (last - first) / 2;
    product(first, middle) * product(middle + 1, last)
}

fn checked_product(vm: &mut Vm, first: u64, last: u64) -> Outcome {
    if first > last {
        return Ok(vm.new_int(1)?);
    }
    let bits = (last - first + 1) as f64 * (last as f64).log2();
    if bits > MOST_BITS || !vm.has_room_for((bits / 8.0) as usize) {
        return Err(toy_object::OutOfMemory.into());
    }
    Ok(vm.new_bigint(product(first, last))?)
}

pub(super) fn factorial(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if args.at(0).as_float().is_some() {
        return Err(type_error(vm, "'float' object cannot be interpreted as an integer"));
    }
    let number = with_index(vm, args.at(0), |vm, number| {
        if number.is_negative() {
            return Err(value_error(vm, "factorial() not defined for negative values"));
        }
        number.to_i64().ok_or_else(|| {
            let most = i64::MAX;
            overflow_error(vm, format!("factorial() argument should not exceed {most}"))
        })
    })?;
    checked_product(vm, 2, number as u64)
}

/// Arguments n and k of `perm` and `comb`, or what the result is without computing.
fn choice(vm: &mut Vm, n: Ref<'_>, k: Ref<'_>) -> Outcome<Result<(BigInt, BigInt), i64>> {
    let (n, k) = (vm.index(n)?, vm.index(k)?);
    let n = n.get().as_int().expect("an index is an integer");
    let k = k.get().as_int().expect("an index is an integer");
    if n.is_negative() {
        return Err(value_error(vm, "n must be a non-negative integer"));
    }
    if k.is_negative() {
        return Err(value_error(vm, "k must be a non-negative integer"));
    }
    if n.compare(k).is_lt() {
        return Ok(Err(0));
    }
    Ok(Ok((n.to_bigint(), k.to_bigint())))
}

/// n * (n-1) * … , k factors.
fn falling(vm: &mut Vm, n: &BigInt, k: u64) -> Outcome<BigInt> {
    let bits = n.bits() as f64 * k as f64;
    if bits > MOST_BITS || !vm.has_room_for((bits / 8.0) as usize) {
        return Err(toy_object::OutOfMemory.into());
    }
    if let Ok(n) = u64::try_from(n) {
        return Ok(if k == 0 { BigInt::from(1) } else { product(n - k + 1, n) });
    }
    let mut result = BigInt::from(1);
    for factor in 0..k {
        result *= n - factor;
    }
    Ok(result)
}

pub(super) fn perm(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(k) = present(args.get(1)) else { return factorial(vm, args) };
    match choice(vm, args.at(0), k)? {
        Err(known) => Ok(vm.new_int(known)?),
        Ok((n, k)) => {
            let Ok(k) = u64::try_from(&k) else {
                let most = i64::MAX;
                return Err(overflow_error(vm, format!("k must not exceed {most}")));
            };
            let result = falling(vm, &n, k)?;
            Ok(vm.new_bigint(result)?)
        }
    }
}

/// The number of ways to choose, if that is small by far.
fn few_choices(n: Ref<'_>, k: Ref<'_>) -> Option<i64> {
    let (n, k) = (n.value().as_small_int()?, k.value().as_small_int()?);
    if n > 60 || k < 0 || k > n {
        return None;
    }
    // Each step is the number of ways to choose one more; before it is divided it is less than 2^63.
    Some((1..=k.min(n - k)).fold(1, |ways, chosen| ways * (n - chosen + 1) / chosen))
}

pub(super) fn comb(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if let Some(ways) = few_choices(args.at(0), args.at(1)) {
        return Ok(vm.new_int(ways)?);
    }
    match choice(vm, args.at(0), args.at(1))? {
        Err(known) => Ok(vm.new_int(known)?),
        Ok((n, k)) => {
            let k = k.clone().min(&n - k);
            let Ok(k) = u64::try_from(&k) else {
                let most = i64::MAX;
                return Err(overflow_error(vm, format!("min(n - k, k) must not exceed {most}")));
            };
            let top = falling(vm, &n, k)?;
            let bottom = if k == 0 { BigInt::from(1) } else { product(1, k) };
            Ok(vm.new_bigint(top / bottom)?)
        }
    }
}
