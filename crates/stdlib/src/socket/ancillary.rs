//! Sending and receiving with descriptors beside. Of all kinds of ancillary data these are the one that is understood here.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, SendAncillaryBuffer, SendAncillaryMessage, recvmsg as receive_message,
    sendmsg as send_message, sendmsg_addr,
};
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm};

use super::address;
use super::constants::{SCM_RIGHTS, SOL_SOCKET};
use super::message::{Call, flags, receiving, room as room_for, sending};
use super::object::{new_number, payload, this};
use crate::argument::{int32, integer, integer_or, overflow_error, present, type_error, value_error};
use crate::io::descriptor::{self, Descriptor};

/// Most descriptors that go with one message.
const MOST: usize = 253;
/// Bytes of the header of one piece of ancillary data, and what its length is rounded up to.
const HEADER: i64 = 16;
const ALIGNMENT: i64 = 8;

/// `CMSG_LEN` and `CMSG_SPACE`.
pub(super) fn room(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (length, is_aligned) = (integer(vm, args.at(0))?, vm.truth(args.at(1))?);
    if !(0..=i64::from(i32::MAX)).contains(&length) {
        let function = if is_aligned { "CMSG_SPACE" } else { "CMSG_LEN" };
        return Err(overflow_error(vm, format!("{function}() argument out of range")));
    }
    let length = if is_aligned { (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT } else { length };
    Ok(vm.new_int(HEADER + length)?)
}

/// The descriptors that ancillary data names: `[(SOL_SOCKET, SCM_RIGHTS, numbers as bytes)]`.
fn descriptors(vm: &mut Vm, argument: Ref<'_>) -> Outcome<Vec<Descriptor>> {
    let mut descriptors = Vec::new();
    for piece in vm.collect(argument)? {
        let parts = vm.collect(piece.get())?;
        let [level, kind, data] = &parts[..] else {
            return Err(type_error(vm, "[sendmsg() ancillary data items] must be sequences of 3 items"));
        };
        let (level, kind) = (int32(vm, level.get())?, int32(vm, kind.get())?);
        if (level, kind) != (SOL_SOCKET, SCM_RIGHTS) {
            return Err(vm.raise_os_error(&Errno::OPNOTSUPP.into(), None));
        }
        let data = match data.get().as_bytes() {
            Some(bytes) => bytes.as_slice().to_vec(),
            None => payload(vm, data.get())?.into_owned(),
        };
        for number in data.as_chunks::<4>().0 {
            descriptors.push(descriptor::find(vm, i32::from_ne_bytes(*number))?);
        }
    }
    if descriptors.len() > MOST {
        return Err(value_error(vm, format!("at most {MOST} descriptors go with one message")));
    }
    Ok(descriptors)
}

pub(super) fn sendmsg(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let mut buffers = Vec::new();
    for buffer in vm.collect(args.at(1))? {
        buffers.push(payload(vm, buffer.get())?.into_owned());
    }
    let descriptors = args.get(2).map_or(Ok(Vec::new()), |pieces| descriptors(vm, pieces))?;
    let flags = flags(vm, args.get(3))?;
    let descriptor = socket.open(vm)?;
    let target = present(args.get(4)).map(|target| address::parse(vm, socket.family.get(), target, "sendmsg"));
    let target = target.transpose()?;
    // The call itself asks for no memory: others may fork meanwhile.
    let parts: Vec<_> = buffers.iter().map(|buffer| IoSlice::new(buffer)).collect();
    let borrowed: Vec<_> = descriptors.iter().map(AsFd::as_fd).collect();
    let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let call = |own: BorrowedFd<'_>, may_wait: bool| {
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !borrowed.is_empty() {
            ancillary.push(SendAncillaryMessage::ScmRights(&borrowed));
        }
        match &target {
            Some(target) => sendmsg_addr(own, target, &parts, &mut ancillary, sending(flags, may_wait)),
            None => send_message(own, &parts, &mut ancillary, sending(flags, may_wait)),
        }
    };
    let count = socket.transfer(vm, &mut Call::<_, true> { descriptor: &descriptor, call })?;
    Ok(vm.new_int_from_usize(count)?)
}

pub(super) fn recvmsg(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let socket = this(vm, args)?;
    let length = integer(vm, args.at(1))?;
    let mut buffer = room_for(vm, length, "recvmsg")?;
    let ancillary_length = integer_or(vm, args.get(2), 0)?;
    if !(0..=i64::from(i32::MAX)).contains(&ancillary_length) {
        return Err(value_error(vm, "invalid ancillary data buffer length"));
    }
    let flags = flags(vm, args.get(3))?;
    let descriptor = socket.open(vm)?;
    let most = rustix::cmsg_space!(ScmRights(MOST));
    let length = usize::try_from(ancillary_length).unwrap_or(most).min(most);
    let mut space = vec![MaybeUninit::uninit(); length];
    let mut descriptors: Vec<OwnedFd> = Vec::with_capacity(MOST);
    let call = |own: BorrowedFd<'_>, may_wait: bool| {
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut parts = [IoSliceMut::new(&mut buffer)];
        let received = receive_message(own, &mut parts, &mut ancillary, receiving(flags, may_wait))?;
        for piece in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(come) = piece {
                descriptors.extend(come);
            }
        }
        Ok((received.bytes, received.flags, received.address))
    };
    let (count, flags, from) = socket.transfer(vm, &mut Call::<_, false> { descriptor: &descriptor, call })?;
    let data = vm.new_bytes(&buffer[..count.min(buffer.len())])?;
    let pieces = pieces(vm, descriptors)?;
    let flags = vm.new_int(i64::from(flags.bits()))?;
    let from = address::describe(vm, from.as_ref())?;
    Ok(vm.new_tuple([data, pieces, flags, from])?)
}

/// Descriptors that have come as ancillary data, in one piece.
fn pieces(vm: &mut Vm, descriptors: Vec<OwnedFd>) -> Outcome {
    let mut numbers = Vec::new();
    for descriptor in descriptors {
        let number = new_number(vm, descriptor)?;
        numbers.extend_from_slice(&int32(vm, number.get())?.to_ne_bytes());
    }
    if numbers.is_empty() {
        return Ok(vm.new_list(Vec::<Owned>::new())?);
    }
    let parts = [vm.new_int(i64::from(SOL_SOCKET))?, vm.new_int(i64::from(SCM_RIGHTS))?, vm.new_bytes(&numbers)?];
    let piece = vm.new_tuple(parts)?;
    Ok(vm.new_list(vec![piece])?)
}
