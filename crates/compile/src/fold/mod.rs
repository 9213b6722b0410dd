//! Constant folding: expressions whose value is known before the program runs.
//!
//! Invariant: folding never changes what a program prints: what would raise is left alone, and sizes are bounded.

mod number;

use std::collections::HashMap;

use toy_code::Constant;
use toy_source::Text;
use toy_syntax::ast::{Ast, BinaryOperator, CompareOperator, ExpressionId, ExpressionKind, UnaryOperator};

/// Text and bytes that folding makes are at most so long.
const MAXIMUM_LENGTH: usize = 4096;

/// Constant values of expressions that are not literals themselves.
pub(crate) struct Constants {
    folded: HashMap<ExpressionId, Constant>,
}

/// Folds all expressions of a program, operands before what they are part of.
pub(crate) fn fold(ast: &Ast) -> Constants {
    let mut constants = Constants { folded: HashMap::new() };
    for (index, expression) in ast.expressions.iter().enumerate() {
        let folded = match &expression.kind {
            ExpressionKind::Unary { operator, operand } => {
                constants.of(ast, *operand).and_then(|operand| unary(*operator, &operand))
            }
            ExpressionKind::Binary { operator, left, right } => constants.binary(ast, *operator, *left, *right),
            ExpressionKind::Tuple(items) => constants.tuple(ast, items),
            _ => None,
        };
        if let Some(constant) = folded {
            constants.folded.insert(ExpressionId(index as u32), constant);
        }
    }
    constants
}

impl Constants {
    /// The value of an expression, if it is constant.
    pub(crate) fn of(&self, ast: &Ast, id: ExpressionId) -> Option<Constant> {
        literal(ast, id).or_else(|| self.folded.get(&id).cloned())
    }

    /// Whether an expression is constant.
    pub(crate) fn contains(&self, ast: &Ast, id: ExpressionId) -> bool {
        self.folded.contains_key(&id) || is_literal(ast, id)
    }

    /// The constant that `x in …` looks into.
    pub(crate) fn compared(&self, ast: &Ast, operator: CompareOperator, id: ExpressionId) -> Option<Constant> {
        matches!(operator, CompareOperator::In | CompareOperator::NotIn).then(|| self.container(ast, id)).flatten()
    }

    /// The constant for a container that nobody can change: a list display of constants counts as tuple, a set display as
    /// frozenset.
    pub(crate) fn container(&self, ast: &Ast, id: ExpressionId) -> Option<Constant> {
        let all = |items: &[ExpressionId]| items.iter().map(|&item| self.of(ast, item)).collect::<Option<Box<[_]>>>();
        match &ast[id].kind {
            ExpressionKind::List(items) => all(items).map(Constant::Tuple),
            ExpressionKind::Set(items) => all(items).map(Constant::FrozenSet),
            _ => None,
        }
    }

    /// Takes the items over: what they are part of stands for them from now on.
    fn tuple(&mut self, ast: &Ast, items: &[ExpressionId]) -> Option<Constant> {
        if !items.iter().all(|&item| self.contains(ast, item)) {
            return None;
        }
        let take = |item: &ExpressionId| literal(ast, *item).or_else(|| self.folded.remove(item));
        items.iter().map(take).collect::<Option<Box<[_]>>>().map(Constant::Tuple)
    }

    fn binary(&self, ast: &Ast, operator: BinaryOperator, left: ExpressionId, right: ExpressionId) -> Option<Constant> {
        let right = self.of(ast, right)?;
        let left = self.of(ast, left)?;
        match (operator, &left, &right) {
            (BinaryOperator::Add, Constant::Text(left), Constant::Text(right)) => {
                let is_short = left.as_bytes().len() + right.as_bytes().len() <= MAXIMUM_LENGTH;
                is_short.then(|| Constant::Text(Text::from_code_points(left.code_points().chain(right.code_points()))))
            }
            (BinaryOperator::Add, Constant::Bytes(left), Constant::Bytes(right)) => (left.len() + right.len()
                <= MAXIMUM_LENGTH)
                .then(|| Constant::Bytes([&left[..], &right[..]].concat().into())),
            (BinaryOperator::Multiply, Constant::Text(text), Constant::Integer(count))
            | (BinaryOperator::Multiply, Constant::Integer(count), Constant::Text(text)) => {
                let count = repetitions(*count, text.as_bytes().len())?;
                let points: Vec<u32> = text.code_points().collect();
                Some(Constant::Text(Text::from_code_points(points.repeat(count))))
            }
            (BinaryOperator::Multiply, Constant::Bytes(bytes), Constant::Integer(count))
            | (BinaryOperator::Multiply, Constant::Integer(count), Constant::Bytes(bytes)) => {
                Some(Constant::Bytes(bytes.repeat(repetitions(*count, bytes.len())?).into()))
            }
            _ => number::binary(operator, &left, &right),
        }
    }
}

fn repetitions(count: i64, length: usize) -> Option<usize> {
    let count = usize::try_from(count.max(0)).ok()?;
    (count.checked_mul(length)? <= MAXIMUM_LENGTH).then_some(count)
}

fn unary(operator: UnaryOperator, operand: &Constant) -> Option<Constant> {
    match operator {
        UnaryOperator::Not => truth(operand).map(|truth| Constant::Bool(!truth)),
        _ => number::unary(operator, operand),
    }
}

/// The truth of a constant; `None` where it is not worth knowing.
pub(crate) fn truth(constant: &Constant) -> Option<bool> {
    Some(match constant {
        Constant::None => false,
        Constant::Bool(value) => *value,
        Constant::Ellipsis | Constant::BigInteger(_) => true,
        Constant::Integer(value) => *value != 0,
        Constant::Float(value) => *value != 0.0,
        Constant::Text(text) => !text.as_bytes().is_empty(),
        Constant::Bytes(bytes) => !bytes.is_empty(),
        Constant::Tuple(items) | Constant::FrozenSet(items) => !items.is_empty(),
    })
}

fn is_literal(ast: &Ast, id: ExpressionId) -> bool {
    match &ast[id].kind {
        ExpressionKind::None
        | ExpressionKind::True
        | ExpressionKind::False
        | ExpressionKind::Ellipsis
        | ExpressionKind::Integer(_)
        | ExpressionKind::BigInteger(_)
        | ExpressionKind::Float(_)
        | ExpressionKind::String(_)
        | ExpressionKind::Bytes(_) => true,
        ExpressionKind::Name(symbol) => ast.symbols.name(*symbol) == "__debug__",
        _ => false,
    }
}

fn literal(ast: &Ast, id: ExpressionId) -> Option<Constant> {
    Some(match &ast[id].kind {
        ExpressionKind::None => Constant::None,
        ExpressionKind::True => Constant::Bool(true),
        ExpressionKind::False => Constant::Bool(false),
        ExpressionKind::Ellipsis => Constant::Ellipsis,
        ExpressionKind::Integer(value) => Constant::Integer(*value),
        ExpressionKind::BigInteger(digits) => Constant::BigInteger(digits.clone()),
        ExpressionKind::Float(value) => Constant::Float(*value),
        ExpressionKind::String(text) => Constant::Text(text.clone()),
        ExpressionKind::Bytes(bytes) => Constant::Bytes(bytes.clone()),
        ExpressionKind::Name(symbol) if ast.symbols.name(*symbol) == "__debug__" => Constant::Bool(true),
        _ => return None,
    })
}
