//! Options and timeouts.

use std::time::Duration;

use toy_object::{Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm};

use super::object::{payload, this};
use crate::argument::{int32, integer, overflow_error, signed_seconds, type_error, value_error};

/// Most bytes that an option is asked for at once.
const LONGEST_OPTION: i32 = 1024;

/// A timeout in seconds; `None`: for ever.
pub(super) fn timeout(vm: &mut Vm, argument: Ref<'_>) -> Outcome<Option<Duration>> {
    if argument.is_none() {
        return Ok(None);
    }
    let seconds = signed_seconds(vm, argument)?;
    if seconds < 0.0 {
        return Err(value_error(vm, "Timeout value out of range"));
    }
    // What is shorter than a nanosecond still waits.
    let shortest = Duration::from_nanos(u64::from(seconds > 0.0));
    match Duration::try_from_secs_f64(seconds) {
        Ok(timeout) if i64::try_from(timeout.as_nanos()).is_ok() => Ok(Some(timeout.max(shortest))),
        _ => Err(overflow_error(vm, "timestamp out of range for platform time_t")),
    }
}

/// A timeout as scripts see it.
pub(super) fn new_timeout(vm: &mut Vm, timeout: Option<Duration>) -> Outcome {
    match timeout {
        None => Ok(Owned::none()),
        Some(timeout) => Ok(vm.new_float(timeout.as_secs_f64())?),
    }
}

pub(super) fn settimeout(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let timeout = timeout(vm, args.at(1))?;
    socket.set_timeout(vm, timeout)?;
    Ok(Owned::none())
}

pub(super) fn gettimeout(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let timeout = this(vm, args)?.patience().get();
    new_timeout(vm, timeout)
}

pub(super) fn setblocking(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let blocks = vm.truth(args.at(1))?;
    socket.set_timeout(vm, if blocks { None } else { Some(Duration::ZERO) })?;
    Ok(Owned::none())
}

pub(super) fn getblocking(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(Owned::bool(this(vm, args)?.patience().get() != Some(Duration::ZERO)))
}

pub(super) fn setsockopt(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let given = vm.collect(args.at(1))?;
    let (level, option, value) = match &given[..] {
        [level, option, value] | [level, option, value, _] => {
            (int32(vm, level.get())?, int32(vm, option.get())?, value)
        }
        _ => {
            let count = given.len();
            return Err(type_error(vm, format!("setsockopt() takes exactly 3 arguments ({count} given)")));
        }
    };
    let value = match given.get(3) {
        Some(length) if value.get().is_none() => {
            let length = integer(vm, length.get())?;
            vec![0; usize::try_from(length).unwrap_or(0).min(LONGEST_OPTION as usize)]
        }
        _ if value.get().as_int().is_some() => int32(vm, value.get())?.to_ne_bytes().to_vec(),
        _ => payload(vm, value.get())?.into_owned(),
    };
    let descriptor = socket.open(vm)?;
    let set = toy_process::set_socket_option(&*descriptor, level, option, &value);
    set.map(|()| Owned::none()).map_err(|error| vm.raise_os_error(&error, None))
}

pub(super) fn getsockopt(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let (level, option) = (int32(vm, args.at(1))?, int32(vm, args.at(2))?);
    let length = args.get(3).map_or(Ok(0), |length| int32(vm, length))?;
    if !(0..=LONGEST_OPTION).contains(&length) {
        return Err(vm.raise(ClassName::OsError, "getsockopt buflen out of range"));
    }
    let descriptor = socket.open(vm)?;
    let mut value = vec![0; if length == 0 { 4 } else { length as usize }];
    let asked = toy_process::socket_option(&*descriptor, level, option, &mut value);
    let count = asked.map_err(|error| vm.raise_os_error(&error, None))?;
    if length > 0 {
        return Ok(vm.new_bytes(&value[..count])?);
    }
    let number = value.first_chunk().map_or(0, |bytes| i32::from_ne_bytes(*bytes));
    Ok(vm.new_int(i64::from(number))?)
}
