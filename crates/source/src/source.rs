//! Source texts and places in them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A range of bytes of a source text, end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to, but not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A place as people say it: line from 1, column from 0 in code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    /// Line, counted from 1.
    pub line: u32,
    /// Column in code points, counted from 0.
    pub column: u32,
}

/// A named text with an index of its lines. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Source {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: String,
    text: String,
    line_starts: Vec<u32>,
}

impl Source {
    /// A source called `name` (a path, `<string>`, `<stdin>`), made of `text`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let bytes = text.as_bytes();
        let mut line_starts = vec![0];
        for (index, &byte) in bytes.iter().enumerate() {
            // A lone carriage return ends a line too, as it does for Python.
            if byte == b'\n' || (byte == b'\r' && bytes.get(index + 1) != Some(&b'\n')) {
                line_starts.push(index as u32 + 1);
            }
        }
        Self { inner: Arc::new(Inner { name: name.into(), text, line_starts }) }
    }

    /// The name that messages show.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// Line and column of a byte offset; offsets past the end count as the end.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let starts = &self.inner.line_starts;
        let line = starts.partition_point(|&start| start <= offset) - 1;
        let start = starts[line] as usize;
        let end = (offset as usize).min(self.inner.text.len());
        let column = String::from_utf8_lossy(&self.inner.text.as_bytes()[start..end.max(start)]).chars().count();
        LineColumn { line: line as u32 + 1, column: column as u32 }
    }

    /// The text of a line (from 1) without its line end, or `None` past the last line.
    pub fn line(&self, line: u32) -> Option<&str> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.inner.line_starts.get(index)? as usize;
        let end = self.inner.line_starts.get(index + 1).map_or(self.inner.text.len(), |&next| next as usize);
        Some(self.inner.text[start..end].trim_end_matches(['\n', '\r']))
    }
}
