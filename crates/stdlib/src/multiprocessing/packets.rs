//! Putting messages into a channel and taking them out, each in one step with what the ledger says of it.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use toy_process::{GLANCE, Ledger, News, Packet, Taken, take_packet};
use toy_vm::{Outcome, Transfer, Vm};

/// Puts a message in: 1, or 0 if there is no room and one is not to wait.
pub(super) struct Put<'a> {
    pub(super) writer: Arc<OwnedFd>,
    /// The other end, if this process has it still.
    pub(super) reader: Option<Arc<OwnedFd>>,
    pub(super) ledger: Option<&'a Ledger>,
    pub(super) packet: Packet<'a>,
    pub(super) waits: bool,
}

/// What one attempt came to.
enum Attempt {
    Done(usize),
    /// Somebody else has the ledger open.
    Closed,
    /// There is no room, or no message.
    Again,
}

impl Put<'_> {
    fn attempt_once(&self, last: u32) -> Result<Attempt, Errno> {
        let sent = match self.ledger {
            None => self.packet.send(&*self.writer),
            Some(ledger) => match ledger.try_open(self.reader.as_ref().map(AsFd::as_fd), last)? {
                Some(open) => open.put(&*self.writer, &self.packet),
                None => {
                    gone(&self.writer)?;
                    return Ok(Attempt::Closed);
                }
            },
        };
        match sent {
            Ok(()) => Ok(Attempt::Done(1)),
            Err(Errno::AGAIN) if !self.waits => Ok(Attempt::Done(0)),
            Err(Errno::AGAIN) => Ok(Attempt::Again),
            Err(error) => Err(error),
        }
    }
}

/// `PIPE` if nobody is left who could take messages.
fn gone(writer: &OwnedFd) -> Result<(), Errno> {
    let mut watched = [PollFd::new(writer, PollFlags::empty())];
    poll(&mut watched, Some(&rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 }))?;
    if watched[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) { Err(Errno::PIPE) } else { Ok(()) }
}

/// Waits for the ledger, or for room or a message, and attempts again.
fn persist(
    mut attempt: impl FnMut(u32) -> Result<Attempt, Errno>,
    ledger: Option<&Ledger>,
    descriptor: &OwnedFd,
    event: PollFlags,
) -> Result<usize, Errno> {
    let mut last = 0;
    loop {
        match (attempt(last)?, ledger) {
            (Attempt::Done(count), _) => return Ok(count),
            (Attempt::Closed, Some(ledger)) => {
                last = ledger.seen(News::Closed);
                ledger.sleep(News::Closed, last, GLANCE)?;
            }
            _ => {
                poll(&mut [PollFd::new(descriptor, event)], None)?;
            }
        }
    }
}

/// As [`Transfer::attempt`] wants it.
fn once(attempt: Attempt) -> Result<usize, Errno> {
    match attempt {
        Attempt::Done(count) => Ok(count),
        Attempt::Closed | Attempt::Again => Err(Errno::AGAIN),
    }
}

impl Transfer for Put<'_> {
    type Output = usize;
    const EVENT: PollFlags = PollFlags::OUT;

    fn attempt(&mut self) -> Result<usize, Errno> {
        once(self.attempt_once(0)?)
    }

    fn perform(&mut self) -> Result<usize, Errno> {
        persist(|last| self.attempt_once(last), self.ledger, &self.writer, Self::EVENT)
    }

    fn with_descriptor<R>(&self, call: impl FnOnce(BorrowedFd<'_>) -> R) -> R {
        call(self.writer.as_fd())
    }
}

/// Takes a message out: 1, or 0 if there is none and one is not to wait.
pub(super) struct Take<'a> {
    pub(super) reader: Arc<OwnedFd>,
    pub(super) ledger: Option<&'a Ledger>,
    pub(super) buffer: Vec<u8>,
    pub(super) taken: Option<Taken>,
    pub(super) waits: bool,
}

impl Take<'_> {
    fn attempt_once(&mut self, last: u32) -> Result<Attempt, Errno> {
        let reader = self.reader.as_fd();
        let taken = match self.ledger {
            None => take_packet(reader, &mut self.buffer),
            Some(ledger) => match ledger.try_open(Some(reader), last)? {
                Some(open) => open.take(reader, &mut self.buffer),
                None => return Ok(Attempt::Closed),
            },
        };
        match taken {
            Ok(taken) => {
                self.taken = Some(taken);
                Ok(Attempt::Done(1))
            }
            Err(Errno::AGAIN) if !self.waits => Ok(Attempt::Done(0)),
            Err(Errno::AGAIN) => Ok(Attempt::Again),
            Err(error) => Err(error),
        }
    }
}

impl Transfer for Take<'_> {
    type Output = usize;
    const EVENT: PollFlags = PollFlags::IN;

    fn attempt(&mut self) -> Result<usize, Errno> {
        once(self.attempt_once(0)?)
    }

    fn perform(&mut self) -> Result<usize, Errno> {
        let (ledger, reader) = (self.ledger, Arc::clone(&self.reader));
        persist(|last| self.attempt_once(last), ledger, &reader, Self::EVENT)
    }

    fn with_descriptor<R>(&self, call: impl FnOnce(BorrowedFd<'_>) -> R) -> R {
        call(self.reader.as_fd())
    }
}

/// Transfers, unless Ctrl-C ends it; whether it did.
pub(super) fn transfer(vm: &mut Vm, transfer: &mut impl Transfer<Output = usize>) -> Outcome<bool> {
    loop {
        match vm.transfer(transfer) {
            Ok(count) => return Ok(count == 1),
            Err(Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
    }
}
