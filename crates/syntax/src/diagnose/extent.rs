//! How far an expression reaches, told from tokens alone.
//!
//! Brackets are taken as they are, so a pass over a line is enough; what is in them has been parsed already, or its
//! fault is the one being explained.

use super::place::Place;
use crate::token::Token;

/// Whether a token joins two operands, and whether it binds at least as strongly as `|`.
fn operator(token: Token) -> Option<bool> {
    use Token::*;
    match token {
        Plus | Minus | Star | DoubleStar | Slash | DoubleSlash | Percent | At | Ampersand | Bar | Caret | LeftShift
        | RightShift => Some(true),
        EqualEqual | NotEqual | Less | LessEqual | Greater | GreaterEqual | And | Or | In | Is => Some(false),
        _ => Option::None,
    }
}

impl Place<'_> {
    /// The index behind the operand at `start`: an atom with its signs before and its trailers behind.
    fn operand(&self, start: usize, weak: bool) -> Option<usize> {
        use Token::*;
        let mut index = start;
        while matches!(self.token(index), Plus | Minus | Tilde | Await) || (weak && self.token(index) == Not) {
            index += 1;
        }
        index = match self.token(index) {
            Name | Number | True | False | None | Ellipsis => index + 1,
            String | FStringStart => self.strings(index)?,
            LeftParenthesis | LeftBracket | LeftBrace => self.partner(index)? + 1,
            _ => return Option::None,
        };
        loop {
            index = match self.token(index) {
                Dot if self.token(index + 1) == Name => index + 2,
                LeftParenthesis | LeftBracket => match self.partner(index) {
                    Some(close) => close + 1,
                    Option::None => return Some(index),
                },
                _ => return Some(index),
            };
        }
    }

    fn strings(&self, start: usize) -> Option<usize> {
        let mut index = start;
        loop {
            index = match self.token(index) {
                Token::String => index + 1,
                Token::FStringStart => self.partner(index)? + 1,
                _ => return Some(index).filter(|&index| index > start),
            };
        }
    }

    fn joined(&self, start: usize, weak: bool) -> Option<usize> {
        let mut end = self.operand(start, weak)?;
        loop {
            let next = match (self.token(end), self.token(end + 1)) {
                (Token::Not, Token::In) | (Token::Is, Token::Not) if weak => end + 2,
                (token, _) if operator(token).is_some_and(|strong| strong || weak) => end + 1,
                _ => return Some(end),
            };
            match self.operand(next, weak) {
                Some(further) => end = further,
                None => return Some(end),
            }
        }
    }

    /// The index behind the longest expression at `start` that binds at least as strongly as `|`.
    pub(super) fn bit_or(&self, start: usize) -> Option<usize> {
        self.joined(start, false)
    }

    /// The index behind the longest `or` expression at `start`.
    pub(super) fn disjunction(&self, start: usize) -> Option<usize> {
        self.joined(start, true)
    }

    /// The index behind the longest expression at `start`.
    pub(super) fn expression(&self, start: usize) -> Option<usize> {
        let mut start = start;
        // Where the expression ends if what follows turns out not to belong to it.
        let mut complete = None;
        loop {
            if self.token(start) == Token::Lambda {
                let Some(colon) = self.lambda_colon(start) else { return complete };
                start = colon + 1;
                continue;
            }
            let Some(end) = self.disjunction(start) else { return complete };
            complete = Some(end);
            if self.token(end) != Token::If {
                return complete;
            }
            match self.disjunction(end + 1) {
                Some(test) if self.token(test) == Token::Else => start = test + 1,
                _ => return complete,
            }
        }
    }

    /// The colon of the lambda at `start`.
    pub(super) fn lambda_colon(&self, start: usize) -> Option<usize> {
        let mut index = start + 1;
        loop {
            index = match self.token(index) {
                Token::Colon => return Some(index),
                Token::LeftParenthesis | Token::LeftBracket | Token::LeftBrace | Token::FStringStart => {
                    self.partner(index)? + 1
                }
                Token::Newline | Token::Unknown => return None,
                token if token.is_close() => return None,
                _ => index + 1,
            };
        }
    }

    /// The index behind the longest list of expressions at `start`, trailing comma included.
    pub(super) fn expressions(&self, start: usize) -> Option<usize> {
        let mut end = self.star_expression(start)?;
        while self.token(end) == Token::Comma {
            match self.star_expression(end + 1) {
                Some(further) => end = further,
                None => return Some(end + 1),
            }
        }
        Some(end)
    }

    fn star_expression(&self, start: usize) -> Option<usize> {
        if self.token(start) == Token::Star { self.bit_or(start + 1) } else { self.expression(start) }
    }

    /// Where the `or` expression starts that ends before `end`.
    pub(super) fn disjunction_start(&self, end: usize) -> Option<usize> {
        use Token::*;
        let floor = self.level_start();
        let comprehension_ins = self.comprehension_ins();
        let mut start = end;
        while start > floor {
            let token = self.token(start - 1);
            let joins = operator(token).is_some() || matches!(token, Not | Tilde | Await | Dot);
            if token.is_close() || token == FStringEnd {
                start = self.partner(start - 1).filter(|&open| open >= floor)?;
            } else if joins || super::place::ends_operand(token) {
                if token == In && comprehension_ins.binary_search(&(start - 1)).is_ok() {
                    break;
                }
                start -= 1;
            } else {
                break;
            }
        }
        // Stars of an unpacking are no operators.
        while start < end && matches!(self.token(start), Star | DoubleStar) {
            start += 1;
        }
        Some(start).filter(|&start| start < end)
    }

    /// The indices of each `in` at the failing token's level that belongs to a `for`: the word before it.
    fn comprehension_ins(&self) -> Vec<usize> {
        let mut found = Vec::new();
        let mut previous = Token::Unknown;
        for index in self.same_level(self.level_start()) {
            match self.token(index) {
                Token::In if previous == Token::For => found.push(index),
                Token::In | Token::For => {}
                _ => continue,
            }
            previous = self.token(index);
        }
        found
    }
}
