//! What the tables cannot show: arguments for `*`, refused sizes, surrogates, and forms that must agree with each other.

use num_bigint::BigInt;
use toy_format::{
    DigitLimit, ExceptionClass, Failure, FormatError, FormatSpec, HASH_NONE, Int, MAXIMUM_WIDTH, ParseIntError,
    PercentArgumentError, PercentConversion, PercentPiece, PercentPieces, check_str_spec, format_float, format_int,
    format_str, hash_bytes, hash_str, hash_ucs2, hash_ucs4, parse_int, percent_float, percent_int, write_int,
};

const LIMIT: DigitLimit = DigitLimit(4300);

fn spec(text: &str) -> FormatSpec {
    FormatSpec::parse(text).expect("a proper spec")
}

fn conversion(template: &str) -> PercentConversion<'_, str> {
    match PercentPieces::new(template).next() {
        Some(Ok(PercentPiece::Conversion(conversion))) => conversion,
        other => panic!("{other:?}"),
    }
}

fn failed<T: std::fmt::Debug>(class: ExceptionClass, result: Result<T, Failure>) -> String {
    let failure = result.expect_err("a failure");
    assert_eq!(failure.class, class);
    failure.message.into_owned()
}

#[test]
fn a_star_takes_its_amount_from_an_argument() {
    let render = |template, width, precision| {
        let mut out = String::new();
        let layout = conversion(template).layout(width, precision).expect("a layout");
        percent_float(&mut out, 1.234, 'f', &layout).expect("a float");
        out
    };
    assert_eq!(render("%*.*f", 8, 2), "    1.23");
    assert_eq!(render("%*.*f", -8, 2), "1.23    ");
    assert_eq!(render("%-*.2f", -8, 0), "1.23    ");
    assert_eq!(render("%0*.1f", 6, 0), "0001.2");
    assert_eq!(render("%.*f", 0, -2), "1");
    let too_large = conversion("%.*d").layout(0, 1 << 31);
    assert_eq!(failed(ExceptionClass::OverflowError, too_large), "Python int too large to convert to C int");
}

#[test]
fn huge_sizes_are_memory_errors() {
    let width = format!("{}", MAXIMUM_WIDTH + 1);
    let mut out = String::new();
    let results = [
        format_int(&mut out, 1, &spec(&width), LIMIT),
        format_int(&mut out, 65, &spec(&format!("{width}c")), LIMIT),
        format_float(&mut out, 1.0, &spec(&width)),
        format_float(&mut out, 1.0, &spec(&format!(".{width}f"))),
        format_str(&mut out, "a", &spec(&width)),
    ];
    for result in results {
        failed(ExceptionClass::MemoryError, result.map_err(|error| error.into_failure("type")));
    }
    failed(ExceptionClass::MemoryError, conversion(&format!("%{width}d")).layout(0, 0));
    failed(ExceptionClass::MemoryError, conversion("%*d").layout(i64::MIN, 0));
    let layout = conversion(&format!("%.{width}d")).layout(0, 0).expect("a layout");
    failed(ExceptionClass::MemoryError, percent_int(&mut out, 1, 'd', &layout, LIMIT));
    assert_eq!(out, "");
    // A precision only cuts a string.
    assert!(format_str(&mut out, "a", &spec(&format!(".{width}"))).is_ok());
}

#[test]
fn a_surrogate_is_left_to_the_caller() {
    let mut out = String::new();
    let spec = spec("^5c");
    assert_eq!(format_int(&mut out, 0xd800, &spec, LIMIT), Err(FormatError::Surrogate(0xd800)));
    assert_eq!(spec.padding(1), (2, 2));
}

#[test]
fn the_empty_spec_is_recognised() {
    assert!(spec("").is_empty());
    assert!(!spec("s").is_empty());
    assert_eq!(check_str_spec(&spec("*^9.3s")), Ok(()));
}

#[test]
fn the_digit_limit_can_be_lifted_and_moved() {
    let digits = "7".repeat(5000);
    let value = parse_int(&digits, 10, DigitLimit(0)).expect("an integer");
    let mut out = String::new();
    write_int(&mut out, &value, DigitLimit(0)).expect("text");
    assert_eq!(out, digits);
    assert_eq!(parse_int(&digits, 10, DigitLimit(640)), Err(ParseIntError::TooManyDigits { digits: 5000, limit: 640 }));
    let message = failed(ExceptionClass::ValueError, write_int(&mut out, &value, DigitLimit(640)));
    assert!(message.starts_with("Exceeds the limit (640 digits) for integer string conversion; use sys."), "{message}");
}

#[test]
fn equal_integers_are_equal_results() {
    assert_eq!(Int::from(BigInt::from(5)), Int::Small(5));
    assert_eq!(Int::from(BigInt::from(i64::MIN)), Int::Small(i64::MIN));
    assert_eq!(parse_int("-9223372036854775808", 10, LIMIT), Ok(Int::Small(i64::MIN)));
    assert!(matches!(parse_int("9223372036854775808", 10, LIMIT), Ok(Int::Big(_))));
}

#[test]
fn the_forms_of_a_string_hash_like_its_text() {
    for text in ["", "€uro", "日本語テキスト", "aé€"] {
        let units: Vec<u16> = text.encode_utf16().collect();
        assert_eq!(hash_ucs2(&units), hash_str(text), "{text}");
    }
    for text in ["", "😀", "a😀b", "😀😀😀😀"] {
        let units: Vec<u32> = text.chars().map(u32::from).collect();
        assert_eq!(hash_ucs4(&units), hash_str(text), "{text}");
    }
    assert_eq!(hash_bytes(b"ascii"), hash_str("ascii"));
    assert_eq!(HASH_NONE, 4_238_894_112);
}

#[test]
fn argument_errors_have_their_wording() {
    use PercentArgumentError as E;
    let table = [
        (E::NotEnough, "not enough arguments for format string"),
        (E::NotAllConverted { in_bytes: false }, "not all arguments converted during string formatting"),
        (E::NotAllConverted { in_bytes: true }, "not all arguments converted during bytes formatting"),
        (E::MappingRequired, "format requires a mapping"),
        (E::StarWantsInt, "* wants int"),
        (
            E::NumberRequired { letter: 'd', type_name: "NoneType" },
            "%d format: a real number is required, not NoneType",
        ),
        (E::IntegerRequired { letter: 'x', type_name: "float" }, "%x format: an integer is required, not float"),
        (E::FloatRequired { in_bytes: false, type_name: "str" }, "must be real number, not str"),
        (E::FloatRequired { in_bytes: true, type_name: "str" }, "float argument required, not str"),
        (E::CharacterRequired { in_bytes: false }, "%c requires int or char"),
        (E::CharacterRequired { in_bytes: true }, "%c requires an integer in range(256) or a single byte"),
        (
            E::BytesRequired { type_name: "int" },
            "%b requires a bytes-like object, or an object that implements __bytes__, not 'int'",
        ),
    ];
    for (error, message) in table {
        assert_eq!(Failure::from(error), Failure::type_error(message));
    }
}
