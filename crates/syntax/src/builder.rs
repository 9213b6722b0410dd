//! What the grammar's actions call: nodes into the arenas, and complaints about shapes that the grammar lets through.
//!
//! Invariant: a method makes its node after its children, so an index is greater than those of all nodes below.
//! Invariant: a complaint does not stop the parse; the earliest one made is the one that CPython would raise.

mod arguments;
mod depth;
mod expressions;
mod fstrings;
mod numbers;
mod parameters;
mod patterns;
mod statements;
mod strings;

use std::ops::Range;

use toy_source::{Diagnostic, Source, Span};
use unicode_normalization::UnicodeNormalization;

use crate::{
    ast::{Ast, Block, Expression, ExpressionId, ExpressionKind, Identifier, Symbol},
    diagnose::end_of_text,
    lexer::SpannedToken,
    token::Token,
};

/// A piece of a string literal before decoding.
#[derive(Debug)]
pub(crate) enum StringPiece {
    /// A plain literal.
    Plain(Span),
    /// An f-string.
    FString { start: Span, pieces: Vec<FStringPiece> },
}

/// A piece of an f-string before decoding.
#[derive(Debug)]
pub(crate) enum FStringPiece {
    /// Text.
    Middle(Span),
    /// A replacement field.
    Field {
        value: ExpressionId,
        debug: Option<Span>,
        conversion: Option<crate::ast::Conversion>,
        spec: Option<Vec<FStringPiece>>,
    },
}

/// A parameter or one of the marks between parameters, in written order.
#[derive(Debug)]
pub(crate) enum ParameterItem {
    /// `name`, perhaps with annotation and default.
    Plain(crate::ast::Parameter),
    /// `*name`.
    Star(crate::ast::Parameter),
    /// `**name`.
    DoubleStar(crate::ast::Parameter),
    /// `/` at an offset.
    Slash(u32),
    /// `*` alone at an offset.
    BareStar(u32),
}

/// The state of building one tree.
#[derive(Debug)]
pub(crate) struct Builder<'s> {
    text: &'s str,
    tokens: &'s [SpannedToken],
    pub(crate) ast: Ast,
    pub(crate) faults: Vec<Diagnostic>,
}

impl<'s> Builder<'s> {
    /// A builder for the tokens of a text.
    pub(crate) fn new(source: &'s Source, tokens: &'s [SpannedToken]) -> Self {
        Self { text: source.text(), tokens, ast: Ast::default(), faults: Vec::new() }
    }

    /// The tokens that it was made for.
    pub(crate) fn tokens(&self) -> &'s [SpannedToken] {
        self.tokens
    }

    /// The module's statements are complete.
    pub(crate) fn program(&mut self, body: Block) {
        self.ast.body = body;
    }

    /// Turns the grammar's offsets into a span.
    ///
    /// Behind a part that is empty the grammar says where the next token starts; what is meant is where the last ended.
    pub(crate) fn span(&self, range: Range<u32>) -> Span {
        let Range { start, mut end } = range;
        let before = self.text.as_bytes().get((end as usize).wrapping_sub(1));
        if before.is_some_and(|byte| byte.is_ascii_whitespace()) && end > start {
            let next = self.tokens.partition_point(|(_, span)| span.start < end);
            end = self.tokens[..next].last().map_or(end, |(_, span)| span.end.min(end)).max(start);
        }
        Span { start, end }
    }

    /// Adds an expression.
    pub(crate) fn expression(&mut self, range: Range<u32>, kind: ExpressionKind) -> ExpressionId {
        let span = self.span(range);
        let depth = self.expression_depth(&kind);
        self.limit_depth(depth, span);
        let id = ExpressionId(self.ast.expressions.len() as u32);
        self.ast.expressions.push(Expression { span, depth, parenthesised: false, kind });
        id
    }

    /// Adds an expression whose span holds its parentheses.
    pub(crate) fn parenthesised(&mut self, range: Range<u32>, kind: ExpressionKind) -> ExpressionId {
        let id = self.expression(range, kind);
        self.ast.expressions[id.0 as usize].parenthesised = true;
        id
    }

    /// An identifier in its normal form.
    pub(crate) fn identifier(&mut self, range: Range<u32>) -> Identifier {
        let span = self.span(range);
        let text = self.slice(span);
        let symbol = if text.is_ascii() {
            self.ast.symbols.intern(text)
        } else {
            self.ast.symbols.intern(&text.nfkc().collect::<String>())
        };
        Identifier { symbol, span }
    }

    fn slice(&self, span: Span) -> &'s str {
        &self.text[span.start as usize..span.end as usize]
    }

    fn symbol_name(&self, symbol: Symbol) -> &str {
        self.ast.symbols.name(symbol)
    }

    fn kind(&self, id: ExpressionId) -> &ExpressionKind {
        &self.ast[id].kind
    }

    /// Records a complaint.
    pub(crate) fn fault(&mut self, span: Span, message: impl Into<String>) {
        self.faults.push(Diagnostic::syntax(span, message));
    }

    /// The first token of a span.
    pub(crate) fn first_token(&self, span: Span) -> Option<Token> {
        self.token_at(span.start)
    }

    /// The first token that starts at `offset` or behind it.
    fn token_from(&self, offset: u32) -> Option<SpannedToken> {
        let index = self.tokens.partition_point(|(_, span)| span.start < offset);
        self.tokens.get(index).copied()
    }

    /// The kind of the token that starts at `offset`.
    fn token_at(&self, offset: u32) -> Option<Token> {
        self.token_from(offset).filter(|(_, span)| span.start == offset).map(|(token, _)| token)
    }

    /// The first token from `offset` on that closes no parenthesis.
    pub(crate) fn behind_parentheses(&self, offset: u32) -> Span {
        let index = self.tokens.partition_point(|(_, span)| span.start < offset);
        let behind = self.tokens[index..].iter().find(|(token, _)| *token != Token::RightParenthesis);
        behind.map_or_else(|| end_of_text(self.text), |&(_, span)| span)
    }

    /// Where the token behind `offset` starts.
    pub(crate) fn start_behind(&self, offset: u32) -> u32 {
        self.place_from(offset).start
    }

    /// The place of the token at `offset` or behind it; past the last one, the place behind the text.
    fn place_from(&self, offset: u32) -> Span {
        let index = self.tokens.partition_point(|(_, span)| span.start < offset);
        let shown = self.tokens[index..].iter().find(|(_, span)| span.start < span.end);
        shown.map_or_else(|| end_of_text(self.text), |&(_, span)| span)
    }

    /// Whether nothing comes at `offset` or behind it, but for blocks that end.
    fn is_at_end(&self, offset: u32) -> bool {
        self.tokens.iter().rev().take_while(|(_, span)| span.start >= offset).all(|(token, _)| *token == Token::Dedent)
    }
}
