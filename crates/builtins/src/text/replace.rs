//! `str.replace`.

use toy_object::{Str, StrBuilder};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::{check_room, integer_or, text_argument, this_str};

natives! {
    /// `str.replace`.
    pub(crate) STR_REPLACE:
    method "replace" ("old, new, /, count=-1")
        "A copy with new for each old, but for no more than count of them unless that is negative."
        => replace;
}

fn replace(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?;
    let old = text_argument(vm, args.at(1), "replace() argument 1 must be str")?;
    let new = text_argument(vm, args.at(2), "replace() argument 2 must be str")?;
    let limit = integer_or(vm, args.get(3), -1)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if !old.is_empty()
        && let Some(replaced) = text.replace_ascii(vm.heap(), old, new, limit)?
    {
        return Ok(replaced);
    }
    let places = places(vm, text, old, limit)?;
    if places.is_empty() {
        return Ok(text.as_ref().to_owned());
    }
    // The size is known beforehand: too large a result must be refused, not tried.
    let length = text.len() - places.len() * old.len();
    let added = places.len().checked_mul(new.len()).and_then(|added| added.checked_add(length));
    check_room(vm, added)?;
    let mut builder = StrBuilder::with_capacity(added.unwrap_or(0));
    let mut start = 0;
    for place in places {
        builder.push_units(text.units().range(start, place));
        builder.push_string(new);
        start = place + old.len();
    }
    builder.push_units(text.units().range(start, text.len()));
    Ok(builder.finish(vm.heap())?)
}

/// The first places of `old`; the empty text is before every code point and at the end.
fn places(vm: &Vm, text: Str<'_>, old: Str<'_>, limit: usize) -> Outcome<Vec<usize>> {
    if old.is_empty() {
        check_room(vm, limit.min(text.len() + 1).checked_mul(size_of::<usize>()))?;
        return Ok((0..=text.len()).take(limit).collect());
    }
    if old.len() > text.len() || limit == 0 {
        return Ok(Vec::new());
    }
    let mut places = Vec::new();
    for place in text.places(old).take(limit) {
        vm.heap().push_within_room(&mut places, place)?;
    }
    Ok(places)
}
