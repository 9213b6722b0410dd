//! Parameters of functions, and CPython's rules for their order.

use std::ops::Range;

use toy_source::{Diagnostic, Span};

use super::{Builder, ParameterItem};
use crate::ast::*;
use crate::token::Token;

impl Builder<'_> {
    /// `*name`.
    pub(crate) fn star_parameter(
        &mut self,
        name: Identifier,
        annotation: Option<ExpressionId>,
        default: Option<ExpressionId>,
    ) -> ParameterItem {
        if let Some(default) = default {
            let equal = self.equal_before(default);
            self.earlier_fault(equal, "var-positional argument cannot have default value");
        }
        ParameterItem::Star(Parameter { name, annotation, default: None })
    }

    /// `**name`.
    pub(crate) fn double_star_parameter(
        &mut self,
        name: Identifier,
        annotation: Option<ExpressionId>,
        default: Option<ExpressionId>,
    ) -> ParameterItem {
        if let Some(default) = default {
            let equal = self.equal_before(default);
            self.earlier_fault(equal, "var-keyword argument cannot have default value");
        }
        ParameterItem::DoubleStar(Parameter { name, annotation, default: None })
    }

    /// `name=` without a default.
    pub(crate) fn missing_default(&mut self, range: Range<u32>) -> Option<ExpressionId> {
        let span = self.span(range.clone());
        match self.token_from(range.end) {
            Some((Token::Comma | Token::RightParenthesis, _)) | None => {
                self.fault(span, "expected default value expression");
            }
            // The colon of a lambda says nothing of defaults.
            Some((_, behind)) => self.fault(behind, "invalid syntax"),
        }
        Some(self.expression(range, ExpressionKind::None))
    }

    /// `*Ts` or `**P` among type parameters.
    pub(crate) fn variadic(
        &mut self,
        kind: TypeParameterKind,
        name: Identifier,
        bound: Option<ExpressionId>,
        default: Option<ExpressionId>,
    ) -> TypeParameter {
        if let Some(bound) = bound {
            let what = if matches!(self.kind(bound), ExpressionKind::Tuple(_)) { "constraints" } else { "bound" };
            let which = if kind == TypeParameterKind::ParamSpec { "ParamSpec" } else { "TypeVarTuple" };
            let span = Span { start: name.span.end, end: self.ast[bound].span.end };
            self.fault(span, format!("cannot use {what} with {which}"));
        }
        TypeParameter { kind, name, bound: None, default }
    }

    /// Complains before what has been complained of further on: what is missing behind an equals sign.
    fn earlier_fault(&mut self, span: Span, message: &str) {
        let later = self.faults.iter().position(|fault| fault.span.start >= span.start);
        let at = later.unwrap_or(self.faults.len());
        self.faults.insert(at, Diagnostic::syntax(span, message));
    }

    fn equal_before(&self, default: ExpressionId) -> Span {
        let start = self.ast[default].span.start;
        let index = self.tokens.partition_point(|(_, span)| span.start < start);
        let before = self.tokens[..index].iter().rev();
        // Of a missing default the span is that of the sign itself.
        let nearest = before.take(1).find(|(token, _)| *token == Token::Equal);
        nearest.map_or(self.ast[default].span, |&(_, span)| span)
    }

    /// Sorts parameters by the marks between them.
    pub(crate) fn parameters(&mut self, items: Vec<ParameterItem>, comma: bool) -> Parameters {
        self.sorted(items, comma, None)
    }

    /// The same for a lambda, whose next token starts at `next`.
    pub(crate) fn lambda_parameters(&mut self, items: Vec<ParameterItem>, comma: bool, next: u32) -> Parameters {
        self.sorted(items, comma, Some(next))
    }

    fn sorted(&mut self, items: Vec<ParameterItem>, comma: bool, lambda_end: Option<u32>) -> Parameters {
        let mut sorted = Parameters::default();
        let mut seen = Seen::default();
        let count = items.len();
        for (index, item) in items.into_iter().enumerate() {
            if let Err((mut span, message)) = seen.check(&item, index + 1 == count, comma) {
                if let (Some(next), true) = (lambda_end, message.starts_with("named")) {
                    // CPython complains of a lambda's bare star at the token that shows it to be bare.
                    let two_stars = match item {
                        ParameterItem::DoubleStar(ref parameter) => parameter.name.span.start - 2,
                        _ => next,
                    };
                    span = self.place_from(two_stars);
                }
                self.earlier_fault(span, message);
                break;
            }
            match item {
                ParameterItem::Plain(parameter) if seen.star => sorted.keyword_only.push(parameter),
                ParameterItem::Plain(parameter) => sorted.positional.push(parameter),
                ParameterItem::Slash(_) => sorted.positional_only = std::mem::take(&mut sorted.positional),
                ParameterItem::Star(parameter) => sorted.star = Some(parameter),
                ParameterItem::DoubleStar(parameter) => sorted.double_star = Some(parameter),
                ParameterItem::BareStar(_) => {}
            }
        }
        sorted
    }
}

/// What has been seen among the parameters so far.
/// What is said of a second star: one at the very end, without a name, is not taken for an argument.
fn repeated_star(item: &ParameterItem, ends: bool) -> &'static str {
    match item {
        ParameterItem::BareStar(_) if ends => "invalid syntax",
        _ => "* argument may appear only once",
    }
}

#[derive(Debug, Default)]
struct Seen {
    plain: bool,
    default: bool,
    slash: bool,
    star: bool,
    /// A bare star that no name has followed yet.
    bare_star: Option<Span>,
    double_star: bool,
}

impl Seen {
    fn check(&mut self, item: &ParameterItem, is_last: bool, comma: bool) -> Result<(), (Span, &'static str)> {
        let span = match item {
            ParameterItem::Plain(parameter) => parameter.name.span,
            ParameterItem::Slash(at) | ParameterItem::BareStar(at) => Span { start: *at, end: at + 1 },
            ParameterItem::Star(parameter) => {
                Span { start: parameter.name.span.start.saturating_sub(1), end: parameter.name.span.start }
            }
            ParameterItem::DoubleStar(parameter) => {
                Span { start: parameter.name.span.start.saturating_sub(2), end: parameter.name.span.start }
            }
        };
        if self.double_star {
            return Err((span, "arguments cannot follow var-keyword argument"));
        }
        if let (Some(bare), false) = (self.bare_star, matches!(item, ParameterItem::Plain(_))) {
            return Err(match item {
                ParameterItem::DoubleStar(_) => (bare, "named arguments must follow bare *"),
                ParameterItem::Slash(_) => (span, "/ must be ahead of *"),
                _ => (span, repeated_star(item, is_last && !comma)),
            });
        }
        match item {
            ParameterItem::Plain(parameter) => {
                if parameter.default.is_none() && self.default && !self.star {
                    return Err((span, "parameter without a default follows parameter with a default"));
                }
                self.plain = true;
                self.default |= parameter.default.is_some();
                self.bare_star = None;
            }
            ParameterItem::Slash(_) if self.slash => return Err((span, "/ may appear only once")),
            ParameterItem::Slash(_) if self.star => return Err((span, "/ must be ahead of *")),
            ParameterItem::Slash(_) if !self.plain && is_last && !comma => return Err((span, "invalid syntax")),
            ParameterItem::Slash(_) if !self.plain => return Err((span, "at least one argument must precede /")),
            ParameterItem::Slash(_) => self.slash = true,
            ParameterItem::Star(_) | ParameterItem::BareStar(_) if self.star => {
                return Err((span, repeated_star(item, is_last && !comma)));
            }
            ParameterItem::Star(_) => self.star = true,
            ParameterItem::BareStar(_) => {
                self.star = true;
                self.bare_star = Some(span);
            }
            ParameterItem::DoubleStar(_) => self.double_star = true,
        }
        match self.bare_star {
            Some(bare) if is_last => Err((bare, "named arguments must follow bare *")),
            _ => Ok(()),
        }
    }
}
