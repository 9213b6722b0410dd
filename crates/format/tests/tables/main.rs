//! Compares every operation with tables that CPython 3.13 wrote (`tests/data/generate.py`).
//!
//! `TOY_FORMAT_TABLES` names a folder with larger tables to use instead of the stored ones.

mod number;
mod spec;
mod template;
mod text;

use std::path::PathBuf;

use num_bigint::BigInt;
use toy_format::{DigitLimit, Failure};

/// What an operation printed, or which exception it raised.
type Outcome = Result<String, Failure>;

/// Runs every line of a table, and shows the first lines that differ.
fn check(table: &str, run: impl Fn(&str, &[String]) -> Outcome) {
    let folder = std::env::var_os("TOY_FORMAT_TABLES")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data")), PathBuf::from);
    let path = folder.join(table).with_extension("txt");
    let content = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut failures = Vec::new();
    let mut lines = 0;
    for (number, line) in (1..).zip(content.lines()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [operation, arguments @ .., expected] = fields.as_slice() else { panic!("line {number} of {table}") };
        let arguments: Vec<String> = arguments.iter().map(|argument| unescaped(argument)).collect();
        let actual = match run(operation, &arguments) {
            Ok(text) => format!("={text}"),
            Err(failure) => format!("!{failure}"),
        };
        lines += 1;
        let expected = unescaped(expected);
        if actual != expected {
            failures.push(format!("{number}: {line}\n    expected {expected}\n    but got  {actual}"));
        }
    }
    assert!(lines > 100, "{table} has only {lines} lines");
    let shown = failures.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(failures.is_empty(), "{} of {lines} lines of {table} differ\n{shown}", failures.len());
}

/// The code points that an escaped field stands for; surrogates are possible.
fn code_points(field: &str) -> Vec<u32> {
    let mut out = Vec::new();
    let mut rest = field;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        if character != '\\' {
            out.push(u32::from(character));
        } else if let Some(after) = rest.strip_prefix('\\') {
            out.push(u32::from('\\'));
            rest = after;
        } else {
            let (digits, after) = rest.strip_prefix("u{").and_then(|rest| rest.split_once('}')).expect("an escape");
            out.push(u32::from_str_radix(digits, 16).expect("hexadecimal digits"));
            rest = after;
        }
    }
    out
}

/// The text that an escaped field stands for; a surrogate keeps its escape.
fn unescaped(field: &str) -> String {
    let shown = |code| char::from_u32(code).map_or_else(|| format!("\\u{{{code:x}}}"), String::from);
    code_points(field).into_iter().map(shown).collect()
}

fn float(text: &str) -> f64 {
    text.parse().expect("a float")
}

fn int(text: &str) -> BigInt {
    text.parse().expect("an integer")
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(character).expect("a byte")).collect()
}

const LIMIT: DigitLimit = DigitLimit(4300);
