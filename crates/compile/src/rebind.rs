//! Which expressions assign to names while they are evaluated.

use toy_syntax::ast::{Ast, ComprehensionClause, DictItem, ExpressionId, ExpressionKind, FStringPart, Parameters};

/// Expressions that contain an assignment expression.
pub(crate) struct Rebinding {
    /// By expression; empty if the program has none at all.
    contains: Vec<bool>,
}

impl Rebinding {
    /// Looks through a program.
    pub(crate) fn new(ast: &Ast) -> Self {
        let is_named = |kind: &ExpressionKind| matches!(kind, ExpressionKind::Named { .. });
        if !ast.expressions.iter().any(|expression| is_named(&expression.kind)) {
            return Self { contains: Vec::new() };
        }
        let mut contains: Vec<bool> = Vec::with_capacity(ast.expressions.len());
        for expression in &ast.expressions {
            let mut found = is_named(&expression.kind);
            for_each_child(&expression.kind, &mut |child| found |= contains[child.0 as usize]);
            contains.push(found);
        }
        Self { contains }
    }

    /// Whether evaluating the expression may assign to a local.
    pub(crate) fn may_rebind(&self, id: ExpressionId) -> bool {
        self.contains.get(id.0 as usize).copied().unwrap_or(false)
    }
}

/// Calls `visit` with each direct part of an expression.
fn for_each_child(kind: &ExpressionKind, visit: &mut impl FnMut(ExpressionId)) {
    match kind {
        ExpressionKind::None
        | ExpressionKind::True
        | ExpressionKind::False
        | ExpressionKind::Ellipsis
        | ExpressionKind::Integer(_)
        | ExpressionKind::BigInteger(_)
        | ExpressionKind::Float(_)
        | ExpressionKind::Imaginary(_)
        | ExpressionKind::String(_)
        | ExpressionKind::Bytes(_)
        | ExpressionKind::Name(_) => {}
        ExpressionKind::FString(parts) => format_parts(parts, visit),
        ExpressionKind::Unary { operand: inner, .. }
        | ExpressionKind::Named { value: inner, .. }
        | ExpressionKind::Attribute { value: inner, .. }
        | ExpressionKind::Starred(inner)
        | ExpressionKind::Await(inner)
        | ExpressionKind::YieldFrom(inner) => visit(*inner),
        ExpressionKind::Binary { left, right, .. } => [*left, *right].into_iter().for_each(visit),
        ExpressionKind::Boolean { values: items, .. }
        | ExpressionKind::Tuple(items)
        | ExpressionKind::List(items)
        | ExpressionKind::Set(items) => items.iter().copied().for_each(visit),
        ExpressionKind::Compare { left, rest } => {
            visit(*left);
            rest.iter().for_each(|(_, value)| visit(*value));
        }
        ExpressionKind::Conditional { test, then, otherwise } => {
            [*test, *then, *otherwise].into_iter().for_each(visit);
        }
        ExpressionKind::Lambda { parameters, body } => {
            defaults(parameters, visit);
            visit(*body);
        }
        ExpressionKind::Call { function, arguments } => {
            visit(*function);
            arguments.iter().for_each(|argument| visit(argument.value));
        }
        ExpressionKind::Subscript { value, index } => [*value, *index].into_iter().for_each(visit),
        ExpressionKind::Slice { lower, upper, step } => {
            [lower, upper, step].into_iter().flatten().copied().for_each(visit)
        }
        ExpressionKind::Dict(items) => items.iter().for_each(|item| match item {
            DictItem::Pair(key, value) => [*key, *value].into_iter().for_each(&mut *visit),
            DictItem::Unpack(value) => visit(*value),
        }),
        ExpressionKind::ListComprehension { element, clauses }
        | ExpressionKind::SetComprehension { element, clauses }
        | ExpressionKind::Generator { element, clauses } => {
            visit(*element);
            comprehension(clauses, visit);
        }
        ExpressionKind::DictComprehension { key, value, clauses } => {
            [*key, *value].into_iter().for_each(&mut *visit);
            comprehension(clauses, visit);
        }
        ExpressionKind::Yield(value) => value.iter().copied().for_each(visit),
    }
}

fn format_parts(parts: &[FStringPart], visit: &mut impl FnMut(ExpressionId)) {
    for part in parts {
        if let FStringPart::Replacement { value, spec, .. } = part {
            visit(*value);
            if let Some(spec) = spec {
                format_parts(spec, visit);
            }
        }
    }
}

fn defaults(parameters: &Parameters, visit: &mut impl FnMut(ExpressionId)) {
    crate::scope::in_annotation_order(parameters).filter_map(|parameter| parameter.default).for_each(visit);
}

fn comprehension(clauses: &[ComprehensionClause], visit: &mut impl FnMut(ExpressionId)) {
    for clause in clauses {
        visit(clause.iterable);
        clause.conditions.iter().copied().for_each(&mut *visit);
    }
}
