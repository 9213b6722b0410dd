//! `Connection`: one end of a pipe or socket pair, through which messages of bytes go.
//!
//! A connection that goes both ways reads while it cannot write: what arrives is kept until somebody wants it, so two sides that send
//! much to each other at the same time do not wait for each other.
//!
//! Invariant: what is read in advance is whole frames and at most one part of a frame; nothing is read in advance without need.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::io::Errno;
use toy_object::{Owned, Payload, Ref};
use toy_process::wire::{Arrival, Frame, FrameError, FrameKind, FrameReader, Outgoing};
use toy_vm::{Args, ClassName, Outcome, Transfer, Vm, natives};

use super::frame::{Inbound, Receive, Send, pass_glance, receive_descriptors, send_descriptors};
use super::{length, new_numbers, waiting};
use crate::argument::{bytes_like, flag_or, int32, present, type_error, value_error};
use crate::class;
use crate::io::descriptor::{self, Descriptor};
use crate::thread::Waiters;

/// Full name of the class.
pub(super) const CONNECTION: &str = "_multiprocessing.Connection";

/// Longest message.
const LIMIT: u64 = i64::MAX as u64;

/// One end.
pub(super) struct Connection {
    /// Absent once it is closed.
    descriptor: RefCell<Option<Arc<OwnedFd>>>,
    is_readable: Cell<bool>,
    is_writable: bool,
    /// Who reads, and who writes.
    reading: Waiters,
    writing: Waiters,
    /// Absent while a thread reads without the interpreter's lock.
    reader: RefCell<Option<FrameReader>>,
    /// Read in advance.
    inbound: RefCell<VecDeque<Frame>>,
    /// Nothing can be read in advance: the stream has ended, is broken, or brings descriptors next.
    is_exhausted: Cell<bool>,
    /// In which process all this is so.
    generation: Cell<u32>,
}

impl Payload for Connection {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.reading.visit(visit);
        self.writing.visit(visit);
    }
}

natives! {
    /// The methods of `Connection`.
    pub(super) METHODS:
    static "__new__" ("handle, readable=True, writable=True") "Take a descriptor over." => new;
    method releasing "_send_frame" ("buf, numbers=(), /") "Send bytes as one message, and descriptors of these numbers with it." => send;
    method releasing "_receive_frame" ("maxlength=None, /") "Wait for a message; returns it, or it and the numbers of the descriptors that came with it." => receive;
    method releasing "poll" ("timeout=0.0") "Whether there is something to be read." => poll;
    method "fileno" ("") "The number of the descriptor." => |vm, args| {
        let connection = this(vm, args)?;
        let descriptor = connection.open(vm)?;
        let number = descriptor::lend(vm, &descriptor)?;
        Ok(vm.new_int(i64::from(number))?)
    };
    method "close" ("") "Close it." => |vm, args| {
        let connection = this(vm, args)?;
        drop(connection.descriptor.take());
        Ok(Owned::none())
    };
    getter "closed" ("") "Whether it is closed." => |vm, args| Ok(Owned::bool(this(vm, args)?.descriptor.borrow().is_none()));
    getter "readable" ("") "Whether it can be read from." => |vm, args| Ok(Owned::bool(this(vm, args)?.is_readable.get()));
    getter "writable" ("") "Whether it can be written to." => |vm, args| Ok(Owned::bool(this(vm, args)?.is_writable));
    getter "_takes_descriptors" ("") "Whether descriptors can go through it." => |vm, args| {
        let connection = this(vm, args)?;
        let descriptor = connection.open(vm)?;
        Ok(Owned::bool(toy_process::takes_descriptors(&*descriptor)))
    };
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(1))?;
    if number < 0 {
        return Err(value_error(vm, "invalid handle"));
    }
    let (is_readable, is_writable) = (flag_or(vm, args.get(2), true)?, flag_or(vm, args.get(3), true)?);
    if !is_readable && !is_writable {
        return Err(value_error(vm, "at least one of `readable` and `writable` must be True"));
    }
    let descriptor = descriptor::claim(vm, number)?;
    if let Err(error) = rustix::io::ioctl_fionbio(&*descriptor, true) {
        return Err(vm.raise_os_error(&error.into(), None));
    }
    let connection = Connection {
        descriptor: RefCell::new(Some(descriptor)),
        is_readable: Cell::new(is_readable),
        is_writable,
        reading: Waiters::default(),
        writing: Waiters::default(),
        reader: RefCell::default(),
        inbound: RefCell::default(),
        is_exhausted: Cell::new(false),
        generation: Cell::new(toy_process::generation()),
    };
    class::construct(vm, CONNECTION, args.at(0), connection)
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Connection> {
    class::this(vm, args.at(0), CONNECTION)
}

impl Connection {
    /// The descriptor; `OSError` if it is closed.
    pub(super) fn open(&self, vm: &mut Vm) -> Outcome<Arc<OwnedFd>> {
        match &*self.descriptor.borrow() {
            Some(descriptor) => Ok(Arc::clone(descriptor)),
            None => Err(vm.raise(ClassName::OsError, "handle is closed")),
        }
    }

    /// Whether a message has been read in advance.
    pub(super) fn has_arrived(&self) -> bool {
        !self.inbound.borrow().is_empty()
    }

    fn open_to_read(&self, vm: &mut Vm) -> Outcome<Arc<OwnedFd>> {
        let descriptor = self.open(vm)?;
        if self.is_readable.get() {
            Ok(descriptor)
        } else {
            Err(vm.raise(ClassName::OsError, "connection is write-only"))
        }
    }

    fn open_to_write(&self, vm: &mut Vm) -> Outcome<Arc<OwnedFd>> {
        let descriptor = self.open(vm)?;
        if self.is_writable { Ok(descriptor) } else { Err(vm.raise(ClassName::OsError, "connection is read-only")) }
    }

    /// In a copy of the process nobody reads or writes yet, and the parts of frames are the parent's.
    fn notice_fork(&self) {
        let generation = toy_process::generation();
        if self.generation.replace(generation) != generation {
            self.reading.reset();
            self.writing.reset();
            self.reader.take();
            self.inbound.take();
        }
    }

    fn take_reader(&self) -> FrameReader {
        self.reader.take().unwrap_or_else(|| FrameReader::new(LIMIT))
    }

    /// Reads the next frame; `None`: the stream has ended. The caller is the one who reads.
    fn receive(&self, vm: &mut Vm, descriptor: Arc<OwnedFd>) -> Outcome<Option<Frame>> {
        if let Some(frame) = self.inbound.borrow_mut().pop_front() {
            return Ok(Some(frame));
        }
        let mut receive = Receive { descriptor, reader: self.take_reader(), arrived: None, fault: None };
        let transferred = transfer(vm, &mut receive);
        let Receive { reader, arrived, fault, .. } = receive;
        *self.reader.borrow_mut() = Some(reader);
        transferred?;
        match (arrived, fault) {
            (Some(Arrival::Frame(frame)), _) => Ok(Some(frame)),
            (_, Some(fault)) => Err(raise_fault(vm, &fault)),
            _ => Ok(None),
        }
    }

    /// Reads what has arrived, without waiting.
    fn read_in_advance(&self, vm: &Vm, descriptor: &Arc<OwnedFd>) {
        if !self.reading.try_acquire(vm) {
            return;
        }
        let reader = self.take_reader();
        let mut receive = Receive { descriptor: Arc::clone(descriptor), reader, arrived: None, fault: None };
        while receive.attempt().is_ok() {
            match receive.arrived.take() {
                Some(Arrival::Frame(frame)) => {
                    // Behind it come descriptors, which are no bytes.
                    self.is_exhausted.set(frame.kind == FrameKind::Control);
                    self.inbound.borrow_mut().push_back(frame);
                }
                _ => self.is_exhausted.set(true),
            }
            if self.is_exhausted.get() {
                break;
            }
        }
        *self.reader.borrow_mut() = Some(receive.reader);
        self.reading.release(vm);
    }

    fn inbound_state(&self) -> Inbound {
        if !self.is_readable.get() || self.is_exhausted.get() {
            Inbound::Closed
        } else if self.reading.is_held() {
            Inbound::Read
        } else {
            Inbound::Unread
        }
    }

    /// Sends a frame. The caller is the one who writes.
    fn send(&self, vm: &mut Vm, descriptor: Arc<OwnedFd>, kind: FrameKind, payload: &[u8]) -> Outcome<()> {
        let outgoing = Outgoing::new(kind, payload);
        let mut send = Send { descriptor: Arc::clone(&descriptor), outgoing, inbound: Inbound::Closed };
        loop {
            send.inbound = self.inbound_state();
            if vm.is_virtual() {
                match send.attempt() {
                    Err(Errno::AGAIN) => {
                        if send.inbound == Inbound::Unread {
                            self.read_in_advance(vm, &descriptor);
                        }
                        if pass_glance(vm, &descriptor).is_err() {
                            vm.check_signals()?;
                        }
                        continue;
                    }
                    Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
                    Ok(_) => return Ok(()),
                }
            }
            if transfer(vm, &mut send)? == 1 {
                return Ok(());
            }
            self.read_in_advance(vm, &descriptor);
        }
    }
}

/// Makes a transfer, whatever signals come, but for Ctrl-C.
fn transfer(vm: &mut Vm, transfer: &mut impl Transfer) -> Outcome<usize> {
    loop {
        match vm.transfer(transfer) {
            Err(Errno::INTR) => vm.check_signals()?,
            result => return result.map_err(|error| vm.raise_os_error(&error.into(), None)),
        }
    }
}

#[cold]
fn raise_fault(vm: &mut Vm, fault: &FrameError) -> toy_vm::Raised {
    match fault {
        FrameError::Truncated { .. } => vm.raise(ClassName::OsError, "got end of file during message"),
        FrameError::Memory { .. } => toy_object::OutOfMemory.into(),
        fault => vm.raise(ClassName::OsError, fault.to_string()),
    }
}

/// Becomes the one who reads or writes.
fn enter(vm: &mut Vm, object: Ref<'_>, turn: &Waiters) -> Outcome<()> {
    while !turn.try_acquire(vm) {
        if turn.wait(vm, object, None)? {
            break;
        }
    }
    Ok(())
}

fn send(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let connection = this(vm, args)?;
    connection.notice_fork();
    let descriptor = connection.open_to_write(vm)?;
    let Some(payload) = bytes_like(vm, args.at(1))? else {
        let got = vm.type_name(args.at(1));
        return Err(type_error(vm, format!("memoryview: a bytes-like object is required, not '{got}'")));
    };
    let mut descriptors = Vec::new();
    if let Some(numbers) = args.get(2) {
        for number in vm.collect(numbers)? {
            let number = int32(vm, number.get())?;
            descriptors.push(descriptor::find(vm, number)?);
        }
    }
    if !descriptors.is_empty() && !toy_process::takes_descriptors(&*descriptor) {
        return Err(vm.raise(ClassName::OsError, "descriptors can only go through a connection that goes both ways"));
    }
    enter(vm, args.at(0), &connection.writing)?;
    let sent = connection.send_parcel(vm, descriptor, &payload, &descriptors);
    connection.writing.release(vm);
    sent.map(|()| Owned::none())
}

/// What arrived: the bytes, and the descriptors that came with them.
type Parcel = (Vec<u8>, Vec<Descriptor>);

impl Connection {
    fn send_parcel(
        &self,
        vm: &mut Vm,
        descriptor: Arc<OwnedFd>,
        payload: &[u8],
        descriptors: &[Descriptor],
    ) -> Outcome<()> {
        if !descriptors.is_empty() {
            let count = (descriptors.len() as u64).to_le_bytes();
            self.send(vm, Arc::clone(&descriptor), FrameKind::Control, &count)?;
            send_descriptors(vm, &descriptor, descriptors)?;
        }
        self.send(vm, descriptor, FrameKind::Bytes, payload)
    }

    /// `None`: the stream has ended.
    fn receive_parcel(&self, vm: &mut Vm, descriptor: Arc<OwnedFd>) -> Outcome<Option<Parcel>> {
        let Some(frame) = self.receive(vm, Arc::clone(&descriptor))? else { return Ok(None) };
        if frame.kind != FrameKind::Control {
            return Ok(Some((frame.payload, Vec::new())));
        }
        let count = frame.payload.try_into().ok().map(u64::from_le_bytes).filter(|&count| count <= MOST_DESCRIPTORS);
        let Some(count) = count else { return Err(vm.raise(ClassName::OsError, "bad number of descriptors")) };
        let descriptors = receive_descriptors(vm, &descriptor, count as usize)?;
        self.is_exhausted.set(false);
        let Some(frame) = self.receive(vm, descriptor)? else { return Ok(None) };
        Ok(Some((frame.payload, descriptors)))
    }
}

/// Descriptors that may come with one message.
const MOST_DESCRIPTORS: u64 = 1 << 16;

fn receive(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let connection = this(vm, args)?;
    connection.notice_fork();
    let descriptor = connection.open_to_read(vm)?;
    let limit = present(args.get(1)).map(|limit| length(vm, limit)).transpose()?;
    enter(vm, args.at(0), &connection.reading)?;
    let received = connection.receive_parcel(vm, descriptor);
    connection.reading.release(vm);
    match received? {
        None => Err(vm.raise_without_arguments(ClassName::EofError)),
        Some((payload, _)) if limit.is_some_and(|limit| payload.len() > limit) => {
            // As in CPython, nothing can be read after that.
            if connection.is_writable {
                connection.is_readable.set(false);
            } else {
                drop(connection.descriptor.take());
            }
            Err(vm.raise(ClassName::OsError, "bad message length"))
        }
        Some((payload, descriptors)) => {
            let payload = vm.new_bytes(&payload)?;
            if descriptors.is_empty() {
                return Ok(payload);
            }
            let numbers = new_numbers(vm, &descriptors)?;
            Ok(vm.new_tuple([payload, numbers])?)
        }
    }
}

fn poll(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let connection = this(vm, args)?;
    connection.notice_fork();
    let descriptor = connection.open_to_read(vm)?;
    if connection.has_arrived() {
        return Ok(Owned::bool(true));
    }
    let timeout = match args.get(1) {
        None => Some(std::time::Duration::ZERO),
        argument => waiting::timeout(vm, argument)?,
    };
    let ready = waiting::wait_for(vm, &[Descriptor::Open(descriptor)], timeout)?;
    Ok(Owned::bool(ready[0]))
}
