//! How the operands of operations are encoded.
//!
//! Invariant: what `read` accepts, `write` makes again byte by byte, and `size` says beforehand how many bytes that takes.

use super::cursor::{Cursor, size_of_number, write_number};
use super::error::Fault;
use super::surrogates::SurrogateText;

/// How many characters of a text, or bytes of bytes, a listing shows.
const SHOWN: usize = 40;

/// An encoding of operands.
pub(super) trait Operand {
    /// What it encodes.
    type Value<'a>: Copy;
    /// How, in a few words.
    const ENCODING: &'static str;

    fn read<'a>(cursor: &mut Cursor<'a>) -> Result<Self::Value<'a>, Fault>;
    fn size(value: Self::Value<'_>) -> usize;
    fn write(value: Self::Value<'_>, bytes: &mut Vec<u8>);
    fn show(value: Self::Value<'_>) -> String;

    /// How many values of the stack it counts.
    fn count(_: Self::Value<'_>) -> u64 {
        0
    }
}

/// What an encoding encodes, for signatures that users of the crate read.
macro_rules! encoded {
    ($lifetime:lifetime Truth) => { bool };
    ($lifetime:lifetime Integer) => { i64 };
    ($lifetime:lifetime Double) => { f64 };
    ($lifetime:lifetime Octets) => { &$lifetime [u8] };
    ($lifetime:lifetime Digits) => { &$lifetime [u8] };
    ($lifetime:lifetime Text) => { &$lifetime str };
    ($lifetime:lifetime Surrogates) => { SurrogateText<$lifetime> };
    ($lifetime:lifetime $number:ident) => { u64 };
}
pub(super) use encoded;

/// A truth value.
pub(super) struct Truth;

impl Operand for Truth {
    type Value<'a> = bool;
    const ENCODING: &'static str = "byte 0 or 1";

    fn read(cursor: &mut Cursor<'_>) -> Result<bool, Fault> {
        match cursor.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            byte => Err(Fault::BadTruth { byte }),
        }
    }

    fn size(_: bool) -> usize {
        1
    }

    fn write(value: bool, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(value));
    }

    fn show(value: bool) -> String {
        if value { "True" } else { "False" }.to_owned()
    }
}

/// An integer of 64 bits.
pub(super) struct Integer;

impl Integer {
    /// Folds the sign into the lowest bit, so that numbers near 0 are short.
    fn fold(value: i64) -> u64 {
        ((value << 1) ^ (value >> 63)).cast_unsigned()
    }
}

impl Operand for Integer {
    type Value<'a> = i64;
    const ENCODING: &'static str = "number, 2n for n ≥ 0, else -2n - 1";

    fn read(cursor: &mut Cursor<'_>) -> Result<i64, Fault> {
        let folded = cursor.number()?;
        Ok((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
    }

    fn size(value: i64) -> usize {
        size_of_number(Self::fold(value))
    }

    fn write(value: i64, bytes: &mut Vec<u8>) {
        write_number(Self::fold(value), bytes);
    }

    fn show(value: i64) -> String {
        value.to_string()
    }
}

/// A float.
pub(super) struct Double;

impl Operand for Double {
    type Value<'a> = f64;
    const ENCODING: &'static str = "8 bytes, IEEE 754, lowest first";

    fn read(cursor: &mut Cursor<'_>) -> Result<f64, Fault> {
        Ok(f64::from_le_bytes(cursor.array()?))
    }

    fn size(_: f64) -> usize {
        8
    }

    fn write(value: f64, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn show(value: f64) -> String {
        format!("{value:?}")
    }
}

/// A run of bytes behind its length.
fn read_run<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Fault> {
    let length = cursor.number()?;
    cursor.take(length)
}

fn size_of_run(run: &[u8]) -> usize {
    size_of_number(run.len() as u64) + run.len()
}

fn write_run(run: &[u8], bytes: &mut Vec<u8>) {
    write_number(run.len() as u64, bytes);
    bytes.extend_from_slice(run);
}

fn show_run(run: &[u8]) -> String {
    let shown = run[..run.len().min(SHOWN)].escape_ascii();
    let rest = if run.len() > SHOWN { format!("… ({} bytes)", run.len()) } else { String::new() };
    format!("b\"{shown}\"{rest}")
}

/// Operands that are runs of bytes: they differ in what the bytes mean.
macro_rules! runs {
    ($($(#[$about:meta])* $name:ident $encoding:literal;)*) => {
        $(
            $(#[$about])*
            pub(super) struct $name;

            impl Operand for $name {
                type Value<'a> = &'a [u8];
                const ENCODING: &'static str = $encoding;

                fn read<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Fault> {
                    read_run(cursor)
                }

                fn size(value: &[u8]) -> usize {
                    size_of_run(value)
                }

                fn write(value: &[u8], bytes: &mut Vec<u8>) {
                    write_run(value, bytes);
                }

                fn show(value: &[u8]) -> String {
                    show_run(value)
                }
            }
        )*
    };
}

runs! {
    /// Bytes.
    Octets "length, bytes";
    /// The digits of an integer to the base 256.
    Digits "length, two's complement, lowest byte first; none is 0";
}

/// Text that is UTF-8.
pub(super) struct Text;

impl Operand for Text {
    type Value<'a> = &'a str;
    const ENCODING: &'static str = "length in bytes, UTF-8";

    fn read<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, Fault> {
        std::str::from_utf8(read_run(cursor)?).map_err(|error| Fault::NotUtf8 { valid: error.valid_up_to() })
    }

    fn size(value: &str) -> usize {
        size_of_run(value.as_bytes())
    }

    fn write(value: &str, bytes: &mut Vec<u8>) {
        write_run(value.as_bytes(), bytes);
    }

    fn show(value: &str) -> String {
        match value.char_indices().nth(SHOWN) {
            None => format!("{value:?}"),
            Some((end, _)) => format!("{:?}… ({} bytes)", &value[..end], value.len()),
        }
    }
}

/// Text in which surrogates may stand.
pub(super) struct Surrogates;

impl Operand for Surrogates {
    type Value<'a> = SurrogateText<'a>;
    const ENCODING: &'static str = "length in bytes, generalised UTF-8";

    fn read<'a>(cursor: &mut Cursor<'a>) -> Result<SurrogateText<'a>, Fault> {
        SurrogateText::new(read_run(cursor)?).map_err(|valid| Fault::NotUtf8 { valid })
    }

    fn size(value: SurrogateText<'_>) -> usize {
        size_of_run(value.as_bytes())
    }

    fn write(value: SurrogateText<'_>, bytes: &mut Vec<u8>) {
        write_run(value.as_bytes(), bytes);
    }

    fn show(value: SurrogateText<'_>) -> String {
        show_run(value.as_bytes())
    }
}

/// Encodings that are a number: name, what it is, and what it counts.
macro_rules! numbers {
    ($($(#[doc = $doc:literal])+ $name:ident $encoding:literal $value:ident => $count:expr;)*) => {
        $(
            $(#[doc = $doc])+
            pub(super) struct $name;

            impl Operand for $name {
                type Value<'a> = u64;
                const ENCODING: &'static str = $encoding;

                fn read(cursor: &mut Cursor<'_>) -> Result<u64, Fault> {
                    cursor.number()
                }

                fn size(value: u64) -> usize {
                    size_of_number(value)
                }

                fn write(value: u64, bytes: &mut Vec<u8>) {
                    write_number(value, bytes);
                }

                fn show(value: u64) -> String {
                    value.to_string()
                }

                fn count($value: u64) -> u64 {
                    $count
                }
            }
        )*
    };
}

numbers! {
    /// How many values of the stack the operation takes.
    Count "number" value => value;
    /// Under which number a value was remembered.
    MemoNumber "number" _value => 0;
    /// Which of the descriptors that travel beside the bytes.
    HandleIndex "number" _value => 0;
}
