//! From the place where the parser stopped to CPython's words for it.
//!
//! The parser tells only which token it could not take. CPython searches such a text again with rules for common
//! mistakes; the modules below hold those rules, each a function from the place to a complaint. The first that knows
//! the mistake wins, else it is "invalid syntax".
//!
//! Invariant: rules look at tokens only; where a tree must tell, they have a piece of the line parsed again.
//! Invariant: a rule takes time linear in the text.

mod bracket;
mod extent;
mod field;
mod header;
mod old_print;
mod place;
mod simple;

use toy_source::{Diagnostic, DiagnosticKind, Source, Span};

use self::place::Place;
use crate::{lexer::SpannedToken, token::Token};

/// A rule: perhaps a complaint.
type Rule = fn(&Place<'_>) -> Option<Diagnostic>;

/// In the order in which CPython would come upon them.
const RULES: [Rule; 23] = [
    old_print::before,
    header::missing_block,
    header::missing_handler,
    bracket::not_behind_operator,
    bracket::missing_else,
    bracket::missing_comma,
    old_print::here,
    field::lambda,
    bracket::misplaced_equal,
    bracket::comprehension_target,
    bracket::missing_in,
    bracket::dict_item,
    bracket::double_star_group,
    bracket::star_without_value,
    header::parameters,
    header::type_parameters,
    header::missing_colon,
    simple::imports,
    simple::named_statement,
    simple::assignment,
    simple::prefix,
    field::field,
    unexpected_indentation,
];

/// What CPython would say of a text whose token number `failing` the parser refused, expecting one of `expected`.
/// What it would say of the end of the tokens, if they do not end well, is `end`.
pub(crate) fn diagnose(
    source: &Source,
    tokens: &[SpannedToken],
    failing: usize,
    expected: &[String],
    end: Option<Diagnostic>,
) -> Diagnostic {
    let place = Place::new(source, tokens, failing, expected);
    if let Some(end) = end.filter(|_| bracket::reads_to_end(&place)) {
        return end;
    }
    let known = RULES.iter().find_map(|rule| rule(&place));
    known.unwrap_or_else(|| place.fault(refused(&place), "invalid syntax"))
}

/// The token that CPython's parser refuses, which lets fewer texts through than ours does.
fn refused(place: &Place<'_>) -> Span {
    let behind = place.failing.saturating_sub(1);
    match place.previous() {
        Token::Equal if bracket::takes_no_equal(place) => place.span(behind),
        Token::Async if place.innermost().is_some() => place.span(behind),
        Token::Newline if place.failing >= place.tokens.len() && behind > 0 => {
            let end = place.source.text().trim_end_matches('\n');
            let line = end.rfind('\n').map_or(0, |before| before + 1);
            Span::new(line, line)
        }
        _ => simple::refused_colon(place).unwrap_or(place.span(place.failing)),
    }
}

fn unexpected_indentation(place: &Place<'_>) -> Option<Diagnostic> {
    let message = match place.token(place.failing) {
        Token::Indent => "unexpected indent",
        Token::Dedent => "unexpected unindent",
        _ => return None,
    };
    Some(Diagnostic::new(DiagnosticKind::Indentation, place.span(place.failing), message))
}

/// Whether the complaint stands although the rest of the text has no tokens.
pub(crate) fn ends_reading(fault: &Diagnostic) -> bool {
    fault.kind == DiagnosticKind::Indentation && fault.message.starts_with("unexpected")
}

/// The place behind the last token.
pub(crate) fn end_of_text(text: &str) -> Span {
    let end = text.len() - usize::from(text.ends_with('\n'));
    Span::new(end, end + 1)
}
