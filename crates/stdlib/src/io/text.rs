//! Text files: encodings and line ends over the bytes of a file.
//!
//! Lines are looked for in the bytes, which works for encodings in which line ends are single bytes that mean nothing else: ASCII,
//! Latin-1 and UTF-8. So there is no buffer of decoded text, and places in the file are bytes.

use std::borrow::Cow;
use std::cell::Cell;

use toy_object::{Owned, Str};
use toy_vm::{Args, Outcome, Vm};

use super::foreign::Foreign;
use crate::module::call_method;

/// How characters are bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Encoding {
    Ascii,
    Latin1,
    Utf8,
    /// UTF-8 with a mark at the start of the file.
    Utf8Marked,
    /// One that is made UTF-8 when it is read: see [`foreign`](super::foreign).
    Foreign,
}

/// What ends a line when reading.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// Any of `\n`, `\r`, `\r\n`; scripts see `\n`.
    Universal,
    /// Any of them, seen as it is.
    Untouched,
    Newline,
    Return,
    ReturnNewline,
}

/// What a text file makes of its bytes.
pub(super) struct TextMode {
    pub(super) encoding: Encoding,
    /// As `encoding` shows it.
    pub(super) encoding_name: String,
    pub(super) errors: String,
    pub(super) line_end: LineEnd,
    /// Nothing has been read or written yet.
    pub(super) is_at_start: Cell<bool>,
    /// Which of [`LINE_ENDS`] have been read, as bits.
    pub(super) seen: Cell<u8>,
    /// So many bytes at the end of what was read in advance are only the beginning of a character.
    pub(super) cut_off: Cell<usize>,
    /// So many bytes at the end of what was read in advance are not to be read: in the first of them, so many, something is wrong.
    pub(super) wrong: Cell<(usize, usize)>,
    /// Of [`Encoding::Foreign`].
    pub(super) foreign: Option<Foreign>,
}

/// What universal reading takes for a line end, in the order in which `newlines` shows it.
pub(super) const LINE_ENDS: [&str; 3] = ["\r", "\n", "\r\n"];

impl Encoding {
    /// The encoding of this name, in any spelling that CPython knows.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name: String =
            name.to_ascii_lowercase().chars().map(|c| if c == '-' || c == ' ' { '_' } else { c }).collect();
        Some(match name.as_str() {
            "utf_8" | "utf8" | "u8" | "utf" | "locale" | "cp65001" => Self::Utf8,
            "utf_8_sig" | "utf8_sig" => Self::Utf8Marked,
            "ascii" | "us_ascii" | "646" | "ansi_x3.4_1968" => Self::Ascii,
            "latin_1" | "latin1" | "latin" | "iso_8859_1" | "iso8859_1" | "8859" | "cp819" | "l1" => Self::Latin1,
            _ => return None,
        })
    }

    /// Length of the character that starts with this byte, as far as the encoding tells; 1 for bytes that start none.
    pub(super) fn character_length(self, first: u8) -> usize {
        match self {
            Self::Ascii | Self::Latin1 => 1,
            Self::Utf8 | Self::Utf8Marked | Self::Foreign => match first {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => 1,
            },
        }
    }
}

/// A line end in bytes: where it starts and where it ends. `Unknown`: more bytes must be seen.
pub(super) enum Found {
    At(usize),
    Unknown,
    Absent,
}

impl LineEnd {
    /// The place behind the first line end at or after `from`.
    pub(super) fn find(self, bytes: &[u8], from: usize, is_at_end: bool) -> Found {
        let rest = &bytes[from.min(bytes.len())..];
        let place = match self {
            Self::Newline => {
                return memchr::memchr(b'\n', rest).map_or(Found::Absent, |place| Found::At(from + place + 1));
            }
            Self::Return => {
                return memchr::memchr(b'\r', rest).map_or(Found::Absent, |place| Found::At(from + place + 1));
            }
            Self::ReturnNewline => {
                let place = memchr::memmem::find(rest, b"\r\n");
                return place.map_or(Found::Absent, |place| Found::At(from + place + 2));
            }
            Self::Universal | Self::Untouched => memchr::memchr2(b'\n', b'\r', rest),
        };
        let Some(place) = place.map(|place| from + place) else { return Found::Absent };
        if bytes[place] == b'\n' {
            return Found::At(place + 1);
        }
        match bytes.get(place + 1) {
            Some(b'\n') => Found::At(place + 2),
            Some(_) => Found::At(place + 1),
            None if is_at_end => Found::At(place + 1),
            None => Found::Unknown,
        }
    }
}

impl TextMode {
    /// Bytes as text.
    pub(super) fn decode(&self, vm: &mut Vm, original: &[u8]) -> Outcome {
        self.note_line_ends(original);
        let bytes = match self.line_end {
            LineEnd::Universal => with_newlines(original),
            _ => Cow::Borrowed(original),
        };
        match self.encoding {
            Encoding::Latin1 => return Ok(vm.new_str_from_latin1(&bytes)?),
            Encoding::Ascii if !bytes.is_ascii() => {}
            _ => {
                if let Ok(text) = std::str::from_utf8(&bytes) {
                    return Ok(vm.new_str(text)?);
                }
            }
        }
        // What is wrong is told of the bytes as they are in the file: line ends become newlines behind that.
        let mut text = self.decode_slowly(vm, original)?;
        if let Cow::Owned(_) = bytes {
            for (end, newline) in [("\r\n", "\n"), ("\r", "\n")] {
                let (end, newline) = (vm.new_str(end)?, vm.new_str(newline)?);
                text = call_method(vm, text.get(), "replace", &[end.get(), newline.get()])?;
            }
        }
        Ok(text)
    }

    pub(super) fn decode_slowly(&self, vm: &mut Vm, bytes: &[u8]) -> Outcome {
        let bytes = vm.new_bytes(bytes)?;
        let (encoding, errors) = match self.encoding {
            Encoding::Foreign => ("utf-8", "surrogatepass"),
            _ => (self.encoding_name.as_str(), self.errors.as_str()),
        };
        let (encoding, errors) = (vm.new_str(encoding)?, vm.new_str(errors)?);
        call_method(vm, bytes.get(), "decode", &[encoding.get(), errors.get()])
    }

    /// How many bytes at the end are only the beginning of a character; `None`: something is wrong before them.
    pub(super) fn cut_off(&self, bytes: &[u8]) -> Option<usize> {
        match self.encoding {
            Encoding::Latin1 => Some(0),
            Encoding::Ascii => bytes.is_ascii().then_some(0),
            Encoding::Foreign => Some(0),
            Encoding::Utf8 | Encoding::Utf8Marked => match std::str::from_utf8(bytes) {
                Ok(_) => Some(0),
                Err(error) if error.error_len().is_none() => Some(bytes.len() - error.valid_up_to()),
                Err(_) => None,
            },
        }
    }

    /// Remembers which line ends there are.
    pub(super) fn note_line_ends(&self, bytes: &[u8]) {
        const ALL: u8 = 0b111;
        if !matches!(self.line_end, LineEnd::Universal | LineEnd::Untouched) || self.seen.get() == ALL {
            return;
        }
        let mut seen = self.seen.get();
        let mut rest = bytes;
        while let Some(place) = memchr::memchr2(b'\n', b'\r', rest) {
            let end = LINE_ENDS.iter().rposition(|end| rest[place..].starts_with(end.as_bytes())).unwrap_or(0);
            seen |= 1 << end;
            rest = &rest[place + LINE_ENDS[end].len()..];
            if seen == ALL {
                break;
            }
        }
        self.seen.set(seen);
    }

    /// Text as bytes.
    pub(super) fn encode<'t>(&self, vm: &mut Vm, text: Str<'t>) -> Outcome<Cow<'t, [u8]>> {
        if let Some(foreign) = &self.foreign {
            let names = (self.encoding_name.as_str(), self.errors.as_str());
            let Some(end) = self.written_end() else { return foreign.encode(vm, names, text).map(Cow::Owned) };
            let (newline, end) = (vm.new_str("\n")?, vm.new_str(end)?);
            let text = call_method(vm, text.as_ref(), "replace", &[newline.get(), end.get()])?;
            let text = text.get().as_str().expect("replace gives text");
            return foreign.encode(vm, names, text).map(Cow::Owned);
        }
        let plain = match self.encoding {
            Encoding::Foreign => None,
            Encoding::Ascii => text.as_utf8().filter(|_| text.is_ascii()).map(|text| Cow::Borrowed(text.as_bytes())),
            Encoding::Latin1 => match text.as_utf8() {
                Some(ascii) if text.is_ascii() => Some(Cow::Borrowed(ascii.as_bytes())),
                _ if text.width() == 1 => Some(Cow::Owned(text.code_points().map(|point| point as u8).collect())),
                _ => None,
            },
            Encoding::Utf8 | Encoding::Utf8Marked => match text.to_utf8() {
                Some(Cow::Borrowed(text)) => Some(Cow::Borrowed(text.as_bytes())),
                Some(Cow::Owned(text)) => Some(Cow::Owned(text.into_bytes())),
                None => None,
            },
        };
        let bytes = match plain {
            Some(bytes) => bytes,
            None => {
                let name = if self.encoding == Encoding::Utf8Marked { "utf-8" } else { self.encoding_name.as_str() };
                let (encoding, errors) = (vm.new_str(name)?, vm.new_str(&self.errors)?);
                let bytes = call_method(vm, text.as_ref(), "encode", &[encoding.get(), errors.get()])?;
                Cow::Owned(bytes.get().as_bytes().map(|bytes| bytes.as_slice().to_vec()).unwrap_or_default())
            }
        };
        let Some(end) = self.written_end() else { return Ok(bytes) };
        let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
        Ok(Cow::Owned(lines.join(end.as_bytes())))
    }

    /// What is written in place of newlines, if that is something else.
    fn written_end(&self) -> Option<&'static str> {
        match self.line_end {
            LineEnd::Return => Some("\r"),
            LineEnd::ReturnNewline => Some("\r\n"),
            LineEnd::Universal | LineEnd::Untouched | LineEnd::Newline => None,
        }
    }
}

/// `\r\n` and `\r` as `\n`.
fn with_newlines(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\r', bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(place) = memchr::memchr(b'\r', rest) {
        result.extend_from_slice(&rest[..place]);
        result.push(b'\n');
        rest = &rest[place + 1..];
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    result.extend_from_slice(rest);
    Cow::Owned(result)
}

/// `newlines`: the line ends that were read, if any.
pub(super) fn newlines(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(file) = super::file::file_of(vm, args) else { return Ok(Owned::none()) };
    let seen = file.text.borrow().as_ref().map_or(0, |mode| mode.seen.get());
    let mut ends = Vec::new();
    for (place, end) in LINE_ENDS.iter().enumerate() {
        if seen & (1 << place) != 0 {
            ends.push(vm.new_str(end)?);
        }
    }
    match ends.len() {
        0 => Ok(Owned::none()),
        1 => Ok(ends.remove(0)),
        _ => Ok(vm.new_tuple(ends)?),
    }
}

/// `encoding`, `errors`: what the mode shows.
pub(super) fn shown(vm: &mut Vm, args: Args<'_>, pick: fn(&TextMode) -> &str) -> Outcome {
    let Some(file) = super::file::file_of(vm, args) else { return Ok(Owned::none()) };
    let mode = file.text.borrow().clone();
    match mode {
        Some(mode) => crate::argument::new_text(vm, pick(&mode)),
        None => Ok(Owned::none()),
    }
}
