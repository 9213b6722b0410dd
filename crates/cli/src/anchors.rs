//! What tracebacks ask of a piece of program text: where its operator or its brackets stand.

use toy_source::{Source, Span};
use toy_syntax::ast::{Ast, Expression, ExpressionId, ExpressionKind, Statement, StatementKind};
use toy_vm::TextExtent;

/// Heads of a function around the text, in which it may be parsed although it returns, yields or awaits.
const HEADS: [&str; 2] = ["def _():\n ", "async def _():\n "];
/// Lines before the expression, which stands in parentheses of its own.
const LINES_BEFORE: usize = 2;

/// The operator of a binary operation, or the brackets of a call or subscript.
pub(crate) fn anchors(expression: &str) -> Option<TextExtent> {
    let (source, ast, statement) = HEADS.iter().find_map(|head| parse(format!("{head}(\n{expression}\n)\n")))?;
    let StatementKind::Expression(id) = ast.statements[statement].kind else { return None };
    let text = Text { lines: expression.lines().map(|line| line.chars().collect()).collect() };
    let place = |offset: u32| {
        let place = source.line_column(offset);
        ((place.line as usize).saturating_sub(1 + LINES_BEFORE), place.column as usize)
    };
    let end_of = |id: ExpressionId| place(ast[id].span.end);
    match &ast[id].kind {
        ExpressionKind::Binary { left, right, .. } => {
            let start = text.next(end_of(*left), |char| !char.is_whitespace() && char != ')')?;
            let right = place(ast[*right].span.start);
            // The operator has one character or two.
            let second = (start.0, start.1 + 1);
            let is_operator = |char: char| !char.is_whitespace() && char != '\\' && char != '#';
            let is_long = second < right && text.at(second).is_some_and(is_operator);
            Some(TextExtent { start, end: (start.0, second.1 + usize::from(is_long)) })
        }
        ExpressionKind::Subscript { value, .. } => {
            Some(TextExtent { start: text.next(end_of(*value), |char| char == '[')?, end: end_of(id) })
        }
        ExpressionKind::Call { function, .. } => {
            Some(TextExtent { start: text.next(end_of(*function), |char| char == '(')?, end: end_of(id) })
        }
        _ => None,
    }
}

/// The call in `return name(…)` or `name = f(…)`.
pub(crate) fn statement_call(statement: &str) -> Option<TextExtent> {
    let (source, ast, statement) = HEADS.iter().find_map(|head| parse(format!("{head}{statement}\n")))?;
    let is_name = |id: ExpressionId| matches!(ast[id].kind, ExpressionKind::Name(_));
    let call = match &ast.statements[statement].kind {
        StatementKind::Return(Some(value)) => match &ast[*value].kind {
            ExpressionKind::Call { function, .. } if is_name(*function) => *value,
            _ => return None,
        },
        StatementKind::Assign { targets, value } if targets.len() == 1 && is_name(targets[0]) => {
            match &ast[*value].kind {
                ExpressionKind::Call { .. } => *value,
                _ => return None,
            }
        }
        _ => return None,
    };
    let Expression { span: Span { start, end }, .. } = ast[call];
    let place = |offset: u32| {
        let place = source.line_column(offset);
        let (line, column) = (place.line as usize - 2, place.column as usize);
        // The first line was indented.
        (line, if line == 0 { column - 1 } else { column })
    };
    Some(TextExtent { start: place(start), end: place(end) })
}

/// The tree of a function, and the number of its first statement.
fn parse(text: String) -> Option<(Source, Ast, usize)> {
    let source = Source::new("", text);
    let ast = toy_syntax::parse(&source).ok()?;
    let Statement { kind: StatementKind::FunctionDefinition(function), .. } = &ast[*ast.body.first()?] else {
        return None;
    };
    let first = function.body.first()?.0 as usize;
    Some((source, ast, first))
}

struct Text {
    lines: Vec<Vec<char>>,
}

impl Text {
    fn at(&self, (line, column): (usize, usize)) -> Option<char> {
        self.lines.get(line)?.get(column).copied()
    }

    /// The first character from a place on that fits, comments and continued lines skipped.
    fn next(&self, (mut line, mut column): (usize, usize), fits: impl Fn(char) -> bool) -> Option<(usize, usize)> {
        while line < self.lines.len() {
            match self.at((line, column)) {
                None | Some('\\' | '#') => (line, column) = (line + 1, 0),
                Some(char) if fits(char) => return Some((line, column)),
                Some(_) => column += 1,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{anchors, statement_call};

    fn marked(text: &str) -> Option<((usize, usize), (usize, usize))> {
        anchors(text).map(|extent| (extent.start, extent.end))
    }

    #[test]
    fn operators_calls_and_subscripts_are_told_apart() {
        assert_eq!(marked("1 / 0"), Some(((0, 2), (0, 3))));
        assert_eq!(marked("a + b * c"), Some(((0, 2), (0, 3))));
        assert_eq!(marked("a - b ** c"), Some(((0, 2), (0, 3))));
        assert_eq!(marked("a ** b"), Some(((0, 2), (0, 4))));
        assert_eq!(marked("(a)//b"), Some(((0, 3), (0, 5))));
        assert_eq!(marked("f(1, 2)"), Some(((0, 1), (0, 7))));
        assert_eq!(marked("d['(']"), Some(((0, 1), (0, 6))));
        assert_eq!(marked("f(1)(\n2)"), Some(((0, 4), (1, 2))));
        assert_eq!(marked("(await f()) + 1"), Some(((0, 12), (0, 13))));
        assert_eq!(marked("a + # [\\\n  b"), Some(((0, 2), (0, 3))));
        for other in ["x.y", "-x", "a < b", "a and b(1)", "x = 1", "", "a b"] {
            assert_eq!(marked(other), None, "{other}");
        }
    }

    #[test]
    fn calls_that_are_the_whole_of_a_value_are_found() {
        let place = |text: &str| statement_call(text).map(|extent| (extent.start, extent.end));
        assert_eq!(place("x = f(1).g(\n  2)"), Some(((0, 4), (1, 4))));
        assert_eq!(place("return f(1)"), Some(((0, 7), (0, 11))));
        for other in ["return f.g(1)", "f(1)", "x = y = f()", "x.y = f()", "x = f() + 1", "if f():"] {
            assert_eq!(place(other), None, "{other}");
        }
    }
}
