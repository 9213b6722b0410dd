//! Mistakes within expressions: what is missing between two of them, and what may not stand in a bracket.

use toy_source::{Diagnostic, Span};

use super::place::{Place, ends_operand};
use crate::{parse, token::Token};

/// `a + not b`.
pub(super) fn not_behind_operator(place: &Place<'_>) -> Option<Diagnostic> {
    use Token::*;
    let behind = matches!(place.previous(), Plus | Minus | Star | Slash | DoubleSlash | Percent | At | Tilde);
    if !behind || place.token(place.failing) != Not {
        return Option::None;
    }
    let end = place.disjunction(place.failing)?;
    Some(place.fault(place.range(place.failing, end), "'not' after an operator must be parenthesized"))
}

/// Whether CPython, looking for a second expression side by side with a first, reads on to the end of the tokens.
pub(super) fn reads_to_end(place: &Place<'_>) -> bool {
    if !ends_operand(place.previous()) {
        return false;
    }
    let Some(start) = place.disjunction_start(place.failing) else { return false };
    let unclosed = |index: usize| place.token(index).is_open() && place.partner(index).is_none();
    let runs_off = |index: usize| match place.expression(index) {
        Some(end) if end >= place.tokens.len() => true,
        None if index >= place.tokens.len() => true,
        end => unclosed(end.unwrap_or(index)) && parse::wants_more(place.source, &place.tokens[index..]),
    };
    // As `print x` may follow `print`, a name may be followed by what is looked at in the same way.
    let mut first = start;
    loop {
        let Some(second) = place.disjunction(first) else { return false };
        if runs_off(second) {
            return true;
        }
        let is_name = place.token(first) == Token::Name && place.token(first + 1) != Token::LeftParenthesis;
        if !is_name || place.expressions(first + 1).is_none() {
            return false;
        }
        first += 1;
    }
}

/// `a if b` without `else`.
pub(super) fn missing_else(place: &Place<'_>) -> Option<Diagnostic> {
    if !ends_operand(place.previous()) || matches!(place.token(place.failing), Token::Else | Token::Colon) {
        return None;
    }
    let test = place.disjunction_start(place.failing)?;
    let keyword =
        test.checked_sub(1).filter(|&index| place.token(index) == Token::If && index >= place.level_start())?;
    if place.disjunction(test) != Some(place.failing) || keyword == 0 || !ends_operand(place.token(keyword - 1)) {
        return None;
    }
    let start = place.disjunction_start(keyword)?;
    let is_guard = place.token(place.line) == Token::Case && place.innermost().is_none();
    if is_guard || takes_no_expression(place, start) || in_comprehension(place, keyword) {
        return None;
    }
    Some(place.fault(place.range(start, place.failing), "expected 'else' after 'if' expression"))
}

/// Two expressions side by side in a bracket.
pub(super) fn missing_comma(place: &Place<'_>) -> Option<Diagnostic> {
    if !ends_operand(place.previous()) {
        return None;
    }
    let start = place.disjunction_start(place.failing)?;
    let first = place.token(start);
    if first == Token::Name {
        // CPython compares as many letters as the name has.
        let word = place.word(start);
        let soft = ["match", "case", "type", "_"].iter().any(|keyword| keyword.starts_with(word));
        if soft || (start + 1 == place.failing && place.token(place.failing) == Token::String) {
            return None;
        }
    }
    if place.disjunction(start) != Some(place.failing) || takes_no_expression(place, start) {
        return None;
    }
    let end = place.expression(place.failing)?;
    let bracketed = place.open.iter().any(|&open| place.token(open) != Token::FStringStart);
    let legacy = start + 1 == place.failing && matches!(place.word(start), "print" | "exec");
    if !bracketed || legacy || place.in_import() {
        return None;
    }
    Some(place.fault(place.range(start, end), "invalid syntax. Perhaps you forgot a comma?"))
}

/// Whether the operand at `start` stands where only an `or` expression may: behind the words of a comprehension, or
/// behind the star of a display.
fn takes_no_expression(place: &Place<'_>, start: usize) -> bool {
    let Some(before) = start.checked_sub(1).filter(|&before| before >= place.level_start()) else {
        return is_parameter(place, start);
    };
    match place.token(before) {
        Token::In | Token::For | Token::If | Token::Exclamation | Token::Lambda => true,
        Token::Comma => is_parameter(place, start),
        Token::Star | Token::DoubleStar => !place.innermost().is_some_and(|open| place.follows_operand(open)),
        _ => false,
    }
}

/// Whether a parameter may start at `start`.
fn is_parameter(place: &Place<'_>, start: usize) -> bool {
    let in_definition = place.innermost().is_some_and(|open| place.holds_parameters(open));
    let level = place.same_level(place.level_start());
    let before = level.iter().rev().filter(|&&index| index < start).map(|&index| place.token(index));
    let nearest = before.into_iter().find(|token| matches!(token, Token::Lambda | Token::Colon));
    in_definition || nearest == Some(Token::Lambda)
}

/// Whether an `if` belongs to a `for` before it in the same bracket.
fn in_comprehension(place: &Place<'_>, keyword: usize) -> bool {
    let level = place.same_level(place.level_start());
    let before = level.iter().rev().filter(|&&index| index < keyword).map(|&index| place.token(index));
    let nearest = before.into_iter().find(|token| matches!(token, Token::For | Token::Comma | Token::Colon));
    nearest == Some(Token::For)
}

/// `[a, b for a in c]`.
pub(super) fn comprehension_target(place: &Place<'_>) -> Option<Diagnostic> {
    let open = place.innermost()?;
    let starts = matches!(place.token(place.failing), Token::For | Token::Async);
    let display = matches!(place.token(open), Token::LeftBracket | Token::LeftBrace) && !place.is_field(open);
    if !starts || !display || place.follows_operand(open) {
        return None;
    }
    let level = place.same_level(open + 1);
    if level.iter().any(|&index| place.token(index) == Token::Colon) {
        return None;
    }
    let comma = *level.iter().find(|&&index| place.token(index) == Token::Comma)?;
    let end =
        if place.previous() == Token::Comma && place.failing - 1 != comma { place.failing - 1 } else { place.failing };
    let message = "did you forget parentheses around the comprehension target?";
    Some(place.fault(place.range(open + 1, end), message))
}

/// `[x for x if …]`.
pub(super) fn missing_in(place: &Place<'_>) -> Option<Diagnostic> {
    let open = place.innermost()?;
    let level = place.same_level(open + 1);
    let keyword = *level.iter().rev().find(|&&index| matches!(place.token(index), Token::For | Token::In))?;
    let mut end = place.bit_or(keyword + 1)?;
    while place.token(end) == Token::Comma {
        end = place.bit_or(end + 1).unwrap_or(end + 1);
    }
    if place.token(keyword) != Token::For || end != place.failing {
        return None;
    }
    Some(place.fault(place.span(place.failing), "'in' expected after for-loop variables"))
}

/// Items of a dict display that are no pairs.
pub(super) fn dict_item(place: &Place<'_>) -> Option<Diagnostic> {
    let open = place.innermost()?;
    if place.token(open) != Token::LeftBrace || place.is_field(open) {
        return None;
    }
    let next = place.token(place.failing);
    let ends = matches!(next, Token::RightBrace | Token::Comma);
    if place.previous() == Token::Colon {
        if ends {
            let message = "expression expected after dictionary key and ':'";
            return Some(place.fault(place.span(place.failing - 1), message));
        } else if next != Token::Star {
            return None;
        }
        let end = place.bit_or(place.failing + 1)?;
        let message = "cannot use a starred expression in a dictionary value";
        return Some(place.fault(place.range(place.failing, end), message));
    }
    let level = place.same_level(open + 1);
    let comma = *level.iter().rev().find(|&&index| place.token(index) == Token::Comma)?;
    let is_pair = |token| matches!(token, Token::Colon | Token::DoubleStar);
    let pairs = level.iter().any(|&index| index < comma && is_pair(place.token(index)));
    if !pairs || place.expression(comma + 1) != Some(place.failing) {
        return None;
    }
    let end = place.span(place.failing - 1).end;
    Some(place.fault(Span { start: end - 1, end }, "':' expected after dictionary key"))
}

/// Whether the sign before the failing token stands where only an expression may.
pub(super) fn takes_no_equal(place: &Place<'_>) -> bool {
    match place.innermost() {
        Some(open) => {
            let called = place.token(open) == Token::LeftParenthesis && place.follows_operand(open);
            !called && !place.is_field(open)
        }
        None => matches!(place.token(place.line), Token::If | Token::Elif | Token::While),
    }
}

/// `(a = b` where an expression must stand, complete or not.
pub(super) fn misplaced_equal(place: &Place<'_>) -> Option<Diagnostic> {
    let is_call = |open: usize| place.follows_operand(open) && place.token(open) == Token::LeftParenthesis;
    if place.innermost().is_some_and(|open| is_call(open) || place.is_field(open)) {
        return None;
    }
    let level = place.same_level(place.level_start());
    let boundary =
        |&&index: &&usize| matches!(place.token(index), Token::Comma | Token::If | Token::While | Token::Elif);
    let start = match level.iter().rev().find(boundary) {
        Some(&boundary) if place.innermost().is_some() || place.token(boundary) != Token::Comma => boundary + 1,
        None if place.innermost().is_some() => place.level_start(),
        _ => return None,
    };
    let equal = place.expression(start).filter(|&end| place.token(end) == Token::Equal)?;
    let end = place.bit_or(equal + 1).filter(|&end| end <= place.failing)?;
    if matches!(place.token(end), Token::Equal | Token::ColonEqual) {
        return None;
    }
    let at = place.span(start);
    let mut fragment = vec![(Token::LeftParenthesis, at)];
    fragment.extend(&place.tokens[start..end]);
    fragment.extend([Token::RightParenthesis, Token::Newline].map(|token| (token, place.span(end))));
    parse::first_fault(place.source, &fragment)
}

/// `(**a)`.
pub(super) fn double_star_group(place: &Place<'_>) -> Option<Diagnostic> {
    let open = place.innermost()?;
    let group = place.token(open) == Token::LeftParenthesis && !place.follows_operand(open);
    if !group || open + 1 != place.failing || place.token(place.failing) != Token::DoubleStar {
        return None;
    }
    let end = place.expression(place.failing + 1)?;
    if place.token(end) != Token::RightParenthesis {
        return None;
    }
    Some(place.fault(place.span(place.failing), "cannot use double starred expression here"))
}

/// A star among arguments or indices that no expression follows.
pub(super) fn star_without_value(place: &Place<'_>) -> Option<Diagnostic> {
    for &open in place.open.iter().rev() {
        let called = matches!(place.token(open), Token::LeftParenthesis | Token::LeftBracket);
        if !called || !place.follows_operand(open) || place.holds_parameters(open) {
            continue;
        }
        if place.holds_type_parameters(open) {
            return None;
        }
        let level = place.same_level(open + 1);
        let comma = level.iter().rev().find(|&&index| place.token(index) == Token::Comma);
        let item = comma.map_or(open, |&comma| comma) + 1;
        if place.token(item) != Token::Star || item >= place.failing {
            continue;
        }
        if place.expression(item + 1).is_none_or(|end| end > place.failing) {
            return Some(place.fault(place.span(place.failing), "Invalid star expression"));
        }
    }
    None
}
