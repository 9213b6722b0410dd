//! The methods of files: those that all have, and those in which text and binary files differ.

use rustix::fs::SeekFrom;
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use super::file::{File, RAW, TEXT, this, unsupported};
use super::text::{self, LineEnd};
use crate::argument::{bytes, integer, new_text, present, type_error, value_error};
use crate::module::find;

natives! {
    /// What every file has.
    pub(super) COMMON:
    method "__reduce__" ("") "Refuses: a file belongs to its process." => |vm, args| {
        let class = vm.type_name(args.at(0));
        let name = class.rsplit('.').next().unwrap_or_default();
        Err(type_error(vm, format!("cannot pickle '{name}' instances")))
    };
    method releasing "close" ("") "Write out what was collected, and close the file." => |vm, args| {
        this(vm, args)?.close(vm)?;
        Ok(Owned::none())
    };
    getter "closed" ("") "Whether the file is closed." => |vm, args| Ok(Owned::bool(this(vm, args)?.is_closed()));
    getter "name" ("") "The file's path, or its number." => |vm, args| Ok(this(vm, args)?.name.get_or_none());
    getter "mode" ("") "How the file was opened." => |vm, args| { let file = this(vm, args)?; new_text(vm, &file.mode) };
    method releasing "flush" ("") "Write out what was collected." => |vm, args| {
        let file = this(vm, args)?;
        file.check_open(vm)?;
        file.flush(vm)?;
        Ok(Owned::none())
    };
    method "fileno" ("") "The descriptor's number." => |vm, args| {
        let number = this(vm, args)?.open_descriptor(vm)?.number();
        Ok(vm.new_int(i64::from(number))?)
    };
    method "isatty" ("") "Whether the file is a terminal." => |vm, args| {
        let is_terminal = this(vm, args)?.open_descriptor(vm)?.is_terminal();
        Ok(Owned::bool(is_terminal))
    };
    method "readable" ("") "Whether the file can be read." => |vm, args| {
        let file = this(vm, args)?;
        file.check_open(vm)?;
        Ok(Owned::bool(file.access.can_read))
    };
    method "writable" ("") "Whether the file can be written." => |vm, args| {
        let file = this(vm, args)?;
        file.check_open(vm)?;
        Ok(Owned::bool(file.access.can_write))
    };
    method "seekable" ("") "Whether the file has places to move to." => |vm, args| {
        let is_seekable = this(vm, args)?.is_seekable(vm)?;
        Ok(Owned::bool(is_seekable))
    };
    method "tell" ("") "The place in the file." => |vm, args| {
        let place = this(vm, args)?.tell(vm)?;
        Ok(vm.new_int(place as i64)?)
    };
    method releasing "truncate" ("pos=None, /") "Cut the file off here, or at a place." => truncate;
    method releasing "__enter__" ("") "The file itself." => |vm, args| {
        this(vm, args)?.check_open(vm)?;
        Ok(args.at(0).to_owned())
    };
    method releasing "__exit__" ("*args") "Close the file." => |vm, args| {
        crate::module::call_method(vm, args.at(0), "close", &[])
    };
    method "__iter__" ("") "The file itself: it gives its lines." => |vm, args| {
        this(vm, args)?.check_open(vm)?;
        Ok(args.at(0).to_owned())
    };
    method releasing "__del__" ("") "Close a file that nobody uses any more." => |vm, args| {
        this(vm, args)?.close(vm)?;
        Ok(Owned::none())
    };
    method "__repr__" ("") "The text that repr shows." => repr;
}

natives! {
    /// What text files have besides.
    pub(super) TEXT_METHODS:
    method releasing "read" ("size=-1, /") "Read at most so many characters, or everything." => |vm, args| {
        let file = this(vm, args)?;
        file.check_readable(vm)?;
        match size(vm, args)? {
            None => file.read_text(vm),
            Some(count) => file.read_characters(vm, count),
        }
    };
    method releasing "readline" ("size=-1, /") "Read a line; empty at the end." => |vm, args| {
        let file = this(vm, args)?;
        file.check_readable(vm)?;
        let limit = size(vm, args)?;
        file.read_line(vm, limit)
    };
    method releasing "readlines" ("hint=-1, /") "Read a list of lines." => read_lines;
    method releasing "__next__" ("") "The next line." => next_line;
    method releasing "write" ("text, /") "Write text; returns the number of characters." => |vm, args| {
        let file = this(vm, args)?;
        file.check_writable(vm)?;
        let count = file.write_text(vm, args.at(1))?;
        Ok(vm.new_int_from_usize(count)?)
    };
    method releasing "writelines" ("lines, /") "Write a list of lines; no line ends are added." => write_lines;
    method releasing "seek" ("cookie, whence=0, /") "Move to another place." => seek_text;
    getter "encoding" ("") "The name of the encoding." => |vm, args| text::shown(vm, args, |mode| &mode.encoding_name);
    getter "errors" ("") "What happens with characters that cannot be read or written." => |vm, args| text::shown(vm, args, |mode| &mode.errors);
    getter "newlines" ("") "The line ends that were read: None, one, or a tuple of several." => text::newlines;
    getter "line_buffering" ("") "Whether each line is written out at once." =>
        |vm, args| Ok(Owned::bool(this(vm, args)?.is_line_buffered.get()));
    getter "buffer" ("") "The binary file behind a standard stream." => super::standard::buffer;
    method releasing "reconfigure" ("*, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None")
        "Change how the file is read and written." => super::reconfigure::reconfigure;
}

natives! {
    /// What binary files have besides.
    pub(super) BINARY_METHODS:
    method releasing "read" ("size=-1, /") "Read at most so many bytes, or everything." => |vm, args| {
        let file = this(vm, args)?;
        file.check_readable(vm)?;
        let count = size(vm, args)?;
        let bytes = read_bytes(vm, file, count)?;
        Ok(vm.new_bytes(&bytes)?)
    };
    method releasing "read1" ("size=-1, /") "Read at most so many bytes, with one system call at most." => |vm, args| {
        let file = this(vm, args)?;
        file.check_readable(vm)?;
        let wanted = size(vm, args)?.unwrap_or(super::file::BUFFER);
        if file.unread() == 0 && wanted > 0 {
            file.fill(vm)?;
        }
        let bytes = file.take(wanted.min(file.unread()));
        Ok(vm.new_bytes(&bytes)?)
    };
    method releasing "readinto" ("buffer, /") "Read into a bytearray; returns the number of bytes." => read_into;
    method releasing "readline" ("size=-1, /") "Read a line; empty at the end." => |vm, args| {
        let file = this(vm, args)?;
        file.check_readable(vm)?;
        let limit = size(vm, args)?;
        let line = read_binary_line(vm, file, limit)?;
        Ok(vm.new_bytes(&line)?)
    };
    method releasing "readlines" ("hint=-1, /") "Read a list of lines." => read_lines;
    method releasing "readall" ("") "Read everything." => |vm, args| {
        let file = this(vm, args)?;
        file.check_readable(vm)?;
        let bytes = read_bytes(vm, file, None)?;
        Ok(vm.new_bytes(&bytes)?)
    };
    method releasing "peek" ("size=0, /") "Bytes that come next, without taking them." => |vm, args| {
        let file = this(vm, args)?;
        file.check_readable(vm)?;
        if file.unread() == 0 {
            file.fill(vm)?;
        }
        let bytes = file.with_input(<[u8]>::to_vec);
        Ok(vm.new_bytes(&bytes)?)
    };
    method releasing "__next__" ("") "The next line." => next_line;
    method releasing "write" ("buffer, /") "Write bytes; returns their number." => |vm, args| {
        let file = this(vm, args)?;
        file.check_writable(vm)?;
        let bytes = bytes(vm, args.at(1))?;
        let count = write_bytes(vm, file, &bytes)?;
        Ok(vm.new_int_from_usize(count)?)
    };
    method releasing "writelines" ("lines, /") "Write a list of lines; no line ends are added." => write_lines;
    method releasing "seek" ("target, whence=0, /") "Move to another place." => |vm, args| {
        let file = this(vm, args)?;
        file.check_open(vm)?;
        let offset = integer(vm, args.at(1))?;
        let target = target(vm, file, offset, args.get(2))?;
        let place = file.seek(vm, target)?;
        Ok(vm.new_int(place as i64)?)
    };
}

/// An optional number of characters or bytes; `None`: all there are.
fn size(vm: &mut Vm, args: Args<'_>) -> Outcome<Option<usize>> {
    match present(args.get(1)) {
        None => Ok(None),
        Some(size) if !vm.is_index(size) => {
            let got = vm.type_name(size);
            Err(crate::argument::type_error(vm, format!("argument should be integer or None, not '{got}'")))
        }
        Some(size) => Ok(usize::try_from(integer(vm, size)?).ok()),
    }
}

fn read_bytes(vm: &mut Vm, file: &File, count: Option<usize>) -> Outcome<Vec<u8>> {
    let Some(count) = count else { return file.take_all(vm) };
    if !file.is_buffered && file.unread() == 0 {
        if !vm.has_room_for(count) {
            return Err(toy_object::OutOfMemory.into());
        }
        let mut buffer = vec![0; count];
        let count = file.open_descriptor(vm)?.read(vm, &mut buffer)?;
        buffer.truncate(count);
        return Ok(buffer);
    }
    while file.unread() < count && file.fill(vm)? > 0 {}
    Ok(file.take(count.min(file.unread())))
}

fn read_binary_line(vm: &mut Vm, file: &File, limit: Option<usize>) -> Outcome<Vec<u8>> {
    let mut line = file.take_line(vm, LineEnd::Newline)?;
    if let Some(limit) = limit.filter(|&limit| limit < line.len()) {
        file.put_back(&line[limit..]);
        line.truncate(limit);
    }
    Ok(line)
}

fn read_into(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.check_readable(vm)?;
    let Some(target) = args.at(1).as_byte_array() else {
        let got = vm.type_name(args.at(1));
        let message = format!("readinto() argument must be read-write bytes-like object, not {got}");
        return Err(crate::argument::type_error(vm, message));
    };
    let bytes = read_bytes(vm, file, Some(target.len()))?;
    for (index, byte) in bytes.iter().enumerate() {
        target.set(index, *byte);
    }
    Ok(vm.new_int_from_usize(bytes.len())?)
}

fn write_bytes(vm: &mut Vm, file: &File, bytes: &[u8]) -> Outcome<usize> {
    if file.is_buffered {
        file.write(vm, bytes)?;
        Ok(bytes.len())
    } else {
        file.open_descriptor(vm)?.write(vm, bytes)
    }
}

/// A line of either kind of file; empty at the end.
fn any_line(vm: &mut Vm, file: &File) -> Outcome<Option<Owned>> {
    if file.text.is_some() {
        let line = file.read_line(vm, None)?;
        let is_empty = line.get().as_str().is_none_or(|line| line.is_empty());
        return Ok(if is_empty { None } else { Some(line) });
    }
    let line = read_binary_line(vm, file, None)?;
    Ok(if line.is_empty() { None } else { Some(vm.new_bytes(&line)?) })
}

fn next_line(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.check_readable(vm)?;
    match any_line(vm, file)? {
        Some(line) => Ok(line),
        None => Err(vm.raise_stop_iteration(Ref::NONE)),
    }
}

fn read_lines(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.check_readable(vm)?;
    let hint = size(vm, args)?.filter(|&hint| hint > 0).unwrap_or(usize::MAX);
    let mut lines = Vec::new();
    let mut total = 0;
    while total <= hint
        && let Some(line) = any_line(vm, file)?
    {
        total += vm.len(line.get())?;
        lines.push(line);
    }
    Ok(vm.new_list(lines)?)
}

fn write_lines(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.check_writable(vm)?;
    vm.for_each(args.at(1), |vm, line| {
        if file.text.is_some() {
            file.write_text(vm, line.get())?;
        } else {
            let bytes = bytes(vm, line.get())?;
            write_bytes(vm, file, &bytes)?;
        }
        Ok(std::ops::ControlFlow::Continue(()))
    })?;
    Ok(Owned::none())
}

fn target(vm: &mut Vm, file: &File, offset: i64, whence: Option<Ref<'_>>) -> Outcome<SeekFrom> {
    let whence = whence.map_or(Ok(0), |whence| integer(vm, whence))?;
    Ok(match whence {
        0 => match u64::try_from(offset) {
            Ok(offset) => SeekFrom::Start(offset),
            Err(_) => {
                let message = if file.text.is_some() {
                    format!("negative seek position {offset}")
                } else {
                    format!("negative seek value {offset}")
                };
                return Err(value_error(vm, message));
            }
        },
        1 => SeekFrom::Current(offset),
        2 => SeekFrom::End(offset),
        _ => return Err(value_error(vm, format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
    })
}

fn seek_text(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.check_open(vm)?;
    let offset = integer(vm, args.at(1))?;
    let target = target(vm, file, offset, args.get(2))?;
    match target {
        SeekFrom::Current(offset) if offset != 0 => return Err(unsupported(vm, "can't do nonzero cur-relative seeks")),
        SeekFrom::End(offset) if offset != 0 => return Err(unsupported(vm, "can't do nonzero end-relative seeks")),
        _ => {}
    }
    let place = file.seek(vm, target)?;
    if let Some(mode) = &file.text {
        mode.borrow().is_at_start.set(place == 0);
    }
    Ok(vm.new_int(place as i64)?)
}

fn truncate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.check_writable(vm)?;
    let length = match present(args.get(1)) {
        None => file.tell(vm)?,
        Some(length) => {
            let length = integer(vm, length)?;
            match u64::try_from(length) {
                Ok(length) => length,
                Err(_) => return Err(vm.raise_os_error(&rustix::io::Errno::INVAL.into(), None)),
            }
        }
    };
    file.truncate(vm, length)?;
    Ok(vm.new_int(length as i64)?)
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    let name = vm.repr_text(file.name.get_or_none().get())?;
    let class = vm.class_of(args.at(0)).to_owned();
    let class_name = class.get().as_class(vm.heap()).map_or_else(String::new, |class| class.name_text());
    let full = find(vm, class.get(), "__module__")?;
    let module = full.and_then(|module| Some(module.get().as_str()?.to_string_lossy())).unwrap_or_default();
    let class = format!("{module}.{class_name}");
    let text = match (&file.text, class.as_str()) {
        (Some(mode), TEXT) => {
            format!("<{TEXT} name={name} mode='{}' encoding='{}'>", file.mode, mode.borrow().encoding_name)
        }
        (_, RAW) if file.is_closed() => format!("<{RAW} [closed]>"),
        (_, RAW) => format!("<{RAW} name={name} mode='{}' closefd=True>", file.mode),
        _ => format!("<{class} name={name}>"),
    };
    new_text(vm, text)
}
