//! What files are that a script makes: their methods call each other, whatever the script's class says that they are.

use toy_object::{Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm};

use super::file::{BUFFER, unsupported};
use crate::argument::{bytes_like, integer, integer_or, present, type_error, value_error};
use crate::module::{call_method, find, set};

/// The attribute that says that a file is closed.
const CLOSED: &str = "__IOBase_closed";

/// What a base class has no answer to: `UnsupportedOperation` with the method's name.
pub(super) fn refuse(vm: &mut Vm, method: &str) -> Outcome {
    Err(unsupported(vm, method))
}

/// The same of a method that takes a size.
pub(super) fn refuse_reading(vm: &mut Vm, args: Args<'_>, method: &str) -> Outcome {
    integer_or(vm, args.get(1), -1)?;
    refuse(vm, method)
}

/// What a subclass is to define.
#[cold]
pub(super) fn left_out(vm: &mut Vm) -> toy_vm::Raised {
    let class = vm.class(ClassName::NotImplementedError);
    vm.raise_class_with(class.get(), &[])
}

/// `closed`.
pub(super) fn closed(vm: &mut Vm, file: Ref<'_>) -> Outcome {
    Ok(Owned::bool(find(vm, file, CLOSED)?.is_some()))
}

/// `close`: flushes once.
pub(super) fn close(vm: &mut Vm, file: Ref<'_>) -> Outcome<()> {
    if find(vm, file, CLOSED)?.is_some() {
        return Ok(());
    }
    let flushed = call_method(vm, file, "flush", &[]).map(drop);
    let earlier = flushed.is_err().then(|| vm.take_raised());
    let closed = Owned::bool(true);
    let noted = set(vm, file, CLOSED, closed.get());
    super::layers::both(vm, earlier, noted)
}

/// `flush`: there is nothing to write, but only while the file is open.
pub(super) fn flush(vm: &mut Vm, file: Ref<'_>) -> Outcome<()> {
    match find(vm, file, CLOSED)? {
        Some(_) => Err(value_error(vm, "I/O operation on closed file.")),
        None => Ok(()),
    }
}

/// `ValueError` if the file says that it is closed.
pub(super) fn check_open(vm: &mut Vm, file: Ref<'_>) -> Outcome<()> {
    let name = vm.intern("closed")?;
    let closed = vm.get_attribute(file, name.get())?;
    if vm.truth(closed.get())? { Err(value_error(vm, "I/O operation on closed file.")) } else { Ok(()) }
}

/// `UnsupportedOperation` unless a method answers True.
pub(super) fn check_able(vm: &mut Vm, file: Ref<'_>, method: &str) -> Outcome<()> {
    let answer = call_method(vm, file, method, &[])?;
    if answer.get().is(Owned::bool(true).get()) {
        Ok(())
    } else {
        Err(unsupported(vm, &format!("File or stream is not {method}.")))
    }
}

/// `__next__`.
pub(super) fn next_line(vm: &mut Vm, file: Ref<'_>) -> Outcome {
    let line = call_method(vm, file, "readline", &[])?;
    if vm.len(line.get())? == 0 { Err(vm.raise_stop_iteration(Ref::NONE)) } else { Ok(line) }
}

/// `readline`, by `read` and, if there is one, `peek`.
pub(super) fn read_line(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = args.at(0);
    let limit = usize::try_from(optional_size(vm, args.get(1))?).ok();
    let can_peek = find(vm, file, "peek")?.is_some();
    let mut line = Vec::new();
    while limit.is_none_or(|limit| line.len() < limit) {
        let mut count = 1;
        if can_peek {
            let one = vm.new_int(1)?;
            let ahead = call_method(vm, file, "peek", &[one.get()])?;
            let ahead = exact_bytes(vm, ahead.get(), "peek")?;
            if !ahead.is_empty() {
                let rest = limit.map_or(ahead.len(), |limit| ahead.len().min(limit - line.len()));
                count = memchr::memchr(b'\n', &ahead[..rest]).map_or(rest, |place| place + 1);
            }
        }
        let count = vm.new_int_from_usize(count)?;
        let read = call_method(vm, file, "read", &[count.get()])?;
        let read = exact_bytes(vm, read.get(), "read")?;
        if read.is_empty() {
            break;
        }
        line.extend_from_slice(&read);
        if line.last() == Some(&b'\n') {
            break;
        }
    }
    Ok(vm.new_bytes(&line)?)
}

fn exact_bytes(vm: &mut Vm, answer: Ref<'_>, method: &str) -> Outcome<Vec<u8>> {
    match answer.as_bytes() {
        Some(bytes) => Ok(bytes.as_slice().to_vec()),
        None => Err(not_bytes(vm, answer, method)),
    }
}

#[cold]
pub(super) fn not_bytes(vm: &mut Vm, answer: Ref<'_>, method: &str) -> toy_vm::Raised {
    let got = vm.type_name(answer);
    vm.raise(ClassName::OsError, format!("{method}() should have returned a bytes object, not '{got}'"))
}

/// A size that may be None or absent: all.
fn optional_size(vm: &mut Vm, size: Option<Ref<'_>>) -> Outcome<i64> {
    match present(size) {
        None => Ok(-1),
        Some(size) if !vm.is_index(size) => {
            let got = vm.type_name(size);
            Err(type_error(vm, format!("argument should be integer or None, not '{got}'")))
        }
        Some(size) => super::operations::index_sized(vm, size),
    }
}

/// `readlines`.
pub(super) fn read_lines(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let hint = usize::try_from(optional_size(vm, args.get(1))?).ok().filter(|&hint| hint > 0);
    let (mut lines, mut total) = (Vec::new(), 0);
    vm.for_each(args.at(0), |vm, line| {
        if let Some(hint) = hint {
            total += vm.len(line.get())?;
            lines.push(line);
            return Ok(if total > hint {
                std::ops::ControlFlow::Break(())
            } else {
                std::ops::ControlFlow::Continue(())
            });
        }
        lines.push(line);
        Ok(std::ops::ControlFlow::Continue(()))
    })?;
    Ok(vm.new_list(lines)?)
}

/// `writelines`.
pub(super) fn write_lines(vm: &mut Vm, args: Args<'_>) -> Outcome {
    check_open(vm, args.at(0))?;
    vm.for_each(args.at(1), |vm, line| {
        call_method(vm, args.at(0), "write", &[line.get()])?;
        Ok(std::ops::ControlFlow::Continue(()))
    })?;
    Ok(Owned::none())
}

/// `read` of files without a buffer, by `readinto` and `readall`.
pub(super) fn read_raw(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let size = integer_or(vm, args.get(1), -1)?;
    let Ok(size) = usize::try_from(size) else { return call_method(vm, args.at(0), "readall", &[]) };
    if !vm.has_room_for(size) {
        return Err(toy_object::OutOfMemory.into());
    }
    let buffer = vm.new_byte_array(vec![0; size])?;
    let count = call_method(vm, args.at(0), "readinto", &[buffer.get()])?;
    if count.get().is_none() {
        return Ok(count);
    }
    let count = integer(vm, count.get())?;
    let bytes = buffer.get().as_byte_array().expect("made here").with(<[u8]>::to_vec);
    match usize::try_from(count).ok().and_then(|count| bytes.get(..count)) {
        Some(bytes) => Ok(vm.new_bytes(bytes)?),
        None => Err(value_error(vm, format!("readinto returned {count} outside buffer size {size}"))),
    }
}

/// `readall` of files without a buffer, by `read`.
pub(super) fn read_all(vm: &mut Vm, file: Ref<'_>) -> Outcome {
    let mut all = Vec::new();
    loop {
        let count = vm.new_int(BUFFER as i64)?;
        let data = call_method(vm, file, "read", &[count.get()])?;
        if data.get().is_none() && all.is_empty() {
            return Ok(data);
        }
        if data.get().is_none() {
            break;
        }
        let Some(bytes) = data.get().as_bytes() else { return Err(type_error(vm, "read() should return bytes")) };
        if bytes.is_empty() {
            break;
        }
        if !vm.has_room_for(bytes.len()) {
            return Err(toy_object::OutOfMemory.into());
        }
        all.extend_from_slice(bytes.as_slice());
    }
    Ok(vm.new_bytes(&all)?)
}

/// `readinto` and `readinto1` of files with a buffer, by `read` or `read1`.
pub(super) fn read_into(vm: &mut Vm, args: Args<'_>, method: &str) -> Outcome {
    let Some(target) = args.at(1).as_byte_array() else { return Err(not_writable(vm, args.at(1), method)) };
    let size = target.len();
    let count = vm.new_int_from_usize(size)?;
    let by = if method == "readinto" { "read" } else { "read1" };
    let data = call_method(vm, args.at(0), by, &[count.get()])?;
    let Some(bytes) = data.get().as_bytes() else { return Err(type_error(vm, "read() should return bytes")) };
    if bytes.len() > size {
        let got = bytes.len();
        return Err(value_error(vm, format!("read() returned too much data: {size} bytes requested, {got} returned")));
    }
    for (index, byte) in bytes.as_slice().iter().enumerate() {
        target.set(index, *byte);
    }
    Ok(vm.new_int_from_usize(bytes.len())?)
}

#[cold]
pub(super) fn not_writable(vm: &mut Vm, argument: Ref<'_>, method: &str) -> toy_vm::Raised {
    let got = crate::argument::shown_type(vm, argument);
    type_error(vm, format!("{method}() argument must be read-write bytes-like object, not {got}"))
}

/// `__del__`: a file that nobody has any more is closed. What goes wrong then, nobody can catch.
pub(super) fn end(vm: &mut Vm, file: Ref<'_>) -> Outcome {
    let closed = find(vm, file, "closed").and_then(|closed| match closed {
        Some(closed) => vm.truth(closed.get()),
        None => Ok(true),
    });
    match closed {
        Ok(true) => {}
        // Such a file was never made.
        Err(_) => drop(vm.take_raised()),
        Ok(false) => {
            if call_method(vm, file, "close", &[]).is_err() {
                vm.unraisable(None, Some(file));
            }
        }
    }
    Ok(Owned::none())
}

/// The bytes of an argument that is written.
pub(super) fn written<'a>(vm: &mut Vm, argument: Ref<'a>) -> Outcome<std::borrow::Cow<'a, [u8]>> {
    match bytes_like(vm, argument)? {
        Some(bytes) => Ok(bytes),
        None => {
            let got = vm.type_name(argument);
            Err(type_error(vm, format!("a bytes-like object is required, not '{got}'")))
        }
    }
}
