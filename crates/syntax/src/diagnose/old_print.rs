//! `print "text"`: CPython looks for it wherever an expression may start, also in lines that are sound.

use toy_source::Diagnostic;

use super::place::Place;
use crate::{parse, token::Token};

/// In a line before the one that is refused, where nothing else can be wrong: `print -1`.
pub(super) fn before(place: &Place<'_>) -> Option<Diagnostic> {
    first(place, 0, place.line, |name, end| {
        let starts = name == 0 || starts_statement(place.token(name - 1));
        let behind = place.token(end);
        // CPython finds the assignment or `del` first.
        let is_assigned = matches!(behind, Token::Equal | Token::Colon) || behind.is_augmented_assignment();
        !(starts && is_assigned) && (name == 0 || place.token(name - 1) != Token::Del)
    })
}

/// In the line that is refused.
pub(super) fn here(place: &Place<'_>) -> Option<Diagnostic> {
    first(place, place.line, place.failing, |_, _| true)
}

fn first(place: &Place<'_>, start: usize, end: usize, counts: impl Fn(usize, usize) -> bool) -> Option<Diagnostic> {
    (start..end).find_map(|name| {
        let word = place.word(name);
        let is_statement = place.token(name) == Token::Name && matches!(word, "print" | "exec");
        if !is_statement || place.token(name + 1) == Token::LeftParenthesis || !starts_expression(place, name) {
            return None;
        }
        let end = place.expressions(name + 1).filter(|&end| counts(name, end))?;
        // What the parser has read up to the refused token is well; what lies around it may not be.
        if end > place.failing {
            let mut fragment = place.tokens[name + 1..end].to_vec();
            fragment.push((Token::Newline, place.span(end - 1)));
            if !parse::is_sound(place.source, &fragment) {
                return None;
            }
        }
        let message = format!("Missing parentheses in call to '{word}'. Did you mean {word}(...)?");
        Some(place.fault(place.range(name, end), message))
    })
}

/// Whether a whole expression may start at a token, rather than an operand of one.
fn starts_expression(place: &Place<'_>, index: usize) -> bool {
    let Some(before) = index.checked_sub(1) else { return true };
    let starts_line = |index: usize| index == 0 || starts_statement(place.token(index - 1));
    match place.token(before) {
        token if starts_statement(token) || token.is_open() => true,
        token if token.is_augmented_assignment() => true,
        Token::Comma | Token::Equal | Token::ColonEqual | Token::Arrow | Token::Return | Token::Yield | Token::From => {
            true
        }
        Token::Assert | Token::Raise | Token::Del | Token::With | Token::Elif | Token::While | Token::Else => true,
        Token::If | Token::At | Token::Match => starts_line(before),
        Token::In => (0..before).rev().find(|&index| starts_line(index)).is_some_and(|start| {
            let start = start + usize::from(place.token(start) == Token::Async);
            place.token(start) == Token::For
        }),
        _ => false,
    }
}

fn starts_statement(token: Token) -> bool {
    matches!(token, Token::Newline | Token::Indent | Token::Dedent | Token::Semicolon | Token::Colon)
}
