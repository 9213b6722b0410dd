//! What the methods of files do that is more than a line.

use rustix::fs::SeekFrom;
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm};

use super::file::{File, RAW, TEXT, this, unsupported};
use super::text::LineEnd;
use crate::argument::{bytes, integer, new_text, present, value_error};
use crate::module::find;

/// An optional number of characters or bytes; `None`: all there are.
pub(super) fn size(vm: &mut Vm, args: Args<'_>) -> Outcome<Option<usize>> {
    match present(args.get(1)) {
        None => Ok(None),
        Some(size) if !vm.is_index(size) => {
            let got = vm.type_name(size);
            Err(crate::argument::type_error(vm, format!("argument should be integer or None, not '{got}'")))
        }
        Some(size) => Ok(usize::try_from(integer(vm, size)?).ok()),
    }
}

pub(super) fn read_bytes(vm: &mut Vm, file: &File, count: Option<usize>) -> Outcome<Vec<u8>> {
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

pub(super) fn read_binary_line(vm: &mut Vm, file: &File, limit: Option<usize>) -> Outcome<Vec<u8>> {
    let mut line = file.take_line(vm, LineEnd::Newline)?;
    if let Some(limit) = limit.filter(|&limit| limit < line.len()) {
        file.put_back(&line[limit..]);
        line.truncate(limit);
    }
    Ok(line)
}

pub(super) fn read_into(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.check_open_for(vm, "readinto of")?;
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

pub(super) fn write_bytes(vm: &mut Vm, file: &File, bytes: &[u8]) -> Outcome<usize> {
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

pub(super) fn next_line(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    if file.text.is_none() && file.access.can_read {
        file.check_open_for(vm, "readline of")?;
    }
    file.check_readable(vm)?;
    let line = any_line(vm, file)?;
    this(vm, args)?.is_in_loop.set(line.is_some());
    match line {
        Some(line) => Ok(line),
        None => Err(vm.raise_stop_iteration(Ref::NONE)),
    }
}

pub(super) fn read_lines(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.check_readable(vm)?;
    let hint = size(vm, args)?.filter(|&hint| hint > 0).unwrap_or(usize::MAX);
    let mut lines = Vec::new();
    let mut total = 0;
    // The line that goes beyond the hint is the last.
    while total <= hint
        && let Some(line) = any_line(vm, file)?
    {
        total += vm.len(line.get())?;
        lines.push(line);
    }
    Ok(vm.new_list(lines)?)
}

pub(super) fn write_lines(vm: &mut Vm, args: Args<'_>) -> Outcome {
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

pub(super) fn target(vm: &mut Vm, file: &File, offset: i64, whence: Option<Ref<'_>>) -> Outcome<SeekFrom> {
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

pub(super) fn seek_text(vm: &mut Vm, args: Args<'_>) -> Outcome {
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

pub(super) fn truncate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    if file.text.is_none() {
        file.check_open_for(vm, "truncate of")?;
    }
    file.check_writable(vm)?;
    file.is_in_loop.set(false);
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

pub(super) fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
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
