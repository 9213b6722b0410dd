//! Upper and lower case.

use toy_object::{Str, StrBuilder};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::{check_room, this_str};

natives! {
    /// The methods of str that change case.
    pub(crate) STR_CASE:
    method "capitalize" ("")
        "The first character in title case, the others in small letters."
        => |vm, args| mapped(vm, args, toy_format::unicode::capitalize);
    method "casefold" ("") "A form in which texts compare that differ in case only."
        => |vm, args| mapped(vm, args, toy_format::unicode::casefold);
    method "lower" ("") "In small letters." => lower;
    method "swapcase" ("") "Capitals as small letters, and the other way round."
        => |vm, args| mapped(vm, args, toy_format::unicode::swapcase);
    method "title" ("")
        "Each word with a first character in title case and the others in small letters."
        => |vm, args| mapped(vm, args, toy_format::unicode::title);
    method "upper" ("") "In capitals." => upper;
}

fn mapped(vm: &mut Vm, args: Args<'_>, map: fn(&str) -> String) -> Outcome {
    let text = this_str(vm, args)?;
    // In lower case, and then as wanted: each at most as long in UTF-8.
    check_room(vm, text.len().checked_mul(2 * text.width()))?;
    match text.to_utf8() {
        Some(text) => Ok(vm.new_str(&map(&text))?),
        None => around_surrogates(vm, text, map),
    }
}

/// Maps text with lone surrogates, which have no case: the replacement character stands in for them meanwhile.
#[cold]
fn around_surrogates(vm: &mut Vm, text: Str<'_>, map: fn(&str) -> String) -> Outcome {
    const STAND_IN: u32 = char::REPLACEMENT_CHARACTER as u32;
    let is_surrogate = |point: &u32| char::from_u32(*point).is_none();
    let mut replaced = text.code_points().filter(|point| is_surrogate(point) || *point == STAND_IN);
    let mut builder = StrBuilder::new();
    for character in map(&text.to_string_lossy()).chars() {
        let point = u32::from(character);
        builder.push_code_point(if point == STAND_IN { replaced.next().unwrap_or(point) } else { point });
    }
    Ok(builder.finish(vm.heap())?)
}

fn lower(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?;
    match text.map_ascii(vm.heap(), |character| character.to_ascii_lowercase())? {
        Some(text) => Ok(text),
        None => mapped(vm, args, toy_format::unicode::lower),
    }
}

fn upper(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?;
    match text.map_ascii(vm.heap(), |character| character.to_ascii_uppercase())? {
        Some(text) => Ok(text),
        None => mapped(vm, args, toy_format::unicode::upper),
    }
}
