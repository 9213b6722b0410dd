//! What can be assigned to, and how CPython names what cannot.

use toy_source::Span;

use crate::{ast::*, builder::Builder, token::Token};

/// What becomes of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// `target = …`, `with … as target`.
    Assign,
    /// `for target in …`.
    For,
    /// `del target`.
    Delete,
}

/// CPython's name for a kind of expression.
pub(crate) fn name(kind: &ExpressionKind) -> &'static str {
    use ExpressionKind::*;
    match kind {
        None => "None",
        True => "True",
        False => "False",
        Ellipsis => "ellipsis",
        Integer(_) | BigInteger(_) | Float(_) | Imaginary(_) | String(_) | Bytes(_) => "literal",
        FString(_) => "f-string expression",
        Name(_) => "name",
        Unary { .. } | Binary { .. } | Boolean { .. } => "expression",
        Compare { .. } => "comparison",
        Conditional { .. } => "conditional expression",
        Lambda { .. } => "lambda",
        Named { .. } => "named expression",
        Call { .. } => "function call",
        Attribute { .. } => "attribute",
        Subscript { .. } => "subscript",
        Slice { .. } => "slice",
        Starred(_) => "starred",
        Tuple(_) => "tuple",
        List(_) => "list",
        Set(_) => "set display",
        Dict(_) => "dict literal",
        ListComprehension { .. } => "list comprehension",
        SetComprehension { .. } => "set comprehension",
        DictComprehension { .. } => "dict comprehension",
        Generator { .. } => "generator expression",
        Await(_) => "await expression",
        Yield(_) | YieldFrom(_) => "yield expression",
    }
}

/// Whether an expression is one place that can be assigned to.
pub(crate) fn is_single(kind: &ExpressionKind) -> bool {
    matches!(kind, ExpressionKind::Name(_) | ExpressionKind::Attribute { .. } | ExpressionKind::Subscript { .. })
}

/// Whether CPython suggests `==` when such an expression stands before a `=`: not for displays and singletons, and
/// not for what binds weaker than `|`.
pub(crate) fn may_be_meant_as_comparison(kind: &ExpressionKind) -> bool {
    use ExpressionKind::*;
    !matches!(
        kind,
        None | True
            | False
            | List(_)
            | Tuple(_)
            | Generator { .. }
            | Unary { operator: UnaryOperator::Not, .. }
            | Boolean { .. }
            | Compare { .. }
            | Conditional { .. }
            | Lambda { .. }
            | Starred(_)
            | Yield(_)
            | YieldFrom(_)
    )
}

impl Builder<'_> {
    /// Complains about the first part of `target` that the use forbids.
    pub(crate) fn check_target(&mut self, target: ExpressionId, usage: Use) {
        if let Some(wrong) = self.wrong_target(target, usage) {
            let Expression { span, ref kind, .. } = self.ast[wrong];
            if let (Use::For, ExpressionKind::Compare { rest, .. }) = (usage, kind)
                && matches!(rest[0].0, CompareOperator::In)
            {
                // CPython takes `(a in b)` for a target and its `in`, and wonders about what follows.
                let behind = self.behind_parentheses(span.end);
                return self.fault(behind, "invalid syntax");
            }
            let verb = if usage == Use::Delete { "delete" } else { "assign to" };
            let message = format!("cannot {verb} {}", name(kind));
            self.fault(span, message);
        }
    }

    /// The first part that cannot be a target, found without recursion.
    fn wrong_target(&self, target: ExpressionId, usage: Use) -> Option<ExpressionId> {
        let mut open = vec![target];
        while let Some(id) = open.pop() {
            match &self.ast[id].kind {
                ExpressionKind::Tuple(items) | ExpressionKind::List(items) => open.extend(items.iter().rev()),
                ExpressionKind::Starred(value) if usage != Use::Delete => open.push(*value),
                kind if is_single(kind) => {}
                _ => return Some(id),
            }
        }
        None
    }

    /// The targets of `a = b = value`.
    pub(crate) fn check_assignment(&mut self, targets: &[ExpressionId], value: ExpressionId) {
        for &target in targets {
            let Expression { span, ref kind, .. } = self.ast[target];
            if let ExpressionKind::Yield(_) | ExpressionKind::YieldFrom(_) = kind
                && !self.ast[target].parenthesised
            {
                self.fault(span, "assignment to yield expression not possible");
                return;
            }
            if self.wrong_target(target, Use::Assign).is_none() {
                continue;
            }
            // CPython's guess looks at the first sign; what follows it must not be the next target.
            let behind = match targets {
                [_] => Some(value),
                [_, second, ..] => self.first_of_several(*second),
                [] => None,
            };
            if let Some((span, message)) = behind.and_then(|behind| self.comparison_meant(targets[0], behind)) {
                self.fault(span, message);
            } else {
                self.check_target(target, Use::Assign);
            }
            return;
        }
    }

    /// The first item of a tuple without parentheses.
    fn first_of_several(&self, target: ExpressionId) -> Option<ExpressionId> {
        match &self.ast[target] {
            Expression { kind: ExpressionKind::Tuple(items), parenthesised: false, .. } => items.first().copied(),
            _ => None,
        }
    }

    /// CPython's guess that `==` was meant, which looks only at what touches the sign.
    fn comparison_meant(&self, target: ExpressionId, value: ExpressionId) -> Option<(Span, String)> {
        let last = match &self.ast[target] {
            Expression { kind: ExpressionKind::Tuple(items), parenthesised: false, .. } => *items.last()?,
            _ => target,
        };
        let kind = &self.ast[last].kind;
        let value = self.ast[value].span;
        let weak = matches!(self.first_token(value), Some(Token::Not | Token::Lambda | Token::Yield | Token::Star));
        if weak || (!may_be_meant_as_comparison(kind) && !self.ast[last].parenthesised) {
            return None;
        }
        if matches!(kind, ExpressionKind::Tuple(_) | ExpressionKind::List(_) | ExpressionKind::Generator { .. }) {
            return None;
        }
        if let ExpressionKind::Name(_) = kind {
            let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
            return Some((self.ast[last].span.to(value), message.to_owned()));
        }
        let message = format!("cannot assign to {} here. Maybe you meant '==' instead of '='?", name(kind));
        Some((self.ast[last].span, message))
    }
}
