//! How deep trees are, so that whoever walks them by recursion knows its limit.

use toy_source::Span;

use super::Builder;
use crate::ast::*;

/// As deep as a tree may be: a walk with a kilobyte of stack a level stays within a few megabytes.
const DEPTH_LIMIT: u32 = 1000;

impl Builder<'_> {
    pub(super) fn limit_depth(&mut self, depth: u32, span: Span) {
        if depth == DEPTH_LIMIT + 1 {
            self.fault(span, "too many nested expressions: the source is too complex to compile");
        }
    }

    pub(super) fn expression_depth(&self, kind: &ExpressionKind) -> u32 {
        use ExpressionKind::*;
        let mut deepest = Deepest { ast: &self.ast, depth: 0 };
        match kind {
            None | True | False | Ellipsis | Integer(_) | BigInteger(_) | Float(_) | Imaginary(_) | String(_)
            | Bytes(_) | Name(_) => {}
            FString(parts) => deepest.fstring(parts),
            Unary { operand, .. } => deepest.see(*operand),
            Binary { left, right, .. } => {
                deepest.see(*right);
                deepest.see_spine(*left, matches!(self.kind(*left), Binary { .. }));
            }
            Boolean { values, .. } => deepest.see_all(values),
            Compare { left, rest } => {
                deepest.see(*left);
                rest.iter().for_each(|&(_, right)| deepest.see(right));
            }
            Conditional { test, then, otherwise } => deepest.see_all(&[*test, *then, *otherwise]),
            Lambda { parameters, body } => {
                deepest.see(*body);
                deepest.parameters(parameters);
            }
            Named { value, .. } => deepest.see(*value),
            Call { function, arguments } => {
                deepest.see_spine(*function, self.is_primary(*function));
                arguments.iter().for_each(|argument| deepest.see(argument.value));
            }
            Attribute { value, .. } => deepest.see_spine(*value, self.is_primary(*value)),
            Subscript { value, index } => {
                deepest.see_spine(*value, self.is_primary(*value));
                deepest.see(*index);
            }
            Slice { lower, upper, step } => [lower, upper, step].into_iter().flatten().for_each(|&id| deepest.see(id)),
            Starred(value) | Await(value) | YieldFrom(value) | Yield(Some(value)) => deepest.see(*value),
            Yield(Option::None) => {}
            Tuple(items) | List(items) | Set(items) => deepest.see_all(items),
            Dict(items) => items.iter().for_each(|item| match *item {
                DictItem::Pair(key, value) => deepest.see_all(&[key, value]),
                DictItem::Unpack(value) => deepest.see(value),
            }),
            ListComprehension { element, clauses }
            | SetComprehension { element, clauses }
            | Generator { element, clauses } => deepest.comprehension(&[*element], clauses),
            DictComprehension { key, value, clauses } => deepest.comprehension(&[*key, *value], clauses),
        }
        deepest.depth + 1
    }

    pub(super) fn statement_depth(&self, kind: &StatementKind) -> u32 {
        use StatementKind::*;
        let mut deepest = Deepest { ast: &self.ast, depth: 0 };
        match kind {
            Pass | Break | Continue | Global(_) | Nonlocal(_) | Import(_) | ImportFrom { .. } => {}
            Expression(value) => deepest.see(*value),
            Assign { targets, value } => {
                deepest.see_all(targets);
                deepest.see(*value);
            }
            AugmentedAssign { target, value, .. } => deepest.see_all(&[*target, *value]),
            AnnotatedAssign { target, annotation, value } => {
                deepest.see_all(&[*target, *annotation]);
                deepest.see_optional(*value);
            }
            TypeAlias { type_parameters, value, .. } => {
                deepest.type_parameters(type_parameters);
                deepest.see(*value);
            }
            Delete(targets) => deepest.see_all(targets),
            Return(value) => deepest.see_optional(*value),
            Raise { exception, cause } => [exception, cause].into_iter().for_each(|id| deepest.see_optional(*id)),
            Assert { test, message } => {
                deepest.see(*test);
                deepest.see_optional(*message);
            }
            If { branches, otherwise } => {
                for (test, body) in branches {
                    deepest.see(*test);
                    deepest.block(body);
                }
                otherwise.iter().for_each(|block| deepest.block(block));
            }
            While { test, body, otherwise } => {
                deepest.see(*test);
                deepest.blocks(body, otherwise);
            }
            For { target, iterable, body, otherwise, .. } => {
                deepest.see_all(&[*target, *iterable]);
                deepest.blocks(body, otherwise);
            }
            Try { body, handlers, otherwise, finally, .. } => {
                deepest.blocks(body, otherwise);
                finally.iter().for_each(|block| deepest.block(block));
                for handler in handlers {
                    deepest.see_optional(handler.kind);
                    deepest.block(&handler.body);
                }
            }
            With { items, body, .. } => {
                for item in items {
                    deepest.see(item.context);
                    deepest.see_optional(item.target);
                }
                deepest.block(body);
            }
            FunctionDefinition(function) => {
                deepest.see_all(&function.decorators);
                deepest.type_parameters(&function.type_parameters);
                deepest.parameters(&function.parameters);
                deepest.see_optional(function.returns);
                deepest.block(&function.body);
            }
            ClassDefinition(class) => {
                deepest.see_all(&class.decorators);
                deepest.type_parameters(&class.type_parameters);
                class.arguments.iter().for_each(|argument| deepest.see(argument.value));
                deepest.block(&class.body);
            }
            Match { subject, cases } => {
                deepest.see(*subject);
                for case in cases {
                    deepest.see_depth(self.ast[case.pattern].depth);
                    deepest.see_optional(case.guard);
                    deepest.block(&case.body);
                }
            }
        }
        deepest.depth + 1
    }

    pub(super) fn pattern_depth(&self, kind: &PatternKind) -> u32 {
        let mut deepest = Deepest { ast: &self.ast, depth: 0 };
        match kind {
            PatternKind::Value(value) | PatternKind::Singleton(value) => deepest.see(*value),
            PatternKind::Capture(_) | PatternKind::Star(_) => {}
            PatternKind::Sequence(items) | PatternKind::Or(items) => deepest.patterns(items),
            PatternKind::Mapping { items, .. } => {
                for (key, pattern) in items {
                    deepest.see(*key);
                    deepest.patterns(&[*pattern]);
                }
            }
            PatternKind::Class { class, positional, keywords } => {
                deepest.see(*class);
                deepest.patterns(positional);
                keywords.iter().for_each(|(_, pattern)| deepest.patterns(&[*pattern]));
            }
            PatternKind::As { pattern, .. } => deepest.patterns(&[*pattern]),
        }
        deepest.depth + 1
    }

    /// Whether an expression continues a chain such as `a.b(c)[d]`.
    fn is_primary(&self, id: ExpressionId) -> bool {
        use ExpressionKind::{Attribute, Call, Subscript};
        matches!(self.kind(id), Attribute { .. } | Call { .. } | Subscript { .. })
    }
}

/// The greatest depth among the nodes seen.
struct Deepest<'a> {
    ast: &'a Ast,
    depth: u32,
}

impl Deepest<'_> {
    fn see_depth(&mut self, depth: u32) {
        self.depth = self.depth.max(depth);
    }

    fn see(&mut self, id: ExpressionId) {
        self.see_depth(self.ast[id].depth);
    }

    /// A left operand: if it belongs to the same chain, this node is no deeper than it.
    fn see_spine(&mut self, id: ExpressionId, continues: bool) {
        self.see_depth(self.ast[id].depth - u32::from(continues));
    }

    fn see_all(&mut self, ids: &[ExpressionId]) {
        ids.iter().for_each(|&id| self.see(id));
    }

    fn see_optional(&mut self, id: Option<ExpressionId>) {
        id.into_iter().for_each(|id| self.see(id));
    }

    fn block(&mut self, block: &Block) {
        block.iter().for_each(|&id| self.see_depth(self.ast[id].depth));
    }

    fn blocks(&mut self, body: &Block, otherwise: &Option<Block>) {
        self.block(body);
        otherwise.iter().for_each(|block| self.block(block));
    }

    fn patterns(&mut self, ids: &[PatternId]) {
        ids.iter().for_each(|&id| self.see_depth(self.ast[id].depth));
    }

    fn comprehension(&mut self, elements: &[ExpressionId], clauses: &[ComprehensionClause]) {
        self.see_all(elements);
        for clause in clauses {
            self.see_all(&[clause.target, clause.iterable]);
            self.see_all(&clause.conditions);
        }
    }

    fn parameters(&mut self, parameters: &Parameters) {
        let plain =
            [&parameters.positional_only, &parameters.positional, &parameters.keyword_only].into_iter().flatten();
        for parameter in plain.chain(&parameters.star).chain(&parameters.double_star) {
            self.see_optional(parameter.annotation);
            self.see_optional(parameter.default);
        }
    }

    fn type_parameters(&mut self, parameters: &[TypeParameter]) {
        for parameter in parameters {
            self.see_optional(parameter.bound);
            self.see_optional(parameter.default);
        }
    }

    /// Fields nest in specifications only a few levels, as the lexer sees to.
    fn fstring(&mut self, parts: &[FStringPart]) {
        for part in parts {
            if let FStringPart::Replacement { value, spec, .. } = part {
                self.see(*value);
                spec.iter().for_each(|spec| self.fstring(spec));
            }
        }
    }
}
