//! Questions about the characters of a text.

use toy_object::Str;
use toy_vm::{Args, Outcome, Vm, natives};

use super::split::is_ascii_space;
use crate::support::{this_str, truth};

natives! {
    /// The methods of str that ask about its characters.
    pub(crate) STR_PREDICATES:
    method "isalnum" ("")
        "Whether there are characters, and all are letters or numbers."
        => |vm, args| every(vm, args, toy_format::unicode::is_alnum);
    method "isalpha" ("")
        "Whether there are characters, and all are letters."
        => |vm, args| every(vm, args, toy_format::unicode::is_alpha);
    method "isdecimal" ("")
        "Whether there are characters, and all are digits of decimal numbers."
        => |vm, args| every(vm, args, toy_format::unicode::is_decimal);
    method "isdigit" ("")
        "Whether there are characters, and all are digits, raised ones included."
        => |vm, args| every(vm, args, toy_format::unicode::is_digit);
    method "isnumeric" ("")
        "Whether there are characters, and all mean numbers, fractions included."
        => |vm, args| every(vm, args, toy_format::unicode::is_numeric);
    method "isspace" ("")
        "Whether there are characters, and all are whitespace."
        => |vm, args| every(vm, args, is_space);
    method "isprintable" ("")
        "Return True if all characters in the string are printable, False otherwise.\n\nA character is printable if repr() may use it in its output."
        => |vm, args| whole(vm, args, |text| text.code_points().all(toy_format::unicode::is_printable));
    method "isascii" ("")
        "Whether all characters are below 128."
        => |vm, args| whole(vm, args, |text| text.is_ascii());
    method "isidentifier" ("")
        "Whether it could be a name; keyword.iskeyword knows which of them are taken."
        => |vm, args| whole(vm, args, |text| text.to_utf8().is_some_and(|text| toy_format::unicode::is_identifier(&text)));
    method "islower" ("")
        "Whether there are cased characters, and all are small."
        => |vm, args| whole(vm, args, |text| toy_format::unicode::text_is_lower(text.code_points()));
    method "isupper" ("")
        "Whether there are cased characters, and all are capitals."
        => |vm, args| whole(vm, args, |text| toy_format::unicode::text_is_upper(text.code_points()));
    method "istitle" ("")
        "Whether there are cased characters, and exactly those that begin a word are capitals."
        => |vm, args| whole(vm, args, |text| toy_format::unicode::text_is_title(text.code_points()));
}

/// Whether a code point is whitespace to `str.split`.
pub(super) fn is_space(code_point: u32) -> bool {
    match u8::try_from(code_point) {
        Ok(byte) if byte < 0x80 => is_ascii_space(byte),
        _ => toy_format::unicode::is_space(code_point),
    }
}

fn every(vm: &mut Vm, args: Args<'_>, test: fn(u32) -> bool) -> Outcome {
    let text = this_str(vm, args)?;
    truth(!text.is_empty() && text.code_points().all(test))
}

fn whole(vm: &mut Vm, args: Args<'_>, test: fn(Str<'_>) -> bool) -> Outcome {
    truth(test(this_str(vm, args)?))
}
