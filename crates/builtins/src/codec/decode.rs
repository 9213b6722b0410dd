//! Bytes to text.

use toy_object::{Ref, StrBuilder};
use toy_vm::{ClassName, Outcome, Vm};

use super::{Encoding, ErrorHandler, codec_error};
use crate::support::type_error;

/// The text that bytes mean in an encoding; `errors` names what to do with bytes that mean nothing. `object` is what the
/// bytes came from, for the exception.
///
/// # Errors
/// `LookupError` for unknown names, `UnicodeDecodeError`.
pub fn decode(vm: &mut Vm, object: Ref<'_>, bytes: &[u8], encoding: &str, errors: &str) -> Outcome {
    let encoding = Encoding::find(vm, encoding)?;
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Signed => {
            let offset = if encoding == Encoding::Utf8Signed && bytes.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
            match std::str::from_utf8(&bytes[offset..]) {
                Ok(text) => return Ok(vm.new_str(text)?),
                Err(_) => {
                    let decoder =
                        Decoder { object, bytes, encoding, errors, position: offset, text: StrBuilder::new() };
                    return decoder.run(vm, Decoder::utf8);
                }
            }
        }
        Encoding::Latin1 => return Ok(vm.new_str_from_latin1(bytes)?),
        Encoding::Ascii if bytes.is_ascii() => return Ok(vm.new_str_from_latin1(bytes)?),
        _ => {}
    }
    let mut decoder = Decoder { object, bytes, encoding, errors, position: 0, text: StrBuilder::new() };
    match encoding {
        Encoding::Ascii => decoder.run(vm, Decoder::ascii),
        Encoding::Charset(charset) => decoder.run(vm, |decoder, vm| match charset.decode(decoder.rest()[0]) {
            Some(character) => {
                decoder.text.push(character);
                decoder.position += 1;
                Ok(())
            }
            None => decoder.handle(vm, 1, "character maps to <undefined>"),
        }),
        Encoding::UnicodeEscape => decoder.run(vm, |decoder, vm| decoder.escape(vm, false)),
        Encoding::RawUnicodeEscape => decoder.run(vm, |decoder, vm| decoder.escape(vm, true)),
        Encoding::Utf16 | Encoding::Utf16Little | Encoding::Utf16Big => {
            decoder.skip_mark(Encoding::Utf16, [0xff, 0xfe], Encoding::Utf16Little, Encoding::Utf16Big);
            match decoder.encoding {
                Encoding::Utf16Big => decoder.run(vm, |decoder, vm| decoder.utf16(vm, u16::from_be_bytes)),
                _ => decoder.run(vm, |decoder, vm| decoder.utf16(vm, u16::from_le_bytes)),
            }
        }
        _ => {
            decoder.skip_mark(Encoding::Utf32, [0xff, 0xfe, 0, 0], Encoding::Utf32Little, Encoding::Utf32Big);
            match decoder.encoding {
                Encoding::Utf32Big => decoder.run(vm, |decoder, vm| decoder.utf32(vm, u32::from_be_bytes)),
                _ => decoder.run(vm, |decoder, vm| decoder.utf32(vm, u32::from_le_bytes)),
            }
        }
    }
}

/// Goes through the bytes from left to right.
pub(super) struct Decoder<'a> {
    object: Ref<'a>,
    bytes: &'a [u8],
    encoding: Encoding,
    errors: &'a str,
    pub(super) position: usize,
    pub(super) text: StrBuilder,
}

impl<'a> Decoder<'a> {
    fn run(mut self, vm: &mut Vm, step: impl Fn(&mut Self, &mut Vm) -> Outcome<()>) -> Outcome {
        while self.position < self.bytes.len() {
            step(&mut self, vm)?;
        }
        Ok(self.text.finish(vm.heap())?)
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }

    /// For the encoding `marked`, whose order a byte order mark says (little-endian without): skips the mark and goes on
    /// with the encoding of that order.
    fn skip_mark<const N: usize>(&mut self, marked: Encoding, mark: [u8; N], little: Encoding, big: Encoding) {
        if self.encoding != marked {
            return;
        }
        let mut reversed = mark;
        reversed.reverse();
        let is_big = self.bytes.starts_with(&reversed);
        if is_big || self.bytes.starts_with(&mark) {
            self.position = N;
        }
        self.encoding = if is_big { big } else { little };
    }

    fn utf8(&mut self, vm: &mut Vm) -> Outcome<()> {
        let rest = self.rest();
        let error = match std::str::from_utf8(rest) {
            Ok(text) => {
                self.text.push_str(text);
                self.position = self.bytes.len();
                return Ok(());
            }
            Err(error) => error,
        };
        let valid = error.valid_up_to();
        self.text.push_str(std::str::from_utf8(&rest[..valid]).unwrap_or_default());
        self.position += valid;
        match error.error_len() {
            None => self.handle(vm, rest.len() - valid, "unexpected end of data"),
            Some(_) if !matches!(rest[valid], 0xc2..=0xf4) => self.handle(vm, 1, "invalid start byte"),
            Some(length) => self.handle(vm, length, "invalid continuation byte"),
        }
    }

    fn ascii(&mut self, vm: &mut Vm) -> Outcome<()> {
        let byte = self.bytes[self.position];
        if !byte.is_ascii() {
            return self.handle(vm, 1, "ordinal not in range(128)");
        }
        self.text.push_code_point(byte.into());
        self.position += 1;
        Ok(())
    }

    fn utf16(&mut self, vm: &mut Vm, order: fn([u8; 2]) -> u16) -> Outcome<()> {
        let unit = |at: usize| Some(u32::from(order(*self.rest().get(at..)?.first_chunk()?)));
        match (unit(0), unit(2)) {
            (None, _) => self.handle(vm, 1, "truncated data"),
            (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) => {
                self.text.push_code_point(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00));
                self.position += 4;
                Ok(())
            }
            (Some(0xd800..0xdc00), None) => {
                let length = self.rest().len();
                self.handle(vm, length, "unexpected end of data")
            }
            (Some(0xd800..0xdc00), Some(_)) => self.handle(vm, 2, "illegal UTF-16 surrogate"),
            (Some(0xdc00..0xe000), _) => self.handle(vm, 2, "illegal encoding"),
            (Some(code_point), _) => {
                self.text.push_code_point(code_point);
                self.position += 2;
                Ok(())
            }
        }
    }

    fn utf32(&mut self, vm: &mut Vm, order: fn([u8; 4]) -> u32) -> Outcome<()> {
        let Some(unit) = self.rest().first_chunk().map(|unit| order(*unit)) else {
            let length = self.rest().len();
            return self.handle(vm, length, "truncated data");
        };
        match unit {
            0xd800..0xe000 => self.handle(vm, 4, "code point in surrogate code point range(0xd800, 0xe000)"),
            0x11_0000.. => self.handle(vm, 4, "code point not in range(0x110000)"),
            code_point => {
                self.text.push_code_point(code_point);
                self.position += 4;
                Ok(())
            }
        }
    }

    /// Deals with `length` bytes from here on that mean nothing.
    #[cold]
    pub(super) fn handle(&mut self, vm: &mut Vm, length: usize, reason: &str) -> Outcome<()> {
        let bytes = &self.rest()[..length];
        match ErrorHandler::find(vm, self.errors)? {
            ErrorHandler::Ignore => {}
            ErrorHandler::Replace => self.text.push(char::REPLACEMENT_CHARACTER),
            ErrorHandler::BackslashReplace => {
                bytes.iter().for_each(|byte| self.text.push_str(&format!("\\x{byte:02x}")));
            }
            ErrorHandler::SurrogateEscape if bytes.iter().all(|byte| !byte.is_ascii()) => {
                bytes.iter().for_each(|&byte| self.text.push_code_point(0xdc00 + u32::from(byte)));
            }
            ErrorHandler::SurrogatePass => match self.surrogate() {
                Some((code_point, length)) => {
                    self.text.push_code_point(code_point);
                    self.position += length;
                    return Ok(());
                }
                None => return self.fail(vm, length, reason),
            },
            ErrorHandler::XmlCharacterReference | ErrorHandler::NameReplace => {
                return Err(type_error(vm, "don't know how to handle UnicodeDecodeError in error callback"));
            }
            ErrorHandler::Strict | ErrorHandler::SurrogateEscape => return self.fail(vm, length, reason),
        }
        self.position += length;
        Ok(())
    }

    fn fail(&self, vm: &mut Vm, length: usize, reason: &str) -> Outcome<()> {
        let range = self.position..self.position + length;
        Err(codec_error(vm, ClassName::UnicodeDecodeError, self.encoding, self.object, range, reason))
    }

    /// The surrogate that stands here as if it were a character, and its length in bytes.
    fn surrogate(&self) -> Option<(u32, usize)> {
        let rest = self.rest();
        let (code_point, length) = match self.encoding {
            Encoding::Utf8 | Encoding::Utf8Signed => match *rest.first_chunk()? {
                [0xed, middle @ 0xa0..=0xbf, last @ 0x80..=0xbf] => {
                    (0xd000 | u32::from(middle & 0x3f) << 6 | u32::from(last & 0x3f), 3)
                }
                _ => return None,
            },
            Encoding::Utf16 | Encoding::Utf16Little => (u16::from_le_bytes(*rest.first_chunk()?).into(), 2),
            Encoding::Utf16Big => (u16::from_be_bytes(*rest.first_chunk()?).into(), 2),
            Encoding::Utf32 | Encoding::Utf32Little => (u32::from_le_bytes(*rest.first_chunk()?), 4),
            Encoding::Utf32Big => (u32::from_be_bytes(*rest.first_chunk()?), 4),
            Encoding::Ascii
            | Encoding::Latin1
            | Encoding::Charset(_)
            | Encoding::UnicodeEscape
            | Encoding::RawUnicodeEscape => return None,
        };
        (0xd800..0xe000).contains(&code_point).then_some((code_point, length))
    }
}
