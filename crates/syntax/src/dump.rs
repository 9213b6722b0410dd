//! Tokens and trees as text, for people and for tests.
//!
//! A tree is one line a node: its role in its parent, its kind, its words, its place as `line:column-line:column`.
//!
//! Invariant: the writer keeps its own stack of what is still to write, so no tree is too deep for it.

mod expressions;
mod parts;
mod statements;

use std::fmt::Write as _;

use toy_source::{Source, Span};

use self::parts::{Item, Node};
use crate::{ast::Ast, lexer::SpannedToken};

/// The tokens of a text, one a line: place, kind, text.
pub fn dump_tokens(tokens: &[SpannedToken], source: &Source) -> String {
    let mut out = String::new();
    for &(token, span) in tokens {
        let text = source.text().get(span.start as usize..span.end as usize).unwrap_or_default();
        let _ = writeln!(out, "{:<12} {:?} {:?}", place(source, span), token, text);
    }
    out
}

/// A tree as indented text.
pub fn dump_ast(ast: &Ast, source: &Source) -> String {
    let mut out = String::from("Module\n");
    let mut open: Vec<(usize, Item)> =
        ast.body.iter().rev().map(|&id| (1, Item { role: "", node: Node::Statement(id) })).collect();
    while let Some((depth, item)) = open.pop() {
        let described = parts::describe(ast, item.node);
        let role = if item.role.is_empty() { String::new() } else { format!("{}: ", item.role) };
        let words = if described.words.is_empty() { String::new() } else { format!(" {}", described.words) };
        let shown = described.span.map(|span| format!("  {}", place(source, span))).unwrap_or_default();
        // Beyond this a deeper indentation would only make the text long.
        let indent = "  ".repeat(depth.min(100));
        let _ = writeln!(out, "{indent}{role}{}{words}{shown}", described.kind);
        open.extend(described.children.into_iter().rev().map(|child| (depth + 1, child)));
    }
    out
}

fn place(source: &Source, span: Span) -> String {
    let (start, end) = (source.line_column(span.start), source.line_column(span.end));
    format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
}
