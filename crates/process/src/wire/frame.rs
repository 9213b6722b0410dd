//! Frames: how one message is told from the next on a stream of bytes, and whether it arrived whole.
//!
#![doc = include_str!("frame.md")]
//!
//! Invariant: a payload is copied neither where it is sent nor where it arrives.

use std::error::Error;
use std::fmt;
use std::io::{self, IoSlice};
use std::os::fd::AsFd;

use crc32fast::Hasher;

/// What a frame begins with.
pub const FRAME_MARK: [u8; 2] = [0xF5, b'f'];
/// The version of this form.
pub const FRAME_VERSION: u8 = 1;
/// How many bytes precede the payload.
pub const HEADER: usize = 16;
/// How many bytes follow it.
pub const TRAILER: usize = 4;
/// How many of the header's bytes its checksum covers.
const CHECKED: usize = HEADER - 4;

macro_rules! frame_kinds {
    ($($byte:literal $variant:ident $doc:literal;)*) => {
        /// What a frame's payload is.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum FrameKind {
            $(#[doc = $doc] $variant = $byte,)*
        }

        impl FrameKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The kind that a byte stands for.
            pub const fn from_byte(byte: u8) -> Option<Self> {
                match byte {
                    $($byte => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

frame_kinds! {
    1 Value "A value: see [`Reader`](super::Reader).";
    2 Bytes "Bytes that mean what sender and receiver agreed on.";
    3 Control "What parts of the library say to each other, unseen by scripts.";
}

/// A frame that arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// What its payload is.
    pub kind: FrameKind,
    /// What it brings.
    pub payload: Vec<u8>,
}

/// What precedes a payload and what follows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Envelope {
    /// What precedes it.
    pub header: [u8; HEADER],
    /// What follows it.
    pub trailer: [u8; TRAILER],
}

impl Envelope {
    /// The envelope of a payload.
    pub fn around(kind: FrameKind, payload: &[u8]) -> Self {
        let mut header = [0; HEADER];
        header[..2].copy_from_slice(&FRAME_MARK);
        header[2] = FRAME_VERSION;
        header[3] = kind as u8;
        header[4..CHECKED].copy_from_slice(&(payload.len() as u64).to_le_bytes());
        let checksum = crc32fast::hash(&header[..CHECKED]);
        header[CHECKED..].copy_from_slice(&checksum.to_le_bytes());
        Self { header, trailer: checksum_of_all(&header, payload).to_le_bytes() }
    }
}

/// The checksum at a frame's end.
fn checksum_of_all(header: &[u8; HEADER], payload: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(header);
    hasher.update(payload);
    hasher.finalize()
}

/// What a header says: the kind of payload, and its length.
pub(super) fn open(header: &[u8; HEADER], limit: u64) -> Result<(FrameKind, usize), FrameError> {
    let [mark0, mark1, version, kind, l0, l1, l2, l3, l4, l5, l6, l7, c0, c1, c2, c3] = *header;
    if [mark0, mark1] != FRAME_MARK {
        return Err(FrameError::Foreign { found: [mark0, mark1] });
    }
    // The version comes before the checksum: another version may have another checksum.
    if version != FRAME_VERSION {
        return Err(FrameError::Version { found: version });
    }
    if crc32fast::hash(&header[..CHECKED]) != u32::from_le_bytes([c0, c1, c2, c3]) {
        return Err(FrameError::Checksum { of: "header" });
    }
    let kind = FrameKind::from_byte(kind).ok_or(FrameError::UnknownKind { found: kind })?;
    let length = u64::from_le_bytes([l0, l1, l2, l3, l4, l5, l6, l7]);
    match usize::try_from(length) {
        Ok(whole) if length <= limit && whole <= isize::MAX as usize - TRAILER => Ok((kind, whole)),
        _ => Err(FrameError::TooLong { length, limit }),
    }
}

/// Cuts the trailer off what followed a header, if it is as it must be.
pub(super) fn close(header: &[u8; HEADER], mut body: Vec<u8>) -> Result<Vec<u8>, FrameError> {
    let Some((payload, trailer)) = body.split_last_chunk::<TRAILER>() else {
        return Err(FrameError::Checksum { of: "frame" });
    };
    if checksum_of_all(header, payload) != u32::from_le_bytes(*trailer) {
        return Err(FrameError::Checksum { of: "frame" });
    }
    let length = payload.len();
    body.truncate(length);
    Ok(body)
}

/// What is wrong with a stream of frames. Nothing that follows can be trusted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FrameError {
    /// The bytes do not begin as a frame does.
    Foreign {
        /// How they begin.
        found: [u8; 2],
    },
    /// The frame is of a version that is not known here.
    Version {
        /// Which.
        found: u8,
    },
    /// No kind of frame has this number.
    UnknownKind {
        /// The number.
        found: u8,
    },
    /// The payload is longer than allowed.
    TooLong {
        /// How long.
        length: u64,
        /// What is allowed.
        limit: u64,
    },
    /// The bytes were damaged on their way.
    Checksum {
        /// Which of them: those of the header or of the whole frame.
        of: &'static str,
    },
    /// The stream ended within a frame.
    Truncated {
        /// How many bytes of the header or of what follows it had come.
        arrived: usize,
        /// How many there should have been.
        wanted: usize,
    },
    /// There is no memory for the payload.
    Memory {
        /// How long it is.
        length: usize,
    },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Foreign { found: [a, b] } => {
                write!(
                    f,
                    "this is no frame: it begins with {a:02x} {b:02x}, not {:02x} {:02x}",
                    FRAME_MARK[0], FRAME_MARK[1]
                )
            }
            Self::Version { found } => {
                write!(f, "the frame is of version {found}; only version {FRAME_VERSION} is known here")
            }
            Self::UnknownKind { found } => write!(f, "no kind of frame has the number {found}"),
            Self::TooLong { length, limit } => write!(f, "the frame brings {length} bytes, {limit} are allowed"),
            Self::Checksum { of } => write!(f, "the {of} was damaged on its way: its checksum is wrong"),
            Self::Truncated { arrived, wanted } => {
                write!(f, "the stream ended within a frame: {arrived} of {wanted} bytes arrived")
            }
            Self::Memory { length } => write!(f, "there is no memory for a frame of {length} bytes"),
        }
    }
}

impl Error for FrameError {}

/// A frame on its way out: how much of it was written already.
#[derive(Clone, Debug)]
pub struct Outgoing<P> {
    envelope: Envelope,
    payload: P,
    written: usize,
}

impl<P: AsRef<[u8]>> Outgoing<P> {
    /// A frame of which nothing was written yet.
    pub fn new(kind: FrameKind, payload: P) -> Self {
        Self { envelope: Envelope::around(kind, payload.as_ref()), payload, written: 0 }
    }

    /// How many bytes are still to be written.
    pub fn remaining(&self) -> usize {
        HEADER + self.payload.as_ref().len() + TRAILER - self.written
    }

    /// What is still to be written, in its order; a part may be empty.
    pub fn parts(&self) -> [&[u8]; 3] {
        let mut skipped = self.written;
        [&self.envelope.header, self.payload.as_ref(), &self.envelope.trailer].map(|part| {
            let skip = skipped.min(part.len());
            skipped -= skip;
            &part[skip..]
        })
    }

    /// Takes note that so many bytes more were written.
    ///
    /// # Panics
    ///
    /// If there were not so many.
    pub fn advance(&mut self, count: usize) {
        assert!(count <= self.remaining(), "more bytes were written than there were");
        self.written += count;
    }

    /// Writes as much as a descriptor takes in one call, and answers whether that was the end. A descriptor that may block does.
    ///
    /// # Errors
    ///
    /// As the system's: `WouldBlock` if it takes nothing now, `BrokenPipe` if nobody reads any more, `Interrupted` for a signal.
    pub fn write_to(&mut self, descriptor: impl AsFd) -> io::Result<bool> {
        let count = rustix::io::writev(descriptor, &self.parts().map(IoSlice::new))?;
        self.advance(count);
        Ok(self.remaining() == 0)
    }
}
