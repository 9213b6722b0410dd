//! Patterns of `case`.

use std::ops::Range;

use super::Builder;
use crate::{ast::*, token::Token};

impl Builder<'_> {
    /// Adds a pattern.
    pub(crate) fn pattern(&mut self, range: Range<u32>, kind: PatternKind) -> PatternId {
        let span = self.span(range);
        let depth = self.pattern_depth(&kind);
        self.limit_depth(depth, span);
        let id = PatternId(self.ast.patterns.len() as u32);
        self.ast.patterns.push(Pattern { span, depth, kind });
        id
    }

    /// A name to bind; nothing for `_`.
    fn bound(&self, name: Identifier) -> Option<Symbol> {
        Some(name.symbol).filter(|&symbol| self.symbol_name(symbol) != "_")
    }

    /// `name` or `_`.
    pub(crate) fn capture(&mut self, range: Range<u32>, name: Identifier) -> PatternId {
        let bound = self.bound(name);
        self.pattern(range, PatternKind::Capture(bound))
    }

    /// `*name` or `*_`.
    pub(crate) fn star_pattern(&mut self, range: Range<u32>, name: Identifier) -> PatternId {
        let bound = self.bound(name);
        self.pattern(range, PatternKind::Star(bound))
    }

    /// Patterns with commas between and no brackets around.
    pub(crate) fn open_sequence(&mut self, range: Range<u32>, items: Vec<PatternId>, comma: bool) -> PatternId {
        match items[..] {
            [single] if !comma => {
                if let PatternKind::Star(_) = self.ast[single].kind {
                    self.refuse_star(single);
                }
                single
            }
            _ => self.pattern(range, PatternKind::Sequence(items)),
        }
    }

    fn refuse_star(&mut self, pattern: PatternId) {
        let place = self.place_from(self.ast[pattern].span.end);
        self.fault(place, "invalid syntax");
    }

    /// Patterns in parentheses.
    pub(crate) fn pattern_group(&mut self, range: Range<u32>, items: Vec<PatternId>, comma: bool) -> PatternId {
        self.open_sequence(range, items, comma)
    }

    /// `a | b`, or the only alternative.
    pub(crate) fn or_pattern(&mut self, range: Range<u32>, items: Vec<PatternId>) -> PatternId {
        match items[..] {
            [single] => single,
            _ => self.pattern(range, PatternKind::Or(items)),
        }
    }

    /// `pattern as target`.
    pub(crate) fn as_pattern(&mut self, range: Range<u32>, pattern: PatternId, target: ExpressionId) -> PatternId {
        let span = self.ast[target].span;
        let ExpressionKind::Name(symbol) = *self.kind(target) else {
            if self.first_token(span) == Some(Token::Name) {
                // The name has been taken; what follows it is wrong.
                let behind = self.place_from(span.start + 1);
                self.fault(behind, "invalid syntax");
            } else {
                self.fault(span, "invalid pattern target");
            }
            return pattern;
        };
        if self.symbol_name(symbol) == "_" {
            self.fault(span, "cannot use '_' as a target");
        }
        self.pattern(range, PatternKind::As { pattern, name: Identifier { symbol, span } })
    }

    /// `a.b`, the start of a dotted name.
    pub(crate) fn qualified(&mut self, range: Range<u32>, first: Identifier, name: Identifier) -> ExpressionId {
        let value = self.name(first);
        self.attribute(range, value, name)
    }

    /// `real + imaginary`.
    pub(crate) fn complex_pattern(
        &mut self,
        range: Range<u32>,
        operator: BinaryOperator,
        real: ExpressionId,
        imaginary: ExpressionId,
    ) -> ExpressionId {
        let number = match *self.kind(real) {
            ExpressionKind::Unary { operand, .. } => operand,
            _ => real,
        };
        if matches!(self.kind(number), ExpressionKind::Imaginary(_)) {
            self.fault(self.ast[number].span, "real number required in complex literal");
        } else if !matches!(self.kind(imaginary), ExpressionKind::Imaginary(_)) {
            self.fault(self.ast[imaginary].span, "imaginary number required in complex literal");
        }
        self.binary(range, operator, real, imaginary)
    }

    /// `{key: pattern, **rest}`.
    pub(crate) fn mapping_pattern(
        &mut self,
        range: Range<u32>,
        items: Vec<Result<(ExpressionId, PatternId), Identifier>>,
    ) -> PatternId {
        let mut pairs = Vec::with_capacity(items.len());
        let mut rest = None;
        for item in items {
            match item {
                _ if rest.is_some() => {
                    let place = match item {
                        Ok((key, _)) => self.ast[key].span,
                        Err(name) => name.span,
                    };
                    self.fault(place, "invalid syntax");
                    break;
                }
                Ok(pair) => pairs.push(pair),
                Err(name) => {
                    if self.symbol_name(name.symbol) == "_" {
                        self.fault(name.span, "invalid syntax");
                    }
                    rest = Some(name);
                }
            }
        }
        self.pattern(range, PatternKind::Mapping { items: pairs, rest })
    }

    /// `Class(a, name=b)`.
    pub(crate) fn class_pattern(
        &mut self,
        range: Range<u32>,
        class: ExpressionId,
        items: Vec<(Option<Identifier>, PatternId)>,
    ) -> PatternId {
        let (mut positional, mut keywords) = (Vec::new(), Vec::new());
        let mut misplaced: Option<toy_source::Span> = None;
        for (name, pattern) in items {
            match name {
                Some(name) => keywords.push((name, pattern)),
                None => {
                    if !keywords.is_empty() {
                        let span = self.ast[pattern].span;
                        misplaced = Some(misplaced.map_or(span, |before| before.to(span)));
                    }
                    positional.push(pattern);
                }
            }
        }
        if let Some(span) = misplaced {
            self.fault(span, "positional patterns follow keyword patterns");
        }
        self.pattern(range, PatternKind::Class { class, positional, keywords })
    }
}
