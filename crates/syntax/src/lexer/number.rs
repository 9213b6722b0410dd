//! Numbers and CPython's complaints about them.

use toy_source::{Diagnostic, Span};

use super::{Lexer, Step};
use crate::token::Token;

impl Lexer<'_> {
    /// The number that starts at `start`.
    pub(super) fn number(&mut self, start: usize) -> Step {
        let bytes = self.text.as_bytes();
        let mut scan = Scan { bytes, position: start, start };
        let end = scan.number().map_err(|fault| match fault {
            Fault::Before(position, message) => self.fault_before(position, message),
            Fault::Range(span, message) => Diagnostic::syntax(span, message),
        })?;
        self.position = end;
        self.push(Token::Number, start, end);
        Ok(())
    }
}

enum Fault {
    /// The caret belongs under the character before this position.
    Before(usize, String),
    /// The carets belong under these characters.
    Range(Span, String),
}

struct Scan<'s> {
    bytes: &'s [u8],
    position: usize,
    start: usize,
}

impl Scan<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.position).copied().unwrap_or(0)
    }

    fn invalid<T>(&self, kind: &str) -> Result<T, Fault> {
        Err(Fault::Before(self.position, format!("invalid {kind} literal")))
    }

    /// The position behind the number.
    fn number(&mut self) -> Result<usize, Fault> {
        if self.peek() == b'0' {
            self.position += 1;
            match self.peek() {
                b'x' | b'X' => return self.based(16, "hexadecimal"),
                b'o' | b'O' => return self.based(8, "octal"),
                b'b' | b'B' => return self.based(2, "binary"),
                _ => return self.after_zero(),
            }
        }
        if self.peek() != b'.' {
            self.digits()?;
        }
        self.fraction()
    }

    /// Digits of another base, behind the letter that names it.
    fn based(&mut self, base: u32, kind: &str) -> Result<usize, Fault> {
        self.position += 1;
        loop {
            if self.peek() == b'_' {
                self.position += 1;
            }
            if !char::from(self.peek()).is_digit(base) {
                return self.wrong_digit(kind).and_then(|()| self.invalid(kind));
            }
            while char::from(self.peek()).is_digit(base) {
                self.position += 1;
            }
            if self.peek() != b'_' {
                break;
            }
        }
        self.wrong_digit(kind)?;
        self.end(kind)
    }

    fn wrong_digit(&self, kind: &str) -> Result<(), Fault> {
        let digit = self.peek();
        if digit.is_ascii_digit() {
            let message = format!("invalid digit '{}' in {kind} literal", char::from(digit));
            return Err(Fault::Before(self.position + 1, message));
        }
        Ok(())
    }

    /// Behind a leading `0`: only more zeros, unless it becomes a float.
    fn after_zero(&mut self) -> Result<usize, Fault> {
        loop {
            if self.peek() == b'_' {
                self.position += 1;
                if !self.peek().is_ascii_digit() {
                    return self.invalid("decimal");
                }
            }
            if self.peek() != b'0' {
                break;
            }
            self.position += 1;
        }
        let zeros = self.position;
        if self.peek().is_ascii_digit() {
            self.digits()?;
            if !matches!(self.peek(), b'.' | b'e' | b'E' | b'j' | b'J') {
                let message = "leading zeros in decimal integer literals are not permitted; \
                               use an 0o prefix for octal integers";
                return Err(Fault::Range(Span::new(self.start, zeros), message.to_owned()));
            }
        }
        self.fraction()
    }

    /// Decimal digits with single underscores between them.
    fn digits(&mut self) -> Result<(), Fault> {
        loop {
            while self.peek().is_ascii_digit() {
                self.position += 1;
            }
            if self.peek() != b'_' {
                return Ok(());
            }
            self.position += 1;
            if !self.peek().is_ascii_digit() {
                return self.invalid("decimal");
            }
        }
    }

    /// Point, exponent, imaginary unit: each may be missing.
    fn fraction(&mut self) -> Result<usize, Fault> {
        if self.peek() == b'.' {
            self.position += 1;
            if self.peek().is_ascii_digit() {
                self.digits()?;
            }
        }
        if matches!(self.peek(), b'e' | b'E') {
            let mantissa = self.position;
            self.position += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.position += 1;
                if !self.peek().is_ascii_digit() {
                    return self.invalid("decimal");
                }
            }
            if !self.peek().is_ascii_digit() {
                // Perhaps a keyword: `1else`.
                self.position = mantissa;
                return self.end("decimal");
            }
            self.digits()?;
        }
        if matches!(self.peek(), b'j' | b'J') {
            self.position += 1;
            return self.end("imaginary");
        }
        self.end("decimal")
    }

    /// A number may touch a keyword (`1if x else 2`), but no other word.
    fn end(&self, kind: &str) -> Result<usize, Fault> {
        let next = self.peek();
        if !(next.is_ascii_alphanumeric() || next == b'_') {
            return Ok(self.position);
        }
        let rest = &self.bytes[self.position..];
        let keywords: [&[u8]; 7] = [b"and", b"else", b"for", b"if", b"in", b"is", b"or"];
        if keywords.iter().any(|keyword| rest.starts_with(keyword)) || rest.starts_with(b"not") {
            return Ok(self.position);
        }
        self.invalid(kind)
    }
}
