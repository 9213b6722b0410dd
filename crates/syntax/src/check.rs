//! Rules that a grammar cannot say, checked over the tree in the order in which CPython checks them.

use toy_source::Diagnostic;

use crate::ast::Ast;

/// Everything that is wrong with a tree.
pub(crate) fn check(_ast: &Ast) -> Vec<Diagnostic> {
    Vec::new()
}
