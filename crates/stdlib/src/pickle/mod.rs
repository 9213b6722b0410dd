//! `_pickle`: values as bytes, and bytes as values.
//!
//! The format is toy's own: a header that says how long the value is, then the operations of a stack machine, whose table and checks
//! are `toy_process::wire`'s. This module walks over values (`encode`) and follows the operations (`decode`); what objects consist of
//! they say themselves, as CPython's protocol of `__reduce_ex__` and `__setstate__` wants it.
//!
//! Invariant: the walk keeps a stack of its own (`step`, `items`), so the depth of a value is bounded by memory alone.
//! Invariant: every value that was remembered is kept alive until the walk is over, so no identity stands for two of them.
//! Invariant: what is wrong with bytes is an `UnpicklingError`; what calls of script code raise passes through.
//! Invariant: `is` holds between two parts of the copy if it holds between the originals, but for numbers, and for texts that nothing
//! but the walk's own temporary values shares.

mod build;
mod decode;
mod encode;
mod error;
mod find;
mod handle;
mod items;
mod path;
mod reduce;
mod step;

use toy_object::{Owned, Ref};
use toy_process::wire;
use toy_vm::{Outcome, Vm, natives};

use crate::argument::{bytes, integer, new_text, present, type_error, value_error};
use crate::module::NewModule;

/// What pickles begin with; the length of the value in eight bytes follows, the lowest first.
const MARK: [u8; 2] = [0xF5, b'p'];
/// How long the header is.
const HEADER: usize = MARK.len() + size_of::<u64>();
/// The protocol that `__reduce_ex__` hears of, unless another is asked for.
const DEFAULT_PROTOCOL: i64 = 4;
/// The highest one.
const HIGHEST_PROTOCOL: i64 = 5;

natives! {
    /// The functions of `_pickle`.
    FUNCTIONS:
    function "dumps" ("obj, protocol=None, *, fix_imports=True, buffer_callback=None") "The bytes of a value." => |vm, args| {
        refuse_buffers(vm, args.get(3))?;
        let protocol = protocol(vm, args.get(1))?;
        encode::encode(vm, args.at(0), protocol, encode::Hooks::default())
    };
    function "loads" ("data, /, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=None")
        "The value of bytes." => |vm, args| {
        refuse_buffers(vm, args.get(4))?;
        decode::decode(vm, args.at(0), decode::Hooks::default())
    };
    function "encode" ("obj, protocol=None, persistent_id=None, reducer_override=None, dispatch_table=None, handles=None, /")
        "The bytes of a value, with a pickler's own methods and table; descriptors to travel beside them are appended to handles." => |vm, args| {
        let protocol = protocol(vm, args.get(1))?;
        let hook = |index| present(args.get(index)).map(Ref::to_owned);
        let hooks = encode::Hooks {
            persistent_id: hook(2),
            reducer_override: hook(3),
            dispatch_table: hook(4),
            handles: hook(5),
        };
        encode::encode(vm, args.at(0), protocol, hooks)
    };
    function "decode" ("data, find_class=None, persistent_load=None, handles=None, /")
        "The value of bytes, with an unpickler's own methods; handles are the descriptors that came beside them." => |vm, args| {
        let hook = |index| present(args.get(index)).map(Ref::to_owned);
        let hooks = decode::Hooks { find_class: hook(1), persistent_load: hook(2), handles: hook(3) };
        decode::decode(vm, args.at(0), hooks)
    };
    function "payload_size" ("header, /") "How many bytes follow a header." => |vm, args| {
        let header = bytes(vm, args.at(0))?;
        let length = decode::payload_size(vm, &header)?;
        Ok(vm.new_int_from_usize(length)?)
    };
    function "protocol" ("protocol, /") "The number of the protocol that is meant." => |vm, args| {
        let protocol = protocol(vm, args.get(0))?;
        Ok(vm.new_int(protocol)?)
    };
    function "disassemble" ("data, /") "The operations that bytes consist of, as text." => |vm, args| {
        let data = bytes(vm, args.at(0))?;
        let value = decode::payload(vm, &data)?;
        new_text(vm, wire::disassemble(value))
    };
}

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let handle = handle::define(vm)?;
    let errors = error::define(vm)?;
    let mut module = NewModule::new(vm, "_pickle", "Values as bytes.", FUNCTIONS)?;
    module.set("Handle", handle)?;
    for (name, class) in errors {
        module.set(name, class)?;
    }
    module.set_int("DEFAULT_PROTOCOL", DEFAULT_PROTOCOL)?;
    module.set_int("HIGHEST_PROTOCOL", HIGHEST_PROTOCOL)?;
    module.set_int("HEADER_SIZE", HEADER as i64)?;
    module.finish()
}

fn protocol(vm: &mut Vm, argument: Option<Ref<'_>>) -> Outcome<i64> {
    let Some(argument) = present(argument) else { return Ok(DEFAULT_PROTOCOL) };
    let protocol = integer(vm, argument)?;
    if protocol > HIGHEST_PROTOCOL {
        return Err(value_error(vm, format!("pickle protocol must be <= {HIGHEST_PROTOCOL}")));
    }
    Ok(if protocol < 0 { HIGHEST_PROTOCOL } else { protocol })
}

fn refuse_buffers(vm: &mut Vm, buffers: Option<Ref<'_>>) -> Outcome<()> {
    match present(buffers) {
        None => Ok(()),
        Some(_) => Err(type_error(vm, "buffers that travel beside the bytes are not supported")),
    }
}

/// The entry of a namespace by its name as Rust text.
fn attribute(vm: &mut Vm, object: Ref<'_>, name: &str) -> Outcome<Option<Owned>> {
    crate::module::find(vm, object, name)
}
