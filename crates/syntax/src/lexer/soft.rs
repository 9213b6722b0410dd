//! Words that are keywords only where a statement starts with them, and the parenthesis behind `with`.
//!
//! Deciding here, with one logical line in view, keeps the grammar LR(1).

use super::SpannedToken;
use crate::token::Token;

/// Turns names into `Match`, `Case`, `Type` and parentheses into `WithParenthesis` where they are.
pub(crate) fn decide(text: &str, tokens: &mut [SpannedToken]) {
    let mut start = 0;
    // Whether the current block is the body of a `match`, for each enclosing block.
    let mut blocks = Vec::new();
    let mut match_line = false;
    while start < tokens.len() {
        match tokens[start].0 {
            Token::Indent => blocks.push(match_line),
            Token::Dedent => drop(blocks.pop()),
            Token::Newline => {}
            _ => {
                let end = line_end(tokens, start);
                match_line = line(text, &mut tokens[start..end], blocks.last() == Some(&true));
                start = end;
                continue;
            }
        }
        start += 1;
    }
}

/// The index of the `Newline` that ends the logical line.
fn line_end(tokens: &[SpannedToken], start: usize) -> usize {
    tokens[start..].iter().position(|&(token, _)| token == Token::Newline).map_or(tokens.len(), |length| start + length)
}

/// Decides one logical line; tells whether it opens a `match`.
fn line(text: &str, tokens: &mut [SpannedToken], among_cases: bool) -> bool {
    let mut is_match = false;
    if tokens[0].0 == Token::Name {
        let word = word(text, tokens[0]);
        if word == "match" && starts_match(tokens) {
            tokens[0].0 = Token::Match;
            is_match = true;
        } else if word == "case" && among_cases {
            tokens[0].0 = Token::Case;
        }
    }
    let mut statement_start = true;
    for index in 0..tokens.len() {
        let token = tokens[index].0;
        if statement_start && token == Token::Name && word(text, tokens[index]) == "type" {
            // Two names in a row are nothing else.
            if matches!(tokens.get(index + 1), Some((Token::Name, _))) {
                tokens[index].0 = Token::Type;
            }
        }
        if token == Token::With {
            with_parenthesis(&mut tokens[index + 1..]);
        }
        statement_start = matches!(token, Token::Semicolon | Token::Colon);
    }
    is_match
}

fn word(text: &str, (_, span): SpannedToken) -> &str {
    &text[span.start as usize..span.end as usize]
}

/// Whether a line that starts with the word `match` is a match statement: it ends with a colon, or the word is
/// followed by what cannot follow a name.
fn starts_match(tokens: &[SpannedToken]) -> bool {
    let Some(&(next, _)) = tokens.get(1) else { return false };
    let ends_with_colon = tokens.len() > 2 && tokens[tokens.len() - 1].0 == Token::Colon;
    match next {
        Token::Equal | Token::Dot | Token::Colon | Token::Comma | Token::ColonEqual => false,
        Token::Name | Token::Number | Token::String | Token::FStringStart | Token::LeftBrace | Token::Tilde => true,
        Token::None | Token::True | Token::False | Token::Lambda | Token::Await | Token::Ellipsis => true,
        _ => ends_with_colon,
    }
}

/// Marks the parenthesis at the start of `tokens`, which follow `with`, if items stand in it: its partner is followed
/// by the colon, and nothing in it can stand only in an expression.
fn with_parenthesis(tokens: &mut [SpannedToken]) {
    if !matches!(tokens.first(), Some((Token::LeftParenthesis, _))) {
        return;
    }
    let mut depth = 0;
    let mut previous = Token::Newline;
    let mut named = false;
    for index in 0..tokens.len() {
        let token = tokens[index].0;
        if depth == 1 {
            let operand_starts = matches!(previous, Token::LeftParenthesis | Token::Comma);
            let in_expression_only = match token {
                Token::ColonEqual | Token::For => true,
                Token::Star | Token::Yield => operand_starts,
                Token::RightParenthesis => previous == Token::LeftParenthesis,
                _ => false,
            };
            named |= token == Token::As;
            if in_expression_only {
                return;
            }
        }
        if token.is_open() {
            depth += 1;
        } else if token.is_close() {
            depth -= 1;
            if depth == 0 {
                if named || matches!(tokens.get(index + 1), Some((Token::Colon, _))) {
                    tokens[0].0 = Token::WithParenthesis;
                }
                return;
            }
        }
        previous = token;
    }
}
