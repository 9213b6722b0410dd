//! The trace's file: a large buffer, a limit, and the first error.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// From this size on the buffer is written out.
const LARGE: usize = 1 << 20;

/// What is to be written, and where to.
pub(super) struct Sink {
    file: File,
    path: PathBuf,
    /// What has not been written yet.
    pub(super) buffer: Vec<u8>,
    /// Bytes that have been written.
    written: u64,
    /// Bytes that the file may have.
    limit: u64,
    error: Option<io::Error>,
}

impl Sink {
    /// Makes the file.
    pub(super) fn create(path: &Path, limit: u64) -> io::Result<Sink> {
        let file = File::create(path)?;
        Ok(Sink {
            file,
            path: path.to_owned(),
            buffer: Vec::with_capacity(LARGE + LARGE / 4),
            written: 0,
            limit,
            error: None,
        })
    }

    /// Whether nothing more is to be written: the file has its size, or cannot be written.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.written + self.buffer.len() as u64 >= self.limit || self.error.is_some()
    }

    /// Whether it is time to write the buffer out.
    #[inline]
    pub(super) fn is_large(&self) -> bool {
        self.buffer.len() >= LARGE
    }

    /// The limit, in bytes.
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    /// Writes the buffer out. It makes raw system calls and nothing else, so the calling thread may be detached.
    pub(super) fn write_out(&mut self) {
        if self.error.is_none()
            && let Err(error) = self.file.write_all(&self.buffer)
        {
            self.error = Some(error);
        }
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
    }

    /// What the user is to be told.
    pub(super) fn complaint(&self) -> Option<String> {
        self.error.as_ref().map(|error| format!("cannot write '{}': {error}", self.path.display()))
    }
}
