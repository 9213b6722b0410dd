//! Bytes as text and tables: `decode`, `hex`, `translate`.

use toy_object::Ref;
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::{like, this, unchanged};
use crate::codec;
use crate::support::{
    bytes_argument, bytes_like, check_room, integer_or, is_class, present, text_argument, text_or, type_error,
    value_error,
};

natives! {
    /// The methods of bytes and bytearray that convert to and from text.
    pub(crate) BYTES_TEXT:
    method "decode" ("encoding='utf-8', errors='strict'")
        "The text that the bytes mean in an encoding.\n\nerrors says what to do with bytes that mean nothing: strict, ignore, replace, backslashreplace, surrogateescape." => decode;
    method "hex" ("sep=None, bytes_per_sep=1")
        "Two hexadecimal digits for each byte.\n\nsep stands between groups of bytes_per_sep bytes, counted from the end, or from the front if that is negative." => hex;
    class "fromhex" ("string, /")
        "The bytes that pairs of hexadecimal digits stand for; whitespace between them does not matter." => fromhex;
    method "translate" ("table, /, delete=b''")
        "Without the bytes in delete, and every other one replaced by the one at its place in a table of 256." => translate;
    function "maketrans" ("frm, to, /")
        "Return a translation table usable for the bytes or bytearray translate method.\n\nThe returned table will be one where each byte in frm is mapped to the byte at\nthe same position in to.\n\nThe bytes objects frm and to must be of the same length." => maketrans;
}

fn decode(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let bytes = this(vm, args)?;
    let encoding = text_or(vm, args.get(1), "utf-8", "decode() argument 'encoding' must be str")?;
    let errors = text_or(vm, args.get(2), "strict", "decode() argument 'errors' must be str")?;
    codec::decode(vm, args.at(0), &bytes, &encoding, &errors)
}

fn separator(vm: &mut Vm, argument: Ref<'_>) -> Outcome<char> {
    let length = vm.len(argument)?;
    if length != 1 {
        return Err(value_error(vm, "sep must be length 1."));
    }
    let code_point = match (argument.as_str(), bytes_like(vm, argument)?) {
        (Some(text), _) => char::from_u32(text.code_point(0)),
        (None, Some(bytes)) => bytes.first().map(|&byte| char::from(byte)),
        (None, None) => return Err(type_error(vm, "sep must be str or bytes.")),
    };
    match code_point.filter(char::is_ascii) {
        Some(separator) => Ok(separator),
        None => Err(value_error(vm, "sep must be ASCII.")),
    }
}

fn hex(vm: &mut Vm, args: Args<'_>) -> Outcome {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let bytes = this(vm, args)?;
    let group = integer_or(vm, args.get(2), 1)?;
    let separator = args.get(1).map(|argument| separator(vm, argument)).transpose()?;
    let size = usize::try_from(group.unsigned_abs()).unwrap_or(usize::MAX);
    let gaps = if separator.is_some() && size > 0 { bytes.len() / size } else { 0 };
    let length = bytes.len().saturating_mul(2).saturating_add(gaps);
    check_room(vm, Some(length))?;
    let mut text = String::with_capacity(length);
    for (index, &byte) in bytes.iter().enumerate() {
        // Groups are counted from the right for positive sizes.
        let place = if group > 0 { bytes.len() - index } else { index };
        if let Some(separator) = separator
            && index > 0
            && size > 0
            && place % size == 0
        {
            text.push(separator);
        }
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    Ok(vm.new_str(&text)?)
}

fn fromhex(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = text_argument(vm, args.at(1), "fromhex() argument must be str")?;
    let digits: Vec<u32> = text.code_points().collect();
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    let mut index = 0;
    let digit = |index: usize| digits.get(index).and_then(|&digit| char::from_u32(digit)?.to_digit(16));
    while let Some(&code_point) = digits.get(index) {
        if toy_format::unicode::is_ascii_space(code_point) {
            index += 1;
            continue;
        }
        let (Some(high), Some(low)) = (digit(index), digit(index + 1)) else {
            let wrong = if digit(index).is_none() { index } else { index + 1 };
            return Err(value_error(vm, format!("non-hexadecimal number found in fromhex() arg at position {wrong}")));
        };
        bytes.push((high << 4 | low) as u8);
        index += 2;
    }
    let class = args.at(0);
    if is_class(vm, class, ClassName::ByteArray) {
        return Ok(vm.new_byte_array(bytes)?);
    }
    let bytes = vm.new_bytes(&bytes)?;
    if is_class(vm, class, ClassName::Bytes) { Ok(bytes) } else { vm.call(class, &[bytes.get()]) }
}

fn translate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let bytes = this(vm, args)?;
    let table = present(Some(args.at(1))).map(|table| bytes_argument(vm, table)).transpose()?;
    if table.as_ref().is_some_and(|table| table.len() != 256) {
        return Err(value_error(vm, "translation table must be 256 characters long"));
    }
    let deleted = args.get(2).map(|deleted| bytes_argument(vm, deleted)).transpose()?;
    if table.is_none() && deleted.as_ref().is_none_or(|deleted| deleted.is_empty()) {
        return unchanged(vm, args);
    }
    let kept = bytes.iter().filter(|byte| deleted.as_ref().is_none_or(|deleted| !deleted.contains(byte)));
    check_room(vm, Some(bytes.len()))?;
    let mapped: Vec<u8> = match &table {
        Some(table) => kept.map(|&byte| table[usize::from(byte)]).collect(),
        None => kept.copied().collect(),
    };
    like(vm, args, &mapped)
}

fn maketrans(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (from, to) = (bytes_argument(vm, args.at(0))?, bytes_argument(vm, args.at(1))?);
    if from.len() != to.len() {
        return Err(value_error(vm, "maketrans arguments must have same length"));
    }
    let mut table: [u8; 256] = std::array::from_fn(|index| index as u8);
    for (&from, &to) in from.iter().zip(&*to) {
        table[usize::from(from)] = to;
    }
    Ok(vm.new_bytes(&table)?)
}
