//! Rules that a grammar cannot say, checked over the tree.
//!
//! CPython checks in three rounds, each over the whole program, and stops at the first fault: `__future__` imports, the
//! names of every scope, then what the code generator refuses. So do we.
//!
//! Invariant: the rounds walk with [`walk`], which keeps its own stack.

mod doubt;
mod flow;
mod future;
mod names;
mod patterns;
mod scope;
mod walk;

use toy_source::{Diagnostic, Warning};

use crate::ast::Ast;

/// Everything that is wrong with a tree, CPython's fault first.
pub(crate) fn check(ast: &Ast) -> Vec<Diagnostic> {
    let mut faults = future::check(ast);
    faults.extend(names::check(ast));
    faults.extend(flow::check(ast));
    faults
}

/// What is probably a mistake in a tree that [`check`] found sound.
pub(crate) fn doubts(ast: &Ast) -> Vec<Warning> {
    doubt::check(ast)
}
