//! Standard output and error: our own buffer, raw writes.
//!
//! Output goes out when the buffer is full, at a newline if the stream is a terminal, when flushed, and at exit. The buffer is
//! plain data under the interpreter lock. One thread writes at a time, without that lock; meanwhile others put more into the
//! buffer, or wait for their turn if it is to go out. So texts arrive whole and in the order in which they came.
//!
//! | the write | what happens to the bytes that it has not written |
//! |---|---|
//! | is ended by a signal that raises | they are lost, as CPython loses them, so that `except` and `finally` can print |
//! | fails | they are lost; `OSError` is raised in every thread that waits for them |
//! | waits for a reader too long, at the end of a script that heard Ctrl-C | they are lost |

use std::cell::{Cell, RefCell};
use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use toy_gil::{Origin, ReleaseCause, Wake};
use toy_object::OutOfMemory;

use crate::native::Outcome;
use crate::thread::Vm;
use crate::thread_state::ThreadRecord;

/// Bytes that are collected before they are written.
const BUFFER: usize = 8 << 10;

/// Bytes that a pipe takes without waiting when it is ready for more: `PIPE_BUF` of Linux.
const AT_ONCE: usize = 4096;

/// How long a reader may take for the next bytes, at the end of a script that heard Ctrl-C.
const PATIENCE: Duration = Duration::from_millis(200);

/// The state of standard output.
pub struct Output {
    /// What is to be written next.
    buffer: RefCell<Vec<u8>>,
    /// How many bytes a thread has taken out of the buffer and writes right now; 0: none does.
    in_flight: Cell<usize>,
    is_terminal: bool,
    /// The buffer holds the end of a line that a terminal is to show.
    has_line: Cell<bool>,
    /// How many bytes were ever put into the buffer.
    collected: Cell<u64>,
    /// The last failure: up to which byte of these they are lost, and why.
    failure: Cell<Option<(u64, Errno)>>,
    /// Threads that are parked until the one that writes has done so.
    waiting: RefCell<Vec<Arc<ThreadRecord>>>,
    /// Ctrl-C has ended a write, or the script.
    is_interrupted: Cell<bool>,
    /// Nobody reads: no further output is worth an attempt.
    is_given_up: Cell<bool>,
    /// Text is not simply written as UTF-8 any more: `sys.stdout` knows how.
    is_indirect: Cell<bool>,
}

impl Output {
    /// An empty buffer before standard output.
    pub fn new() -> Self {
        Self {
            buffer: RefCell::default(),
            in_flight: Cell::new(0),
            is_terminal: std::io::stdout().is_terminal(),
            has_line: Cell::new(false),
            collected: Cell::new(0),
            failure: Cell::new(None),
            waiting: RefCell::default(),
            is_interrupted: Cell::new(false),
            is_given_up: Cell::new(false),
            is_indirect: Cell::new(false),
        }
    }

    /// Ctrl-C has ended the script: its last output waits for a reader only for a moment.
    pub fn note_interrupt(&self) {
        self.is_interrupted.set(true);
    }

    /// Nobody reads: what is still to be written, or comes later, is lost.
    pub fn give_up(&self) {
        self.is_given_up.set(true);
        self.lose_buffer();
    }

    /// In a forked child: whatever is still to be written is the parent's.
    pub(crate) fn start_anew(&self) {
        self.in_flight.set(0);
        self.waiting.borrow_mut().clear();
        self.lose_buffer();
    }

    /// How many of the bytes collected need no care any more: they are written or lost.
    fn settled(&self) -> u64 {
        self.collected.get() - (self.in_flight.get() + self.buffer.borrow().len()) as u64
    }

    fn lose_buffer(&self) {
        self.buffer.borrow_mut().clear();
        self.has_line.set(false);
    }

    /// Of what was in flight, `count` bytes are written: the others go back to the front of the buffer.
    fn land(&self, mut bytes: Vec<u8>, count: usize) {
        bytes.drain(..count);
        bytes.shrink_to(2 * BUFFER);
        let mut buffer = self.buffer.borrow_mut();
        bytes.extend_from_slice(&buffer);
        *buffer = bytes;
        self.in_flight.set(0);
    }

    /// A signal has ended the write: what was put in before `end` is lost, unless another thread writes it right now.
    fn interrupt(&self, end: u64) {
        if self.in_flight.get() == 0 {
            let mut buffer = self.buffer.borrow_mut();
            let settled = self.collected.get() - buffer.len() as u64;
            let lost = usize::try_from(end.saturating_sub(settled)).unwrap_or(usize::MAX).min(buffer.len());
            buffer.drain(..lost);
        }
        self.note_interrupt();
    }

    /// What was in flight cannot be written.
    fn crash(&self, error: Errno) {
        self.in_flight.set(0);
        self.failure.set(Some((self.settled(), error)));
    }
}

impl Default for Output {
    fn default() -> Self {
        Self::new()
    }
}

/// Writes once and gives the number of bytes; 0 if the descriptor does not block and had to be waited for. With a patience
/// nothing takes longer than that.
fn write_some(descriptor: impl AsFd, bytes: &[u8], patience: Option<Duration>) -> Result<usize, Errno> {
    let wait_until_ready = |timeout: Option<&Timespec>| {
        let mut waits = [PollFd::new(&descriptor, PollFlags::OUT)];
        poll(&mut waits, timeout)
    };
    let Some(patience) = patience else {
        return match rustix::io::write(&descriptor, bytes) {
            Err(Errno::AGAIN) => wait_until_ready(None).map(|_| 0),
            written => written,
        };
    };
    let patience = Timespec { tv_sec: patience.as_secs() as i64, tv_nsec: patience.subsec_nanos().into() };
    match wait_until_ready(Some(&patience))? {
        0 => Err(Errno::TIMEDOUT),
        _ => rustix::io::write(&descriptor, &bytes[..bytes.len().min(AT_ONCE)]),
    }
}

impl Vm {
    /// Whether text for standard output must go through `sys.stdout`: it has been closed, or given another encoding or line end.
    pub fn is_out_indirect(&self) -> bool {
        self.machine().output.is_indirect.get()
    }

    /// Says whether it must.
    pub fn set_out_indirect(&self, is_indirect: bool) {
        self.machine().output.is_indirect.set(is_indirect);
    }

    /// Writes to standard output through the buffer.
    pub fn write_out(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.collect_out(bytes)?;
        self.settle_out()
    }

    /// Puts a part of a text into standard output's buffer, and nothing else: the lock is not let go, so that no other thread
    /// writes into the midst of a line. [`settle_out`](Self::settle_out) ends the text.
    pub fn collect_out(&mut self, bytes: &[u8]) -> Outcome<()> {
        let output = &self.machine().output;
        let mut buffer = output.buffer.borrow_mut();
        if buffer.capacity() - buffer.len() < bytes.len() && !self.has_room_for(bytes.len()) {
            return Err(OutOfMemory.into());
        }
        buffer.extend_from_slice(bytes);
        output.collected.set(output.collected.get() + bytes.len() as u64);
        if output.is_terminal && bytes.contains(&b'\n') {
            output.has_line.set(true);
        }
        Ok(())
    }

    /// The end of a text of several parts: writes the buffer out if it is full, or holds a line for a terminal.
    #[inline]
    pub fn settle_out(&mut self) -> Outcome<()> {
        let output = &self.machine().output;
        let is_due = output.has_line.get() || output.buffer.borrow().len() >= BUFFER;
        if is_due { self.flush_out() } else { Ok(()) }
    }

    /// Returns when all that was put into the buffer before is written. The lock is let go around each write.
    pub fn flush_out(&mut self) -> Outcome<()> {
        self.flush_within(None).map(drop)
    }

    /// As [`flush_out`](Self::flush_out), when the script is over. If it heard Ctrl-C, a reader is not waited for for long;
    /// `false`: so something is left.
    pub fn flush_out_at_end(&mut self) -> Outcome<bool> {
        let is_interrupted = self.machine().output.is_interrupted.get();
        self.flush_within(is_interrupted.then_some(PATIENCE))
    }

    /// As [`flush_out_at_end`](Self::flush_out_at_end), where errors have nowhere to go.
    pub fn flush_out_at_last(&mut self) {
        if self.flush_out_at_end().is_err() {
            drop(self.take_raised());
        }
    }

    fn flush_within(&mut self, patience: Option<Duration>) -> Outcome<bool> {
        let output = &self.machine().output;
        let (before, target) = (output.settled(), output.collected.get());
        loop {
            // Now, because no script code may run between a look at the state and what follows from it.
            self.run_finalisers();
            if output.is_given_up.get() {
                output.lose_buffer();
                return Ok(true);
            }
            if output.settled() >= target {
                return match output.failure.get() {
                    Some((lost, error)) if lost > before => Err(self.raise_os_error(&error.into(), None)),
                    _ => Ok(true),
                };
            }
            let is_writing = output.in_flight.get() > 0;
            let is_in_time = if is_writing { self.wait_for_writer(patience) } else { self.write_once(patience) };
            if !is_in_time? {
                return Ok(false);
            }
        }
    }

    /// Writes what the buffer holds, or some of it. `false`: nobody reads.
    fn write_once(&mut self, patience: Option<Duration>) -> Outcome<bool> {
        let output = &self.machine().output;
        let bytes = output.buffer.take();
        let end = output.collected.get();
        output.has_line.set(false);
        output.in_flight.set(bytes.len());
        let write = || {
            let result = write_some(std::io::stdout(), &bytes, patience);
            (bytes, result)
        };
        let is_in_time = self.released_then(ReleaseCause::Io, write, |vm, (bytes, result)| {
            match result {
                Ok(count) => output.land(bytes, count),
                Err(Errno::INTR | Errno::TIMEDOUT) => output.land(bytes, 0),
                Err(error) => output.crash(error),
            }
            for record in output.waiting.take() {
                record.wake(vm, Origin::Io);
            }
            result != Err(Errno::TIMEDOUT)
        });
        self.check_signals().inspect_err(|_| output.interrupt(end))?;
        Ok(is_in_time)
    }

    /// Waits until another thread's write has ended. `false`: nobody reads.
    fn wait_for_writer(&mut self, patience: Option<Duration>) -> Outcome<bool> {
        let output = &self.machine().output;
        let record = Arc::clone(&self.record);
        output.waiting.borrow_mut().push(Arc::clone(&record));
        let wake = self.park_then(ReleaseCause::Io, patience, |_| {
            output.waiting.borrow_mut().retain(|other| !Arc::ptr_eq(other, &record));
        });
        if let Err(raised) = self.check_signals() {
            output.note_interrupt();
            return Err(raised);
        }
        Ok(wake != Wake::TimedOut)
    }

    /// Writes to standard error as [`Vm::try_write_err`] does, where errors have nowhere to go.
    pub fn write_err(&mut self, bytes: &[u8]) {
        // That was said.
        let _ = self.try_write_err(bytes);
    }

    /// Writes to standard error, unbuffered; what standard output's buffer holds stays there. After Ctrl-C nothing waits for a
    /// reader: `KeyboardInterrupt` is raised at the next instruction boundary. Other signals are heeded there.
    ///
    /// # Errors
    /// What the system says, and `INTR` after Ctrl-C; a part may have been written.
    pub fn try_write_err(&mut self, mut bytes: &[u8]) -> Result<(), Errno> {
        while !bytes.is_empty() {
            let result = if self.conditions().ordered_io {
                let result = write_some(std::io::stderr(), bytes, None);
                self.released(ReleaseCause::Io, || ());
                result
            } else {
                self.released(ReleaseCause::Io, || write_some(std::io::stderr(), bytes, None))
            };
            match result {
                Ok(count) => bytes = &bytes[count..],
                Err(Errno::INTR) if !(self.record.is_main() && self.machine().signals.end_waits()) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
