//! From text to tree.

use std::cell::Cell;

use lalrpop_util::ParseError;
use toy_source::{Diagnostic, Source};

use crate::{
    ast::Ast,
    builder::Builder,
    check, diagnose,
    lexer::{self, Bracket, Lexed, SpannedToken},
};

#[expect(clippy::all, clippy::allow_attributes_without_reason, unreachable_pub, reason = "generated")]
mod grammar {
    include!(concat!(env!("OUT_DIR"), "/toy.rs"));
}

/// The tokens of a text.
///
/// # Errors
/// The first thing in the text that is no token or breaks the layout.
pub fn tokens(source: &Source) -> Result<Vec<SpannedToken>, Diagnostic> {
    let lexed = lexer::lex(source);
    match (lexed.fault, lexed.unclosed) {
        (Some(fault), _) => Err(fault),
        (None, Some(bracket)) => Err(bracket.never_closed()),
        (None, None) => Ok(lexed.tokens),
    }
}

/// The tree of a text.
///
/// # Errors
/// The fault that CPython would raise.
pub fn parse(source: &Source) -> Result<Ast, Diagnostic> {
    let lexed = lexer::lex(source);
    let mut builder = Builder::new(source, &lexed.tokens);
    let refusal = run(&mut builder);
    let mut ast = outcome(source, &lexed, builder, refusal).map_err(|mut faults| faults.swap_remove(0))?;
    if let Some(fault) = check::check(&ast).into_iter().next() {
        return Err(fault);
    }
    ast.warnings.sort_by_key(|warning| warning.span.start);
    let doubts = check::doubts(&ast);
    ast.warnings.extend(doubts);
    Ok(ast)
}

/// Everything that is found wrong with a text: what [`parse`] would answer comes first. Nothing if it is sound.
pub fn diagnostics(source: &Source) -> Vec<Diagnostic> {
    let lexed = lexer::lex(source);
    let mut builder = Builder::new(source, &lexed.tokens);
    let refusal = run(&mut builder);
    match outcome(source, &lexed, builder, refusal) {
        Ok(ast) => check::check(&ast),
        Err(faults) => faults,
    }
}

/// A token that the parser could not take.
struct Refusal {
    /// Its index; past the last one at the end.
    index: usize,
    /// What it would have taken, in the words of the generated parser.
    expected: Vec<String>,
}

fn run(builder: &mut Builder<'_>) -> Option<Refusal> {
    let taken = Cell::new(0);
    let tokens = builder.tokens();
    let spanned = tokens.iter().map(|&(token, span)| {
        taken.set(taken.get() + 1);
        Ok((span.start, token, span.end))
    });
    let result = grammar::ProgramParser::new().parse(builder, spanned);
    match result {
        Ok(()) => None,
        Err(ParseError::UnrecognizedToken { expected, .. }) => Some(Refusal { index: taken.get() - 1, expected }),
        Err(ParseError::UnrecognizedEof { expected, .. }) => Some(Refusal { index: tokens.len(), expected }),
        Err(ParseError::ExtraToken { .. } | ParseError::InvalidToken { .. } | ParseError::User { .. }) => {
            Some(Refusal { index: taken.get().saturating_sub(1), expected: Vec::new() })
        }
    }
}

/// Which of the faults of lexer, builder and parser is CPython's.
///
/// CPython reads a text to its end before it reports what the parser refused, so most faults of the lexer come first.
fn outcome(
    source: &Source,
    lexed: &Lexed,
    mut builder: Builder<'_>,
    refusal: Option<Refusal>,
) -> Result<Ast, Vec<Diagnostic>> {
    let at_end = refusal.as_ref().is_some_and(|refusal| refusal.index >= lexed.tokens.len());
    if let (Some(fault), true) = (&lexed.fault, builder.faults.is_empty() && (at_end || refusal.is_none())) {
        return Err(vec![fault.clone()]);
    }
    if let (Some(bracket), true) = (lexed.unclosed, at_end && lexed.fault.is_none()) {
        return Err(vec![bracket.never_closed()]);
    }
    let refused = refusal.as_ref().and_then(|refusal| lexed.tokens.get(refusal.index)).copied();
    if builder.faults.is_empty() {
        let Some(refusal) = refusal else { return Ok(builder.ast) };
        let end = lexed.fault.clone().or_else(|| lexed.unclosed.map(Bracket::never_closed));
        let fault = diagnose::diagnose(source, &lexed.tokens, refusal.index, &refusal.expected, end);
        builder.faults.push(fault);
    }
    let fault = &builder.faults[0];
    if diagnose::ends_reading(fault) {
        return Err(builder.faults);
    }
    if let (Some(loud), false) = (&lexed.fault, lexed.is_quiet) {
        return Err(vec![loud.clone()]);
    }
    if let Some(bracket) = lexed.unclosed {
        let line = |offset: usize| source.line_column(offset as u32).line;
        let refused = refused.map_or(fault.span.start, |(_, span)| span.start);
        if line(bracket.position) < line(refused as usize) {
            return Err(vec![bracket.never_closed()]);
        }
    }
    Err(builder.faults)
}

/// Whether the parser takes all of some tokens and only misses more.
pub(crate) fn wants_more(source: &Source, tokens: &[SpannedToken]) -> bool {
    run(&mut Builder::new(source, tokens)).is_some_and(|refusal| refusal.index >= tokens.len())
}

/// The builder's first complaint about some tokens of a text.
pub(crate) fn first_fault(source: &Source, tokens: &[SpannedToken]) -> Option<Diagnostic> {
    let mut builder = Builder::new(source, tokens);
    run(&mut builder);
    builder.faults.into_iter().next()
}

/// Whether some tokens are a text that the parser takes and that the builder has nothing against.
pub(crate) fn is_sound(source: &Source, tokens: &[SpannedToken]) -> bool {
    let mut builder = Builder::new(source, tokens);
    run(&mut builder).is_none() && builder.faults.is_empty()
}
