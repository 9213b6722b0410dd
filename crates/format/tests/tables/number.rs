//! Numbers: text forms, arithmetic, conversions, hashes.

use std::cmp::Ordering;

use num_bigint::BigInt;
use toy_format::{
    Failure, FrozensetHasher, Int, Power, TupleHasher, compare_int_float, float_as_integer_ratio, float_divmod,
    float_floor_div, float_from_hex, float_hex, float_mod, float_pow, float_repr, float_to_int, hash_bigint, hash_f64,
    hash_i64, int_to_f64, int_true_divide, invalid_float_literal, parse_float, parse_int, repr_str, round_float,
    round_float_to_int, write_int,
};

use crate::{LIMIT, Outcome, check, float, int};

#[test]
fn numbers_agree() {
    check("number", |operation, arguments| {
        let first = arguments[0].as_str();
        let second = arguments.get(1).map_or("", String::as_str);
        match operation {
            "float_repr" => Ok(float_repr(float(first))),
            "float_hex" => Ok(float_hex(float(first))),
            "from_hex" => float_from_hex(first).map(float_repr),
            "parse_float" => parse_float(first).map(float_repr).ok_or_else(|| invalid_float_literal(&repr_str(first))),
            "parse_int" => {
                let parsed = parse_int(first, second.parse().expect("a base"), LIMIT);
                parsed.map_err(|error| error.into_failure(&repr_str(first))).and_then(shown_int)
            }
            "as_integer_ratio" => float_as_integer_ratio(float(first))
                .map(|(numerator, denominator)| format!("{numerator} {denominator}")),
            "float_to_int" => float_to_int(float(first)).and_then(shown_int),
            "round_to_int" => round_float_to_int(float(first)).and_then(shown_int),
            "round_float" => round_float(float(first), second.parse().expect("digits")).map(float_repr),
            "float_floor_div" => float_floor_div(float(first), float(second)).map(float_repr),
            "float_mod" => float_mod(float(first), float(second)).map(float_repr),
            "float_divmod" => float_divmod(float(first), float(second))
                .map(|(quotient, remainder)| format!("{} {}", float_repr(quotient), float_repr(remainder))),
            "float_pow" => power(float(first), float(second)),
            "true_divide" => int_true_divide(&Int::from(int(first)), &Int::from(int(second))).map(float_repr),
            "int_to_f64" => int_to_f64(&int(first)).map(float_repr),
            "compare" => Ok(ordering(compare_int_float(&Int::from(int(first)), float(second))).to_owned()),
            "hash_int" => Ok(integer_hash(&int(first)).to_string()),
            "hash_f64" => Ok(hash_f64(float(first)).expect("a number").to_string()),
            "hash_tuple" => {
                let mut hasher = TupleHasher::new();
                item_hashes(first).for_each(|hash| hasher.add(hash));
                Ok(hasher.finish().to_string())
            }
            "hash_frozenset" => {
                let mut hasher = FrozensetHasher::new();
                item_hashes(first).for_each(|hash| hasher.add(hash));
                Ok(hasher.finish().to_string())
            }
            _ => panic!("unknown operation {operation}"),
        }
    });
}

fn shown_int(value: Int) -> Outcome {
    let mut out = String::new();
    write_int(&mut out, &value, toy_format::DigitLimit(0))?;
    Ok(out)
}

fn power(base: f64, exponent: f64) -> Outcome {
    match float_pow(base, exponent) {
        Power::Real(value) => Ok(float_repr(value)),
        Power::Complex => Ok("complex".to_owned()),
        Power::ZeroDivision(failure) => Err(failure),
        Power::OutOfRange => Err(Failure::overflow("Numerical result out of range")),
    }
}

fn ordering(ordering: Option<Ordering>) -> &'static str {
    match ordering {
        None => "None",
        Some(Ordering::Less) => "-1",
        Some(Ordering::Equal) => "0",
        Some(Ordering::Greater) => "1",
    }
}

/// The hash by both paths, where there are two.
fn integer_hash(value: &BigInt) -> i64 {
    let hash = hash_bigint(value);
    if let Ok(small) = i64::try_from(value) {
        assert_eq!(hash_i64(small), hash, "{value}");
    }
    hash
}

fn item_hashes(joined: &str) -> impl Iterator<Item = i64> {
    joined.split_whitespace().map(|item| integer_hash(&int(item)))
}
