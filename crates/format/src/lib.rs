//! Text in, text out: everything that the built-in types need in order to write and read values as CPython 3.13 does.
//!
//! | concern | start at |
//! |---|---|
//! | `format()` and f-strings | [`FormatSpec::parse`], [`format_int`], [`format_float`], [`format_str`] |
//! | `%` on `str` and `bytes` | [`PercentPieces`], [`PercentLayout`], [`percent_int`] |
//! | `str.format` templates | [`TemplatePieces`], [`FieldName`] |
//! | `repr` | [`float_repr`], [`write_int`], [`repr_str`], [`repr_bytes`] |
//! | `int()`, `float()` | [`parse_int`], [`parse_float`], [`float_from_hex`] |
//! | float arithmetic | [`float_floor_div`], [`float_pow`], [`round_float`], [`int_true_divide`] |
//! | character classes and cases | [`unicode`] |
//! | encodings of one byte a character | [`Charset`] |
//! | hashes | [`hash_i64`], [`hash_f64`], [`hash_str`], [`TupleHasher`] |
//!
//! Functions named `format_*`, `percent_*` and `write_*` append to a string that the caller owns.
//!
//! ```
//! use toy_format::{FormatSpec, format_float};
//!
//! let spec = FormatSpec::parse(">+10.2f").map_err(|error| error.into_failure("float"))?;
//! let mut out = String::from("total");
//! format_float(&mut out, 2.675, &spec).map_err(|error| error.into_failure("float"))?;
//! assert_eq!(out, "total     +2.67");
//! # Ok::<(), toy_format::Failure>(())
//! ```
//!
//! Invariant: nothing here knows an object, a type or the interpreter; integers come as `i64` or `BigInt`, text as `str`.
//!
//! Invariant: nothing depends on a locale, an environment variable, the clock or the machine's byte order.
//!
//! Invariant: no input panics or allocates beyond [`MAXIMUM_WIDTH`] because of a number in a template.

#![forbid(unsafe_code)]

mod charset;
mod error;
mod float_arithmetic;
mod float_hex;
mod float_number;
mod float_parse;
mod float_text;
mod format_number;
mod format_str;
mod hash;
mod hash_text;
mod int;
mod int_float;
mod int_parse;
mod int_text;
mod layout;
mod percent;
mod percent_format;
mod repr;
mod spec;
mod template;
pub mod unicode;

pub use charset::Charset;
pub use error::{ExceptionClass, Failure, FormatError, MAXIMUM_WIDTH};
pub use float_arithmetic::{Power, float_divmod, float_floor_div, float_mod, float_pow, float_true_divide};
pub use float_hex::{float_from_hex, float_hex};
pub use float_number::{float_as_integer_ratio, round_float, round_float_to_int};
pub use float_parse::{invalid_float_literal, parse_float};
pub use float_text::{float_repr, write_float_repr};
pub use format_number::{format_float, format_int};
pub use format_str::{check_str_spec, format_str};
pub use hash::{FrozensetHasher, HASH_NONE, TupleHasher, hash_bigint, hash_f64, hash_i64};
pub use hash_text::{hash_bytes, hash_str, hash_ucs2, hash_ucs4};
pub use int::{Int, IntRef};
pub use int_float::{bigint_to_f64, compare_int_float, float_to_int, int_to_f64, int_true_divide};
pub use int_parse::{ParseIntError, parse_int};
pub use int_text::{Decimal, DigitLimit, write_int};
pub use percent::{Amount, PercentConversion, PercentFlags, PercentKind, PercentPiece, PercentPieces, TemplateText};
pub use percent_format::{
    PercentArgumentError, PercentLayout, percent_bytes, percent_char, percent_char_code, percent_float, percent_int,
    percent_str,
};
pub use repr::{
    Sink, ascii_repr, repr_bytes, repr_str, write_ascii_code_points, write_ascii_escaped, write_repr_bytearray,
    write_repr_bytes, write_repr_code_points, write_repr_str,
};
pub use spec::{Align, FormatSpec, Grouping, Sign};
pub use template::{
    Accessor, Accessors, Conversion, Field, FieldFirst, FieldName, FieldNumbering, MAXIMUM_NESTING, TemplatePiece,
    TemplatePieces, nesting_too_deep, positional_fields_not_allowed,
};
