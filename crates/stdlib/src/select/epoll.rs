//! `select.epoll`: the kernel remembers what is watched.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::io::Errno;
use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use super::{number, poll::new_pairs};
use crate::argument::{int32, integer, present, signed_seconds, type_error, value_error};
use crate::class;
use crate::io::descriptor::{self, Descriptor};
use crate::waiting;

pub(super) const EPOLL: &str = "select.epoll";

/// What is watched of a descriptor unless it is said.
const DEFAULT: u32 = EventFlags::IN.union(EventFlags::PRI).union(EventFlags::OUT).bits();

/// Most events that one wait answers unless it is said.
const MOST_EVENTS: usize = 1023;

/// The number of the kernel's object. Scripts can name it as long as it is open.
struct Epoll {
    descriptor: std::cell::RefCell<Option<Arc<OwnedFd>>>,
}

impl Payload for Epoll {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

natives! {
    /// The methods of `epoll`.
    pub(super) METHODS:
    static "__new__" ("sizehint=-1, flags=0") "A new one that watches nothing." => new;
    class "fromfd" ("fd, /") "The one behind a descriptor." => |vm, args| {
        let number = int32(vm, args.at(1))?;
        let descriptor = descriptor::claim(vm, number)?;
        construct(vm, args.at(0), descriptor)
    };
    method "register" ("fd, eventmask=7") "Watch a descriptor; FileExistsError if it is watched already." => |vm, args| {
        let data = EventData::new_u64(number(vm, args.at(1))? as u64);
        change(vm, args, move |epoll, source, flags| epoll::add(epoll, source, data, flags))
    };
    method "modify" ("fd, eventmask") "Watch another side of a descriptor." => |vm, args| {
        let data = EventData::new_u64(number(vm, args.at(1))? as u64);
        change(vm, args, move |epoll, source, flags| epoll::modify(epoll, source, data, flags))
    };
    method "unregister" ("fd") "Watch a descriptor no longer." => |vm, args| change(vm, args, |epoll, source, _| epoll::delete(epoll, source));
    method releasing "poll" ("timeout=None, maxevents=-1") "Wait, so many seconds at most; pairs of descriptor and what is ready." => poll;
    method "close" ("") "Close it." => |vm, args| {
        let closed = this(vm, args)?.descriptor.take();
        drop(closed);
        Ok(Owned::none())
    };
    method "__enter__" ("") "The object itself." => |vm, args| {
        open(vm, args)?;
        Ok(args.at(0).to_owned())
    };
    method "__exit__" ("exc_type=None, exc_value=None, exc_tb=None, /") "Close it." => |vm, args| {
        let closed = this(vm, args)?.descriptor.take();
        drop(closed);
        Ok(Owned::none())
    };
    method "fileno" ("") "The number of its descriptor." => |vm, args| {
        let descriptor = open(vm, args)?;
        let number = descriptor::lend(vm, &descriptor)?;
        Ok(vm.new_int(i64::from(number))?)
    };
    getter "closed" ("") "Whether it is closed." => |vm, args| Ok(Owned::bool(this(vm, args)?.descriptor.borrow().is_none()));
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Epoll> {
    class::this(vm, args.at(0), EPOLL)
}

fn open(vm: &mut Vm, args: Args<'_>) -> Outcome<Arc<OwnedFd>> {
    let descriptor = this(vm, args)?.descriptor.borrow().clone();
    descriptor.ok_or_else(|| value_error(vm, "I/O operation on closed epoll object"))
}

fn construct(vm: &mut Vm, class: Ref<'_>, descriptor: Arc<OwnedFd>) -> Outcome {
    class::construct(vm, EPOLL, class, Epoll { descriptor: std::cell::RefCell::new(Some(descriptor)) })
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let size = args.get(1).map_or(Ok(-1), |size| integer(vm, size))?;
    if size != -1 && size <= 0 {
        return Err(value_error(vm, "negative sizehint"));
    }
    let flags = args.get(2).map_or(Ok(0), |flags| integer(vm, flags))?;
    if flags != 0 && flags != i64::from(CreateFlags::CLOEXEC.bits()) {
        return Err(vm.raise_os_error(&Errno::INVAL.into(), None));
    }
    let descriptor = epoll::create(CreateFlags::CLOEXEC).map_err(|error| vm.raise_os_error(&error.into(), None))?;
    construct(vm, args.at(0), Arc::new(descriptor))
}

fn change(
    vm: &mut Vm,
    args: Args<'_>,
    call: impl Fn(&OwnedFd, &Descriptor, EventFlags) -> Result<(), Errno>,
) -> Outcome {
    let epoll = open(vm, args)?;
    let number = number(vm, args.at(1))?;
    let mask = match args.get(2) {
        None => DEFAULT,
        Some(mask) => {
            let mask = integer(vm, mask)?;
            u32::try_from(mask).map_err(|_| value_error(vm, "eventmask must be an unsigned 32-bit integer"))?
        }
    };
    let source = descriptor::find(vm, number)?;
    match call(&epoll, &source, EventFlags::from_bits_retain(mask)) {
        Ok(()) => Ok(Owned::none()),
        Err(error) => Err(vm.raise_os_error(&error.into(), None)),
    }
}

fn timeout(vm: &mut Vm, args: Args<'_>) -> Outcome<Option<Duration>> {
    let Some(timeout) = present(args.get(1)) else { return Ok(None) };
    if timeout.as_float().is_none() && timeout.as_int().is_none() {
        return Err(type_error(vm, "timeout must be an integer or None"));
    }
    let seconds = signed_seconds(vm, timeout)?;
    Ok(if seconds < 0.0 { None } else { waiting::duration(seconds) })
}

fn poll(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let epoll = open(vm, args)?;
    let timeout = timeout(vm, args)?;
    let most = match args.get(2).map_or(Ok(-1), |most| integer(vm, most))? {
        -1 => MOST_EVENTS,
        most => match usize::try_from(most) {
            Ok(most) if most > 0 => most.min(1 << 16),
            _ => return Err(value_error(vm, format!("maxevents must be greater than 0, got {most}"))),
        },
    };
    let found = waiting::wait(vm, "a pipe or a device", timeout, |time| {
        let mut events = Vec::with_capacity(most);
        epoll::wait(epoll.as_fd(), spare_capacity(&mut events), time)?;
        let found = events.iter().map(|event: &epoll::Event| {
            let (data, flags) = (event.data, event.flags);
            (data.u64() as i32, flags.bits())
        });
        Ok((!events.is_empty()).then(|| found.collect::<Vec<_>>()))
    })?;
    new_pairs(vm, found.unwrap_or_default().into_iter())
}
