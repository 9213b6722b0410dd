//! `sys.stdin`, `sys.stdout`, `sys.stderr`.

use rustix::fs::{Mode, OFlags};
use toy_object::Owned;
use toy_vm::{ClassName, Outcome, Vm};

use super::descriptor::{self, Descriptor};
use super::file::{Access, BUFFER, File, FileKind, FileParts, Sink};
use super::source::Source;
use super::text::{Encoding, LineEnd, TextMode};
use crate::argument::new_text;
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
        Some(file) if file.beneath().is_none() => file.close_descriptor(vm),
        _ => call_method(vm, input.get(), "close", &[]).map(drop),
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
            Some(file) if file.was_closed() => Ok(()),
            Some(file) if file.beneath().is_none() => file.flush(vm),
            _ => call_method(vm, stream.get(), "flush", &[]).map(drop),
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
        foreign: None,
    };
    let mode = new_text(vm, mode)?;
    let parts = FileParts {
        kind: FileKind::Text,
        source: Source::Descriptor(descriptor),
        sink,
        access,
        name: Some(name),
        mode: Some(mode),
        closes: false,
        size: BUFFER,
        is_line_buffered,
        text: Some(text),
    };
    never_closed(vm, parts)
}

/// A file that holds nothing back and leaves its descriptor open: closing it does nothing, so nobody need do it at its end.
fn never_closed(vm: &mut Vm, parts: FileParts) -> Outcome {
    let file = super::open::make(vm, parts)?;
    vm.mark_finalised(file.get());
    Ok(file)
}

fn purpose(descriptor: &Descriptor) -> (Sink, Access, &'static str) {
    match descriptor {
        Descriptor::StandardOutput => (Sink::Output, WRITING, "w"),
        Descriptor::StandardError => (Sink::Error, WRITING, "w"),
        Descriptor::StandardInput | Descriptor::Socket(..) | Descriptor::Open(_) => (Sink::Source, READING, "r"),
    }
}

/// `sys.stdout.buffer` and `sys.stderr.buffer`: a binary file with the same destination.
pub(super) fn buffer(vm: &mut Vm, file: &File) -> Outcome {
    if let Some(companion) = file.companion.get() {
        return Ok(companion);
    }
    let mode = new_text(vm, "wb")?;
    let parts = FileParts {
        kind: FileKind::Writer,
        source: file.source.borrow().clone(),
        sink: file.sink,
        access: WRITING,
        name: file.name.get(),
        mode: Some(mode),
        closes: false,
        size: BUFFER,
        is_line_buffered: false,
        text: None,
    };
    let companion = never_closed(vm, parts)?;
    drop(file.companion.set(companion.clone()));
    Ok(companion)
}
