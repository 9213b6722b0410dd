//! Case and questions about characters, all of ASCII.

use toy_vm::{Args, Outcome, Vm, natives};

use super::{is_space, like, this};
use crate::support::{check_room, truth};

natives! {
    /// The methods of bytes and bytearray that take them as ASCII.
    pub(crate) BYTES_CASE:
    method "upper" ("") "A copy with ASCII letters as capitals."
        => |vm, args| mapped(vm, args, |bytes| bytes.to_ascii_uppercase());
    method "lower" ("") "A copy with ASCII letters as small ones."
        => |vm, args| mapped(vm, args, |bytes| bytes.to_ascii_lowercase());
    method "swapcase" ("") "A copy in which small ASCII letters and capitals have changed places."
        => |vm, args| mapped(vm, args, swap_case);
    method "capitalize" ("") "A copy that begins with a capital if it begins with an ASCII letter; the other letters are small."
        => |vm, args| mapped(vm, args, capitalize);
    method "title" ("") "A copy in which every word of ASCII letters begins with a capital; the other letters are small."
        => |vm, args| mapped(vm, args, title);
    method "isalnum" ("") "Whether there are bytes, and all are ASCII letters or digits."
        => |vm, args| every(vm, args, |byte| byte.is_ascii_alphanumeric());
    method "isalpha" ("") "Whether there are bytes, and all are ASCII letters."
        => |vm, args| every(vm, args, |byte| byte.is_ascii_alphabetic());
    method "isdigit" ("") "Whether there are bytes, and all are ASCII digits."
        => |vm, args| every(vm, args, |byte| byte.is_ascii_digit());
    method "isspace" ("") "Whether there are bytes, and all are ASCII whitespace."
        => |vm, args| every(vm, args, is_space);
    method "isascii" ("") "Whether all bytes are below 128."
        => |vm, args| truth(this(vm, args)?.is_ascii());
    method "islower" ("") "Whether there are ASCII letters, and all are small."
        => |vm, args| whole(vm, args, |bytes| bytes.iter().any(u8::is_ascii_lowercase) && !bytes.iter().any(u8::is_ascii_uppercase));
    method "isupper" ("") "Whether there are ASCII letters, and all are capitals."
        => |vm, args| whole(vm, args, |bytes| bytes.iter().any(u8::is_ascii_uppercase) && !bytes.iter().any(u8::is_ascii_lowercase));
    method "istitle" ("") "Whether there are ASCII letters, and exactly those that begin a word are capitals."
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
