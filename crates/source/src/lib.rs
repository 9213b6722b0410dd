//! Where a program is wrong, or probably so, and how to say it: [`Source`], [`Span`], [`Diagnostic`], [`Warning`].
//!
//! Invariant: this crate knows no grammar and no interpreter, and does no input or output: rendering gives a `String`.
//! Invariant: a `Span` counts bytes of the source's UTF-8 text; lines and columns are derived when they are shown.
#![forbid(unsafe_code)]

mod decode;
mod diagnostic;
mod source;
mod text;
mod warning;

pub use decode::Undecodable;
pub use diagnostic::{Diagnostic, DiagnosticKind};
pub use source::{LineColumn, Source, Span};
pub use text::Text;
pub use warning::Warning;
