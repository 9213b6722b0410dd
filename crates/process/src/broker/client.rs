//! An instance's end of its connection to the broker.

use std::io::{self, ErrorKind, IoSlice, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};

use super::instance::Standing;
use super::message::{Reply, Request};
use super::server::{Address, MESSAGE_LIMIT};
use super::vocabulary::Operation;
use crate::wire::{Arrival, Envelope, FrameKind, FrameReader, ReadError};

/// A connection to the broker.
#[derive(Debug)]
pub struct Client {
    stream: Arc<UnixStream>,
    reader: FrameReader,
}

/// What is there to be read.
#[derive(Debug)]
pub enum Received {
    /// A reply or a delivery.
    Reply(Reply),
    /// Nothing yet: wait until the descriptor is readable.
    Nothing,
    /// The broker is gone.
    End,
}

impl Client {
    /// Introduces a new instance, child of instance `parent` (0: none). Whoever is going to be it may not exist yet: the connection
    /// is inherited by a fork, and when its last copy is closed, the instance is gone. Also its number.
    ///
    /// # Errors
    /// If the broker is gone or there is no descriptor left.
    pub fn introduce(address: &Address, parent: u64, name: &str, standing: Standing) -> io::Result<(Self, u64)> {
        let stream = address.connect()?;
        stream.set_nonblocking(true)?;
        let mut client = Self { stream: Arc::new(stream), reader: FrameReader::new(MESSAGE_LIMIT) };
        let mut request = Request::new(1, Operation::Hello, parent);
        request.argument = standing.bits();
        request.payload = name.as_bytes().to_vec();
        client.send(&request)?;
        loop {
            match client.receive()? {
                Received::Reply(reply) => return Ok((client, reply.value.cast_unsigned())),
                Received::Nothing => client.wait_for(PollFlags::IN)?,
                Received::End => return Err(io::Error::from(ErrorKind::BrokenPipe)),
            }
        }
    }

    /// Sends a request, waiting until the broker has taken it: it always reads.
    ///
    /// # Errors
    /// If the broker is gone.
    pub fn send(&mut self, request: &Request) -> io::Result<()> {
        let payload = request.encode();
        let envelope = Envelope::around(FrameKind::Control, &payload);
        let mut parts = [IoSlice::new(&envelope.header), IoSlice::new(&payload), IoSlice::new(&envelope.trailer)];
        let mut rest = &mut parts[..];
        while !rest.is_empty() {
            match (&*self.stream).write_vectored(rest) {
                Ok(count) => IoSlice::advance_slices(&mut rest, count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.wait_for(PollFlags::OUT)?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What has come, without waiting.
    ///
    /// # Errors
    /// If what came is no reply.
    pub fn receive(&mut self) -> io::Result<Received> {
        loop {
            match self.reader.read_from(&*self.stream) {
                Ok(Arrival::Frame(frame)) => {
                    let reply = Reply::decode(&frame.payload).ok_or_else(|| io::Error::from(ErrorKind::InvalidData))?;
                    return Ok(Received::Reply(reply));
                }
                Ok(Arrival::Part) => {}
                Ok(Arrival::End) => return Ok(Received::End),
                Err(ReadError::System(error)) if error.kind() == ErrorKind::Interrupted => {}
                Err(ReadError::System(error)) if error.kind() == ErrorKind::WouldBlock => return Ok(Received::Nothing),
                Err(ReadError::System(error)) if error.kind() == ErrorKind::ConnectionReset => {
                    return Ok(Received::End);
                }
                Err(ReadError::System(error)) => return Err(error),
                Err(ReadError::Frame(_)) => return Err(io::Error::from(ErrorKind::InvalidData)),
            }
        }
    }

    fn wait_for(&self, event: PollFlags) -> io::Result<()> {
        match poll(&mut [PollFd::new(&*self.stream, event)], None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Client {
    /// What to wait at for something to come. It may be kept while the client is used.
    pub fn stream(&self) -> Arc<UnixStream> {
        Arc::clone(&self.stream)
    }
}
