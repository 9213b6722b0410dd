//! Names of hosts and services, as the C library finds them.
//!
//! Invariant: who asks keeps other threads from forking, because the library may hold locks meanwhile.

use std::net::{IpAddr, SocketAddr};

use dns_lookup::{AddrInfoHints, LookupError};
use toy_gil::ReleaseCause;
use toy_object::{Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Raised, Vm};

use super::address;
use super::constants::AI_NUMERICHOST;
use crate::argument::{bytes_like, int32, integer, overflow_error, type_error};
use crate::class;

/// Full name of the class of errors about names.
const LOOKUP_ERROR: &str = "socket.gaierror";

/// What the numbers of errors mean.
const MEANINGS: [(i32, &str); 12] = [
    (-1, "Bad value for ai_flags"),
    (-2, "Name or service not known"),
    (-3, "Temporary failure in name resolution"),
    (-4, "Non-recoverable failure in name resolution"),
    (-5, "No address associated with hostname"),
    (-6, "ai_family not supported"),
    (-7, "ai_socktype not supported"),
    (-8, "Servname not supported for ai_socktype"),
    (-9, "Address family for hostname not supported"),
    (-10, "Memory allocation failure"),
    (-11, "System error"),
    (-12, "Argument buffer overflow"),
];

/// No such name.
const UNKNOWN_NAME: i32 = -2;
/// No such service.
const UNKNOWN_SERVICE: i32 = -8;

pub(super) fn define_error(vm: &mut Vm) -> Outcome {
    class::error(vm, LOOKUP_ERROR, ClassName::OsError)
}

#[cold]
fn refuse(vm: &mut Vm, number: i32) -> Raised {
    let class = class::find(vm, LOOKUP_ERROR);
    let meaning = MEANINGS.iter().find(|(other, _)| *other == number).map_or("Unknown error", |(_, meaning)| *meaning);
    class::raise_numbered(vm, class.get(), number, meaning)
}

fn failed(vm: &mut Vm, error: LookupError) -> Raised {
    match error.error_num() {
        0 => {
            let error = std::io::Error::from(error);
            // An inner zero byte, which no name has.
            if error.raw_os_error().is_none() { refuse(vm, UNKNOWN_NAME) } else { vm.raise_os_error(&error, None) }
        }
        number => refuse(vm, number),
    }
}

/// What was found: family, kind, protocol, canonical name, address.
struct Found {
    numbers: [i32; 3],
    canonical_name: String,
    address: SocketAddr,
}

fn find(vm: &mut Vm, host: Option<&str>, service: Option<&str>, hints: AddrInfoHints) -> Outcome<Vec<Found>> {
    let ask = || {
        let found = dns_lookup::getaddrinfo(host, service, Some(hints))?;
        Ok(found
            .filter_map(Result::ok)
            .map(|found| Found {
                numbers: [found.address, found.socktype, found.protocol],
                canonical_name: found.canonname.unwrap_or_default(),
                address: found.sockaddr,
            })
            .collect())
    };
    if host.is_some_and(|host| host.parse::<IpAddr>().is_err()) {
        vm.note_beyond_control("the names of hosts");
    }
    vm.released_inside(ReleaseCause::Io, ask).map_err(|error| failed(vm, error))
}

/// The first address of a host.
pub(super) fn first(vm: &mut Vm, host: &str, family: i32) -> Outcome<SocketAddr> {
    let found = find(vm, Some(host), None, AddrInfoHints { address: family, ..AddrInfoHints::default() })?;
    found.first().map(|found| found.address).ok_or_else(|| refuse(vm, UNKNOWN_NAME))
}

/// The address that a text is, of either family.
pub(super) fn first_numeric(vm: &mut Vm, host: &str) -> Outcome<SocketAddr> {
    let hints = AddrInfoHints { flags: AI_NUMERICHOST, socktype: 2, ..AddrInfoHints::default() };
    let found = find(vm, Some(host), Some("0"), hints)?;
    found.first().map(|found| found.address).ok_or_else(|| refuse(vm, UNKNOWN_NAME))
}

/// Text or bytes, or `None` for None; the outer `None` for anything else.
fn name(vm: &Vm, argument: Ref<'_>) -> Outcome<Option<Option<String>>> {
    if argument.is_none() {
        return Ok(Some(None));
    }
    if let Some(text) = argument.as_str() {
        return Ok(Some(Some(text.to_string_lossy())));
    }
    let bytes = bytes_like(vm, argument)?;
    Ok(bytes.map(|bytes| Some(String::from_utf8_lossy(&bytes).into_owned())))
}

pub(super) fn getaddrinfo(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(host) = name(vm, args.at(0))? else {
        return Err(type_error(vm, "getaddrinfo() argument 1 must be string or None"));
    };
    let service = match args.at(1).as_int() {
        Some(_) => Some(integer(vm, args.at(1))?.to_string()),
        None => match name(vm, args.at(1))? {
            Some(service) => service,
            None => return Err(vm.raise(ClassName::OsError, "Int or String expected")),
        },
    };
    let mut numbers = [0; 4];
    for (place, number) in numbers.iter_mut().enumerate() {
        *number = args.get(place + 2).map_or(Ok(0), |argument| int32(vm, argument))?;
    }
    let [address, socktype, protocol, flags] = numbers;
    if host.is_none() && service.is_none() {
        return Err(refuse(vm, UNKNOWN_NAME));
    }
    if service.as_deref().is_some_and(|service| service.contains('\0')) {
        return Err(refuse(vm, UNKNOWN_SERVICE));
    }
    let hints = AddrInfoHints { flags, address, socktype, protocol };
    let mut all = Vec::new();
    for found in find(vm, host.as_deref(), service.as_deref(), hints)? {
        let mut parts = Vec::new();
        for number in found.numbers {
            parts.push(vm.new_int(i64::from(number))?);
        }
        parts.push(vm.new_str(&found.canonical_name)?);
        parts.push(address::describe_internet(vm, &found.address)?);
        all.push(vm.new_tuple(parts)?);
    }
    Ok(vm.new_list(all)?)
}

pub(super) fn getnameinfo(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if args.at(0).as_tuple().is_none() {
        return Err(type_error(vm, "getnameinfo() argument 1 must be a tuple"));
    }
    let flags = int32(vm, args.at(1))?;
    let parts = vm.collect(args.at(0))?;
    let ([host, port, rest @ ..], 2..=4) = (&parts[..], parts.len()) else {
        return Err(type_error(vm, "getnameinfo(): illegal sockaddr argument"));
    };
    let Some(Some(host)) = host.get().as_str().map(|_| name(vm, host.get())).transpose()?.flatten() else {
        return Err(type_error(vm, "getnameinfo(): illegal sockaddr argument"));
    };
    let port = int32(vm, port.get())?;
    let flow = rest.first().map_or(Ok(0), |flow| int32(vm, flow.get()))?;
    let scope = rest.get(1).map_or(Ok(0), |scope| address::unsigned(vm, scope.get()))?;
    if !(0..=0xf_ffff).contains(&flow) {
        return Err(overflow_error(vm, "getnameinfo(): flowinfo must be 0-1048575."));
    }
    let address = address::parse_numeric(vm, &host, port as u16, flow, scope)?;
    if address.is_ipv4() && parts.len() != 2 {
        return Err(vm.raise(ClassName::OsError, "IPv4 sockaddr must be 2 tuple"));
    }
    let ask = || dns_lookup::getnameinfo(&address, flags);
    let (host, service) = vm.released_inside(ReleaseCause::Io, ask).map_err(|error| failed(vm, error))?;
    let names: [Owned; 2] = [vm.new_str(&host)?, vm.new_str(&service)?];
    Ok(vm.new_tuple(names)?)
}
