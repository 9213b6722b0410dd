//! Orders of bytes, and addresses as bytes.

use std::net::{Ipv4Addr, Ipv6Addr};

use rustix::io::Errno;
use toy_vm::{Args, ClassName, Outcome, Vm};

use super::constants::{AF_INET, AF_INET6};
use super::object::payload;
use crate::argument::{int32, new_text, overflow_error, text, type_error, value_error};

pub(super) fn swap_short(vm: &mut Vm, args: Args<'_>, function: &str) -> Outcome {
    let number = match args.at(0).value().as_small_int().filter(|number| i32::try_from(*number).is_ok()) {
        Some(number) => number,
        None => {
            let index = vm.index(args.at(0))?;
            match index.get().value().as_small_int().filter(|number| i32::try_from(*number).is_ok()) {
                Some(number) => number,
                None => return Err(overflow_error(vm, "Python int too large to convert to C int")),
            }
        }
    };
    if number < 0 {
        return Err(overflow_error(
            vm,
            format!("{function}: can't convert negative Python int to C 16-bit unsigned integer"),
        ));
    }
    match u16::try_from(number) {
        Ok(number) => Ok(vm.new_int(i64::from(number.swap_bytes()))?),
        Err(_) => {
            Err(overflow_error(vm, format!("{function}: Python int too large to convert to C 16-bit unsigned integer")))
        }
    }
}

pub(super) fn swap_long(vm: &mut Vm, args: Args<'_>, _to_network: bool) -> Outcome {
    let Some(number) = args.at(0).as_int() else {
        let got = vm.type_name(args.at(0));
        return Err(type_error(vm, format!("expected int, {got} found")));
    };
    match number.to_i64() {
        Some(..0) => Err(overflow_error(vm, "can't convert negative value to unsigned int")),
        Some(number) if let Ok(number) = u32::try_from(number) => Ok(vm.new_int(i64::from(number.swap_bytes()))?),
        _ => Err(overflow_error(vm, "int larger than 32 bits")),
    }
}

/// One number of an address, in C's ways of writing: `010` is eight, `0x10` sixteen.
fn part(text: &str) -> Option<u32> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (text, 10),
    };
    if digits.starts_with('+') { None } else { u32::from_str_radix(digits, radix).ok() }
}

/// Addresses of one to four parts: the last one has all bytes that are left.
fn parse_loosely(text: &str) -> Option<Ipv4Addr> {
    let text = text.split(|letter: char| letter.is_ascii_whitespace()).next()?;
    let parts = text.split('.').map(part).collect::<Option<Vec<_>>>()?;
    let (last, first) = parts.split_last().filter(|(_, first)| first.len() < 4)?;
    let left = 8 * (4 - first.len() as u32);
    if first.iter().any(|part| *part > 0xff) || (left < 32 && *last >> left != 0) {
        return None;
    }
    let front = first.iter().enumerate().map(|(place, part)| part << (24 - 8 * place)).sum::<u32>();
    Some(Ipv4Addr::from_bits(front | last))
}

pub(super) fn inet_aton(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = text(vm, args.at(0), "inet_aton() argument 1")?;
    match parse_loosely(&text) {
        Some(address) => Ok(vm.new_bytes(&address.octets())?),
        None => Err(vm.raise(ClassName::OsError, "illegal IP address string passed to inet_aton")),
    }
}

pub(super) fn inet_ntoa(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let packed = payload(vm, args.at(0))?;
    match <[u8; 4]>::try_from(&*packed) {
        Ok(octets) => new_text(vm, Ipv4Addr::from(octets).to_string()),
        Err(_) => Err(vm.raise(ClassName::OsError, "packed IP wrong length for inet_ntoa")),
    }
}

pub(super) fn inet_pton(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let family = int32(vm, args.at(0))?;
    let text = text(vm, args.at(1), "inet_pton() argument 2")?;
    let bytes = match family {
        AF_INET => text.parse::<Ipv4Addr>().map(|address| address.octets().to_vec()),
        AF_INET6 => text.parse::<Ipv6Addr>().map(|address| address.octets().to_vec()),
        _ => return Err(vm.raise_os_error(&Errno::AFNOSUPPORT.into(), None)),
    };
    match bytes {
        Ok(bytes) => Ok(vm.new_bytes(&bytes)?),
        Err(_) => Err(vm.raise(ClassName::OsError, "illegal IP address string passed to inet_pton")),
    }
}

pub(super) fn inet_ntop(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let family = int32(vm, args.at(0))?;
    let packed = payload(vm, args.at(1))?;
    let address = match family {
        AF_INET => <[u8; 4]>::try_from(&*packed).map(|octets| Ipv4Addr::from(octets).to_string()),
        AF_INET6 => <[u8; 16]>::try_from(&*packed).map(|octets| shown(Ipv6Addr::from(octets))),
        _ => return Err(value_error(vm, format!("unknown address family {family}"))),
    };
    match address {
        Ok(address) => new_text(vm, address),
        Err(_) => Err(value_error(vm, "invalid length of packed IP address string")),
    }
}

/// An address as the C library writes it: one that begins with twelve zero bytes ends as an old one.
pub(super) fn shown(address: Ipv6Addr) -> String {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, high, low] if high > 0 => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            format!("::{a}.{b}.{c}.{d}")
        }
        _ => address.to_string(),
    }
}
