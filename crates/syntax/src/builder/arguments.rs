//! Arguments of calls and classes.

use std::ops::Range;

use toy_source::Span;

use super::Builder;
use crate::{ast::*, target, token::Token};

impl Builder<'_> {
    /// `function(arguments)`; the opening parenthesis stands at `open`.
    pub(crate) fn call(
        &mut self,
        range: Range<u32>,
        open: u32,
        function: ExpressionId,
        arguments: Vec<Argument>,
    ) -> ExpressionId {
        if let [argument] = &arguments[..]
            && self.is_bare_generator(argument)
        {
            // The call's own parentheses are the generator's.
            self.ast.expressions[argument.value.0 as usize].span = Span { start: open, end: range.end };
        }
        self.expression(range, ExpressionKind::Call { function, arguments })
    }

    /// An argument of a sound form.
    pub(crate) fn argument(&mut self, range: Range<u32>, kind: ArgumentKind, value: ExpressionId) -> Argument {
        Argument { span: self.span(range), kind, value }
    }

    /// `name=value`; the equals sign ends at `equal`.
    pub(crate) fn keyword_argument(
        &mut self,
        range: Range<u32>,
        equal: u32,
        name: ExpressionId,
        value: ExpressionId,
    ) -> Argument {
        let span = self.span(range);
        let kind = match *self.kind(name) {
            ExpressionKind::Name(symbol) if !self.ast[name].parenthesised => {
                ArgumentKind::Keyword(Identifier { symbol, span: self.ast[name].span })
            }
            ExpressionKind::True | ExpressionKind::False | ExpressionKind::None => {
                let message = format!("cannot assign to {}", target::name(self.kind(name)));
                self.fault(self.span(span.start..equal), message);
                ArgumentKind::Positional
            }
            _ => {
                let message = "expression cannot contain assignment, perhaps you meant \"==\"?";
                self.fault(self.span(self.ast[name].span.start..equal), message);
                ArgumentKind::Positional
            }
        };
        Argument { span, kind, value }
    }

    /// `name=` without a value; the equals sign ends the range.
    pub(crate) fn valueless_argument(&mut self, range: Range<u32>, name: ExpressionId) -> Argument {
        let span = self.span(range.clone());
        if matches!(self.kind(name), ExpressionKind::Name(_)) {
            self.fault(span, "expected argument value expression");
        } else {
            self.keyword_argument(range.clone(), range.end, name, name);
        }
        Argument { span, kind: ArgumentKind::Positional, value: name }
    }

    /// `name=value for …`; the equals sign ends the range.
    pub(crate) fn comprehended_argument(
        &mut self,
        range: Range<u32>,
        name: ExpressionId,
        value: ExpressionId,
    ) -> Argument {
        let span = self.span(range.clone());
        if matches!(self.kind(name), ExpressionKind::Name(_)) {
            self.fault(span, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
        } else {
            self.keyword_argument(range.clone(), range.end, name, value);
        }
        Argument { span, kind: ArgumentKind::Positional, value }
    }

    /// `*value for …`.
    pub(crate) fn comprehended_star(&mut self, range: Range<u32>, value: ExpressionId) -> Argument {
        let span = self.span(range);
        self.fault(span, "iterable unpacking cannot be used in comprehension");
        Argument { span, kind: ArgumentKind::Star, value }
    }

    /// `*name=value` or `**name=value`; the stars end at `stars`.
    pub(crate) fn assigned_unpacking(&mut self, range: Range<u32>, stars: u32, value: ExpressionId) -> Argument {
        let span = self.span(range.clone());
        let unpacking = if stars - range.start == 1 { "iterable argument" } else { "keyword argument" };
        self.fault(span, format!("cannot assign to {unpacking} unpacking"));
        Argument { span, kind: ArgumentKind::Positional, value }
    }

    /// The order of arguments, and generators without parentheses among others.
    pub(crate) fn arguments(&mut self, arguments: Vec<Argument>, comma: bool) -> Vec<Argument> {
        let mut last_keyword = None;
        let mut unpacked = false;
        for (index, argument) in arguments.iter().enumerate() {
            let bare = arguments.len() > 1 || comma;
            if bare && argument.kind == ArgumentKind::Positional && self.is_bare_generator(argument) {
                self.fault(argument.span, "Generator expression must be parenthesized");
                break;
            }
            match argument.kind {
                ArgumentKind::Keyword(_) => last_keyword = Some(index),
                ArgumentKind::DoubleStar => unpacked = true,
                ArgumentKind::Star if unpacked => {
                    let before = &arguments[index - 1];
                    let comma = self.place_from(before.span.end);
                    let end = arguments.last().map_or(comma, |argument| argument.span);
                    let message = "iterable argument unpacking follows keyword argument unpacking";
                    self.fault(comma.to(end), message);
                    break;
                }
                ArgumentKind::Positional if unpacked || last_keyword.is_some() => {
                    let follows = if unpacked { "keyword argument unpacking" } else { "keyword argument" };
                    let end = arguments.last().map_or(argument.span.end, |argument| argument.span.end);
                    let place = self.closing_place(end);
                    self.fault(place, format!("positional argument follows {follows}"));
                    break;
                }
                _ => {}
            }
        }
        arguments
    }

    /// The parenthesis behind the last argument, where CPython's parser stands when it notices.
    fn closing_place(&self, end: u32) -> Span {
        let place = self.place_from(end);
        match self.token_at(place.start) {
            Some(Token::Comma) => self.place_from(place.end),
            _ => place,
        }
    }

    /// Whether an argument is `x for …` without parentheses of its own.
    pub(super) fn is_bare_generator(&self, argument: &Argument) -> bool {
        let value = &self.ast[argument.value];
        matches!(value.kind, ExpressionKind::Generator { .. }) && !value.parenthesised
    }
}
