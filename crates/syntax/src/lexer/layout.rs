//! Indentation: lines to blocks.

use toy_source::{Diagnostic, DiagnosticKind, Span};

use super::{Lexer, Step};
use crate::token::Token;

/// As deep as blocks may nest.
const INDENTATION_LIMIT: usize = 100;

/// How far to a tab stop.
const TAB: usize = 8;

/// The width of a line's indentation, measured twice: a mixture of tabs and blanks is sound only if both measures
/// order the lines alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Indentation {
    /// With tabs to the next multiple of eight.
    column: usize,
    /// With tabs as wide as one blank.
    characters: usize,
}

impl Lexer<'_> {
    /// Measures the line's indentation; a line without code vanishes.
    pub(super) fn line_start(&mut self) -> Step {
        let line = self.position;
        let (width, end) = self.measure(line)?;
        self.position = end;
        match self.text.as_bytes().get(end) {
            None => return Ok(()),
            Some(b'#' | b'\n' | b'\r') => {
                let comment = self.text[end..].find(['\n', '\r']).unwrap_or(self.text.len() - end);
                let rest = &self.text[end + comment..];
                let line_end = if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
                self.position = end + comment + line_end;
                return Ok(());
            }
            Some(_) => {}
        }
        self.at_line_start = false;
        let current = self.current();
        if width.column > current.column {
            if self.indentation.len() >= INDENTATION_LIMIT {
                return Err(self.indentation_fault(line, "too many levels of indentation"));
            }
            if width.characters <= current.characters {
                return Err(self.tab_fault(line));
            }
            self.indentation.push(width);
            self.push(Token::Indent, end, end);
            return Ok(());
        }
        if self.indentation.iter().all(|outer| outer.column != width.column) {
            let line_end = self.text[end..].find(['\n', '\r']).map_or(self.text.len(), |length| end + length);
            return Err(self.indentation_fault(line_end, "unindent does not match any outer indentation level"));
        }
        while width.column < self.current().column {
            self.indentation.pop();
            self.push(Token::Dedent, end, end);
        }
        if width.characters != self.current().characters {
            return Err(self.tab_fault(line));
        }
        Ok(())
    }

    /// Ends the last line and all blocks.
    pub(super) fn finish(&mut self) -> Step {
        if let Some(fstring) = self.fstrings.last().filter(|fstring| fstring.in_text()) {
            return Err(self.unterminated_fstring(fstring, self.text.len()));
        }
        if !self.brackets.is_empty() {
            return Ok(());
        }
        let end = self.text.len();
        if !self.at_line_start && !self.tokens.is_empty() {
            self.push_newline(end, end + 1);
        }
        // CPython places what follows the last line under that line's end.
        let last = if self.text.ends_with('\n') { end - 1 } else { end };
        while self.indentation.len() > 1 {
            self.indentation.pop();
            self.push(Token::Dedent, last, last + 1);
        }
        Ok(())
    }

    fn current(&self) -> Indentation {
        self.indentation.last().copied().unwrap_or_default()
    }

    /// The width of the blanks from `position` and where they end. A backslash among them joins the next line, whose
    /// blanks do not count.
    fn measure(&mut self, position: usize) -> Result<(Indentation, usize), Diagnostic> {
        let mut width = Indentation::default();
        let mut joined: Option<Indentation> = None;
        let mut end = position;
        loop {
            match self.text.as_bytes().get(end) {
                Some(b' ') => {
                    width.column += 1;
                    width.characters += 1;
                }
                Some(b'\t') => {
                    width.column = (width.column / TAB + 1) * TAB;
                    width.characters += 1;
                }
                Some(b'\x0c') => width = Indentation::default(),
                Some(b'\\') => {
                    joined.get_or_insert(width);
                    self.continuation(end + 1)?;
                    end = self.position;
                    continue;
                }
                _ => return Ok((joined.filter(|width| width.column > 0).unwrap_or(width), end)),
            }
            end += 1;
        }
    }

    fn indentation_fault(&mut self, position: usize, message: &str) -> Diagnostic {
        self.is_quiet = true;
        Diagnostic::new(DiagnosticKind::Indentation, Span::new(position, position + 1), message)
    }

    fn tab_fault(&mut self, line: usize) -> Diagnostic {
        self.is_quiet = true;
        let message = "inconsistent use of tabs and spaces in indentation";
        Diagnostic::new(DiagnosticKind::Tab, Span::new(line, line + 1), message)
    }
}
