//! Questions about the characters of a text.

use toy_object::Str;
use toy_vm::{Args, Outcome, Vm, natives};

use super::split::is_ascii_space;
use crate::support::{this_str, truth};

natives! {
    /// The methods of str that ask about its characters.
    pub(crate) STR_PREDICATES:
    method "isalnum" ("")
        "Return True if the string is an alpha-numeric string, False otherwise.\n\nA string is alpha-numeric if all characters in the string are alpha-numeric and\nthere is at least one character in the string."
        => |vm, args| every(vm, args, toy_format::unicode::is_alnum);
    method "isalpha" ("")
        "Return True if the string is an alphabetic string, False otherwise.\n\nA string is alphabetic if all characters in the string are alphabetic and there\nis at least one character in the string."
        => |vm, args| every(vm, args, toy_format::unicode::is_alpha);
    method "isdecimal" ("")
        "Return True if the string is a decimal string, False otherwise.\n\nA string is a decimal string if all characters in the string are decimal and\nthere is at least one character in the string."
        => |vm, args| every(vm, args, toy_format::unicode::is_decimal);
    method "isdigit" ("")
        "Return True if the string is a digit string, False otherwise.\n\nA string is a digit string if all characters in the string are digits and there\nis at least one character in the string."
        => |vm, args| every(vm, args, toy_format::unicode::is_digit);
    method "isnumeric" ("")
        "Return True if the string is a numeric string, False otherwise.\n\nA string is numeric if all characters in the string are numeric and there is at\nleast one character in the string."
        => |vm, args| every(vm, args, toy_format::unicode::is_numeric);
    method "isspace" ("")
        "Return True if the string is a whitespace string, False otherwise.\n\nA string is whitespace if all characters in the string are whitespace and there\nis at least one character in the string."
        => |vm, args| every(vm, args, is_space);
    method "isprintable" ("")
        "Return True if all characters in the string are printable, False otherwise.\n\nA character is printable if repr() may use it in its output."
        => |vm, args| whole(vm, args, |text| text.code_points().all(toy_format::unicode::is_printable));
    method "isascii" ("")
        "Return True if all characters in the string are ASCII, False otherwise.\n\nASCII characters have code points in the range U+0000-U+007F.\nEmpty string is ASCII too."
        => |vm, args| whole(vm, args, |text| text.is_ascii());
    method "isidentifier" ("")
        "Return True if the string is a valid Python identifier, False otherwise.\n\nCall keyword.iskeyword(s) to test whether string s is a reserved identifier,\nsuch as \"def\" or \"class\"."
        => |vm, args| whole(vm, args, |text| text.to_utf8().is_some_and(|text| toy_format::unicode::is_identifier(&text)));
    method "islower" ("")
        "Return True if the string is a lowercase string, False otherwise.\n\nA string is lowercase if all cased characters in the string are lowercase and\nthere is at least one cased character in the string."
        => |vm, args| whole(vm, args, |text| toy_format::unicode::text_is_lower(text.code_points()));
    method "isupper" ("")
        "Return True if the string is an uppercase string, False otherwise.\n\nA string is uppercase if all cased characters in the string are uppercase and\nthere is at least one cased character in the string."
        => |vm, args| whole(vm, args, |text| toy_format::unicode::text_is_upper(text.code_points()));
    method "istitle" ("")
        "Return True if the string is a title-cased string, False otherwise.\n\nIn a title-cased string, upper- and title-case characters may only\nfollow uncased characters and lowercase characters only cased ones."
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
