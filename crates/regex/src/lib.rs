//! Regular expressions as Python has them: a pattern is parsed ([`compile`]), compiled to a [`Program`], and run over text by a
//! [`Matcher`] that backtracks as CPython's does.
//!
//! Why not a library? Two were tried (2026). `fancy-regex` 0.20 cannot match text with lone surrogates, does not know which group
//! was closed last (`lastindex`), folds cases and classes by other rules, and its limit of steps is an error: a match that
//! takes longer can neither go on nor hear Ctrl-C. `rustpython-sre_engine` 0.6 has CPython's semantics, but keeps its cursor private,
//! so that it reads only UTF-8 and bytes: each call would copy text that is stored as wide units and count its code points again; it
//! brings no parser, and has neither a limit nor a place to pause at. What is needed here is that a search for ever can be
//! interrupted, and that is a property of the innermost loop.
//!
//! Invariant: nothing here knows an object or the interpreter; text is a slice of units, positions are indices into it.
//! Invariant: a step takes bounded time but for runs of one character, which cost as many steps as they are long; so [`Matcher::run`]
//! comes back in time, also from a pattern that takes for ever. Neither parsing nor matching recurses deeper than [`MAXIMUM_NESTING`].
#![forbid(unsafe_code)]

mod category;
mod compile;
mod error;
mod flags;
mod fold;
mod machine;
mod operation;
mod parse;
mod program;
mod search;
mod set;
mod template;
mod tree;

pub use error::{PatternText, Problem};
pub use flags::Flags;
pub use machine::Unit;
pub use parse::MAXIMUM_NESTING;
pub use program::Program;
pub use search::{Matcher, Mode, Progress};
pub use template::{Piece, parse_template};

/// Compiles a pattern.
///
/// # Errors
///
/// What CPython says about the pattern or the flags.
pub fn compile(pattern: &PatternText, flags: Flags) -> Result<Program, Problem> {
    let parsed = parse::parse(pattern, flags)?;
    compile::compile(&parsed)
}

/// Compiles the phrases of a scanner: the group of the phrase that matches is closed last.
///
/// # Errors
///
/// What CPython says about a phrase or the flags.
pub fn compile_phrases(phrases: &[PatternText], flags: Flags) -> Result<Program, (usize, Problem)> {
    let parsed = phrases
        .iter()
        .enumerate()
        .map(|(index, phrase)| parse::parse(phrase, flags).map_err(|problem| (index, problem)));
    let parsed = parsed.collect::<Result<Vec<_>, _>>()?;
    compile::compile_phrases(&parsed, flags).map_err(|problem| (0, problem))
}

#[cfg(test)]
mod tests;
