//! `sys.stdin`, `sys.stdout`, `sys.stderr`.

use rustix::fs::{Mode, OFlags};
use toy_object::Owned;
use toy_vm::{Args, Outcome, Vm};

use super::descriptor::{self, Descriptor};
use super::file::{Access, File, FileParts, READER, Sink, TEXT, WRITER, this};
use super::text::{Encoding, LineEnd, TextMode};
use crate::argument::{attribute_error, new_text};
use crate::class;

const READING: Access = Access { can_read: true, can_write: false };
const WRITING: Access = Access { can_read: false, can_write: true };

/// The three streams with their names in `sys`.
pub(crate) fn streams(vm: &mut Vm) -> Outcome<[(&'static str, Owned); 3]> {
    let input = named_stream(vm, Descriptor::StandardInput, "<stdin>", "strict")?;
    let output = named_stream(vm, Descriptor::StandardOutput, "<stdout>", "strict")?;
    let error = named_stream(vm, Descriptor::StandardError, "<stderr>", "backslashreplace")?;
    Ok([("stdin", input), ("stdout", output), ("stderr", error)])
}

/// A standard input in which there is nothing.
pub(crate) fn empty_input(vm: &mut Vm) -> Outcome {
    let opened = rustix::fs::open(c"/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
    let opened = opened.map_err(|error| vm.raise_os_error(&error.into(), None))?;
    let descriptor = descriptor::add(vm, opened)?;
    let name = vm.new_int(i64::from(descriptor.number()))?;
    stream(vm, descriptor, name, "strict", false)
}

fn named_stream(vm: &mut Vm, descriptor: Descriptor, name: &str, errors: &str) -> Outcome {
    let name = new_text(vm, name)?;
    let is_line_buffered = matches!(descriptor, Descriptor::StandardError) || descriptor.is_terminal();
    stream(vm, descriptor, name, errors, is_line_buffered)
}

fn stream(vm: &mut Vm, descriptor: Descriptor, name: Owned, errors: &str, is_line_buffered: bool) -> Outcome {
    let (sink, access, mode) = purpose(&descriptor);
    let text = TextMode {
        seen: std::cell::Cell::new(0),
        encoding: Encoding::Utf8,
        encoding_name: "utf-8".to_owned(),
        errors: errors.to_owned(),
        line_end: LineEnd::Universal,
        is_at_start: std::cell::Cell::new(true),
    };
    let parts = FileParts {
        descriptor,
        sink,
        access,
        name,
        mode: mode.to_owned(),
        closes: false,
        is_buffered: true,
        is_line_buffered,
        text: Some(text),
    };
    never_closed(vm, TEXT, parts)
}

/// A file that holds nothing back and leaves its descriptor open: closing it does nothing, so nobody need do it at its end.
fn never_closed(vm: &mut Vm, key: &'static str, parts: FileParts) -> Outcome {
    let file = class::new(vm, key, File::new(parts))?;
    vm.mark_finalised(file.get());
    Ok(file)
}

fn purpose(descriptor: &Descriptor) -> (Sink, Access, &'static str) {
    match descriptor {
        Descriptor::StandardOutput => (Sink::Output, WRITING, "w"),
        Descriptor::StandardError => (Sink::Error, WRITING, "w"),
        Descriptor::StandardInput | Descriptor::Socket(..) | Descriptor::Open(_) => (Sink::Descriptor, READING, "r"),
    }
}

/// `sys.stdout.buffer` and its like: a binary file with the same destination.
pub(super) fn buffer(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    let descriptor = file.open_descriptor(vm)?;
    if matches!(descriptor, Descriptor::Socket(..) | Descriptor::Open(_)) {
        return Err(attribute_error(vm, "'_io.TextIOWrapper' object has no attribute 'buffer'"));
    }
    let (sink, access, _) = purpose(&descriptor);
    let name = file.name.get_or_none();
    let (key, mode) = if access.can_read { (READER, "rb") } else { (WRITER, "wb") };
    let parts = FileParts {
        descriptor,
        sink,
        access,
        name,
        mode: mode.to_owned(),
        closes: false,
        is_buffered: true,
        is_line_buffered: false,
        text: None,
    };
    never_closed(vm, key, parts)
}
