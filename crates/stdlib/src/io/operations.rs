//! What the methods of files do that is more than a line.

use rustix::fs::SeekFrom;
use toy_object::{Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm};

use super::file::{File, FileKind, file_of, this, unsupported};
use super::source::Source;
use super::text::LineEnd;
use super::{generic, layers};
use crate::argument::{integer, integer_or, new_text, present, value_error};
use crate::module::{call_method, find};

/// An optional number of characters or bytes; `None`: all there are.
pub(super) fn size(vm: &mut Vm, args: Args<'_>) -> Outcome<Option<usize>> {
    match present(args.get(1)) {
        None => Ok(None),
        Some(size) if !vm.is_index(size) => {
            let got = vm.type_name(size);
            Err(crate::argument::type_error(vm, format!("argument should be integer or None, not '{got}'")))
        }
        Some(size) => Ok(usize::try_from(index_sized(vm, size)?).ok()),
    }
}

/// An integer that may be the length of something.
pub(super) fn index_sized(vm: &mut Vm, size: Ref<'_>) -> Outcome<i64> {
    if size.as_int().is_some_and(|size| size.to_i64().is_none()) {
        let got = vm.type_name(size);
        let message = format!("cannot fit '{got}' into an index-sized integer");
        return Err(crate::argument::overflow_error(vm, message));
    }
    integer(vm, size)
}

/// The same of `read`, where files with a buffer know no other negative number than -1.
pub(super) fn binary_size(vm: &mut Vm, file: &File, args: Args<'_>) -> Outcome<Option<usize>> {
    let count = size(vm, args)?;
    if count.is_none()
        && file.is_buffered()
        && let Some(size) = present(args.get(1))
        && integer(vm, size)? < -1
    {
        return Err(value_error(vm, "read length must be non-negative or -1"));
    }
    Ok(count)
}

/// Whether the file is native and of a class that no script has changed: nobody can tell how it gets its lines.
pub(super) fn reads_itself(vm: &Vm, args: Args<'_>) -> bool {
    args.at(0).own_payload::<File>(vm.heap()).is_some()
}

/// So many bytes, or everything. `None`: there is nothing now, and the file does not wait.
pub(super) fn read_bytes(vm: &mut Vm, file: &File, count: Option<usize>) -> Outcome<Option<Vec<u8>>> {
    match count {
        None => file.take_all(vm),
        Some(count) if file.kind == FileKind::Raw => file.read_source(vm, count),
        Some(count) => read_exactly(vm, file, count, true),
    }
}

/// So many bytes, if there are. What is more than the buffer holds is read past it: only whole buffers of it, if `by_buffers`.
fn read_exactly(vm: &mut Vm, file: &File, count: usize, by_buffers: bool) -> Outcome<Option<Vec<u8>>> {
    // So much of the buffer has been filled since the call began.
    let mut used = 0;
    while file.unread() < count {
        let (wanted, size) = (count - file.unread(), file.size.get());
        let is_descriptor = matches!(&*file.source.borrow(), Source::Descriptor(_));
        let filled = if is_descriptor {
            file.fill(vm)?
        } else if by_buffers && wanted >= size {
            file.fill_with(vm, wanted - wanted % size)?
        } else if wanted > size {
            file.fill_with(vm, wanted)?
        } else {
            let filled = file.fill_with(vm, if used < size { size - used } else { size })?;
            used += filled.unwrap_or(0);
            filled
        };
        match filled {
            None if file.unread() == 0 => return Ok(None),
            None | Some(0) => break,
            Some(_) => {}
        }
    }
    Ok(Some(file.take(count.min(file.unread()))))
}

pub(super) fn read_binary_line(vm: &mut Vm, file: &File, limit: Option<usize>) -> Outcome<Vec<u8>> {
    if file.kind == FileKind::Raw {
        return read_raw_line(vm, file, limit);
    }
    let mut line = file.take_line(vm, LineEnd::Newline)?;
    if let Some(limit) = limit.filter(|&limit| limit < line.len()) {
        file.put_back(&line[limit..]);
        line.truncate(limit);
    }
    Ok(line)
}

/// A line of a file without a buffer, byte by byte: nothing behind it may be taken from the descriptor, which others use, too.
fn read_raw_line(vm: &mut Vm, file: &File, limit: Option<usize>) -> Outcome<Vec<u8>> {
    let mut line = Vec::new();
    while limit.is_none_or(|limit| line.len() < limit) && line.last() != Some(&b'\n') {
        let Some(byte) = file.read_source(vm, 1)? else { return Err(generic::not_bytes(vm, Ref::NONE, "read")) };
        if byte.is_empty() {
            break;
        }
        if line.len() == line.capacity() && !vm.has_room_for(line.len()) {
            return Err(toy_object::OutOfMemory.into());
        }
        line.extend_from_slice(&byte);
    }
    Ok(line)
}

pub(super) fn read_into(vm: &mut Vm, file: &File, args: Args<'_>, method: &str) -> Outcome {
    let Some(target) = args.at(1).as_byte_array() else {
        return Err(generic::not_writable(vm, args.at(1), method));
    };
    if file.is_buffered() && !file.access.get().can_read {
        return generic::refuse(vm, if method == "readinto" { "read" } else { "read1" });
    }
    file.check_attached(vm)?;
    file.check_open_for(vm, "readinto of")?;
    file.check_readable(vm)?;
    let size = target.len();
    let bytes = if method == "readinto1" {
        if file.unread() == 0 && size > 0 {
            match file.beneath() {
                Some(_) if size > file.size.get() => file.fill_with(vm, size)?,
                _ => file.fill(vm)?,
            };
        }
        Some(file.take(size.min(file.unread())))
    } else if file.kind == FileKind::Raw {
        read_bytes(vm, file, Some(size))?
    } else {
        read_exactly(vm, file, size, false)?
    };
    let Some(bytes) = bytes else { return Ok(Owned::none()) };
    for (index, byte) in bytes.iter().enumerate() {
        target.set(index, *byte);
    }
    Ok(vm.new_int_from_usize(bytes.len())?)
}

pub(super) fn write_bytes(vm: &mut Vm, file: &File, bytes: &[u8]) -> Outcome<Option<usize>> {
    if file.is_buffered() { file.write_buffered(vm, bytes).map(Some) } else { file.write_source(vm, bytes) }
}

/// A line of either kind of file; empty at the end.
fn any_line(vm: &mut Vm, file: &File) -> Outcome<Option<Owned>> {
    if file.is_text() {
        let line = file.read_line(vm, None)?;
        let is_empty = line.get().as_str().is_none_or(|line| line.is_empty());
        return Ok(if is_empty { None } else { Some(line) });
    }
    let line = read_binary_line(vm, file, None)?;
    Ok(if line.is_empty() { None } else { Some(vm.new_bytes(&line)?) })
}

pub(super) fn next_line(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    if file.is_buffered() && file.access.get().can_read {
        file.check_open_for(vm, "readline of")?;
    }
    file.check_readable(vm)?;
    file.is_iterated.set(true);
    let line = any_line(vm, file)?;
    file.is_iterated.set(line.is_some());
    match line {
        Some(line) => Ok(line),
        None => Err(vm.raise_stop_iteration(Ref::NONE)),
    }
}

/// The next line of a file whose class is a script's: what its `readline` says.
#[cold]
pub(super) fn next_of_script(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(file) = file_of(vm, args).filter(|file| file.is_text()) else {
        return generic::next_line(vm, args.at(0));
    };
    file.check_open(vm)?;
    file.is_iterated.set(true);
    let line = call_method(vm, args.at(0), "readline", &[])?;
    match line.get().as_str() {
        Some(text) if text.is_empty() => {
            file.is_iterated.set(false);
            Err(vm.raise_stop_iteration(Ref::NONE))
        }
        Some(_) => Ok(line),
        None => {
            let got = vm.type_name(line.get());
            let message = format!("readline() should have returned a str object, not '{got}'");
            Err(vm.raise(ClassName::OsError, message))
        }
    }
}

pub(super) fn read_lines(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (file, hint) = (this(vm, args)?, size(vm, args)?);
    file.check_open(vm)?;
    file.check_readable(vm)?;
    let hint = hint.filter(|&hint| hint > 0).unwrap_or(usize::MAX);
    let mut lines = Vec::new();
    let mut total = 0;
    // The line that goes beyond the hint is the last.
    file.is_iterated.set(true);
    while total <= hint {
        let Some(line) = any_line(vm, file)? else {
            file.is_iterated.set(false);
            break;
        };
        total += vm.len(line.get())?;
        vm.heap().push_within_room(&mut lines, line)?;
    }
    Ok(vm.new_list(lines)?)
}

pub(super) fn write_lines(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.check_open(vm)?;
    vm.for_each(args.at(1), |vm, line| {
        if file.is_text() {
            if line.get().as_str().is_none() {
                return Err(super::characters::not_text(vm, line.get()));
            }
            file.check_writable(vm)?;
            file.write_text(vm, line.get())?;
        } else {
            let bytes = generic::written(vm, line.get())?;
            file.check_writable(vm)?;
            write_bytes(vm, file, &bytes)?;
        }
        Ok(std::ops::ControlFlow::Continue(()))
    })?;
    Ok(Owned::none())
}

pub(super) fn target(vm: &mut Vm, file: &File, offset: i64, whence: Option<Ref<'_>>) -> Outcome<SeekFrom> {
    let whence = integer_or(vm, whence, 0)?;
    Ok(match whence {
        0 => match u64::try_from(offset) {
            Ok(offset) => SeekFrom::Start(offset),
            Err(_) if file.is_text() => return Err(value_error(vm, format!("negative seek position {offset}"))),
            Err(_) => return Err(vm.raise_os_error(&rustix::io::Errno::INVAL.into(), None)),
        },
        1 => SeekFrom::Current(offset),
        2 => SeekFrom::End(offset),
        3 if !file.is_text() => SeekFrom::Data(offset as u64),
        4 if !file.is_text() => SeekFrom::Hole(offset as u64),
        _ if !file.is_text() => return Err(vm.raise_os_error(&rustix::io::Errno::INVAL.into(), None)),
        _ => return Err(value_error(vm, format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
    })
}

/// `UnsupportedOperation` unless the file has places to move to.
pub(super) fn check_seekable(vm: &mut Vm, file: &File) -> Outcome<()> {
    if file.is_seekable(vm)? {
        return Ok(());
    }
    let message = if file.is_text() { "underlying stream is not seekable" } else { "File or stream is not seekable." };
    Err(unsupported(vm, message))
}

pub(super) fn seek_text(vm: &mut Vm, file: &File, args: Args<'_>) -> Outcome {
    file.check_open(vm)?;
    let whence = integer_or(vm, args.get(2), 0)?;
    if whence == 0 && !vm.is_index(args.at(1)) {
        let got = vm.type_name(args.at(1));
        let message = format!("'<' not supported between instances of '{got}' and 'int'");
        return Err(crate::argument::type_error(vm, message));
    }
    let offset = integer(vm, args.at(1))?;
    check_seekable(vm, file)?;
    if offset != 0 && whence == 1 {
        return Err(unsupported(vm, "can't do nonzero cur-relative seeks"));
    }
    if offset != 0 && whence == 2 {
        return Err(unsupported(vm, "can't do nonzero end-relative seeks"));
    }
    let target = target(vm, file, offset, args.get(2))?;
    layers::flush(vm, file)?;
    let place = file.seek(vm, target)?;
    file.is_iterated.set(false);
    let mode = file.mode();
    mode.is_at_start.set(place == 0);
    if place == 0 || whence == 2 {
        mode.seen.set(0);
    }
    if let Some(foreign) = &mode.foreign {
        foreign.has_begun.set(place > 0);
        if place == 0 {
            foreign.begin();
        }
    }
    Ok(vm.new_int(place as i64)?)
}

pub(super) fn truncate(vm: &mut Vm, file: &File, args: Args<'_>) -> Outcome {
    file.check_attached(vm)?;
    if file.is_buffered() {
        file.check_open_for(vm, "truncate of")?;
    } else if file.kind == FileKind::Raw {
        file.check_open_to_ask(vm)?;
    }
    if file.is_text() {
        file.check_open(vm)?;
    }
    if file.is_text() || file.kind == FileKind::Random {
        // What was read in advance may be cut off.
        layers::flush(vm, file)?;
    }
    if !file.access.get().can_write && (file.kind != FileKind::Raw) {
        return generic::refuse(vm, "truncate");
    }
    file.check_writable(vm)?;
    if let Some(beneath) = file.beneath() {
        layers::flush(vm, file)?;
        let size = match present(args.get(1)) {
            Some(size) => size.to_owned(),
            None => {
                let place = if file.is_text() { file.tell_source(vm)? } else { file.tell(vm)? };
                vm.new_int(place as i64)?
            }
        };
        return call_method(vm, beneath.get(), "truncate", &[size.get()]);
    }
    let length = match present(args.get(1)) {
        // Behind the piece that was read last.
        None if file.is_text() => file.tell_source(vm)?,
        None => file.tell(vm)?,
        Some(length) => {
            let length = integer(vm, length)?;
            match u64::try_from(length) {
                Ok(length) => length,
                Err(_) => return Err(vm.raise_os_error(&rustix::io::Errno::INVAL.into(), None)),
            }
        }
    };
    file.truncate_descriptor(vm, length)?;
    Ok(vm.new_int(length as i64)?)
}

/// An attribute as `repr` shows it behind ` name=`; nothing if there is none.
fn shown_attribute(vm: &mut Vm, object: Ref<'_>, name: &str) -> Outcome<String> {
    match find(vm, object, name) {
        Ok(Some(value)) => Ok(format!(" {name}={}", vm.repr_text(value.get())?)),
        Ok(None) => Ok(String::new()),
        Err(_) if vm.raised_is(ClassName::ValueError) => {
            drop(vm.take_raised());
            Ok(String::new())
        }
        Err(raised) => Err(raised),
    }
}

pub(super) fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    let (object, class) = (args.at(0), vm.type_name(args.at(0)));
    let text = match file.kind {
        FileKind::Text => {
            let name = shown_attribute(vm, object, "name")?;
            let mode = shown_attribute(vm, object, "mode")?;
            let encoding = file.mode_of_text(vm)?.encoding_name.clone();
            format!("<{class}{name}{mode} encoding='{encoding}'>")
        }
        FileKind::Raw if file.is_closed(vm)? => format!("<{class} [closed]>"),
        FileKind::Raw => {
            let mut name = shown_attribute(vm, object, "name")?;
            if name.is_empty()
                && let Source::Descriptor(descriptor) = file.open_source(vm)?
            {
                name = format!(" fd={}", descriptor.number());
            }
            let mode = shown_attribute(vm, object, "mode")?;
            let closes = if file.closes.get() { "True" } else { "False" };
            format!("<{class}{name}{mode} closefd={closes}>")
        }
        _ => {
            let name = shown_attribute(vm, object, "name")?;
            format!("<{class}{name}>")
        }
    };
    new_text(vm, text)
}
