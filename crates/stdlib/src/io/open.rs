//! `open`.

use std::borrow::Cow;

use rustix::fs::{FileType, Mode, OFlags};
use toy_gil::ReleaseCause;
use toy_object::Ref;
use toy_vm::{Args, Outcome, Vm};

use super::descriptor::{self, Descriptor};
use super::file::{Access, BUFFER, File, FileKind, FileParts, Sink};
use super::foreign::Foreign;
use super::source::Source;
use super::text::{Encoding, LineEnd, TextMode};
use crate::argument::{flag_or, path_or_none, present, text, type_error, value_error};
use crate::class;

/// The letters of a mode.
pub(super) struct ModeLetters {
    /// `r`, `w`, `a` or `x`.
    pub(super) kind: u8,
    updates: bool,
    is_binary: bool,
}

fn parse_mode(vm: &mut Vm, mode: &str) -> Outcome<ModeLetters> {
    let is_known = mode
        .bytes()
        .enumerate()
        .all(|(place, letter)| b"rwaxbt+".contains(&letter) && !mode.as_bytes()[..place].contains(&letter));
    if !is_known {
        return Err(value_error(vm, format!("invalid mode: '{mode}'")));
    }
    let kinds: Vec<u8> = mode.bytes().filter(|letter| b"rwax".contains(letter)).collect();
    let [kind] = kinds[..] else {
        let message = if mode.contains('t') && mode.contains('b') {
            "can't have text and binary mode at once"
        } else if kinds.is_empty() {
            "Must have exactly one of create/read/write/append mode and at most one plus"
        } else {
            "must have exactly one of create/read/write/append mode"
        };
        return Err(value_error(vm, message));
    };
    let is_binary = mode.contains('b');
    if is_binary && mode.contains('t') {
        return Err(value_error(vm, "can't have text and binary mode at once"));
    }
    Ok(ModeLetters { kind, updates: mode.contains('+'), is_binary })
}

/// An argument of a function that makes text files.
pub(super) fn text_or_none<'a>(vm: &mut Vm, function: &str, argument: Ref<'a>, name: &str) -> Outcome<Cow<'a, str>> {
    if argument.as_str().is_none() {
        let got = vm.type_name(argument);
        return Err(type_error(vm, format!("{function}() argument '{name}' must be str or None, not {got}")));
    }
    text(vm, argument, name)
}

/// What the arguments encoding, errors and newline of a function say.
pub(super) fn text_mode(vm: &mut Vm, function: &str, arguments: [Option<Ref<'_>>; 3]) -> Outcome<TextMode> {
    let [encoding, errors, newline] = arguments.map(present);
    let encoding_name = match encoding {
        None => "UTF-8".to_owned(),
        Some(encoding) => text_or_none(vm, function, encoding, "encoding")?.into_owned(),
    };
    let errors = match errors {
        None => "strict".to_owned(),
        Some(errors) => text_or_none(vm, function, errors, "errors")?.into_owned(),
    };
    let line_end = match newline {
        None => LineEnd::Universal,
        Some(newline) => {
            let newline = text_or_none(vm, function, newline, "newline")?;
            match &*newline {
                "" => LineEnd::Untouched,
                "\n" => LineEnd::Newline,
                "\r" => LineEnd::Return,
                "\r\n" => LineEnd::ReturnNewline,
                other => return Err(value_error(vm, format!("illegal newline value: {other}"))),
            }
        }
    };
    let (encoding, foreign) = match Encoding::named(&encoding_name) {
        Some(encoding) => (encoding, None),
        None => (Encoding::Foreign, Some(Foreign::new(vm, &encoding_name)?)),
    };
    let encoding_name = if encoding_name == "locale" { "UTF-8".to_owned() } else { encoding_name };
    Ok(TextMode {
        encoding,
        encoding_name,
        errors,
        line_end,
        is_at_start: std::cell::Cell::new(true),
        seen: std::cell::Cell::new(0),
        cut_off: std::cell::Cell::new(0),
        wrong: std::cell::Cell::new((0, 0)),
        foreign,
    })
}

/// Opens a path without the lock: it may be a pipe that nobody has opened yet.
fn open_path(vm: &mut Vm, argument: Ref<'_>, flags: OFlags) -> Outcome<Option<Descriptor>> {
    let Some(path) = path_or_none(vm, argument)? else { return Ok(None) };
    let opened = loop {
        let mode = Mode::from_raw_mode(0o666);
        match vm.released(ReleaseCause::Io, || rustix::fs::open(&path, flags | OFlags::CLOEXEC, mode)) {
            Err(rustix::io::Errno::INTR) => vm.check_signals()?,
            result => break result,
        }
    };
    let opened = opened.map_err(|error| vm.raise_os_error(&error.into(), Some(argument)))?;
    descriptor::add(vm, opened).map(Some)
}

/// The descriptor that a script's function opens a path with.
fn ask_opener(vm: &mut Vm, path: Ref<'_>, flags: OFlags, opener: Ref<'_>) -> Outcome<Option<Descriptor>> {
    if path_or_none(vm, path)?.is_none() {
        return Ok(None);
    }
    let flags = vm.new_int(i64::from((flags | OFlags::CLOEXEC).bits()))?;
    let answer = vm.call(opener, &[path, flags.get()])?;
    let Some(number) = answer.get().as_int() else {
        return Err(type_error(vm, "expected integer from opener"));
    };
    match number.to_i64().and_then(|number| i32::try_from(number).ok()) {
        Some(number) if number >= 0 => descriptor::find(vm, number).map(Some),
        number => Err(value_error(vm, format!("opener returned {}", number.unwrap_or(-1)))),
    }
}

/// `open(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)`
pub(super) fn open(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mode = match args.get(1) {
        None => "r".to_owned(),
        Some(mode) => text(vm, mode, "open() argument 'mode'")?.into_owned(),
    };
    let buffering = args.get(2).map_or(Ok(-1), |buffering| crate::argument::int32(vm, buffering))?;
    for (place, name) in [(3, "encoding"), (4, "errors"), (5, "newline")] {
        if let Some(argument) = present(args.get(place)) {
            text_or_none(vm, "open", argument, name)?;
        }
    }
    let letters = parse_mode(vm, &mode)?;
    if letters.is_binary {
        for (place, argument) in [(3, "an encoding"), (4, "an errors"), (5, "a newline")] {
            if present(args.get(place)).is_some() {
                return Err(value_error(vm, format!("binary mode doesn't take {argument} argument")));
            }
        }
    } else if buffering == 0 {
        return Err(value_error(vm, "can't have unbuffered text I/O"));
    }
    let closes = flag_or(vm, args.get(6), true)?;
    let (descriptor, size) = open_descriptor(vm, args.at(0), &letters, closes, args.get(7))?;
    let text = match letters.is_binary {
        true => None,
        // What is wrong with the text is only found when the file is open.
        false => match text_mode(vm, "open", [3, 4, 5].map(|place| args.get(place))) {
            Ok(text) => Some(text),
            Err(_) => {
                let exception = vm.take_raised();
                if closes {
                    descriptor::close(vm, descriptor.number())?;
                }
                return Err(vm.raise_again(exception));
            }
        },
    };
    if let Some(foreign) = text.as_ref().and_then(|text| text.foreign.as_ref())
        && letters.kind == b'a'
    {
        let place = descriptor.with(|descriptor| rustix::fs::tell(descriptor));
        foreign.has_begun.set(matches!(place, Ok(1..)));
    }
    let access = letters.access();
    let is_line_buffered = text.is_some() && (buffering == 1 || (buffering < 0 && descriptor.is_terminal()));
    let kind = match (&text, buffering) {
        (Some(_), _) => FileKind::Text,
        (None, 0) => FileKind::Raw,
        (None, _) => buffered_kind(access),
    };
    let shown_mode = match args.get(1) {
        Some(mode) if text.is_some() => mode.to_owned(),
        _ if text.is_some() => vm.intern("r")?,
        _ => vm.intern(letters.shown())?,
    };
    let parts = FileParts {
        kind,
        source: Source::Descriptor(descriptor),
        sink: Sink::Source,
        access,
        name: Some(args.at(0).to_owned()),
        mode: Some(shown_mode),
        closes,
        size: usize::try_from(buffering).ok().filter(|&size| size > 1).unwrap_or(size),
        is_line_buffered,
        text,
    };
    make(vm, parts)
}

/// A file of the class that its kind says.
pub(super) fn make(vm: &mut Vm, parts: FileParts) -> Outcome {
    class::new(vm, parts.kind.key(), File::new(parts))
}

/// The kind of a file with a buffer that may be used so.
pub(super) fn buffered_kind(access: Access) -> FileKind {
    match (access.can_read, access.can_write) {
        (true, true) => FileKind::Random,
        (true, false) => FileKind::Reader,
        (false, _) => FileKind::Writer,
    }
}

/// The descriptor that a path or a number names, and how many bytes are best collected for it.
pub(super) fn open_descriptor(
    vm: &mut Vm,
    name: Ref<'_>,
    letters: &ModeLetters,
    closes: bool,
    opener: Option<Ref<'_>>,
) -> Outcome<(Descriptor, usize)> {
    let descriptor = match name.as_int() {
        Some(number) => {
            let number = number.to_i64().and_then(|number| i32::try_from(number).ok()).unwrap_or(-1);
            if number < 0 {
                return Err(value_error(vm, "negative file descriptor"));
            }
            descriptor::find(vm, number)?
        }
        None => {
            if !closes {
                return Err(value_error(vm, "Cannot use closefd=False with file name"));
            }
            let access = letters.access();
            let way = match (access.can_read, access.can_write) {
                (true, true) => OFlags::RDWR,
                (false, _) => OFlags::WRONLY,
                (true, false) => OFlags::RDONLY,
            };
            let making = match letters.kind {
                b'w' => OFlags::CREATE | OFlags::TRUNC,
                b'a' => OFlags::CREATE | OFlags::APPEND,
                b'x' => OFlags::CREATE | OFlags::EXCL,
                _ => OFlags::empty(),
            };
            let opened = match present(opener) {
                Some(opener) => ask_opener(vm, name, way | making, opener)?,
                None => open_path(vm, name, way | making)?,
            };
            match opened {
                Some(descriptor) => descriptor,
                None => {
                    let got = vm.type_name(name);
                    return Err(type_error(vm, format!("expected str, bytes or os.PathLike object, not {got}")));
                }
            }
        }
    };
    let status = descriptor.with(|descriptor| rustix::fs::fstat(descriptor));
    if status.as_ref().is_ok_and(|status| FileType::from_raw_mode(status.st_mode) == FileType::Directory) {
        if closes && name.as_int().is_none() {
            descriptor::close(vm, descriptor.number())?;
        }
        return Err(vm.raise_os_error(&rustix::io::Errno::ISDIR.into(), Some(name)));
    }
    if letters.kind == b'a' {
        // Where writing will happen, so that `tell` says so; pipes have no places.
        let _moved = descriptor
            .call(vm, |fd| rustix::fs::seek(fd, rustix::fs::SeekFrom::End(0)))
            .map_err(|_| drop(vm.take_raised()));
    }
    let size = status.ok().and_then(|status| usize::try_from(status.st_blksize).ok());
    Ok((descriptor, size.filter(|&size| size > 1).unwrap_or(BUFFER)))
}

impl ModeLetters {
    /// What the file may be used for.
    pub(super) fn access(&self) -> Access {
        Access { can_read: self.kind == b'r' || self.updates, can_write: self.kind != b'r' || self.updates }
    }

    /// The mode of a binary file as CPython shows it.
    pub(super) fn shown(&self) -> &'static str {
        match (self.kind, self.updates) {
            (b'r', false) => "rb",
            (b'a', false) => "ab",
            (b'x', false) => "xb",
            (b'w', false) => "wb",
            (b'x', true) => "xb+",
            (b'a', true) => "ab+",
            _ => "rb+",
        }
    }
}

/// The mode of `FileIO`, which knows no text.
pub(super) fn parse_raw_mode(vm: &mut Vm, mode: &str) -> Outcome<ModeLetters> {
    if !mode.bytes().all(|letter| b"rwaxb+".contains(&letter)) {
        return Err(value_error(vm, format!("invalid mode: {mode}")));
    }
    let kinds: Vec<u8> = mode.bytes().filter(|letter| b"rwax".contains(letter)).collect();
    let count = mode.bytes().filter(|&letter| letter == b'+').count();
    match kinds[..] {
        [kind] if count <= 1 => Ok(ModeLetters { kind, updates: count == 1, is_binary: true }),
        _ => {
            let message = "Must have exactly one of create/read/write/append mode and at most one plus";
            Err(value_error(vm, message))
        }
    }
}
