//! Mistakes in replacement fields of f-strings.

use toy_source::Diagnostic;

use super::place::Place;
use crate::token::Token;

/// `f"{lambda x: 1}"`: the colon starts the specification.
pub(super) fn lambda(place: &Place<'_>) -> Option<Diagnostic> {
    let open = place.innermost().filter(|&open| place.is_field(open))?;
    if place.previous() != Token::Colon {
        return None;
    }
    let level = place.same_level(open + 1);
    let start = *level.iter().rev().find(|&&index| place.token(index) == Token::Lambda)?;
    if place.lambda_colon(start) != Some(place.failing - 1) {
        return None;
    }
    let message = "f-string: lambda expressions are not allowed without parentheses";
    Some(place.fault(place.range(start, place.failing), message))
}

/// Anything else that is wrong in a field.
pub(super) fn field(place: &Place<'_>) -> Option<Diagnostic> {
    let open = place.innermost().filter(|&open| place.is_field(open) || place.token(open) == Token::FStringStart)?;
    if place.token(open) == Token::FStringStart {
        return None;
    }
    let first = open + 1;
    let complain = |index: usize, message: &str| Some(place.fault(place.span(index), format!("f-string: {message}")));
    if let Token::Equal | Token::Exclamation | Token::Colon | Token::RightBrace = place.token(first) {
        let sign = place.token(first).text();
        return complain(first, &format!("valid expression required before '{sign}'"));
    }
    let mut index = match value_end(place, first) {
        None => return complain(first, "expecting a valid expression after '{'"),
        Some(end) => end,
    };
    let mut expecting = "expecting '=', or '!', or ':', or '}'";
    if place.token(index) == Token::Equal {
        index += 1;
        expecting = "expecting '!', or ':', or '}'";
    }
    if place.token(index) == Token::Exclamation {
        match place.token(index + 1) {
            Token::Colon | Token::RightBrace => return complain(index + 1, "missing conversion character"),
            Token::Name => index += 2,
            _ => return complain(index + 1, "invalid conversion character"),
        }
        expecting = "expecting ':' or '}'";
    }
    if place.token(index) == Token::Colon {
        expecting = "expecting '}', or format specs";
        index = place.failing;
    } else if place.token(index) == Token::RightBrace {
        return None;
    }
    complain(index, expecting)
}

/// The index behind the longest value of a field at `start`.
fn value_end(place: &Place<'_>, start: usize) -> Option<usize> {
    if place.token(start) == Token::Yield {
        let from = usize::from(place.token(start + 1) == Token::From);
        return place.expressions(start + 1 + from).or(Some(start + 1));
    }
    place.expressions(start)
}
