//! What a text operation answers when it fails: the exception class that a script sees, and its message.

use std::borrow::Cow;
use std::fmt;

/// The built-in exception class that a [`Failure`] stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExceptionClass {
    /// The text or value is not acceptable.
    ValueError,
    /// The operand has the wrong type.
    TypeError,
    /// The result does not fit its type.
    OverflowError,
    /// A division by zero, or zero raised to a negative power.
    ZeroDivisionError,
    /// The result would be larger than [`MAXIMUM_WIDTH`].
    MemoryError,
}

impl ExceptionClass {
    /// The name of the class as scripts know it.
    pub fn name(self) -> &'static str {
        match self {
            ExceptionClass::ValueError => "ValueError",
            ExceptionClass::TypeError => "TypeError",
            ExceptionClass::OverflowError => "OverflowError",
            ExceptionClass::ZeroDivisionError => "ZeroDivisionError",
            ExceptionClass::MemoryError => "MemoryError",
        }
    }
}

/// The largest width or precision, in characters, that a format may ask for: a script that pads to more gets a
/// `MemoryError` before anything is allocated.
pub const MAXIMUM_WIDTH: usize = 1 << 30;

/// A failed operation, ready to be raised: class and message are CPython's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which exception to raise.
    pub class: ExceptionClass,
    /// The exception's only argument.
    pub message: Cow<'static, str>,
}

impl Failure {
    /// A `ValueError`.
    pub fn value(message: impl Into<Cow<'static, str>>) -> Self {
        Failure { class: ExceptionClass::ValueError, message: message.into() }
    }

    /// A `TypeError`.
    pub fn type_error(message: impl Into<Cow<'static, str>>) -> Self {
        Failure { class: ExceptionClass::TypeError, message: message.into() }
    }

    /// An `OverflowError`.
    pub fn overflow(message: impl Into<Cow<'static, str>>) -> Self {
        Failure { class: ExceptionClass::OverflowError, message: message.into() }
    }

    /// A `ZeroDivisionError`.
    pub fn zero_division(message: impl Into<Cow<'static, str>>) -> Self {
        Failure { class: ExceptionClass::ZeroDivisionError, message: message.into() }
    }

    /// A `MemoryError`, which carries no message.
    pub fn memory() -> Self {
        Failure { class: ExceptionClass::MemoryError, message: Cow::Borrowed("") }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.class.name(), self.message)
    }
}

impl std::error::Error for Failure {}

/// Why a value could not be formatted by a [`FormatSpec`](crate::FormatSpec). Some messages name the type of the
/// value, which only the caller knows: [`FormatError::into_failure`] takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatError {
    /// Characters are left over behind the type code; holds the whole spec.
    InvalidSpecifier(String),
    /// The type code does not exist for this type of value.
    UnknownCode(char),
    /// The type code `c` was given a surrogate, which no `str` of Rust can hold. The caller pads it with
    /// [`FormatSpec::padding`](crate::FormatSpec::padding).
    Surrogate(u16),
    /// An error whose message does not depend on the type.
    Other(Failure),
}

impl FormatError {
    /// The exception to raise for a value whose type is called `type_name`.
    pub fn into_failure(self, type_name: &str) -> Failure {
        match self {
            FormatError::InvalidSpecifier(spec) => {
                Failure::value(format!("Invalid format specifier '{spec}' for object of type '{type_name}'"))
            }
            FormatError::UnknownCode(code) => Failure::value(format!(
                "Unknown format code '{}' for object of type '{type_name}'",
                displayed_code(code)
            )),
            FormatError::Surrogate(code) => Failure::value(format!("surrogate \\u{code:04x} in formatted text")),
            FormatError::Other(failure) => failure,
        }
    }
}

impl From<Failure> for FormatError {
    fn from(failure: Failure) -> Self {
        FormatError::Other(failure)
    }
}

/// A type code as CPython shows it in messages: itself when visible ASCII, else in hexadecimal.
pub(crate) fn displayed_code(code: char) -> String {
    if code > ' ' && code <= '\x7f' { code.to_string() } else { format!("\\x{:x}", u32::from(code)) }
}
