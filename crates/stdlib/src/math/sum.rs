//! Sums, products and distances, with more precision inside than outside.

use std::ops::ControlFlow;

use toy_object::{Owned, Ref};
use toy_vm::{Args, BinaryOp, Outcome, Vm};

use crate::argument::{overflow_error, real, value_error};

/// A sum of two floats as a float and what rounding took away.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

/// A product of two floats as a float and what rounding took away.
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

pub(super) fn fsum(vm: &mut Vm, args: Args<'_>) -> Outcome {
    // Shewchuk: the sum as floats that do not overlap, in order of size; only their own sum is rounded.
    let mut partials: Vec<f64> = Vec::new();
    let (mut special_sum, mut infinite_sum) = (0.0f64, 0.0f64);
    let mut has_overflowed = false;
    vm.for_each(args.at(0), |vm, item: Owned| {
        let mut x = real(vm, item.get())?;
        let original = x;
        let mut kept = 0;
        for index in 0..partials.len() {
            let (sum, rest) = two_sum(x, partials[index]);
            if rest != 0.0 {
                partials[kept] = rest;
                kept += 1;
            }
            x = sum;
        }
        partials.truncate(kept);
        if x != 0.0 {
            if x.is_finite() {
                partials.push(x);
            } else {
                has_overflowed |= original.is_finite();
                if original.is_infinite() {
                    infinite_sum += original;
                }
                special_sum += original;
                partials.clear();
            }
        }
        Ok(if has_overflowed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    if has_overflowed {
        return Err(overflow_error(vm, "intermediate overflow in fsum"));
    }
    if special_sum != 0.0 || special_sum.is_nan() {
        if infinite_sum.is_nan() {
            return Err(value_error(vm, "-inf + inf in fsum"));
        }
        return Ok(vm.new_float(special_sum)?);
    }
    Ok(vm.new_float(rounded_sum(&partials))?)
}

/// The sum of partials that do not overlap, the largest last, rounded half to even.
fn rounded_sum(partials: &[f64]) -> f64 {
    let Some((&last, mut rest)) = partials.split_last() else { return 0.0 };
    let mut high = last;
    let mut low = 0.0;
    while let Some((&next, before)) = rest.split_last() {
        rest = before;
        let (sum, error) = two_sum(high, next);
        high = sum;
        low = error;
        if low != 0.0 {
            break;
        }
    }
    // Exactly half way: what is still below decides.
    if let Some(&below) = rest.last()
        && ((low < 0.0 && below < 0.0) || (low > 0.0 && below > 0.0))
    {
        let twice = low * 2.0;
        let candidate = high + twice;
        if twice == candidate - high {
            high = candidate;
        }
    }
    high
}

/// The length of a vector: scaled by a power of two so that nothing overflows, squares and their sum carried in two floats, and
/// the root corrected once.
fn norm(coordinates: &[f64]) -> f64 {
    let largest = coordinates.iter().fold(0.0, |largest: f64, x| largest.max(*x));
    if coordinates.iter().any(|x| x.is_infinite()) {
        return f64::INFINITY;
    }
    if coordinates.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    if largest == 0.0 || coordinates.len() <= 1 {
        return largest;
    }
    let (_, exponent) = libm::frexp(largest);
    if exponent < -1023 {
        // Subnormal: the scale itself would overflow.
        let scaled: Vec<f64> = coordinates.iter().map(|x| x / f64::MIN_POSITIVE).collect();
        return f64::MIN_POSITIVE * norm(&scaled);
    }
    let scale = libm::ldexp(1.0, -exponent);
    // Starting at 1, the sum is always the larger summand.
    let (mut sum, mut product_rest, mut sum_rest) = (1.0, 0.0, 0.0);
    let mut add = |a: f64, b: f64| {
        let (square, rest) = two_product(a, b);
        let (total, error) = two_sum(sum, square);
        sum = total;
        product_rest += rest;
        sum_rest += error;
        sum - 1.0 + (product_rest + sum_rest)
    };
    let mut squares = 0.0;
    for coordinate in coordinates {
        squares = add(coordinate * scale, coordinate * scale);
    }
    let root = squares.sqrt();
    let left = add(-root, root);
    (root + left / (2.0 * root)) / scale
}

pub(super) fn hypot(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let tuple = args.at(0).as_tuple().expect("star arguments are a tuple");
    let mut coordinates = Vec::with_capacity(tuple.len());
    for item in tuple.iter() {
        coordinates.push(real(vm, item)?.abs());
    }
    Ok(vm.new_float(norm(&coordinates))?)
}

pub(super) fn dist(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (p, q) = (vm.collect(args.at(0))?, vm.collect(args.at(1))?);
    if p.len() != q.len() {
        return Err(value_error(vm, "both points must have the same number of dimensions"));
    }
    let mut coordinates = Vec::with_capacity(p.len());
    for (a, b) in p.iter().zip(&q) {
        coordinates.push((real(vm, a.get())? - real(vm, b.get())?).abs());
    }
    Ok(vm.new_float(norm(&coordinates))?)
}

pub(super) fn prod(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mut result = match args.get(1) {
        Some(start) => start.to_owned(),
        None => vm.new_int(1)?,
    };
    vm.for_each(args.at(0), |vm, item: Owned| {
        result = vm.binary(BinaryOp::Multiply, result.get(), item.get())?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(result)
}

/// A sum in three floats.
#[derive(Clone, Copy, Default)]
struct TripleSum {
    high: f64,
    low: f64,
    tiny: f64,
}

impl TripleSum {
    fn add_product(&mut self, a: f64, b: f64) {
        let (product, rest) = two_product(a, b);
        let (high, error) = two_sum(self.high, product);
        let (low, lost) = two_sum(self.low, rest);
        let (low, lost_too) = two_sum(low, error);
        *self = Self { high, low, tiny: self.tiny + lost + lost_too };
    }

    fn total(&self) -> f64 {
        let (high, rest) = two_sum(self.high, self.low);
        high + (rest + self.tiny)
    }
}

/// A factor of a product of floats: a float itself, or a small integer beside one.
fn factor(value: Ref<'_>) -> Option<f64> {
    let whole = || value.value().as_small_int().or_else(|| value.value().as_bool().map(i64::from));
    value.as_exact_float().or_else(|| whole().map(|number| number as f64))
}

/// Sums of products while all factors are such that they are quick or exact. The first pair that is not ends the way it was on
/// for good: what was summed there becomes a part of the total, and everything behind is multiplied and added as scripts would.
struct Ways {
    /// Of pairs of integers, from the start on.
    whole: Option<i64>,
    /// Of pairs with a float.
    real: Option<TripleSum>,
    has_reals: bool,
}

impl Ways {
    fn add_whole(&mut self, a: Ref<'_>, b: Ref<'_>) -> bool {
        let (Some(sum), Some(a), Some(b)) = (self.whole, exact_integer(a), exact_integer(b)) else { return false };
        let Some(sum) = a.checked_mul(b).and_then(|product| sum.checked_add(product)) else { return false };
        self.whole = Some(sum);
        true
    }

    fn add_real(&mut self, a: Ref<'_>, b: Ref<'_>) -> bool {
        let Some(sum) = &self.real else { return false };
        if a.as_exact_float().is_none() && b.as_exact_float().is_none() {
            return false;
        }
        let (Some(a), Some(b)) = (factor(a), factor(b)) else { return false };
        let mut sum = *sum;
        sum.add_product(a, b);
        if !sum.high.is_finite() {
            return false;
        }
        self.real = Some(sum);
        self.has_reals = true;
        true
    }
}

fn exact_integer(value: Ref<'_>) -> Option<i64> {
    value.value().as_small_int()
}

pub(super) fn sum_of_products(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (p, q) = (vm.get_iterator(args.at(0))?, vm.get_iterator(args.at(1))?);
    let mut total = vm.new_int(0)?;
    let mut ways = Ways { whole: Some(0), real: Some(TripleSum::default()), has_reals: false };
    loop {
        let (a, b) = (vm.next(p.get())?, vm.next(q.get())?);
        let pair = match (a, b) {
            (Some(a), Some(b)) => Some((a, b)),
            (None, None) => None,
            _ => return Err(value_error(vm, "Inputs are not the same length")),
        };
        if pair.as_ref().is_some_and(|(a, b)| ways.add_whole(a.get(), b.get())) {
            continue;
        }
        if let Some(whole) = ways.whole.take().filter(|&whole| whole != 0) {
            let whole = vm.new_int(whole)?;
            total = vm.binary(BinaryOp::Add, total.get(), whole.get())?;
        }
        if pair.as_ref().is_some_and(|(a, b)| ways.add_real(a.get(), b.get())) {
            continue;
        }
        if let Some(sum) = ways.real.take().filter(|_| ways.has_reals) {
            let sum = vm.new_float(sum.total())?;
            total = vm.binary(BinaryOp::Add, total.get(), sum.get())?;
        }
        let Some((a, b)) = pair else { return Ok(total) };
        let product = vm.binary(BinaryOp::Multiply, a.get(), b.get())?;
        total = vm.binary(BinaryOp::Add, total.get(), product.get())?;
    }
}
