//! The tokens around the place where the parser stopped.

use toy_source::{Diagnostic, Source, Span};

use crate::{lexer::SpannedToken, token::Token};

/// Where the parser stopped, and what is known of the brackets around it.
pub(super) struct Place<'a> {
    pub(super) source: &'a Source,
    pub(super) tokens: &'a [SpannedToken],
    /// The index of the token that the parser refused; past the last one at the end of the text.
    pub(super) failing: usize,
    /// What the parser would have taken, as the generated parser writes it.
    expected: &'a [String],
    /// For each bracket and each end of an f-string the index of its partner.
    partner: Vec<Option<usize>>,
    /// Which opening braces start replacement fields.
    is_field: Vec<bool>,
    /// The brackets and f-strings open at the failing token, outermost first.
    pub(super) open: Vec<usize>,
    /// The first token of the logical line.
    pub(super) line: usize,
}

impl<'a> Place<'a> {
    pub(super) fn new(source: &'a Source, tokens: &'a [SpannedToken], failing: usize, expected: &'a [String]) -> Self {
        let mut partner = vec![None; tokens.len()];
        let mut is_field = vec![false; tokens.len()];
        // Open brackets and f-strings, each with whether text rather than code is inside.
        let mut open: Vec<(usize, bool)> = Vec::new();
        let mut open_at_failing = None;
        for (index, &(token, _)) in tokens.iter().enumerate() {
            if index == failing {
                open_at_failing = Some(open.iter().map(|&(index, _)| index).collect());
            }
            if token == Token::FStringStart {
                open.push((index, true));
            } else if token.is_open() {
                let in_text = matches!(open.last(), Some((_, true)));
                is_field[index] = token == Token::LeftBrace && in_text;
                open.push((index, false));
            } else if token.is_close() || token == Token::FStringEnd {
                if let Some((start, _)) = open.pop() {
                    partner[start] = Some(index);
                    partner[index] = Some(start);
                }
            } else if token == Token::Colon
                && let Some((start, in_text)) = open.last_mut()
                && is_field[*start]
            {
                *in_text = true;
            }
        }
        let open = open_at_failing.unwrap_or_else(|| open.iter().map(|&(index, _)| index).collect());
        let before = &tokens[..failing.min(tokens.len())];
        let breaks = |&(token, _): &SpannedToken| matches!(token, Token::Newline | Token::Indent | Token::Dedent);
        let line = before.iter().rposition(breaks).map_or(0, |index| index + 1);
        Self { source, tokens, failing, expected, partner, is_field, open, line }
    }

    /// The token at an index; `Unknown` past the end.
    pub(super) fn token(&self, index: usize) -> Token {
        self.tokens.get(index).map_or(Token::Unknown, |&(token, _)| token)
    }

    /// The token before the failing one; `Newline` at the start of the text.
    pub(super) fn previous(&self) -> Token {
        self.failing.checked_sub(1).map_or(Token::Newline, |index| self.token(index))
    }

    /// The place of a token, or the end of the text.
    pub(super) fn span(&self, index: usize) -> Span {
        self.tokens.get(index).map_or_else(|| super::end_of_text(self.source.text()), |&(_, span)| span)
    }

    /// Whether nothing comes any more, but for blocks that end.
    pub(super) fn is_at_end(&self) -> bool {
        self.tokens.iter().skip(self.failing).all(|&(token, _)| token == Token::Dedent)
    }

    /// From the first of the tokens `start..end` to their last.
    pub(super) fn range(&self, start: usize, end: usize) -> Span {
        self.span(start).to(self.span(end.max(start + 1) - 1))
    }

    /// The text of a token.
    pub(super) fn word(&self, index: usize) -> &'a str {
        let span = self.span(index);
        self.source.text().get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The line of a token.
    pub(super) fn line_number(&self, index: usize) -> u32 {
        self.source.line_column(self.span(index).start).line
    }

    pub(super) fn partner(&self, index: usize) -> Option<usize> {
        self.partner.get(index).copied().flatten()
    }

    /// Whether the parser would have taken a terminal, written as in the grammar.
    pub(super) fn expects(&self, terminal: &str) -> bool {
        self.expected.iter().any(|expected| expected.trim_matches('"') == terminal)
    }

    /// The innermost bracket or f-string that is open at the failing token.
    pub(super) fn innermost(&self) -> Option<usize> {
        self.open.last().copied()
    }

    /// Whether an opening brace starts a replacement field.
    pub(super) fn is_field(&self, index: usize) -> bool {
        self.is_field.get(index).copied().unwrap_or(false)
    }

    /// The first token at the nesting of the failing one: behind the innermost open bracket, or of the line.
    pub(super) fn level_start(&self) -> usize {
        self.innermost().map_or(self.line, |open| open + 1)
    }

    /// The indices from `start` up to the failing token that are nested no deeper than it.
    pub(super) fn same_level(&self, start: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut index = start;
        while index < self.failing {
            found.push(index);
            let opens = self.token(index).is_open() || self.token(index) == Token::FStringStart;
            index = if opens { self.partner(index).unwrap_or(index) } else { index } + 1;
        }
        found
    }

    /// Whether an opening bracket belongs to a call or a subscript.
    pub(super) fn follows_operand(&self, open: usize) -> bool {
        open > 0 && ends_operand(self.token(open - 1))
    }

    /// Whether a parenthesis holds the parameters of a function.
    pub(super) fn holds_parameters(&self, open: usize) -> bool {
        if self.token(open) != Token::LeftParenthesis || open == 0 {
            return false;
        }
        let name = match self.token(open - 1) {
            Token::RightBracket => self.partner(open - 1).map_or(0, |bracket| bracket.saturating_sub(1)),
            _ => open - 1,
        };
        name > 0 && self.token(name - 1) == Token::Def
    }

    /// Whether a bracket holds the type parameters of a definition.
    pub(super) fn holds_type_parameters(&self, open: usize) -> bool {
        let keyword = open.checked_sub(2).map(|index| self.token(index));
        self.token(open) == Token::LeftBracket && matches!(keyword, Some(Token::Def | Token::Class | Token::Type))
    }

    /// Whether the failing token stands among the names of `from module import (…)`.
    pub(super) fn in_import(&self) -> bool {
        self.open.len() == 1
            && self.token(self.line) == Token::From
            && self.open[0] > 0
            && self.token(self.open[0] - 1) == Token::Import
    }

    pub(super) fn fault(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::syntax(span, message)
    }
}

/// Whether an operand may end with a token.
pub(super) fn ends_operand(token: Token) -> bool {
    use Token::*;
    matches!(
        token,
        Name | Number
            | String
            | FStringEnd
            | RightParenthesis
            | RightBracket
            | RightBrace
            | None
            | True
            | False
            | Ellipsis
    )
}
