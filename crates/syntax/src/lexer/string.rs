//! Where string literals end.

use toy_source::Diagnostic;

use super::{Lexer, Step};
use crate::token::Token;

/// The kind of quotes around a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quotes {
    /// `'` or `"`.
    pub(super) byte: u8,
    /// Whether there are three on each side.
    pub(super) triple: bool,
}

impl Quotes {
    /// The quotes whose first one ends at `end`, and where the text behind them starts.
    pub(super) fn open(text: &str, end: usize) -> (Self, usize) {
        let bytes = text.as_bytes();
        let byte = bytes[end - 1];
        let triple = bytes.get(end) == Some(&byte) && bytes.get(end + 1) == Some(&byte);
        (Self { byte, triple }, if triple { end + 2 } else { end })
    }

    /// How many quotes stand on each side.
    pub(super) fn width(self) -> usize {
        if self.triple { 3 } else { 1 }
    }

    /// Whether the closing quotes stand at `position`.
    pub(super) fn close_at(self, bytes: &[u8], position: usize) -> bool {
        let width = self.width();
        bytes.len() >= position + width && bytes[position..position + width].iter().all(|&byte| byte == self.byte)
    }
}

impl Lexer<'_> {
    /// A string whose opening quote (the first of three) ends at `end`.
    pub(super) fn string(&mut self, start: usize, end: usize) -> Step {
        let bytes = self.text.as_bytes();
        let (quotes, mut position) = Quotes::open(self.text, end);
        let mut escaped_quote = false;
        loop {
            match bytes.get(position) {
                None => break,
                Some(b'\n' | b'\r') if !quotes.triple => break,
                Some(b'\\') => {
                    escaped_quote |= bytes.get(position + 1) == Some(&quotes.byte);
                    let crlf = bytes[position + 1..].starts_with(b"\r\n");
                    position = (position + if crlf { 3 } else { 2 }).min(bytes.len());
                }
                Some(_) if quotes.close_at(bytes, position) => {
                    self.position = position + quotes.width();
                    self.push(Token::String, start, self.position);
                    return Ok(());
                }
                Some(_) => position += 1,
            }
        }
        Err(self.unterminated_string(start, position, quotes, escaped_quote))
    }

    fn unterminated_string(&self, start: usize, stop: usize, quotes: Quotes, escaped_quote: bool) -> Diagnostic {
        if self.fstrings.last().is_some_and(|fstring| fstring.quotes == quotes) {
            return self.fault(start, "f-string: expecting '}'");
        }
        let line = self.detection_line(stop);
        if quotes.triple {
            return self.fault(start, format!("unterminated triple-quoted string literal (detected at line {line})"));
        }
        let escape = if escaped_quote { "; perhaps you escaped the end quote?" } else { "" };
        self.fault(start, format!("unterminated string literal (detected at line {line}){escape}"))
    }

    /// The line on which the scanner notices that a string does not end.
    pub(super) fn detection_line(&self, stop: usize) -> u32 {
        let at_end = stop >= self.text.len() && self.text.ends_with('\n');
        self.line_of(if at_end { stop - 1 } else { stop })
    }
}
