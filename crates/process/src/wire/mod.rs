//! The wire: values as bytes, and bytes in frames.
//!
//! A **value** is written as what a small stack machine has to do to make it again, as in pickle's protocol, because that makes parts
//! that are shared, and parts that hold themselves, come back right. A container is pushed empty, [remembered](Writer::remember),
//! and filled when its parts stand above it; one that can only be made full (a tuple) is remembered afterwards, and if it turns
//! out meanwhile that it held itself, its parts are [popped](Writer::pop) and it is recalled. Strings that repeat, such as
//! names of attributes, can be remembered, too: it is for the writer's user to decide.
//!
//! ```
//! use toy_process::wire::{Event, Limits, Reader, Writer};
//!
//! let mut writer = Writer::new();
//! writer.empty_list();
//! let list = writer.remember();
//! writer.str("a list that holds itself:");
//! writer.recall(list);
//! writer.append(2);
//! let bytes = writer.into_bytes()?;
//!
//! let mut reader = Reader::new(&bytes, Limits::default())?;
//! assert_eq!(reader.next(), Some(Ok(Event::EmptyList)));
//! assert_eq!(reader.last(), Some(Ok(Event::Stop)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The [`Reader`] checks what the machine would do before it hands out an [`Event`]: that the stack is high enough, that what is
//! filled, called or built is of the kind for it, that what is recalled was remembered, that one value is left at the end and nothing
//! behind it. So whoever follows needs no such checks. [`disassemble`] shows the same as a listing.
//!
//! A value begins with [`MARK`] and [`VERSION`]; then follow operations, each a byte and its operands. A *number* has seven bits in each
//! byte, the lowest first, the top bit set in all bytes but the last, and takes no more bytes than it needs: a value's bytes and its
//! operations determine each other. Other numbers stand with the lowest byte first. Text is UTF-8; if surrogates stand in it,
//! *generalised* UTF-8: see [`SurrogateText`].
//!
#![doc = include_str!("operations.md")]
//!
//! A **frame** tells one message from the next on a stream, and whether it arrived whole: an [`Outgoing`] one is written around its payload
//! without a copy, and a [`FrameReader`] reads a payload into the vector that it hands out. What a frame looks like:
//!
#![doc = include_str!("frame.md")]
//!
//! Invariant: nothing here panics on bytes that came from elsewhere, nor allocates more than a small multiple of what arrived.
//! Invariant: a byte, a kind or a version that was given a meaning once is never given another; whatever changes a meaning raises
//! the version.

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
pub use frame_reader::{Arrival, FIRST_ROOM, FrameReader, ReadError};
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
