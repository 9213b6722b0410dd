//! Nanoseconds an operation: `cargo run --release -p toy-format --example timing`.

#![allow(clippy::print_stdout, reason = "an example prints its figures")]

use std::hint::black_box;
use std::time::Instant;

use num_bigint::BigInt;
use toy_format::{
    DigitLimit, FormatSpec, PercentPieces, TemplatePieces, format_float, format_int, format_str, hash_f64, hash_str,
    parse_float, parse_int, repr_str, round_float, unicode, write_float_repr, write_int,
};

const ROUNDS: u32 = 1_000_000;

fn main() {
    let limit = DigitLimit::default();
    let mut out = String::with_capacity(256);
    let spec = |text| FormatSpec::parse(text).expect("a proper spec");

    let [decimal, zero_padded, grouped, hex] = ["d", "05d", ",", "x"].map(spec);
    measure("str(12345)", || appended(&mut out, |out| write_int(out, black_box(12345), limit).is_ok()));
    measure("format(12345, 'd')", || {
        appended(&mut out, |out| format_int(out, black_box(12345), &decimal, limit).is_ok())
    });
    measure("format(123, '05d')", || {
        appended(&mut out, |out| format_int(out, black_box(123), &zero_padded, limit).is_ok())
    });
    measure("format(1234567, ',')", || {
        appended(&mut out, |out| format_int(out, black_box(1_234_567), &grouped, limit).is_ok())
    });
    measure("format(48879, 'x')", || appended(&mut out, |out| format_int(out, black_box(48879), &hex, limit).is_ok()));
    let big = BigInt::from(7).pow(100);
    measure("str(7**100)", || appended(&mut out, |out| write_int(out, black_box(&big), limit).is_ok()));

    let [two_digits, wide, exponent, general] = [".2f", "10.3f", ".3e", "g"].map(spec);
    for (name, spec) in [("'.2f'", two_digits), ("'10.3f'", wide), ("'.3e'", exponent), ("'g'", general)] {
        let name = format!("format(1234.5678, {name})");
        measure(&name, || appended(&mut out, |out| format_float(out, black_box(1234.5678), &spec).is_ok()));
    }
    for value in [0.1, 1234.5678, 1e22, 3.0, 0.123_456_789_012_345_6] {
        measure(&format!("repr({value})"), || {
            appended(&mut out, |out| {
                write_float_repr(out, black_box(value));
                true
            })
        });
    }
    measure("round(2.675, 2)", || round_float(black_box(2.675), 2).is_ok());
    measure("float('1234.5678')", || parse_float(black_box("1234.5678")).is_some());
    let digits = "9".repeat(100);
    measure("int('9' * 100)", || parse_int(black_box(&digits), 10, limit).is_ok());
    measure("int('12345')", || parse_int(black_box("12345"), 10, limit).is_ok());

    let padded = spec(">10");
    measure("format('abc', '>10')", || appended(&mut out, |out| format_str(out, black_box("abc"), &padded).is_ok()));
    measure("parse spec '>10.2f'", || FormatSpec::parse(black_box(">10.2f")).is_ok());
    measure("pieces '{} {0.x!r:>5}'", || TemplatePieces::new(black_box("{} {x!r:>5}")).count() == 3);
    measure("pieces '%d %-5s'", || PercentPieces::new(black_box("%d %-5s")).count() == 3);
    measure("repr('hello world')", || !repr_str(black_box("hello world")).is_empty());
    measure("repr('it\\'s \\n é')", || !repr_str(black_box("it's \n é")).is_empty());
    measure("'Hello World'.upper()", || !unicode::upper(black_box("Hello World")).is_empty());
    measure("'Ünïcode Straße'.lower()", || !unicode::lower(black_box("Ünïcode Straße")).is_empty());
    measure("hash('identifier')", || hash_str(black_box("identifier")) != 0);
    let long = "x".repeat(1000);
    measure("hash('x' * 1000)", || hash_str(black_box(&long)) != 0);
    measure("hash(1234.5678)", || hash_f64(black_box(1234.5678)).is_some());
}

/// Appends to an emptied buffer, and answers whether that went well.
fn appended(out: &mut String, append: impl FnOnce(&mut String) -> bool) -> bool {
    out.clear();
    append(out) && !black_box(&*out).is_empty()
}

fn measure(name: &str, mut operation: impl FnMut() -> bool) {
    let start = Instant::now();
    for _ in 0..ROUNDS {
        assert!(operation(), "{name} failed");
    }
    println!("{name:28} {:7.1} ns", start.elapsed().as_nanos() as f64 / f64::from(ROUNDS));
}
