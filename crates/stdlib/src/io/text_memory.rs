//! `StringIO`: a text file in memory, but for what `io` says of all text files.
//!
//! Invariant: the text belongs to the file alone until somebody asks for all of it, so that what is written at its end is appended in its place.

use std::cell::Cell;

use toy_object::{Owned, Payload, Ref, Str, StrBuilder};
use toy_vm::{Args, Held, Outcome, Vm, natives};

use super::line_ends::{self, Seen};
use super::memory::{self, Memory};
use super::text::LineEnd;
use crate::argument::{new_text, shown_type, type_error, value_error};
use crate::class;
use crate::held::holds;
use crate::module::call_method;

/// The class's full name.
pub(super) const TEXT_MEMORY: &str = "_io.StringIO";

struct TextMemory {
    text: Held,
    memory: Memory,
    line_end: Cell<LineEnd>,
    seen: Cell<Seen>,
}

impl Payload for TextMemory {
    holds!(text);
}

natives! {
    /// The methods of `StringIO`.
    pub(super) METHODS:
    static "__new__" ("*args, **kwargs") "A new file." => |vm, args| {
        let memory = TextMemory {
            text: Held::new(vm.empty_str()),
            memory: Memory::default(),
            line_end: Cell::new(LineEnd::Newline),
            seen: Cell::default(),
        };
        class::construct(vm, TEXT_MEMORY, args.at(0), memory)
    };
    method "__init__" ("initial_value='', newline='\\n'") "Begin with a text; newline is what ends lines." => init;
    method "getvalue" ("") "Everything in the file." => |vm, args| this(vm, args)?.whole(vm);
    method "write" ("s, /") "Write text; returns the number of characters." => write;
    method "read" ("size=-1, /") "Read at most so many characters, or everything." => |vm, args| {
        let file = this(vm, args)?;
        let size = memory::size(vm, args.get(1))?;
        let (text, start) = (file.whole(vm)?, file.memory.place());
        let text = text.get().as_str().expect("a file of text");
        let end = memory::end_of(start, size, text.len());
        file.memory.advance(end);
        Ok(text.substring(vm.heap(), start.min(end), end)?)
    };
    method "readline" ("size=-1, /") "Read a line; empty at the end." => |vm, args| {
        let file = this(vm, args)?;
        let size = memory::size(vm, args.get(1))?;
        file.line(vm, size)
    };
    method "__next__" ("") "The next line." => |vm, args| {
        let file = this(vm, args)?;
        let line = if memory::reads_lines_itself(vm, args.at(0), METHODS) {
            file.line(vm, None)?
        } else {
            text_line(vm, args.at(0))?
        };
        if line.get().as_str().is_some_and(|line| line.is_empty()) {
            return Err(vm.raise_stop_iteration(Ref::NONE));
        }
        Ok(line)
    };
    method "__iter__" ("") "The file itself: it gives its lines." => |vm, args| {
        let file = this(vm, args)?;
        file.memory.complain(vm, "I/O operation on closed file.")?;
        Ok(args.at(0).to_owned())
    };
    method "flush" ("") "Nothing: nothing waits to be written." => |_, _| Ok(Owned::none());
    method "tell" ("") "The place in the file." => |vm, args| {
        let file = this(vm, args)?;
        file.memory.check_open(vm)?;
        Ok(vm.new_int_from_usize(file.memory.place())?)
    };
    method "seek" ("pos, whence=0, /") "Move to another place." => seek;
    method "truncate" ("pos=None, /") "Cut the file off here, or at a place." => truncate;
    method "__del__" ("") "Close the file." => |vm, args| memory::end(vm, args, METHODS, close);
    method "close" ("") "Close the file, and forget what is in it." => close;
    getter "closed" ("") "Whether the file is closed." => |vm, args| Ok(Owned::bool(this(vm, args)?.memory.is_closed()));
    getter "line_buffering" ("") "False: nothing waits to be written." => is_open_and(false);
    getter "newlines" ("") "The line ends that were seen: None, one, or a tuple of several." => |vm, args| {
        let file = this(vm, args)?;
        file.memory.check_open(vm)?;
        line_ends::shown(vm, file.seen.get())
    };
    method "readable" ("") "True." => is_open_and(true);
    method "writable" ("") "True." => is_open_and(true);
    method "seekable" ("") "True." => is_open_and(true);
    method "__getstate__" ("") "What copy and pickle need: the text, what ends lines, the place, and attributes." => |vm, args| {
        let file = this(vm, args)?;
        let (text, place) = (file.whole(vm)?, vm.new_int_from_usize(file.memory.place())?);
        let newline = match line_ends::name_of(file.line_end.get()) {
            Some(newline) => new_text(vm, newline)?,
            None => Owned::none(),
        };
        let attributes = memory::attributes(vm, args.at(0))?;
        Ok(vm.new_tuple([text, newline, place, attributes])?)
    };
    method "__setstate__" ("state, /") "Become what a state says." => set_state;
}

/// A getter or method of files that are open.
const fn is_open_and(answer: bool) -> toy_vm::NativeFn {
    if answer {
        |vm, args| this(vm, args)?.memory.check_open(vm).map(|()| Owned::bool(true))
    } else {
        |vm, args| this(vm, args)?.memory.check_open(vm).map(|()| Owned::bool(false))
    }
}

fn close(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.memory.close();
    drop(file.text.set(vm.empty_str()));
    Ok(Owned::none())
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a TextMemory> {
    class::this(vm, args.at(0), TEXT_MEMORY)
}

fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    begin(vm, file, args.get(1), args.get(2))?;
    Ok(Owned::none())
}

fn begin(vm: &mut Vm, file: &TextMemory, initial: Option<Ref<'_>>, newline: Option<Ref<'_>>) -> Outcome<()> {
    let line_end = match newline {
        None => LineEnd::Newline,
        Some(newline) => line_ends::of_argument(vm, newline)?,
    };
    let initial = match crate::argument::present(initial) {
        None => None,
        Some(initial) => match initial.as_str() {
            Some(text) => Some(text),
            None => {
                let got = vm.type_name(initial);
                return Err(type_error(vm, format!("initial_value must be str or None, not {got}")));
            }
        },
    };
    drop(file.text.set(vm.empty_str()));
    file.line_end.set(line_end);
    file.seen.set(Seen::default());
    file.memory.open();
    if let Some(text) = initial {
        file.write(vm, text)?;
        file.memory.move_to(0);
    }
    Ok(())
}

fn write(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.memory.check_open(vm)?;
    let Some(text) = args.at(1).as_str() else {
        let got = vm.type_name(args.at(1));
        return Err(type_error(vm, format!("string argument expected, got '{got}'")));
    };
    file.write(vm, text)?;
    Ok(vm.new_int_from_usize(text.len())?)
}

impl TextMemory {
    /// All that is in the file, which is open.
    fn whole(&self, vm: &mut Vm) -> Outcome {
        self.memory.check_open(vm)?;
        Ok(self.text.get_or_none())
    }

    /// Writes text, with line ends as the file wants them.
    fn write(&self, vm: &mut Vm, text: Str<'_>) -> Outcome<()> {
        let line_end = self.line_end.get();
        if line_end == LineEnd::Newline {
            return self.put(vm, text);
        }
        self.seen.set(self.seen.get().and(line_end, text));
        match line_ends::translated(vm, line_end, text)? {
            Some(text) => self.put(vm, text.get().as_str().expect("made of text")),
            None => self.put(vm, text),
        }
    }

    /// Puts text where the file stands.
    fn put(&self, vm: &mut Vm, text: Str<'_>) -> Outcome<()> {
        if text.is_empty() {
            return Ok(());
        }
        let (own, place) = (self.text.set(Owned::unbound()), self.memory.place());
        let length = own.get().as_str().map_or(0, |own| own.len());
        let result =
            if place == length { vm.heap().append_or_keep(own, text) } else { overwritten(vm, own, place, text) };
        match result {
            Ok(text_now) => {
                drop(self.text.set(text_now));
                self.memory.move_to(place + text.len());
                Ok(())
            }
            Err(own) => {
                drop(self.text.set(own));
                Err(toy_object::OutOfMemory.into())
            }
        }
    }

    /// The next line, or as much of it as is asked for.
    fn line(&self, vm: &mut Vm, size: Option<usize>) -> Outcome {
        let (text, start) = (self.whole(vm)?, self.memory.place());
        let text = text.get().as_str().expect("a file of text");
        let limit = memory::end_of(start, size, text.len());
        let end = line_ends::line_end(self.line_end.get(), text, start.min(limit), limit);
        self.memory.advance(end);
        Ok(text.substring(vm.heap(), start.min(end), end)?)
    }
}

/// A text with another one written over it from a place on; beyond its end there are zeros before that. The text itself if there
/// is no room.
fn overwritten(vm: &Vm, own: Owned, place: usize, text: Str<'_>) -> Result<Owned, Owned> {
    let Some(old) = own.get().as_str() else { return Err(own) };
    let length = old.len();
    let Some(end) = place.checked_add(text.len()).filter(|&end| vm.has_room_for(end)) else { return Err(own) };
    let mut new = StrBuilder::with_capacity(end.max(length));
    new.push_units(old.units().range(0, place.min(length)));
    new.push_times(0, place.saturating_sub(length));
    new.push_string(text);
    new.push_units(old.units().range(end.min(length), length));
    new.finish(vm.heap()).map_err(|_| own)
}

/// A line of a file whose class has a `readline` of its own.
#[cold]
fn text_line(vm: &mut Vm, file: Ref<'_>) -> Outcome {
    let line = call_method(vm, file, "readline", &[])?;
    if line.get().as_str().is_some() {
        return Ok(line);
    }
    let got = vm.type_name(line.get());
    let message = format!("readline() should have returned a str object, not '{got}'");
    Err(vm.raise(toy_vm::ClassName::OsError, &message))
}

fn seek(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    let (pos, whence) = memory::target(vm, args)?;
    file.memory.check_open(vm)?;
    let place = match whence {
        0 if pos < 0 => return Err(value_error(vm, format!("Negative seek position {pos}"))),
        0 => pos as usize,
        1 | 2 if pos != 0 => {
            return Err(vm.raise(toy_vm::ClassName::OsError, "Can't do nonzero cur-relative seeks"));
        }
        1 => file.memory.place(),
        2 => file.whole(vm)?.get().as_str().map_or(0, |text| text.len()),
        _ => return Err(value_error(vm, format!("Invalid whence ({whence}, should be 0, 1 or 2)"))),
    };
    file.memory.move_to(place);
    Ok(vm.new_int_from_usize(place)?)
}

fn truncate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    file.memory.check_open(vm)?;
    let length = match memory::length(vm, args.get(1))? {
        None => file.memory.place(),
        Some(length) => match usize::try_from(length) {
            Ok(length) => length,
            Err(_) => return Err(value_error(vm, format!("Negative size value {length}"))),
        },
    };
    let text = file.whole(vm)?;
    if let Some(text) = text.get().as_str().filter(|text| length < text.len()) {
        let kept = text.substring(vm.heap(), 0, length)?;
        drop(file.text.set(kept));
    }
    Ok(vm.new_int_from_usize(length)?)
}

fn set_state(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    let state = args.at(1);
    let Some(parts) = state.as_tuple().filter(|parts| parts.len() >= 4) else {
        let (own, got) = (shown_class(vm, args.at(0)), shown_type(vm, state));
        return Err(type_error(vm, format!("{own}.__setstate__ argument should be 4-tuple, got {got}")));
    };
    begin(vm, file, parts.get(0), parts.get(1))?;
    // As it is, without another translation.
    let text = parts.get(0).and_then(Ref::as_str).map_or_else(|| vm.empty_str(), |text| text.as_ref().to_owned());
    drop(file.text.set(text));
    let place = memory::place_of_state(vm, parts.get(2), "third")?;
    file.memory.move_to(place);
    memory::set_attributes(vm, args.at(0), parts.get(3), "fourth")?;
    Ok(Owned::none())
}

fn shown_class(vm: &mut Vm, file: Ref<'_>) -> String {
    vm.type_name(file)
}
