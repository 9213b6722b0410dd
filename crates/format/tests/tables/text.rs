//! Text: reprs, hashes, case mappings, character classes.

use toy_format::unicode::{self, *};
use toy_format::{
    ascii_repr, hash_bytes, hash_str, repr_bytes, repr_str, write_ascii_code_points, write_ascii_escaped,
    write_repr_bytearray, write_repr_code_points,
};

use crate::{Outcome, check, code_points, latin1};

#[test]
fn texts_agree() {
    check("text", |operation, arguments| {
        let text = arguments[0].as_str();
        Ok(match operation {
            "repr" => repr(text),
            "ascii" => ascii(text),
            "repr_bytes" => repr_bytes(&latin1(text)),
            "repr_bytearray" => {
                let mut out = String::new();
                write_repr_bytearray(&mut out, "bytearray", &latin1(text));
                out
            }
            "hash_str" => hash_str(text).to_string(),
            "hash_bytes" => hash_bytes(&latin1(text)).to_string(),
            "upper" => upper(text),
            "lower" => lower(text),
            "title" => title(text),
            "capitalize" => capitalize(text),
            "casefold" => casefold(text),
            "swapcase" => swapcase(text),
            "isupper" => shown(text_is_upper(text.chars().map(u32::from))),
            "islower" => shown(text_is_lower(text.chars().map(u32::from))),
            "istitle" => shown(text_is_title(text.chars().map(u32::from))),
            "isidentifier" => shown(is_identifier(text)),
            _ => panic!("unknown operation {operation}"),
        })
    });
}

/// Every character that Unicode 15.1 assigns.
#[test]
fn characters_agree() {
    check(
        "character",
        |operation, arguments| if operation == "classes" { classes(arguments) } else { mappings(arguments) },
    );
}

fn classes(arguments: &[String]) -> Outcome {
    let bound = |text: &str| u32::from_str_radix(text, 16).expect("a code point");
    let (first, last) = (bound(&arguments[0]), bound(&arguments[1]));
    let found: Vec<String> = (first..=last).map(classes_of).collect();
    // A run of equal classes is shown as one of them, and any exception with its code point.
    let exception = (first..=last).zip(&found).find(|(_, classes)| **classes != found[0]);
    Ok(exception.map_or_else(|| found[0].clone(), |(code, classes)| format!("{} but {code:x} {classes}", found[0])))
}

fn classes_of(code: u32) -> String {
    let character = char::from_u32(code);
    let starts_name = character.is_some_and(|character| is_identifier(&character.to_string()));
    let continues_name = character.is_some_and(|character| is_identifier(&format!("a{character}")));
    [
        is_alpha(code),
        is_decimal(code),
        is_digit(code),
        is_numeric(code),
        is_space(code),
        text_is_upper([code]),
        text_is_lower([code]),
        text_is_title([code]),
        is_printable(code),
        starts_name,
        continues_name,
        is_line_break(code),
    ]
    .map(|holds| if holds { 'X' } else { '.' })
    .iter()
    .collect()
}

fn mappings(arguments: &[String]) -> Outcome {
    let text = &arguments[0];
    let mapped = [unicode::upper(text), lower(text), title(text)];
    assert_eq!(mapped, arguments[1..4], "{text}");
    Ok(casefold(text))
}

fn repr(text: &str) -> String {
    let mut from_code_points = String::new();
    let codes = code_points_of(text);
    write_repr_code_points(&mut from_code_points, codes.iter().copied());
    if codes.iter().all(|&code| char::from_u32(code).is_some()) {
        assert_eq!(repr_str(text), from_code_points);
    }
    from_code_points
}

fn ascii(text: &str) -> String {
    let mut from_code_points = String::new();
    write_ascii_code_points(&mut from_code_points, code_points_of(text).into_iter());
    let mut from_repr = String::new();
    write_ascii_escaped(&mut from_repr, &repr(text));
    assert_eq!(from_repr, from_code_points);
    if !text.contains("\\u{d") {
        assert_eq!(ascii_repr(text), from_code_points);
    }
    from_code_points
}

/// The code points of a field in which surrogates are still escaped.
fn code_points_of(text: &str) -> Vec<u32> {
    let surrogate_escape = |rest: &str| rest.strip_prefix("\\u{d").is_some();
    let mut codes = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = if surrogate_escape(rest) { "\\u{d800}".len() } else { character.len_utf8() };
        if length > character.len_utf8() {
            codes.extend(code_points(&rest[..length]));
        } else {
            codes.push(u32::from(character));
        }
        rest = &rest[length..];
    }
    codes
}

fn shown(holds: bool) -> String {
    (if holds { "True" } else { "False" }).to_owned()
}
