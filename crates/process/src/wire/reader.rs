//! Reading values.
//!
//! Invariant: an event is handed out only after the machine took it.

use std::iter::FusedIterator;

use super::cursor::Cursor;
use super::error::{Fault, WireError};
use super::machine::{Kind, Limits, Machine};
use super::op::{Event, Op};
use super::{MARK, VERSION};

/// The operations that a value's bytes consist of, the last of them [`Event::Stop`]; nothing follows it, nor an error.
///
/// Whoever follows the events with a stack of values and a list of remembered ones needs no checks for the stack's height, the
/// kinds of what stands on it, or the numbers that are recalled: see the module's text.
#[derive(Debug)]
pub struct Reader<'a> {
    cursor: Cursor<'a>,
    machine: Machine,
    limits: Limits,
    /// Where the last event began.
    offset: usize,
    is_over: bool,
}

impl<'a> Reader<'a> {
    /// Begins to read.
    ///
    /// # Errors
    ///
    /// If the bytes do not begin as a value of toy's does, or are of another version.
    pub fn new(bytes: &'a [u8], limits: Limits) -> Result<Self, WireError> {
        let fault = match *bytes {
            [mark0, mark1, VERSION, ..] if [mark0, mark1] == MARK => {
                let offset = MARK.len() + 1;
                let cursor = Cursor::new(bytes, offset);
                return Ok(Self { cursor, machine: Machine::default(), limits, offset, is_over: false });
            }
            [mark0, mark1, found, ..] if [mark0, mark1] == MARK => Fault::Version { found },
            [0x80, protocol @ 2..=5, ..] => Fault::Foreign { protocol: Some(protocol) },
            _ if MARK.starts_with(bytes) => Fault::Truncated { wanted: MARK.len() as u64 + 1, remaining: bytes.len() },
            _ => Fault::Foreign { protocol: None },
        };
        Err(WireError { offset: 0, fault })
    }

    /// Where the event that came last began.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// How many values are on the stack.
    pub fn height(&self) -> usize {
        self.machine.height()
    }

    /// How many values are remembered.
    pub fn remembered(&self) -> usize {
        self.machine.remembered()
    }

    /// The kinds of what is on the stack, the topmost last.
    pub fn stack(&self) -> &[Kind] {
        self.machine.stack()
    }

    /// An error about the event that came last, from whoever follows.
    pub fn error(&self, fault: Fault) -> WireError {
        WireError { offset: self.offset, fault }
    }

    #[inline(always)]
    fn step(&mut self) -> Result<Event<'a>, Fault> {
        let byte = self.cursor.byte()?;
        let op = Op::from_byte(byte).ok_or(Fault::UnknownOp { byte })?;
        let event = Event::read(op, &mut self.cursor)?;
        self.machine.apply(&event, &self.limits)?;
        if event == Event::Stop {
            self.is_over = true;
            let bytes = self.cursor.remaining();
            if bytes > 0 {
                return Err(Fault::Trailing { bytes });
            }
        }
        Ok(event)
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Event<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        self.offset = self.cursor.offset();
        Some(self.step().map_err(|fault| {
            self.is_over = true;
            self.error(fault)
        }))
    }
}

impl FusedIterator for Reader<'_> {}
