//! The processes that a run starts, each of which writes two lines of JSON into one file: at its birth and at its end.
//!
//! Invariant: a line is one `write` to a file that is only appended to, so that lines of several processes stay whole.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use toy_process::ForkWatch;

use super::memory::Written;

/// Writes the book, in every process that descends from the one which has opened it.
#[derive(Debug)]
pub struct ForkBook {
    file: File,
    /// What the process had in common with its parent when it was born.
    shared_at_birth: AtomicU64,
}

/// A line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// A process was started.
    Born,
    /// One has ended by itself.
    Ended(Ended),
}

/// What one process tells at its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Ended {
    /// Bytes that no other process had.
    private: u64,
    /// Bytes that it shared at its birth and not at its end.
    copied: u64,
}

/// What the book comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Processes {
    /// How many were started.
    pub(super) started: u64,
    /// How many of these have told of their end.
    pub(super) told: u64,
    /// Bytes that they had for themselves alone at their ends, in sum.
    pub(super) private: u64,
    /// Bytes that they shared at their births and not at their ends, in sum.
    pub(super) copied: u64,
}

impl ForkBook {
    /// Opens the book.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { file, shared_at_birth: AtomicU64::new(0) })
    }

    fn write(&self, line: Line) {
        let Ok(mut text) = serde_json::to_vec(&line) else { return };
        text.push(b'\n');
        // Whoever reads the book sees that something is missing; the script must not.
        let _ = (&self.file).write_all(&text);
    }
}

impl ForkWatch for ForkBook {
    fn born(&self) {
        self.write(Line::Born);
        self.shared_at_birth.store(Written::now().unwrap_or_default().shared, Ordering::Relaxed);
    }

    fn ends(&self) {
        if let Some(written) = Written::now() {
            let copied = self.shared_at_birth.load(Ordering::Relaxed).saturating_sub(written.shared);
            self.write(Line::Ended(Ended { private: written.private, copied }));
        }
    }
}

impl Processes {
    /// Reads a book; a line that a killed process has left half is none.
    pub(super) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let mut processes = Self::default();
        for line in text.lines().filter_map(|line| serde_json::from_str(line).ok()) {
            match line {
                Line::Born => processes.started += 1,
                Line::Ended(Ended { private, copied }) => {
                    processes.told += 1;
                    processes.private += private;
                    processes.copied += copied;
                }
            }
        }
        processes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_tells_how_many_there_were_and_what_they_had() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("book");
        assert_eq!(Processes::read(&path), Processes::default());
        let book = ForkBook::open(&path).expect("it can be written");
        book.born();
        book.born();
        book.write(Line::Ended(Ended { private: 5, copied: 3 }));
        (&book.file).write_all(b"{\"ended\":{\"pri").expect("it can be written");
        assert_eq!(Processes::read(&path), Processes { started: 2, told: 1, private: 5, copied: 3 });
    }
}
