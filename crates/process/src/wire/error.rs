//! What can be wrong with the bytes of a value, and where.

use std::error::Error;
use std::fmt;

use super::machine::{Kind, Need};
use super::op::Op;
use super::{MARK, VERSION};

/// Bytes that are no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WireError {
    /// Where the wrong operation begins.
    pub offset: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The bytes do not begin as a value of toy does.
    Foreign {
        /// The version of pickle's protocol that they begin with, if they do.
        protocol: Option<u8>,
    },
    /// They are of a version that is not known here.
    Version {
        /// Which.
        found: u8,
    },
    /// No operation has this byte.
    UnknownOp {
        /// The byte.
        byte: u8,
    },
    /// The bytes end too early.
    Truncated {
        /// How many bytes should follow.
        wanted: u64,
        /// How many do.
        remaining: usize,
    },
    /// A number has more than 64 bits, or more bytes than it needs.
    BadNumber,
    /// A truth value is neither 0 nor 1.
    BadTruth {
        /// What it is.
        byte: u8,
    },
    /// A text is not UTF-8.
    NotUtf8 {
        /// How many of its bytes are.
        valid: usize,
    },
    /// There are too few values on the stack.
    Underflow {
        /// For which operation.
        op: Op,
        /// How many it takes.
        wanted: u64,
        /// How many there are.
        height: usize,
    },
    /// A value on the stack is of the wrong kind.
    WrongKind {
        /// For which operation.
        op: Op,
        /// What it takes.
        need: Need,
        /// What it finds.
        found: Kind,
    },
    /// Nothing was remembered under this number.
    NeverRemembered {
        /// The number.
        number: u64,
        /// How many values are remembered.
        remembered: usize,
    },
    /// No descriptor with this index came along.
    NoSuchHandle {
        /// The index.
        index: u64,
        /// How many did.
        handles: usize,
    },
    /// There is more of something than the reader puts up with.
    Limit {
        /// Of what.
        what: &'static str,
        /// How much it puts up with.
        limit: usize,
    },
    /// At the end, other values stand below the one that is complete.
    LeftOver {
        /// How many.
        height: usize,
    },
    /// Bytes follow the end.
    Trailing {
        /// How many.
        bytes: usize,
    },
    /// There is no memory to follow.
    Memory,
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Foreign { protocol: Some(protocol) } => {
                write!(
                    f,
                    "these bytes are no value of toy's: they begin as a pickle of CPython's does (protocol {protocol})"
                )
            }
            Self::Foreign { protocol: None } => {
                write!(f, "these bytes are no value of toy's, which begins with {:02x} {:02x}", MARK[0], MARK[1])
            }
            Self::Version { found } => {
                write!(f, "the value is of version {found}; only version {VERSION} is known here")
            }
            Self::UnknownOp { byte } => write!(f, "no operation is {byte:#04x}"),
            Self::Truncated { wanted, remaining } => {
                write!(f, "the bytes end too early: {wanted} should follow, {remaining} do")
            }
            Self::BadNumber => write!(f, "a number has more than 64 bits, or more bytes than it needs"),
            Self::BadTruth { byte } => write!(f, "a truth value is {byte:#04x}, neither 0 nor 1"),
            Self::NotUtf8 { valid } => write!(f, "a text is not UTF-8 from its byte {valid} on"),
            Self::Underflow { op, wanted, height } => {
                write!(f, "{} takes {wanted} values, and {height} are on the stack", op.info().name)
            }
            Self::WrongKind { op, need, found } => {
                write!(f, "{} takes a {} and finds a {}", op.info().name, need.name(), found.name())
            }
            Self::NeverRemembered { number, remembered } => {
                write!(f, "value {number} is recalled, and {remembered} are remembered")
            }
            Self::NoSuchHandle { index, handles } => {
                write!(f, "descriptor {index} is named, and {handles} came along")
            }
            Self::Limit { what, limit } => write!(f, "there are more than {limit} {what}"),
            Self::LeftOver { height } => write!(f, "{height} values are left over when the value is complete"),
            Self::Trailing { bytes } => write!(f, "{bytes} bytes follow the end of the value"),
            Self::Memory => write!(f, "there is too little memory to read it"),
        }
    }
}

impl Error for WireError {}
impl Error for Fault {}
