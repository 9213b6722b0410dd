//! Expressions as text again, for annotations that are kept as text: spaces and quotes as CPython writes them.
//!
//! What annotations are hardly ever made of (lambdas, comprehensions, f-strings) stays as it was written.

use std::fmt::Write;

use toy_source::Text;
use toy_syntax::ast::{
    Argument, ArgumentKind, Ast, BinaryOperator, CompareOperator, ExpressionId, ExpressionKind, UnaryOperator,
};

/// How tightly an expression binds, loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Binding {
    Tuple,
    Test,
    Not,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Sign,
    Power,
    Primary,
}

/// The expression as CPython's `from __future__ import annotations` stores it.
pub(crate) fn unparse(ast: &Ast, source: &str, id: ExpressionId) -> String {
    let mut writer = Writer { ast, source, out: String::new() };
    writer.expression(id, Binding::Test);
    writer.out
}

struct Writer<'a> {
    ast: &'a Ast,
    source: &'a str,
    out: String,
}

impl Writer<'_> {
    fn expression(&mut self, id: ExpressionId, context: Binding) {
        let ast = self.ast;
        match &ast[id].kind {
            ExpressionKind::None => self.out.push_str("None"),
            ExpressionKind::True => self.out.push_str("True"),
            ExpressionKind::False => self.out.push_str("False"),
            ExpressionKind::Ellipsis => self.out.push_str("..."),
            ExpressionKind::Integer(value) => {
                let _ = write!(self.out, "{value}");
            }
            ExpressionKind::String(text) => self.out.push_str(&quoted(text)),
            ExpressionKind::Name(symbol) => self.out.push_str(ast.symbols.name(*symbol)),
            ExpressionKind::Attribute { value, name } => {
                self.expression(*value, Binding::Primary);
                self.out.push('.');
                self.out.push_str(ast.symbols.name(name.symbol));
            }
            ExpressionKind::Subscript { value, index } => {
                self.expression(*value, Binding::Primary);
                self.out.push('[');
                match &ast[*index].kind {
                    ExpressionKind::Tuple(items) if !items.is_empty() => self.tuple_items(items),
                    _ => self.expression(*index, Binding::Tuple),
                }
                self.out.push(']');
            }
            ExpressionKind::Call { function, arguments } => {
                self.expression(*function, Binding::Primary);
                self.out.push('(');
                self.list(arguments, |writer, argument| writer.argument(argument));
                self.out.push(')');
            }
            ExpressionKind::Binary { operator, left, right } => {
                let (text, binding) = binary(*operator);
                let is_power = *operator == BinaryOperator::Power;
                let (left_binding, right_binding) =
                    if is_power { (Binding::Primary, Binding::Sign) } else { (binding, tighter(binding)) };
                self.bracketed(binding < context, |writer| {
                    writer.expression(*left, left_binding);
                    let _ = write!(writer.out, " {text} ");
                    writer.expression(*right, right_binding);
                });
            }
            ExpressionKind::Unary { operator, operand } => {
                let (text, binding) = match operator {
                    UnaryOperator::Not => ("not ", Binding::Not),
                    UnaryOperator::Negative => ("-", Binding::Sign),
                    UnaryOperator::Positive => ("+", Binding::Sign),
                    UnaryOperator::Invert => ("~", Binding::Sign),
                };
                self.bracketed(binding < context, |writer| {
                    writer.out.push_str(text);
                    writer.expression(*operand, binding);
                });
            }
            ExpressionKind::Compare { left, rest } => self.bracketed(Binding::Compare < context, |writer| {
                writer.expression(*left, Binding::BitOr);
                for (operator, value) in rest {
                    let _ = write!(writer.out, " {} ", comparison(*operator));
                    writer.expression(*value, Binding::BitOr);
                }
            }),
            ExpressionKind::Tuple(items) => self.bracketed(Binding::Tuple < context || items.is_empty(), |writer| {
                writer.tuple_items(items);
            }),
            ExpressionKind::List(items) => {
                self.out.push('[');
                self.list(items, |writer, item| writer.expression(*item, Binding::Test));
                self.out.push(']');
            }
            ExpressionKind::Starred(value) => {
                self.out.push('*');
                self.expression(*value, Binding::BitOr);
            }
            _ => {
                let span = ast[id].span;
                let text = self.source.get(span.start as usize..span.end as usize).unwrap_or("...");
                let text = text.to_owned();
                self.bracketed(context > Binding::Test, |writer| writer.out.push_str(&text));
            }
        }
    }

    fn bracketed(&mut self, is_bracketed: bool, write: impl FnOnce(&mut Self)) {
        if is_bracketed {
            self.out.push('(');
        }
        write(self);
        if is_bracketed {
            self.out.push(')');
        }
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            write(self, item);
        }
    }

    fn tuple_items(&mut self, items: &[ExpressionId]) {
        self.list(items, |writer, item| writer.expression(*item, Binding::Test));
        if items.len() == 1 && !matches!(self.ast[items[0]].kind, ExpressionKind::Starred(_)) {
            self.out.push(',');
        }
    }

    fn argument(&mut self, argument: &Argument) {
        match argument.kind {
            ArgumentKind::Positional => {}
            ArgumentKind::Star => self.out.push('*'),
            ArgumentKind::DoubleStar => self.out.push_str("**"),
            ArgumentKind::Keyword(name) => {
                let _ = write!(self.out, "{}=", self.ast.symbols.name(name.symbol));
            }
        }
        self.expression(argument.value, Binding::Test);
    }
}

fn tighter(binding: Binding) -> Binding {
    match binding {
        Binding::BitOr => Binding::BitXor,
        Binding::BitXor => Binding::BitAnd,
        Binding::BitAnd => Binding::Shift,
        Binding::Shift => Binding::Sum,
        Binding::Sum => Binding::Product,
        _ => Binding::Sign,
    }
}

fn binary(operator: BinaryOperator) -> (&'static str, Binding) {
    match operator {
        BinaryOperator::Add => ("+", Binding::Sum),
        BinaryOperator::Subtract => ("-", Binding::Sum),
        BinaryOperator::Multiply => ("*", Binding::Product),
        BinaryOperator::MatrixMultiply => ("@", Binding::Product),
        BinaryOperator::TrueDivide => ("/", Binding::Product),
        BinaryOperator::FloorDivide => ("//", Binding::Product),
        BinaryOperator::Modulo => ("%", Binding::Product),
        BinaryOperator::Power => ("**", Binding::Power),
        BinaryOperator::LeftShift => ("<<", Binding::Shift),
        BinaryOperator::RightShift => (">>", Binding::Shift),
        BinaryOperator::And => ("&", Binding::BitAnd),
        BinaryOperator::Or => ("|", Binding::BitOr),
        BinaryOperator::Xor => ("^", Binding::BitXor),
    }
}

fn comparison(operator: CompareOperator) -> &'static str {
    match operator {
        CompareOperator::Equal => "==",
        CompareOperator::NotEqual => "!=",
        CompareOperator::Less => "<",
        CompareOperator::LessEqual => "<=",
        CompareOperator::Greater => ">",
        CompareOperator::GreaterEqual => ">=",
        CompareOperator::Is => "is",
        CompareOperator::IsNot => "is not",
        CompareOperator::In => "in",
        CompareOperator::NotIn => "not in",
    }
}

/// The string as `repr` writes it, for printable text.
fn quoted(text: &Text) -> String {
    let quote = match text.as_str() {
        Some(text) if text.contains('\'') && !text.contains('"') => '"',
        _ => '\'',
    };
    let mut out = String::from(quote);
    for point in text.code_points() {
        match char::from_u32(point) {
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(char) if char == quote => out.extend(['\\', char]),
            Some(char) if (char as u32) < 0x20 || char == '\x7f' => {
                let _ = write!(out, "\\x{:02x}", char as u32);
            }
            Some(char) => out.push(char),
            None => {
                let _ = write!(out, "\\u{point:04x}");
            }
        }
    }
    out.push(quote);
    out
}
