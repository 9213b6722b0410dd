//! Expressions.

use std::ops::Range;

use super::Builder;
use crate::{ast::*, target};

impl Builder<'_> {
    /// A name.
    pub(crate) fn name(&mut self, name: Identifier) -> ExpressionId {
        self.expression(name.span.start..name.span.end, ExpressionKind::Name(name.symbol))
    }

    /// An operator with one operand.
    pub(crate) fn unary(&mut self, range: Range<u32>, operator: UnaryOperator, operand: ExpressionId) -> ExpressionId {
        self.expression(range, ExpressionKind::Unary { operator, operand })
    }

    /// An operator with two operands.
    pub(crate) fn binary(
        &mut self,
        range: Range<u32>,
        operator: BinaryOperator,
        left: ExpressionId,
        right: ExpressionId,
    ) -> ExpressionId {
        self.expression(range, ExpressionKind::Binary { operator, left, right })
    }

    /// `value.name`.
    pub(crate) fn attribute(&mut self, range: Range<u32>, value: ExpressionId, name: Identifier) -> ExpressionId {
        self.expression(range, ExpressionKind::Attribute { value, name })
    }

    /// `lambda parameters: body`.
    pub(crate) fn lambda(&mut self, range: Range<u32>, parameters: Parameters, body: ExpressionId) -> ExpressionId {
        self.expression(range, ExpressionKind::Lambda { parameters: Box::new(parameters), body })
    }

    /// `target := value`.
    pub(crate) fn named(&mut self, range: Range<u32>, target: ExpressionId, value: ExpressionId) -> ExpressionId {
        let Expression { span, parenthesised, .. } = self.ast[target];
        let ExpressionKind::Name(symbol) = *self.kind(target) else {
            let message = format!("cannot use assignment expressions with {}", target::name(self.kind(target)));
            self.fault(span, message);
            return value;
        };
        if parenthesised {
            self.fault(span, "cannot use assignment expressions with name");
        }
        self.expression(range, ExpressionKind::Named { target: Identifier { symbol, span }, value })
    }

    /// `target := value` as an argument, where CPython has no word for what the target is.
    pub(crate) fn named_argument(
        &mut self,
        range: Range<u32>,
        target: ExpressionId,
        sign: u32,
        value: ExpressionId,
    ) -> ExpressionId {
        let Expression { parenthesised, ref kind, .. } = self.ast[target];
        if parenthesised || !matches!(kind, ExpressionKind::Name(_)) {
            let sign = self.place_from(sign);
            self.fault(sign, "invalid syntax");
            return value;
        }
        self.named(range, target, value)
    }

    /// `target = value` where only an expression may stand.
    pub(crate) fn misplaced_equal(&mut self, target: ExpressionId, value: ExpressionId) -> ExpressionId {
        let (target_span, value_span) = (self.ast[target].span, self.ast[value].span);
        let kind = self.kind(target);
        if let ExpressionKind::Name(_) = kind {
            let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
            self.fault(target_span.to(value_span), message);
        } else if target::may_be_meant_as_comparison(kind) {
            let name = target::name(kind);
            self.fault(target_span, format!("cannot assign to {name} here. Maybe you meant '==' instead of '='?"));
        } else {
            let equal = self.place_from(self.ast[target].span.end);
            self.fault(equal, "invalid syntax");
        }
        value
    }

    /// Items with commas between: a tuple, or the only item if no comma follows it.
    pub(crate) fn tuple_or_single(&mut self, range: Range<u32>, items: Vec<ExpressionId>, comma: bool) -> ExpressionId {
        match items[..] {
            [single] if !comma => single,
            _ => self.expression(range, ExpressionKind::Tuple(items)),
        }
    }

    /// What `match` looks at: a star needs a comma.
    pub(crate) fn subject(&mut self, range: Range<u32>, items: Vec<ExpressionId>, comma: bool) -> ExpressionId {
        if let [single] = items[..]
            && !comma
            && matches!(self.kind(single), ExpressionKind::Starred(_))
        {
            let behind = self.place_from(range.end);
            self.fault(behind, "invalid syntax");
        }
        self.tuple_or_single(range, items, comma)
    }

    /// The same within parentheses.
    pub(crate) fn group(&mut self, range: Range<u32>, items: Vec<ExpressionId>, comma: bool) -> ExpressionId {
        match items[..] {
            [single] if !comma => {
                if let ExpressionKind::Starred(_) = self.kind(single) {
                    self.fault(self.ast[single].span, "cannot use starred expression here");
                }
                self.ast.expressions[single.0 as usize].parenthesised = true;
                single
            }
            _ => self.parenthesised(range, ExpressionKind::Tuple(items)),
        }
    }

    /// The same within the brackets of a subscript.
    pub(crate) fn slices(&mut self, range: Range<u32>, items: Vec<ExpressionId>, comma: bool) -> ExpressionId {
        let starred = matches!(self.kind(items[0]), ExpressionKind::Starred(_));
        self.tuple_or_single(range, items, comma || starred)
    }

    /// `for target in iterable if conditions`.
    pub(crate) fn clause(
        &mut self,
        is_async: bool,
        target: ExpressionId,
        iterable: ExpressionId,
        conditions: Vec<ExpressionId>,
    ) -> ComprehensionClause {
        self.check_target(target, target::Use::For);
        ComprehensionClause { is_async, target, iterable, conditions }
    }

    /// `(element for …)`.
    pub(crate) fn generator(
        &mut self,
        range: Range<u32>,
        element: ExpressionId,
        clauses: Vec<ComprehensionClause>,
    ) -> ExpressionId {
        self.refuse_unpacking(element);
        self.parenthesised(range, ExpressionKind::Generator { element, clauses })
    }

    /// `element for …` as an argument: it has no parentheses of its own.
    pub(crate) fn bare_generator(
        &mut self,
        range: Range<u32>,
        element: ExpressionId,
        clauses: Vec<ComprehensionClause>,
    ) -> ExpressionId {
        self.expression(range, ExpressionKind::Generator { element, clauses })
    }

    /// `[element for …]`.
    pub(crate) fn list_comprehension(
        &mut self,
        range: Range<u32>,
        element: ExpressionId,
        clauses: Vec<ComprehensionClause>,
    ) -> ExpressionId {
        self.refuse_unpacking(element);
        self.expression(range, ExpressionKind::ListComprehension { element, clauses })
    }

    /// `{element for …}`.
    pub(crate) fn set_comprehension(
        &mut self,
        range: Range<u32>,
        element: ExpressionId,
        clauses: Vec<ComprehensionClause>,
    ) -> ExpressionId {
        self.refuse_unpacking(element);
        self.expression(range, ExpressionKind::SetComprehension { element, clauses })
    }

    /// `{key: value for …}`.
    pub(crate) fn dict_comprehension(
        &mut self,
        range: Range<u32>,
        item: DictItem,
        clauses: Vec<ComprehensionClause>,
    ) -> ExpressionId {
        match item {
            DictItem::Pair(key, value) => {
                self.expression(range, ExpressionKind::DictComprehension { key, value, clauses })
            }
            DictItem::Unpack(value) => {
                let stars = self.place_from(range.start + 1);
                self.fault(stars, "dict unpacking cannot be used in dict comprehension");
                value
            }
        }
    }

    fn refuse_unpacking(&mut self, element: ExpressionId) {
        if let ExpressionKind::Starred(_) = self.kind(element) {
            self.fault(self.ast[element].span, "iterable unpacking cannot be used in comprehension");
        }
    }
}
