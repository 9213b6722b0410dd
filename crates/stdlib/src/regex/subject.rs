//! What is matched: text in the width that it is stored in, or bytes.

use std::borrow::Cow;

use toy_object::{OutOfMemory, Owned, Ref, ShapeId, Units};
use toy_regex::{Matcher, Mode, Program, Progress, Unit};
use toy_vm::{Outcome, Vm};

use super::pattern::Pattern;
use crate::argument::{integer_or, type_error};

/// Steps between two looks at Ctrl-C.
const STEPS: usize = 1 << 16;

/// Text or bytes, and the part of it that is looked at.
pub(super) struct Subject<'a> {
    object: Ref<'a>,
    content: Content<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

enum Content<'a> {
    Text(Units<'a>),
    Bytes(Cow<'a, [u8]>),
}

/// Where groups have matched, the whole first, and which one was closed last.
pub(super) struct Spans {
    pub(super) groups: Vec<Option<(usize, usize)>>,
    pub(super) last: Option<usize>,
}

impl Spans {
    /// Where the whole begins and ends.
    pub(super) fn whole(&self) -> (usize, usize) {
        self.groups.first().copied().flatten().unwrap_or_default()
    }
}

impl<'a> Subject<'a> {
    /// The subject of a pattern, from `pos` up to `endpos`.
    pub(super) fn new(
        vm: &mut Vm,
        pattern: &Pattern,
        object: Ref<'a>,
        pos: Option<Ref<'_>>,
        endpos: Option<Ref<'_>>,
    ) -> Outcome<Self> {
        let pos = integer_or(vm, pos, 0)?;
        let endpos = integer_or(vm, endpos, i64::MAX)?;
        let mut subject = Self::whole(vm, object)?;
        let is_text = matches!(subject.content, Content::Text(_));
        if is_text != pattern.is_text {
            return Err(type_error(
                vm,
                if is_text {
                    "cannot use a bytes pattern on a string-like object"
                } else {
                    "cannot use a string pattern on a bytes-like object"
                },
            ));
        }
        let clamped = |place: i64| usize::try_from(place).unwrap_or(0).min(subject.end);
        (subject.start, subject.end) = (clamped(pos), clamped(endpos));
        Ok(subject)
    }

    /// All of a text or of bytes.
    pub(super) fn whole(vm: &mut Vm, object: Ref<'a>) -> Outcome<Self> {
        let content = match object.as_str() {
            Some(text) => Content::Text(text.units()),
            None => match crate::argument::bytes_like(vm, object)? {
                Some(bytes) => Content::Bytes(bytes),
                None => {
                    let got = vm.type_name(object);
                    return Err(type_error(vm, format!("expected string or bytes-like object, got '{got}'")));
                }
            },
        };
        let end = match &content {
            Content::Text(units) => units.len(),
            Content::Bytes(bytes) => bytes.len(),
        };
        Ok(Self { object, content, start: 0, end })
    }

    /// The match that begins at `start`, or behind it; `must_advance`: it must not be empty there.
    pub(super) fn find(
        &self,
        vm: &mut Vm,
        program: &Program,
        start: usize,
        mode: Mode,
        must_advance: bool,
    ) -> Outcome<Option<Spans>> {
        let end = self.end;
        match &self.content {
            Content::Bytes(bytes) => run(vm, Matcher::new(program, &bytes[..end], start, mode, must_advance), program),
            Content::Text(Units::One(units)) => {
                run(vm, Matcher::new(program, &units[..end], start, mode, must_advance), program)
            }
            Content::Text(Units::Two(units)) => {
                run(vm, Matcher::new(program, &units[..end], start, mode, must_advance), program)
            }
            Content::Text(Units::Four(units)) => {
                run(vm, Matcher::new(program, &units[..end], start, mode, must_advance), program)
            }
        }
    }

    /// The next match from a place on, as searches that go on find it.
    pub(super) fn next(&self, vm: &mut Vm, program: &Program, cursor: &mut Cursor) -> Outcome<Option<Spans>> {
        let Some(start) = cursor.start else { return Ok(None) };
        let spans = self.find(vm, program, start, cursor.mode, cursor.must_advance)?;
        cursor.start = spans.as_ref().map(|spans| {
            let (start, end) = spans.whole();
            cursor.must_advance = start == end;
            end
        });
        Ok(spans)
    }

    /// The content from a place to another one.
    pub(super) fn slice(&self, vm: &mut Vm, start: usize, end: usize) -> Outcome {
        let end = end.min(self.len());
        let start = start.min(end);
        match &self.content {
            Content::Bytes(bytes) => {
                let is_whole = start == 0 && end == bytes.len() && self.object.as_bytes().is_some();
                if is_whole && self.object.shape() == ShapeId::BYTES {
                    return Ok(self.object.to_owned());
                }
                Ok(vm.new_bytes(&bytes[start..end])?)
            }
            Content::Text(_) => {
                let text = self.object.as_str().expect("the subject is text");
                Ok(text.substring(vm.heap(), start, end)?)
            }
        }
    }

    /// What a group has matched, or a value for those that have not.
    pub(super) fn group(&self, vm: &mut Vm, span: Option<(usize, usize)>, default: Ref<'_>) -> Outcome {
        match span {
            Some((start, end)) => self.slice(vm, start, end),
            None => Ok(default.to_owned()),
        }
    }

    fn len(&self) -> usize {
        match &self.content {
            Content::Text(units) => units.len(),
            Content::Bytes(bytes) => bytes.len(),
        }
    }
}

/// Where a search goes on.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    /// Nowhere once nothing was found.
    pub(super) start: Option<usize>,
    /// The next match must not be empty there.
    pub(super) must_advance: bool,
    pub(super) mode: Mode,
}

impl Cursor {
    /// From a place on.
    pub(super) fn new(start: usize) -> Self {
        Self { start: Some(start), must_advance: false, mode: Mode::Search }
    }
}

fn run<U: Unit>(vm: &mut Vm, mut matcher: Matcher<'_, '_, U>, program: &Program) -> Outcome<Option<Spans>> {
    loop {
        match matcher.run(STEPS) {
            Progress::Failed => return Ok(None),
            Progress::Matched => break,
            Progress::Paused => {
                vm.stay_interruptible()?;
                if !vm.has_room_for(matcher.memory()) {
                    return Err(OutOfMemory.into());
                }
            }
        }
    }
    let groups = (0..=program.groups()).map(|group| matcher.group(group)).collect();
    Ok(Some(Spans { groups, last: matcher.last_group() }))
}

/// Nothing, in the type of the subject.
pub(super) fn empty(vm: &mut Vm, is_text: bool) -> Outcome<Owned> {
    Ok(if is_text { vm.new_str("")? } else { vm.new_bytes(b"")? })
}

/// Adds an item to a list that was made here.
pub(super) fn push(vm: &mut Vm, list: Ref<'_>, item: Owned) -> Outcome<()> {
    Ok(list.as_list().expect("made here").push(vm.heap(), item)?)
}
