//! Code objects as bytes.
//!
//! ```text
//! file  := magic fingerprint node
//! node  := length own-part count { length node }
//! ```
//!
//! The own part is the code object without its inner ones, so that an inner body costs nothing before it is asked for.
//! Numbers are little-endian; lengths and counts take 4 bytes. The fingerprint is that of the instruction table.

use std::fmt;
use std::sync::OnceLock;

use crate::{CodeObject, Op};

/// What a stored file starts with.
const MAGIC: [u8; 4] = *b"toyc";
/// Deeper nesting is refused.
const MAXIMUM_DEPTH: usize = 1000;

/// Why bytes are no code object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// They do not start as a stored code object does.
    NotCode,
    /// They were written for another instruction table.
    OtherVersion,
    /// They are cut short or damaged.
    Damaged,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotCode => "not a stored code object",
            Self::OtherVersion => "a code object of another version",
            Self::Damaged => "a damaged code object",
        })
    }
}

impl std::error::Error for DecodeError {}

/// A code object as bytes, decoded when it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct StoredCode<'a> {
    node: &'a [u8],
}

impl CodeObject {
    /// The code object and all inside it as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(fingerprint().to_le_bytes());
        write_node(self, &mut bytes);
        bytes
    }

    /// The code object that [`CodeObject::to_bytes`] wrote, with all inside it.
    ///
    /// # Errors
    ///
    /// If the bytes are none, damaged, or of another version. What it returns is not verified.
    pub fn from_bytes(bytes: &[u8]) -> Result<CodeObject, DecodeError> {
        StoredCode::new(bytes)?.decode_all(MAXIMUM_DEPTH)
    }
}

impl<'a> StoredCode<'a> {
    /// Looks at the start of what [`CodeObject::to_bytes`] wrote; decodes nothing.
    ///
    /// # Errors
    ///
    /// If the bytes are none or of another version.
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(DecodeError::NotCode)?;
        let (version, node) = rest.split_first_chunk::<8>().ok_or(DecodeError::Damaged)?;
        if *version != fingerprint().to_le_bytes() {
            return Err(DecodeError::OtherVersion);
        }
        Ok(Self { node })
    }

    /// The code object without its inner ones (`codes` is empty), and these.
    ///
    /// # Errors
    ///
    /// If the bytes are damaged.
    pub fn decode(self) -> Result<(CodeObject, Vec<StoredCode<'a>>), DecodeError> {
        let mut rest = self.node;
        let own = take_part(&mut rest)?;
        let code: CodeObject = postcard::from_bytes(own).map_err(|_| DecodeError::Damaged)?;
        let count = take_number(&mut rest)?;
        let mut inner = Vec::new();
        for _ in 0..count {
            inner.push(StoredCode { node: take_part(&mut rest)? });
        }
        Ok((code, inner))
    }

    fn decode_all(self, depth: usize) -> Result<CodeObject, DecodeError> {
        let depth = depth.checked_sub(1).ok_or(DecodeError::Damaged)?;
        let (mut code, inner) = self.decode()?;
        code.codes = inner.into_iter().map(|inner| inner.decode_all(depth)).collect::<Result<_, _>>()?;
        Ok(code)
    }
}

fn write_node(code: &CodeObject, bytes: &mut Vec<u8>) {
    let own = postcard::to_allocvec(&code.shallow()).expect("plain data is always written");
    bytes.extend((own.len() as u32).to_le_bytes());
    bytes.extend(own);
    bytes.extend((code.codes.len() as u32).to_le_bytes());
    for inner in &code.codes {
        let place = bytes.len();
        bytes.extend([0; 4]);
        write_node(inner, bytes);
        let length = (bytes.len() - place - 4) as u32;
        bytes[place..place + 4].copy_from_slice(&length.to_le_bytes());
    }
}

fn take_number(rest: &mut &[u8]) -> Result<usize, DecodeError> {
    let (number, behind) = rest.split_first_chunk::<4>().ok_or(DecodeError::Damaged)?;
    *rest = behind;
    Ok(u32::from_le_bytes(*number) as usize)
}

fn take_part<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], DecodeError> {
    let length = take_number(rest)?;
    let (part, behind) = rest.split_at_checked(length).ok_or(DecodeError::Damaged)?;
    *rest = behind;
    Ok(part)
}

/// A number that changes with the instruction table. Worked out once: a start loads many stored files.
fn fingerprint() -> u64 {
    static FINGERPRINT: OnceLock<u64> = OnceLock::new();
    *FINGERPRINT.get_or_init(hash_of_table)
}

/// FNV-1a over the rows of the instruction table.
fn hash_of_table() -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for op in Op::ALL {
        let info = op.info();
        let row = format!("{} {:?} {:?} {:?} {} {}", info.name, info.a, info.b, info.c, info.is_wide, info.extra_words);
        for byte in row.bytes().chain([b'\n']) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    hash
}
