//! Writing values.
//!
//! Invariant: what a writer hands out, a reader takes, if the limits and descriptors allow: a debug build asserts each operation.

use std::error::Error;
use std::fmt;

#[cfg(debug_assertions)]
use super::machine::{Limits, Machine};
use super::op::Event;
use super::surrogates::{self, SurrogateText};
use super::{MARK, VERSION};

/// The bytes of a value while they are written, operation by operation.
///
/// Only memory can fail. The writer keeps that in mind, takes no more bytes, and says so at the end, or when asked.
#[derive(Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    remembered: u64,
    failure: Option<WriteError>,
    limit: usize,
    #[cfg(debug_assertions)]
    machine: Machine,
}

/// Why a value was not written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteError {
    /// It is longer than allowed.
    TooLong {
        /// How many bytes are allowed.
        limit: usize,
    },
    /// There is no memory for it.
    Memory,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(f, "the value takes more than {limit} bytes"),
            Self::Memory => write!(f, "there is too little memory to write the value"),
        }
    }
}

impl Error for WriteError {}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// Begins a value.
    pub fn new() -> Self {
        Self::with_limit(usize::MAX)
    }

    /// Begins a value that may take so many bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            bytes: vec![MARK[0], MARK[1], VERSION],
            remembered: 0,
            failure: None,
            limit,
            #[cfg(debug_assertions)]
            machine: Machine::default(),
        }
    }

    /// Remembers the value on top of the stack, and answers under which number. It stays where it is.
    pub fn remember(&mut self) -> u64 {
        let number = self.remembered;
        self.event(Event::Remember);
        number
    }

    /// Writes a string by its code points, of which there may be any, as the operation that suits them.
    ///
    /// # Panics
    ///
    /// If one of them is no code point.
    pub fn code_points(&mut self, points: impl Iterator<Item = u32>) {
        let mut text = Vec::new();
        for point in points {
            let (bytes, length) = surrogates::encode(point);
            if text.try_reserve(length).is_err() {
                self.failure.get_or_insert(WriteError::Memory);
                return;
            }
            text.extend_from_slice(&bytes[..length]);
        }
        match std::str::from_utf8(&text) {
            Ok(text) => self.str(text),
            Err(_) => self.surrogate_str(SurrogateText::new(&text).expect("code points were encoded")),
        }
    }

    /// How many bytes were written.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was written: never, as a value begins with its mark.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Why the value will not be written, as soon as that is known.
    pub fn failure(&self) -> Option<WriteError> {
        self.failure
    }

    /// Ends the value: one must be on the stack, no other.
    ///
    /// # Errors
    ///
    /// If the value is too long, or memory was lacking.
    pub fn into_bytes(mut self) -> Result<Vec<u8>, WriteError> {
        self.event(Event::Stop);
        self.failure.map_or(Ok(self.bytes), Err)
    }

    /// Makes room for an operation of so many bytes.
    pub(super) fn begin(&mut self, event: &Event<'_>, size: usize) -> Option<&mut Vec<u8>> {
        if self.failure.is_some() {
            return None;
        }
        if size > self.limit.saturating_sub(self.bytes.len()) {
            self.failure = Some(WriteError::TooLong { limit: self.limit });
            return None;
        }
        if self.bytes.try_reserve(size).is_err() {
            self.failure = Some(WriteError::Memory);
            return None;
        }
        self.assert_sense(event);
        self.remembered += u64::from(*event == Event::Remember);
        Some(&mut self.bytes)
    }

    #[cfg(debug_assertions)]
    fn assert_sense(&mut self, event: &Event<'_>) {
        let limits = Limits { height: usize::MAX, remembered: usize::MAX, handles: usize::MAX };
        if let Err(fault) = self.machine.apply(event, &limits) {
            panic!("{event:?} makes no sense here: {fault}");
        }
    }

    #[cfg(not(debug_assertions))]
    #[expect(clippy::unused_self, reason = "only debug builds know the stack")]
    fn assert_sense(&mut self, _: &Event<'_>) {}
}
