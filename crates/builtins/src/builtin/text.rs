//! Builtin functions of text: `ascii`, `chr`, `format`, `ord`, `repr`.

use toy_object::Ref;
use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::{text_argument, type_error, value_error};

natives! {
    /// Builtin functions of text.
    pub(crate) TEXT_FUNCTIONS:
    function "ascii" ("obj, /")
        "As repr, with every character that is not ASCII escaped." => |vm, args| vm.ascii(args.at(0));
    function "repr" ("obj, /")
        "The text that shows an object to a programmer." => |vm, args| vm.repr(args.at(0));
    function "format" ("value, format_spec='', /")
        "Return type(value).__format__(value, format_spec)\n\nMany built-in types implement format_spec according to the\nFormat Specification Mini-language." => format;
    function "chr" ("i, /") "The character with this number in Unicode." => chr;
    function "ord" ("c, /") "The number of a character in Unicode." => ord;
}

fn format(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match args.get(1) {
        Some(spec) => {
            text_argument(vm, spec, "format() argument 2 must be str")?;
            vm.format(args.at(0), spec)
        }
        None => {
            let spec = vm.empty_str();
            vm.format(args.at(0), spec.get())
        }
    }
}

fn chr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = match args.at(0).value().as_small_int() {
        Some(number) => number,
        None => vm.index_clamped(args.at(0))?,
    };
    match u32::try_from(number).ok().filter(|&code_point| code_point < 0x11_0000) {
        Some(code_point) => Ok(vm.new_character(code_point)?),
        None => Err(value_error(vm, "chr() arg not in range(0x110000)")),
    }
}

fn ord(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let character = args.at(0);
    if let Some(text) = character.as_str() {
        if text.len() == 1 {
            return Ok(vm.new_int(i64::from(text.code_point(0)))?);
        }
        return wrong_length(vm, text.len());
    }
    match character.with_bytes(|bytes| (bytes.len(), bytes.first().copied())) {
        Some((1, Some(byte))) => Ok(vm.new_int(i64::from(byte))?),
        Some((length, _)) => wrong_length(vm, length),
        None => not_a_character(vm, character),
    }
}

fn wrong_length(vm: &mut Vm, length: usize) -> Outcome {
    Err(type_error(vm, format!("ord() expected a character, but string of length {length} found")))
}

fn not_a_character(vm: &mut Vm, value: Ref<'_>) -> Outcome {
    let got = vm.type_name(value);
    Err(type_error(vm, format!("ord() expected string of length 1, but {got} found")))
}
