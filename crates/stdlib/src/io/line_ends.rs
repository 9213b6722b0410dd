//! Line ends of text in memory.

use toy_object::{Owned, Ref, Str, StrBuilder, Units};
use toy_vm::{Outcome, Vm};

use super::text::{LINE_ENDS, LineEnd};
use crate::argument::{new_text, type_error, value_error};

const RETURN: u32 = 0x0d;
const NEWLINE: u32 = 0x0a;

/// Which of [`LINE_ENDS`] have been seen, as bits.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen(u8);

/// What an argument `newline` says.
pub(super) fn of_argument(vm: &mut Vm, newline: Ref<'_>) -> Outcome<LineEnd> {
    if newline.is_none() {
        return Ok(LineEnd::Universal);
    }
    let Some(text) = newline.as_str() else {
        let got = vm.type_name(newline);
        return Err(type_error(vm, format!("newline must be str or None, not {got}")));
    };
    Ok(match text.as_utf8() {
        Some("") => LineEnd::Untouched,
        Some("\n") => LineEnd::Newline,
        Some("\r") => LineEnd::Return,
        Some("\r\n") => LineEnd::ReturnNewline,
        _ => {
            let shown = vm.repr_text(newline)?;
            return Err(value_error(vm, format!("illegal newline value: {shown}")));
        }
    })
}

/// The argument again; `None` as scripts see it.
pub(super) fn name_of(line_end: LineEnd) -> Option<&'static str> {
    match line_end {
        LineEnd::Universal => None,
        LineEnd::Untouched => Some(""),
        LineEnd::Newline => Some("\n"),
        LineEnd::Return => Some("\r"),
        LineEnd::ReturnNewline => Some("\r\n"),
    }
}

impl Seen {
    /// What has been seen once this text was, too.
    pub(super) fn and(self, line_end: LineEnd, text: Str<'_>) -> Self {
        if !matches!(line_end, LineEnd::Universal | LineEnd::Untouched) {
            return self;
        }
        let mut seen = self.0;
        let mut points = text.code_points().peekable();
        while let Some(point) = points.next() {
            seen |= match point {
                RETURN if points.next_if_eq(&NEWLINE).is_some() => 0b100,
                RETURN => 0b001,
                NEWLINE => 0b010,
                _ => 0,
            };
        }
        Self(seen)
    }
}

/// `newlines`.
pub(super) fn shown(vm: &mut Vm, seen: Seen) -> Outcome {
    let mut ends = Vec::new();
    for (place, end) in LINE_ENDS.iter().enumerate() {
        if seen.0 & (1 << place) != 0 {
            ends.push(new_text(vm, end)?);
        }
    }
    match ends.len() {
        0 => Ok(Owned::none()),
        1 => Ok(ends.remove(0)),
        _ => Ok(vm.new_tuple(ends)?),
    }
}

/// Text that is written, with the line ends of the file; `None`: as it is.
pub(super) fn translated(vm: &mut Vm, line_end: LineEnd, text: Str<'_>) -> Outcome<Option<Owned>> {
    let replaced = match line_end {
        LineEnd::Universal => RETURN,
        LineEnd::Return | LineEnd::ReturnNewline => NEWLINE,
        LineEnd::Newline | LineEnd::Untouched => return Ok(None),
    };
    if first(text, 0, text.len(), replaced, replaced).is_none() {
        return Ok(None);
    }
    let mut new = StrBuilder::with_capacity(text.len());
    let mut points = text.code_points().peekable();
    while let Some(point) = points.next() {
        match (point == replaced, name_of(line_end)) {
            (false, _) => new.push_code_point(point),
            (true, Some(end)) => new.push_str(end),
            (true, None) => {
                points.next_if_eq(&NEWLINE);
                new.push('\n');
            }
        }
    }
    Ok(Some(new.finish(vm.heap())?))
}

/// The place of the first of two code points.
fn first(text: Str<'_>, start: usize, end: usize, one: u32, other: u32) -> Option<usize> {
    let is_either = |point: u32| point == one || point == other;
    let place = match text.units().range(start, end) {
        Units::One(units) => memchr::memchr2(one as u8, other as u8, units),
        Units::Two(units) => units.iter().position(|&unit| is_either(unit.into())),
        Units::Four(units) => units.iter().position(|&unit| is_either(unit)),
    };
    place.map(|place| start + place)
}

/// Where the line ends that begins at a place; nothing is looked at from `limit` on.
pub(super) fn line_end(line_end: LineEnd, text: Str<'_>, start: usize, limit: usize) -> usize {
    let (one, other) = match line_end {
        LineEnd::Newline | LineEnd::Universal => (NEWLINE, NEWLINE),
        LineEnd::Return | LineEnd::ReturnNewline => (RETURN, RETURN),
        LineEnd::Untouched => (NEWLINE, RETURN),
    };
    let mut from = start;
    while let Some(place) = first(text, from, limit, one, other) {
        let behind = place + 1;
        let is_pair = text.code_point(place) == RETURN && behind < limit && text.code_point(behind) == NEWLINE;
        match line_end {
            LineEnd::ReturnNewline if !is_pair => from = behind,
            LineEnd::ReturnNewline | LineEnd::Untouched if is_pair => return behind + 1,
            _ => return behind,
        }
    }
    limit
}
