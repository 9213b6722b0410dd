//! Files: a descriptor, what was read in advance, and what is still to be written. Text files and binary files are the same here;
//! they differ in what their methods make of the bytes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustix::fs::SeekFrom;
use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, ClassName, Held, Outcome, Raised, Vm};

use super::descriptor::{self, Descriptor};
use super::text::TextMode;
use crate::argument::value_error;
use crate::library;

/// Bytes that are collected before they are written, and read at least.
pub(super) const BUFFER: usize = 8 << 10;
/// Bytes that are read at a time.
const CHUNK: usize = 64 << 10;

/// Full names of the classes.
pub(super) const TEXT: &str = "_io.TextIOWrapper";
pub(super) const READER: &str = "_io.BufferedReader";
pub(super) const WRITER: &str = "_io.BufferedWriter";
pub(super) const RANDOM: &str = "_io.BufferedRandom";
pub(super) const RAW: &str = "_io.FileIO";
/// The exception class.
pub(super) const UNSUPPORTED: &str = "io.UnsupportedOperation";

/// Where written bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sink {
    /// Into the file's own buffer, then to the descriptor.
    Descriptor,
    /// Into the machine's buffer of standard output.
    Output,
    /// To standard error, at once.
    Error,
}

/// What a file may be used for.
#[derive(Clone, Copy)]
pub(super) struct Access {
    pub(super) can_read: bool,
    pub(super) can_write: bool,
}

/// A file.
pub(crate) struct File {
    /// Absent once it is closed.
    descriptor: RefCell<Option<Descriptor>>,
    pub(super) sink: Sink,
    pub(super) access: Access,
    /// What `name` and `mode` show.
    pub(super) name: Held,
    pub(super) mode: String,
    /// Whether closing the file closes the descriptor.
    closes: bool,
    /// Read in advance; taken up to `place`.
    input: RefCell<Vec<u8>>,
    place: Cell<usize>,
    /// To be written.
    output: RefCell<Vec<u8>>,
    pub(super) is_buffered: bool,
    pub(super) is_line_buffered: Cell<bool>,
    /// Whether a loop over the lines of a text file is under way, in which its place is not told.
    pub(super) is_in_loop: Cell<bool>,
    /// Of text files.
    pub(super) text: Option<RefCell<Rc<TextMode>>>,
}

impl Payload for File {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.name.visit(visit);
    }
}

/// What a new file is made of.
pub(super) struct FileParts {
    pub(super) descriptor: Descriptor,
    pub(super) sink: Sink,
    pub(super) access: Access,
    pub(super) name: Owned,
    pub(super) mode: String,
    pub(super) closes: bool,
    pub(super) is_buffered: bool,
    pub(super) is_line_buffered: bool,
    pub(super) text: Option<TextMode>,
}

impl File {
    pub(super) fn new(parts: FileParts) -> Self {
        Self {
            descriptor: RefCell::new(Some(parts.descriptor)),
            sink: parts.sink,
            access: parts.access,
            name: Held::new(parts.name),
            mode: parts.mode,
            closes: parts.closes,
            input: RefCell::default(),
            place: Cell::new(0),
            output: RefCell::default(),
            is_buffered: parts.is_buffered,
            is_line_buffered: Cell::new(parts.is_line_buffered),
            is_in_loop: Cell::new(false),
            text: parts.text.map(|mode| RefCell::new(Rc::new(mode))),
        }
    }

    /// The descriptor; `ValueError` if the file is closed.
    pub(super) fn open_descriptor(&self, vm: &mut Vm) -> Outcome<Descriptor> {
        match &*self.descriptor.borrow() {
            Some(descriptor) => Ok(descriptor.clone()),
            None => Err(value_error(vm, "I/O operation on closed file.")),
        }
    }

    /// `ValueError` if a file is closed that is only asked something: the words are those of the plain file inside.
    pub(super) fn check_open_to_ask(&self, vm: &mut Vm) -> Outcome<()> {
        if self.is_closed() { Err(value_error(vm, "I/O operation on closed file")) } else { Ok(()) }
    }

    /// `ValueError` if the file is closed. A buffer says what it was to do: `read of closed file`.
    pub(super) fn check_open_for(&self, vm: &mut Vm, what: &str) -> Outcome<()> {
        if self.is_buffered && self.text.is_none() && self.is_closed() {
            return Err(value_error(vm, format!("{what} closed file")));
        }
        self.check_open_to_ask(vm)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.descriptor.borrow().is_none()
    }

    pub(super) fn check_open(&self, vm: &mut Vm) -> Outcome<()> {
        if self.is_closed() { Err(value_error(vm, "I/O operation on closed file.")) } else { Ok(()) }
    }

    pub(super) fn check_readable(&self, vm: &mut Vm) -> Outcome<()> {
        // A buffer that was never for that says so even when it is closed.
        let is_buffer = self.is_buffered && self.text.is_none();
        if !is_buffer || self.access.can_read {
            self.check_open(vm)?;
        }
        if self.access.can_read {
            return Ok(());
        }
        Err(unsupported(
            vm,
            if self.is_binary_raw() { "File not open for reading" } else { self.complaint("not readable", "read") },
        ))
    }

    pub(super) fn check_writable(&self, vm: &mut Vm) -> Outcome<()> {
        // A buffer that was never for that says so even when it is closed.
        let is_buffer = self.is_buffered && self.text.is_none();
        if !is_buffer || self.access.can_write {
            self.check_open(vm)?;
        }
        if self.access.can_write {
            return Ok(());
        }
        Err(unsupported(
            vm,
            if self.is_binary_raw() { "File not open for writing" } else { self.complaint("not writable", "write") },
        ))
    }

    fn is_binary_raw(&self) -> bool {
        !self.is_buffered && self.text.is_none()
    }

    /// Buffered binary files have another text than text files.
    fn complaint(&self, text: &'static str, binary: &'static str) -> &'static str {
        if self.text.is_some() { text } else { binary }
    }

    /// Bytes read in advance that are still to be taken.
    pub(super) fn unread(&self) -> usize {
        self.input.borrow().len() - self.place.get()
    }

    /// Runs `f` on what was read in advance.
    pub(super) fn with_input<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        f(&self.input.borrow()[self.place.get()..])
    }

    /// Takes so many bytes of what was read in advance.
    pub(super) fn take(&self, count: usize) -> Vec<u8> {
        let bytes = self.with_input(|input| input[..count].to_vec());
        self.skip(count);
        bytes
    }

    /// Leaves so many bytes of what was read in advance behind.
    pub(super) fn skip(&self, count: usize) {
        self.place.set(self.place.get() + count);
        if self.unread() == 0 {
            self.input.borrow_mut().clear();
            self.place.set(0);
        }
    }

    /// Puts bytes that were taken last back in front.
    pub(super) fn put_back(&self, bytes: &[u8]) {
        let mut input = self.input.borrow_mut();
        let place = self.place.replace(0);
        input.splice(..place, bytes.iter().copied());
    }

    /// Reads in advance once; gives the number of bytes, 0 at the end of the file.
    pub(super) fn fill(&self, vm: &mut Vm) -> Outcome<usize> {
        let descriptor = self.open_descriptor(vm)?;
        if self.sink == Sink::Descriptor && descriptor.number() == 0 {
            // A prompt is to be seen before the answer is waited for.
            vm.flush_out()?;
        }
        self.flush(vm)?;
        let mut buffer = vec![0; CHUNK];
        let count = descriptor.read(vm, &mut buffer)?;
        let mut input = self.input.borrow_mut();
        let place = self.place.replace(0);
        input.drain(..place);
        if input.capacity() - input.len() < count && !vm.has_room_for(2 * input.capacity()) {
            return Err(toy_object::OutOfMemory.into());
        }
        input.extend_from_slice(&buffer[..count]);
        Ok(count)
    }

    /// Takes everything up to the end of the file.
    pub(super) fn take_all(&self, vm: &mut Vm) -> Outcome<Vec<u8>> {
        while self.fill(vm)? > 0 {}
        Ok(self.take(self.unread()))
    }

    /// Goes back to where the script believes the file to be, before it writes or moves.
    fn forget_input(&self, vm: &mut Vm) -> Outcome<()> {
        let unread = self.unread();
        if unread > 0 {
            let descriptor = self.open_descriptor(vm)?;
            if matches!(descriptor, Descriptor::Socket(..)) {
                // What comes in has nothing to do with what goes out.
                return Ok(());
            }
            self.skip(unread);
            if let Some(mode) = &self.text {
                mode.borrow().wrong.set((0, 0));
            }
            descriptor.call(vm, |descriptor| rustix::fs::seek(descriptor, SeekFrom::Current(-(unread as i64))))?;
        }
        Ok(())
    }

    /// Writes bytes, sooner or later.
    pub(super) fn write(&self, vm: &mut Vm, bytes: &[u8]) -> Outcome<()> {
        match self.sink {
            Sink::Output => return vm.write_out(bytes),
            Sink::Error => {
                vm.write_err(bytes);
                return Ok(());
            }
            Sink::Descriptor => {}
        }
        self.forget_input(vm)?;
        let is_full = {
            let mut output = self.output.borrow_mut();
            if output.capacity() - output.len() < bytes.len() && !vm.has_room_for(bytes.len()) {
                return Err(toy_object::OutOfMemory.into());
            }
            output.extend_from_slice(bytes);
            output.len() > BUFFER
        };
        if is_full || (self.is_line_buffered.get() && memchr::memchr(b'\n', bytes).is_some()) {
            self.flush(vm)?;
        }
        Ok(())
    }

    /// Writes out what was collected.
    pub(super) fn flush(&self, vm: &mut Vm) -> Outcome<()> {
        if self.sink == Sink::Output {
            return vm.flush_out();
        }
        let bytes = self.output.take();
        if bytes.is_empty() {
            return Ok(());
        }
        self.open_descriptor(vm)?.write_all(vm, &bytes)
    }

    /// The place in the file, as the script sees it.
    pub(super) fn tell(&self, vm: &mut Vm) -> Outcome<u64> {
        let descriptor = self.open_descriptor(vm)?;
        let place = descriptor.call(vm, |descriptor| rustix::fs::tell(descriptor))?;
        Ok((place + self.output.borrow().len() as u64).saturating_sub(self.unread() as u64))
    }

    /// Moves to another place; gives it.
    pub(super) fn seek(&self, vm: &mut Vm, target: SeekFrom) -> Outcome<u64> {
        self.flush(vm)?;
        self.forget_input(vm)?;
        self.is_in_loop.set(false);
        self.open_descriptor(vm)?.call(vm, |descriptor| rustix::fs::seek(descriptor, target))
    }

    /// Cuts the file off, or makes it longer.
    pub(super) fn truncate(&self, vm: &mut Vm, length: u64) -> Outcome<()> {
        self.flush(vm)?;
        self.open_descriptor(vm)?.call(vm, |descriptor| rustix::fs::ftruncate(descriptor, length))
    }

    /// Whether the file has places to move to.
    pub(super) fn is_seekable(&self, vm: &mut Vm) -> Outcome<bool> {
        let descriptor = self.open_descriptor(vm)?;
        match descriptor.call(vm, |descriptor| rustix::fs::tell(descriptor)) {
            Ok(_) => Ok(true),
            Err(_) => {
                drop(vm.take_raised());
                Ok(false)
            }
        }
    }

    /// Writes out what was collected and closes the descriptor, also if writing fails.
    pub(super) fn close(&self, vm: &mut Vm) -> Outcome<()> {
        if self.is_closed() {
            return Ok(());
        }
        let flushed = self.flush(vm);
        if self.sink == Sink::Output && self.text.is_some() {
            vm.set_out_indirect(true);
        }
        let descriptor = self.descriptor.take();
        let closed = match &descriptor {
            Some(descriptor) if self.closes => descriptor::close(vm, descriptor.number()),
            _ => Ok(()),
        };
        drop(descriptor);
        flushed.and(closed)
    }
}

/// Raises `io.UnsupportedOperation`.
#[cold]
pub(super) fn unsupported(vm: &mut Vm, message: &str) -> Raised {
    let class = library::get(vm, UNSUPPORTED).unwrap_or_else(|| vm.class(ClassName::OsError));
    match vm.new_str(message) {
        Ok(message) => vm.raise_class_with(class.get(), &[message.get()]),
        Err(error) => error.into(),
    }
}

/// The file behind a method's receiver.
pub(super) fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a File> {
    crate::class::this(vm, args.at(0), "_io._IOBase")
}
