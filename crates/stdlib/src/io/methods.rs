//! The methods of native files.

use rustix::fs::SeekFrom;
use toy_object::Owned;
use toy_vm::{Args, Held, NativeFn, Outcome, Vm, natives};

use super::file::{BUFFER, File, FileKind, this, unsupported};
use super::operations::{self, next_line, read_binary_line, read_bytes, repr, seek_text, size, target, write_bytes};
use super::source::Source;
use super::{generic, layers};
use crate::argument::{attribute_error, integer, integer_or, type_error};
use crate::module::call_method;

natives! {
    /// What only text files have.
    pub(super) TEXT:
    method releasing "read" ("size=-1, /") "Read at most so many characters, or everything." => |vm, args| {
        let (file, size) = (this(vm, args)?, size(vm, args)?);
        file.check_readable(vm)?;
        match size {
            None => file.read_text(vm),
            Some(count) => file.read_characters(vm, count),
        }
    };
    method releasing "readline" ("size=-1, /") "Read a line; empty at the end." => |vm, args| {
        let file = this(vm, args)?;
        read_line(vm, file, args)
    };
    method releasing "__next__" ("") "The next line." => |vm, args|
        if operations::reads_itself(vm, args) { next_line(vm, args) } else { operations::next_of_script(vm, args) };
    method releasing "write" ("s, /") "Write text; returns the number of characters." => |vm, args| {
        let file = this(vm, args)?;
        if args.at(1).as_str().is_none() {
            return Err(super::characters::not_text(vm, args.at(1)));
        }
        file.check_writable(vm)?;
        let count = file.write_text(vm, args.at(1))?;
        Ok(vm.new_int_from_usize(count)?)
    };
    getter "line_buffering" ("") "Whether each line is written out at once." =>
        |vm, args| Ok(Owned::bool(this(vm, args)?.is_line_buffered.get()));
    getter "write_through" ("") "Whether everything is written out at once." =>
        |vm, args| Ok(Owned::bool(this(vm, args)?.writes_through.get()));
    member "encoding" ("") "The name of the encoding." => |vm, args| super::text::shown(vm, args, |mode| &mode.encoding_name);
    member "buffer" ("") "The file of bytes beneath." => layers::buffer;
    getter "_CHUNK_SIZE" ("") "How much is read at a time." => |vm, _| Ok(vm.new_int(BUFFER as i64)?);
    method releasing "reconfigure" ("*, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None")
        "Change how the file is read and written." => super::reconfigure::reconfigure;
    getter "name" ("") "What the file of bytes is called." => name_beneath;
    getter "mode" ("") "How the file was opened." => MODE;
    setter "mode" ("value") "How the file was opened." => SET_MODE;
    method "__reduce__" ("") "Refuses: a file belongs to its process." => refuse_pickling;
    method "__reduce_ex__" ("protocol, /") "Refuses: a file belongs to its process." => refuse_pickling;
    method "__repr__" ("") "The text that repr shows." => repr;
}

natives! {
    /// What only files of bytes with a buffer have.
    pub(super) BUFFERED:
    member "raw" ("") "The file without a buffer beneath." => layers::raw;
    getter "name" ("") "What the file without a buffer is called." => name_beneath;
    getter "mode" ("") "How the file without a buffer was opened." => |vm, args| {
        let file = this(vm, args)?;
        match file.beneath() {
            Some(beneath) => get(vm, &beneath, "mode"),
            None => held(vm, args, &file.mode, "mode"),
        }
    };
    method "__reduce__" ("") "Refuses: a file belongs to its process." => refuse_pickling;
    method "__reduce_ex__" ("protocol, /") "Refuses: a file belongs to its process." => refuse_pickling;
    method "__repr__" ("") "The text that repr shows." => repr;
}

natives! {
    /// What files of bytes have that are read through a buffer.
    pub(super) PEEKING:
    method releasing "peek" ("size=0, /") "Bytes that come next, without taking them." => |vm, args| {
        let file = this(vm, args)?;
        integer_or(vm, args.get(1), 0)?;
        file.check_attached(vm)?;
        file.check_open_for(vm, "peek of")?;
        if file.unread() == 0 {
            file.fill(vm)?;
        }
        let bytes = file.with_input(<[u8]>::to_vec);
        Ok(vm.new_bytes(&bytes)?)
    };
}

natives! {
    /// What only files without a buffer have.
    pub(super) RAW:
    method releasing "readinto" ("buffer, /") "Read into a bytearray; returns the number of bytes." => |vm, args| {
        let file = this(vm, args)?;
        operations::read_into(vm, file, args, "readinto")
    };
    method releasing "write" ("b, /") "Write bytes; returns their number." => |vm, args| {
        let file = this(vm, args)?;
        write_binary(vm, file, args)
    };
    getter "name" ("") "The file's path, or its number." => |vm, args| {
        let file = this(vm, args)?;
        held(vm, args, &file.name, "name")
    };
    setter "name" ("value") "The file's path, or its number." => |vm, args| {
        let file = this(vm, args)?;
        keep(vm, args, &file.name, "name")
    };
    getter "mode" ("") "How the file was opened." => MODE;
    getter "closefd" ("") "Whether closing the file closes the descriptor." => |vm, args|
        Ok(Owned::bool(this(vm, args)?.closes.get()));
    method "__reduce__" ("") "Refuses: a file belongs to its process." => refuse_pickling;
    method "__reduce_ex__" ("protocol, /") "Refuses: a file belongs to its process." => refuse_pickling;
    method "__repr__" ("") "The text that repr shows." => repr;
}

const MODE: NativeFn = |vm, args| {
    let file = this(vm, args)?;
    held(vm, args, &file.mode, "mode")
};

const SET_MODE: NativeFn = |vm, args| {
    let file = this(vm, args)?;
    keep(vm, args, &file.mode, "mode")
};

fn held(vm: &mut Vm, args: Args<'_>, held: &Held, name: &str) -> Outcome {
    held.get().ok_or_else(|| no_attribute(vm, args, name))
}

/// Assigns; no value: deletes.
fn keep(vm: &mut Vm, args: Args<'_>, held: &Held, name: &str) -> Outcome {
    match args.get(1) {
        Some(value) => drop(held.set(value.to_owned())),
        None if held.get().is_none() => return Err(no_attribute(vm, args, name)),
        None => held.clear(),
    }
    Ok(Owned::none())
}

#[cold]
fn no_attribute(vm: &mut Vm, args: Args<'_>, name: &str) -> toy_vm::Raised {
    let class = vm.type_name(args.at(0));
    attribute_error(vm, format!("'{class}' object has no attribute '{name}'"))
}

fn get(vm: &mut Vm, object: &Owned, name: &str) -> Outcome {
    let name = vm.intern(name)?;
    vm.get_attribute(object.get(), name.get())
}

fn name_beneath(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.check_attached(vm)?;
    match file.beneath() {
        Some(beneath) => get(vm, &beneath, "name"),
        None => held(vm, args, &file.name, "name"),
    }
}

fn refuse_pickling(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = vm.type_name(args.at(0));
    let class = class.rsplit('.').next().unwrap_or_default();
    Err(type_error(vm, format!("cannot pickle '{class}' instances")))
}

/// What a method of the file beneath answers, if there is such a file.
fn ask_beneath(vm: &mut Vm, file: &File, method: &str) -> Outcome<Option<Owned>> {
    file.check_attached(vm)?;
    match file.beneath() {
        Some(beneath) => call_method(vm, beneath.get(), method, &[]).map(Some),
        None => Ok(None),
    }
}

pub(super) fn flush(vm: &mut Vm, file: &File) -> Outcome<()> {
    file.check_attached(vm)?;
    match file.kind {
        FileKind::Text => file.check_open(vm)?,
        FileKind::Raw => return file.check_open(vm),
        FileKind::Reader => file.check_open(vm)?,
        _ => file.check_open_for(vm, "flush of")?,
    }
    layers::flush(vm, file)
}

pub(super) fn number(vm: &mut Vm, file: &File) -> Outcome {
    if let Some(answer) = ask_beneath(vm, file, "fileno")? {
        return Ok(answer);
    }
    file.check_open_to_ask(vm)?;
    match file.open_source(vm)? {
        Source::Descriptor(descriptor) => Ok(vm.new_int(i64::from(descriptor.number()))?),
        _ => Err(unsupported(vm, "fileno")),
    }
}

pub(super) fn is_terminal(vm: &mut Vm, file: &File) -> Outcome {
    if let Some(answer) = ask_beneath(vm, file, "isatty")? {
        return Ok(answer);
    }
    file.check_open_to_ask(vm)?;
    match file.open_source(vm)? {
        Source::Descriptor(descriptor) => Ok(Owned::bool(descriptor.is_terminal())),
        _ => Ok(Owned::bool(false)),
    }
}

pub(super) fn readable(vm: &mut Vm, file: &File) -> Outcome {
    let can_read = file.access.get().can_read;
    able(vm, file, can_read, "readable")
}

pub(super) fn writable(vm: &mut Vm, file: &File) -> Outcome {
    let can_write = file.access.get().can_write;
    able(vm, file, can_write, "writable")
}

fn able(vm: &mut Vm, file: &File, is_able: bool, method: &str) -> Outcome {
    // A buffer that is never for that does not ask the file beneath.
    let is_raw = file.kind == FileKind::Raw;
    if !is_able && (file.is_buffered() || !is_raw && file.beneath().is_none()) {
        return Ok(Owned::bool(false));
    }
    if let Some(answer) = ask_beneath(vm, file, method)? {
        return Ok(answer);
    }
    file.check_open_to_ask(vm)?;
    Ok(Owned::bool(is_able))
}

pub(super) fn seekable(vm: &mut Vm, file: &File) -> Outcome {
    if let Some(answer) = ask_beneath(vm, file, "seekable")? {
        return Ok(answer);
    }
    file.check_open_to_ask(vm)?;
    Ok(Owned::bool(file.is_seekable(vm)?))
}

pub(super) fn tell(vm: &mut Vm, file: &File) -> Outcome {
    file.check_attached(vm)?;
    if file.is_text() {
        file.check_open(vm)?;
        operations::check_seekable(vm, file)?;
        if file.is_iterated.get() {
            return Err(vm.raise(toy_vm::ClassName::OsError, "telling position disabled by next() call"));
        }
        layers::flush(vm, file)?;
    } else if file.beneath().is_none() {
        file.check_open_to_ask(vm)?;
    }
    let place = file.tell(vm)?;
    Ok(vm.new_int(place as i64)?)
}

pub(super) fn seek(vm: &mut Vm, file: &File, args: Args<'_>) -> Outcome {
    if file.is_text() {
        return seek_text(vm, file, args);
    }
    file.check_attached(vm)?;
    let target = if file.kind == FileKind::Raw {
        file.check_open_to_ask(vm)?;
        let offset = integer(vm, args.at(1))?;
        target(vm, file, offset, args.get(2))?
    } else {
        let offset = integer(vm, args.at(1))?;
        let whence = integer_or(vm, args.get(2), 0)?;
        if !(0..=4).contains(&whence) {
            return Err(crate::argument::value_error(vm, format!("whence value {whence} unsupported")));
        }
        file.check_open_for(vm, "seek of")?;
        operations::check_seekable(vm, file)?;
        match whence {
            0 if offset < 0 && file.beneath().is_some() => {
                layers::flush(vm, file)?;
                let (raw, offset) = (file.beneath().unwrap_or_else(Owned::none), vm.new_int(offset)?);
                return call_method(vm, raw.get(), "seek", &[offset.get()]);
            }
            0 if offset < 0 => return Err(vm.raise_os_error(&rustix::io::Errno::INVAL.into(), None)),
            0 => SeekFrom::Start(offset as u64),
            1 => SeekFrom::Current(offset),
            2 => SeekFrom::End(offset),
            3 => SeekFrom::Data(offset as u64),
            _ => SeekFrom::Hole(offset as u64),
        }
    };
    let place = file.seek(vm, target)?;
    Ok(vm.new_int(place as i64)?)
}

pub(super) fn read_line(vm: &mut Vm, file: &File, args: Args<'_>) -> Outcome {
    if file.is_text() {
        let limit = integer_or(vm, args.get(1), -1)?;
        file.check_readable(vm)?;
        return file.read_line(vm, usize::try_from(limit).ok());
    }
    let limit = size(vm, args)?;
    if file.is_buffered() && file.access.get().can_read {
        file.check_open_for(vm, "readline of")?;
    }
    file.check_readable(vm)?;
    let line = read_binary_line(vm, file, limit)?;
    Ok(vm.new_bytes(&line)?)
}

pub(super) fn read_binary(vm: &mut Vm, file: &File, args: Args<'_>) -> Outcome {
    if file.is_buffered() && !file.access.get().can_read {
        return generic::refuse_reading(vm, args, "read");
    }
    let count = operations::binary_size(vm, file, args)?;
    if file.is_buffered() && file.access.get().can_read {
        file.check_open_for(vm, "read of")?;
    }
    file.check_readable(vm)?;
    match read_bytes(vm, file, count)? {
        Some(bytes) => Ok(vm.new_bytes(&bytes)?),
        None => Ok(Owned::none()),
    }
}

pub(super) fn read_all(vm: &mut Vm, file: &File) -> Outcome {
    file.check_open_to_ask(vm)?;
    file.check_readable(vm)?;
    match read_bytes(vm, file, None)? {
        Some(bytes) => Ok(vm.new_bytes(&bytes)?),
        None => Ok(Owned::none()),
    }
}

pub(super) fn read_once(vm: &mut Vm, file: &File, args: Args<'_>) -> Outcome {
    if !file.access.get().can_read {
        return generic::refuse_reading(vm, args, "read1");
    }
    let wanted = integer_or(vm, args.get(1), -1)?;
    file.check_attached(vm)?;
    file.check_open_for(vm, "read of")?;
    let wanted = usize::try_from(wanted).unwrap_or_else(|_| file.size.get());
    if file.unread() == 0 && wanted > 0 {
        match file.beneath() {
            Some(_) => file.fill_with(vm, wanted)?,
            None => file.fill(vm)?,
        };
    }
    let bytes = file.take(wanted.min(file.unread()));
    Ok(vm.new_bytes(&bytes)?)
}

pub(super) fn write_binary(vm: &mut Vm, file: &File, args: Args<'_>) -> Outcome {
    if !file.access.get().can_write && file.is_buffered() {
        return generic::refuse(vm, "write");
    }
    if file.is_buffered() {
        file.check_attached(vm)?;
        let bytes = generic::written(vm, args.at(1))?;
        file.check_open_for(vm, "write to")?;
        let count = file.write_buffered(vm, &bytes)?;
        if file.is_line_buffered.get() {
            file.flush(vm)?;
        }
        return Ok(vm.new_int_from_usize(count)?);
    }
    let bytes = generic::written(vm, args.at(1))?;
    file.check_open_to_ask(vm)?;
    file.check_writable(vm)?;
    match write_bytes(vm, file, &bytes)? {
        Some(count) => Ok(vm.new_int_from_usize(count)?),
        None => Ok(Owned::none()),
    }
}
