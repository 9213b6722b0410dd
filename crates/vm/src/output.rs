//! Standard output and error: our own buffer, raw writes.
//!
//! Output goes out when the buffer is full, at a newline if the stream is a terminal, when flushed, and at exit. The buffer is
//! plain data under the lock, so a fork never finds it half written.

use std::cell::{Cell, RefCell};
use std::io::IsTerminal;
use std::os::fd::AsFd;

use toy_gil::ReleaseCause;

use crate::native::Outcome;
use crate::thread::Vm;

/// Bytes that are collected before they are written.
const BUFFER: usize = 8 << 10;

/// The state of standard output.
pub struct Output {
    buffer: RefCell<Vec<u8>>,
    is_terminal: Cell<bool>,
}

impl Output {
    /// An empty buffer before standard output.
    pub fn new() -> Self {
        Self { buffer: RefCell::default(), is_terminal: Cell::new(std::io::stdout().is_terminal()) }
    }
}

impl Default for Output {
    fn default() -> Self {
        Self::new()
    }
}

/// Writes all bytes to a descriptor, in raw system calls.
pub(crate) fn write_all(descriptor: impl AsFd, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(&descriptor, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => {
                let mut waits = [rustix::event::PollFd::new(&descriptor, rustix::event::PollFlags::OUT)];
                let _ = rustix::event::poll(&mut waits, None);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

impl Vm {
    /// Writes to standard output through the buffer.
    pub fn write_out(&mut self, bytes: &[u8]) -> Outcome<()> {
        let output = &self.machine().output;
        output.buffer.borrow_mut().extend_from_slice(bytes);
        let is_full = output.buffer.borrow().len() >= BUFFER;
        if is_full || (output.is_terminal.get() && bytes.contains(&b'\n')) { self.flush_out() } else { Ok(()) }
    }

    /// Writes out what the buffer holds. The lock is let go around the write.
    pub fn flush_out(&mut self) -> Outcome<()> {
        let bytes = std::mem::take(&mut *self.machine().output.buffer.borrow_mut());
        if bytes.is_empty() {
            return Ok(());
        }
        let result = self.released(ReleaseCause::Io, || write_all(std::io::stdout(), &bytes));
        result.map_err(|error| self.raise_os_error(&error, None))
    }

    /// Writes to standard error, unbuffered; what standard output's buffer holds stays there. Errors have nowhere to go.
    pub fn write_err(&mut self, bytes: &[u8]) {
        let _ = self.released(ReleaseCause::Io, || write_all(std::io::stderr(), bytes));
    }
}
