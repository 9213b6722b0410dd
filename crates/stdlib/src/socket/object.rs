//! A socket: its descriptor, its kind, how long it waits.

use std::cell::{Cell, RefCell};
use std::num::NonZeroU32;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::sockopt::{socket_domain, socket_protocol, socket_type};
use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType, socket_with};
use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, Outcome, Transfer, Vm, natives};

use super::{ancillary, connect, default_timeout, message, options};
use crate::argument::{bytes, flag_or, int32, integer_or, new_text, present, value_error};
use crate::class;
use crate::io::descriptor::{self, Descriptor};
use crate::io::open_socket;
use crate::io::patience::Patience;

/// Full name of the class.
pub(super) const SOCKET: &str = "_socket.socket";

/// A socket.
pub(super) struct Socket {
    /// Absent before it is made and once it is closed.
    descriptor: RefCell<Option<Arc<OwnedFd>>>,
    pub(super) family: Cell<i32>,
    kind: Cell<i32>,
    protocol: Cell<i32>,
    patience: RefCell<Arc<Patience>>,
}

impl Payload for Socket {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

impl Socket {
    fn new() -> Self {
        Self {
            descriptor: RefCell::default(),
            family: Cell::new(-1),
            kind: Cell::new(-1),
            protocol: Cell::new(-1),
            patience: RefCell::new(Arc::new(Patience::new(None))),
        }
    }

    /// The descriptor; `EBADF` if it is closed.
    pub(super) fn open(&self, vm: &mut Vm) -> Outcome<Arc<OwnedFd>> {
        match &*self.descriptor.borrow() {
            Some(descriptor) => Ok(Arc::clone(descriptor)),
            None => Err(vm.raise_os_error(&Errno::BADF.into(), None)),
        }
    }

    pub(super) fn patience(&self) -> Arc<Patience> {
        Arc::clone(&self.patience.borrow())
    }

    /// Makes a transfer, waiting as long as the socket does.
    pub(super) fn transfer<T: Transfer>(&self, vm: &mut Vm, transfer: &mut T) -> Outcome<T::Output> {
        self.patience().transfer(vm, transfer)
    }

    /// Changes how long calls wait.
    pub(super) fn set_timeout(&self, vm: &mut Vm, timeout: Option<Duration>) -> Outcome<()> {
        let descriptor = self.open(vm)?;
        let changed = rustix::io::ioctl_fionbio(&*descriptor, timeout.is_some());
        changed.map_err(|error| vm.raise_os_error(&error.into(), None))?;
        self.patience.borrow().set(timeout);
        Ok(())
    }

    fn number(&self) -> i32 {
        self.descriptor.borrow().as_ref().map_or(-1, |descriptor| descriptor.as_raw_fd())
    }
}

/// The socket behind a method's receiver.
pub(super) fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Socket> {
    class::this(vm, args.at(0), SOCKET)
}

/// Defines the class.
pub(super) fn define(vm: &mut Vm) -> Outcome {
    class::define(vm, SOCKET, METHODS)
}

fn int_of(vm: &mut Vm, number: i32) -> Outcome {
    Ok(vm.new_int(i64::from(number))?)
}

natives! {
    /// The methods of `socket`.
    METHODS:
    static "__new__" ("*args, **kwargs") "A socket that is to be opened." => |vm, args| class::construct(vm, SOCKET, args.at(0), Socket::new());
    method "__init__" ("family=-1, type=-1, proto=-1, fileno=None") "Open a socket, or take one over." => initialise;
    getter "family" ("") "The family of its addresses." => |vm, args| { let socket = this(vm, args)?; int_of(vm, socket.family.get()) };
    getter "type" ("") "Its kind: stream, datagram." => |vm, args| { let socket = this(vm, args)?; int_of(vm, socket.kind.get()) };
    getter "proto" ("") "The number of its protocol." => |vm, args| { let socket = this(vm, args)?; int_of(vm, socket.protocol.get()) };
    getter "timeout" ("") "How long its calls wait." => options::gettimeout;
    method "__repr__" ("") "The text that repr shows." => repr;
    method "fileno" ("") "The number of its descriptor; -1 if it is closed." => |vm, args| { let socket = this(vm, args)?; int_of(vm, socket.number()) };
    method "close" ("") "Close it." => |vm, args| {
        let descriptor = this(vm, args)?.descriptor.take();
        drop(descriptor);
        Ok(Owned::none())
    };
    method "detach" ("") "Close it, but leave the descriptor open; returns its number." => |vm, args| {
        let descriptor = this(vm, args)?.descriptor.take();
        let number = descriptor.map_or(Ok(-1), |descriptor| descriptor::give(vm, descriptor))?;
        int_of(vm, number)
    };
    method "_file" ("reads, writes, buffering=None, text=False, encoding=None, errors=None, newline=None, /")
        "A file that reads and writes what goes through it." => file;
    method "bind" ("address, /") "Give it an address of this machine." => connect::bind;
    method "listen" ("backlog=128, /") "Wait for others to connect." => connect::listen;
    method releasing "_accept" ("") "Wait for one who connects; returns a descriptor and the address." => connect::accept;
    method releasing "connect" ("address, /") "Connect with one who listens." => connect::connect;
    method releasing "connect_ex" ("address, /") "As connect; returns the number of the error, or 0." => connect::connect_ex;
    method "getsockname" ("") "Its own address." => connect::getsockname;
    method "getpeername" ("") "The address at the other end." => connect::getpeername;
    method "shutdown" ("how, /") "End one direction, or both." => connect::shutdown;
    method releasing "recv" ("bufsize, flags=0, /") "Receive at most so many bytes; none: the other end has ended." => message::recv;
    method releasing "recvfrom" ("bufsize, flags=0, /") "As recv; returns the sender's address, too." => message::recvfrom;
    method releasing "recv_into" ("buffer, nbytes=0, flags=0") "Receive into a bytearray; returns the number of bytes." => message::recv_into;
    method releasing "recvfrom_into" ("buffer, nbytes=0, flags=0") "As recv_into; returns the sender's address, too." => message::recvfrom_into;
    method releasing "send" ("data, flags=0, /") "Send bytes; returns how many went." => message::send;
    method releasing "sendall" ("data, flags=0, /") "Send all bytes." => message::sendall;
    method releasing "sendto" ("*args") "sendto(data[, flags], address): send bytes to an address; returns how many went." => message::sendto;
    method releasing "sendmsg" ("buffers, ancdata=(), flags=0, address=None, /") "Send bytes of several buffers, and descriptors beside." =>
        ancillary::sendmsg;
    method releasing "recvmsg" ("bufsize, ancbufsize=0, flags=0, /") "Receive bytes, and descriptors beside: (data, ancillary data, flags, address)." =>
        ancillary::recvmsg;
    method "settimeout" ("timeout, /") "Have its calls wait so many seconds; None: for ever." => options::settimeout;
    method "gettimeout" ("") "How many seconds its calls wait; None: for ever." => options::gettimeout;
    method "setblocking" ("flag, /") "Have its calls wait for ever, or not at all." => options::setblocking;
    method "getblocking" ("") "Whether its calls wait." => options::getblocking;
    method "setsockopt" ("*args") "setsockopt(level, option, value): set an option to a number or bytes." => options::setsockopt;
    method "getsockopt" ("level, option, buflen=0, /") "An option, as a number or so many bytes." => options::getsockopt;
}

fn initialise(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let mut numbers = [-1; 3];
    for (place, number) in numbers.iter_mut().enumerate() {
        *number = args.get(place + 1).map_or(Ok(-1), |argument| int32(vm, argument))?;
    }
    let [family, kind, protocol] = numbers;
    let (descriptor, numbers) = match present(args.get(4)) {
        Some(number) => {
            let number = int32(vm, number)?;
            take_over(vm, number, numbers)?
        }
        None => {
            let family = if family == -1 { 2 } else { family };
            let kind = if kind == -1 { 1 } else { kind };
            let protocol = protocol.max(0);
            let opened = open_new(family, kind, protocol).map_err(|error| vm.raise_os_error(&error.into(), None))?;
            (Arc::new(opened), [family, kind, protocol])
        }
    };
    let [family, kind, protocol] = numbers;
    let flags = (SocketFlags::NONBLOCK | SocketFlags::CLOEXEC).bits() as i32;
    let never_waits = kind & SocketFlags::NONBLOCK.bits() as i32 != 0;
    descriptor::lend(vm, &descriptor)?;
    socket.family.set(family);
    socket.kind.set(kind & !flags);
    socket.protocol.set(protocol);
    *socket.patience.borrow_mut() = Arc::new(Patience::new(None));
    drop(socket.descriptor.replace(Some(descriptor)));
    if never_waits {
        socket.set_timeout(vm, Some(Duration::ZERO))?;
    } else if let Some(timeout) = default_timeout(vm)? {
        socket.set_timeout(vm, Some(timeout))?;
    }
    Ok(Owned::none())
}

fn open_new(family: i32, kind: i32, protocol: i32) -> Result<OwnedFd, Errno> {
    let family = AddressFamily::from_raw(u16::try_from(family).map_err(|_| Errno::AFNOSUPPORT)?);
    let protocol = NonZeroU32::new(protocol as u32).map(Protocol::from_raw);
    socket_with(family, SocketType::from_raw(kind as u32), SocketFlags::CLOEXEC, protocol)
}

/// Takes a descriptor over by its number, with what is known of it.
fn take_over(vm: &mut Vm, number: i32, known: [i32; 3]) -> Outcome<(Arc<OwnedFd>, [i32; 3])> {
    if number < 0 {
        return Err(value_error(vm, "negative file descriptor"));
    }
    let found = descriptor::find(vm, number)?;
    let [family, kind, protocol] = known;
    let asked = found.call(vm, |descriptor| {
        rustix::net::getsockname(descriptor).map(drop).or_else(|error| match error {
            Errno::BADF | Errno::NOTSOCK => Err(error),
            _ => Ok(()),
        })?;
        let family = if family == -1 { i32::from(socket_domain(descriptor)?.as_raw()) } else { family };
        let kind = if kind == -1 { socket_type(descriptor)?.as_raw() as i32 } else { kind };
        let protocol = match protocol {
            -1 => socket_protocol(descriptor)?.map_or(0, |protocol| protocol.as_raw().get() as i32),
            protocol => protocol,
        };
        Ok([family, kind, protocol])
    })?;
    Ok((descriptor::claim(vm, number)?, asked))
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let (family, kind, protocol) = (socket.family.get(), socket.kind.get(), socket.protocol.get());
    new_text(vm, format!("<socket object, fd={}, family={family}, type={kind}, proto={protocol}>", socket.number()))
}

fn file(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let access = (vm.truth(args.at(1))?, vm.truth(args.at(2))?);
    let buffering = integer_or(vm, present(args.get(3)), -1)?;
    let is_text = flag_or(vm, args.get(4), false)?;
    let descriptor = socket.open(vm)?;
    let text = is_text.then(|| [5, 6, 7].map(|place| args.get(place)));
    open_socket(vm, (descriptor, socket.patience()), access, buffering, text)
}

/// The bytes of an argument that are to be sent.
pub(super) fn payload<'a>(vm: &mut Vm, argument: Ref<'a>) -> Outcome<std::borrow::Cow<'a, [u8]>> {
    bytes(vm, argument)
}

/// A socket that the script knows only by its number.
pub(super) fn new_number(vm: &mut Vm, descriptor: OwnedFd) -> Outcome {
    let number = match descriptor::add(vm, descriptor)? {
        Descriptor::Open(descriptor) => descriptor.as_raw_fd(),
        other => other.number(),
    };
    int_of(vm, number)
}
