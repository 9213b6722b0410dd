//! Files: what is beneath them, what was read in advance, and what is still to be written. Text files and binary files are the same
//! here; they differ in what their methods make of the bytes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustix::fs::SeekFrom;
use toy_gil::ThreadId;
use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, ClassName, Held, Outcome, Raised, Vm};

use super::descriptor::Descriptor;
use super::source::Source;
use super::text::TextMode;
use crate::argument::value_error;
use crate::library;

/// Bytes that are collected before they are written, and read at least, if nobody says how many.
pub(super) const BUFFER: usize = 8 << 10;
/// Bytes that are read at a time from a descriptor.
const CHUNK: usize = 64 << 10;

/// The exception class.
pub(super) const UNSUPPORTED: &str = "io.UnsupportedOperation";

/// Which class a file belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum FileKind {
    Text,
    Reader,
    Writer,
    Random,
    Raw,
}

impl FileKind {
    /// What files of the kind can be used for at most.
    pub(super) fn access(self) -> Access {
        Access { can_read: self != Self::Writer, can_write: self != Self::Reader }
    }
}

/// Where written bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sink {
    /// Into the file's own buffer, then to what is beneath.
    Source,
    /// Into the machine's buffer of standard output.
    Output,
    /// To standard error, at once.
    Error,
}

/// What a file may be used for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) can_read: bool,
    pub(super) can_write: bool,
}

/// A file.
pub(crate) struct File {
    pub(super) kind: FileKind,
    pub(super) source: RefCell<Source>,
    pub(super) sink: Sink,
    pub(super) access: Cell<Access>,
    /// What `name` and `mode` show, if what is beneath has no say in it.
    pub(super) name: Held,
    pub(super) mode: Held,
    /// Whether closing the file closes the descriptor.
    pub(super) closes: Cell<bool>,
    /// Read in advance; taken up to `place`.
    input: RefCell<Vec<u8>>,
    place: Cell<usize>,
    /// To be written.
    pub(super) output: RefCell<Vec<u8>>,
    /// So many bytes are collected at most.
    pub(super) size: Cell<usize>,
    pub(super) is_line_buffered: Cell<bool>,
    pub(super) writes_through: Cell<bool>,
    /// A loop over the lines is under way: the place is not told.
    pub(super) is_iterated: Cell<bool>,
    /// Some of what was read in advance was not read in such a loop.
    pub(super) tells_input: Cell<bool>,
    /// What is to be written was put before what was read in advance, not at the end of that.
    pub(super) is_written_within: Cell<bool>,
    /// The thread that is using the file without a buffer beneath.
    pub(super) user: Cell<Option<ThreadId>>,
    /// Of text files.
    pub(super) text: RefCell<Option<Rc<TextMode>>>,
    /// The file of bytes beside a standard stream, once it was asked for.
    pub(super) companion: Held,
}

impl Payload for File {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        for held in [&self.name, &self.mode, &self.companion] {
            held.visit(visit);
        }
        if let Source::Object(beneath) = &*self.source.borrow() {
            visit(beneath.get());
        }
    }

    fn clear(&self) {
        for held in [&self.name, &self.mode, &self.companion] {
            held.clear();
        }
        if self.beneath().is_some() {
            drop(self.source.replace(Source::Closed));
        }
    }
}

/// What a new file is made of.
pub(super) struct FileParts {
    pub(super) kind: FileKind,
    pub(super) source: Source,
    pub(super) sink: Sink,
    pub(super) access: Access,
    pub(super) name: Option<Owned>,
    pub(super) mode: Option<Owned>,
    pub(super) closes: bool,
    pub(super) size: usize,
    pub(super) is_line_buffered: bool,
    pub(super) text: Option<TextMode>,
}

impl File {
    pub(super) fn new(parts: FileParts) -> Self {
        Self {
            kind: parts.kind,
            source: RefCell::new(parts.source),
            sink: parts.sink,
            access: Cell::new(parts.access),
            name: Held::optional(parts.name),
            mode: Held::optional(parts.mode),
            closes: Cell::new(parts.closes),
            input: RefCell::default(),
            place: Cell::new(0),
            output: RefCell::default(),
            size: Cell::new(parts.size),
            is_line_buffered: Cell::new(parts.is_line_buffered),
            writes_through: Cell::new(false),
            is_iterated: Cell::new(false),
            tells_input: Cell::new(false),
            is_written_within: Cell::new(false),
            user: Cell::new(None),
            text: RefCell::new(parts.text.map(Rc::new)),
            companion: Held::optional(None),
        }
    }

    /// A file whose `__init__` has not run.
    pub(super) fn unborn(kind: FileKind) -> Self {
        Self::new(FileParts {
            kind,
            source: Source::Unborn,
            sink: Sink::Source,
            access: kind.access(),
            name: None,
            mode: None,
            closes: false,
            size: BUFFER,
            is_line_buffered: false,
            text: None,
        })
    }

    pub(super) fn is_text(&self) -> bool {
        self.kind == FileKind::Text
    }

    pub(super) fn is_buffered(&self) -> bool {
        matches!(self.kind, FileKind::Reader | FileKind::Writer | FileKind::Random)
    }

    /// `ValueError` if a file is closed that is only asked something: the words are those of the plain file inside.
    pub(super) fn check_open_to_ask(&self, vm: &mut Vm) -> Outcome<()> {
        if self.is_closed(vm)? { Err(value_error(vm, "I/O operation on closed file")) } else { Ok(()) }
    }

    /// `ValueError` if the file is closed. A buffer says what it was to do: `read of closed file`.
    pub(super) fn check_open_for(&self, vm: &mut Vm, what: &str) -> Outcome<()> {
        if self.is_buffered() && self.is_closed(vm)? {
            return Err(value_error(vm, format!("{what} closed file")));
        }
        self.check_open_to_ask(vm)
    }

    pub(super) fn check_open(&self, vm: &mut Vm) -> Outcome<()> {
        if self.is_closed(vm)? { Err(value_error(vm, "I/O operation on closed file.")) } else { Ok(()) }
    }

    pub(super) fn check_readable(&self, vm: &mut Vm) -> Outcome<()> {
        let Access { can_read, .. } = self.access.get();
        self.check_able(vm, can_read, ["not readable", "read", "File not open for reading"])
    }

    pub(super) fn check_writable(&self, vm: &mut Vm) -> Outcome<()> {
        let Access { can_write, .. } = self.access.get();
        self.check_able(vm, can_write, ["not writable", "write", "File not open for writing"])
    }

    /// The complaints are those of a text file, of one with a buffer, and of one without.
    fn check_able(&self, vm: &mut Vm, is_able: bool, complaints: [&str; 3]) -> Outcome<()> {
        let [text, buffered, raw] = complaints;
        // A buffer that was never for that says so even when it is closed.
        match self.kind {
            FileKind::Text => self.check_open(vm)?,
            _ if is_able || self.kind == FileKind::Raw => self.check_open_to_ask(vm)?,
            _ => {}
        }
        match self.kind {
            _ if is_able => Ok(()),
            FileKind::Text => Err(unsupported(vm, text)),
            FileKind::Raw => Err(unsupported(vm, raw)),
            _ => Err(unsupported(vm, buffered)),
        }
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

    /// Keeps only so many bytes of what was read in advance; gives the others.
    pub(super) fn split_input(&self, kept: usize) -> Vec<u8> {
        let mut input = self.input.borrow_mut();
        let end = (self.place.get() + kept).min(input.len());
        input.split_off(end)
    }

    /// Adds to what was read in advance.
    pub(super) fn add_input(&self, vm: &mut Vm, bytes: &[u8]) -> Outcome<()> {
        let mut input = self.input.borrow_mut();
        let place = self.place.replace(0);
        input.drain(..place);
        if input.capacity() - input.len() < bytes.len() && !vm.has_room_for(2 * input.capacity()) {
            return Err(toy_object::OutOfMemory.into());
        }
        input.extend_from_slice(bytes);
        Ok(())
    }

    /// Reads in advance once; gives the number of bytes, 0 at the end of the file. `None`: there is nothing now, and the file does
    /// not wait.
    pub(super) fn fill(&self, vm: &mut Vm) -> Outcome<Option<usize>> {
        let count = match &*self.source.borrow() {
            // What was taken from the file decides where a text file writes.
            Source::Descriptor(_) if self.is_text() && self.access.get().can_write => BUFFER,
            Source::Descriptor(_) => CHUNK,
            _ => self.size.get(),
        };
        self.fill_with(vm, count)
    }

    /// As [`fill`](Self::fill), with at most so many bytes.
    pub(super) fn fill_with(&self, vm: &mut Vm, count: usize) -> Outcome<Option<usize>> {
        if matches!(&*self.source.borrow(), Source::Descriptor(Descriptor::StandardInput)) {
            // A prompt is to be seen before the answer is waited for.
            vm.flush_out()?;
        }
        if !self.output.borrow().is_empty() {
            self.flush_to_read(vm)?;
        }
        match self.read_source(vm, count)? {
            None => Ok(None),
            Some(bytes) => {
                self.tells_input.set(!bytes.is_empty() && (self.tells_input.get() || !self.is_iterated.get()));
                self.take_in(vm, bytes).map(Some)
            }
        }
    }

    /// Takes everything up to the end of the file; `None`: there is nothing now, and the file does not wait.
    pub(super) fn take_all(&self, vm: &mut Vm) -> Outcome<Option<Vec<u8>>> {
        if let Some(beneath) = self.beneath() {
            return super::layers::take_all_of(vm, self, beneath.get());
        }
        if self.kind == FileKind::Raw {
            return self.read_rest(vm);
        }
        loop {
            match self.fill(vm)? {
                None if self.unread() == 0 => return Ok(None),
                None | Some(0) => return Ok(Some(self.take(self.unread()))),
                Some(_) => {}
            }
        }
    }

    /// The same of a file without a buffer, which keeps nothing even if an exception comes in between.
    fn read_rest(&self, vm: &mut Vm) -> Outcome<Option<Vec<u8>>> {
        let mut all = Vec::new();
        loop {
            match self.read_source(vm, CHUNK)? {
                None if all.is_empty() => return Ok(None),
                None => return Ok(Some(all)),
                Some(bytes) if bytes.is_empty() => return Ok(Some(all)),
                Some(bytes) => {
                    if all.capacity() - all.len() < bytes.len() && !vm.has_room_for(2 * all.capacity()) {
                        return Err(toy_object::OutOfMemory.into());
                    }
                    all.extend_from_slice(&bytes);
                }
            }
        }
    }

    /// Goes back to where the script believes the file to be, before it writes or moves.
    pub(super) fn forget_input(&self, vm: &mut Vm) -> Outcome<()> {
        let unread = self.unread();
        if unread == 0 {
            return Ok(());
        }
        if matches!(&*self.source.borrow(), Source::Descriptor(Descriptor::Socket(..))) {
            // What comes in has nothing to do with what goes out.
            return Ok(());
        }
        let behind = self.source_length(vm)?;
        self.drop_input();
        self.seek_source(vm, SeekFrom::Current(-(behind as i64))).map(drop)
    }

    /// Leaves everything behind that was read in advance.
    pub(super) fn drop_input(&self) {
        self.skip(self.unread());
        self.forget_text();
        self.tells_input.set(false);
    }

    /// The place in the file, as the script sees it.
    pub(super) fn tell(&self, vm: &mut Vm) -> Outcome<u64> {
        let place = self.tell_source(vm)?;
        if self.is_text() && !self.tells_input.get() {
            // What a loop over the lines has read in advance is not counted.
            return Ok(place + self.output.borrow().len() as u64);
        }
        Ok((place + self.output.borrow().len() as u64).saturating_sub(self.source_length(vm)?))
    }

    /// Moves to another place; gives it.
    pub(super) fn seek(&self, vm: &mut Vm, target: SeekFrom) -> Outcome<u64> {
        self.flush(vm)?;
        let target = match target {
            // What was read in advance lies before the place where the source stands.
            SeekFrom::Current(offset) => SeekFrom::Current(offset.saturating_sub_unsigned(self.source_length(vm)?)),
            target => target,
        };
        // If that fails the file stays where it is, with what was read in advance.
        let place = self.seek_source(vm, target)?;
        self.drop_input();
        Ok(place)
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

/// The file behind a method's receiver, if it is one that is native.
#[inline]
pub(super) fn file_of<'a>(vm: &Vm, args: Args<'a>) -> Option<&'a File> {
    args.at(0).payload(vm.heap())
}

/// The file behind a method's receiver.
pub(super) fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a File> {
    crate::class::this(vm, args.at(0), "_io._IOBase")
}
