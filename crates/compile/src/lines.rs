//! From spans to lines and columns.

use toy_code::Position;
use toy_source::Span;

/// Where the lines of a text start, in bytes.
pub(crate) struct LineTable {
    starts: Vec<u32>,
}

impl LineTable {
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends_line = |index: usize| match bytes[index] {
            b'\n' => true,
            b'\r' => bytes.get(index + 1) != Some(&b'\n'),
            _ => false,
        };
        let ends = (0..bytes.len()).filter(|&index| ends_line(index));
        Self { starts: std::iter::once(0).chain(ends.map(|end| end as u32 + 1)).collect() }
    }

    /// Lines from 1, columns in bytes from 0, as code objects store them.
    pub(crate) fn position(&self, span: Span) -> Position {
        let (line, column) = self.place(span.start);
        let (end_line, end_column) = self.place(span.end);
        Position { line, end_line, column, end_column }
    }

    fn place(&self, offset: u32) -> (u32, u32) {
        let line = self.starts.partition_point(|&start| start <= offset);
        (line as u32, offset - self.starts[line - 1])
    }
}
