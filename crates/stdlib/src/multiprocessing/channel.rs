//! `Channel`: a queue of messages of bytes between any number of processes, with a ledger of what is in it unless anything may be.

use std::cell::RefCell;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use toy_gil::ReleaseCause;
use toy_object::{Owned, Payload, Ref};
use toy_process::{INLINE, Ledger, News, Open, Packet, Received};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::packets::{Put, Take, transfer};
use super::{block_of_handle, handle_of_block, length, new_numbers, waiting};
use crate::argument::{bytes, flag_or, int32, overflow_error, present, value_error};
use crate::class;
use crate::io::descriptor::{self, Descriptor};

/// Full name of the class.
pub(super) const CHANNEL: &str = "_multiprocessing.Channel";

struct Channel {
    reader: RefCell<Option<Arc<OwnedFd>>>,
    writer: RefCell<Option<Arc<OwnedFd>>>,
    /// Whoever puts a message in has promised it first; absent: without.
    ledger: Option<Ledger>,
    /// Room for a message; absent while a thread waits for one.
    buffer: RefCell<Vec<u8>>,
}

impl Payload for Channel {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

natives! {
    /// The methods of `Channel`.
    pub(super) METHODS:
    static "__new__" ("maximum=None") "A new queue of messages: of so many at most, or without a ledger." => |vm, args| {
        let maximum = present(args.get(1)).map(|maximum| number(vm, maximum)).transpose()?;
        let (reader, writer) = toy_process::packets().map_err(|error| vm.raise_os_error(&error.into(), None))?;
        let ledger = maximum.map(Ledger::new).transpose().map_err(|error| vm.raise_os_error(&error, None))?;
        class::construct(vm, CHANNEL, args.at(0), Channel::new(Arc::new(reader), Arc::new(writer), ledger))
    };
    class "_rebuild" ("reader, writer, maximum=None, descriptor=-1, offset=0, length=0")
        "The one whose parts are these descriptors, which it takes over." => |vm, args| {
        let (reader, writer) = (int32(vm, args.at(1))?, int32(vm, args.at(2))?);
        let (reader, writer) = (descriptor::claim(vm, reader)?, descriptor::claim(vm, writer)?);
        let ledger = match present(args.get(3)) {
            None => None,
            Some(maximum) => {
                let (maximum, block) = (number(vm, maximum)?, block_of_handle(vm, args, 4)?);
                let found = Ledger::from_block(block, maximum);
                Some(found.ok_or_else(|| value_error(vm, "there is no ledger"))?)
            }
        };
        class::construct(vm, CHANNEL, args.at(0), Channel::new(reader, writer, ledger))
    };
    method "_handles" ("") "The numbers of the descriptors of both ends." => |vm, args| {
        let channel = this(vm, args)?;
        let (reader, writer) = (channel.reader(vm)?, channel.writer(vm)?);
        descriptor::lend(vm, &reader)?;
        descriptor::lend(vm, &writer)?;
        new_numbers(vm, &[Descriptor::Open(reader), Descriptor::Open(writer)])
    };
    method "_ledger" ("") "Where the ledger is found: a descriptor's number, and a place and a length there." => |vm, args| {
        let channel = this(vm, args)?;
        let block = channel.ledger(vm)?.block();
        handle_of_block(vm, block)
    };
    method releasing "promise" ("timeout=None") "Wait for room for one message more and take it; False: there was none." => |vm, args| {
        let channel = this(vm, args)?;
        let timeout = waiting::timeout(vm, args.get(1))?;
        channel.wait(vm, News::Room, timeout, |open| open.promise()).map(Owned::bool)
    };
    method releasing "break_promises" ("count=1") "Put fewer messages in than promised." => |vm, args| {
        let count = match args.get(1) { None => 1, Some(count) => number(vm, count)? };
        this(vm, args)?.open(vm, |open| open.break_promises(count))?;
        Ok(Owned::none())
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
    method releasing "size" ("") "How many messages are in the queue or promised." => |vm, args| {
        let size = this(vm, args)?.open(vm, |open| open.size())?;
        Ok(vm.new_int(i64::from(size))?)
    };
    method releasing "done" ("") "One message that was taken out has been dealt with; False: all had been." => |vm, args| {
        this(vm, args)?.open(vm, |open| open.done()).map(Owned::bool)
    };
    method releasing "join" ("") "Wait until all messages have been dealt with." => |vm, args| {
        this(vm, args)?.wait(vm, News::AllDone, None, |open| open.unfinished() == 0).map(Owned::bool)
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
    fn new(reader: Arc<OwnedFd>, writer: Arc<OwnedFd>, ledger: Option<Ledger>) -> Self {
        let (reader, writer) = (RefCell::new(Some(reader)), RefCell::new(Some(writer)));
        Self { reader, writer, ledger, buffer: RefCell::default() }
    }

    fn ledger(&self, vm: &mut Vm) -> Outcome<&Ledger> {
        self.ledger.as_ref().ok_or_else(|| value_error(vm, "there is no ledger"))
    }

    /// Opens the ledger, waiting until nobody else has it open.
    fn open<R>(&self, vm: &mut Vm, act: impl Fn(&Open<'_>) -> R) -> Outcome<R> {
        let mut result = None;
        self.wait(vm, News::Closed, None, |open| {
            result = Some(act(open));
            true
        })?;
        Ok(result.expect("it has been open"))
    }

    /// Opens the ledger again and again until what is done with it succeeds; whether it did before the time was over.
    fn wait(
        &self,
        vm: &mut Vm,
        news: News,
        timeout: Option<Duration>,
        mut act: impl FnMut(&Open<'_>) -> bool,
    ) -> Outcome<bool> {
        let ledger = self.ledger(vm)?;
        let reader = self.reader.borrow().clone();
        let deadline = waiting::deadline(vm, timeout);
        let mut last = 0;
        loop {
            let seen = ledger.seen(news);
            let opened = ledger.try_open(reader.as_ref().map(AsFd::as_fd), last);
            let (news, seen) = match opened.map_err(|error| vm.raise_os_error(&error.into(), None))? {
                Some(open) if act(&open) => return Ok(true),
                Some(_) => (news, seen),
                // It is open for a moment only, however little time there is.
                None => {
                    last = ledger.seen(News::Closed);
                    waiting::glance(vm, None, |time| ledger.sleep(News::Closed, last, time))?;
                    continue;
                }
            };
            let left = waiting::left(vm, deadline);
            if left == Some(Duration::ZERO) || timeout == Some(Duration::ZERO) {
                return Ok(false);
            }
            waiting::glance(vm, left, |time| ledger.sleep(news, seen, time))?;
        }
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

fn send(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let channel = this(vm, args)?;
    let writer = channel.writer(vm)?;
    let message = bytes(vm, args.at(1))?;
    let waits = flag_or(vm, args.get(2), true)?;
    let wrap = || Packet::new(&message);
    let packet = if message.len() < INLINE { wrap() } else { vm.released(ReleaseCause::Io, wrap) };
    let packet = packet.map_err(|error| vm.raise_os_error(&error.into(), None))?;
    let reader = channel.reader.borrow().clone();
    transfer(vm, &mut Put { writer, reader, ledger: channel.ledger.as_ref(), packet, waits }).map(Owned::bool)
}

fn receive(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let channel = this(vm, args)?;
    let reader = channel.reader(vm)?;
    let timeout = waiting::timeout(vm, args.get(1))?;
    let deadline = waiting::deadline(vm, timeout);
    let buffer = channel.buffer.take();
    let ledger = channel.ledger.as_ref();
    let mut take = Take { reader, ledger, buffer, taken: None, waits: timeout.is_none() };
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
    let received = match (taken, take.taken.take()) {
        (Ok(true), Some(message)) if message.is_large() => vm.released(ReleaseCause::Io, || message.read()).map(Some),
        (Ok(true), Some(message)) => message.read().map(Some),
        (Err(raised), _) => return Err(raised),
        _ => Ok(None),
    };
    let answer = match received.map_err(|error| vm.raise_os_error(&error.into(), None))? {
        Some(Received::Front(count)) => vm.new_bytes(&take.buffer[..count])?,
        Some(Received::Large(message)) => vm.new_bytes(&message)?,
        None => Owned::none(),
    };
    drop(channel.buffer.replace(take.buffer));
    Ok(answer)
}

/// How many messages.
fn number(vm: &mut Vm, argument: Ref<'_>) -> Outcome<u32> {
    let count = length(vm, argument)?;
    u32::try_from(count).map_err(|_| overflow_error(vm, "too many messages"))
}
