//! Padding, stripping, tabs.

use toy_object::Ref;
use toy_vm::{Args, Outcome, Vm, natives};

use super::{is_space, like, this, unchanged};
use crate::support::{
    argument_type_name, bytes_argument, bytes_like, check_room, integer, present, small_integer_or, type_error,
};

natives! {
    /// The methods of bytes and bytearray that pad, strip or expand.
    pub(crate) BYTES_LAYOUT:
    method "center" ("width, fillchar=b' ', /") "In the middle of so many bytes; what is missing is filled up."
        => |vm, args| padded(vm, args, "center", |text, room| room / 2 + (room & (text + room) & 1));
    method "ljust" ("width, fillchar=b' ', /") "At the front of so many bytes; what is missing is filled up."
        => |vm, args| padded(vm, args, "ljust", |_, _| 0);
    method "rjust" ("width, fillchar=b' ', /") "At the end of so many bytes; what is missing is filled up."
        => |vm, args| padded(vm, args, "rjust", |_, room| room);
    method "zfill" ("width, /") "Filled up with zeros behind the sign, if there is one, to so many bytes." => zfill;
    method "expandtabs" ("tabsize=8") "A copy in which each tab is as many spaces as it takes to the next column that tabsize divides." => expandtabs;
    method "strip" ("bytes=None, /") "Without whitespace, or the bytes given, at both ends."
        => |vm, args| stripped(vm, args, true, true);
    method "lstrip" ("bytes=None, /") "Without whitespace, or the bytes given, at the front."
        => |vm, args| stripped(vm, args, true, false);
    method "rstrip" ("bytes=None, /") "Without whitespace, or the bytes given, at the end."
        => |vm, args| stripped(vm, args, false, true);
}

fn fill_argument(vm: &mut Vm, argument: Option<Ref<'_>>, method: &str) -> Outcome<u8> {
    let Some(argument) = argument else { return Ok(b' ') };
    if let Some(&[fill]) = bytes_like(vm, argument)?.as_deref() {
        return Ok(fill);
    }
    let got = argument_type_name(vm, argument);
    Err(type_error(vm, format!("{method}() argument 2 must be a byte string of length 1, not {got}")))
}

/// How much room a width leaves beside so many bytes.
fn room_for(vm: &mut Vm, width: i64, length: usize) -> Outcome<usize> {
    let room = usize::try_from(width).unwrap_or(0).saturating_sub(length);
    check_room(vm, length.checked_add(room))?;
    Ok(room)
}

fn padded(vm: &mut Vm, args: Args<'_>, method: &str, left: fn(usize, usize) -> usize) -> Outcome {
    let bytes = this(vm, args)?;
    let width = integer(vm, args.at(1))?;
    let fill = fill_argument(vm, args.get(2), method)?;
    let room = room_for(vm, width, bytes.len())?;
    if room == 0 {
        return unchanged(vm, args);
    }
    let left = left(bytes.len(), room);
    let mut result = vec![fill; bytes.len() + room];
    result[left..left + bytes.len()].copy_from_slice(&bytes);
    like(vm, args, &result)
}

fn zfill(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let bytes = this(vm, args)?;
    let width = integer(vm, args.at(1))?;
    let room = room_for(vm, width, bytes.len())?;
    if room == 0 {
        return unchanged(vm, args);
    }
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let mut result = bytes[..sign].to_vec();
    result.resize(sign + room, b'0');
    result.extend_from_slice(&bytes[sign..]);
    like(vm, args, &result)
}

fn expandtabs(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let bytes = this(vm, args)?;
    let size = i64::from(small_integer_or(vm, args.get(1), 8)?);
    let size = usize::try_from(size).unwrap_or(0);
    let mut result = Vec::with_capacity(bytes.len());
    let mut column = 0;
    for &byte in &*bytes {
        match byte {
            b'\t' => {
                let spaces = if size == 0 { 0 } else { size - column % size };
                check_room(vm, spaces.checked_add(result.len()))?;
                result.resize(result.len() + spaces, b' ');
                column += spaces;
            }
            b'\n' | b'\r' => {
                result.push(byte);
                column = 0;
            }
            _ => {
                result.push(byte);
                column += 1;
            }
        }
    }
    like(vm, args, &result)
}

fn stripped(vm: &mut Vm, args: Args<'_>, left: bool, right: bool) -> Outcome {
    let bytes = this(vm, args)?;
    let doomed = present(args.get(1)).map(|doomed| bytes_argument(vm, doomed)).transpose()?;
    let is_doomed = |byte: u8| match &doomed {
        Some(doomed) => doomed.contains(&byte),
        None => is_space(byte),
    };
    let start = if left { bytes.iter().take_while(|&&byte| is_doomed(byte)).count() } else { 0 };
    let rest = &bytes[start..];
    let cut = if right { rest.iter().rev().take_while(|&&byte| is_doomed(byte)).count() } else { 0 };
    if start == 0 && cut == 0 {
        return unchanged(vm, args);
    }
    like(vm, args, &rest[..rest.len() - cut])
}
