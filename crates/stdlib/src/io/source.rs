//! What a file reads from and writes to: a descriptor, or another object that has the methods of a file.
//!
//! A file that `open` made has a descriptor of its own, whatever it is. Only when a script asks for the file beneath is there one:
//! see [`layers`](super::layers).

use rustix::fs::SeekFrom;
use toy_object::{Owned, Ref};
use toy_vm::{ClassName, Outcome, Raised, Vm};

use super::descriptor::Descriptor;
use super::file::{File, FileKind};
use crate::argument::{bytes_like, integer, type_error, value_error};
use crate::module::{call_method, find, set};

/// What is beneath a file.
#[derive(Clone)]
pub(super) enum Source {
    /// `__init__` has not run.
    Unborn,
    Closed,
    /// `detach` took it away.
    Detached,
    Descriptor(Descriptor),
    /// Of a file with a buffer: a file without one. Of a text file: a file of bytes.
    Object(Owned),
}

impl File {
    /// What is beneath, if the file has not been closed itself; `ValueError` else.
    pub(super) fn open_source(&self, vm: &mut Vm) -> Outcome<Source> {
        let source = self.source.borrow().clone();
        match source {
            Source::Descriptor(_) | Source::Object(_) => Ok(source),
            Source::Closed => Err(value_error(vm, "I/O operation on closed file.")),
            Source::Unborn | Source::Detached => Err(self.sourceless(vm)),
        }
    }

    #[cold]
    fn sourceless(&self, vm: &mut Vm) -> Raised {
        let message = match (&*self.source.borrow(), self.kind) {
            (Source::Detached, FileKind::Text) => "underlying buffer has been detached",
            (Source::Detached, _) => "raw stream has been detached",
            (_, FileKind::Raw) => "I/O operation on closed file",
            _ => "I/O operation on uninitialized object",
        };
        value_error(vm, message)
    }

    /// Whether the file is closed: what is beneath says it, if there is such a file.
    #[inline]
    pub(super) fn is_closed(&self, vm: &mut Vm) -> Outcome<bool> {
        if let Source::Descriptor(_) = &*self.source.borrow() {
            return Ok(false);
        }
        self.is_closed_beneath(vm)
    }

    #[cold]
    fn is_closed_beneath(&self, vm: &mut Vm) -> Outcome<bool> {
        let source = self.source.borrow().clone();
        match source {
            Source::Closed => Ok(true),
            Source::Unborn if self.kind == FileKind::Raw => Ok(true),
            Source::Descriptor(_) => Ok(false),
            Source::Object(beneath) => {
                let name = vm.intern("closed")?;
                let closed = vm.get_attribute(beneath.get(), name.get())?;
                vm.truth(closed.get())
            }
            Source::Unborn | Source::Detached => Err(self.sourceless(vm)),
        }
    }

    /// Whether somebody called `close`, as far as this file itself knows.
    pub(super) fn was_closed(&self) -> bool {
        !matches!(&*self.source.borrow(), Source::Descriptor(_) | Source::Object(_))
    }

    /// `ValueError` if there is nothing beneath: the file was not made, or `detach` was called.
    pub(super) fn check_attached(&self, vm: &mut Vm) -> Outcome<()> {
        let has_source = !matches!(&*self.source.borrow(), Source::Unborn | Source::Detached);
        if has_source || self.kind == FileKind::Raw { Ok(()) } else { Err(self.sourceless(vm)) }
    }

    /// The object beneath, if there is one.
    pub(super) fn beneath(&self) -> Option<Owned> {
        match &*self.source.borrow() {
            Source::Object(beneath) => Some(beneath.clone()),
            _ => None,
        }
    }

    /// `RuntimeError` if the file without a buffer beneath is being used by this file, and its script comes back here.
    pub(super) fn check_not_reentered(&self, vm: &mut Vm) -> Outcome<()> {
        if self.user.get() != Some(vm.thread_id()) {
            return Ok(());
        }
        let name = match self.beneath() {
            Some(beneath) => find(vm, beneath.get(), "name")?,
            None => None,
        };
        let name = match name {
            Some(name) => format!(" name={}", vm.repr_text(name.get())?),
            None => String::new(),
        };
        let message = format!("reentrant call inside <{}{name}>", self.kind.key());
        Err(vm.raise(ClassName::RuntimeError, message))
    }

    /// Uses the file without a buffer beneath, which must not use this file meanwhile.
    fn alone<R>(&self, vm: &mut Vm, f: impl FnOnce(&mut Vm) -> Outcome<R>) -> Outcome<R> {
        self.check_not_reentered(vm)?;
        let former = self.user.replace(Some(vm.thread_id()));
        let outcome = f(vm);
        self.user.set(former);
        outcome
    }

    /// Reads once, at most so many bytes. `None`: there is nothing now, and the file does not wait.
    pub(super) fn read_source(&self, vm: &mut Vm, count: usize) -> Outcome<Option<Vec<u8>>> {
        match self.open_source(vm)? {
            Source::Descriptor(descriptor) => {
                if !vm.has_room_for(count) {
                    return Err(toy_object::OutOfMemory.into());
                }
                let mut buffer = vec![0; count];
                let read = descriptor.read(vm, &mut buffer);
                let Some(read) = unless_blocked(vm, read)? else { return Ok(None) };
                buffer.truncate(read);
                Ok(Some(buffer))
            }
            Source::Object(beneath) if self.kind == FileKind::Text => read_bytes_from(vm, beneath.get(), Some(count)),
            Source::Object(beneath) => self.alone(vm, |vm| read_into_from(vm, beneath.get(), count)),
            _ => Ok(Some(Vec::new())),
        }
    }

    /// Writes once; the number of bytes. `None`: none can be written now, and the file does not wait.
    pub(super) fn write_source(&self, vm: &mut Vm, bytes: &[u8]) -> Outcome<Option<usize>> {
        let beneath = match self.open_source(vm)? {
            Source::Descriptor(descriptor) => {
                let written = descriptor.write(vm, bytes);
                return unless_blocked(vm, written);
            }
            Source::Object(beneath) => beneath,
            _ => return Ok(None),
        };
        let argument = vm.new_bytes(bytes)?;
        if self.kind == FileKind::Text {
            call_method(vm, beneath.get(), "write", &[argument.get()])?;
            return Ok(Some(bytes.len()));
        }
        let written = self.alone(vm, |vm| call_method(vm, beneath.get(), "write", &[argument.get()]))?;
        if written.get().is_none() {
            return Ok(None);
        }
        let length = match length_of(vm, written.get()) {
            Ok(length) => length,
            Err(_) => {
                drop(vm.take_raised());
                -1
            }
        };
        checked_length(vm, length, bytes.len(), "write").map(Some)
    }

    /// Moves what is beneath to another place; gives it.
    pub(super) fn seek_source(&self, vm: &mut Vm, target: SeekFrom) -> Outcome<u64> {
        let beneath = match self.open_source(vm)? {
            Source::Object(beneath) => beneath,
            Source::Descriptor(descriptor) => {
                return descriptor.call(vm, |descriptor| rustix::fs::seek(descriptor, target));
            }
            _ => return Ok(0),
        };
        let (offset, whence) = match target {
            SeekFrom::Current(offset) => (offset, 1),
            SeekFrom::End(offset) => (offset, 2),
            SeekFrom::Start(offset) => (offset as i64, 0),
            SeekFrom::Data(offset) => (offset as i64, 3),
            SeekFrom::Hole(offset) => (offset as i64, 4),
        };
        let (offset, whence) = (vm.new_int(offset)?, vm.new_int(whence)?);
        let place = call_method(vm, beneath.get(), "seek", &[offset.get(), whence.get()])?;
        checked_place(vm, place.get())
    }

    /// The place where what is beneath stands.
    pub(super) fn tell_source(&self, vm: &mut Vm) -> Outcome<u64> {
        match self.open_source(vm)? {
            Source::Descriptor(descriptor) => descriptor.call(vm, |descriptor| rustix::fs::tell(descriptor)),
            Source::Object(beneath) => {
                let place = call_method(vm, beneath.get(), "tell", &[])?;
                checked_place(vm, place.get())
            }
            _ => Ok(0),
        }
    }
}

/// `None` in place of `BlockingIOError`.
fn unless_blocked(vm: &mut Vm, outcome: Outcome<usize>) -> Outcome<Option<usize>> {
    match outcome {
        Err(_) if vm.raised_is(ClassName::BlockingIoError) => {
            drop(vm.take_raised());
            Ok(None)
        }
        outcome => outcome.map(Some),
    }
}

/// What a file of bytes reads at once, or all of it.
pub(super) fn read_bytes_from(vm: &mut Vm, file: Ref<'_>, count: Option<usize>) -> Outcome<Option<Vec<u8>>> {
    let (name, data) = match count {
        None => ("read", call_method(vm, file, "read", &[])?),
        Some(count) => {
            let name = if find(vm, file, "read1")?.is_some() { "read1" } else { "read" };
            let count = vm.new_int_from_usize(count)?;
            (name, call_method(vm, file, name, &[count.get()])?)
        }
    };
    match bytes_like(vm, data.get())? {
        Some(bytes) => Ok(Some(bytes.into_owned())),
        // As CPython's decoder complains of it.
        None if count.is_none() => {
            let got = vm.type_name(data.get());
            Err(type_error(vm, format!("can't concat {got} to bytes")))
        }
        None => {
            let got = vm.type_name(data.get());
            let message = format!("underlying {name}() should have returned a bytes-like object, not '{got}'");
            Err(type_error(vm, message))
        }
    }
}

/// Lets a file without a buffer fill a bytearray.
fn read_into_from(vm: &mut Vm, raw: Ref<'_>, count: usize) -> Outcome<Option<Vec<u8>>> {
    if !vm.has_room_for(count) {
        return Err(toy_object::OutOfMemory.into());
    }
    let buffer = vm.new_byte_array(vec![0; count])?;
    let read = call_method(vm, raw, "readinto", &[buffer.get()])?;
    if read.get().is_none() {
        return Ok(None);
    }
    let read = match length_of(vm, read.get()) {
        Ok(length) => checked_length(vm, length, count, "readinto")?,
        Err(_) => {
            let cause = vm.take_raised();
            let _: Raised = vm.raise(ClassName::OsError, "raw readinto() failed");
            let failure = vm.take_raised();
            set(vm, failure.get(), "__cause__", cause.get())?;
            set(vm, failure.get(), "__context__", cause.get())?;
            return Err(vm.raise_again(failure));
        }
    };
    let bytes = buffer.get().as_byte_array().expect("made here");
    Ok(Some(bytes.with(|bytes| bytes[..read.min(bytes.len())].to_vec())))
}

/// The number that a method of a script gave; `ValueError` if it is too large.
fn length_of(vm: &mut Vm, answer: Ref<'_>) -> Outcome<i64> {
    if answer.as_int().is_some_and(|length| length.to_i64().is_none()) {
        let got = vm.type_name(answer);
        return Err(value_error(vm, format!("cannot fit '{got}' into an index-sized integer")));
    }
    integer(vm, answer)
}

fn checked_length(vm: &mut Vm, length: i64, most: usize, method: &str) -> Outcome<usize> {
    match usize::try_from(length) {
        Ok(length) if length <= most => Ok(length),
        _ => {
            let message =
                format!("raw {method}() returned invalid length {length} (should have been between 0 and {most})");
            Err(vm.raise(ClassName::OsError, message))
        }
    }
}

fn checked_place(vm: &mut Vm, answer: Ref<'_>) -> Outcome<u64> {
    let place = integer(vm, answer)?;
    match u64::try_from(place) {
        Ok(place) => Ok(place),
        Err(_) => Err(vm.raise(ClassName::OsError, format!("Raw stream returned invalid position {place}"))),
    }
}
