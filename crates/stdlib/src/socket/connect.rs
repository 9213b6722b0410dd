//! Binding, listening, accepting, connecting.

use std::num::NonZeroU32;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::{AddressFamily, Protocol, Shutdown, SocketAddrAny, SocketFlags, SocketType, acceptfrom_with};
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Transfer, Vm};

use super::address;
use super::message::Call;
use super::object::{new_number, this};
use crate::argument::int32;

/// The family of sockets with paths.
const PATHS: i32 = 1;

pub(super) fn bind(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let place = address::parse(vm, socket.family.get(), args.at(1), "bind")?;
    let descriptor = socket.open(vm)?;
    let bound = rustix::net::bind(&*descriptor, &place);
    bound.map(|()| Owned::none()).map_err(|error| vm.raise_os_error(&error.into(), None))
}

pub(super) fn listen(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let backlog = args.get(1).map_or(Ok(128), |backlog| int32(vm, backlog))?.max(0);
    let descriptor = socket.open(vm)?;
    let listening = rustix::net::listen(&*descriptor, backlog);
    listening.map(|()| Owned::none()).map_err(|error| vm.raise_os_error(&error.into(), None))
}

pub(super) fn accept(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let descriptor = socket.open(vm)?;
    let never_waits = fcntl_getfl(&*descriptor).is_ok_and(|flags| flags.contains(OFlags::NONBLOCK));
    let call = |descriptor: BorrowedFd<'_>, may_wait: bool| {
        if may_wait || never_waits { acceptfrom_with(descriptor, SocketFlags::CLOEXEC) } else { Err(Errno::OPNOTSUPP) }
    };
    let (accepted, from) = socket.transfer(vm, &mut Call::<_, false> { descriptor: &descriptor, call })?;
    let number = new_number(vm, accepted)?;
    let from = address::describe(vm, from.as_ref())?;
    Ok(vm.new_tuple([number, from])?)
}

/// Connects without blocking, waits, and asks what became of it: so a connection goes on when a signal comes in between.
struct Connect<'a> {
    descriptor: &'a OwnedFd,
    target: &'a SocketAddrAny,
    /// Paths have nothing to wait for when their owner is busy: it is tried anew, or not.
    tries_anew: bool,
    /// Whether it is under way.
    has_begun: bool,
}

impl Connect<'_> {
    /// `Ok(Err(…))` is an error that ends it.
    fn begin(&mut self) -> Result<Result<(), Errno>, Errno> {
        let never_waits = fcntl_getfl(self.descriptor)?.contains(OFlags::NONBLOCK);
        if !never_waits {
            ioctl_fionbio(self.descriptor, true)?;
        }
        let result = rustix::net::connect(self.descriptor, self.target);
        if !never_waits {
            ioctl_fionbio(self.descriptor, false)?;
        }
        match result {
            Err(Errno::INPROGRESS) => {
                self.has_begun = true;
                Err(Errno::AGAIN)
            }
            Err(Errno::AGAIN) if self.tries_anew => Err(Errno::AGAIN),
            result => Ok(result),
        }
    }

    fn look(&self, time: Option<&Timespec>) -> Result<Result<(), Errno>, Errno> {
        let mut watched = [PollFd::new(self.descriptor, PollFlags::OUT)];
        if poll(&mut watched, time)? == 0 {
            return Err(Errno::AGAIN);
        }
        // Asked again, it answers what became of it, and the socket can be used anew if that is an error.
        match rustix::net::connect(self.descriptor, self.target) {
            Err(Errno::ISCONN) => Ok(Ok(())),
            Err(Errno::ALREADY | Errno::INPROGRESS) => Err(Errno::AGAIN),
            result => Ok(result),
        }
    }
}

impl Transfer for Connect<'_> {
    type Output = Result<(), Errno>;
    const EVENT: PollFlags = PollFlags::OUT;

    fn attempt(&mut self) -> Result<Self::Output, Errno> {
        if self.has_begun { self.look(Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) } else { self.begin() }
    }

    fn perform(&mut self) -> Result<Self::Output, Errno> {
        loop {
            match self.attempt() {
                Err(Errno::AGAIN) if self.has_begun => return self.look(None),
                Err(Errno::AGAIN) => {
                    poll(&mut [], Some(&Timespec { tv_sec: 0, tv_nsec: 1_000_000 }))?;
                }
                result => return result,
            }
        }
    }

    fn with_descriptor<R>(&self, call: impl FnOnce(BorrowedFd<'_>) -> R) -> R {
        call(self.descriptor.as_fd())
    }
}

/// Connects; the number of the error, if there is one. `TimeoutError` is raised.
fn connect_to(vm: &mut Vm, args: Args<'_>, function: &str) -> Outcome<Result<(), Errno>> {
    let socket = this(vm, args)?;
    let target = address::parse(vm, socket.family.get(), args.at(1), function)?;
    let (descriptor, patience) = (socket.open(vm)?, socket.patience());
    if patience.get() == Some(Duration::ZERO) {
        return Ok(rustix::net::connect(&*descriptor, &target));
    }
    let tries_anew = socket.family.get() == PATHS && patience.get().is_none();
    let mut connect = Connect { descriptor: &descriptor, target: &target, tries_anew, has_begun: false };
    patience.transfer(vm, &mut connect)
}

pub(super) fn connect(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match connect_to(vm, args, "connect")? {
        Ok(()) => Ok(Owned::none()),
        Err(error) => Err(vm.raise_os_error(&error.into(), None)),
    }
}

pub(super) fn connect_ex(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let result = match connect_to(vm, args, "connect_ex") {
        Ok(result) => result,
        Err(raised) if vm.raised_is(toy_vm::ClassName::TimeoutError) => {
            drop((raised, vm.take_raised()));
            Err(Errno::AGAIN)
        }
        Err(raised) => return Err(raised),
    };
    Ok(vm.new_int(i64::from(result.err().map_or(0, Errno::raw_os_error)))?)
}

pub(super) fn getsockname(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let descriptor = this(vm, args)?.open(vm)?;
    let name = rustix::net::getsockname(&*descriptor).map_err(|error| vm.raise_os_error(&error.into(), None))?;
    address::describe(vm, Some(&name))
}

pub(super) fn getpeername(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let descriptor = this(vm, args)?.open(vm)?;
    let name = rustix::net::getpeername(&*descriptor).map_err(|error| vm.raise_os_error(&error.into(), None))?;
    address::describe(vm, name.as_ref())
}

pub(super) fn shutdown(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let how = match int32(vm, args.at(1))? {
        0 => Ok(Shutdown::Read),
        1 => Ok(Shutdown::Write),
        2 => Ok(Shutdown::Both),
        _ => Err(Errno::INVAL),
    };
    let descriptor = socket.open(vm)?;
    let ended = how.and_then(|how| rustix::net::shutdown(&*descriptor, how));
    ended.map(|()| Owned::none()).map_err(|error| vm.raise_os_error(&error.into(), None))
}

pub(super) fn socketpair(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = |vm: &mut Vm, place: usize, default: i32| {
        args.get(place)
            .filter(|argument: &Ref<'_>| !argument.is_none())
            .map_or(Ok(default), |argument| int32(vm, argument))
    };
    let (family, kind, protocol) = (number(vm, 0, PATHS)?, number(vm, 1, 1)?, number(vm, 2, 0)?);
    let family = u16::try_from(family).map(AddressFamily::from_raw).map_err(|_| Errno::AFNOSUPPORT);
    let protocol = NonZeroU32::new(protocol as u32).map(Protocol::from_raw);
    let kind = SocketType::from_raw(kind as u32);
    let pair = family.and_then(|family| rustix::net::socketpair(family, kind, SocketFlags::CLOEXEC, protocol));
    let (one, other) = pair.map_err(|error| vm.raise_os_error(&error.into(), None))?;
    let numbers = [new_number(vm, one)?, new_number(vm, other)?];
    Ok(vm.new_tuple(numbers)?)
}
