//! `BytesIO`: a binary file in memory, but for what `io` says of all binary files.

use toy_object::{ByteArray, Owned, Payload, Ref};
use toy_vm::{Args, Held, Outcome, Vm, natives};

use super::memory::{self, Memory};
use crate::argument::{bytes, integer, present, shown_type, type_error, value_error};
use crate::class;
use crate::held::holds;

/// The class's full name.
pub(super) const BYTE_MEMORY: &str = "_io.BytesIO";

struct ByteMemory {
    /// A bytearray, so that memory is counted where all memory is.
    content: Held,
    memory: Memory,
}

impl Payload for ByteMemory {
    holds!(content);
}

natives! {
    /// The methods of `BytesIO`.
    pub(super) METHODS:
    static "__new__" ("*args, **kwargs") "A new file." => |vm, args| {
        let memory = ByteMemory { content: Held::new(vm.new_byte_array(Vec::new())?), memory: Memory::default() };
        class::construct(vm, BYTE_MEMORY, args.at(0), memory)
    };
    method "__init__" ("initial_bytes=b''") "Begin with bytes." => init;
    method "getvalue" ("") "Everything in the file." => |vm, args| {
        let file = open(vm, args)?;
        file.copied(vm, 0, file.length())
    };
    method "getbuffer" ("") "A view of the bytes: toy has no memoryview." => |vm, _| {
        let message = "BytesIO.getbuffer() is left out of toy: it has no memoryview";
        Err(vm.raise(toy_vm::ClassName::NotImplementedError, message))
    };
    method "write" ("b, /") "Write bytes; returns their number." => write;
    method "read" ("size=-1, /") "Read at most so many bytes, or everything." => read;
    method "read1" ("size=-1, /") "Read at most so many bytes, or everything." => read;
    method "readinto" ("buffer, /") "Read into a bytearray; returns the number of bytes." => read_into;
    method "readinto1" ("buffer, /") "Read into a bytearray; returns the number of bytes." => read_into;
    method "readline" ("size=-1, /") "Read a line; empty at the end." => |vm, args| {
        let size = memory::size(vm, args.get(1))?;
        let file = open(vm, args)?;
        file.line(vm, size)
    };
    method "readlines" ("size=None, /") "A list of lines; no more once so many bytes are reached." => read_lines;
    method "__next__" ("") "The next line." => |vm, args| {
        let file = open(vm, args)?;
        let line = file.line(vm, None)?;
        if vm.truth(line.get())? { Ok(line) } else { Err(vm.raise_stop_iteration(Ref::NONE)) }
    };
    method "__iter__" ("") "The file itself: it gives its lines." => |_, args| Ok(args.at(0).to_owned());
    method "tell" ("") "The place in the file." => |vm, args| {
        let place = open(vm, args)?.memory.place();
        Ok(vm.new_int_from_usize(place)?)
    };
    method "seek" ("pos, whence=0, /") "Move to another place." => seek;
    method "truncate" ("size=None, /") "Cut the file off here, or at a place." => truncate;
    method "__del__" ("") "Close the file." => |vm, args| memory::end(vm, args, METHODS, close);
    method "close" ("") "Close the file, and forget what is in it." => close;
    method "flush" ("") "Nothing: nothing waits to be written." => |vm, args| open(vm, args).map(|_| Owned::none());
    getter "closed" ("") "Whether the file is closed." => |vm, args| Ok(Owned::bool(this(vm, args)?.memory.is_closed()));
    method "readable" ("") "True." => |vm, args| open(vm, args).map(|_| Owned::bool(true));
    method "writable" ("") "True." => |vm, args| open(vm, args).map(|_| Owned::bool(true));
    method "seekable" ("") "True." => |vm, args| open(vm, args).map(|_| Owned::bool(true));
    method "isatty" ("") "False." => |vm, args| open(vm, args).map(|_| Owned::bool(false));
    method "__getstate__" ("") "What copy and pickle need: the bytes, the place, and attributes." => |vm, args| {
        let file = open(vm, args)?;
        let content = file.copied(vm, 0, file.length())?;
        let place = vm.new_int_from_usize(file.memory.place())?;
        let attributes = memory::attributes(vm, args.at(0))?;
        Ok(vm.new_tuple([content, place, attributes])?)
    };
    method "__setstate__" ("state, /") "Become what a state says." => set_state;
}

fn close(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.memory.close();
    drop(file.content.set(vm.new_byte_array(Vec::new())?));
    Ok(Owned::none())
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a ByteMemory> {
    class::this(vm, args.at(0), BYTE_MEMORY)
}

/// The file, if it is not closed.
fn open<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a ByteMemory> {
    let file = this(vm, args)?;
    if file.memory.is_closed() {
        file.memory.complain(vm, "I/O operation on closed file.")?;
    }
    Ok(file)
}

fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    let initial = match present(args.get(1)) {
        None => Vec::new(),
        Some(initial) => bytes(vm, initial)?.into_owned(),
    };
    file.begin(vm, initial)?;
    Ok(Owned::none())
}

impl ByteMemory {
    fn begin(&self, vm: &mut Vm, content: Vec<u8>) -> Outcome<()> {
        drop(self.content.set(vm.new_byte_array(content)?));
        self.memory.open();
        Ok(())
    }

    /// Calls `f` with what is in the file.
    fn with<R>(&self, f: impl FnOnce(ByteArray<'_>) -> R) -> R {
        let content = self.content.get_or_none();
        f(content.get().as_byte_array().expect("the content is a bytearray"))
    }

    fn length(&self) -> usize {
        self.with(|content| content.len())
    }

    fn copied(&self, vm: &mut Vm, start: usize, end: usize) -> Outcome {
        Ok(self.with(|content| content.with(|content| vm.new_bytes(&content[start.min(end)..end])))?)
    }

    /// The next line, or as much of it as is asked for.
    fn line(&self, vm: &mut Vm, size: Option<usize>) -> Outcome {
        let start = self.memory.place();
        let limit = memory::end_of(start, size, self.length());
        let end = self.with(|content| {
            content.with(|content| {
                let rest = content.get(start..limit).unwrap_or_default();
                memchr::memchr(b'\n', rest).map_or(limit, |place| start + place + 1)
            })
        });
        self.memory.advance(end);
        self.copied(vm, start, end)
    }
}

fn read(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let size = memory::size(vm, args.get(1))?;
    let file = open(vm, args)?;
    let start = file.memory.place();
    let end = memory::end_of(start, size, file.length());
    file.memory.advance(end);
    file.copied(vm, start, end)
}

fn read_lines(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = open(vm, args)?;
    let most = match present(args.get(1)) {
        Some(size) if !vm.is_index(size) => {
            let got = vm.type_name(size);
            return Err(type_error(vm, format!("integer argument expected, got '{got}'")));
        }
        Some(size) => usize::try_from(integer(vm, size)?).ok().filter(|&size| size > 0),
        None => None,
    };
    let (mut lines, begin) = (Vec::new(), file.memory.place());
    while most.is_none_or(|most| file.memory.place() - begin < most) {
        let before = file.memory.place();
        let line = file.line(vm, None)?;
        if file.memory.place() == before {
            break;
        }
        vm.heap().push_within_room(&mut lines, line)?;
    }
    Ok(vm.new_list(lines)?)
}

fn read_into(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(target) = args.at(1).as_byte_array() else {
        let (name, got) = ("readinto", shown_type(vm, args.at(1)));
        let message = format!("{name}() argument must be read-write bytes-like object, not {got}");
        return Err(type_error(vm, message));
    };
    let file = open(vm, args)?;
    let start = file.memory.place();
    let end = memory::end_of(start, Some(target.len()), file.length());
    file.memory.advance(end);
    let taken = file.with(|content| content.with(|content| content[start.min(end)..end].to_vec()));
    for (index, byte) in taken.iter().enumerate() {
        target.set(index, *byte);
    }
    Ok(vm.new_int_from_usize(taken.len())?)
}

fn write(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = open(vm, args)?;
    let written = bytes(vm, args.at(1))?;
    if written.is_empty() {
        return Ok(vm.new_int(0)?);
    }
    let (start, length) = (file.memory.place(), file.length());
    let Some(end) = start.checked_add(written.len()) else { return Err(toy_object::OutOfMemory.into()) };
    let heap = vm.heap();
    file.with(|content| {
        content.with_mut(heap, end.saturating_sub(length), |content| {
            if start == content.len() {
                content.extend_from_slice(&written);
                return;
            }
            if end > content.len() {
                content.resize(end, 0);
            }
            content[start..end].copy_from_slice(&written);
        })
    })?;
    file.memory.move_to(end);
    Ok(vm.new_int_from_usize(written.len())?)
}

fn seek(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    let (pos, whence) = memory::target(vm, args)?;
    open(vm, args)?;
    let from = match whence {
        0 if pos < 0 => return Err(value_error(vm, format!("negative seek value {pos}"))),
        0 => 0,
        1 => file.memory.place(),
        2 => file.length(),
        _ => return Err(value_error(vm, format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
    };
    let Some(place) = i64::try_from(from).ok().and_then(|from| from.checked_add(pos)) else {
        return Err(crate::argument::overflow_error(vm, "new position too large"));
    };
    let place = usize::try_from(place).unwrap_or(0);
    file.memory.move_to(place);
    Ok(vm.new_int_from_usize(place)?)
}

fn truncate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = open(vm, args)?;
    let length = match memory::length(vm, args.get(1))? {
        None => file.memory.place(),
        Some(length) => match usize::try_from(length) {
            Ok(length) => length,
            Err(_) => return Err(value_error(vm, format!("negative size value {length}"))),
        },
    };
    let heap = vm.heap();
    file.with(|content| content.with_mut(heap, 0, |content| content.truncate(length)))?;
    Ok(vm.new_int_from_usize(length)?)
}

fn set_state(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    let state = args.at(1);
    let Some(parts) = state.as_tuple().filter(|parts| parts.len() >= 3) else {
        let (own, got) = (vm.type_name(args.at(0)), shown_type(vm, state));
        return Err(type_error(vm, format!("{own}.__setstate__ argument should be 3-tuple, got {got}")));
    };
    let content = match parts.get(0) {
        Some(content) => bytes(vm, content)?.into_owned(),
        None => Vec::new(),
    };
    file.begin(vm, content)?;
    let place = memory::place_of_state(vm, parts.get(1), "second")?;
    file.memory.move_to(place);
    memory::set_attributes(vm, args.at(0), parts.get(2), "third")?;
    Ok(Owned::none())
}
