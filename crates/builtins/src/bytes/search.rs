//! Looking for bytes in bytes.

use std::borrow::Cow;

use memchr::memmem;
use toy_vm::{Args, Outcome, Vm, natives};

use super::{like, needle, this, unchanged};
use crate::support::{
    SearchBounds, bytes_argument, bytes_like, check_room, integer_or, truth, type_error, value_error,
};

natives! {
    /// The methods of bytes and bytearray that search.
    pub(crate) BYTES_SEARCH:
    method "find" ("sub, start=None, end=None, /")
        "Return the lowest index in B where subsection 'sub' is found, such that 'sub' is contained within B[start,end].\n\n  sub\n    The subsequence to search for: bytes, or an integer.\n\nReturn -1 if the subsection is not found."
        => |vm, args| found(vm, args, memmem::find);
    method "rfind" ("sub, start=None, end=None, /")
        "Return the highest index in B where subsection 'sub' is found, such that 'sub' is contained within B[start,end].\n\n  sub\n    The subsequence to search for: bytes, or an integer.\n\nReturn -1 if the subsection is not found."
        => |vm, args| found(vm, args, memmem::rfind);
    method "index" ("sub, start=None, end=None, /")
        "Return the lowest index in B where subsection 'sub' is found, such that 'sub' is contained within B[start,end].\n\nRaise ValueError if the subsection is not found."
        => |vm, args| required(vm, args, memmem::find);
    method "rindex" ("sub, start=None, end=None, /")
        "Return the highest index in B where subsection 'sub' is found, such that 'sub' is contained within B[start,end].\n\nRaise ValueError if the subsection is not found."
        => |vm, args| required(vm, args, memmem::rfind);
    method "count" ("sub, start=None, end=None, /")
        "Return the number of non-overlapping occurrences of subsection 'sub' in bytes B[start:end]." => count;
    method "startswith" ("prefix, start=None, end=None, /")
        "Return True if the bytes starts with the specified prefix, False otherwise."
        => |vm, args| affix(vm, args, "startswith", |bytes, affix| bytes.starts_with(affix));
    method "endswith" ("suffix, start=None, end=None, /")
        "Return True if the bytes ends with the specified suffix, False otherwise."
        => |vm, args| affix(vm, args, "endswith", |bytes, affix| bytes.ends_with(affix));
    method "replace" ("old, new, count=-1, /")
        "A copy with new for each old, but for no more than count of them unless that is negative." => replace;
    method "removeprefix" ("prefix, /") "Without these bytes at the front, if they are there."
        => |vm, args| without_affix(vm, args, |bytes, affix| bytes.strip_prefix(affix));
    method "removesuffix" ("suffix, /") "Without these bytes at the end, if they are there."
        => |vm, args| without_affix(vm, args, |bytes, affix| bytes.strip_suffix(affix));
}

type Find = fn(&[u8], &[u8]) -> Option<usize>;

/// The part of the content that a search looks at, and where it starts; `None`: the start lies behind the end.
fn window(bounds: SearchBounds, bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (start, end) = bounds.within(bytes.len());
    bytes.get(start..end).map(|window| (start, window))
}

/// The bounds of a search, which may change a bytearray when they are asked for their value, and then its content.
fn searched<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<(SearchBounds, Cow<'a, [u8]>)> {
    let bounds = SearchBounds::new(vm, args.get(2), args.get(3))?;
    Ok((bounds, this(vm, args)?))
}

fn place(vm: &mut Vm, args: Args<'_>, find: Find) -> Outcome<Option<usize>> {
    let (bounds, bytes) = searched(vm, args)?;
    let window = window(bounds, &bytes);
    let needle = needle(vm, args.at(1))?;
    Ok(window.and_then(|(start, window)| find(window, &needle).map(|place| start + place)))
}

fn found(vm: &mut Vm, args: Args<'_>, find: Find) -> Outcome {
    let place = place(vm, args, find)?;
    Ok(vm.new_int(place.map_or(-1, |place| place as i64))?)
}

fn required(vm: &mut Vm, args: Args<'_>, find: Find) -> Outcome {
    match place(vm, args, find)? {
        Some(place) => Ok(vm.new_int_from_usize(place)?),
        None => Err(value_error(vm, "subsection not found")),
    }
}

fn count(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (bounds, bytes) = searched(vm, args)?;
    let window = window(bounds, &bytes);
    let needle = needle(vm, args.at(1))?;
    let count = match window {
        None => 0,
        Some((_, window)) if needle.is_empty() => window.len() + 1,
        Some((_, window)) => memmem::find_iter(window, &*needle).count(),
    };
    Ok(vm.new_int_from_usize(count)?)
}

type AffixTest = fn(&[u8], &[u8]) -> bool;

fn affix(vm: &mut Vm, args: Args<'_>, method: &str, test: AffixTest) -> Outcome {
    let (bounds, bytes) = searched(vm, args)?;
    let window = window(bounds, &bytes).map(|(_, window)| window);
    let passes = |affix: &[u8]| window.is_some_and(|window| test(window, affix));
    let wanted = args.at(1);
    if let Some(affix) = bytes_like(vm, wanted)? {
        return truth(passes(&affix));
    }
    let Some(affixes) = wanted.as_tuple() else {
        let got = vm.type_name(wanted);
        return Err(type_error(vm, format!("{method} first arg must be bytes or a tuple of bytes, not {got}")));
    };
    for affix in affixes.iter() {
        if passes(&bytes_argument(vm, affix)?) {
            return truth(true);
        }
    }
    truth(false)
}

fn without_affix(vm: &mut Vm, args: Args<'_>, strip: for<'b> fn(&'b [u8], &[u8]) -> Option<&'b [u8]>) -> Outcome {
    let bytes = this(vm, args)?;
    let affix: Cow<'_, [u8]> = bytes_argument(vm, args.at(1))?;
    match strip(&bytes, &affix) {
        Some(rest) => like(vm, args, rest),
        None => unchanged(vm, args),
    }
}

fn replace(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let bytes = this(vm, args)?;
    let (old, new) = (bytes_argument(vm, args.at(1))?, bytes_argument(vm, args.at(2))?);
    let limit = integer_or(vm, args.get(3), -1)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut places = Vec::new();
    if old.is_empty() {
        check_room(vm, limit.min(bytes.len() + 1).checked_mul(size_of::<usize>()))?;
        places.extend((0..=bytes.len()).take(limit));
    } else {
        for place in memmem::find_iter(&bytes, &*old).take(limit) {
            vm.heap().push_within_room(&mut places, place)?;
        }
    }
    if places.is_empty() {
        return unchanged(vm, args);
    }
    let kept = bytes.len() - places.len() * old.len();
    let size = places.len().checked_mul(new.len()).and_then(|added| added.checked_add(kept));
    check_room(vm, size)?;
    let mut result = Vec::with_capacity(size.unwrap_or(0));
    let mut start = 0;
    for place in places {
        result.extend_from_slice(&bytes[start..place]);
        result.extend_from_slice(&new);
        start = place + old.len();
    }
    result.extend_from_slice(&bytes[start..]);
    like(vm, args, &result)
}
