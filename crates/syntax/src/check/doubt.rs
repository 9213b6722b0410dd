//! Expressions that mean something, but hardly what was meant: CPython's code generator warns of them.

use toy_source::{Span, Warning};

use super::walk::{self, Event, Listener};
use crate::ast::*;

/// The warnings about a sound tree, in the order of the text.
pub(super) fn check(ast: &Ast) -> Vec<Warning> {
    let mut doubt = Doubt { ast, warnings: Vec::new() };
    walk::walk(ast, &mut doubt);
    doubt.warnings
}

struct Doubt<'a> {
    ast: &'a Ast,
    warnings: Vec<Warning>,
}

impl Listener for Doubt<'_> {
    fn hear(&mut self, event: Event) {
        match event {
            Event::Statement(id) => self.statement(&self.ast[id]),
            Event::Expression(id) => self.expression(&self.ast[id]),
            _ => {}
        }
    }
}

impl Doubt<'_> {
    fn warn(&mut self, span: Span, message: impl Into<String>) {
        self.warnings.push(Warning::new(span, message));
    }

    fn statement(&mut self, statement: &Statement) {
        if let StatementKind::Assert { test, .. } = &statement.kind
            && matches!(&self.ast[*test].kind, ExpressionKind::Tuple(items) if !items.is_empty())
        {
            self.warn(statement.span, "assertion is always true, perhaps remove parentheses?");
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Compare { left, rest } => self.comparison(expression.span, *left, rest),
            ExpressionKind::Call { function, .. } => {
                let is_callable = matches!(self.ast[*function].kind, ExpressionKind::Lambda { .. });
                if let Some(class) = self.class_of(*function).filter(|_| !is_callable) {
                    let message = format!("'{class}' object is not callable; perhaps you missed a comma?");
                    self.warn(self.ast[*function].span, message);
                }
            }
            ExpressionKind::Subscript { value, index } => self.subscript(expression.span, *value, *index),
            _ => {}
        }
    }

    /// `is` asks whether it is the same object, which for a literal is up to the implementation. One warning is enough.
    fn comparison(&mut self, span: Span, left: ExpressionId, rest: &[(CompareOperator, ExpressionId)]) {
        let mut left = left;
        for &(operator, right) in rest {
            let (text, better) = match operator {
                CompareOperator::Is => ("is", "=="),
                CompareOperator::IsNot => ("is not", "!="),
                _ => {
                    left = right;
                    continue;
                }
            };
            if let Some(class) = self.literal_class(left).or_else(|| self.literal_class(right)) {
                self.warn(span, format!("\"{text}\" with '{class}' literal. Did you mean \"{better}\"?"));
                return;
            }
            left = right;
        }
    }

    /// The class of a literal that there may be several objects of.
    fn literal_class(&self, id: ExpressionId) -> Option<&'static str> {
        self.constant_class(id).filter(|class| !matches!(*class, "NoneType" | "bool" | "ellipsis"))
    }

    fn subscript(&mut self, span: Span, value: ExpressionId, index: ExpressionId) {
        use ExpressionKind as Kind;
        let Some(class) = self.class_of(value) else { return };
        match &self.ast[value].kind {
            Kind::Set(_) | Kind::SetComprehension { .. } | Kind::Generator { .. } | Kind::Lambda { .. } => {}
            _ if matches!(class, "NoneType" | "ellipsis" | "int" | "bool" | "float") => {}
            Kind::Dict(_) | Kind::DictComprehension { .. } => return,
            _ => {
                let Some(index) = self.class_of(index).filter(|index| !matches!(*index, "int" | "bool")) else {
                    return;
                };
                let message =
                    format!("{class} indices must be integers or slices, not {index}; perhaps you missed a comma?");
                return self.warn(span, message);
            }
        }
        self.warn(span, format!("'{class}' object is not subscriptable; perhaps you missed a comma?"));
    }

    /// The class of what an expression gives, where its form says it.
    fn class_of(&self, id: ExpressionId) -> Option<&'static str> {
        use ExpressionKind as Kind;
        Some(match &self.ast[id].kind {
            Kind::Tuple(_) => "tuple",
            Kind::List(_) | Kind::ListComprehension { .. } => "list",
            Kind::Dict(_) | Kind::DictComprehension { .. } => "dict",
            Kind::Set(_) | Kind::SetComprehension { .. } => "set",
            Kind::Generator { .. } => "generator",
            Kind::Lambda { .. } => "function",
            Kind::FString(_) => "str",
            _ => return self.constant_class(id),
        })
    }

    /// The class of a constant, or of a number computed from two constants.
    fn constant_class(&self, id: ExpressionId) -> Option<&'static str> {
        use ExpressionKind as Kind;
        let number = |id| self.plain_class(id).filter(|class| matches!(*class, "int" | "float" | "complex"));
        Some(match &self.ast[id].kind {
            Kind::Unary { operator, operand } if *operator != UnaryOperator::Not => number(*operand)?,
            Kind::Binary { operator, left, right } => match (number(*left)?, number(*right)?) {
                ("int", "int") if *operator != BinaryOperator::TrueDivide => "int",
                _ => "float",
            },
            Kind::Tuple(items) if items.iter().all(|&item| self.plain_class(item).is_some()) => "tuple",
            _ => return self.plain_class(id),
        })
    }

    fn plain_class(&self, id: ExpressionId) -> Option<&'static str> {
        use ExpressionKind as Kind;
        Some(match &self.ast[id].kind {
            Kind::None => "NoneType",
            Kind::True | Kind::False => "bool",
            Kind::Ellipsis => "ellipsis",
            Kind::Integer(_) | Kind::BigInteger(_) => "int",
            Kind::Float(_) => "float",
            Kind::Imaginary(_) => "complex",
            Kind::String(_) => "str",
            Kind::Bytes(_) => "bytes",
            _ => return None,
        })
    }
}
