//! What is probably a mistake in a program's text, although it means something.

use crate::{Source, Span};

/// One such thing: what, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// CPython's wording of its `SyntaxWarning`.
    pub message: String,
    /// The place; its first line is shown.
    pub span: Span,
}

impl Warning {
    /// A warning about the text at `span`.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span }
    }

    /// The lines that CPython prints for it: file, line, message, and the line's text if the source is a file.
    pub fn render(&self, source: &Source) -> String {
        let line = source.line_column(self.span.start).line;
        let mut out = format!("{}:{line}: SyntaxWarning: {}\n", source.name(), self.message);
        if !source.name().starts_with('<')
            && let Some(text) = source.line(line)
        {
            out.push_str(&format!("  {}\n", text.trim()));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Warning;
    use crate::{Source, Span};

    #[test]
    fn the_line_of_a_file_is_shown() {
        let warning = Warning::new(Span::new(3, 4), "what");
        assert_eq!(warning.render(&Source::new("a.toy", "a\n  b\n")), "a.toy:2: SyntaxWarning: what\n  b\n");
        assert_eq!(warning.render(&Source::new("<string>", "a\n  b\n")), "<string>:2: SyntaxWarning: what\n");
    }
}
