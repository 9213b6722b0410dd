//! What two processes talk through: pipes one way, socket pairs both ways; and descriptors that go from one to the other.
//!
//! Invariant: reading and writing here never block; whoever must wait polls.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};

/// Bytes that the kernel is asked to keep for who does not read yet.
const BUFFER: usize = 1 << 20;
/// Descriptors that go with one message; the kernel takes 253.
pub const DESCRIPTORS_AT_ONCE: usize = 200;

/// Both ends of a way in one direction: where one reads, where one writes.
///
/// # Errors
///
/// If there are too many open files.
pub fn one_way() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
    // The system may have given this user all that it gives; then the pipe is as small as most.
    let _refused = fcntl_setpipe_size(&writer, BUFFER);
    Ok((reader, writer))
}

/// Both ends of a way in both directions.
///
/// # Errors
///
/// If there are too many open files.
pub fn both_ways() -> Result<(OwnedFd, OwnedFd), Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (one, other) = socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    for end in [&one, &other] {
        // As above.
        let _refused = rustix::net::sockopt::set_socket_send_buffer_size(end, BUFFER);
    }
    Ok((one, other))
}

/// Whether a descriptor is a socket of this machine, through which descriptors can go.
pub fn takes_descriptors(descriptor: impl AsFd) -> bool {
    matches!(rustix::net::sockopt::socket_domain(descriptor), Ok(AddressFamily::UNIX))
}

/// Sends descriptors, at most [`DESCRIPTORS_AT_ONCE`], with one byte.
///
/// # Errors
///
/// `AGAIN` if it would have to wait, or what the system says.
pub fn send_descriptors(socket: impl AsFd, descriptors: &[BorrowedFd<'_>]) -> Result<(), Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_AT_ONCE))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(Errno::TOOMANYREFS);
    }
    sendmsg(socket, &[IoSlice::new(b"d")], &mut ancillary, SendFlags::DONTWAIT | SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Takes descriptors that were sent so.
///
/// # Errors
///
/// `AGAIN` if it would have to wait, `PIPE` at the end of the stream, `BADMSG` if something else arrived, or what the system says.
pub fn receive_descriptors(socket: impl AsFd) -> Result<Vec<OwnedFd>, Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_AT_ONCE))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
    let received = recvmsg(socket, &mut [IoSliceMut::new(&mut byte)], &mut ancillary, flags)?;
    let mut descriptors = Vec::new();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(arrived) = message {
            descriptors.extend(arrived);
        }
    }
    match (received.bytes, byte) {
        (0, _) => Err(Errno::PIPE),
        (_, [b'd']) => Ok(descriptors),
        _ => Err(Errno::BADMSG),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_arrive_as_others_for_the_same_file() {
        let (here, there) = both_ways().expect("few open files");
        let (reader, writer) = one_way().expect("few open files");
        send_descriptors(&here, &[writer.as_fd()]).expect("room");
        drop(writer);
        let arrived = receive_descriptors(&there).expect("it was sent");
        rustix::io::write(&arrived[0], b"x").expect("room");
        let mut byte = [0];
        assert_eq!((rustix::io::read(&reader, &mut byte), byte), (Ok(1), *b"x"));
        rustix::io::write(&here, b"?").expect("room");
        assert!(matches!(receive_descriptors(&there), Err(Errno::BADMSG)));
        assert!(takes_descriptors(&there) && !takes_descriptors(&reader));
    }
}
