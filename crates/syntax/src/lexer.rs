//! Text to tokens with layout.
//!
//! One pass knows everything that decides what a character means: the open brackets (a line end inside them is a
//! blank), the open f-strings (their text is no code), and the indentation of the enclosing blocks.
//!
//! Invariant: on success brackets are balanced, every `Indent` has its `Dedent`, and spans ascend.
//! Invariant: `Indent` and `Dedent` have empty spans at the end of the line's indentation.

mod character;
mod fstring;
mod layout;
mod number;
mod soft;
mod string;

use logos::Logos;
use toy_source::{Diagnostic, Source, Span};

use self::{fstring::FString, layout::Indentation};
use crate::token::Token;

/// As deep as brackets may nest.
const BRACKET_LIMIT: usize = 200;

/// A token with its place.
pub type SpannedToken = (Token, Span);

/// What the lexer found: tokens up to the end or the first fault.
#[derive(Debug)]
pub(crate) struct Lexed {
    /// The tokens, soft keywords decided.
    pub(crate) tokens: Vec<SpannedToken>,
    /// Why it stopped before the end.
    pub(crate) fault: Option<Diagnostic>,
    /// Whether CPython reports that fault only if its parser gets there.
    pub(crate) is_quiet: bool,
    /// The innermost bracket that is still open at the end of the text.
    pub(crate) unclosed: Option<Bracket>,
}

/// An open bracket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bracket {
    /// The character.
    pub(crate) open: char,
    /// Where it stands.
    pub(crate) position: usize,
}

impl Bracket {
    /// CPython's complaint about a bracket that nothing closes.
    pub(crate) fn never_closed(self) -> Diagnostic {
        let span = Span::new(self.position, self.position + 1);
        Diagnostic::syntax(span, format!("'{}' was never closed", self.open))
    }
}

/// Splits a text into tokens.
pub(crate) fn lex(source: &Source) -> Lexed {
    let mut lexer = Lexer {
        source,
        text: source.text(),
        position: 0,
        at_line_start: true,
        tokens: Vec::new(),
        brackets: Vec::new(),
        indentation: vec![Indentation::default()],
        fstrings: Vec::new(),
        is_quiet: false,
    };
    let fault = lexer.run().err();
    let unclosed = lexer.brackets.last().copied();
    let is_quiet = lexer.is_quiet || !lexer.fstrings.is_empty();
    let mut tokens = lexer.tokens;
    soft::decide(source.text(), &mut tokens);
    Lexed { tokens, fault, is_quiet, unclosed }
}

type Step = Result<(), Diagnostic>;

struct Lexer<'s> {
    source: &'s Source,
    text: &'s str,
    position: usize,
    at_line_start: bool,
    tokens: Vec<SpannedToken>,
    brackets: Vec<Bracket>,
    indentation: Vec<Indentation>,
    fstrings: Vec<FString>,
    is_quiet: bool,
}

impl Lexer<'_> {
    fn run(&mut self) -> Step {
        while self.position < self.text.len() {
            if self.fstrings.last().is_some_and(FString::in_text) {
                self.fstring_text()?;
            } else if self.at_line_start {
                self.line_start()?;
            } else {
                self.code()?;
            }
        }
        self.finish()
    }

    /// One token of code, blanks before it included.
    fn code(&mut self) -> Step {
        let mut lexer = Token::lexer(&self.text[self.position..]);
        let found = lexer.next();
        let start = self.position + lexer.span().start;
        let end = self.position + lexer.span().end;
        self.position = end;
        match found {
            None => Ok(()),
            Some(Err(())) => Err(self.strange_character(start)),
            Some(Ok(token)) => self.token(token, start, end),
        }
    }

    fn token(&mut self, token: Token, start: usize, end: usize) -> Step {
        match token {
            Token::Name => self.check_name(start, end)?,
            Token::Number => return self.number(start),
            Token::String => return self.string(start, end),
            Token::FStringStart => return self.fstring_start(start, end),
            Token::Backslash => return self.continuation(end),
            Token::Newline if !self.brackets.is_empty() => return Ok(()),
            Token::Newline => {
                self.at_line_start = true;
                self.push_newline(start, end);
                return Ok(());
            }
            Token::LeftParenthesis | Token::LeftBracket | Token::LeftBrace => self.open(start)?,
            Token::RightParenthesis | Token::RightBracket | Token::RightBrace => self.close(start)?,
            Token::Colon | Token::ColonEqual if self.at_format_specification() => {
                self.position = start + 1;
                self.push(Token::Colon, start, start + 1);
                return Ok(());
            }
            _ => {}
        }
        self.push(token, start, end);
        Ok(())
    }

    fn push(&mut self, token: Token, start: usize, end: usize) {
        self.tokens.push((token, Span::new(start, end)));
    }

    /// A line end; like CPython's, its token holds the comment before it.
    fn push_newline(&mut self, start: usize, end: usize) {
        let last = self.tokens.last().map_or(0, |(_, span)| span.end as usize);
        let comment = self.text.get(last..start).and_then(|blank| blank.find('#'));
        self.push(Token::Newline, comment.map_or(start, |offset| last + offset), end);
    }

    /// The character at a byte offset.
    fn char_at(&self, position: usize) -> Option<char> {
        self.text[position..].chars().next()
    }

    /// A fault whose caret stands under the character at `position`.
    fn fault(&self, position: usize, message: impl Into<String>) -> Diagnostic {
        let width = self.char_at(position).map_or(1, char::len_utf8);
        Diagnostic::syntax(Span::new(position, position + width), message)
    }

    /// A fault whose caret stands under the character before `position`, where CPython's scanner had arrived.
    fn fault_before(&self, position: usize, message: impl Into<String>) -> Diagnostic {
        let width = self.text[..position].chars().next_back().map_or(0, char::len_utf8);
        Diagnostic::syntax(Span::new(position - width, position), message)
    }

    /// The number of the line that holds a byte.
    fn line_of(&self, position: usize) -> u32 {
        self.source.line_column(position as u32).line
    }

    fn open(&mut self, position: usize) -> Step {
        if self.brackets.len() >= BRACKET_LIMIT {
            return Err(self.fault(position, "too many nested parentheses"));
        }
        let open = self.text.as_bytes()[position] as char;
        self.brackets.push(Bracket { open, position });
        Ok(())
    }

    fn close(&mut self, position: usize) -> Step {
        let close = self.text.as_bytes()[position] as char;
        let in_field = self.at_field_depth();
        let Some(bracket) = self.brackets.last().copied() else {
            return Err(self.fault(position, format!("unmatched '{close}'")));
        };
        let open = bracket.open;
        if !matches!((open, close), ('(', ')') | ('[', ']') | ('{', '}')) {
            if in_field {
                return Err(self.fault(position, format!("f-string: unmatched '{close}'")));
            }
            let message = format!("closing parenthesis '{close}' does not match opening parenthesis '{open}'");
            let line = self.line_of(bracket.position);
            let elsewhere = if line == self.line_of(position) { String::new() } else { format!(" on line {line}") };
            return Err(self.fault(position, message + &elsewhere));
        }
        self.brackets.pop();
        if in_field {
            self.end_field();
        }
        Ok(())
    }

    /// Behind a backslash outside strings.
    fn continuation(&mut self, end: usize) -> Step {
        let rest = &self.text[end..];
        let line_end = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with(['\n', '\r'])) };
        if line_end == 0 && !rest.is_empty() {
            self.is_quiet = true;
            return Err(self.fault(end, "unexpected character after line continuation character"));
        }
        if rest.len() == line_end {
            if let Some(bracket) = self.brackets.last() {
                return Err(bracket.never_closed());
            }
            self.is_quiet = true;
            return Err(self.fault(end, "unexpected EOF while parsing").at_end(line_end > 0));
        }
        self.position = end + line_end;
        Ok(())
    }
}
