//! F-strings inline (PEP 701): text and replacement fields as tokens of one stream.
//!
//! | innermost field       | what the next characters are         |
//! |-----------------------|--------------------------------------|
//! | none                  | text up to `{`, `}}` or the quotes   |
//! | in its expression     | code; `:` at its depth starts a spec |
//! | in its specification  | text up to `{`, `}` or the quotes    |

use toy_source::Diagnostic;

use super::{Bracket, Lexer, Step, string::Quotes};
use crate::token::Token;

/// As deep as fields may nest through specifications.
const FIELD_LIMIT: usize = 3;
/// As deep as f-strings may nest through fields.
const FSTRING_LIMIT: usize = 150;

/// An open f-string.
#[derive(Debug)]
pub(super) struct FString {
    pub(super) quotes: Quotes,
    is_raw: bool,
    start: usize,
    fields: Vec<Field>,
}

/// An open replacement field.
#[derive(Debug)]
struct Field {
    /// How many brackets are open inside it, its own brace included.
    depth: usize,
    in_specification: bool,
}

impl FString {
    /// Whether the next characters are text rather than code.
    pub(super) fn in_text(&self) -> bool {
        self.fields.last().is_none_or(|field| field.in_specification)
    }
}

impl Lexer<'_> {
    /// An f-string whose opening quote (the first of three) ends at `end`.
    pub(super) fn fstring_start(&mut self, start: usize, end: usize) -> Step {
        if self.fstrings.len() + 1 >= FSTRING_LIMIT {
            return Err(self.fault(start, "too many nested f-strings"));
        }
        let (quotes, text) = Quotes::open(self.text, end);
        let is_raw = self.text[start..end].contains(['r', 'R']);
        self.fstrings.push(FString { quotes, is_raw, start, fields: Vec::new() });
        self.position = text;
        self.push(Token::FStringStart, start, text);
        Ok(())
    }

    /// Text up to the next field or the end of the f-string or specification.
    pub(super) fn fstring_text(&mut self) -> Step {
        let Some(fstring) = self.fstrings.last() else { return Ok(()) };
        let (quotes, is_raw, in_field) = (fstring.quotes, fstring.is_raw, !fstring.fields.is_empty());
        let bytes = self.text.as_bytes();
        let start = self.position;
        let mut position = start;
        loop {
            match bytes.get(position) {
                None => return Err(self.unterminated_fstring(fstring, position)),
                Some(b'\n' | b'\r') if !quotes.triple => {
                    if !in_field {
                        return Err(self.unterminated_fstring(fstring, position));
                    }
                    // CPython lets a line end close the specification; only the brace may follow.
                    self.middle(start, position);
                    self.set_specification(false);
                    return Ok(());
                }
                Some(_) if quotes.close_at(bytes, position) => {
                    self.middle(start, position);
                    self.position = position + quotes.width();
                    self.push(Token::FStringEnd, position, self.position);
                    self.fstrings.pop();
                    return Ok(());
                }
                Some(b'{') if bytes.get(position + 1) == Some(&b'{') && !in_field => position += 2,
                Some(b'{') => return self.field(start, position),
                Some(b'}') if in_field => {
                    self.middle(start, position);
                    self.push(Token::RightBrace, position, position + 1);
                    self.position = position + 1;
                    self.brackets.pop();
                    self.end_field();
                    return Ok(());
                }
                Some(b'}') if bytes.get(position + 1) == Some(&b'}') => position += 2,
                Some(b'}') => return Err(self.fault(position, "f-string: single '}' is not allowed")),
                Some(b'\\') => position = self.fstring_escape(position, is_raw),
                Some(_) => position += 1,
            }
        }
    }

    /// Behind a backslash and what it escapes. A brace is never escaped.
    fn fstring_escape(&self, position: usize, is_raw: bool) -> usize {
        let bytes = self.text.as_bytes();
        match bytes.get(position + 1) {
            None | Some(b'{' | b'}') => position + 1,
            Some(b'N') if !is_raw && bytes.get(position + 2) == Some(&b'{') => {
                let name = bytes[position + 3..].iter().position(|byte| matches!(byte, b'}' | b'\n' | b'\'' | b'"'));
                match name.map(|length| position + 3 + length) {
                    Some(end) if bytes[end] == b'}' => end + 1,
                    Some(end) => end,
                    None => bytes.len(),
                }
            }
            Some(b'\r') if bytes.get(position + 2) == Some(&b'\n') => position + 3,
            Some(_) => position + 2,
        }
    }

    /// Opens a field at the brace at `position`, behind text from `start`.
    fn field(&mut self, start: usize, position: usize) -> Step {
        if self.fstrings.last().is_some_and(|fstring| fstring.fields.len() >= FIELD_LIMIT) {
            return Err(self.fault_before(position, "f-string: expressions nested too deeply"));
        }
        self.middle(start, position);
        if self.brackets.len() >= super::BRACKET_LIMIT {
            return Err(self.fault(position, "too many nested parentheses"));
        }
        self.brackets.push(Bracket { open: '{', position });
        let depth = self.brackets.len();
        if let Some(fstring) = self.fstrings.last_mut() {
            fstring.fields.push(Field { depth, in_specification: false });
        }
        self.position = position + 1;
        self.push(Token::LeftBrace, position, position + 1);
        Ok(())
    }

    fn middle(&mut self, start: usize, end: usize) {
        if start < end {
            self.push(Token::FStringMiddle, start, end);
        }
        self.position = end;
    }

    fn set_specification(&mut self, value: bool) {
        if let Some(field) = self.fstrings.last_mut().and_then(|fstring| fstring.fields.last_mut()) {
            field.in_specification = value;
        }
    }

    /// Whether the innermost open bracket is the brace of the innermost field.
    pub(super) fn at_field_depth(&self) -> bool {
        let field = self.fstrings.last().and_then(|fstring| fstring.fields.last());
        field.is_some_and(|field| field.depth == self.brackets.len())
    }

    /// Whether a colon here starts a specification; if so, the text behind it is one.
    pub(super) fn at_format_specification(&mut self) -> bool {
        let here = self.at_field_depth();
        if here {
            self.set_specification(true);
        }
        here
    }

    /// The innermost field is closed.
    pub(super) fn end_field(&mut self) {
        if let Some(fstring) = self.fstrings.last_mut() {
            fstring.fields.pop();
        }
    }

    pub(super) fn unterminated_fstring(&self, fstring: &FString, stop: usize) -> Diagnostic {
        let line = self.detection_line(stop);
        let kind = if fstring.quotes.triple { "triple-quoted " } else { "" };
        self.fault(fstring.start, format!("unterminated {kind}f-string literal (detected at line {line})"))
    }
}
