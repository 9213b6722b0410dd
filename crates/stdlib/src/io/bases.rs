//! The classes of files, and the methods of those that others inherit from. Each method is one of native files and of scripts' at the
//! same time: see [`methods`](super::methods) for the former, [`generic`](super::generic) for the latter.

use toy_object::{ClassFlags, Kind, Owned};
use toy_vm::{Args, ClassLayout, ClassSpec, NativeRow, Outcome, Vm, natives};

use super::file::{File, FileKind, file_of};
use super::{byte_memory, constructors, generic, layers, methods, operations, text, text_memory};
use crate::{class, library};

const IO_BASE: &str = "_io._IOBase";
const RAW_BASE: &str = "_io._RawIOBase";
const BUFFERED_BASE: &str = "_io._BufferedIOBase";
const TEXT_BASE: &str = "_io._TextIOBase";

/// A class of files: its full name, that of its base, its rows, and what is said of it.
struct FileClass {
    key: &'static str,
    base: &'static str,
    rows: &'static [&'static [NativeRow]],
    doc: &'static str,
}

/// The classes that are there from the start, bases first.
static CLASSES: &[FileClass] = &[
    FileClass { key: IO_BASE, base: "", rows: &[IO_METHODS], doc: "The abstract base of all files." },
    FileClass { key: RAW_BASE, base: IO_BASE, rows: &[RAW_METHODS], doc: "Base of files without a buffer." },
    FileClass { key: BUFFERED_BASE, base: IO_BASE, rows: &[BUFFERED_METHODS], doc: "Base of files with a buffer." },
    FileClass { key: TEXT_BASE, base: IO_BASE, rows: &[TEXT_METHODS], doc: "Base of files of text." },
    FileClass {
        key: FileKind::Text.key(),
        base: TEXT_BASE,
        rows: &[methods::TEXT, constructors::TEXT],
        doc: "A file of text around one of bytes.",
    },
    FileClass {
        key: FileKind::Reader.key(),
        base: BUFFERED_BASE,
        rows: &[methods::BUFFERED, methods::PEEKING, constructors::READER],
        doc: "A file of bytes to be read, with a buffer.",
    },
    FileClass {
        key: FileKind::Writer.key(),
        base: BUFFERED_BASE,
        rows: &[methods::BUFFERED, constructors::WRITER],
        doc: "A file of bytes to be written, with a buffer.",
    },
    FileClass {
        key: FileKind::Random.key(),
        base: BUFFERED_BASE,
        rows: &[methods::BUFFERED, methods::PEEKING, constructors::RANDOM],
        doc: "A file of bytes to be read and written, with a buffer.",
    },
    FileClass {
        key: FileKind::Raw.key(),
        base: RAW_BASE,
        rows: &[methods::RAW, constructors::RAW],
        doc: "A file of bytes without a buffer.",
    },
];

/// The classes of files in memory, which are made when they are first asked for.
static MEMORY_CLASSES: &[FileClass] = &[
    FileClass {
        key: text_memory::TEXT_MEMORY,
        base: TEXT_BASE,
        rows: &[text_memory::METHODS],
        doc: "A text file in memory.",
    },
    FileClass {
        key: byte_memory::BYTE_MEMORY,
        base: BUFFERED_BASE,
        rows: &[byte_memory::METHODS],
        doc: "A binary file in memory.",
    },
];

impl FileKind {
    /// The full name of its class.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Text => "_io.TextIOWrapper",
            Self::Reader => "_io.BufferedReader",
            Self::Writer => "_io.BufferedWriter",
            Self::Random => "_io.BufferedRandom",
            Self::Raw => "_io.FileIO",
        }
    }
}

/// The keys of all classes of files but those in memory.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    CLASSES.iter().map(|class| class.key)
}

/// Makes the classes that are there from the start.
pub(super) fn define(vm: &mut Vm) -> Outcome<()> {
    CLASSES.iter().try_for_each(|class| define_class(vm, class, true).map(drop))
}

/// Makes the classes of files in memory; gives them with their names.
pub(super) fn define_memory(vm: &mut Vm) -> Outcome<Vec<(&'static str, Owned)>> {
    MEMORY_CLASSES.iter().map(|row| Ok((name_of(row.key), define_class(vm, row, false)?))).collect()
}

/// The last part of a full name.
pub(super) fn name_of(key: &'static str) -> &'static str {
    key.rsplit_once('.').expect("the key is a full name").1
}

fn define_class(vm: &mut Vm, row: &FileClass, has_finaliser: bool) -> Outcome {
    let base = (!row.base.is_empty()).then(|| class::find(vm, row.base));
    let bases: Vec<_> = base.iter().map(Owned::get).collect();
    let is_abstract = row.key.contains("._");
    let layout = if is_abstract { ClassLayout::Kind(Kind::Instance) } else { ClassLayout::NativeWithAttributes };
    let name = name_of(row.key);
    let class = vm.define_class(ClassSpec { name, module: "_io", bases: &bases, rows: row.rows[0], layout })?;
    for rows in &row.rows[1..] {
        vm.add_rows(class.get(), rows)?;
    }
    library::set(vm, row.key, class.clone());
    class::document(vm, class.get(), row.doc)?;
    if has_finaliser {
        // The last owner's end closes a file.
        let view = class.get().as_class(vm.heap()).expect("just defined");
        view.set_flags(vm.heap(), ClassFlags { has_finaliser: true, ..view.flags() });
    }
    Ok(class)
}

/// A method that native files have in one way, scripts' in another.
fn either(
    vm: &mut Vm,
    args: Args<'_>,
    native: impl FnOnce(&mut Vm, &File) -> Outcome,
    script: impl FnOnce(&mut Vm) -> Outcome,
) -> Outcome {
    match file_of(vm, args) {
        Some(file) => native(vm, file),
        None => script(vm),
    }
}

natives! {
    /// What every file has.
    IO_METHODS:
    method releasing "close" ("") "Write out what was collected, and close the file." => |vm, args| {
        let closed = match file_of(vm, args) {
            Some(file) => layers::close(vm, args.at(0), file),
            None => generic::close(vm, args.at(0)),
        };
        closed.map(|()| Owned::none())
    };
    getter "closed" ("") "Whether the file is closed." => |vm, args|
        either(vm, args, |vm, file| Ok(Owned::bool(file.is_closed(vm)?)), |vm| generic::closed(vm, args.at(0)));
    method releasing "flush" ("") "Write out what was collected." => |vm, args| {
        let flushed = match file_of(vm, args) {
            Some(file) => methods::flush(vm, file),
            None => generic::flush(vm, args.at(0)),
        };
        flushed.map(|()| Owned::none())
    };
    method releasing "seek" ("offset, whence=0, /") "Move to another place." => |vm, args|
        either(vm, args, |vm, file| methods::seek(vm, file, args), |vm| generic::refuse(vm, "seek"));
    method "tell" ("") "The place in the file." => |vm, args| either(vm, args, methods::tell, |vm| {
        let (offset, whence) = (vm.new_int(0)?, vm.new_int(1)?);
        crate::module::call_method(vm, args.at(0), "seek", &[offset.get(), whence.get()])
    });
    method releasing "truncate" ("size=None, /") "Cut the file off here, or at a place." => |vm, args|
        either(vm, args, |vm, file| operations::truncate(vm, file, args), |vm| generic::refuse(vm, "truncate"));
    method "fileno" ("") "The descriptor's number." => |vm, args|
        either(vm, args, methods::number, |vm| generic::refuse(vm, "fileno"));
    method "isatty" ("") "Whether the file is a terminal." => |vm, args| either(vm, args, methods::is_terminal, |vm| {
        generic::check_open(vm, args.at(0)).map(|()| Owned::bool(false))
    });
    method "readable" ("") "Whether the file can be read." => |vm, args|
        either(vm, args, methods::readable, |_| Ok(Owned::bool(false)));
    method "writable" ("") "Whether the file can be written." => |vm, args|
        either(vm, args, methods::writable, |_| Ok(Owned::bool(false)));
    method "seekable" ("") "Whether the file has places to move to." => |vm, args|
        either(vm, args, methods::seekable, |_| Ok(Owned::bool(false)));
    method releasing "readline" ("size=-1, /") "Read a line; empty at the end." => |vm, args|
        either(vm, args, |vm, file| {
            // A script's file without a buffer may have a `read` of its own.
            let is_own = file.kind == FileKind::Raw && !operations::reads_itself(vm, args);
            if is_own { generic::read_line(vm, args) } else { methods::read_line(vm, file, args) }
        }, |vm| generic::read_line(vm, args));
    method releasing "readlines" ("hint=-1, /") "Read a list of lines." => |vm, args|
        if operations::reads_itself(vm, args) { operations::read_lines(vm, args) } else { generic::read_lines(vm, args) };
    method releasing "writelines" ("lines, /") "Write a list of lines; no line ends are added." => |vm, args|
        if operations::reads_itself(vm, args) { operations::write_lines(vm, args) } else { generic::write_lines(vm, args) };
    method releasing "__next__" ("") "The next line." => |vm, args|
        if operations::reads_itself(vm, args) { operations::next_line(vm, args) } else { operations::next_of_script(vm, args) };
    method "__iter__" ("") "The file itself: it gives its lines." => |vm, args| {
        match file_of(vm, args) {
            Some(file) => file.check_open(vm)?,
            None => generic::check_open(vm, args.at(0))?,
        }
        Ok(args.at(0).to_owned())
    };
    method releasing "__enter__" ("") "The file itself." => |vm, args| {
        match file_of(vm, args) {
            Some(file) => file.check_open(vm)?,
            None => generic::check_open(vm, args.at(0))?,
        }
        Ok(args.at(0).to_owned())
    };
    method releasing "__exit__" ("*args") "Close the file." => |vm, args|
        crate::module::call_method(vm, args.at(0), "close", &[]);
    method releasing "__del__" ("") "Close a file that nobody uses any more." => |vm, args|
        generic::end(vm, args.at(0));
    method "_checkClosed" ("") "Raise ValueError if the file is closed." => |vm, args|
        generic::check_open(vm, args.at(0)).map(|()| Owned::none());
    method "_checkReadable" ("") "Raise UnsupportedOperation if the file cannot be read." => |vm, args|
        generic::check_able(vm, args.at(0), "readable").map(|()| Owned::none());
    method "_checkWritable" ("") "Raise UnsupportedOperation if the file cannot be written." => |vm, args|
        generic::check_able(vm, args.at(0), "writable").map(|()| Owned::none());
    method "_checkSeekable" ("") "Raise UnsupportedOperation if the file has no places to move to." => |vm, args|
        generic::check_able(vm, args.at(0), "seekable").map(|()| Owned::none());
}

natives! {
    /// What files without a buffer have.
    RAW_METHODS:
    method releasing "read" ("size=-1, /") "Read at most so many bytes, or everything." => |vm, args|
        either(vm, args, |vm, file| methods::read_binary(vm, file, args), |vm| generic::read_raw(vm, args));
    method releasing "readall" ("") "Read everything." => |vm, args|
        either(vm, args, methods::read_all, |vm| generic::read_all(vm, args.at(0)));
    method "readinto" ("buffer, /") "Read into a bytearray: up to subclasses." => |vm, _| Err(generic::left_out(vm));
    method "write" ("b, /") "Write bytes: up to subclasses." => |vm, _| Err(generic::left_out(vm));
}

natives! {
    /// What files of bytes with a buffer have.
    BUFFERED_METHODS:
    method releasing "detach" ("") "Take away the file without a buffer." => |vm, args|
        either(vm, args, |vm, _| layers::detach(vm, args), |vm| generic::refuse(vm, "detach"));
    method releasing "read" ("size=-1, /") "Read at most so many bytes, or everything." => |vm, args|
        either(vm, args, |vm, file| methods::read_binary(vm, file, args), |vm| generic::refuse_reading(vm, args, "read"));
    method releasing "read1" ("size=-1, /") "Read at most so many bytes, with one system call at most." => |vm, args|
        either(vm, args, |vm, file| methods::read_once(vm, file, args), |vm| generic::refuse_reading(vm, args, "read1"));
    method releasing "readinto" ("buffer, /") "Read into a bytearray; returns the number of bytes." => |vm, args|
        either(vm, args, |vm, file| operations::read_into(vm, file, args, "readinto"), |vm| generic::read_into(vm, args, "readinto"));
    method releasing "readinto1" ("buffer, /") "Read into a bytearray, with one system call at most." => |vm, args|
        either(vm, args, |vm, file| operations::read_into(vm, file, args, "readinto1"), |vm| generic::read_into(vm, args, "readinto1"));
    method releasing "write" ("buffer, /") "Write bytes; returns their number." => |vm, args|
        either(vm, args, |vm, file| methods::write_binary(vm, file, args), |vm| generic::refuse(vm, "write"));
}

natives! {
    /// What files of text have.
    TEXT_METHODS:
    method releasing "detach" ("") "Take away the file of bytes." => |vm, args|
        either(vm, args, |vm, _| layers::detach(vm, args), |vm| generic::refuse(vm, "detach"));
    method "read" ("size=-1, /") "Read at most so many characters, or everything." => |vm, _| generic::refuse(vm, "read");
    method "readline" ("size=-1, /") "Read a line; empty at the end." => |vm, _| generic::refuse(vm, "readline");
    method "write" ("s, /") "Write text; returns the number of characters." => |vm, args| {
        crate::argument::text(vm, args.at(1), "write() argument 1")?;
        generic::refuse(vm, "write")
    };
    getter "encoding" ("") "The name of the encoding." => |vm, args| text::shown(vm, args, |mode| &mode.encoding_name);
    getter "errors" ("") "What happens with characters that cannot be read or written." => |vm, args| text::shown(vm, args, |mode| &mode.errors);
    getter "newlines" ("") "The line ends that were read: None, one, or a tuple of several." => text::newlines;
}
