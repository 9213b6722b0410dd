//! Frames through connections, as transfers that can be tried without blocking.
//!
//! Invariant: that the other side has ended is an end to a reader and a broken pipe to a writer, whatever it had left unread.
//! Invariant: one thread at a time reads from a connection, and one writes, so frames do not mix.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use toy_process::wire::{Arrival, FrameError, FrameReader, Outgoing, ReadError};
use toy_vm::{Outcome, Transfer, Vm};

use crate::io::descriptor::{self, Descriptor};

/// How long a writer looks only for room, while another thread reads what arrives; then that may have stopped.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

fn errno(error: &std::io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

/// Reads up to the end of a frame.
pub(super) struct Receive {
    pub(super) descriptor: Arc<OwnedFd>,
    pub(super) reader: FrameReader,
    /// A whole frame, or the end of the stream.
    pub(super) arrived: Option<Arrival>,
    /// What arrived was none.
    pub(super) fault: Option<FrameError>,
}

impl Transfer for Receive {
    type Output = usize;
    const EVENT: PollFlags = PollFlags::IN;

    fn attempt(&mut self) -> Result<usize, Errno> {
        loop {
            match self.reader.read_from(&*self.descriptor) {
                Ok(Arrival::Part) => continue,
                Ok(arrival) => self.arrived = Some(arrival),
                // The other side has ended without reading all that it was sent: to a reader that is an end like any other.
                Err(ReadError::System(error)) if errno(&error) == Errno::CONNRESET => match self.reader.finish() {
                    Ok(()) => self.arrived = Some(Arrival::End),
                    Err(fault) => self.fault = Some(fault),
                },
                Err(ReadError::System(error)) => return Err(errno(&error)),
                Err(ReadError::Frame(fault)) => self.fault = Some(fault),
            }
            return Ok(0);
        }
    }

    fn perform(&mut self) -> Result<usize, Errno> {
        loop {
            match self.attempt() {
                Err(Errno::AGAIN) => poll(&mut [PollFd::new(&*self.descriptor, Self::EVENT)], None)?,
                result => return result,
            };
        }
    }

    fn with_descriptor<R>(&self, call: impl FnOnce(BorrowedFd<'_>) -> R) -> R {
        call(self.descriptor.as_fd())
    }
}

/// What a writer does while there is no room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Inbound {
    /// Nothing can arrive, or nothing more.
    Closed,
    /// Another thread reads.
    Read,
    /// It is to be read, or the other side may never make room.
    Unread,
}

/// Writes a frame. Answers 1 once it is through, and 0 if something else is to be looked at first.
pub(super) struct Send<'a> {
    pub(super) descriptor: Arc<OwnedFd>,
    pub(super) outgoing: Outgoing<&'a [u8]>,
    pub(super) inbound: Inbound,
}

impl Send<'_> {
    /// Waits until there is room; `false`: something else is to be looked at first.
    pub(super) fn wait(&self) -> Result<bool, Errno> {
        let (events, timeout) = match self.inbound {
            Inbound::Closed => (PollFlags::OUT, None),
            Inbound::Read => (PollFlags::OUT, Some(&GLANCE)),
            Inbound::Unread => (PollFlags::OUT | PollFlags::IN, None),
        };
        let mut watched = [PollFd::new(&*self.descriptor, events)];
        poll(&mut watched, timeout)?;
        let found = watched[0].revents();
        Ok(!found.contains(PollFlags::IN) && !found.is_empty())
    }
}

impl Transfer for Send<'_> {
    type Output = usize;
    const EVENT: PollFlags = PollFlags::OUT;

    fn attempt(&mut self) -> Result<usize, Errno> {
        loop {
            match self.outgoing.write_to(&*self.descriptor) {
                Ok(true) => return Ok(1),
                Ok(false) => {}
                // The other side ended while one waited for it to make room.
                Err(error) if errno(&error) == Errno::CONNRESET => return Err(Errno::PIPE),
                Err(error) => return Err(errno(&error)),
            }
        }
    }

    fn perform(&mut self) -> Result<usize, Errno> {
        loop {
            match self.attempt() {
                Err(Errno::AGAIN) => {}
                result => return result,
            }
            if !self.wait()? {
                return Ok(0);
            }
        }
    }

    fn with_descriptor<R>(&self, call: impl FnOnce(BorrowedFd<'_>) -> R) -> R {
        call(self.descriptor.as_fd())
    }
}

/// In virtual time the lock is kept while there is no room: looks at what arrives every now and then.
pub(super) fn pass_glance(vm: &mut Vm, descriptor: &Arc<OwnedFd>) -> Result<(), Errno> {
    vm.wait_outside("another process", |time| {
        poll(&mut [PollFd::new(&**descriptor, PollFlags::OUT | PollFlags::IN)], Some(time)).map(|count| count > 0)
    })
}

/// Makes a call that does not block until it need not wait.
fn persist<R>(
    vm: &mut Vm,
    socket: &Arc<OwnedFd>,
    event: PollFlags,
    mut call: impl FnMut() -> Result<R, Errno>,
) -> Outcome<R> {
    loop {
        match call() {
            Err(Errno::AGAIN) => {
                let waited = vm.released(toy_gil::ReleaseCause::Io, || {
                    let time = Timespec { tv_sec: 0, tv_nsec: i64::from(Duration::from_millis(100).subsec_nanos()) };
                    poll(&mut [PollFd::new(&**socket, event)], Some(&time))
                });
                if waited.is_err() {
                    vm.check_signals()?;
                }
            }
            Err(Errno::INTR) => vm.check_signals()?,
            Err(Errno::PIPE) if event == PollFlags::IN => {
                return Err(vm.raise_without_arguments(toy_vm::ClassName::EofError));
            }
            result => return result.map_err(|error| vm.raise_os_error(&error.into(), None)),
        }
    }
}

/// Sends descriptors behind the frame that announces them.
pub(super) fn send_descriptors(vm: &mut Vm, socket: &Arc<OwnedFd>, descriptors: &[Descriptor]) -> Outcome<()> {
    for some in descriptors.chunks(toy_process::DESCRIPTORS_AT_ONCE) {
        let borrowed: Vec<_> = some.iter().map(AsFd::as_fd).collect();
        persist(vm, socket, PollFlags::OUT, || toy_process::send_descriptors(&**socket, &borrowed))?;
    }
    Ok(())
}

/// Takes so many descriptors that were sent so. Scripts may name them.
pub(super) fn receive_descriptors(vm: &mut Vm, socket: &Arc<OwnedFd>, count: usize) -> Outcome<Vec<Descriptor>> {
    let mut descriptors = Vec::new();
    while descriptors.len() < count {
        for descriptor in persist(vm, socket, PollFlags::IN, || toy_process::receive_descriptors(&**socket))? {
            descriptors.push(descriptor::add(vm, descriptor)?);
        }
    }
    Ok(descriptors)
}
