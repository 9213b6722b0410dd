//! The methods of bytes and bytearray. Most are rows of both: what they answer has the type of the receiver.

mod array;
mod case;
mod construct;
mod layout;
mod methods;
mod search;
mod split;
mod text;

pub(crate) use array::{BYTE_ARRAY_METHODS, BYTE_ARRAY_OPERATORS};
pub(crate) use case::BYTES_CASE;
pub(crate) use construct::{BYTE_ARRAY_CONSTRUCT, BYTES_CONSTRUCT, bytes_from};
pub(crate) use layout::BYTES_LAYOUT;
pub(crate) use methods::{BYTES_METHODS, BYTES_ONLY};
pub(crate) use search::BYTES_SEARCH;
pub(crate) use split::BYTES_SPLIT;
pub(crate) use text::BYTES_TEXT;

use std::borrow::Cow;

use toy_object::Ref;
use toy_vm::{Args, Outcome, Vm};

use crate::support::{bytes_like, type_error, wrong_receiver};

/// The content of the receiver.
fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<Cow<'a, [u8]>> {
    bytes_like(vm, args.at(0))?.ok_or_else(|| wrong_receiver(vm, "bytes", args.at(0)))
}

/// New bytes of the receiver's type.
fn like(vm: &mut Vm, args: Args<'_>, bytes: &[u8]) -> Outcome {
    Ok(match args.at(0).as_byte_array() {
        Some(_) => {
            let copy = vm.heap().copy_bytes(bytes)?;
            vm.new_byte_array(copy)?
        }
        None => vm.new_bytes(bytes)?,
    })
}

/// The receiver itself if it cannot change, else a copy.
fn unchanged(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match args.at(0).as_byte_array() {
        Some(array) => {
            let copy = array.to_vec(vm.heap())?;
            Ok(vm.new_byte_array(copy)?)
        }
        None => Ok(crate::support::plain(args.at(0)).to_owned()),
    }
}

/// What is looked for: bytes, or a byte.
fn needle<'a>(vm: &mut Vm, argument: Ref<'a>) -> Outcome<Cow<'a, [u8]>> {
    if let Some(bytes) = bytes_like(vm, argument)? {
        return Ok(bytes);
    }
    if !vm.is_index(argument) {
        let got = vm.type_name(argument);
        return Err(type_error(vm, format!("argument should be integer or bytes-like object, not '{got}'")));
    }
    Ok(Cow::Owned(vec![vm.byte(argument)?]))
}

/// The pieces of the content as a list of the receiver's type.
fn list_of(vm: &mut Vm, args: Args<'_>, bytes: &[u8], pieces: &[(usize, usize)]) -> Outcome {
    let heap = vm.heap();
    let list = heap.new_list_with_capacity(pieces.len())?;
    for &(start, end) in pieces {
        let piece = like(vm, args, &bytes[start..end])?;
        if let Some(list) = list.get().as_list() {
            list.push(heap, piece)?;
        }
    }
    Ok(list)
}

/// Whitespace as bytes know it.
fn is_space(byte: u8) -> bool {
    toy_format::unicode::is_ascii_space(byte.into())
}
