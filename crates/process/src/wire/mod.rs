//! The wire: values as bytes, and bytes in frames.
//!
//! Invariant: nothing here panics on bytes that came from elsewhere, nor allocates more than a small multiple of what arrived.

mod cursor;
mod error;
mod frame;
mod frame_reader;
mod listing;
mod machine;
mod op;
mod operand;
mod reader;
mod surrogates;
mod writer;

pub use error::{Fault, WireError};
pub use frame::{Envelope, FRAME_MARK, FRAME_VERSION, Frame, FrameError, FrameKind, HEADER, Outgoing, TRAILER};
pub use frame_reader::{Arrival, FrameReader, ReadError};
pub use listing::disassemble;
pub use machine::{Gives, Kind, Limits, Need};
pub use op::{Event, OPS, Op, OpInfo};
pub use reader::Reader;
pub use surrogates::SurrogateText;
pub use writer::{WriteError, Writer};

/// What a value's bytes begin with: a byte that stands neither in UTF-8 nor at the beginning of a pickle, and a `v`.
pub const MARK: [u8; 2] = [0xF5, b'v'];
/// What follows it: the version of the operations.
pub const VERSION: u8 = 1;

#[cfg(test)]
mod tests;
