//! `sys.stdin`, `sys.stdout`, `sys.stderr`.

use rustix::fs::{Mode, OFlags};
use toy_object::Owned;
use toy_vm::{Args, ClassName, Outcome, Vm};

use super::descriptor::{self, Descriptor};
use super::file::{Access, File, FileParts, READER, Sink, TEXT, WRITER, this};
use super::text::{Encoding, LineEnd, TextMode};
use crate::argument::{attribute_error, new_text};
use crate::class;
use crate::module::{call_method, find, imported, set};

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
fn empty_input(vm: &mut Vm) -> Outcome {
    let opened = rustix::fs::open(c"/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
    let opened = opened.map_err(|error| vm.raise_os_error(&error.into(), None))?;
    let descriptor = descriptor::add(vm, opened)?;
    let name = vm.new_int(i64::from(descriptor.number()))?;
    stream(vm, descriptor, name, "strict", false)
}

/// Leaves standard input to others: `sys.stdin` is closed, and a stream in which there is nothing stands in its place.
pub(crate) fn leave_input(vm: &mut Vm) -> Outcome<()> {
    let Some((sys, input)) = stream_of_sys(vm, "stdin")? else { return Ok(()) };
    let closed = match input.get().own_payload::<File>(vm.heap()) {
        Some(file) => file.close(vm),
        None => call_method(vm, input.get(), "close", &[]).map(drop),
    };
    forgive(vm, closed, &[ClassName::OsError, ClassName::ValueError])?;
    let replaced = empty_input(vm).and_then(|input| set(vm, sys.get(), "stdin", input.get()));
    forgive(vm, replaced, &[ClassName::OsError])
}

/// Writes out what `sys.stdout` and `sys.stderr` hold back, unless they are closed or none that can.
pub(crate) fn flush_streams(vm: &mut Vm) -> Outcome<()> {
    for name in ["stdout", "stderr"] {
        let Some((_, stream)) = stream_of_sys(vm, name)? else { continue };
        let flushed = match stream.get().own_payload::<File>(vm.heap()) {
            Some(file) if file.is_closed() => Ok(()),
            Some(file) => file.flush(vm),
            None => call_method(vm, stream.get(), "flush", &[]).map(drop),
        };
        forgive(vm, flushed, &[ClassName::AttributeError, ClassName::ValueError])?;
    }
    Ok(())
}

/// The module `sys`, and one of its streams; `None` if there is no such stream.
fn stream_of_sys(vm: &mut Vm, name: &str) -> Outcome<Option<(Owned, Owned)>> {
    let Some(sys) = imported(vm, "sys")? else { return Ok(None) };
    let stream = find(vm, sys.get(), name)?.filter(|stream| !stream.get().is_none());
    Ok(stream.map(|stream| (sys, stream)))
}

/// Exceptions of these classes do not matter.
fn forgive(vm: &mut Vm, outcome: Outcome<()>, classes: &[ClassName]) -> Outcome<()> {
    outcome.or_else(|raised| {
        if !classes.iter().any(|class| vm.raised_is(*class)) {
            return Err(raised);
        }
        drop(vm.take_raised());
        Ok(())
    })
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
        cut_off: std::cell::Cell::new(0),
        wrong: std::cell::Cell::new((0, 0)),
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
