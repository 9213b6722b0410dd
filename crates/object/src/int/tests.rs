//! Integers against the big numbers of the library, and against tables from CPython.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};

use super::{Int, IntError, parse_digits};
use crate::heap::Heap;
use crate::reference::Owned;
use crate::testing::{Random, assert_sound, enter_with_limit, on_heap};

/// Numbers around the places where forms change.
fn interesting(random: &mut Random) -> BigInt {
    let bits = *random.pick(&[0, 1, 5, 31, 53, 60, 61, 62, 63, 64, 65, 100, 127, 128, 300]);
    let near: BigInt = (BigInt::from(1) << bits) + BigInt::from(random.below(5)) - 2;
    let number: BigInt =
        if random.below(2) == 0 { near } else { (near * BigInt::from(random.next())) >> random.below(70) };
    if random.below(2) == 0 { -number } else { number }
}

/// Whether a value holds the number by itself.
fn is_small(number: &BigInt) -> bool {
    number.to_i64().is_some_and(|number| (crate::SMALL_INT_MIN..=crate::SMALL_INT_MAX).contains(&number))
}

fn make(heap: &Heap, number: &BigInt) -> Owned {
    heap.new_bigint(number.clone()).expect("memory")
}

fn number(owned: &Owned) -> BigInt {
    owned.get().as_exact_int().expect("an integer").to_bigint()
}

#[test]
fn arithmetic_agrees_with_the_reference() {
    on_heap(|heap| {
        let mut random = Random::new(1);
        for _ in 0..20_000 {
            let (a, b) = (interesting(&mut random), interesting(&mut random));
            let (left, right) = (make(heap, &a), make(heap, &b));
            assert_eq!(left.value().is_small_int(), is_small(&a), "{a}");
            let (x, y) = (left.get().as_int().expect("int"), right.get().as_int().expect("int"));
            assert_eq!(number(&x.add(heap, y).expect("memory")), &a + &b);
            assert_eq!(number(&x.sub(heap, y).expect("memory")), &a - &b);
            assert_eq!(number(&x.mul(heap, y).expect("memory")), &a * &b);
            assert_eq!(number(&x.neg(heap).expect("memory")), -&a);
            assert_eq!(number(&x.abs(heap).expect("memory")), a.abs());
            assert_eq!(number(&x.invert(heap).expect("memory")), -&a - 1);
            assert_eq!(number(&x.and(heap, y).expect("memory")), &a & &b);
            assert_eq!(number(&x.or(heap, y).expect("memory")), &a | &b);
            assert_eq!(number(&x.xor(heap, y).expect("memory")), &a ^ &b);
            assert_eq!(x.compare(y), a.cmp(&b));
            assert_eq!((x.bit_length(), x.is_odd(), x.is_negative()), (a.bits(), a.is_odd(), a.is_negative()));
            let count = random.below(200) as i64;
            assert_eq!(number(&x.shift_left(heap, Int::Small(count)).expect("memory")), &a << count);
            assert_eq!(number(&x.shift_right(heap, Int::Small(count)).expect("memory")), &a >> count);
            if y.is_zero() {
                assert_eq!(x.floor_div(heap, y).err(), Some(IntError::DivisionByZero));
                assert_eq!(x.modulo(heap, y).err(), Some(IntError::DivisionByZero));
                assert_eq!(x.true_div(y), Err(IntError::DivisionByZero));
            } else {
                let (quotient, rest) = a.div_mod_floor(&b);
                assert_eq!(number(&x.floor_div(heap, y).expect("memory")), quotient);
                assert_eq!(number(&x.modulo(heap, y).expect("memory")), rest);
                let (q, r) = x.div_mod(heap, y).expect("memory");
                assert_eq!((number(&q), number(&r)), (quotient, rest));
            }
        }
    });
}

#[test]
fn powers_agree_with_the_reference_and_keep_the_sign_of_the_modulus() {
    on_heap(|heap| {
        let mut random = Random::new(2);
        for _ in 0..2000 {
            let (a, m) = (interesting(&mut random), interesting(&mut random));
            let exponent = random.below(40);
            let (base, modulus) = (make(heap, &a), make(heap, &m));
            let (x, z) = (base.get().as_int().expect("int"), modulus.get().as_int().expect("int"));
            let y = Int::Small(exponent as i64);
            let power = a.pow(exponent as u32);
            assert_eq!(number(&x.pow(heap, y).expect("memory")), power);
            if z.is_zero() {
                assert_eq!(x.pow_mod(heap, y, z).err(), Some(IntError::DivisionByZero));
            } else {
                assert_eq!(number(&x.pow_mod(heap, y, z).expect("memory")), power.mod_floor(&m), "{a} {exponent} {m}");
            }
            match (!z.is_zero()).then(|| x.pow_mod(heap, Int::Small(-1), z)) {
                Some(Ok(inverse)) => {
                    assert_eq!((number(&inverse) * &a).mod_floor(&m), BigInt::from(1).mod_floor(&m), "{a} {m}");
                }
                Some(Err(error)) => assert_eq!((error, a.gcd(&m) == BigInt::from(1)), (IntError::NotInvertible, false)),
                None => {}
            }
        }
        // From CPython: pow(3, -1, -7), pow(5, 3, -7), pow(2, 0, 1).
        let table = [(3, -1, -7, -2), (5, 3, -7, -1), (2, 0, 1, 0), (2, -1, 1, 0), (0, 0, 5, 1)];
        for (base, exponent, modulus, expected) in table {
            let power = Int::Small(base).pow_mod(heap, Int::Small(exponent), Int::Small(modulus)).expect("memory");
            assert_eq!(number(&power), BigInt::from(expected), "pow({base}, {exponent}, {modulus})");
        }
        assert_eq!(Int::Small(2).pow(heap, Int::Small(-1)).err(), Some(IntError::NegativeExponent));
    });
}

#[test]
fn huge_results_are_refused_before_they_are_computed() {
    let gil = enter_with_limit(1 << 20);
    let million_million = Int::Small(1_000_000_000_000);
    let huge = Int::Small(9).pow(&gil, Int::Small(20)).expect("memory");
    assert_eq!(Int::Small(1).shift_left(&gil, million_million).err(), Some(IntError::OutOfMemory));
    assert_eq!(Int::Small(9).pow(&gil, Int::Small(387_420_489)).err(), Some(IntError::OutOfMemory));
    assert_eq!(Int::Small(-2).pow(&gil, million_million).err(), Some(IntError::OutOfMemory));
    let mut square = Int::Small(3).pow(&gil, Int::Small(200_000)).expect("memory");
    let mut refused = false;
    for _ in 0..8 {
        let int = square.get().as_int().expect("an integer");
        match int.mul(&gil, int) {
            Ok(larger) => square = larger,
            Err(_) => refused = true,
        }
    }
    assert!(refused);
    // Those whose size does not grow are not refused.
    let one = Int::Small(-1).pow(&gil, million_million).expect("small");
    assert_eq!(number(&one), BigInt::from(1));
    assert_eq!(number(&Int::Small(-5).shift_right(&gil, million_million).expect("small")), BigInt::from(-1));
    assert_eq!(number(&Int::Small(0).shift_left(&gil, million_million).expect("small")), BigInt::from(0));
    assert_sound(&gil, &[&huge, &square, &one]);
}

#[test]
fn digits_go_there_and_back() {
    on_heap(|heap| {
        let mut random = Random::new(3);
        for radix in [2, 3, 8, 10, 16, 36] {
            for bits in [0, 1, 60, 64, 4095, 4096, 5000, 20_000, 70_000] {
                let number: BigInt = (BigInt::from(random.next()) << bits) + random.next();
                let owned = make(heap, &-&number);
                let digits = owned.get().as_int().expect("int").to_string_radix(radix);
                assert_eq!(digits, (-&number).to_str_radix(radix), "{bits} bits in radix {radix}");
                assert_eq!(parse_digits(&digits[1..], radix), Some(number));
            }
        }
        let zeros = format!("1{}", "0".repeat(20_000));
        let power = Int::Small(10).pow(heap, Int::Small(20_000)).expect("memory");
        assert_eq!(power.get().as_int().expect("int").to_string(), zeros);
        assert_eq!((parse_digits("", 10), parse_digits("12a", 10), parse_digits("-1", 10)), (None, None, None));
    });
}

#[test]
fn integers_meet_floats_exactly() {
    let big = |text: &str| parse_digits(text, 10).expect("digits");
    // From CPython: the quotients as repr shows them.
    let table = [
        ("1", "3", 0.333_333_333_333_333_3),
        ("9007199254740993", "1", 9_007_199_254_740_992.0),
        ("9007199254740995", "1", 9_007_199_254_740_996.0),
        ("123456789012345678901234567890", "987654321", 1.249_999_988_734_375e20),
    ];
    for (left, right, expected) in table {
        let (left, right) = (big(left), big(right));
        assert_eq!(Int::Big(&left).true_div(Int::Big(&right)), Ok(expected), "{left} / {right}");
        assert_eq!(Int::Big(&-left).true_div(Int::Big(&right)), Ok(-expected));
    }
    let huge = BigInt::from(10).pow(400);
    assert_eq!(Int::Big(&huge).true_div(Int::Small(3)), Err(IntError::FloatOverflow));
    assert_eq!(Int::Small(3).true_div(Int::Big(&huge)), Ok(0.0));
    assert_eq!(Int::Big(&huge).true_div(Int::Big(&(&huge * 4))), Ok(0.25));
    assert_eq!(Int::Big(&huge).to_f64(), None);
    let smallest = BigInt::from(1) << 1074;
    assert_eq!(Int::Small(1).true_div(Int::Big(&smallest)), Ok(5e-324));
    assert_eq!(Int::Small(1).true_div(Int::Big(&(&smallest * 2))), Ok(0.0));
    assert_eq!(Int::Small(3).true_div(Int::Big(&(&smallest * 2))), Ok(1e-323));
    let limit = BigInt::from(1) << 53;
    let beyond: BigInt = &limit + 1;
    assert_eq!(Int::Big(&beyond).compare_f64(9_007_199_254_740_992.0), Some(std::cmp::Ordering::Greater));
    assert_eq!(Int::Small(-3).compare_f64(-3.5), Some(std::cmp::Ordering::Greater));
    assert_eq!(Int::Small(1 << 60).compare_f64(f64::NAN), None);
    assert_eq!(Int::Big(&huge).compare_f64(f64::INFINITY), Some(std::cmp::Ordering::Less));
    assert_eq!(Int::Big(&-huge).compare_f64(f64::NEG_INFINITY), Some(std::cmp::Ordering::Greater));
}

#[test]
fn quotients_are_correctly_rounded() {
    let mut random = Random::new(4);
    for _ in 0..20_000 {
        // Quotients of two floats' integers: the exact answer rounds as the float division does.
        let (a, b) = (random.next() >> 11, (random.next() >> 11) | 1);
        let shift = random.below(200);
        let (left, right) = (BigInt::from(a) << shift, BigInt::from(b) << shift);
        assert_eq!(Int::Big(&left).true_div(Int::Big(&right)), Ok(a as f64 / b as f64), "{a} / {b}");
    }
}
