//! The walk over a text that makes its values.

use toy_object::Owned;
use toy_vm::{ClassName, Outcome, Raised, Vm};

use super::keys::Keys;
use super::scanner::Scanner;
use super::source::{Source, Unit};
use super::{DEEPEST, Patience, number, raise, string};

/// A container that has begun. What stands in arrays, and pairs for a hook, wait in one vector, from some length on.
enum Open {
    Array(usize),
    /// A dict, and the key that waits for its value.
    Object(Owned, Owned),
    /// Pairs, and the key that waits for its value.
    Pairs(usize, Owned),
}

impl Open {
    fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }

    fn closing(&self) -> char {
        if self.is_array() { ']' } else { '}' }
    }
}

/// A walk.
pub(super) struct Scan<'a, U> {
    source: Source<'a, U>,
    scanner: &'a Scanner,
    has_pairs_hook: bool,
    has_object_hook: bool,
    keys: Keys,
    open: Vec<Open>,
    /// What the open containers hold that are no dicts.
    waiting: Vec<Owned>,
    patience: Patience,
}

impl<'a, U: Unit> Scan<'a, U> {
    pub(super) fn new(source: Source<'a, U>, scanner: &'a Scanner) -> Self {
        Self {
            source,
            scanner,
            has_pairs_hook: scanner.object_pairs_hook.get().is_some(),
            has_object_hook: scanner.object_hook.get().is_some(),
            keys: Keys::default(),
            open: Vec::new(),
            waiting: Vec::new(),
            patience: Patience::new(),
        }
    }

    /// The value at a place, and the place behind it.
    pub(super) fn value(mut self, vm: &mut Vm, mut place: usize) -> Outcome<(Owned, usize)> {
        let source = self.source;
        loop {
            self.patience.spend(vm)?;
            let (mut value, mut behind) = match char::from_u32(source.at(place)) {
                Some('"') => string::scan(vm, source, place + 1, self.scanner.is_strict)?,
                Some(opening @ ('{' | '[')) => match self.begin(vm, opening, place + 1)? {
                    Begun::Empty(value, behind) => (value, behind),
                    Begun::With(first) => {
                        place = first;
                        continue;
                    }
                },
                Some(first) => self.simple(vm, first, place)?,
                None => return Err(stop(vm, place)),
            };
            // It may be the last of what is around it, and that again.
            place = loop {
                let Some(open) = self.open.last() else { return Ok((value, behind)) };
                let closing = open.closing();
                self.add(vm, value)?;
                behind = source.skip(behind);
                if source.is_at(behind, ',') {
                    break self.behind_comma(vm, behind)?;
                }
                if !source.is_at(behind, closing) {
                    return Err(raise(vm, "Expecting ',' delimiter", source.text, behind));
                }
                behind += 1;
                value = self.end(vm)?;
            };
        }
    }

    /// Gives a value to the innermost container.
    fn add(&mut self, vm: &mut Vm, value: Owned) -> Outcome<()> {
        let item = match self.open.last() {
            Some(Open::Object(object, key)) => {
                let dict = object.get().as_dict().expect("made here");
                drop(dict.set_str(vm.heap(), key.get(), value)?);
                return Ok(());
            }
            Some(Open::Pairs(_, key)) => vm.new_tuple([key.clone(), value])?,
            Some(Open::Array(_)) | None => value,
        };
        Ok(vm.heap().push_within_room(&mut self.waiting, item)?)
    }

    /// Opens a container whose content begins at `place`.
    fn begin(&mut self, vm: &mut Vm, opening: char, place: usize) -> Outcome<Begun> {
        if self.open.len() == DEEPEST {
            let kind = if opening == '{' { "object" } else { "array" };
            let message =
                format!("maximum recursion depth exceeded while decoding a JSON {kind} from a unicode string");
            return Err(vm.raise(ClassName::RecursionError, &message));
        }
        let place = self.source.skip(place);
        let mut open = match opening {
            '[' => Open::Array(self.waiting.len()),
            _ if self.has_pairs_hook => Open::Pairs(self.waiting.len(), Owned::unbound()),
            _ => Open::Object(vm.new_dict()?, Owned::unbound()),
        };
        if self.source.is_at(place, open.closing()) {
            let value = self.finished(vm, open)?;
            return Ok(Begun::Empty(value, place + 1));
        }
        let first = match &mut open {
            Open::Array(_) => place,
            Open::Object(_, key) | Open::Pairs(_, key) => {
                let (text, behind) = self.key(vm, place)?;
                *key = text;
                behind
            }
        };
        self.open.push(open);
        Ok(Begun::With(first))
    }

    /// The place of the value that follows a comma. In an object a key stands before it.
    fn behind_comma(&mut self, vm: &mut Vm, comma: usize) -> Outcome<usize> {
        let place = self.source.skip(comma + 1);
        let open = self.open.last().expect("a comma stands in a container");
        let is_array = open.is_array();
        if self.source.is_at(place, open.closing()) {
            let kind = if is_array { "array" } else { "object" };
            let message = format!("Illegal trailing comma before end of {kind}");
            return Err(raise(vm, &message, self.source.text, comma));
        }
        if is_array {
            return Ok(place);
        }
        let (text, behind) = self.key(vm, place)?;
        if let Some(Open::Object(_, key) | Open::Pairs(_, key)) = self.open.last_mut() {
            *key = text;
        }
        Ok(behind)
    }

    /// A key, and the place of its value.
    fn key(&mut self, vm: &mut Vm, place: usize) -> Outcome<(Owned, usize)> {
        let source = self.source;
        if !source.is_at(place, '"') {
            return Err(raise(vm, "Expecting property name enclosed in double quotes", source.text, place));
        }
        let (start, is_strict) = (place + 1, self.scanner.is_strict);
        let end = string::plain_end(source, start, is_strict);
        let (key, behind) = if source.is_at(end, '"') {
            (self.keys.get(vm, source, start, end)?, end + 1)
        } else {
            let (key, behind) = string::scan(vm, source, start, is_strict)?;
            (self.keys.share(vm, key)?, behind)
        };
        let colon = source.skip(behind);
        if !source.is_at(colon, ':') {
            return Err(raise(vm, "Expecting ':' delimiter", source.text, colon));
        }
        Ok((key, source.skip(colon + 1)))
    }

    /// A number or a constant, and the place behind it.
    fn simple(&mut self, vm: &mut Vm, first: char, place: usize) -> Outcome<(Owned, usize)> {
        let source = self.source;
        match first {
            'n' if source.starts_at(place, "null") => return Ok((Owned::none(), place + 4)),
            't' if source.starts_at(place, "true") => return Ok((Owned::bool(true), place + 4)),
            'f' if source.starts_at(place, "false") => return Ok((Owned::bool(false), place + 5)),
            'N' | 'I' | '-' => {
                for name in ["NaN", "Infinity", "-Infinity"] {
                    if source.starts_at(place, name) {
                        let (hook, text) = (self.scanner.parse_constant.get_or_none(), vm.intern(name)?);
                        return Ok((vm.call(hook.get(), &[text.get()])?, place + name.len()));
                    }
                }
            }
            _ => {}
        }
        match number::scan(vm, source, place, self.scanner)? {
            Some(number) => Ok(number),
            None => Err(stop(vm, place)),
        }
    }

    /// Closes the innermost container.
    fn end(&mut self, vm: &mut Vm) -> Outcome {
        let open = self.open.pop().expect("a container is open");
        self.finished(vm, open)
    }

    fn finished(&mut self, vm: &mut Vm, open: Open) -> Outcome {
        let object = match open {
            Open::Array(start) => return Ok(vm.new_list(self.waiting.split_off(start))?),
            Open::Pairs(start, _) => {
                let pairs = vm.new_list(self.waiting.split_off(start))?;
                let hook = self.scanner.object_pairs_hook.get_or_none();
                return vm.call(hook.get(), &[pairs.get()]);
            }
            Open::Object(object, _) => object,
        };
        if !self.has_object_hook {
            return Ok(object);
        }
        let hook = self.scanner.object_hook.get_or_none();
        vm.call(hook.get(), &[object.get()])
    }
}

/// A container that was opened.
enum Begun {
    /// It is already closed: its value, and the place behind it.
    Empty(Owned, usize),
    /// The place of its first value.
    With(usize),
}

/// Says that no value begins at a place.
#[cold]
fn stop(vm: &mut Vm, place: usize) -> Raised {
    match vm.new_int_from_usize(place) {
        Ok(place) => vm.raise_stop_iteration(place.get()),
        Err(error) => error.into(),
    }
}
