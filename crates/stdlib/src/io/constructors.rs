//! How scripts make files: `FileIO`, the classes with a buffer, and `TextIOWrapper`.
//!
//! Invariant: a file is unborn until its `__init__` has got through, and says so.

use std::rc::Rc;

use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use super::file::{Access, BUFFER, File, FileKind, this};
use super::generic::check_able;
use super::open::{open_descriptor, parse_raw_mode, text_mode};
use super::source::Source;
use crate::argument::{flag_or, integer, new_text, text, value_error};
use crate::class;
use crate::module::call_method;

natives! {
    /// How a `FileIO` is made.
    pub(super) RAW:
    static "__new__" ("*args, **kwargs") "A file without a buffer." => |vm, args|
        class::construct(vm, FileKind::Raw.key(), args.at(0), File::unborn(FileKind::Raw));
    method releasing "__init__" ("file, mode='r', closefd=True, opener=None") "Open a path, or a descriptor's number." => init_raw;
}

natives! {
    /// How a `BufferedReader` is made.
    pub(super) READER:
    static "__new__" ("*args, **kwargs") "A file to be read, with a buffer." => |vm, args|
        class::construct(vm, FileKind::Reader.key(), args.at(0), File::unborn(FileKind::Reader));
    method releasing "__init__" ("raw, buffer_size=8192") "Lay a buffer around a file without one." => init_buffered;
}

natives! {
    /// How a `BufferedWriter` is made.
    pub(super) WRITER:
    static "__new__" ("*args, **kwargs") "A file to be written, with a buffer." => |vm, args|
        class::construct(vm, FileKind::Writer.key(), args.at(0), File::unborn(FileKind::Writer));
    method releasing "__init__" ("raw, buffer_size=8192") "Lay a buffer around a file without one." => init_buffered;
}

natives! {
    /// How a `BufferedRandom` is made.
    pub(super) RANDOM:
    static "__new__" ("*args, **kwargs") "A file to be read and written, with a buffer." => |vm, args|
        class::construct(vm, FileKind::Random.key(), args.at(0), File::unborn(FileKind::Random));
    method releasing "__init__" ("raw, buffer_size=8192") "Lay a buffer around a file without one." => init_buffered;
}

natives! {
    /// How a `TextIOWrapper` is made.
    pub(super) TEXT:
    static "__new__" ("*args, **kwargs") "A file of text." => |vm, args|
        class::construct(vm, FileKind::Text.key(), args.at(0), File::unborn(FileKind::Text));
    method releasing "__init__"
        ("buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False")
        "Make text of a file of bytes." => init_text;
}

fn init_raw(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    let mode = match args.get(2) {
        None => "r".to_owned(),
        Some(mode) => text(vm, mode, "FileIO() argument 'mode'")?.into_owned(),
    };
    let closes = flag_or(vm, args.get(3), true)?;
    file.close_descriptor(vm)?;
    let letters = parse_raw_mode(vm, &mode)?;
    let (descriptor, size) = open_descriptor(vm, args.at(1), &letters, closes, args.get(4))?;
    file.access.set(letters.access());
    file.closes.set(closes);
    file.size.set(size);
    let shown = new_text(vm, letters.shown())?;
    let old = [file.name.set(args.at(1).to_owned()), file.mode.set(shown)];
    drop((old, file.source.replace(Source::Descriptor(descriptor))));
    Ok(Owned::none())
}

fn init_buffered(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (file, raw) = (this(vm, args)?, args.at(1));
    let size = args.get(2).map_or(Ok(BUFFER as i64), |size| integer(vm, size))?;
    drop(file.source.replace(Source::Unborn));
    let access = file.kind.access();
    if file.kind == FileKind::Random {
        check_able(vm, raw, "seekable")?;
    }
    if access.can_read {
        check_able(vm, raw, "readable")?;
    }
    if access.can_write {
        check_able(vm, raw, "writable")?;
    }
    let Some(size) = usize::try_from(size).ok().filter(|&size| size > 0) else {
        return Err(value_error(vm, "buffer size must be strictly positive"));
    };
    if !vm.has_room_for(size) {
        return Err(toy_object::OutOfMemory.into());
    }
    file.access.set(access);
    file.size.set(size);
    file.skip(file.unread());
    drop(file.output.take());
    drop(file.source.replace(Source::Object(raw.to_owned())));
    Ok(Owned::none())
}

fn init_text(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (file, buffer) = (this(vm, args)?, args.at(1));
    let mode = text_mode(vm, "TextIOWrapper", [2, 3, 4].map(|place| args.get(place)))?;
    let (is_line_buffered, writes_through) = (flag_or(vm, args.get(5), false)?, flag_or(vm, args.get(6), false)?);
    drop(file.source.replace(Source::Unborn));
    // What is no file says so now.
    let can_read = asked(vm, buffer, "readable")?;
    let access = Access { can_read, can_write: asked(vm, buffer, "writable")? };
    let is_seekable = asked(vm, buffer, "seekable")?;
    if is_seekable && access.can_write {
        let place = call_method(vm, buffer, "tell", &[])?;
        let is_at_start = place.get().as_int().is_none_or(|place| place.to_i64() == Some(0));
        mode.is_at_start.set(is_at_start || access.can_read);
        if let Some(foreign) = &mode.foreign {
            foreign.has_begun.set(!is_at_start);
        }
    }
    file.access.set(access);
    file.is_line_buffered.set(is_line_buffered);
    file.writes_through.set(writes_through);
    file.skip(file.unread());
    drop(file.output.take());
    drop(file.text.replace(Some(Rc::new(mode))));
    drop(file.source.replace(Source::Object(buffer.to_owned())));
    Ok(Owned::none())
}

fn asked(vm: &mut Vm, file: Ref<'_>, method: &str) -> Outcome<bool> {
    let answer = call_method(vm, file, method, &[])?;
    vm.truth(answer.get())
}
