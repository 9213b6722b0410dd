//! `open`.

use std::borrow::Cow;

use rustix::fs::{Mode, OFlags};
use toy_gil::ReleaseCause;
use toy_object::{Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm};

use super::descriptor::{self, Descriptor};
use super::file::{Access, File, FileParts, RANDOM, RAW, READER, Sink, TEXT, WRITER};
use super::text::{Encoding, LineEnd, TextMode};
use crate::argument::{flag_or, integer_or, path_or_none, present, text, type_error, value_error};
use crate::{class, module};

/// The letters of a mode.
struct ModeLetters {
    /// `r`, `w`, `a` or `x`.
    kind: u8,
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

fn text_or_none<'a>(vm: &mut Vm, argument: Ref<'a>, name: &str) -> Outcome<Cow<'a, str>> {
    if argument.as_str().is_none() {
        let got = vm.type_name(argument);
        return Err(type_error(vm, format!("open() argument '{name}' must be str or None, not {got}")));
    }
    text(vm, argument, name)
}

pub(super) fn text_mode(vm: &mut Vm, arguments: [Option<Ref<'_>>; 3]) -> Outcome<TextMode> {
    let [encoding, errors, newline] = arguments.map(present);
    let encoding_name = match encoding {
        None => "UTF-8".to_owned(),
        Some(encoding) => text_or_none(vm, encoding, "encoding")?.into_owned(),
    };
    let Some(encoding) = Encoding::named(&encoding_name) else {
        return Err(vm.raise(ClassName::LookupError, format!("unknown encoding: {encoding_name}")));
    };
    let encoding_name = if encoding_name == "locale" { "UTF-8".to_owned() } else { encoding_name };
    let errors = match errors {
        None => "strict".to_owned(),
        Some(errors) => text_or_none(vm, errors, "errors")?.into_owned(),
    };
    let line_end = match newline {
        None => LineEnd::Universal,
        Some(newline) => {
            let newline = text_or_none(vm, newline, "newline")?;
            match &*newline {
                "" => LineEnd::Untouched,
                "\n" => LineEnd::Newline,
                "\r" => LineEnd::Return,
                "\r\n" => LineEnd::ReturnNewline,
                other => {
                    let shown = other.escape_debug();
                    return Err(value_error(vm, format!("illegal newline value: {shown}")));
                }
            }
        }
    };
    Ok(TextMode {
        encoding,
        encoding_name,
        errors,
        line_end,
        is_at_start: std::cell::Cell::new(true),
        seen: std::cell::Cell::new(0),
        cut_off: std::cell::Cell::new(0),
        wrong: std::cell::Cell::new((0, 0)),
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
    let kind = rustix::fs::fstat(&opened).map(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode));
    if matches!(kind, Ok(rustix::fs::FileType::Directory)) {
        return Err(vm.raise_os_error(&rustix::io::Errno::ISDIR.into(), Some(argument)));
    }
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
    let name = args.at(0);
    let mode = match args.get(1) {
        None => "r".to_owned(),
        Some(mode) => text(vm, mode, "open() argument 'mode'")?.into_owned(),
    };
    let letters = parse_mode(vm, &mode)?;
    let buffering = integer_or(vm, args.get(2), -1)?;
    if letters.is_binary {
        for (place, argument) in [(3, "an encoding"), (4, "an errors"), (5, "a newline")] {
            if present(args.get(place)).is_some() {
                return Err(value_error(vm, format!("binary mode doesn't take {argument} argument")));
            }
        }
    } else if buffering == 0 {
        return Err(value_error(vm, "can't have unbuffered text I/O"));
    }
    if let Some(encoding) = present(args.get(3)).filter(|_| !letters.is_binary)
        && Encoding::named(&text_or_none(vm, encoding, "encoding")?).is_none()
    {
        return open_in_toy(vm, args);
    }
    let text = if letters.is_binary { None } else { Some(text_mode(vm, [3, 4, 5].map(|place| args.get(place)))?) };
    let closes = flag_or(vm, args.get(6), true)?;

    let access = Access {
        can_read: letters.kind == b'r' || letters.updates,
        can_write: letters.kind != b'r' || letters.updates,
    };
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
            let opened = match present(args.get(7)) {
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
    if letters.kind == b'a' {
        // Where writing will happen, so that `tell` says so; pipes have no places.
        let _moved = descriptor
            .call(vm, |fd| rustix::fs::seek(fd, rustix::fs::SeekFrom::End(0)))
            .map_err(|_| drop(vm.take_raised()));
    }
    let is_line_buffered = text.is_some() && (buffering == 1 || (buffering < 0 && descriptor.is_terminal()));
    let key = match (&text, buffering, access.can_read, access.can_write) {
        (Some(_), ..) => TEXT,
        (None, 0, ..) => RAW,
        (None, _, true, true) => RANDOM,
        (None, _, true, false) => READER,
        (None, ..) => WRITER,
    };
    let shown_mode = if text.is_some() { mode } else { binary_mode(&letters) };
    let parts = FileParts {
        descriptor,
        sink: Sink::Descriptor,
        access,
        name: name.to_owned(),
        mode: shown_mode,
        closes,
        is_buffered: buffering != 0,
        is_line_buffered,
        text,
    };
    class::new(vm, key, File::new(parts))
}

/// A text file in an encoding that only codecs know: `io` lays it around a binary file.
fn open_in_toy(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let [name, mode, buffering, encoding, errors, newline, closefd, opener] =
        std::array::from_fn(|place| args.get(place).map(Ref::to_owned));
    let mode = mode.map_or_else(|| vm.new_str("r"), Ok)?;
    let buffering = buffering.map_or_else(|| vm.new_int(-1), Ok)?;
    let closefd = closefd.unwrap_or_else(|| Owned::bool(true));
    let [name, encoding, errors, newline, opener] =
        [name, encoding, errors, newline, opener].map(|argument| argument.unwrap_or_else(Owned::none));
    let arguments = [&name, &mode, &buffering, &encoding, &errors, &newline, &closefd, &opener].map(Owned::get);
    let module = vm.import_module("io")?;
    module::call_method(vm, module.get(), "_open_encoded", &arguments)
}

/// The mode of a binary file as CPython shows it.
fn binary_mode(letters: &ModeLetters) -> String {
    match (letters.kind, letters.updates) {
        (b'r', false) => "rb",
        (b'a', false) => "ab",
        (b'x', false) => "xb",
        (b'w', false) => "wb",
        (b'x', true) => "xb+",
        (b'a', true) => "ab+",
        _ => "rb+",
    }
    .to_owned()
}

/// A file object's class by its key, for type tests in scripts.
pub(super) const KEYS: [&str; 5] = [TEXT, READER, WRITER, RANDOM, RAW];

/// What is said of such a class.
pub(super) fn documentation(key: &str) -> &'static str {
    match key {
        TEXT => "A file of text.",
        READER => "A file of bytes to be read, with a buffer.",
        WRITER => "A file of bytes to be written, with a buffer.",
        RANDOM => "A file of bytes to be read and written, with a buffer.",
        _ => "A file of bytes without a buffer.",
    }
}
