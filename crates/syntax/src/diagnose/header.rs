//! Mistakes in the headers of compound statements, and blocks that are missing.

use toy_source::{Diagnostic, DiagnosticKind, Span};

use super::place::Place;
use crate::token::Token;

/// No indented line behind a header.
pub(super) fn missing_block(place: &Place<'_>) -> Option<Diagnostic> {
    let failing = place.failing;
    if !place.expects("INDENT") || place.previous() != Token::Newline || failing < 3 {
        return None;
    }
    let before = &place.tokens[..failing - 1];
    let breaks = |token: Token| matches!(token, Token::Newline | Token::Indent | Token::Dedent);
    let mut line = before.iter().rposition(|&(token, _)| breaks(token)).map_or(0, |index| index + 1);
    if place.token(line) == Token::Async {
        line += 1;
    }
    let number = place.line_number(line);
    let what = match place.token(line) {
        Token::Def => "function definition".to_owned(),
        Token::Class => "class definition".to_owned(),
        Token::Except if place.token(line + 1) == Token::Star => "'except*' statement".to_owned(),
        token => format!("'{}' statement", token.text()),
    };
    let message = format!("expected an indented block after {what} on line {number}");
    Some(Diagnostic::new(DiagnosticKind::Indentation, place.span(failing), message).at_end(place.is_at_end()))
}

/// A `try` whose block is over.
pub(super) fn missing_handler(place: &Place<'_>) -> Option<Diagnostic> {
    if !place.expects("except") || !matches!(place.previous(), Token::Dedent | Token::Newline) {
        return None;
    }
    // Back to the header of the block that has just ended.
    let mut depth = 0_i32;
    let mut index = place.failing;
    while index > 0 {
        index -= 1;
        match place.token(index) {
            Token::Dedent => depth += 1,
            Token::Indent => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            _ => {}
        }
        if depth == 0 && place.token(index) == Token::Newline && index + 1 != place.failing {
            break;
        }
    }
    let before = &place.tokens[..index.saturating_sub(1)];
    let breaks = |token: Token| matches!(token, Token::Newline | Token::Indent | Token::Dedent);
    let header = before.iter().rposition(|&(token, _)| breaks(token)).map_or(0, |index| index + 1);
    if place.token(header) != Token::Try || place.token(place.failing) == Token::Indent {
        return None;
    }
    let fault = place.fault(place.span(place.failing), "expected 'except' or 'finally' block");
    Some(fault.at_end(place.is_at_end()))
}

/// A header without its colon or parenthesis.
pub(super) fn missing_colon(place: &Place<'_>) -> Option<Diagnostic> {
    let failing = place.failing;
    let mut first = place.line;
    if place.token(first) == Token::Async {
        first += 1;
    }
    let next = place.token(failing);
    let named = failing == first + 2 || (failing > 0 && place.partner(failing - 1) == Some(first + 2));
    if place.token(first) == Token::Def && named && place.innermost().is_none() && place.expects("(") {
        return Some(place.fault(place.span(failing), "expected '('"));
    }
    if let Some(open) = place.innermost()
        && place.token(first) == Token::Def
        && open == first + 2
        && place.token(open) == Token::LeftBracket
    {
        return Some(place.fault(place.span(open), "expected '('"));
    }
    if place.token(first) == Token::Except && place.previous() == Token::Star {
        let nothing = matches!(next, Token::Newline | Token::Colon);
        return nothing.then(|| place.fault(place.span(failing), "expected one or more exception types"));
    }
    if place.token(first) == Token::Def && place.previous() == Token::Arrow && place.innermost().is_none() {
        return Some(place.fault(place.span(failing - 1), "expected ':'"));
    }
    if !place.expects(":") || place.innermost().is_some() {
        return None;
    }
    let missing = match place.token(first) {
        Token::Else | Token::Try | Token::Finally => place.failing == first + 1,
        Token::Def => place.previous() != Token::Comma,
        Token::If
        | Token::Elif
        | Token::While
        | Token::For
        | Token::With
        | Token::Class
        | Token::Except
        | Token::Match
        | Token::Case => next == Token::Newline,
        _ => false,
    };
    missing.then(|| place.fault(place.span(failing), "expected ':'"))
}

/// Parameters that cannot be written so.
pub(super) fn parameters(place: &Place<'_>) -> Option<Diagnostic> {
    let failing = place.failing;
    let level = place.same_level(place.level_start());
    let lambda = level.iter().rev().find(|&&index| matches!(place.token(index), Token::Lambda | Token::Colon));
    let is_lambda = lambda.is_some_and(|&index| place.token(index) == Token::Lambda);
    let is_function = place.innermost().is_some_and(|open| place.holds_parameters(open));
    if !is_lambda && !is_function {
        return None;
    }
    if place.previous() == Token::Slash && place.token(failing) == Token::Star {
        return Some(place.fault(place.span(failing), "expected comma between / and *"));
    }
    if place.token(failing) != Token::LeftParenthesis
        || !matches!(place.previous(), Token::Comma | Token::LeftParenthesis | Token::Lambda)
    {
        return None;
    }
    let close = place.partner(failing)?;
    let names = (failing + 1..close).all(|index| matches!(place.token(index), Token::Name | Token::Comma));
    let start = place.innermost().filter(|_| is_function).map_or(place.line, |open| open + 1);
    let start = lambda.filter(|_| is_lambda).map_or(start, |&lambda| lambda + 1);
    let defaults = place
        .same_level(start)
        .iter()
        .any(|&index| matches!(place.token(index), Token::Equal | Token::Star | Token::DoubleStar | Token::Slash));
    if !names || defaults || close == failing + 1 {
        return None;
    }
    let what = if is_lambda { "Lambda expression" } else { "Function" };
    Some(place.fault(place.range(failing, close + 1), format!("{what} parameters cannot be parenthesized")))
}

/// `def f[](): …`.
pub(super) fn type_parameters(place: &Place<'_>) -> Option<Diagnostic> {
    let open = place.innermost()?;
    let empty = place.token(place.failing) == Token::RightBracket && open + 1 == place.failing;
    (empty && place.holds_type_parameters(open)).then(|| {
        // Up to where what follows begins.
        let span = Span { start: place.span(place.failing).start, end: place.span(place.failing + 1).start };
        place.fault(span, "Type parameter list cannot be empty")
    })
}
