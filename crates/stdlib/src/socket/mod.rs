//! `_socket`: what `socket` needs of the operating system.
//!
//! | module | what |
//! |---|---|
//! | `object` | a socket: its descriptor, its kind, how long it waits |
//! | `connect` | binding, listening, accepting, connecting |
//! | `message` | sending and receiving |
//! | `ancillary` | sending and receiving with descriptors beside |
//! | `options` | options, timeouts |
//! | `address` | addresses as scripts write them |
//! | `lookup` | names of hosts and services |
//! | `convert` | orders of bytes, addresses as bytes |
//! | `constants` | Linux's numbers |
//!
//! Invariant: a call that may wait does so through [`crate::io::patience`], as pipes and files do.

mod address;
mod ancillary;
mod connect;
mod constants;
mod convert;
mod lookup;
mod message;
mod object;
mod options;

use std::time::Duration;

use toy_object::Owned;
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::argument::{int32, integer, new_text};
use crate::io::descriptor;
use crate::module::NewModule;
use crate::{class, library, posix};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let socket = object::define(vm)?;
    let errors = [lookup::define_error(vm)?, class::error(vm, HOST_ERROR, ClassName::OsError)?];
    let (os_error, timeout) = (vm.class(ClassName::OsError), vm.class(ClassName::TimeoutError));
    let mut module = NewModule::new(vm, "_socket", "What socket needs of the operating system.", FUNCTIONS)?;
    for (name, number) in constants::CONSTANTS {
        module.set_int(name, *number)?;
    }
    let [lookup_error, host_error] = errors;
    for (name, value) in [
        ("socket", socket.clone()),
        ("SocketType", socket),
        ("error", os_error),
        ("timeout", timeout),
        ("gaierror", lookup_error),
        ("herror", host_error),
        ("has_ipv6", Owned::bool(true)),
    ] {
        module.set(name, value)?;
    }
    module.finish()
}

/// Full name of the class of errors about hosts.
const HOST_ERROR: &str = "socket.herror";

natives! {
    /// The functions of `_socket`.
    FUNCTIONS:
    function "htons" ("x, /") "A short number in the order of bytes of the network." => |vm, args| convert::swap_short(vm, args, "htons");
    function "ntohs" ("x, /") "A short number in the order of bytes of this machine." => |vm, args| convert::swap_short(vm, args, "ntohs");
    function "htonl" ("x, /") "A long number in the order of bytes of the network." => |vm, args| convert::swap_long(vm, args, true);
    function "ntohl" ("x, /") "A long number in the order of bytes of this machine." => |vm, args| convert::swap_long(vm, args, false);
    function "inet_aton" ("ip_addr, /") "The four bytes of an address such as 127.0.0.1." => convert::inet_aton;
    function "inet_ntoa" ("packed_ip, /") "The address of four bytes." => convert::inet_ntoa;
    function "inet_pton" ("address_family, ip_string, /") "The bytes of an address of either family." => convert::inet_pton;
    function "inet_ntop" ("address_family, packed_ip, /") "The address of bytes of either family." => convert::inet_ntop;
    function releasing "getaddrinfo" ("host, port, family=0, type=0, proto=0, flags=0")
        "Addresses that a host and a service have." => lookup::getaddrinfo;
    function releasing "getnameinfo" ("sockaddr, flags, /") "The host and the service of an address." => lookup::getnameinfo;
    function "sethostname" ("name, /") "Give this machine a name." => |vm, args| {
        let name = match args.at(0).as_str() {
            Some(name) => name.to_string_lossy().into_bytes(),
            None => crate::argument::bytes(vm, args.at(0))?.into_owned(),
        };
        match rustix::system::sethostname(&name) {
            Ok(()) => Ok(Owned::none()),
            Err(error) => Err(vm.raise_os_error(&error.into(), None)),
        }
    };
    function "gethostname" ("") "The name of this machine." => |vm, _| {
        let names = rustix::system::uname();
        new_text(vm, names.nodename().to_string_lossy())
    };
    function "socketpair" ("family=1, type=1, proto=0, /") "Two descriptors that are connected with each other." => connect::socketpair;
    function "dup" ("fd, /") "Another descriptor for the same socket." => posix::dup;
    function "close" ("fd, /") "Close a socket's descriptor." => |vm, args| {
        let number = int32(vm, args.at(0))?;
        descriptor::close(vm, number)?;
        Ok(Owned::none())
    };
    function "getdefaulttimeout" ("") "How long new sockets wait; None: for ever." => |vm, _| {
        let timeout = default_timeout(vm)?;
        options::new_timeout(vm, timeout)
    };
    function "setdefaulttimeout" ("timeout, /") "Have new sockets wait so long; None: for ever." => set_default_timeout;
    function "_CMSG" ("length, aligned, /") "How much room ancillary data of this length takes." => ancillary::room;
}

const DEFAULT_TIMEOUT: &str = "_socket.default_timeout";

/// How long new sockets wait.
fn default_timeout(vm: &mut Vm) -> Outcome<Option<Duration>> {
    match library::get(vm, DEFAULT_TIMEOUT) {
        None => Ok(None),
        Some(nanoseconds) => {
            let nanoseconds = integer(vm, nanoseconds.get())?;
            Ok(u64::try_from(nanoseconds).ok().map(Duration::from_nanos))
        }
    }
}

fn set_default_timeout(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let timeout = options::timeout(vm, args.at(0))?;
    let nanoseconds = timeout.and_then(|timeout| i64::try_from(timeout.as_nanos()).ok()).unwrap_or(-1);
    let nanoseconds = vm.new_int(nanoseconds)?;
    library::set(vm, DEFAULT_TIMEOUT, nanoseconds);
    Ok(Owned::none())
}
