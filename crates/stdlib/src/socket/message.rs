//! Sending and receiving.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, SocketAddrAny};
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Transfer, Vm};

use super::address;
use super::object::{payload, this};
use crate::argument::{int32, integer, integer_or, type_error, value_error};

/// One call of a socket; `call` hears whether it may wait.
pub(super) struct Call<'a, F, const WRITES: bool> {
    pub(super) descriptor: &'a OwnedFd,
    pub(super) call: F,
}

impl<R: Send, F: FnMut(BorrowedFd<'_>, bool) -> Result<R, Errno> + Send + Sync, const WRITES: bool> Transfer
    for Call<'_, F, WRITES>
{
    type Output = R;
    const EVENT: PollFlags = if WRITES { PollFlags::OUT } else { PollFlags::IN };

    fn attempt(&mut self) -> Result<R, Errno> {
        (self.call)(self.descriptor.as_fd(), false)
    }

    fn perform(&mut self) -> Result<R, Errno> {
        (self.call)(self.descriptor.as_fd(), true)
    }

    fn with_descriptor<T>(&self, call: impl FnOnce(BorrowedFd<'_>) -> T) -> T {
        call(self.descriptor.as_fd())
    }
}

/// Flags of a call that receives.
pub(super) fn receiving(flags: i32, may_wait: bool) -> RecvFlags {
    let flags = RecvFlags::from_bits_retain(flags as u32);
    if may_wait { flags } else { flags | RecvFlags::DONTWAIT }
}

/// Flags of a call that sends.
pub(super) fn sending(flags: i32, may_wait: bool) -> SendFlags {
    let flags = SendFlags::from_bits_retain(flags as u32);
    if may_wait { flags } else { flags | SendFlags::DONTWAIT }
}

/// An optional argument that is a set of flags.
pub(super) fn flags(vm: &mut Vm, argument: Option<Ref<'_>>) -> Outcome<i32> {
    argument.map_or(Ok(0), |argument| int32(vm, argument))
}

/// Room for what is to be received.
pub(super) fn room(vm: &mut Vm, length: i64, function: &str) -> Outcome<Vec<u8>> {
    let Ok(length) = usize::try_from(length) else {
        return Err(value_error(vm, format!("negative buffersize in {function}")));
    };
    if !vm.has_room_for(length) {
        return Err(toy_object::OutOfMemory.into());
    }
    Ok(vec![0; length])
}

/// Receives once: bytes and where from.
fn receive(vm: &mut Vm, args: Args<'_>, buffer: &mut [u8], flags: i32) -> Outcome<(usize, Option<SocketAddrAny>)> {
    let socket = this(vm, args)?;
    let descriptor = socket.open(vm)?;
    let call = |descriptor: BorrowedFd<'_>, may_wait: bool| {
        let (_, count, from) = rustix::net::recvfrom(descriptor, &mut *buffer, receiving(flags, may_wait))?;
        Ok((count, from))
    };
    socket.transfer(vm, &mut Call::<_, false> { descriptor: &descriptor, call })
}

pub(super) fn recv(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (length, flags) = (integer(vm, args.at(1))?, flags(vm, args.get(2))?);
    let mut buffer = room(vm, length, "recv")?;
    // Nothing is there at once.
    if buffer.is_empty() {
        return Ok(vm.new_bytes(&[])?);
    }
    let (count, _) = receive(vm, args, &mut buffer, flags)?;
    Ok(vm.new_bytes(&buffer[..count.min(buffer.len())])?)
}

pub(super) fn recvfrom(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (length, flags) = (integer(vm, args.at(1))?, flags(vm, args.get(2))?);
    let mut buffer = room(vm, length, "recvfrom")?;
    let (count, from) = receive(vm, args, &mut buffer, flags)?;
    let bytes = vm.new_bytes(&buffer[..count.min(buffer.len())])?;
    let from = address::describe(vm, from.as_ref())?;
    Ok(vm.new_tuple([bytes, from])?)
}

/// Receives into the bytearray that is the first argument.
fn receive_into(vm: &mut Vm, args: Args<'_>, function: &str) -> Outcome<(usize, Option<SocketAddrAny>)> {
    let Some(target) = args.at(1).as_byte_array() else {
        let got = vm.type_name(args.at(1));
        let message = format!("{function}() argument 1 must be read-write bytes-like object, not {got}");
        return Err(type_error(vm, message));
    };
    let (length, flags) = (integer_or(vm, args.get(2), 0)?, flags(vm, args.get(3))?);
    let length = if length == 0 { target.len() as i64 } else { length };
    if length > target.len() as i64 {
        return Err(value_error(vm, "buffer too small for requested bytes"));
    }
    let mut buffer = room(vm, length, function)?;
    if buffer.is_empty() && function == "recv_into" {
        return Ok((0, None));
    }
    let (count, from) = receive(vm, args, &mut buffer, flags)?;
    // It may have become shorter meanwhile.
    for (place, byte) in buffer[..count.min(buffer.len())].iter().enumerate().take(target.len()) {
        target.set(place, *byte);
    }
    Ok((count, from))
}

pub(super) fn recv_into(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (count, _) = receive_into(vm, args, "recv_into")?;
    Ok(vm.new_int_from_usize(count)?)
}

pub(super) fn recvfrom_into(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (count, from) = receive_into(vm, args, "recvfrom_into")?;
    let count = vm.new_int_from_usize(count)?;
    let from = address::describe(vm, from.as_ref())?;
    Ok(vm.new_tuple([count, from])?)
}

pub(super) fn send(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let (data, flags) = (payload(vm, args.at(1))?, flags(vm, args.get(2))?);
    let descriptor = socket.open(vm)?;
    let call =
        |descriptor: BorrowedFd<'_>, may_wait: bool| rustix::net::send(descriptor, &data, sending(flags, may_wait));
    let count = socket.transfer(vm, &mut Call::<_, true> { descriptor: &descriptor, call })?;
    Ok(vm.new_int_from_usize(count)?)
}

pub(super) fn sendall(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let (data, flags) = (payload(vm, args.at(1))?, flags(vm, args.get(2))?);
    let (descriptor, patience) = (socket.open(vm)?, socket.patience());
    let deadline = patience.deadline(vm);
    let mut rest: &[u8] = &data;
    loop {
        let call =
            |descriptor: BorrowedFd<'_>, may_wait: bool| rustix::net::send(descriptor, rest, sending(flags, may_wait));
        let count = patience.transfer_until(vm, &mut Call::<_, true> { descriptor: &descriptor, call }, deadline)?;
        rest = &rest[count..];
        if rest.is_empty() {
            return Ok(Owned::none());
        }
        vm.check_signals()?;
    }
}

pub(super) fn sendto(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let given = vm.collect(args.at(1))?;
    let (data, flags, target) = match &given[..] {
        [data, target] => (data, None, target),
        [data, flags, target] => (data, Some(flags.get()), target),
        _ => {
            let count = given.len();
            return Err(type_error(vm, format!("sendto() takes 2 or 3 arguments ({count} given)")));
        }
    };
    let data = payload(vm, data.get())?;
    let flags = self::flags(vm, flags)?;
    let descriptor = socket.open(vm)?;
    let target = address::parse(vm, socket.family.get(), target.get(), "sendto")?;
    let call = |descriptor: BorrowedFd<'_>, may_wait: bool| {
        rustix::net::sendto(descriptor, &data, sending(flags, may_wait), &target)
    };
    let count = socket.transfer(vm, &mut Call::<_, true> { descriptor: &descriptor, call })?;
    Ok(vm.new_int_from_usize(count)?)
}
