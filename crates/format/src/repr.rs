//! The literal forms of text and bytes: `repr`, `ascii`, and the escapes in them.

use std::fmt::Write;
use std::iter::once;

use crate::unicode::is_printable;

/// What text is appended to. A sink that runs out of room notes that itself.
pub trait Sink {
    /// Appends a character.
    fn put(&mut self, character: char);

    /// Appends text.
    fn put_str(&mut self, text: &str);
}

impl<W: Write> Sink for W {
    fn put(&mut self, character: char) {
        let _ = self.write_char(character);
    }

    fn put_str(&mut self, text: &str) {
        let _ = self.write_str(text);
    }
}

/// `repr(text)`.
pub fn repr_str(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_repr_str(&mut out, text);
    out
}

/// Appends `repr(text)`.
pub fn write_repr_str(out: &mut impl Sink, text: &str) {
    if text.bytes().all(is_plain) {
        out.put('\'');
        out.put_str(text);
        out.put('\'');
        return;
    }
    write_repr_code_points(out, text.chars().map(u32::from));
}

/// Appends the repr of a string given as code points. Surrogates and other unprintable ones are escaped, so that the
/// result is proper text whatever goes in.
pub fn write_repr_code_points(out: &mut impl Sink, code_points: impl Iterator<Item = u32> + Clone) {
    write_quoted(out, code_points, |code| char::from_u32(code).filter(|_| is_printable(code)));
}

/// Appends `ascii(text)` for a string given as code points: the repr with everything but ASCII escaped.
pub fn write_ascii_code_points(out: &mut impl Sink, code_points: impl Iterator<Item = u32> + Clone) {
    write_quoted(out, code_points, |code| char::from_u32(code).filter(|c| matches!(c, ' '..='~')));
}

/// `ascii(text)`.
pub fn ascii_repr(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_ascii_code_points(&mut out, text.chars().map(u32::from));
    out
}

/// Appends a text that is already a repr with everything but ASCII escaped: `ascii(value)` from `repr(value)`.
pub fn write_ascii_escaped(out: &mut impl Sink, repr: &str) {
    for character in repr.chars() {
        if character.is_ascii() { out.put(character) } else { push_escape(out, u32::from(character)) }
    }
}

/// `repr(bytes)`: `b'...'`.
pub fn repr_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 3);
    write_repr_bytes(&mut out, bytes);
    out
}

/// Appends `repr(bytes)`.
pub fn write_repr_bytes(out: &mut impl Sink, bytes: &[u8]) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    out.put('b');
    write_bytes_between(out, bytes, quote, quote);
}

/// Appends `repr(bytearray)`: `bytearray(b'...')`, with the name of a subclass for its instances, whose content is escaped as in [`repr_bytes`], except that the quote
/// that is not used is escaped too where both occur.
pub fn write_repr_bytearray(out: &mut impl Sink, class: &str, bytes: &[u8]) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    out.put_str(class);
    out.put_str("(b");
    write_bytes_between(out, bytes, quote, '\'');
    out.put(')');
}

/// Bytes that stand for themselves in a repr with single quotes.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'\'' && byte != b'\\'
}

fn write_quoted(
    out: &mut impl Sink,
    code_points: impl Iterator<Item = u32> + Clone,
    shown: impl Fn(u32) -> Option<char>,
) {
    let has = |wanted: char| code_points.clone().any(|code| code == u32::from(wanted));
    let quote = if has('\'') && !has('"') { '"' } else { '\'' };
    out.put(quote);
    for code in code_points {
        match shown(code) {
            Some(character) if character == quote || character == '\\' => put_all(out, ['\\', character]),
            Some(character) => out.put(character),
            None => push_escape(out, code),
        }
    }
    out.put(quote);
}

fn write_bytes_between(out: &mut impl Sink, bytes: &[u8], quote: char, escaped_quote: char) {
    out.put(quote);
    for &byte in bytes {
        let character = char::from(byte);
        match character {
            '\\' => out.put_str("\\\\"),
            _ if character == escaped_quote => put_all(out, ['\\', character]),
            ' '..='~' => out.put(character),
            _ => push_escape(out, u32::from(byte)),
        }
    }
    out.put(quote);
}

/// Appends the shortest escape of a code point.
fn push_escape(out: &mut impl Sink, code: u32) {
    let (letter, digits) = match code {
        0x09 => return out.put_str("\\t"),
        0x0a => return out.put_str("\\n"),
        0x0d => return out.put_str("\\r"),
        0..=0xff => ('x', 2),
        0x100..=0xffff => ('u', 4),
        _ => ('U', 8),
    };
    let hex = (0..digits).rev().map(|place| char::from_digit(code >> (4 * place) & 0xf, 16).unwrap_or('0'));
    put_all(out, once('\\').chain(once(letter)).chain(hex));
}

fn put_all(out: &mut impl Sink, characters: impl IntoIterator<Item = char>) {
    characters.into_iter().for_each(|character| out.put(character));
}
