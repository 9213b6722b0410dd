//! Mistakes in simple statements.

use toy_source::{Diagnostic, Span};

use super::place::Place;
use crate::{lexer::SpannedToken, parse, token::Token};

/// `import a from b` and lists of nothing.
pub(super) fn imports(place: &Place<'_>) -> Option<Diagnostic> {
    let next = place.token(place.failing);
    if place.previous() == Token::Import && next == Token::Newline {
        return Some(place.fault(place.span(place.failing), "Expected one or more names after 'import'"));
    }
    let start = statement_start(place);
    if place.token(start) != Token::Import || next != Token::From || place.token(place.failing + 1) != Token::Name {
        return None;
    }
    if (start..place.failing).any(|index| place.token(index) == Token::As) {
        return None;
    }
    let mut end = place.failing + 2;
    while place.token(end) == Token::Dot && place.token(end + 1) == Token::Name {
        end += 2;
    }
    let message = "Did you mean to use 'from ... import ...' instead?";
    Some(place.fault(place.range(start, end), message))
}

/// Where the simple statement of the failing token starts.
fn statement_start(place: &Place<'_>) -> usize {
    let outermost = place.open.first().copied().unwrap_or(place.failing);
    let is_compound = {
        use Token::*;
        let first = place.token(place.line);
        matches!(
            first,
            If | Elif | Else | While | For | Try | Except | Finally | With | Def | Class | Async | Match | Case
        )
    };
    let mut start = place.line;
    let mut index = place.line;
    let mut in_header = is_compound;
    let mut lambdas = 0;
    while index < outermost {
        match place.token(index) {
            Token::Semicolon => start = index + 1,
            Token::Lambda => lambdas += 1,
            Token::Colon if lambdas > 0 => lambdas -= 1,
            Token::Colon if in_header => {
                in_header = false;
                start = index + 1;
            }
            token if token.is_open() || token == Token::FStringStart => {
                index = place.partner(index).unwrap_or(index);
            }
            _ => {}
        }
        index += 1;
    }
    start
}

/// An assignment, complete or not, to what cannot be assigned to.
pub(super) fn assignment(place: &Place<'_>) -> Option<Diagnostic> {
    let start = statement_start(place);
    if place.token(start) == Token::For && start < place.failing {
        let end = place.expressions(start + 1).filter(|&end| end <= place.failing)?;
        let mut fragment = place.tokens[start..end].to_vec();
        let at = place.span(end - 1);
        fragment.extend([Token::In, Token::None, Token::Colon, Token::Pass, Token::Newline].map(|token| (token, at)));
        return parse::first_fault(place.source, &fragment);
    }
    let mut end = place.expressions(start)?;
    if place.token(end) != Token::Equal || end >= place.failing {
        return None;
    }
    // The last sign of the chain, and what stands behind it.
    let mut sign = end;
    while place.token(end) == Token::Equal && end < place.failing {
        sign = end;
        match place.expressions(end + 1).filter(|&further| further <= place.failing) {
            Some(further) => end = further,
            None => break,
        }
    }
    let mut fragment: Vec<SpannedToken> = place.tokens[start..=sign].to_vec();
    match place.bit_or(sign + 1).filter(|&end| end <= place.failing) {
        Some(end) => fragment.extend(&place.tokens[sign + 1..end]),
        None => fragment.push((Token::Yield, place.span(place.failing))),
    }
    fragment.push((Token::Newline, place.span(place.failing)));
    parse::first_fault(place.source, &fragment)
}

/// `x.y := 1` as a statement: for anything but a plain name CPython says what it is.
pub(super) fn named_statement(place: &Place<'_>) -> Option<Diagnostic> {
    let failing = place.failing;
    if place.token(failing) != Token::ColonEqual || !place.open.is_empty() || place.expression(failing + 1).is_none() {
        return None;
    }
    let mut item = statement_start(place);
    loop {
        let end = place.expression(item)?;
        if end >= failing {
            break;
        }
        if place.token(end) != Token::Comma {
            return None;
        }
        item = end + 1;
    }
    let at = place.span(failing);
    let mut fragment = vec![(Token::LeftParenthesis, place.span(item))];
    fragment.extend(&place.tokens[item..=failing]);
    fragment.extend([Token::None, Token::RightParenthesis, Token::Newline].map(|token| (token, at)));
    parse::first_fault(place.source, &fragment)
}

/// The colon behind what cannot be annotated: CPython's parser does not get past it.
pub(super) fn refused_colon(place: &Place<'_>) -> Option<Span> {
    let start = statement_start(place);
    let colon = place.expressions(start).filter(|&end| place.token(end) == Token::Colon && end < place.failing)?;
    let mut fragment = place.tokens[start..=colon].to_vec();
    fragment.extend([Token::None, Token::Newline].map(|token| (token, place.span(colon))));
    parse::first_fault(place.source, &fragment).map(|_| place.span(colon))
}

/// What is wrong with the statement if it ended where the parser stopped.
pub(super) fn prefix(place: &Place<'_>) -> Option<Diagnostic> {
    let start = statement_start(place);
    if start >= place.failing || !place.open.is_empty() || place.token(place.failing) == Token::Newline {
        return None;
    }
    let mut fragment = place.tokens[start..place.failing].to_vec();
    fragment.push((Token::Newline, place.span(place.failing)));
    parse::first_fault(place.source, &fragment)
}
