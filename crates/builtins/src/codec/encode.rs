//! Text to bytes.

use toy_object::{Str, Units};
use toy_vm::{ClassName, Outcome, Vm};

use super::escape::{escaped, in_literal};
use super::{Encoding, ErrorHandler, codec_error};
use crate::support::check_room;

/// The bytes of a text in an encoding; `errors` names what to do with characters that it lacks.
///
/// # Errors
/// `LookupError` for unknown names, `UnicodeEncodeError`.
pub fn encode(vm: &mut Vm, text: Str<'_>, encoding: &str, errors: &str) -> Outcome<Vec<u8>> {
    // By far the most frequent case needs no search among the names.
    if encoding == "utf-8" && text.is_ascii() {
        return Ok(vm.heap().copy_bytes(text.as_utf8().unwrap_or_default().as_bytes())?);
    }
    let encoding = Encoding::find(vm, encoding)?;
    match (encoding, text.units()) {
        (Encoding::Utf8, _) if !text.has_surrogates() => {
            // What the conversion starts with.
            check_room(vm, text.len().checked_mul(text.width() + 1))?;
            return Ok(text.to_string_lossy().into_bytes());
        }
        (Encoding::Latin1, Units::One(bytes)) => return Ok(vm.heap().copy_bytes(bytes)?),
        (Encoding::Ascii, Units::One(bytes)) if text.is_ascii() => return Ok(vm.heap().copy_bytes(bytes)?),
        _ => {}
    }
    let mut bytes = encoding.mark();
    let mut index = 0;
    while index < text.len() {
        make_room(vm, &mut bytes)?;
        let code_point = text.code_point(index);
        if encoding.has(code_point) {
            encoding.push(&mut bytes, code_point);
            index += 1;
            continue;
        }
        let mut end = index + 1;
        while end < text.len() && !encoding.has(text.code_point(end)) {
            end += 1;
        }
        handle(vm, encoding, errors, text, index..end, &mut bytes)?;
        index = end;
    }
    Ok(bytes)
}

/// Makes room for what one code point becomes at most.
fn make_room(vm: &Vm, bytes: &mut Vec<u8>) -> Outcome<()> {
    const MOST: usize = 128;
    if bytes.capacity() - bytes.len() >= MOST {
        return Ok(());
    }
    let more = bytes.len().max(MOST);
    check_room(vm, bytes.len().checked_add(more))?;
    bytes.try_reserve(more).map_err(|error| toy_object::OutOfMemory::from(error).into())
}

impl Encoding {
    /// The byte order mark of a text.
    fn mark(self) -> Vec<u8> {
        match self {
            Self::Utf8Signed => vec![0xef, 0xbb, 0xbf],
            Self::Utf16 => vec![0xff, 0xfe],
            Self::Utf32 => vec![0xff, 0xfe, 0, 0],
            _ => Vec::new(),
        }
    }

    /// Whether it can express a code point.
    fn has(self, code_point: u32) -> bool {
        match self {
            Self::Ascii => code_point < 0x80,
            Self::Latin1 => code_point < 0x100,
            Self::Charset(charset) => charset.encode(code_point).is_some(),
            Self::UnicodeEscape | Self::RawUnicodeEscape => true,
            _ => !(0xd800..0xe000).contains(&code_point),
        }
    }

    /// Appends a code point; surrogates as if they were characters.
    fn push(self, bytes: &mut Vec<u8>, code_point: u32) {
        match self {
            Self::Ascii | Self::Latin1 => bytes.push(code_point as u8),
            Self::Charset(charset) => bytes.extend(charset.encode(code_point)),
            Self::RawUnicodeEscape if code_point < 0x100 => bytes.push(code_point as u8),
            Self::RawUnicodeEscape => bytes.extend_from_slice(escaped(code_point).as_bytes()),
            Self::UnicodeEscape => bytes.extend_from_slice(in_literal(code_point).as_bytes()),
            Self::Utf8 | Self::Utf8Signed => match char::from_u32(code_point) {
                Some(character) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
                None => bytes.extend_from_slice(&[
                    0xe0 | (code_point >> 12) as u8,
                    0x80 | (code_point >> 6 & 0x3f) as u8,
                    0x80 | (code_point & 0x3f) as u8,
                ]),
            },
            Self::Utf16 | Self::Utf16Little => push_utf16(bytes, code_point, u16::to_le_bytes),
            Self::Utf16Big => push_utf16(bytes, code_point, u16::to_be_bytes),
            Self::Utf32 | Self::Utf32Little => bytes.extend_from_slice(&code_point.to_le_bytes()),
            Self::Utf32Big => bytes.extend_from_slice(&code_point.to_be_bytes()),
        }
    }

    fn encode_reason(self) -> &'static str {
        match self {
            Self::Ascii => "ordinal not in range(128)",
            Self::Latin1 => "ordinal not in range(256)",
            Self::Charset(_) => "character maps to <undefined>",
            _ => "surrogates not allowed",
        }
    }
}

fn push_utf16(bytes: &mut Vec<u8>, code_point: u32, order: fn(u16) -> [u8; 2]) {
    match char::from_u32(code_point) {
        Some(character) => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                bytes.extend_from_slice(&order(*unit));
            }
        }
        None => bytes.extend_from_slice(&order(code_point as u16)),
    }
}

/// Deals with a run of characters that the encoding lacks.
#[cold]
fn handle(
    vm: &mut Vm,
    encoding: Encoding,
    errors: &str,
    text: Str<'_>,
    range: std::ops::Range<usize>,
    bytes: &mut Vec<u8>,
) -> Outcome<()> {
    let handler = ErrorHandler::find(vm, errors)?;
    let is_single_byte = matches!(encoding, Encoding::Ascii | Encoding::Latin1 | Encoding::Charset(_));
    let is_utf8 = matches!(encoding, Encoding::Utf8 | Encoding::Utf8Signed);
    for index in range.clone() {
        make_room(vm, bytes)?;
        let code_point = text.code_point(index);
        let replacement = match handler {
            ErrorHandler::Ignore => String::new(),
            ErrorHandler::Replace => "?".to_owned(),
            ErrorHandler::BackslashReplace => escaped(code_point),
            ErrorHandler::XmlCharacterReference => format!("&#{code_point};"),
            ErrorHandler::NameReplace => match char::from_u32(code_point).and_then(unicode_names2::name) {
                Some(name) => format!("\\N{{{name}}}"),
                None => escaped(code_point),
            },
            ErrorHandler::SurrogateEscape if (0xdc80..0xdd00).contains(&code_point) && (is_single_byte || is_utf8) => {
                bytes.push((code_point - 0xdc00) as u8);
                continue;
            }
            ErrorHandler::SurrogatePass if !is_single_byte => {
                encoding.push(bytes, code_point);
                continue;
            }
            ErrorHandler::Strict | ErrorHandler::SurrogateEscape | ErrorHandler::SurrogatePass => {
                let (class, reason) = (ClassName::UnicodeEncodeError, encoding.encode_reason());
                return Err(codec_error(vm, class, encoding, text.as_ref(), range, reason));
            }
        };
        for character in replacement.chars() {
            encoding.push(bytes, u32::from(character));
        }
    }
    Ok(())
}
