//! What is wrong with a program's text.

use crate::{Source, Span};

/// The exception class that CPython raises for such a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiagnosticKind {
    /// The text does not follow the grammar, or a rule checked after parsing.
    Syntax,
    /// Indentation is missing, unexpected or inconsistent.
    Indentation,
    /// Tabs and spaces are mixed so that the depth is ambiguous.
    Tab,
}

impl DiagnosticKind {
    /// The name of the exception class.
    pub fn class_name(self) -> &'static str {
        match self {
            Self::Syntax => "SyntaxError",
            Self::Indentation => "IndentationError",
            Self::Tab => "TabError",
        }
    }
}

/// One fault in a program's text: what, where, and possibly what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which exception it is.
    pub kind: DiagnosticKind,
    /// CPython's wording where CPython has one.
    pub message: String,
    /// The place that the caret points at.
    pub span: Span,
    /// A sentence that a beginner can act on, where we know one.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A `SyntaxError` at `span`.
    pub fn syntax(span: Span, message: impl Into<String>) -> Self {
        Self::new(DiagnosticKind::Syntax, span, message)
    }

    /// A fault of any kind at `span`.
    pub fn new(kind: DiagnosticKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), span, hint: None }
    }

    /// The same with a hint.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The lines that CPython prints for it: file and line, the line's text, carets, class and message; then our hint.
    pub fn render(&self, source: &Source) -> String {
        let start = source.line_column(self.span.start);
        let end = source.line_column(self.span.end.max(self.span.start));
        let mut out = format!("  File \"{}\", line {}\n", source.name(), start.line);
        if let Some(line) = source.line(start.line).filter(|line| !line.trim().is_empty()) {
            let indent = line.chars().take_while(|c| matches!(c, ' ' | '\t' | '\x0c')).count();
            let shown = line.trim();
            let from = (start.column as usize).saturating_sub(indent);
            let width = shown.chars().count();
            let to = if end.line == start.line { (end.column as usize).saturating_sub(indent) } else { width };
            let carets = to.min(width.max(from + 1)).saturating_sub(from).max(1);
            out.push_str(&format!("    {shown}\n    {}{}\n", " ".repeat(from), "^".repeat(carets)));
        }
        out.push_str(&format!("{}: {}\n", self.kind.class_name(), self.message));
        if let Some(hint) = &self.hint {
            out.push_str(&format!("hint: {hint}\n"));
        }
        out
    }
}
