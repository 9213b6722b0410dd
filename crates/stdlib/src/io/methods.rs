//! The methods of files: those that all have, and those in which text and binary files differ.

use toy_object::Owned;
use toy_vm::{ClassName, natives};

use super::file::this;
use super::operations::{
    next_line, read_binary_line, read_bytes, read_into, read_lines, repr, seek_text, size, target, truncate,
    write_bytes, write_lines,
};
use super::text;
use crate::argument::{bytes, integer, integer_or, new_text, type_error};

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
        file.is_in_loop.set(false);
        Ok(Owned::none())
    };
    method "fileno" ("") "The descriptor's number." => |vm, args| {
        let file = this(vm, args)?;
        file.check_open_to_ask(vm)?;
        let number = file.open_descriptor(vm)?.number();
        Ok(vm.new_int(i64::from(number))?)
    };
    method "isatty" ("") "Whether the file is a terminal." => |vm, args| {
        let file = this(vm, args)?;
        file.check_open_to_ask(vm)?;
        let is_terminal = file.open_descriptor(vm)?.is_terminal();
        Ok(Owned::bool(is_terminal))
    };
    method "readable" ("") "Whether the file can be read." => |vm, args| {
        let file = this(vm, args)?;
        if file.access.can_read || !file.is_buffered {
            file.check_open_to_ask(vm)?;
        }
        Ok(Owned::bool(file.access.can_read))
    };
    method "writable" ("") "Whether the file can be written." => |vm, args| {
        let file = this(vm, args)?;
        if file.access.can_write || !file.is_buffered {
            file.check_open_to_ask(vm)?;
        }
        Ok(Owned::bool(file.access.can_write))
    };
    method "seekable" ("") "Whether the file has places to move to." => |vm, args| {
        let file = this(vm, args)?;
        file.check_open_to_ask(vm)?;
        let is_seekable = file.is_seekable(vm)?;
        Ok(Owned::bool(is_seekable))
    };
    method "tell" ("") "The place in the file." => |vm, args| {
        let file = this(vm, args)?;
        if file.text.is_none() {
            file.check_open_to_ask(vm)?;
        } else if file.is_in_loop.get() {
            return Err(vm.raise(ClassName::OsError, "telling position disabled by next() call"));
        }
        let place = file.tell(vm)?;
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
        let limit = integer_or(vm, args.get(1), -1)?;
        file.read_line(vm, usize::try_from(limit).ok())
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
        if file.access.can_read {
            file.check_open_for(vm, "read of")?;
        }
        file.check_readable(vm)?;
        let count = size(vm, args)?;
        let bytes = read_bytes(vm, file, count)?;
        Ok(vm.new_bytes(&bytes)?)
    };
    method releasing "read1" ("size=-1, /") "Read at most so many bytes, with one system call at most." => |vm, args| {
        let file = this(vm, args)?;
        if file.access.can_read {
            file.check_open_for(vm, "read of")?;
        }
        file.check_readable(vm)?;
        let wanted = size(vm, args)?.unwrap_or(super::file::BUFFER);
        if file.unread() == 0 && wanted > 0 {
            file.fill(vm)?;
        }
        let bytes = file.take(wanted.min(file.unread()));
        Ok(vm.new_bytes(&bytes)?)
    };
    method releasing "readinto" ("buffer, /") "Read into a bytearray; returns the number of bytes." => read_into;
    method releasing "readinto1" ("buffer, /") "Read into a bytearray, with one system call at most." => read_into;
    method releasing "readline" ("size=-1, /") "Read a line; empty at the end." => |vm, args| {
        let file = this(vm, args)?;
        if file.access.can_read {
            file.check_open_for(vm, "readline of")?;
        }
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
        if file.access.can_read {
            file.check_open_for(vm, "peek of")?;
        }
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
        if file.access.can_write {
            file.check_open_for(vm, "write to")?;
        }
        file.check_writable(vm)?;
        let bytes = bytes(vm, args.at(1))?;
        let count = write_bytes(vm, file, &bytes)?;
        Ok(vm.new_int_from_usize(count)?)
    };
    method releasing "writelines" ("lines, /") "Write a list of lines; no line ends are added." => write_lines;
    method releasing "seek" ("target, whence=0, /") "Move to another place." => |vm, args| {
        let file = this(vm, args)?;
        file.check_open_for(vm, "seek of")?;
        let offset = integer(vm, args.at(1))?;
        let target = target(vm, file, offset, args.get(2))?;
        let place = file.seek(vm, target)?;
        Ok(vm.new_int(place as i64)?)
    };
}
