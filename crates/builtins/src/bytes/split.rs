//! Taking bytes apart and putting them together.

use std::borrow::Cow;

use memchr::memmem;
use toy_object::{Heap, OutOfMemory, Owned};
use toy_vm::{Args, Outcome, Vm, natives};

use super::{is_space, like, list_of, this};
use crate::support::{bytes_argument, bytes_like, check_room, flag_or, integer_or, present, type_error, value_error};
use crate::text::joinable;

natives! {
    /// The methods of bytes and bytearray that take them apart or put them together.
    pub(crate) BYTES_SPLIT:
    method "split" ("sep=None, maxsplit=-1")
        "The parts between separators, by default between runs of whitespace, as a list.\n\nAt most maxsplit separators from the front count, unless that is negative." => |vm, args| split(vm, args, false);
    method "rsplit" ("sep=None, maxsplit=-1")
        "The parts between separators, by default between runs of whitespace, as a list.\n\nAt most maxsplit separators from the end count, unless that is negative." => |vm, args| split(vm, args, true);
    method "splitlines" ("keepends=False")
        "The lines as a list, with their line ends if keepends is true." => splitlines;
    method "partition" ("sep, /") "What stands before the first separator, the separator, and what stands behind it."
        => |vm, args| partition(vm, args, false);
    method "rpartition" ("sep, /") "Partition the bytes into three parts using the given separator, the last one."
        => |vm, args| partition(vm, args, true);
    method "join" ("iterable_of_bytes, /")
        "The items one behind the other, with these bytes between each two." => join;
}

type Pieces = Vec<(usize, usize)>;

fn split(vm: &mut Vm, args: Args<'_>, from_end: bool) -> Outcome {
    let bytes = this(vm, args)?;
    let limit = integer_or(vm, args.get(2), -1)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let separator = present(args.get(1)).map(|separator| bytes_argument(vm, separator)).transpose()?;
    if separator.as_ref().is_some_and(|separator| separator.is_empty()) {
        return Err(value_error(vm, "empty separator"));
    }
    let heap = vm.heap();
    let pieces = match (&separator, from_end) {
        (Some(separator), false) => split_at(heap, &bytes, separator, limit)?,
        (Some(separator), true) => rsplit_at(heap, &bytes, separator, limit)?,
        (None, false) => split_spaces(heap, &bytes, limit)?,
        (None, true) => rsplit_spaces(heap, &bytes, limit)?,
    };
    list_of(vm, args, &bytes, &pieces)
}

fn split_at(heap: &Heap, bytes: &[u8], separator: &[u8], limit: usize) -> Result<Pieces, OutOfMemory> {
    let mut pieces = Pieces::new();
    let mut start = 0;
    for place in memmem::find_iter(bytes, separator).take(limit) {
        heap.push_within_room(&mut pieces, (start, place))?;
        start = place + separator.len();
    }
    heap.push_within_room(&mut pieces, (start, bytes.len()))?;
    Ok(pieces)
}

fn rsplit_at(heap: &Heap, bytes: &[u8], separator: &[u8], limit: usize) -> Result<Pieces, OutOfMemory> {
    let mut pieces = Pieces::new();
    let mut end = bytes.len();
    for place in memmem::rfind_iter(bytes, separator).take(limit) {
        heap.push_within_room(&mut pieces, (place + separator.len(), end))?;
        end = place;
    }
    heap.push_within_room(&mut pieces, (0, end))?;
    pieces.reverse();
    Ok(pieces)
}

fn split_spaces(heap: &Heap, bytes: &[u8], limit: usize) -> Result<Pieces, OutOfMemory> {
    let mut pieces = Pieces::new();
    let mut index = 0;
    loop {
        index += bytes[index..].iter().take_while(|&&byte| is_space(byte)).count();
        if index == bytes.len() {
            return Ok(pieces);
        }
        if pieces.len() == limit {
            heap.push_within_room(&mut pieces, (index, bytes.len()))?;
            return Ok(pieces);
        }
        let end = index + bytes[index..].iter().take_while(|&&byte| !is_space(byte)).count();
        heap.push_within_room(&mut pieces, (index, end))?;
        index = end;
    }
}

fn rsplit_spaces(heap: &Heap, bytes: &[u8], limit: usize) -> Result<Pieces, OutOfMemory> {
    let mut pieces = Pieces::new();
    let mut index = bytes.len();
    loop {
        index -= bytes[..index].iter().rev().take_while(|&&byte| is_space(byte)).count();
        if index == 0 {
            break;
        }
        if pieces.len() == limit {
            heap.push_within_room(&mut pieces, (0, index))?;
            break;
        }
        let start = index - bytes[..index].iter().rev().take_while(|&&byte| !is_space(byte)).count();
        heap.push_within_room(&mut pieces, (start, index))?;
        index = start;
    }
    pieces.reverse();
    Ok(pieces)
}

fn splitlines(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let bytes = this(vm, args)?;
    let keeps_ends = flag_or(vm, args.get(1), false)?;
    let mut pieces = Pieces::new();
    let mut start = 0;
    while start < bytes.len() {
        let Some(length) = memchr::memchr2(b'\n', b'\r', &bytes[start..]) else {
            vm.heap().push_within_room(&mut pieces, (start, bytes.len()))?;
            break;
        };
        let end = start + length;
        let next = end + if bytes[end..].starts_with(b"\r\n") { 2 } else { 1 };
        vm.heap().push_within_room(&mut pieces, (start, if keeps_ends { next } else { end }))?;
        start = next;
    }
    list_of(vm, args, &bytes, &pieces)
}

fn partition(vm: &mut Vm, args: Args<'_>, is_last: bool) -> Outcome {
    let bytes = this(vm, args)?;
    let separator = bytes_argument(vm, args.at(1))?;
    if separator.is_empty() {
        return Err(value_error(vm, "empty separator"));
    }
    let place = if is_last { memmem::rfind(&bytes, &separator) } else { memmem::find(&bytes, &separator) };
    let parts: [&[u8]; 3] = match place {
        Some(place) => [&bytes[..place], &separator, &bytes[place + separator.len()..]],
        None if is_last => [b"", b"", &bytes],
        None => [&bytes, b"", b""],
    };
    let parts = [like(vm, args, parts[0])?, like(vm, args, parts[1])?, like(vm, args, parts[2])?];
    Ok(vm.new_tuple(parts)?)
}

fn join(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let separator = this(vm, args)?;
    let items: Vec<Owned> = joinable(vm, args.at(1))?;
    check_room(vm, items.len().checked_mul(size_of::<Cow<'_, [u8]>>()))?;
    let mut parts: Vec<Cow<'_, [u8]>> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match bytes_like(vm, item.get())? {
            Some(part) => parts.push(part),
            None => {
                let got = vm.type_name(item.get());
                let text = format!("sequence item {index}: expected a bytes-like object, {got} found");
                return Err(type_error(vm, text));
            }
        }
    }
    let gaps = separator.len().checked_mul(parts.len().saturating_sub(1));
    let size = parts.iter().try_fold(gaps.unwrap_or(usize::MAX), |size, part| size.checked_add(part.len()));
    check_room(vm, size)?;
    let mut joined = Vec::with_capacity(size.unwrap_or(0));
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            joined.extend_from_slice(&separator);
        }
        joined.extend_from_slice(part);
    }
    like(vm, args, &joined)
}
