//! The literal forms of text and bytes: `repr`, `ascii`, and the escapes in them.

use std::iter::once;

use crate::unicode::is_printable;

/// `repr(text)`.
pub fn repr_str(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_repr_str(&mut out, text);
    out
}

/// Appends `repr(text)`.
pub fn write_repr_str(out: &mut String, text: &str) {
    if text.bytes().all(is_plain) {
        out.reserve(text.len() + 2);
        out.push('\'');
        out.push_str(text);
        out.push('\'');
        return;
    }
    write_repr_code_points(out, text.chars().map(u32::from));
}

/// Appends the repr of a string given as code points. Surrogates and other unprintable ones are escaped, so that the
/// result is proper text whatever goes in.
pub fn write_repr_code_points(out: &mut String, code_points: impl Iterator<Item = u32> + Clone) {
    write_quoted(out, code_points, |code| char::from_u32(code).filter(|_| is_printable(code)));
}

/// Appends `ascii(text)` for a string given as code points: the repr with everything but ASCII escaped.
pub fn write_ascii_code_points(out: &mut String, code_points: impl Iterator<Item = u32> + Clone) {
    write_quoted(out, code_points, |code| char::from_u32(code).filter(|c| matches!(c, ' '..='~')));
}

/// `ascii(text)`.
pub fn ascii_repr(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_ascii_code_points(&mut out, text.chars().map(u32::from));
    out
}

/// Appends a text that is already a repr with everything but ASCII escaped: `ascii(value)` from `repr(value)`.
pub fn write_ascii_escaped(out: &mut String, repr: &str) {
    for character in repr.chars() {
        if character.is_ascii() { out.push(character) } else { push_escape(out, u32::from(character)) }
    }
}

/// `repr(bytes)`: `b'...'`.
pub fn repr_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 3);
    write_repr_bytes(&mut out, bytes);
    out
}

/// Appends `repr(bytes)`.
pub fn write_repr_bytes(out: &mut String, bytes: &[u8]) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    out.push('b');
    write_bytes_between(out, bytes, quote, quote);
}

/// `repr(bytearray)`: `bytearray(b'...')`, whose content is escaped as in [`repr_bytes`], except that the quote that
/// is not used is escaped too where both occur.
pub fn repr_bytearray(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 14);
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    out.push_str("bytearray(b");
    write_bytes_between(&mut out, bytes, quote, '\'');
    out.push(')');
    out
}

/// Bytes that stand for themselves in a repr with single quotes.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'\'' && byte != b'\\'
}

fn write_quoted(out: &mut String, code_points: impl Iterator<Item = u32> + Clone, shown: impl Fn(u32) -> Option<char>) {
    let has = |wanted: char| code_points.clone().any(|code| code == u32::from(wanted));
    let quote = if has('\'') && !has('"') { '"' } else { '\'' };
    out.push(quote);
    for code in code_points {
        match shown(code) {
            Some(character) if character == quote || character == '\\' => out.extend(['\\', character]),
            Some(character) => out.push(character),
            None => push_escape(out, code),
        }
    }
    out.push(quote);
}

fn write_bytes_between(out: &mut String, bytes: &[u8], quote: char, escaped_quote: char) {
    out.push(quote);
    for &byte in bytes {
        let character = char::from(byte);
        match character {
            '\\' => out.push_str("\\\\"),
            _ if character == escaped_quote => out.extend(['\\', character]),
            ' '..='~' => out.push(character),
            _ => push_escape(out, u32::from(byte)),
        }
    }
    out.push(quote);
}

/// Appends the shortest escape of a code point.
fn push_escape(out: &mut String, code: u32) {
    let (letter, digits) = match code {
        0x09 => return out.push_str("\\t"),
        0x0a => return out.push_str("\\n"),
        0x0d => return out.push_str("\\r"),
        0..=0xff => ('x', 2),
        0x100..=0xffff => ('u', 4),
        _ => ('U', 8),
    };
    let hex = (0..digits).rev().map(|place| char::from_digit(code >> (4 * place) & 0xf, 16).unwrap_or('0'));
    out.extend(once('\\').chain(once(letter)).chain(hex));
}
