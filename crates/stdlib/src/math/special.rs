//! The gamma function and its logarithm, by Lanczos' approximation with the coefficients that CPython uses (from Boost), so that
//! results agree to the last digit on the same platform.

#![expect(clippy::excessive_precision, reason = "the coefficients stand as they were published")]

use toy_vm::{Args, Outcome, Vm};

use super::real::{domain_error, range_error};
use crate::argument::real;

/// Lanczos' g.
const G: f64 = 6.024_680_040_776_729_583_740_234_375;
const G_MINUS_HALF: f64 = 5.524_680_040_776_729_583_740_234_375;

/// Numerator and denominator of Lanczos' rational function, the constant term first.
const NUMERATOR: [f64; 13] = [
    23531376880.410759688572007674451636754734846804940,
    42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843,
    17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708,
    1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801,
    31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768,
    186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024,
    210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
];
const DENOMINATOR: [f64; 13] = [
    0.0,
    39916800.0,
    120543840.0,
    150917976.0,
    105258076.0,
    45995730.0,
    13339535.0,
    2637558.0,
    357423.0,
    32670.0,
    1925.0,
    66.0,
    1.0,
];

fn lanczos_sum(x: f64) -> f64 {
    let (mut numerator, mut denominator) = (0.0, 0.0);
    // For large x in powers of 1/x, so that nothing overflows.
    if x < 5.0 {
        for index in (0..NUMERATOR.len()).rev() {
            numerator = numerator * x + NUMERATOR[index];
            denominator = denominator * x + DENOMINATOR[index];
        }
    } else {
        for index in 0..NUMERATOR.len() {
            numerator = numerator / x + NUMERATOR[index];
            denominator = denominator / x + DENOMINATOR[index];
        }
    }
    numerator / denominator
}

/// sin(pi * x), precise near the zeros.
fn sin_pi(x: f64) -> f64 {
    use std::f64::consts::PI;
    let y = x.abs() % 2.0;
    let result = match (2.0 * y).round() as i32 {
        0 => (PI * y).sin(),
        1 => (PI * (y - 0.5)).cos(),
        // Not -sin(pi * (y - 1)): the sign of zero matters.
        2 => (PI * (1.0 - y)).sin(),
        3 => -(PI * (y - 1.5)).cos(),
        _ => (PI * (y - 2.0)).sin(),
    };
    1f64.copysign(x) * result
}

enum Wrong {
    Domain,
    Range,
}

fn gamma_of(x: f64) -> Result<f64, Wrong> {
    if !x.is_finite() {
        return if x.is_nan() || x > 0.0 { Ok(x) } else { Err(Wrong::Domain) };
    }
    if x == 0.0 || (x < 0.0 && x == x.floor()) {
        return Err(Wrong::Domain);
    }
    if x == x.floor() && x <= 23.0 {
        // Exact.
        return Ok((2..x as u64).product::<u64>() as f64);
    }
    let size = x.abs();
    if size < 1e-20 {
        let result = 1.0 / x;
        return if result.is_infinite() { Err(Wrong::Range) } else { Ok(result) };
    }
    if size > 200.0 {
        return if x < 0.0 { Ok(0.0 / sin_pi(x)) } else { Err(Wrong::Range) };
    }
    let y = size + G_MINUS_HALF;
    // What rounding took from y.
    let z = if size > G_MINUS_HALF { (y - size) - G_MINUS_HALF } else { (y - G_MINUS_HALF) - size };
    let correction = z * G / y;
    // y^(size - 0.5) overflows before the result does: in two halves.
    let power = |exponent: f64| y.powf(exponent);
    let result = if x < 0.0 {
        let mut result = -std::f64::consts::PI / sin_pi(size) / size * y.exp() / lanczos_sum(size);
        result -= correction * result;
        if size < 140.0 {
            result / power(size - 0.5)
        } else {
            let half = power(size / 2.0 - 0.25);
            result / half / half
        }
    } else {
        let mut result = lanczos_sum(size) / y.exp();
        result += correction * result;
        if size < 140.0 {
            result * power(size - 0.5)
        } else {
            let half = power(size / 2.0 - 0.25);
            result * half * half
        }
    };
    if result.is_infinite() { Err(Wrong::Range) } else { Ok(result) }
}

fn log_gamma_of(x: f64) -> Result<f64, Wrong> {
    if !x.is_finite() {
        return Ok(if x.is_nan() { x } else { f64::INFINITY });
    }
    if x == x.floor() && x <= 2.0 {
        return if x <= 0.0 { Err(Wrong::Domain) } else { Ok(0.0) };
    }
    let size = x.abs();
    if size < 1e-20 {
        return Ok(-size.ln());
    }
    let mut result = lanczos_sum(size).ln() - G;
    result += (size - 0.5) * ((size + G - 0.5).ln() - 1.0);
    if x < 0.0 {
        result = LOG_PI - sin_pi(size).abs().ln() - size.ln() - result;
    }
    if result.is_infinite() { Err(Wrong::Range) } else { Ok(result) }
}

const LOG_PI: f64 = 1.144_729_885_849_400_174_143_427_351_353_058_711_647;

fn answered(vm: &mut Vm, result: Result<f64, Wrong>) -> Outcome {
    match result {
        Ok(result) => Ok(vm.new_float(result)?),
        Err(Wrong::Domain) => Err(domain_error(vm)),
        Err(Wrong::Range) => Err(range_error(vm)),
    }
}

pub(super) fn gamma(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let x = real(vm, args.at(0))?;
    answered(vm, gamma_of(x))
}

pub(super) fn lgamma(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let x = real(vm, args.at(0))?;
    answered(vm, log_gamma_of(x))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From CPython 3.13.
    #[test]
    fn values_agree_with_cpython() {
        let cases =
            [(0.5, 1.7724538509055159), (5.0, 24.0), (-1.5, 2.3632718012073544), (100.5, 9.320963104082718e156)];
        for (x, expected) in cases {
            assert!(matches!(gamma_of(x), Ok(result) if result == expected), "gamma({x})");
        }
        let cases = [(0.5, 0.5723649429247004), (10.0, 12.801827480081467), (-2.5, -0.05624371649767457)];
        for (x, expected) in cases {
            assert!(matches!(log_gamma_of(x), Ok(result) if result == expected), "lgamma({x})");
        }
        assert!(matches!(gamma_of(171.7), Err(Wrong::Range)) && matches!(gamma_of(-3.0), Err(Wrong::Domain)));
    }
}
