//! Docstrings and bodies that may start with one.

use toy_code::{CodeKind, Constant, Op};
use toy_source::Text;
use toy_syntax::ast::{Block, ExpressionKind, StatementKind};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};

/// Columns that a tab advances to.
const TAB_WIDTH: usize = 8;

impl<'a> Compiler<'a> {
    /// Compiles a module's, class's or function's body; a leading string becomes the docstring.
    pub(crate) fn body_with_docstring(&mut self, body: &'a Block) -> Compiled {
        let ast = self.ast;
        let is_namespace = self.unit.header.kind != CodeKind::Function;
        if is_namespace && self.has_annotations(body) {
            self.emit(Op::SetupAnnotations, UNUSED, UNUSED, UNUSED);
        }
        if let Some(&first) = body.first()
            && let StatementKind::Expression(value) = ast[first].kind
            && let ExpressionKind::String(text) = &ast[value].kind
        {
            let text = cleaned(text);
            self.unit.docstring = Some(text.clone());
            if is_namespace {
                self.at(value);
                let value = self.load_constant(Constant::Text(text), Destination::Push);
                self.unit.release(value);
                self.store_special("__doc__", value);
            }
            return self.block_from(body, 1);
        }
        self.block(body)
    }

    /// Stores a name that the language itself gives a module or class.
    pub(crate) fn store_special(&mut self, name: &str, value: crate::unit::Register) {
        if self.unit.header.kind == CodeKind::Class {
            self.store_in_namespace(name, value);
        } else {
            let name = self.unit.names.intern(name);
            self.emit(Op::StoreGlobal, value, name, UNUSED);
        }
    }
}

/// The docstring without the indentation of its place, as CPython 3.13 stores it.
fn cleaned(text: &Text) -> Text {
    let expanded = expand_tabs(text);
    let lines: Vec<&[u32]> = expanded.split(|&point| point == u32::from('\n')).collect();
    let indent = |line: &[u32]| line.iter().take_while(|&&point| point == u32::from(' ')).count();
    let is_blank = |line: &&&[u32]| indent(line) == line.len();
    let margin = lines[1..].iter().filter(|line| !is_blank(line)).map(|line| indent(line)).min().unwrap_or(0);
    let mut points: Vec<u32> = lines[0][indent(lines[0])..].to_vec();
    for line in &lines[1..] {
        points.push(u32::from('\n'));
        points.extend(&line[margin.min(indent(line))..]);
    }
    Text::from_code_points(points)
}

fn expand_tabs(text: &Text) -> Vec<u32> {
    let mut column = 0;
    let mut points = Vec::new();
    for point in text.code_points() {
        match char::from_u32(point) {
            Some('\t') => {
                let blanks = TAB_WIDTH - column % TAB_WIDTH;
                points.extend(std::iter::repeat_n(u32::from(' '), blanks));
                column += blanks;
            }
            Some('\n' | '\r') => {
                points.push(point);
                column = 0;
            }
            _ => {
                points.push(point);
                column += 1;
            }
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::cleaned;

    #[test]
    fn indentation_goes_as_in_cpython() {
        let text = "  One.\n\n    Two.\n      Three.\n\tFour.\n    ".into();
        assert_eq!(cleaned(&text).as_str(), Some("One.\n\nTwo.\n  Three.\n    Four.\n"));
    }
}
