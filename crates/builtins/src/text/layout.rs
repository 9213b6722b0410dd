//! Padding, stripping, tabs.

use toy_object::{Heap, OutOfMemory, Owned, Ref, Str, StrBuilder};
use toy_vm::{Args, Outcome, Vm, natives};

use super::predicate::is_space;
use crate::support::{integer, present, small_integer_or, text_argument, this_str, type_error};

natives! {
    /// The methods of str that pad, strip or expand.
    pub(crate) STR_LAYOUT:
    method "center" ("width, fillchar=' ', /")
        "In the middle of so many characters; what is missing is filled up."
        => |vm, args| padded(vm, args, |text, room| room / 2 + (room & (text + room) & 1));
    method "ljust" ("width, fillchar=' ', /")
        "At the front of so many characters; what is missing is filled up."
        => |vm, args| padded(vm, args, |_, _| 0);
    method "rjust" ("width, fillchar=' ', /")
        "At the end of so many characters; what is missing is filled up."
        => |vm, args| padded(vm, args, |_, room| room);
    method "zfill" ("width, /")
        "Filled up with zeros behind the sign, if there is one, to so many characters."
        => zfill;
    method "expandtabs" ("tabsize=8")
        "A copy in which each tab is as many spaces as it takes to the next column that tabsize divides."
        => expandtabs;
    method "strip" ("chars=None, /")
        "Without whitespace, or the characters given, at both ends."
        => |vm, args| stripped(vm, args, "strip", true, true);
    method "lstrip" ("chars=None, /")
        "Without whitespace, or the characters given, at the front."
        => |vm, args| stripped(vm, args, "lstrip", true, false);
    method "rstrip" ("chars=None, /")
        "Without whitespace, or the characters given, at the end."
        => |vm, args| stripped(vm, args, "rstrip", false, true);
    method "removeprefix" ("prefix, /")
        "Without this text at the front, if it is there."
        => removeprefix;
    method "removesuffix" ("suffix, /")
        "Without this text at the end, if it is there."
        => removesuffix;
}

fn fill_argument(vm: &mut Vm, argument: Option<Ref<'_>>) -> Outcome<u32> {
    let Some(argument) = argument else { return Ok(u32::from(' ')) };
    match argument.as_str() {
        Some(fill) if fill.len() == 1 => Ok(fill.code_point(0)),
        Some(_) => Err(type_error(vm, "The fill character must be exactly one character long")),
        None => {
            let got = vm.type_name(argument);
            Err(type_error(vm, format!("The fill character must be a unicode character, not {got}")))
        }
    }
}

/// Pads to the width of argument 1; `left` says how much of the room goes in front, given the text's length and the room.
fn padded(vm: &mut Vm, args: Args<'_>, left: fn(usize, usize) -> usize) -> Outcome {
    let width = integer(vm, args.at(1))?;
    let fill = fill_argument(vm, args.get(2))?;
    let text = this_str(vm, args)?;
    let room = usize::try_from(width).unwrap_or(0).saturating_sub(text.len());
    if room == 0 {
        return Ok(text.as_ref().to_owned());
    }
    let left = left(text.len(), room);
    let heap = vm.heap();
    let (before, after) = (filling(heap, fill, left)?, filling(heap, fill, room - left)?);
    concatenated(vm, &[before.get(), text.as_ref(), after.get()])
}

/// One code point, so many times.
fn filling(heap: &Heap, code_point: u32, times: usize) -> Result<Owned, OutOfMemory> {
    let character = heap.new_character(code_point)?;
    match character.get().as_str() {
        Some(text) => text.repeat(heap, times),
        None => Ok(character.clone()),
    }
}

/// Strings one behind the other.
pub(super) fn concatenated(vm: &mut Vm, parts: &[Ref<'_>]) -> Outcome {
    let heap = vm.heap();
    let parts: Vec<Str<'_>> = parts.iter().filter_map(|part| part.as_str()).collect();
    let empty = heap.empty_str();
    match empty.get().as_str() {
        Some(empty) => Ok(empty.join(heap, &parts)?),
        None => Ok(empty.clone()),
    }
}

fn zfill(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let width = integer(vm, args.at(1))?;
    let text = this_str(vm, args)?;
    let room = usize::try_from(width).unwrap_or(0).saturating_sub(text.len());
    if room == 0 {
        return Ok(text.as_ref().to_owned());
    }
    let heap = vm.heap();
    let has_sign = !text.is_empty() && matches!(text.code_point(0), 0x2b | 0x2d);
    let split = usize::from(has_sign);
    let zeros = filling(heap, u32::from('0'), room)?;
    let (sign, digits) = (text.substring(heap, 0, split)?, text.substring(heap, split, text.len())?);
    concatenated(vm, &[sign.get(), zeros.get(), digits.get()])
}

fn expandtabs(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let size = i64::from(small_integer_or(vm, args.get(1), 8)?);
    let size = usize::try_from(size).unwrap_or(0);
    let mut builder = StrBuilder::new();
    let mut column = 0;
    for code_point in this_str(vm, args)?.code_points() {
        match char::from_u32(code_point) {
            Some('\t') => {
                let spaces = if size == 0 { 0 } else { size - column % size };
                builder.push_times(u32::from(' '), spaces);
                column = column.saturating_add(spaces);
            }
            Some('\n' | '\r') => {
                builder.push_code_point(code_point);
                column = 0;
            }
            _ => {
                builder.push_code_point(code_point);
                column += 1;
            }
        }
    }
    Ok(builder.finish(vm.heap())?)
}

/// Strips what `is_stripped` says from both ends as wanted; answers the range that stays.
fn strip_range(text: Str<'_>, left: bool, right: bool, is_stripped: impl Fn(u32) -> bool) -> (usize, usize) {
    let (mut start, mut end) = (0, text.len());
    while left && start < end && is_stripped(text.code_point(start)) {
        start += 1;
    }
    while right && end > start && is_stripped(text.code_point(end - 1)) {
        end -= 1;
    }
    (start, end)
}

fn stripped(vm: &mut Vm, args: Args<'_>, method: &str, left: bool, right: bool) -> Outcome {
    let text = this_str(vm, args)?;
    let (start, end) = match present(args.get(1)) {
        None => strip_range(text, left, right, is_space),
        Some(characters) => {
            let Some(characters) = characters.as_str() else {
                return Err(type_error(vm, format!("{method} arg must be None or str")));
            };
            strip_range(text, left, right, |point| characters.code_points().any(|other| other == point))
        }
    };
    Ok(text.substring(vm.heap(), start, end)?)
}

fn removeprefix(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?;
    let prefix = text_argument(vm, args.at(1), "removeprefix() argument must be str")?;
    let start = if text.starts_with(prefix) { prefix.len() } else { 0 };
    Ok(text.substring(vm.heap(), start, text.len())?)
}

fn removesuffix(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?;
    let suffix = text_argument(vm, args.at(1), "removesuffix() argument must be str")?;
    let end = if text.ends_with(suffix) { text.len() - suffix.len() } else { text.len() };
    Ok(text.substring(vm.heap(), 0, end)?)
}
