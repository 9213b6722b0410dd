//! What could not be encoded or decoded.

use toy_object::Ref;
use toy_vm::{Args, Outcome, Vm, natives};

use super::base::init_arguments;
use super::field::{field, field_number, field_text, items, set_field};
use crate::support::{bytes_like, is_bytes_like, none, type_error};

natives! {
    /// The methods of UnicodeEncodeError.
    pub(super) ENCODE_ERROR_METHODS:
    method "__init__" ("*args") "Initialize self." => |vm, args| init(vm, args, ENCODE);
    method "__str__" ("") "The text that str gives." => |vm, args| encode_str(vm, args, "encode");
}

natives! {
    /// The methods of UnicodeDecodeError.
    pub(super) DECODE_ERROR_METHODS:
    method "__init__" ("*args") "Initialize self." => |vm, args| init(vm, args, DECODE);
    method "__str__" ("") "The text that str gives." => decode_str;
}

natives! {
    /// The methods of UnicodeTranslateError.
    pub(super) TRANSLATE_ERROR_METHODS:
    method "__init__" ("*args") "Initialize self." => |vm, args| init(vm, args, TRANSLATE);
    method "__str__" ("") "The text that str gives." => |vm, args| encode_str(vm, args, "translate");
}

/// What an argument must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Text,
    Bytes,
    Number,
}

type Parameters = &'static [(&'static str, Wanted)];

const ENCODE: Parameters = &[
    ("encoding", Wanted::Text),
    ("object", Wanted::Text),
    ("start", Wanted::Number),
    ("end", Wanted::Number),
    ("reason", Wanted::Text),
];

const DECODE: Parameters = &[
    ("encoding", Wanted::Text),
    ("object", Wanted::Bytes),
    ("start", Wanted::Number),
    ("end", Wanted::Number),
    ("reason", Wanted::Text),
];

const TRANSLATE: Parameters =
    &[("object", Wanted::Text), ("start", Wanted::Number), ("end", Wanted::Number), ("reason", Wanted::Text)];

fn init(vm: &mut Vm, args: Args<'_>, parameters: Parameters) -> Outcome {
    init_arguments(vm, args)?;
    let arguments = args.at(1).to_owned();
    let arguments = items(&arguments);
    if arguments.len() != parameters.len() {
        let (wanted, got) = (parameters.len(), arguments.len());
        return Err(type_error(vm, format!("function takes exactly {wanted} arguments ({got} given)")));
    }
    for (place, (&argument, &(name, wanted))) in arguments.iter().zip(parameters).enumerate() {
        check(vm, argument, wanted, place + 1)?;
        // What was to be decoded is kept as it is now.
        let kept = match bytes_like(vm, argument)? {
            Some(bytes) if wanted == Wanted::Bytes => vm.new_bytes(&bytes)?,
            _ => argument.to_owned(),
        };
        set_field(vm, args.at(0), name, kept.get())?;
    }
    none()
}

fn check(vm: &mut Vm, argument: Ref<'_>, wanted: Wanted, place: usize) -> Outcome<()> {
    match wanted {
        Wanted::Number => vm.index_i64(argument).map(drop),
        Wanted::Text if argument.as_str().is_some() => Ok(()),
        Wanted::Bytes if is_bytes_like(argument) => Ok(()),
        Wanted::Text => {
            let got = vm.type_name(argument);
            Err(type_error(vm, format!("argument {place} must be str, not {got}")))
        }
        Wanted::Bytes => {
            let got = vm.type_name(argument);
            Err(type_error(vm, format!("a bytes-like object is required, not '{got}'")))
        }
    }
}

/// `'ascii' codec can't encode `, or nothing in front for translations.
fn subject(vm: &mut Vm, exception: Ref<'_>, verb: &str) -> Outcome<String> {
    Ok(match verb {
        "translate" => "can't translate ".to_owned(),
        _ => format!("'{}' codec can't {verb} ", field_text(vm, exception, "encoding")?),
    })
}

/// Where the range of the error lies, within `length`; the end is the last place.
fn range(vm: &mut Vm, exception: Ref<'_>, length: usize) -> Outcome<(usize, usize)> {
    let length = length as i64;
    let start = field_number(vm, exception, "start")?.clamp(0, (length - 1).max(0));
    let end = field_number(vm, exception, "end")?.clamp(1.min(length), length);
    Ok((start as usize, end as usize))
}

fn encode_str(vm: &mut Vm, args: Args<'_>, verb: &str) -> Outcome {
    let exception = args.at(0);
    let Some(object) = field(vm, exception, "object")? else { return Ok(vm.empty_str()) };
    let Some(text) = object.get().as_str() else { return Ok(vm.empty_str()) };
    let subject = subject(vm, exception, verb)?;
    let reason = field_text(vm, exception, "reason")?;
    let (start, end) = range(vm, exception, text.len())?;
    let shown = if end == start + 1 && start < text.len() {
        let character = match text.code_point(start) {
            point @ 0..0x100 => format!("\\x{point:02x}"),
            point @ 0x100..0x1_0000 => format!("\\u{point:04x}"),
            point => format!("\\U{point:08x}"),
        };
        format!("{subject}character '{character}' in position {start}: {reason}")
    } else {
        format!("{subject}characters in position {start}-{}: {reason}", end.saturating_sub(1))
    };
    Ok(vm.new_str(&shown)?)
}

fn decode_str(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = args.at(0);
    let Some(object) = field(vm, exception, "object")? else { return Ok(vm.empty_str()) };
    let bytes = bytes_like(vm, object.get())?.unwrap_or_default();
    let subject = subject(vm, exception, "decode")?;
    let reason = field_text(vm, exception, "reason")?;
    let (start, end) = range(vm, exception, bytes.len())?;
    let shown = match bytes.get(start) {
        Some(byte) if end == start + 1 => format!("{subject}byte 0x{byte:02x} in position {start}: {reason}"),
        _ => format!("{subject}bytes in position {start}-{}: {reason}", end.saturating_sub(1)),
    };
    Ok(vm.new_str(&shown)?)
}
