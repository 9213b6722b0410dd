//! Syntax tree to code object: scopes, constants, registers, instructions.
//!
//! [`compile`] is all there is.
//!
//! Invariant: this crate knows no values and runs nothing; what it folds are constants as plain data.
//! Invariant: every code object it returns passes [`toy_code::verify`]; what cannot be compiled is a [`Diagnostic`], never a
//! panic.
//! Invariant: evaluation order is CPython's, and a local is read when CPython would read it.
#![forbid(unsafe_code)]

mod access;
mod annotation;
mod assign;
mod asynchronous;
mod boolean;
mod call;
mod chain;
mod class;
mod comparison;
mod compiler;
mod comprehension;
mod condition;
mod control;
mod display;
mod docstring;
mod except_star;
mod exception;
mod expression;
mod fold;
mod format_string;
mod function;
mod generic;
mod import;
mod lines;
mod loops;
mod pattern;
mod rebind;
mod scope;
mod statement;
mod super_call;
mod unit;
mod unparse;
mod with;

use toy_code::CodeObject;
use toy_source::{Diagnostic, Source};
use toy_syntax::ast::Ast;

/// Compiles a module. `source` is the text that `ast` was parsed from: its name and lines go into the code objects.
///
/// # Errors
///
/// A `SyntaxError` that only the scopes of names reveal, or one that names a construct or size not supported.
pub fn compile(ast: &Ast, source: &Source) -> Result<CodeObject, Diagnostic> {
    let analysis = scope::analyse(ast)?;
    compiler::Compiler::new(ast, &analysis, source).module()
}
