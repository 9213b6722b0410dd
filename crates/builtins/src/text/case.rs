//! Upper and lower case.

use toy_object::{Str, StrBuilder};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::this_str;

natives! {
    /// The methods of str that change case.
    pub(crate) STR_CASE:
    method "capitalize" ("")
        "Return a capitalized version of the string.\n\nMore specifically, make the first character have upper case and the rest lower\ncase."
        => |vm, args| mapped(vm, args, toy_format::unicode::capitalize);
    method "casefold" ("") "Return a version of the string suitable for caseless comparisons."
        => |vm, args| mapped(vm, args, toy_format::unicode::casefold);
    method "lower" ("") "Return a copy of the string converted to lowercase." => lower;
    method "swapcase" ("") "Convert uppercase characters to lowercase and lowercase characters to uppercase."
        => |vm, args| mapped(vm, args, toy_format::unicode::swapcase);
    method "title" ("")
        "Return a version of the string where each word is titlecased.\n\nMore specifically, words start with uppercased characters and all remaining\ncased characters have lower case."
        => |vm, args| mapped(vm, args, toy_format::unicode::title);
    method "upper" ("") "Return a copy of the string converted to uppercase." => upper;
}

fn mapped(vm: &mut Vm, args: Args<'_>, map: fn(&str) -> String) -> Outcome {
    let text = this_str(vm, args)?;
    match text.to_utf8() {
        Some(text) => Ok(vm.new_str(&map(&text))?),
        None => around_surrogates(vm, text, map),
    }
}

/// Maps the text between lone surrogates, which have no case.
#[cold]
fn around_surrogates(vm: &mut Vm, text: Str<'_>, map: fn(&str) -> String) -> Outcome {
    let mut builder = StrBuilder::new();
    let mut between = String::new();
    for code_point in text.code_points() {
        match char::from_u32(code_point) {
            Some(character) => between.push(character),
            None => {
                builder.push_str(&map(&std::mem::take(&mut between)));
                builder.push_code_point(code_point);
            }
        }
    }
    builder.push_str(&map(&between));
    Ok(builder.finish(vm.heap())?)
}

fn lower(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match this_str(vm, args)?.as_utf8() {
        Some(text) => Ok(vm.new_str(&text.to_ascii_lowercase())?),
        None => mapped(vm, args, toy_format::unicode::lower),
    }
}

fn upper(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match this_str(vm, args)?.as_utf8() {
        Some(text) => Ok(vm.new_str(&text.to_ascii_uppercase())?),
        None => mapped(vm, args, toy_format::unicode::upper),
    }
}
