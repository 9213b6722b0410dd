//! What can be wrong with a pattern, and the text of patterns.

/// The text of a pattern or of a replacement.
#[derive(Debug, Clone)]
pub struct PatternText {
    /// Its code points, or bytes.
    pub code_points: Vec<u32>,
    /// Whether it is text; otherwise bytes.
    pub is_text: bool,
}

/// Why a pattern cannot be compiled, by the exception that CPython raises.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    /// `PatternError`.
    Pattern {
        /// What is wrong.
        message: String,
        /// Where, in code points; some messages are about the whole.
        position: Option<usize>,
    },
    /// `OverflowError`.
    Overflow(&'static str),
    /// `ValueError`.
    Value(&'static str),
    /// `IndexError`.
    Index(String),
    /// `RecursionError`.
    TooDeep,
}

impl Problem {
    /// A message about the whole pattern.
    pub(crate) fn whole(message: &str) -> Self {
        Self::Pattern { message: message.to_owned(), position: None }
    }
}
