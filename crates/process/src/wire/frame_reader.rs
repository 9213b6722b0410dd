//! Frames from a stream, whatever the pieces in which it arrives.
//!
//! Invariant: room is made for what arrived, for as much again, and for [`FIRST_ROOM`] bytes, never for what a header only promises.
//! Invariant: nothing is read beyond a frame's end: others may read the next frame from the same pipe.

use std::error::Error;
use std::fmt;
use std::io;
use std::mem;
use std::os::fd::AsFd;

use rustix::buffer::spare_capacity;

use super::frame::{Frame, FrameError, FrameKind, HEADER, TRAILER, close, open};

/// For how many bytes room is made when a frame begins: messages of this size arrive without being moved.
pub const FIRST_ROOM: usize = (1 << 20) + TRAILER;

/// Puts frames together.
#[derive(Debug)]
pub struct FrameReader {
    limit: u64,
    header: [u8; HEADER],
    state: State,
}

#[derive(Debug)]
enum State {
    /// So many bytes of the header arrived.
    Header(usize),
    /// The header is there; behind it follow so many bytes, the trailer included.
    Body { kind: FrameKind, wanted: usize, body: Vec<u8> },
    /// What arrived was no frame.
    Failed(FrameError),
}

/// What a call of [`FrameReader::read_from`] came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Arrival {
    /// A whole frame.
    Frame(Frame),
    /// A part of one: read again.
    Part,
    /// The stream ended, between two frames.
    End,
}

/// Why no frame was read.
#[derive(Debug)]
pub enum ReadError {
    /// The system says no: `WouldBlock` if nothing is there yet, `Interrupted` for a signal.
    System(io::Error),
    /// What arrived is no frame.
    Frame(FrameError),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(error) => error.fmt(f),
            Self::Frame(error) => error.fmt(f),
        }
    }
}

impl Error for ReadError {}

impl From<FrameError> for ReadError {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

impl From<rustix::io::Errno> for ReadError {
    fn from(error: rustix::io::Errno) -> Self {
        Self::System(error.into())
    }
}

impl FrameReader {
    /// A reader that stands between two frames, and takes payloads of at most so many bytes.
    pub fn new(limit: u64) -> Self {
        Self { limit, header: [0; HEADER], state: State::Header(0) }
    }

    /// Takes bytes off the front of those that arrived, up to the end of a frame, and answers that frame. Without an end in sight it
    /// takes all and answers `None`.
    ///
    /// # Errors
    ///
    /// If the bytes are no frame; then every further call says the same.
    pub fn feed(&mut self, arrived: &mut &[u8]) -> Result<Option<Frame>, FrameError> {
        loop {
            match &mut self.state {
                State::Header(filled) => {
                    let count = arrived.len().min(HEADER - *filled);
                    self.header[*filled..][..count].copy_from_slice(&arrived[..count]);
                    *filled += count;
                    *arrived = &arrived[count..];
                }
                State::Body { wanted, body, .. } => {
                    let count = arrived.len().min(*wanted - body.len());
                    make_room(body, *wanted, count)?;
                    body.extend_from_slice(&arrived[..count]);
                    *arrived = &arrived[count..];
                }
                State::Failed(error) => return Err(error.clone()),
            }
            let frame = self.turn()?;
            if frame.is_some() || arrived.is_empty() {
                return Ok(frame);
            }
        }
    }

    /// Reads what a descriptor has, by one call of the system, and never beyond the end of the frame. A descriptor that may block
    /// does.
    ///
    /// # Errors
    ///
    /// As the system's, after which the call can be repeated; or if the bytes are no frame, or end within one.
    pub fn read_from(&mut self, descriptor: impl AsFd) -> Result<Arrival, ReadError> {
        let count = match &mut self.state {
            State::Header(filled) => {
                let count = rustix::io::read(descriptor, &mut self.header[*filled..])?;
                *filled += count;
                count
            }
            State::Body { wanted, body, .. } => {
                make_room(body, *wanted, 1)?;
                read_into(body, *wanted, descriptor)?
            }
            State::Failed(error) => return Err(error.clone().into()),
        };
        if count == 0 {
            self.finish()?;
            return Ok(Arrival::End);
        }
        Ok(self.turn()?.map_or(Arrival::Part, Arrival::Frame))
    }

    /// Whether the stream may end here.
    ///
    /// # Errors
    ///
    /// If it may not, as a frame is not complete, or was none.
    pub fn finish(&self) -> Result<(), FrameError> {
        match &self.state {
            State::Header(0) => Ok(()),
            State::Header(filled) => Err(FrameError::Truncated { arrived: *filled, wanted: HEADER }),
            State::Body { wanted, body, .. } => Err(FrameError::Truncated { arrived: body.len(), wanted: *wanted }),
            State::Failed(error) => Err(error.clone()),
        }
    }

    /// How many bytes are known to be missing: of the header, or of all that follows it.
    pub fn missing(&self) -> usize {
        match &self.state {
            State::Header(filled) => HEADER - filled,
            State::Body { wanted, body, .. } => wanted - body.len(),
            State::Failed(_) => 0,
        }
    }

    /// For how many bytes of payload there is room: see the module's first invariant.
    pub fn room(&self) -> usize {
        match &self.state {
            State::Body { body, .. } => body.capacity(),
            State::Header(_) | State::Failed(_) => 0,
        }
    }

    /// Goes on to what follows, if something is complete.
    fn turn(&mut self) -> Result<Option<Frame>, FrameError> {
        if self.missing() > 0 {
            return Ok(None);
        }
        let turned = match mem::replace(&mut self.state, State::Header(0)) {
            State::Header(_) => open(&self.header, self.limit).map(|(kind, length)| {
                self.state = State::Body { kind, wanted: length + TRAILER, body: Vec::new() };
                None
            }),
            State::Body { kind, body, .. } => close(&self.header, body).map(|payload| Some(Frame { kind, payload })),
            State::Failed(error) => Err(error),
        };
        turned.inspect_err(|error| self.state = State::Failed(error.clone()))
    }
}

/// Makes room for so many bytes more of a frame, if there is none: then for as much as arrived already, but not more than it needs.
fn make_room(body: &mut Vec<u8>, wanted: usize, count: usize) -> Result<(), FrameError> {
    if body.capacity() - body.len() >= count {
        return Ok(());
    }
    let more = count.max(body.len()).max(FIRST_ROOM).min(wanted - body.len());
    body.try_reserve_exact(more).map_err(|_| FrameError::Memory { length: wanted - TRAILER })
}

/// Reads into the room that there is.
fn read_into(body: &mut Vec<u8>, wanted: usize, descriptor: impl AsFd) -> Result<usize, rustix::io::Errno> {
    let missing = wanted - body.len();
    if body.capacity() - body.len() <= missing {
        return rustix::io::read(descriptor, spare_capacity(body));
    }
    // The allocator was generous, so that reading into all the room could read beyond the frame.
    let mut piece = [0; 4096];
    let end = missing.min(piece.len());
    let count = rustix::io::read(descriptor, &mut piece[..end])?;
    body.extend_from_slice(&piece[..count]);
    Ok(count)
}
