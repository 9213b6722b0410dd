//! Integers as bytes.

use toy_object::Ref;
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::bytes::bytes_from;
use crate::support::{
    check_room, flag_or, integer_or, is_class, overflow_error, text_or, this_int, type_error, value_error,
};

natives! {
    /// The methods of int that convert to and from bytes.
    pub(crate) INT_BYTES:
    method "to_bytes" ("length=1, byteorder='big', *, signed=False")
        "The number as so many bytes.\n\nbyteorder is 'big' if the most significant byte comes first, or 'little'. Negative numbers need signed, for two's complement.\nOverflowError if there are too few bytes."
        => to_bytes;
    class "from_bytes" ("bytes, byteorder='big', *, signed=False")
        "The number that bytes, or an iterable of them, stand for.\n\nbyteorder is 'big' if the most significant byte comes first, or 'little'; signed reads two's complement."
        => from_bytes;
}

/// Whether the most significant byte stands first.
fn is_big_endian(vm: &mut Vm, argument: Option<Ref<'_>>, method: &str) -> Outcome<bool> {
    match argument.map(|argument| argument.as_str()) {
        None => return Ok(true),
        Some(Some(order)) if order.is_text("big") => return Ok(true),
        Some(Some(order)) if order.is_text("little") => return Ok(false),
        _ => {}
    }
    let order = text_or(vm, argument, "big", &format!("{method}() argument 'byteorder' must be str"))?;
    match &*order {
        "big" => Ok(true),
        "little" => Ok(false),
        _ => Err(value_error(vm, "byteorder must be either 'little' or 'big'")),
    }
}

fn to_bytes(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let length = integer_or(vm, args.get(1), 1)?;
    let is_big_endian = is_big_endian(vm, args.get(2), "to_bytes")?;
    let is_signed = flag_or(vm, args.get(3), false)?;
    let Ok(length) = usize::try_from(length) else {
        return Err(value_error(vm, "length argument must be non-negative"));
    };
    if let Some(number) = args.at(0).value().as_small_int()
        && let Some(mut bytes) = few_bytes(number, length, is_signed)
    {
        let bytes = &mut bytes[..length];
        if is_big_endian {
            bytes.reverse();
        }
        return Ok(vm.new_bytes(bytes)?);
    }
    check_room(vm, Some(length))?;
    let number = this_int(vm, args)?;
    if number.is_negative() && !is_signed {
        return Err(overflow_error(vm, "can't convert negative int to unsigned"));
    }
    let filling = if number.is_negative() { 0xff } else { 0 };
    let mut bytes = if is_signed { number.to_signed_bytes_le(vm.heap())? } else { number.to_bytes_le(vm.heap())? };
    // Zero needs no byte at all, nor does CPython ask for one to say that a number is -1.
    if number.is_zero() || length == 0 && args.at(0).value().as_small_int() == Some(-1) {
        bytes.clear();
    }
    if bytes.len() > length {
        return Err(overflow_error(vm, "int too big to convert"));
    }
    bytes.resize(length, filling);
    if is_big_endian {
        bytes.reverse();
    }
    Ok(vm.new_bytes(&bytes)?)
}

/// A number as bytes, the least significant first, if it fits into so many of them and they are few.
fn few_bytes(number: i64, length: usize, is_signed: bool) -> Option<[u8; 8]> {
    let bits = u32::try_from(length).ok().filter(|length| (1..=8).contains(length))? * 8;
    // What is lost must be nothing but the sign.
    let rest = number >> (bits - 1).min(62);
    let fits = match is_signed {
        true => rest == 0 || rest == -1,
        false => number >= 0 && (bits == 64 || number >> bits == 0),
    };
    fits.then(|| number.to_le_bytes())
}

fn from_bytes(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let is_big_endian = is_big_endian(vm, args.get(2), "from_bytes")?;
    let is_signed = flag_or(vm, args.get(3), false)?;
    if args.at(1).as_str().is_some() || args.at(1).as_int().is_some() {
        let got = vm.type_name(args.at(1));
        return Err(type_error(vm, format!("cannot convert '{got}' object to bytes")));
    }
    let mut bytes = bytes_from(vm, args.at(1))?;
    if is_big_endian {
        bytes.reverse();
    }
    let number = vm.new_int_from_bytes_le(&bytes, is_signed)?;
    let class = args.at(0);
    if is_class(vm, class, ClassName::Int) {
        return Ok(number);
    }
    vm.call(class, &[number.get()])
}
