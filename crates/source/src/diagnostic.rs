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
    /// Whether something is missing behind all of the text.
    pub is_at_end: bool,
}

impl Diagnostic {
    /// A `SyntaxError` at `span`.
    pub fn syntax(span: Span, message: impl Into<String>) -> Self {
        Self::new(DiagnosticKind::Syntax, span, message)
    }

    /// A fault of any kind at `span`.
    pub fn new(kind: DiagnosticKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), span, is_at_end: false }
    }

    /// The same, where what is wrong is that the text ends.
    pub fn at_end(self, is_at_end: bool) -> Self {
        Self { is_at_end, ..self }
    }

    /// The lines that CPython prints for it: file and line, the line's text, carets, class and message.
    ///
    /// An empty span stands for the end of what precedes it: the caret is put under the character before, and there is
    /// none if that belongs to the line's indentation. Behind the end of a file there is none either.
    pub fn render(&self, source: &Source) -> String {
        let start = source.line_column(self.span.start);
        let mut out = format!("  File \"{}\", line {}\n", source.name(), start.line);
        if let Some(line) = source.line(start.line) {
            let shown = line.trim_end_matches(['\n', '\r']).trim_start_matches([' ', '\x0c']);
            out.push_str(&format!("    {shown}\n"));
            let is_file = source.name() != "<string>";
            if let Some(carets) = self.carets(source, line, shown).filter(|_| !(self.is_at_end && is_file)) {
                out.push_str(&format!("    {carets}\n"));
            }
        }
        out.push_str(&format!("{}: {}\n", self.kind.class_name(), self.message));
        out
    }

    /// The carets below a line of which `shown` is printed, with the blanks before them.
    fn carets(&self, source: &Source, line: &str, shown: &str) -> Option<String> {
        let (start, end) = (source.line_column(self.span.start), source.line_column(self.span.end));
        let indentation = line.chars().count() - shown.chars().count();
        let is_empty = self.span.start == self.span.end;
        let from = (start.column as usize).checked_sub(usize::from(is_empty))?.checked_sub(indentation)?;
        let width = shown.chars().count();
        let to = if end.line == start.line { (end.column as usize).saturating_sub(indentation) } else { width };
        let count = to.saturating_sub(from).max(1);
        // Tabs stay tabs, so that the carets stand below what they mean.
        let blank = shown.chars().map(|char| if char.is_whitespace() { char } else { ' ' });
        let before: String = blank.chain(std::iter::repeat(' ')).take(from).collect();
        Some(before + &"^".repeat(count))
    }
}

#[cfg(test)]
mod tests {
    use super::Diagnostic;
    use crate::{Source, Span};

    fn render(text: &str, start: usize, end: usize) -> String {
        let source = Source::new("a.toy", text);
        Diagnostic::syntax(Span::new(start, end), "invalid syntax").render(&source)
    }

    #[test]
    fn carets_stand_below_the_fault() {
        assert_eq!(
            render("if a:\n    b c\n", 12, 13),
            "  File \"a.toy\", line 2\n    b c\n      ^\nSyntaxError: invalid syntax\n"
        );
        assert_eq!(
            render("\tb\tcd", 3, 5),
            "  File \"a.toy\", line 1\n    \tb\tcd\n    \t \t^^\nSyntaxError: invalid syntax\n"
        );
        assert_eq!(
            render("é = (1,\n2)", 5, 11),
            "  File \"a.toy\", line 1\n    é = (1,\n        ^^^\nSyntaxError: invalid syntax\n"
        );
    }

    #[test]
    fn an_empty_span_in_the_indentation_has_no_caret() {
        assert_eq!(render("  a", 2, 2), "  File \"a.toy\", line 1\n    a\nSyntaxError: invalid syntax\n");
    }
}
