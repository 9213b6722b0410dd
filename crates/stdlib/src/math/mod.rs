//! `math`: functions of real and of whole numbers.

mod real;
mod special;
mod sum;
mod whole;

use toy_object::Owned;
use toy_vm::{Outcome, Vm, natives};

use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let mut module = NewModule::new(vm, "math", "Mathematical functions of real and of whole numbers.", FUNCTIONS)?;
    let constants = [
        ("pi", std::f64::consts::PI),
        ("e", std::f64::consts::E),
        ("tau", std::f64::consts::TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ];
    for (name, number) in constants {
        let number: Owned = module.vm().new_float(number)?;
        module.set(name, number)?;
    }
    module.finish()
}

natives! {
    /// The functions of `math`.
    FUNCTIONS:
    function "acos" ("x, /") "Arc cosine of x, in radians." => |vm, args| real::unary(vm, args, f64::acos);
    function "acosh" ("x, /") "Inverse hyperbolic cosine of x." => |vm, args| real::unary(vm, args, libm::acosh);
    function "asin" ("x, /") "Arc sine of x, in radians." => |vm, args| real::unary(vm, args, f64::asin);
    function "asinh" ("x, /") "Inverse hyperbolic sine of x." => |vm, args| real::unary(vm, args, libm::asinh);
    function "atan" ("x, /") "Arc tangent of x, in radians." => |vm, args| real::unary(vm, args, f64::atan);
    function "atan2" ("y, x, /") "Arc tangent of y/x, in radians, with the signs of both." =>
        |vm, args| real::binary(vm, args, f64::atan2);
    function "atanh" ("x, /") "Inverse hyperbolic tangent of x." => |vm, args| real::unary(vm, args, libm::atanh);
    function "cbrt" ("x, /") "Cube root of x." => |vm, args| real::unary(vm, args, f64::cbrt);
    function "ceil" ("x, /") "Smallest integer not below x." => real::ceil;
    function "comb" ("n, k, /") "Number of ways to choose k of n items." => whole::comb;
    function "copysign" ("x, y, /") "x with the sign of y." => |vm, args| real::binary(vm, args, f64::copysign);
    function "cos" ("x, /") "Cosine of x (in radians)." => |vm, args| real::unary(vm, args, f64::cos);
    function "cosh" ("x, /") "Hyperbolic cosine of x." => |vm, args| real::unary_overflowing(vm, args, f64::cosh);
    function "degrees" ("x, /") "x radians in degrees." =>
        |vm, args| real::unary_plain(vm, args, |x| x * (180.0 / std::f64::consts::PI));
    function "dist" ("p, q, /") "Distance between two points, given as sequences of coordinates." => sum::dist;
    function "erf" ("x, /") "Error function at x." => |vm, args| real::unary(vm, args, libm::erf);
    function "erfc" ("x, /") "Complementary error function at x." => |vm, args| real::unary(vm, args, libm::erfc);
    function "exp" ("x, /") "e to the power of x." => |vm, args| real::unary_overflowing(vm, args, f64::exp);
    function "exp2" ("x, /") "2 to the power of x." => |vm, args| real::unary_overflowing(vm, args, f64::exp2);
    function "expm1" ("x, /") "exp(x) - 1, precise for small x." =>
        |vm, args| real::unary_overflowing(vm, args, f64::exp_m1);
    function "fabs" ("x, /") "Absolute value of x, as a float." => |vm, args| real::unary(vm, args, f64::abs);
    function "factorial" ("n, /") "n!; ValueError if n is negative." => whole::factorial;
    function "floor" ("x, /") "Largest integer not above x." => real::floor;
    function "fma" ("x, y, z, /") "x*y + z, rounded once." => real::fma;
    function "fmod" ("x, y, /") "Remainder of x/y with the sign of x." => real::fmod;
    function "frexp" ("x, /") "The pair (m, e) with x == m * 2**e and 0.5 <= abs(m) < 1." => real::frexp;
    function "fsum" ("seq, /") "Sum of floats, rounded only once." => sum::fsum;
    function "gamma" ("x, /") "Gamma function at x." => special::gamma;
    function "gcd" ("*integers") "Greatest common divisor." => whole::gcd;
    function "hypot" ("*coordinates") "Distance of a point from the origin." => sum::hypot;
    function "isclose" ("a, b, *, rel_tol=1e-09, abs_tol=0.0") "Whether two floats are close to each other." =>
        real::is_close;
    function "isfinite" ("x, /") "Whether x is neither infinite nor a NaN." => |vm, args| real::test(vm, args, f64::is_finite);
    function "isinf" ("x, /") "Whether x is infinite." => |vm, args| real::test(vm, args, f64::is_infinite);
    function "isnan" ("x, /") "Whether x is a NaN." => |vm, args| real::test(vm, args, f64::is_nan);
    function "isqrt" ("n, /") "Integer part of the square root." => whole::isqrt;
    function "lcm" ("*integers") "Least common multiple." => whole::lcm;
    function "ldexp" ("x, i, /") "x * 2**i." => real::ldexp;
    function "lgamma" ("x, /") "Natural logarithm of the absolute value of the gamma function at x." => special::lgamma;
    function "log" ("x, base=math.e, /") "Logarithm of x to the given base." => real::log;
    function "log10" ("x, /") "Logarithm of x to base 10." => real::log10;
    function "log1p" ("x, /") "Natural logarithm of 1 + x, precise near 0." => |vm, args| real::unary(vm, args, f64::ln_1p);
    function "log2" ("x, /") "Logarithm of x to base 2." => real::log2;
    function "modf" ("x, /") "Fractional and integer part of x, both with its sign." => real::modf;
    function "nextafter" ("x, y, /, *, steps=None") "The float steps after x towards y." => real::next_after;
    function "perm" ("n, k=None, /") "Number of ways to arrange k of n items." => whole::perm;
    function "pow" ("x, y, /") "x to the power of y, as a float." => real::pow;
    function "prod" ("iterable, /, *, start=1") "Product of all items." => sum::prod;
    function "radians" ("x, /") "x degrees in radians." =>
        |vm, args| real::unary_plain(vm, args, |x| x * (std::f64::consts::PI / 180.0));
    function "remainder" ("x, y, /") "Remainder of x/y, as near to 0 as can be (IEEE 754)." => real::remainder;
    function "sin" ("x, /") "Sine of x (in radians)." => |vm, args| real::unary(vm, args, f64::sin);
    function "sinh" ("x, /") "Hyperbolic sine of x." => |vm, args| real::unary_overflowing(vm, args, f64::sinh);
    function "sqrt" ("x, /") "Square root of x." => |vm, args| real::unary(vm, args, f64::sqrt);
    function "sumprod" ("p, q, /") "Sum of the products of two sequences, item by item." => sum::sum_of_products;
    function "tan" ("x, /") "Tangent of x (in radians)." => |vm, args| real::unary(vm, args, f64::tan);
    function "tanh" ("x, /") "Hyperbolic tangent of x." => |vm, args| real::unary(vm, args, f64::tanh);
    function "trunc" ("x, /") "x without its fractional part." => real::trunc;
    function "ulp" ("x, /") "Value of the least significant bit of x." => real::ulp;
}
