//! `Listening`: a socket at which other programs connect; and connecting.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use toy_gil::ReleaseCause;
use toy_object::{Owned, Payload, Ref};
use toy_process::Address;
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::waiting;
use crate::argument::{int32, integer, new_text, path, text, type_error, value_error};
use crate::class;
use crate::io::descriptor::{self, Descriptor};

/// Full name of the class.
pub(super) const LISTENING: &str = "_multiprocessing.Listening";

struct Listening {
    /// Absent once it is closed.
    descriptor: RefCell<Option<Arc<OwnedFd>>>,
    address: Address,
}

impl Payload for Listening {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

natives! {
    /// The methods of `Listening`.
    pub(super) METHODS:
    static "__new__" ("address, backlog") "Listen at a path or at a pair of host and port." => |vm, args| {
        let (address, backlog) = (address(vm, args.at(1))?, int32(vm, args.at(2))?);
        match toy_process::listen(&address, backlog) {
            Ok((descriptor, address)) => {
                let listening = Listening { descriptor: RefCell::new(Some(Arc::new(descriptor))), address };
                class::construct(vm, LISTENING, args.at(0), listening)
            }
            Err(error) => Err(vm.raise_os_error(&error.into(), None)),
        }
    };
    method releasing "accept" ("") "Wait for somebody to connect; returns the number of the new descriptor." => accept;
    getter "address" ("") "Where it listens." => |vm, args| {
        let listening = class::this::<Listening>(vm, args.at(0), LISTENING)?;
        match &listening.address {
            Address::Path(path) => new_text(vm, path.to_string_lossy()),
            Address::Internet(place) => {
                let parts = [vm.new_str(&place.ip().to_string())?, vm.new_int(i64::from(place.port()))?];
                Ok(vm.new_tuple(parts)?)
            }
        }
    };
    method "fileno" ("") "The number of the descriptor, which becomes readable when somebody connects." => |vm, args| {
        let descriptor = open(vm, args)?;
        let number = descriptor::lend(vm, &descriptor)?;
        Ok(vm.new_int(i64::from(number))?)
    };
    method "close" ("") "Listen no more." => |vm, args| {
        drop(class::this::<Listening>(vm, args.at(0), LISTENING)?.descriptor.take());
        Ok(Owned::none())
    };
}

fn open(vm: &mut Vm, args: Args<'_>) -> Outcome<Arc<OwnedFd>> {
    let listening = class::this::<Listening>(vm, args.at(0), LISTENING)?;
    match &*listening.descriptor.borrow() {
        Some(descriptor) => Ok(Arc::clone(descriptor)),
        None => Err(vm.raise(ClassName::OsError, "listener is closed")),
    }
}

/// A path, or a host and a port. Names of other hosts would have to be looked up, which toy does not do.
fn address(vm: &mut Vm, argument: Ref<'_>) -> Outcome<Address> {
    let Some(pair) = argument.as_tuple() else { return Ok(Address::Path(path(vm, argument, "address")?)) };
    let parts: Vec<Ref<'_>> = pair.iter().collect();
    let [host, port] = parts.as_slice() else { return Err(type_error(vm, "an address is a pair of host and port")) };
    let host = text(vm, *host, "host")?;
    let host = match &*host {
        "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
        "" => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        host => match host.parse() {
            Ok(host) => host,
            Err(_) => return Err(value_error(vm, format!("the host must be 'localhost' or a number, not {host:?}"))),
        },
    };
    let port = integer(vm, *port)?;
    match u16::try_from(port) {
        Ok(port) => Ok(Address::Internet(SocketAddr::new(host, port))),
        Err(_) => Err(crate::argument::overflow_error(vm, "port must be 0-65535.")),
    }
}

fn add(vm: &mut Vm, descriptor: OwnedFd) -> Outcome {
    let number = descriptor::add(vm, descriptor)?.number();
    Ok(vm.new_int(i64::from(number))?)
}

fn accept(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let descriptor = open(vm, args)?;
    loop {
        match toy_process::accept(&*descriptor) {
            Ok(socket) => return add(vm, socket),
            Err(Errno::AGAIN) => drop(waiting::wait_for(vm, &[Descriptor::Open(Arc::clone(&descriptor))], None)?),
            // Who gave up meanwhile is not there any more.
            Err(Errno::INTR | Errno::CONNABORTED) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
    }
}

/// The native `connect`.
pub(super) fn connect(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let address = address(vm, args.at(0))?;
    loop {
        match vm.released(ReleaseCause::Io, || toy_process::connect(&address)) {
            Ok((socket, false)) => return add(vm, socket),
            Ok((socket, true)) => return finish(vm, socket),
            Err(Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
    }
}

/// Waits until a connection is made or refused.
fn finish(vm: &mut Vm, socket: OwnedFd) -> Outcome {
    let look = |time: Option<&Timespec>| poll(&mut [PollFd::new(&socket, PollFlags::OUT)], time).map(|count| count > 0);
    loop {
        let looked = if vm.is_virtual() {
            match vm.wait_outside("another program", |time| look(Some(time))) {
                Ok(()) => look(Some(&Timespec { tv_sec: 0, tv_nsec: 0 })),
                Err(error) => Err(error),
            }
        } else {
            vm.released(ReleaseCause::Io, || look(None))
        };
        match looked {
            Ok(true) => break,
            Ok(false) => {}
            Err(Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
    }
    match toy_process::connected(&socket) {
        Ok(()) => add(vm, socket),
        Err(error) => Err(vm.raise_os_error(&error.into(), None)),
    }
}
