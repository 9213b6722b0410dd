//! Reading and writing the characters of a text file.

use std::rc::Rc;

use toy_object::{Owned, Ref};
use toy_vm::{Outcome, Raised, Vm};

use super::file::File;
use super::text::{Encoding, Found, LineEnd, TextMode};
use crate::argument::{shown_type, type_error, value_error};

/// So many bytes CPython decodes at once.
const PIECE: usize = 8192;

const MARK: &[u8] = b"\xef\xbb\xbf";

impl File {
    /// How it is read and written now.
    pub(super) fn mode(&self) -> Rc<TextMode> {
        Rc::clone(self.text.borrow().as_ref().expect("a text file that was checked to be open has a mode"))
    }

    /// The same; `ValueError` if the file was not made.
    pub(super) fn mode_of_text(&self, vm: &mut Vm) -> Outcome<Rc<TextMode>> {
        match &*self.text.borrow() {
            Some(mode) => Ok(Rc::clone(mode)),
            None => Err(value_error(vm, "I/O operation on uninitialized object")),
        }
    }

    /// Nothing that was read in advance is known to be wrong.
    pub(super) fn forget_wrong(&self) {
        if let Some(mode) = &*self.text.borrow() {
            mode.wrong.set((0, 0));
            mode.cut_off.set(0);
        }
    }

    /// The file has moved away from what was read in advance.
    pub(super) fn forget_text(&self) {
        self.forget_wrong();
        if let Some(foreign) = self.text.borrow().as_ref().and_then(|mode| mode.foreign.as_ref()) {
            foreign.forget();
        }
    }

    /// So many bytes of what is beneath were read and are still to be taken.
    pub(super) fn source_length(&self, vm: &mut Vm) -> Outcome<u64> {
        let mode = self.text.borrow().clone();
        let length = match mode.as_deref() {
            Some(TextMode { foreign: Some(foreign), encoding_name, errors, .. }) => {
                let utf8 = self.with_input(<[u8]>::to_vec);
                foreign.waiting() + foreign.length_of(vm, (encoding_name, errors), &utf8)?
            }
            _ => self.unread(),
        };
        Ok(length as u64)
    }

    /// Adds bytes of what is beneath to what was read in advance: none at the end. So many are there more; not 0 if there were any.
    pub(super) fn take_in(&self, vm: &mut Vm, bytes: Vec<u8>) -> Outcome<usize> {
        let mode = if self.is_text() { self.text.borrow().clone() } else { None };
        if let Some(TextMode { foreign: Some(foreign), encoding_name, errors, .. }) = mode.as_deref() {
            let utf8 = foreign.decode(vm, (encoding_name, errors), &bytes, bytes.is_empty())?;
            self.add_input(vm, &utf8)?;
            return Ok(utf8.len().max(bytes.len()));
        }
        self.add_input(vm, &bytes)?;
        Ok(bytes.len())
    }

    /// Leaves the mark at the start of the file behind.
    fn skip_mark(&self, vm: &mut Vm) -> Outcome<()> {
        let mode = self.mode();
        if mode.encoding != Encoding::Utf8Marked || !mode.is_at_start.replace(false) {
            return Ok(());
        }
        while self.unread() < MARK.len() && self.fill_text(vm)? > 0 {}
        if self.with_input(|input| input.starts_with(MARK)) {
            self.skip(MARK.len());
            // The mark is no part of the piece in which something is wrong.
            let (wrong, piece) = mode.wrong.get();
            let (excess, unread) = (wrong.saturating_sub(self.unread()), self.unread());
            mode.wrong.set((wrong.min(unread), piece.saturating_sub(excess)));
        }
        Ok(())
    }

    /// What was read in advance, without what is wrong in it.
    fn with_text<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        let wrong = self.text.borrow().as_ref().map_or(0, |mode| mode.wrong.get().0);
        self.with_input(|input| f(&input[..input.len().saturating_sub(wrong)]))
    }

    /// Reads in advance once. If mistakes are errors, what was read is looked at in pieces as CPython reads them: nothing of a
    /// piece is given out if a part of it is wrong, and a mistake is told by its place in the piece.
    fn fill_text(&self, vm: &mut Vm) -> Outcome<usize> {
        let Some(mode) = self.text.borrow().clone() else { return Ok(self.fill(vm)?.unwrap_or(0)) };
        let (wrong, piece) = mode.wrong.replace((0, 0));
        if wrong > 0 {
            let size = self.unread();
            let piece = self.with_input(|input| input[size - wrong..][..piece].to_vec());
            self.skip(size);
            return mode.decode_slowly(vm, &piece).map(|_| piece.len());
        }
        let count = if mode.foreign.is_some() { self.fill_with(vm, PIECE)? } else { self.fill(vm)? };
        let count = count.unwrap_or(0);
        if mode.errors != "strict" || mode.foreign.is_some() {
            return Ok(count);
        }
        let size = self.unread();
        let begun = mode.cut_off.get().min(size - count);
        let mut start = size - count - begun;
        mode.cut_off.set(0);
        match self.with_input(|input| mode.cut_off(&input[start..])) {
            // At the end nothing comes any more that could complete it.
            Some(cut_off) if cut_off == 0 || count > 0 => mode.cut_off.set(cut_off),
            Some(cut_off) => mode.wrong.set((cut_off, cut_off)),
            None => {
                let mut end = (start + begun + PIECE).min(size);
                while let Some(cut_off) =
                    self.with_input(|input| mode.cut_off(&input[start..end])).filter(|_| end < size)
                {
                    (start, end) = (end - cut_off, (end + PIECE).min(size));
                }
                mode.wrong.set((size - start, end - start));
            }
        }
        // Also at the end of the file, if something is wrong there: the next call says so.
        Ok(if mode.wrong.get().0 > 0 { count.max(1) } else { count })
    }

    /// Everything up to the end of the file.
    pub(super) fn read_text(&self, vm: &mut Vm) -> Outcome {
        self.skip_mark(vm)?;
        let Some(bytes) = self.take_all(vm)? else {
            // As CPython's decoder complains of it.
            return Err(type_error(vm, "can't concat NoneType to bytes"));
        };
        self.mode().decode(vm, &bytes)
    }

    /// At most so many characters.
    pub(super) fn read_characters(&self, vm: &mut Vm, count: usize) -> Outcome {
        self.skip_mark(vm)?;
        let mut is_at_end = false;
        loop {
            let length = self.with_text(|input| self.length_of(input, count, is_at_end));
            match length {
                Some(length) => {
                    let bytes = self.take(length);
                    return self.mode().decode(vm, &bytes);
                }
                None => is_at_end = self.fill_text(vm)? == 0,
            }
        }
    }

    /// How many bytes the next `count` characters are; `None`: more bytes must be seen.
    fn length_of(&self, input: &[u8], count: usize, is_at_end: bool) -> Option<usize> {
        let mode = self.mode();
        let mut place = 0;
        for _ in 0..count {
            let Some(&first) = input.get(place) else { return if is_at_end { Some(place) } else { None } };
            let mut length = mode.encoding.character_length(first);
            if first == b'\r' && mode.line_end == LineEnd::Universal {
                match input.get(place + 1) {
                    Some(b'\n') => length = 2,
                    None if !is_at_end => return None,
                    _ => {}
                }
            }
            if place + length > input.len() && !is_at_end {
                return None;
            }
            place = (place + length).min(input.len());
        }
        Some(place)
    }

    /// The bytes of the next line with its end; empty at the end of the file.
    pub(super) fn take_line(&self, vm: &mut Vm, line_end: LineEnd) -> Outcome<Vec<u8>> {
        let mut seen = 0;
        let mut is_at_end = false;
        loop {
            let found = self.with_text(|input| line_end.find(input, seen, is_at_end));
            match found {
                Found::At(end) => return Ok(self.take(end)),
                _ if is_at_end => return Ok(self.take(self.unread())),
                // The last byte is looked at again: it may be half of a line end.
                Found::Absent | Found::Unknown => {
                    seen = self.with_text(<[u8]>::len).saturating_sub(1);
                    is_at_end = self.fill_text(vm)? == 0;
                }
            }
        }
    }

    /// The next line, if all of it was read in advance and nothing in it needs a second look.
    fn plain_line(&self, vm: &Vm, mode: &TextMode) -> Outcome<Option<Owned>> {
        if mode.line_end != LineEnd::Universal || mode.encoding == Encoding::Latin1 {
            return Ok(None);
        }
        let found = self.with_text(|input| {
            let end = memchr::memchr2(b'\n', b'\r', input).filter(|&end| input[end] == b'\n')?;
            let line = &input[..=end];
            let is_plain = mode.encoding != Encoding::Ascii || line.is_ascii();
            let text = std::str::from_utf8(line).ok().filter(|_| is_plain)?;
            Some((line.len(), vm.new_str(text)))
        });
        let Some((length, line)) = found else { return Ok(None) };
        mode.note_line_ends(b"\n");
        self.skip(length);
        Ok(Some(line?))
    }

    /// The next line; empty at the end of the file.
    pub(super) fn read_line(&self, vm: &mut Vm, limit: Option<usize>) -> Outcome {
        self.skip_mark(vm)?;
        let mode = self.mode();
        if limit.is_none()
            && let Some(line) = self.plain_line(vm, &mode)?
        {
            return Ok(line);
        }
        let line = self.take_line(vm, mode.line_end)?;
        let text = mode.decode(vm, &line)?;
        match limit {
            Some(limit) if text.get().as_str().is_some_and(|text| text.len() > limit) => {
                // What goes beyond the limit is put back.
                let kept = self.length_of(&line, limit, true).unwrap_or(line.len());
                self.put_back(&line[kept..]);
                mode.decode(vm, &line[..kept])
            }
            _ => Ok(text),
        }
    }

    /// Writes text; gives the number of characters.
    pub(super) fn write_text(&self, vm: &mut Vm, argument: Ref<'_>) -> Outcome<usize> {
        let Some(text) = argument.as_str() else { return Err(not_text(vm, argument)) };
        let mode = self.mode();
        if mode.encoding == Encoding::Utf8Marked && mode.is_at_start.replace(false) && self.tell(vm)? == 0 {
            self.write(vm, MARK)?;
        }
        let bytes = mode.encode(vm, text)?;
        mode.seen.set(0);
        self.write(vm, &bytes)?;
        Ok(text.len())
    }
}

#[cold]
pub(super) fn not_text(vm: &mut Vm, argument: Ref<'_>) -> Raised {
    let got = shown_type(vm, argument);
    crate::argument::type_error(vm, format!("write() argument must be str, not {got}"))
}
