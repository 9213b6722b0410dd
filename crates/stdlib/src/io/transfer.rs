//! Reading and writing as transfers that can be tried without blocking.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::BorrowedFd;

use rustix::event::PollFlags;
use rustix::io::{Errno, ReadWriteFlags};
use toy_vm::Transfer;

use super::descriptor::Descriptor;

/// The place in the file where the descriptor stands.
const HERE: u64 = u64::MAX;

/// Reads once.
pub(super) struct Read<'a> {
    pub(super) descriptor: &'a Descriptor,
    pub(super) buffer: &'a mut [u8],
}

impl Transfer for Read<'_> {
    type Output = usize;
    const EVENT: PollFlags = PollFlags::IN;

    fn attempt(&mut self) -> Result<usize, Errno> {
        let buffer = &mut [IoSliceMut::new(self.buffer)];
        self.descriptor.with(|descriptor| rustix::io::preadv2(descriptor, buffer, HERE, ReadWriteFlags::NOWAIT))
    }

    fn perform(&mut self) -> Result<usize, Errno> {
        self.descriptor.with(|descriptor| rustix::io::read(descriptor, &mut *self.buffer))
    }

    fn with_descriptor<R>(&self, call: impl FnOnce(BorrowedFd<'_>) -> R) -> R {
        self.descriptor.with(call)
    }
}

/// Writes once; attempts that get only a part through go on with the rest.
pub(super) struct Write<'a> {
    pub(super) descriptor: &'a Descriptor,
    pub(super) bytes: &'a [u8],
    /// Bytes that have been written.
    pub(super) done: usize,
}

impl Write<'_> {
    /// An error after a part is told only when the rest is tried: the part has been written.
    fn advance(&mut self, result: Result<usize, Errno>) -> Result<usize, Errno> {
        match result {
            Ok(count) => self.done += count,
            Err(error) if self.done == 0 => return Err(error),
            Err(_) => {}
        }
        Ok(self.done)
    }
}

impl Transfer for Write<'_> {
    type Output = usize;
    const EVENT: PollFlags = PollFlags::OUT;

    fn attempt(&mut self) -> Result<usize, Errno> {
        loop {
            let rest = &[IoSlice::new(&self.bytes[self.done..])];
            let result =
                self.descriptor.with(|descriptor| rustix::io::pwritev2(descriptor, rest, HERE, ReadWriteFlags::NOWAIT));
            match result {
                Err(error @ (Errno::AGAIN | Errno::OPNOTSUPP)) => return Err(error),
                result => {
                    let has_ended = matches!(result, Ok(0) | Err(_));
                    let done = self.advance(result)?;
                    if has_ended || done == self.bytes.len() {
                        return Ok(done);
                    }
                }
            }
        }
    }

    fn perform(&mut self) -> Result<usize, Errno> {
        let result = self.descriptor.with(|descriptor| rustix::io::write(descriptor, &self.bytes[self.done..]));
        self.advance(result)
    }

    fn with_descriptor<R>(&self, call: impl FnOnce(BorrowedFd<'_>) -> R) -> R {
        self.descriptor.with(call)
    }
}
