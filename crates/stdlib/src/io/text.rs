//! Text files: encodings and line ends over the bytes of a file.
//!
//! Lines are looked for in the bytes, which works for encodings in which line ends are single bytes that mean nothing else: ASCII,
//! Latin-1 and UTF-8. So there is no buffer of decoded text, and places in the file are bytes.

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

use toy_object::{Owned, Ref, Str};
use toy_vm::{Args, Outcome, Raised, Vm};

use super::file::File;
use crate::argument::shown_type;
use crate::module::call_method;

/// How characters are bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Encoding {
    Ascii,
    Latin1,
    Utf8,
    /// UTF-8 with a mark at the start of the file.
    Utf8Marked,
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
}

/// What universal reading takes for a line end, in the order in which `newlines` shows it.
pub(super) const LINE_ENDS: [&str; 3] = ["\r", "\n", "\r\n"];

const MARK: &[u8] = b"\xef\xbb\xbf";

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
    fn character_length(self, first: u8) -> usize {
        match self {
            Self::Ascii | Self::Latin1 => 1,
            Self::Utf8 | Self::Utf8Marked => match first {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => 1,
            },
        }
    }
}

/// A line end in bytes: where it starts and where it ends. `Unknown`: more bytes must be seen.
enum Found {
    At(usize),
    Unknown,
    Absent,
}

impl LineEnd {
    /// The place behind the first line end at or after `from`.
    fn find(self, bytes: &[u8], from: usize, is_at_end: bool) -> Found {
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
    fn decode(&self, vm: &mut Vm, bytes: &[u8]) -> Outcome {
        self.note_line_ends(bytes);
        let bytes = match self.line_end {
            LineEnd::Universal => with_newlines(bytes),
            _ => Cow::Borrowed(bytes),
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
        let bytes = vm.new_bytes(&bytes)?;
        let (encoding, errors) = (vm.new_str(&self.encoding_name)?, vm.new_str(&self.errors)?);
        call_method(vm, bytes.get(), "decode", &[encoding.get(), errors.get()])
    }

    /// Remembers which line ends there are.
    fn note_line_ends(&self, bytes: &[u8]) {
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
    fn encode<'t>(&self, vm: &mut Vm, text: Str<'t>) -> Outcome<Cow<'t, [u8]>> {
        let plain = match self.encoding {
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
        let replacement: &[u8] = match self.line_end {
            LineEnd::Return => b"\r",
            LineEnd::ReturnNewline => b"\r\n",
            LineEnd::Universal | LineEnd::Untouched | LineEnd::Newline => return Ok(bytes),
        };
        let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
        Ok(Cow::Owned(lines.join(replacement)))
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

impl File {
    /// How it is read and written now.
    pub(super) fn mode(&self) -> Rc<TextMode> {
        Rc::clone(&self.text.as_ref().expect("a text file").borrow())
    }

    /// Leaves the mark at the start of the file behind.
    fn skip_mark(&self, vm: &mut Vm) -> Outcome<()> {
        let mode = self.mode();
        if mode.encoding != Encoding::Utf8Marked || !mode.is_at_start.replace(false) {
            return Ok(());
        }
        while self.unread() < MARK.len() && self.fill(vm)? > 0 {}
        if self.with_input(|input| input.starts_with(MARK)) {
            self.skip(MARK.len());
        }
        Ok(())
    }

    /// Everything up to the end of the file.
    pub(super) fn read_text(&self, vm: &mut Vm) -> Outcome {
        self.skip_mark(vm)?;
        let bytes = self.take_all(vm)?;
        self.mode().decode(vm, &bytes)
    }

    /// At most so many characters.
    pub(super) fn read_characters(&self, vm: &mut Vm, count: usize) -> Outcome {
        self.skip_mark(vm)?;
        let mut is_at_end = false;
        loop {
            let length = self.with_input(|input| self.length_of(input, count, is_at_end));
            match length {
                Some(length) => {
                    let bytes = self.take(length);
                    return self.mode().decode(vm, &bytes);
                }
                None => is_at_end = self.fill(vm)? == 0,
            }
        }
    }

    /// How many bytes the next `count` characters are; `None`: more bytes must be seen.
    fn length_of(&self, input: &[u8], count: usize, is_at_end: bool) -> Option<usize> {
        let mode = self.mode();
        let mut place = 0;
        for _ in 0..count {
            let Some(&first) = input.get(place) else { return if is_at_end { Some(place) } else { None } };
            let mut length = mode.encoding.character_length(first);
            if first == b'\r' && mode.line_end == LineEnd::Universal {
                match input.get(place + 1) {
                    Some(b'\n') => length = 2,
                    None if !is_at_end => return None,
                    _ => {}
                }
            }
            if place + length > input.len() && !is_at_end {
                return None;
            }
            place = (place + length).min(input.len());
        }
        Some(place)
    }

    /// The bytes of the next line with its end; empty at the end of the file.
    pub(super) fn take_line(&self, vm: &mut Vm, line_end: LineEnd) -> Outcome<Vec<u8>> {
        let mut seen = 0;
        let mut is_at_end = false;
        loop {
            let found = self.with_input(|input| line_end.find(input, seen, is_at_end));
            match found {
                Found::At(end) => return Ok(self.take(end)),
                _ if is_at_end => return Ok(self.take(self.unread())),
                // The last byte is looked at again: it may be half of a line end.
                Found::Absent | Found::Unknown => {
                    seen = self.unread().saturating_sub(1);
                    is_at_end = self.fill(vm)? == 0;
                }
            }
        }
    }

    /// The next line; empty at the end of the file.
    pub(super) fn read_line(&self, vm: &mut Vm, limit: Option<usize>) -> Outcome {
        self.skip_mark(vm)?;
        let mode = self.mode();
        let line = self.take_line(vm, mode.line_end)?;
        let text = mode.decode(vm, &line)?;
        match limit {
            Some(limit) if text.get().as_str().is_some_and(|text| text.len() > limit) => {
                // What goes beyond the limit is put back.
                let kept = self.length_of(&line, limit, true).unwrap_or(line.len());
                self.put_back(&line[kept..]);
                mode.decode(vm, &line[..kept])
            }
            _ => Ok(text),
        }
    }

    /// Writes text; gives the number of characters.
    pub(super) fn write_text(&self, vm: &mut Vm, argument: Ref<'_>) -> Outcome<usize> {
        let Some(text) = argument.as_str() else { return Err(not_text(vm, argument)) };
        let mode = self.mode();
        if mode.encoding == Encoding::Utf8Marked && mode.is_at_start.replace(false) && self.tell(vm)? == 0 {
            self.write(vm, MARK)?;
        }
        let bytes = mode.encode(vm, text)?;
        self.write(vm, &bytes)?;
        Ok(text.len())
    }
}

#[cold]
fn not_text(vm: &mut Vm, argument: Ref<'_>) -> Raised {
    let got = shown_type(vm, argument);
    crate::argument::type_error(vm, format!("write() argument must be str, not {got}"))
}

/// `newlines`: the line ends that were read, if any.
pub(super) fn newlines(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let seen = super::file::this(vm, args)?.text.as_ref().map_or(0, |mode| mode.borrow().seen.get());
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
    let file = super::file::this(vm, args)?;
    match &file.text {
        Some(mode) => {
            let mode = Rc::clone(&mode.borrow());
            crate::argument::new_text(vm, pick(&mode))
        }
        None => Ok(Owned::none()),
    }
}
