//! Addresses as scripts write them: a tuple of host and port, or a path.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use rustix::net::{AddressFamily, SocketAddrAny, SocketAddrUnix};
use toy_object::{Owned, Ref};
use toy_vm::{ClassName, Outcome, Vm};

use super::constants::{AF_INET, AF_INET6, AF_UNIX};
use super::convert::shown;
use super::lookup;
use super::object::payload;
use crate::argument::{int32, integer, new_text, overflow_error, type_error};

/// Most bytes of a path, its end not counted.
const LONGEST_PATH: usize = 107;

/// An address of a family, for `function`.
pub(super) fn parse(vm: &mut Vm, family: i32, argument: Ref<'_>, function: &str) -> Outcome<SocketAddrAny> {
    match family {
        AF_UNIX => path(vm, argument),
        AF_INET => {
            let parts = parts(vm, argument, "AF_INET", function)?;
            let [host, port] = &parts[..] else {
                return Err(type_error(vm, "AF_INET address must be a pair (host, port)"));
            };
            let host = host_text(vm, host.get())?;
            let port = integer(vm, port.get())?;
            let host = internet_host(vm, &host)?;
            let port = checked_port(vm, port, function)?;
            Ok(SocketAddrV4::new(host, port).into())
        }
        AF_INET6 => {
            let parts = parts(vm, argument, "AF_INET6", function)?;
            let ([host, port, rest @ ..], 2..=4) = (&parts[..], parts.len()) else {
                let message = "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])";
                return Err(type_error(vm, message));
            };
            let host = host_text(vm, host.get())?;
            let port = integer(vm, port.get())?;
            let flow = rest.first().map_or(Ok(0), |flow| integer(vm, flow.get()))?;
            let scope = rest.get(1).map_or(Ok(0), |scope| integer(vm, scope.get()))?;
            let found = later_host(vm, &host)?;
            let port = checked_port(vm, port, function)?;
            let Some(flow) = u32::try_from(flow).ok().filter(|flow| *flow <= 0xf_ffff) else {
                return Err(overflow_error(vm, format!("{function}(): flowinfo must be 0-1048575.")));
            };
            let scope = if scope == 0 { found.scope_id() } else { scope as u32 };
            Ok(SocketAddrV6::new(*found.ip(), port, flow.to_be(), scope).into())
        }
        _ => Err(vm.raise(ClassName::OsError, format!("{function}(): bad family"))),
    }
}

fn parts(vm: &mut Vm, argument: Ref<'_>, family: &str, function: &str) -> Outcome<Vec<Owned>> {
    if argument.as_tuple().is_none() {
        let got = vm.type_name(argument);
        return Err(type_error(vm, format!("{function}(): {family} address must be tuple, not {got}")));
    }
    vm.collect(argument)
}

/// The name of a host.
fn host_text(vm: &mut Vm, argument: Ref<'_>) -> Outcome<String> {
    if let Some(text) = argument.as_str() {
        return Ok(text.to_string_lossy());
    }
    match crate::argument::bytes_like(vm, argument)? {
        Some(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        None => {
            let got = vm.type_name(argument);
            Err(type_error(vm, format!("str, bytes or bytearray expected, not {got}")))
        }
    }
}

fn checked_port(vm: &mut Vm, port: i64, function: &str) -> Outcome<u16> {
    u16::try_from(port).map_err(|_| overflow_error(vm, format!("{function}(): port must be 0-65535.")))
}

fn internet_host(vm: &mut Vm, host: &str) -> Outcome<Ipv4Addr> {
    match host {
        "" => return Ok(Ipv4Addr::UNSPECIFIED),
        "<broadcast>" => return Ok(Ipv4Addr::BROADCAST),
        _ => {}
    }
    if let Ok(address) = host.parse() {
        return Ok(address);
    }
    match lookup::first(vm, host, AF_INET)? {
        SocketAddr::V4(address) => Ok(*address.ip()),
        SocketAddr::V6(_) => Err(vm.raise(ClassName::OsError, "address family mismatched")),
    }
}

fn later_host(vm: &mut Vm, host: &str) -> Outcome<SocketAddrV6> {
    if host.is_empty() {
        return Ok(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, 0, 0, 0));
    }
    if let Ok(address) = host.parse() {
        return Ok(SocketAddrV6::new(address, 0, 0, 0));
    }
    match lookup::first(vm, host, AF_INET6)? {
        SocketAddr::V6(address) => Ok(address),
        SocketAddr::V4(_) => Err(vm.raise(ClassName::OsError, "address family mismatched")),
    }
}

fn path(vm: &mut Vm, argument: Ref<'_>) -> Outcome<SocketAddrAny> {
    let bytes = match argument.as_str() {
        Some(_) => {
            let (encoding, errors) = (vm.new_str("utf-8")?, vm.new_str("surrogateescape")?);
            let bytes = crate::module::call_method(vm, argument, "encode", &[encoding.get(), errors.get()])?;
            payload(vm, bytes.get())?.into_owned()
        }
        None => payload(vm, argument)?.into_owned(),
    };
    let made = match bytes.split_first() {
        None => Ok(SocketAddrUnix::new_unnamed()),
        Some((0, name)) if name.len() <= LONGEST_PATH => SocketAddrUnix::new_abstract_name(name),
        Some((1.., _)) if bytes.len() <= LONGEST_PATH => SocketAddrUnix::new(&bytes[..]),
        Some(_) => return Err(vm.raise(ClassName::OsError, "AF_UNIX path too long")),
    };
    made.map(SocketAddrAny::from).map_err(|error| vm.raise_os_error(&error.into(), None))
}

/// An address of the internet, for functions that take one of either family.
pub(super) fn parse_numeric(vm: &mut Vm, host: &str, port: u16, flow: i32, scope: u32) -> Outcome<SocketAddr> {
    Ok(match lookup::first_numeric(vm, host)? {
        SocketAddr::V4(address) => SocketAddrV4::new(*address.ip(), port).into(),
        SocketAddr::V6(address) => {
            let scope = if scope == 0 { address.scope_id() } else { scope };
            SocketAddrV6::new(*address.ip(), port, flow as u32, scope).into()
        }
    })
}

/// An address as scripts see it; None if there is none.
pub(super) fn describe(vm: &mut Vm, address: Option<&SocketAddrAny>) -> Outcome {
    let Some(address) = address else { return Ok(Owned::none()) };
    match address.address_family() {
        AddressFamily::INET | AddressFamily::INET6 => match SocketAddr::try_from(address.clone()) {
            Ok(address) => describe_internet(vm, &address),
            Err(error) => Err(vm.raise_os_error(&error.into(), None)),
        },
        AddressFamily::UNIX => match SocketAddrUnix::try_from(address.clone()) {
            Ok(address) => describe_path(vm, &address),
            Err(_) => new_text(vm, ""),
        },
        _ => Ok(Owned::none()),
    }
}

/// An address of the internet as scripts see it.
pub(super) fn describe_internet(vm: &mut Vm, address: &SocketAddr) -> Outcome {
    let port = vm.new_int(i64::from(address.port()))?;
    match address {
        SocketAddr::V4(address) => {
            let host = new_text(vm, address.ip().to_string())?;
            Ok(vm.new_tuple([host, port])?)
        }
        SocketAddr::V6(address) => {
            let host = new_text(vm, shown(*address.ip()))?;
            let flow = vm.new_int(i64::from(u32::from_be(address.flowinfo())))?;
            let scope = vm.new_int(i64::from(address.scope_id()))?;
            Ok(vm.new_tuple([host, port, flow, scope])?)
        }
    }
}

fn describe_path(vm: &mut Vm, address: &SocketAddrUnix) -> Outcome {
    if let Some(name) = address.abstract_name().filter(|name| !name.is_empty()) {
        let bytes: Vec<u8> = std::iter::once(0).chain(name.iter().copied()).collect();
        return Ok(vm.new_bytes(&bytes)?);
    }
    crate::posix::path_text(vm, address.path_bytes().unwrap_or_default())
}

/// A number of 32 bits without a sign.
pub(super) fn unsigned(vm: &mut Vm, argument: Ref<'_>) -> Outcome<u32> {
    int32(vm, argument).map(|number| number as u32)
}
