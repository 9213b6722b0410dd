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

use toy_object::{Owned, Payload, Ref};
use toy_process::wire::{Frame, FrameReader};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::{length, new_numbers, waiting};
use crate::argument::{bytes_like, flag_or, int32, present, type_error, value_error};
use crate::class;
use crate::io::descriptor::{self, Descriptor};
use crate::thread::Waiters;

/// Full name of the class.
pub(super) const CONNECTION: &str = "_multiprocessing.Connection";

/// One end.
pub(super) struct Connection {
    /// Absent once it is closed.
    descriptor: RefCell<Option<Arc<OwnedFd>>>,
    pub(super) is_readable: Cell<bool>,
    is_writable: bool,
    /// Who reads, and who writes.
    pub(super) reading: Waiters,
    writing: Waiters,
    /// Absent while a thread reads without the interpreter's lock.
    pub(super) reader: RefCell<Option<FrameReader>>,
    /// Read in advance.
    pub(super) inbound: RefCell<VecDeque<Frame>>,
    /// Nothing can be read in advance: the stream has ended, is broken, or brings descriptors next.
    pub(super) is_exhausted: Cell<bool>,
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
