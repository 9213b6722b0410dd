//! Source text to syntax tree: tokens, indentation, grammar, and the checks behind it.
//!
//! [`parse`] is the whole way; [`tokens`] stops after the lexer. Both answer with the
//! [`Diagnostic`](toy_source::Diagnostic) that CPython would raise first; [`diagnostics`] with everything found.
//! [`dump_tokens`] and [`dump_ast`] write down what they made.
//!
//! Invariant: this crate knows no values and no code objects, and does no input or output.
//! Invariant: no text makes it recurse: lexer, parser, checks and dumps keep their own stacks.
//! Invariant: a message of the parser generator never reaches the user.
#![forbid(unsafe_code)]

pub mod ast;
mod builder;
mod check;
mod diagnose;
mod dump;
mod escape;
mod lexer;
mod parse;
mod target;
mod token;

pub use ast::Ast;
pub use dump::{dump_ast, dump_tokens};
pub use lexer::SpannedToken;
pub use parse::{diagnostics, parse, tokens};
pub use token::Token;
