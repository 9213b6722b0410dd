//! A queue of messages that any number of processes put into and take from: one socket pair of the kind that keeps messages apart.
//!
//! A message goes in and comes out in one system call, so no lock is needed, and a process that is killed at any moment takes at most
//! its own message with it. A message that is too large travels as an anonymous file, whose descriptor goes with the packet.
//!
//! Invariant: nothing here blocks.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fstat, memfd_create};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};

/// Bytes that travel inside of a packet at most.
pub const INLINE: usize = 64 << 10;
/// What a packet begins with: its bytes follow, or its bytes are in the file that comes with it.
const HERE: u8 = 0;
const IN_FILE: u8 = 1;
/// Bytes that the kernel is asked to keep.
const BUFFER: usize = 1 << 20;

/// Both ends of a queue.
///
/// # Errors
///
/// If there are too many open files.
pub fn packets() -> Result<(OwnedFd, OwnedFd), Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (reader, writer) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?;
    // A smaller buffer only means that a queue is full earlier.
    let _refused = rustix::net::sockopt::set_socket_send_buffer_size(&writer, BUFFER);
    Ok((reader, writer))
}

/// A message on its way into a queue.
#[derive(Debug)]
pub struct Packet<'a> {
    bytes: &'a [u8],
    file: Option<OwnedFd>,
}

impl<'a> Packet<'a> {
    /// Wraps a message up.
    ///
    /// # Errors
    ///
    /// If there is no memory, or too many files are open.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Errno> {
        if bytes.len() < INLINE {
            return Ok(Self { bytes, file: None });
        }
        let file = memfd_create("toy-message", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        let mut rest = bytes;
        while !rest.is_empty() {
            match rustix::io::write(&file, rest) {
                Ok(count) => rest = &rest[count..],
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE | SealFlags::SEAL)?;
        Ok(Self { bytes: &[], file: Some(file) })
    }

    /// Bytes that it has in the queue.
    pub(crate) fn length(&self) -> usize {
        1 + self.bytes.len()
    }

    /// Puts it in.
    ///
    /// # Errors
    ///
    /// `AGAIN` if the queue is full, `PIPE` if there is nobody left to take it, `INTR` for a signal.
    pub fn send(&self, writer: impl AsFd) -> Result<(), Errno> {
        let tag = [if self.file.is_some() { IN_FILE } else { HERE }];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let descriptors = self.file.as_ref().map(|file| [file.as_fd()]);
        if let Some(descriptors) = &descriptors {
            ancillary.push(SendAncillaryMessage::ScmRights(descriptors));
        }
        let parts = [IoSlice::new(&tag), IoSlice::new(self.bytes)];
        sendmsg(writer, &parts, &mut ancillary, SendFlags::DONTWAIT | SendFlags::NOSIGNAL)?;
        Ok(())
    }
}

/// A message that was taken out.
#[derive(Debug)]
pub enum Taken {
    /// It is at the front of the buffer; so many bytes.
    Front(usize),
    /// It is in this file.
    File(OwnedFd),
}

/// Where a message is that was taken out.
#[derive(PartialEq, Eq, Debug)]
pub enum Received {
    /// At the front of the buffer; so many bytes.
    Front(usize),
    /// Here: it was too large for the buffer.
    Large(Vec<u8>),
}

/// Takes the first message out of a queue; `buffer` is room that is used again.
///
/// # Errors
///
/// `AGAIN` if there is none, `INTR` for a signal, `PIPE` if there never will be one, `BADMSG` if it was not put in by [`Packet::send`].
pub fn take_packet(reader: impl AsFd, buffer: &mut Vec<u8>) -> Result<Taken, Errno> {
    buffer.resize(INLINE, 0);
    let mut tag = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(&mut tag), IoSliceMut::new(buffer)];
    let received = recvmsg(reader, &mut parts, &mut ancillary, RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC)?;
    let file = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    match (received.bytes, tag, file) {
        (0, ..) => Err(Errno::PIPE),
        (count, [HERE], None) => Ok(Taken::Front(count - 1)),
        (1, [IN_FILE], Some(file)) => Ok(Taken::File(file)),
        _ => Err(Errno::BADMSG),
    }
}

impl Taken {
    /// Whether reading it takes its time.
    pub fn is_large(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// Bytes that it had in the queue.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Front(count) => 1 + count,
            Self::File(_) => 1,
        }
    }

    /// Its bytes.
    ///
    /// # Errors
    ///
    /// `NOMEM` if there is no room for them, `BADMSG` if the file was not made by [`Packet::new`].
    pub fn read(self) -> Result<Received, Errno> {
        match self {
            Self::Front(count) => Ok(Received::Front(count)),
            Self::File(file) => read_all(&file).map(Received::Large),
        }
    }
}

fn read_all(file: &OwnedFd) -> Result<Vec<u8>, Errno> {
    let size = usize::try_from(fstat(file)?.st_size).map_err(|_| Errno::BADMSG)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| Errno::NOMEM)?;
    while bytes.len() < size {
        let place = bytes.len() as u64;
        match rustix::io::pread(file, rustix::buffer::spare_capacity(&mut bytes), place) {
            Ok(0) => return Err(Errno::BADMSG),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_all_sizes_arrive_whole_and_in_order() {
        let (reader, writer) = packets().expect("few open files");
        let mut buffer = Vec::new();
        let sizes = [0, 1, 1000, INLINE - 1, INLINE, INLINE + 1, 3 << 20];
        for (tag, size) in sizes.into_iter().enumerate() {
            Packet::new(&vec![tag as u8; size]).expect("memory").send(&writer).expect("room");
            let taken = take_packet(&reader, &mut buffer).expect("it was sent");
            let message = match taken.read().expect("memory") {
                Received::Front(count) => buffer[..count].to_vec(),
                Received::Large(message) => message,
            };
            assert!(message == vec![tag as u8; size], "{size}");
        }
        assert_eq!(take_packet(&reader, &mut buffer).err(), Some(Errno::AGAIN));
        drop(writer);
        assert_eq!(take_packet(&reader, &mut buffer).err(), Some(Errno::PIPE));
    }

    #[test]
    fn a_full_queue_says_so() {
        let (reader, writer) = packets().expect("few open files");
        let packet = Packet { bytes: &[0; 60_000], file: None };
        let count = (0..).take_while(|_| packet.send(&writer).is_ok()).count();
        assert!(count > 0);
        assert_eq!(packet.send(&writer), Err(Errno::AGAIN));
        take_packet(&reader, &mut Vec::new()).expect("it is full");
        assert_eq!(packet.send(&writer), Ok(()));
    }
}
