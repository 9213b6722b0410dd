//! `Channel`: a queue of messages of bytes between any number of processes.

use std::cell::RefCell;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use toy_gil::ReleaseCause;
use toy_object::{Owned, Payload, Ref};
use toy_process::{INLINE, Packet, Received, receive_packet};
use toy_vm::{Args, ClassName, Outcome, Transfer, Vm, natives};

use super::{new_numbers, waiting};
use crate::argument::{bytes, flag_or, int32};
use crate::class;
use crate::io::descriptor::{self, Descriptor};

/// Full name of the class.
pub(super) const CHANNEL: &str = "_multiprocessing.Channel";

struct Channel {
    reader: RefCell<Option<Arc<OwnedFd>>>,
    writer: RefCell<Option<Arc<OwnedFd>>>,
    /// Room for a message; absent while a thread waits for one.
    buffer: RefCell<Vec<u8>>,
}

impl Payload for Channel {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

natives! {
    /// The methods of `Channel`.
    pub(super) METHODS:
    static "__new__" ("") "A new queue of messages." => |vm, args| {
        let (reader, writer) = toy_process::packets().map_err(|error| vm.raise_os_error(&error.into(), None))?;
        let channel = Channel::new(Arc::new(reader), Arc::new(writer));
        class::construct(vm, CHANNEL, args.at(0), channel)
    };
    class "_rebuild" ("reader, writer") "The one whose ends are these descriptors, which it takes over." => |vm, args| {
        let (reader, writer) = (int32(vm, args.at(1))?, int32(vm, args.at(2))?);
        let (reader, writer) = (descriptor::claim(vm, reader)?, descriptor::claim(vm, writer)?);
        class::construct(vm, CHANNEL, args.at(0), Channel::new(reader, writer))
    };
    method "_handles" ("") "The numbers of the descriptors of both ends." => |vm, args| {
        let channel = this(vm, args)?;
        let (reader, writer) = (channel.reader(vm)?, channel.writer(vm)?);
        descriptor::lend(vm, &reader)?;
        descriptor::lend(vm, &writer)?;
        new_numbers(vm, &[Descriptor::Open(reader), Descriptor::Open(writer)])
    };
    method releasing "send" ("data, block=True") "Put a message in; False: the queue is full, and one was not to wait." => send;
    method releasing "receive" ("timeout=None") "Take the first message out; None: there was none until the time was over." => receive;
    method releasing "poll" ("timeout=0.0") "Whether there is a message." => |vm, args| {
        let reader = this(vm, args)?.reader(vm)?;
        let timeout = match args.get(1) {
            None => Some(Duration::ZERO),
            argument => waiting::timeout(vm, argument)?,
        };
        let ready = waiting::wait_for(vm, &[Descriptor::Open(reader)], timeout)?;
        Ok(Owned::bool(ready[0]))
    };
    method "fileno" ("") "The number of the descriptor that becomes readable when there is a message." => |vm, args| {
        let reader = this(vm, args)?.reader(vm)?;
        let number = descriptor::lend(vm, &reader)?;
        Ok(vm.new_int(i64::from(number))?)
    };
    method "close_reader" ("") "Take no more messages." => |vm, args| {
        drop(this(vm, args)?.reader.take());
        Ok(Owned::none())
    };
    method "close_writer" ("") "Put no more messages in." => |vm, args| {
        drop(this(vm, args)?.writer.take());
        Ok(Owned::none())
    };
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Channel> {
    class::this(vm, args.at(0), CHANNEL)
}

impl Channel {
    fn new(reader: Arc<OwnedFd>, writer: Arc<OwnedFd>) -> Self {
        Self { reader: RefCell::new(Some(reader)), writer: RefCell::new(Some(writer)), buffer: RefCell::default() }
    }

    fn reader(&self, vm: &mut Vm) -> Outcome<Arc<OwnedFd>> {
        open(vm, &self.reader)
    }

    fn writer(&self, vm: &mut Vm) -> Outcome<Arc<OwnedFd>> {
        open(vm, &self.writer)
    }
}

fn open(vm: &mut Vm, end: &RefCell<Option<Arc<OwnedFd>>>) -> Outcome<Arc<OwnedFd>> {
    match &*end.borrow() {
        Some(descriptor) => Ok(Arc::clone(descriptor)),
        None => Err(vm.raise(ClassName::OsError, "handle is closed")),
    }
}

/// Puts a message in: 1, or 0 if there is no room and one is not to wait.
struct Put<'a> {
    writer: Arc<OwnedFd>,
    packet: Packet<'a>,
    waits: bool,
}

impl Transfer for Put<'_> {
    type Output = usize;
    const EVENT: PollFlags = PollFlags::OUT;

    fn attempt(&mut self) -> Result<usize, Errno> {
        match self.packet.send(&*self.writer) {
            Ok(()) => Ok(1),
            Err(Errno::AGAIN) if !self.waits => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn perform(&mut self) -> Result<usize, Errno> {
        loop {
            match self.attempt() {
                Err(Errno::AGAIN) => poll(&mut [PollFd::new(&*self.writer, Self::EVENT)], None)?,
                result => return result,
            };
        }
    }

    fn with_descriptor<R>(&self, call: impl FnOnce(BorrowedFd<'_>) -> R) -> R {
        call(self.writer.as_fd())
    }
}

/// Takes a message out: 1, or 0 if there is none and one is not to wait.
struct Take {
    reader: Arc<OwnedFd>,
    buffer: Vec<u8>,
    message: Option<Received>,
    waits: bool,
}

impl Transfer for Take {
    type Output = usize;
    const EVENT: PollFlags = PollFlags::IN;

    fn attempt(&mut self) -> Result<usize, Errno> {
        match receive_packet(&*self.reader, &mut self.buffer) {
            Ok(message) => {
                self.message = Some(message);
                Ok(1)
            }
            Err(Errno::AGAIN) if !self.waits => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn perform(&mut self) -> Result<usize, Errno> {
        loop {
            match self.attempt() {
                Err(Errno::AGAIN) => poll(&mut [PollFd::new(&*self.reader, Self::EVENT)], None)?,
                result => return result,
            };
        }
    }

    fn with_descriptor<R>(&self, call: impl FnOnce(BorrowedFd<'_>) -> R) -> R {
        call(self.reader.as_fd())
    }
}

fn transfer(vm: &mut Vm, transfer: &mut impl Transfer<Output = usize>) -> Outcome<bool> {
    loop {
        match vm.transfer(transfer) {
            Ok(count) => return Ok(count == 1),
            Err(Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
    }
}

fn send(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let writer = this(vm, args)?.writer(vm)?;
    let message = bytes(vm, args.at(1))?;
    let waits = flag_or(vm, args.get(2), true)?;
    let wrap = || Packet::new(&message);
    let packet = if message.len() < INLINE { wrap() } else { vm.released(ReleaseCause::Io, wrap) };
    let packet = packet.map_err(|error| vm.raise_os_error(&error.into(), None))?;
    transfer(vm, &mut Put { writer, packet, waits }).map(Owned::bool)
}

fn receive(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let channel = this(vm, args)?;
    let reader = channel.reader(vm)?;
    let timeout = waiting::timeout(vm, args.get(1))?;
    let deadline = waiting::deadline(vm, timeout);
    let buffer = channel.buffer.take();
    let mut take = Take { reader, buffer, message: None, waits: timeout.is_none() };
    let taken = loop {
        match transfer(vm, &mut take) {
            Ok(false) => {}
            taken => break taken,
        }
        let left = waiting::left(vm, deadline);
        if left == Some(Duration::ZERO) {
            break Ok(false);
        }
        if let Err(raised) = waiting::wait_for(vm, &[Descriptor::Open(Arc::clone(&take.reader))], left) {
            break Err(raised);
        }
    };
    let message = match &take.message {
        Some(Received::Front(count)) => Some(&take.buffer[..*count]),
        Some(Received::Large(message)) => Some(message.as_slice()),
        None => None,
    };
    let answer = match message {
        Some(message) => vm.new_bytes(message)?,
        None => Owned::none(),
    };
    drop(channel.buffer.replace(take.buffer));
    taken.map(|_| answer)
}
