//! `_json`: JSON text to values and back. `json` is built on it.
//!
//! Invariant: containers inside containers stand on a stack of their own, so that depth takes nothing of the system's.
//! Invariant: work is linear in the length of the text; Ctrl-C is heard every 2^16 values.

mod encode;
mod entries;
mod keys;
mod number;
mod quote;
mod scan;
mod scanner;
mod source;
mod string;

use toy_object::{Owned, Ref, Str};
use toy_vm::{Args, Outcome, Raised, Vm, natives};

use crate::argument::{flag_or, integer, shown_type, type_error};
use crate::library;
use crate::module::NewModule;

/// Where the class of errors in texts is kept, which `json.decoder` defines.
const ERROR: &str = "json.decoder.JSONDecodeError";
/// So deep may containers be nested, as in CPython.
const DEEPEST: usize = 9998;
/// How many values are read or written between two looks at what signals have come.
const VALUES_BETWEEN_SIGNALS: u32 = 1 << 16;

natives! {
    /// The functions of `_json`.
    FUNCTIONS:
    function "scanstring" ("string, end, strict=True, /")
        "The text that begins behind the quote before end, and the place behind its closing quote." => scan_string;
    function "whitespace_end" ("string, place, /") "The first place from this one on where there is no whitespace." => |vm, args| {
        let (text, place) = (text(vm, args.at(0))?, integer(vm, args.at(1))?);
        let place = usize::try_from(place).unwrap_or(0).min(text.len());
        Ok(vm.new_int_from_usize(source::whitespace_end(text, place))?)
    };
    function "encode_basestring" ("string, /") "Text in quotes, with only those characters escaped that must be." =>
        |vm, args| quote::quote(vm, args.at(0), false);
    function "encode_basestring_ascii" ("string, /") "Text in quotes, with everything escaped that is no printable ASCII." =>
        |vm, args| quote::quote(vm, args.at(0), true);
    function "encode"
        ("value, default, ensure_ascii, check_circular, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan, /")
        "A value as JSON text. default is called with objects that JSON does not know; indent is a text or None." => encode::encode;
    function "raise_as" ("error, /") "Errors in texts are of this class from now on." => |vm, args| {
        library::set(vm, ERROR, args.at(0).to_owned());
        Ok(Owned::none())
    };
}

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let scanner = scanner::define(vm)?;
    let mut module = NewModule::new(vm, "_json", "JSON text to values and back.", FUNCTIONS)?;
    module.set("make_scanner", scanner)?;
    module.finish()
}

/// An argument that must be text.
fn text<'a>(vm: &mut Vm, argument: Ref<'a>) -> Outcome<Str<'a>> {
    match argument.as_str() {
        Some(text) => Ok(text),
        None => {
            let got = shown_type(vm, argument);
            Err(type_error(vm, format!("first argument must be a string, not {got}")))
        }
    }
}

fn scan_string(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (text, end) = (text(vm, args.at(0))?, integer(vm, args.at(1))?);
    let is_strict = flag_or(vm, args.get(2), true)?;
    let Some(end) = usize::try_from(end).ok().filter(|&end| end <= text.len()) else {
        return Err(crate::argument::value_error(vm, "end is out of bounds"));
    };
    let (value, place) = source::with_source!(text, source => string::scan(vm, source, end, is_strict))?;
    pair(vm, value, place)
}

/// What readers answer: a value, and the place behind it.
fn pair(vm: &mut Vm, value: Owned, place: usize) -> Outcome {
    let place = vm.new_int_from_usize(place)?;
    Ok(vm.new_tuple([value, place])?)
}

/// Raises `JSONDecodeError`.
#[cold]
fn raise(vm: &mut Vm, message: &str, text: Str<'_>, place: usize) -> Raised {
    raise_at(vm, message, text, place as i64)
}

/// The same for a place that may stand before the text.
#[cold]
fn raise_at(vm: &mut Vm, message: &str, text: Str<'_>, place: i64) -> Raised {
    let Some(class) = library::get(vm, ERROR) else { return crate::argument::value_error(vm, message) };
    match (vm.new_str(message), vm.new_int(place)) {
        (Ok(message), Ok(place)) => vm.raise_class_with(class.get(), &[message.get(), text.as_ref(), place.get()]),
        (Err(error), _) | (_, Err(error)) => error.into(),
    }
}

/// Counts values, and looks at what signals have come from time to time.
struct Patience(u32);

impl Patience {
    fn new() -> Self {
        Self(VALUES_BETWEEN_SIGNALS)
    }

    #[inline]
    fn spend(&mut self, vm: &mut Vm) -> Outcome<()> {
        self.0 -= 1;
        if self.0 > 0 {
            return Ok(());
        }
        self.0 = VALUES_BETWEEN_SIGNALS;
        vm.check_signals()
    }
}
