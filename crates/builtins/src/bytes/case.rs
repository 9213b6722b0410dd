//! Case and questions about characters, all of ASCII.

use toy_vm::{Args, Outcome, Vm, natives};

use super::{is_space, like, this};
use crate::support::{check_room, truth};

natives! {
    /// The methods of bytes and bytearray that take them as ASCII.
    pub(crate) BYTES_CASE:
    method "upper" ("") "B.upper() -> copy of B\n\nReturn a copy of B with all ASCII characters converted to uppercase."
        => |vm, args| mapped(vm, args, |bytes| bytes.to_ascii_uppercase());
    method "lower" ("") "B.lower() -> copy of B\n\nReturn a copy of B with all ASCII characters converted to lowercase."
        => |vm, args| mapped(vm, args, |bytes| bytes.to_ascii_lowercase());
    method "swapcase" ("") "B.swapcase() -> copy of B\n\nReturn a copy of B with uppercase ASCII characters converted\nto lowercase ASCII and vice versa."
        => |vm, args| mapped(vm, args, swap_case);
    method "capitalize" ("") "B.capitalize() -> copy of B\n\nReturn a copy of B with only its first character capitalized (ASCII)\nand the rest lower-cased."
        => |vm, args| mapped(vm, args, capitalize);
    method "title" ("") "B.title() -> copy of B\n\nReturn a titlecased version of B, i.e. ASCII words start with uppercase\ncharacters, all remaining cased characters have lowercase."
        => |vm, args| mapped(vm, args, title);
    method "isalnum" ("") "B.isalnum() -> bool\n\nReturn True if all characters in B are alphanumeric\nand there is at least one character in B, False otherwise."
        => |vm, args| every(vm, args, |byte| byte.is_ascii_alphanumeric());
    method "isalpha" ("") "B.isalpha() -> bool\n\nReturn True if all characters in B are alphabetic\nand there is at least one character in B, False otherwise."
        => |vm, args| every(vm, args, |byte| byte.is_ascii_alphabetic());
    method "isdigit" ("") "B.isdigit() -> bool\n\nReturn True if all characters in B are digits\nand there is at least one character in B, False otherwise."
        => |vm, args| every(vm, args, |byte| byte.is_ascii_digit());
    method "isspace" ("") "B.isspace() -> bool\n\nReturn True if all characters in B are whitespace\nand there is at least one character in B, False otherwise."
        => |vm, args| every(vm, args, is_space);
    method "isascii" ("") "B.isascii() -> bool\n\nReturn True if B is empty or all characters in B are ASCII,\nFalse otherwise."
        => |vm, args| truth(this(vm, args)?.is_ascii());
    method "islower" ("") "B.islower() -> bool\n\nReturn True if all cased characters in B are lowercase and there is\nat least one cased character in B, False otherwise."
        => |vm, args| whole(vm, args, |bytes| bytes.iter().any(u8::is_ascii_lowercase) && !bytes.iter().any(u8::is_ascii_uppercase));
    method "isupper" ("") "B.isupper() -> bool\n\nReturn True if all cased characters in B are uppercase and there is\nat least one cased character in B, False otherwise."
        => |vm, args| whole(vm, args, |bytes| bytes.iter().any(u8::is_ascii_uppercase) && !bytes.iter().any(u8::is_ascii_lowercase));
    method "istitle" ("") "B.istitle() -> bool\n\nReturn True if B is a titlecased string and there is at least one\ncharacter in B, i.e. uppercase characters may only follow uncased\ncharacters and lowercase characters only cased ones."
        => |vm, args| whole(vm, args, |bytes| toy_format::unicode::text_is_title(bytes.iter().map(|&byte| if byte.is_ascii() { byte.into() } else { 0 })));
}

fn mapped(vm: &mut Vm, args: Args<'_>, map: fn(&[u8]) -> Vec<u8>) -> Outcome {
    let bytes = this(vm, args)?;
    check_room(vm, Some(bytes.len()))?;
    let bytes = map(&bytes);
    like(vm, args, &bytes)
}

fn every(vm: &mut Vm, args: Args<'_>, test: fn(u8) -> bool) -> Outcome {
    let bytes = this(vm, args)?;
    truth(!bytes.is_empty() && bytes.iter().all(|&byte| test(byte)))
}

fn whole(vm: &mut Vm, args: Args<'_>, test: fn(&[u8]) -> bool) -> Outcome {
    truth(test(&this(vm, args)?))
}

fn swap_case(bytes: &[u8]) -> Vec<u8> {
    let swap =
        |byte: &u8| if byte.is_ascii_lowercase() { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
    bytes.iter().map(swap).collect()
}

fn capitalize(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_ascii_lowercase();
    bytes.iter_mut().take(1).for_each(|byte| byte.make_ascii_uppercase());
    bytes
}

fn title(bytes: &[u8]) -> Vec<u8> {
    let mut follows_letter = false;
    let mut step = |byte: &u8| {
        let cased = if follows_letter { byte.to_ascii_lowercase() } else { byte.to_ascii_uppercase() };
        follows_letter = byte.is_ascii_alphabetic();
        cased
    };
    bytes.iter().map(&mut step).collect()
}
