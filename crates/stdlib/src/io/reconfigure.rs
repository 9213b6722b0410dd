//! `reconfigure`: how a text file is read and written from now on.

use std::rc::Rc;

use toy_object::Owned;
use toy_vm::{Args, Outcome, Vm};

use super::file::{Sink, this, unsupported};
use super::open::{text_mode, text_or_none};
use super::text::{Encoding, LineEnd};
use crate::argument::present;

/// `reconfigure`: what is not given stays as it is, but a new encoding is strict.
pub(super) fn reconfigure(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = this(vm, args)?;
    for (place, name) in [(1, "encoding"), (2, "errors"), (3, "newline")] {
        if let Some(argument) = present(args.get(place)) {
            text_or_none(vm, "reconfigure", argument, name)?;
        }
    }
    file.check_open(vm)?;
    let [encoding, errors, newline] = [1, 2, 3].map(|place| present(args.get(place)));
    if encoding.is_some() || errors.is_some() || newline.is_some() {
        if file.unread() > 0 {
            let message = "It is not possible to set the encoding or newline of stream after the first read";
            return Err(unsupported(vm, message));
        }
        let old = file.mode();
        let mut mode = text_mode(vm, "reconfigure", [encoding, errors, newline])?;
        if encoding.is_none() {
            (mode.encoding, mode.encoding_name) = (old.encoding, old.encoding_name.clone());
            mode.foreign = match &old.foreign {
                Some(_) => Some(super::foreign::Foreign::new(vm, &old.encoding_name)?),
                None => None,
            };
            if errors.is_none() {
                mode.errors.clone_from(&old.errors);
            }
        }
        if newline.is_none() {
            mode.line_end = old.line_end;
        }
        mode.is_at_start.set(old.is_at_start.get());
        mode.seen.set(old.seen.get());
        let is_translated = mode.encoding != Encoding::Utf8
            || mode.errors != "strict"
            || matches!(mode.line_end, LineEnd::Return | LineEnd::ReturnNewline);
        if let (Some(new), Some(old)) = (&mode.foreign, &old.foreign) {
            new.has_begun.set(old.has_begun.get());
        }
        file.flush(vm)?;
        drop(file.text.replace(Some(Rc::new(mode))));
        if file.sink == Sink::Output {
            vm.set_out_indirect(is_translated);
        }
    }
    super::layers::flush(vm, file)?;
    if let Some(is_line_buffered) = present(args.get(4)) {
        let is_line_buffered = vm.truth(is_line_buffered)?;
        file.is_line_buffered.set(is_line_buffered);
    }
    if let Some(writes_through) = present(args.get(5)) {
        let writes_through = vm.truth(writes_through)?;
        file.writes_through.set(writes_through);
    }
    Ok(Owned::none())
}
