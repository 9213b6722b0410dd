//! The files of which a file consists: `buffer` of a text file, `raw` of one with a buffer. One that `open` made is all of them in one
//! until a script asks; then the lower one is made, gets the descriptor and what was read in advance, and is what is beneath.

use rustix::fs::SeekFrom;
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm};

use super::descriptor::Descriptor;
use super::file::{BUFFER, File, FileKind, FileParts, Sink, this};
use super::source::{Source, read_bytes_from};
use crate::argument::{bytes_like, new_text, type_error};
use crate::module::{call_method, find, set};

/// So many bytes a text file of CPython reads at a time: those that belong to what it is reading stay with it.
const PIECE: u64 = 8192;

/// What is beneath a file, None if it was detached; or the source for which nothing was made that could be beneath.
fn known_beneath(vm: &mut Vm, file: &File) -> Outcome<Result<Owned, Source>> {
    let source = file.source.borrow().clone();
    Ok(match source {
        Source::Unborn => {
            file.check_attached(vm)?;
            Ok(Owned::none())
        }
        Source::Detached => Ok(Owned::none()),
        Source::Object(beneath) => Ok(beneath),
        source => Err(source),
    })
}

/// `buffer` of text files: the file of bytes beneath.
pub(super) fn buffer(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    match known_beneath(vm, file)? {
        Ok(beneath) => Ok(beneath),
        Err(_) if file.sink != Sink::Source => super::standard::buffer(vm, file),
        Err(source) => {
            let mode = shown_mode(file).replace('t', "");
            let mode = if mode.contains('b') { mode } else { format!("{mode}b") };
            let lower = lower(vm, file, source, super::open::buffered_kind(file.access.get()), &mode)?;
            let unread = file.unread() as u64;
            // Where the script reads, CPython's text file has the rest of a piece of the file.
            let place = file.seek_source(vm, SeekFrom::Current(0)).unwrap_or_else(|_| {
                drop(vm.take_raised());
                unread
            });
            let kept = (PIECE - place.saturating_sub(unread) % PIECE) % PIECE;
            let rest = if file.text.borrow().as_ref().is_some_and(|mode| mode.foreign.is_some()) {
                Vec::new()
            } else {
                file.split_input(kept.min(unread) as usize)
            };
            file.forget_wrong();
            put_beneath(vm, file, &lower, &rest)?;
            Ok(lower)
        }
    }
}

/// `raw` of files with a buffer: the file without one beneath.
pub(super) fn raw(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    match known_beneath(vm, file)? {
        Ok(beneath) => Ok(beneath),
        Err(source) => {
            let mode = shown_mode(file);
            let lower = lower(vm, file, source, FileKind::Raw, &mode)?;
            put_beneath(vm, file, &lower, &[])?;
            Ok(lower)
        }
    }
}

fn shown_mode(file: &File) -> String {
    file.mode.get_or_none().get().as_str().map_or_else(String::new, |mode| mode.to_string_lossy())
}

/// A file of another kind with the source of this one.
fn lower(vm: &mut Vm, file: &File, source: Source, kind: FileKind, mode: &str) -> Outcome {
    let mode = match mode {
        "wb" | "rb" | "ab" | "xb" => mode,
        mode if mode.contains('x') => "xb+",
        mode if mode.contains('a') => "ab+",
        _ => "rb+",
    };
    let mode = new_text(vm, mode)?;
    let parts = FileParts {
        kind,
        source,
        sink: file.sink,
        access: file.access.get(),
        name: file.name.get(),
        mode: Some(mode),
        closes: file.closes.get(),
        size: file.size.get(),
        is_line_buffered: false,
        text: None,
    };
    super::open::make(vm, parts)
}

fn put_beneath(vm: &mut Vm, file: &File, lower: &Owned, read: &[u8]) -> Outcome<()> {
    if let Some(lower) = lower.get().own_payload::<File>(vm.heap()) {
        lower.add_input(vm, read)?;
    }
    file.size.set(BUFFER);
    drop(file.source.replace(Source::Object(lower.clone())));
    Ok(())
}

/// `detach`: takes away what is beneath, and gives it.
pub(super) fn detach(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.check_attached(vm)?;
    call_method(vm, args.at(0), "flush", &[])?;
    let beneath = if file.is_text() { buffer(vm, args)? } else { raw(vm, args)? };
    if file.sink == Sink::Output {
        vm.set_out_indirect(true);
    }
    drop(file.source.replace(Source::Detached));
    Ok(beneath)
}

/// Everything up to the end of what is beneath, behind what was read in advance.
pub(super) fn take_all_of(vm: &mut Vm, file: &File, beneath: Ref<'_>) -> Outcome<Option<Vec<u8>>> {
    if !file.output.borrow().is_empty() {
        file.flush(vm)?;
    }
    if file.is_text() {
        let bytes = read_bytes_from(vm, beneath, None)?.unwrap_or_default();
        file.take_in(vm, bytes)?;
        file.take_in(vm, Vec::new())?;
        return Ok(Some(file.take(file.unread())));
    }
    let has_all = find(vm, beneath, "readall")?.is_some();
    loop {
        let name = if has_all { "readall" } else { "read" };
        let data = call_method(vm, beneath, name, &[])?;
        if data.get().is_none() {
            let is_empty = file.unread() == 0;
            return Ok(if is_empty { None } else { Some(file.take(file.unread())) });
        }
        let Some(bytes) = bytes_like(vm, data.get())? else {
            return Err(type_error(vm, format!("{name}() should return bytes")));
        };
        file.add_input(vm, &bytes)?;
        if has_all || bytes.is_empty() {
            return Ok(Some(file.take(file.unread())));
        }
    }
}

/// Writes the bytes of a text file with a file of bytes beneath. At most as much as a piece is held back.
pub(super) fn write_text_to(vm: &mut Vm, file: &File, bytes: &[u8]) -> Outcome<()> {
    let piece = PIECE as usize;
    let waiting = file.output.borrow().len();
    if waiting > 0 && waiting + bytes.len() > piece {
        file.flush(vm)?;
    }
    file.collect(vm, bytes)?;
    let is_line_end = file.is_line_buffered.get() && memchr::memchr2(b'\n', b'\r', bytes).is_some();
    if file.output.borrow().len() >= piece || file.writes_through.get() || is_line_end {
        file.flush(vm)?;
    }
    match file.beneath() {
        Some(beneath) if is_line_end => call_method(vm, beneath.get(), "flush", &[]).map(drop),
        _ => Ok(()),
    }
}

/// What `flush` does: writes out what was collected, and has the file of bytes beneath do the same. Places are told again.
pub(super) fn flush(vm: &mut Vm, file: &File) -> Outcome<()> {
    file.is_iterated.set(false);
    file.flush(vm)?;
    match file.beneath() {
        Some(beneath) if file.is_text() => call_method(vm, beneath.get(), "flush", &[]).map(drop),
        _ if file.kind == FileKind::Random && !is_socket(file) => file.forget_input(vm),
        _ => Ok(()),
    }
}

fn is_socket(file: &File) -> bool {
    matches!(&*file.source.borrow(), Source::Descriptor(Descriptor::Socket(..)))
}

/// What `close` does: writes out what was collected, by the object's own `flush`, and closes what is beneath even if that fails.
pub(super) fn close(vm: &mut Vm, receiver: Ref<'_>, file: &File) -> Outcome<()> {
    file.check_attached(vm)?;
    if file.is_closed(vm)? {
        return Ok(());
    }
    let is_exact = receiver.own_payload::<File>(vm.heap()).is_some();
    let Some(beneath) = file.beneath() else {
        if is_exact {
            return file.close_descriptor(vm);
        }
        let flushed = call_method(vm, receiver, "flush", &[]).map(drop);
        return file.end_descriptor(vm, flushed);
    };
    let flushed = call_method(vm, receiver, "flush", &[]).map(drop);
    let earlier = flushed.is_err().then(|| vm.take_raised());
    let closed = call_method(vm, beneath.get(), "close", &[]).map(drop);
    if closed.is_ok() || earlier.is_some() {
        drop(file.output.take());
    }
    both(vm, earlier, closed)
}

/// An exception of before, and one of now: the first is the context of the second.
pub(super) fn both(vm: &mut Vm, earlier: Option<Owned>, now: Outcome<()>) -> Outcome<()> {
    match (earlier, now) {
        (None, now) => now,
        (Some(earlier), Ok(())) => Err(vm.raise_again(earlier)),
        (Some(earlier), Err(_)) => {
            let now = vm.take_raised();
            if !now.get().is(earlier.get()) {
                set(vm, now.get(), "__context__", earlier.get())?;
            }
            Err(vm.raise_again(now))
        }
    }
}
