//! What only bytearray can: change.

use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::{
    bytes_like, index_error, integer, integer_or, is_bytes_like, none, protocol, this_byte_array, type_error,
    value_error,
};

natives! {
    /// The operators of bytearray.
    pub(crate) BYTE_ARRAY_OPERATORS:
    method "__setitem__" ("key, value, /") "What self[key] = value does." => protocol::set_item;
    method "__delitem__" ("key, /") "What del self[key] does." => protocol::delete_item;
}

natives! {
    /// The methods of bytearray that change it.
    pub(crate) BYTE_ARRAY_METHODS:
    method "append" ("item, /") "Puts a byte at the end." => append;
    method "clear" ("") "Takes everything out." => clear;
    method "copy" ("") "A bytearray with the same bytes." => copy;
    method "extend" ("iterable_of_ints, /") "Append all the items from the iterator or sequence to the bytearray.\n\n  iterable_of_ints\n    The iterable of items to append." => extend;
    method "insert" ("index, item, /") "Puts a byte in front of the one at this index." => insert;
    method "pop" ("index=-1, /") "Takes the byte at this index out, by default the last, and gives it." => pop;
    method "remove" ("value, /") "Takes the first byte with this value out; ValueError if there is none." => remove;
    method "reverse" ("") "Turns the order of the bytes round." => reverse;
}

fn append(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let item = vm.byte(args.at(1))?;
    this_byte_array(vm, args)?.with_mut(vm.heap(), 1, |bytes| bytes.push(item))?;
    none()
}

fn clear(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_byte_array(vm, args)?.with_mut(vm.heap(), 0, Vec::clear)?;
    none()
}

fn copy(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let content = this_byte_array(vm, args)?.to_vec(vm.heap())?;
    Ok(vm.new_byte_array(content)?)
}

fn extend(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let source = args.at(1);
    if source.as_str().is_some() {
        return Err(type_error(vm, "expected iterable of integers; got: 'str'"));
    }
    if !is_bytes_like(source) && !vm.is_iterable(source) {
        let got = vm.type_name(source);
        return Err(type_error(vm, format!("can't extend bytearray with {got}")));
    }
    let more = match bytes_like(vm, source)? {
        Some(bytes) => bytes,
        None => items(vm, args)?.into(),
    };
    this_byte_array(vm, args)?.with_mut(vm.heap(), more.len(), |bytes| bytes.extend_from_slice(&more))?;
    none()
}

fn items(vm: &mut Vm, args: Args<'_>) -> Outcome<Vec<u8>> {
    let items = vm.collect(args.at(1))?;
    items.iter().map(|item| vm.byte(item.get())).collect()
}

fn insert(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let index = integer(vm, args.at(1))?;
    let item = vm.byte(args.at(2))?;
    let array = this_byte_array(vm, args)?;
    let length = array.len() as i64;
    let index = if index < 0 { index.saturating_add(length).max(0) } else { index.min(length) };
    array.with_mut(vm.heap(), 1, |bytes| bytes.insert(index as usize, item))?;
    none()
}

fn pop(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let index = integer_or(vm, args.get(1), -1)?;
    let array = this_byte_array(vm, args)?;
    if array.is_empty() {
        return Err(index_error(vm, "pop from empty bytearray"));
    }
    let index = if index < 0 { index.saturating_add(array.len() as i64) } else { index };
    match usize::try_from(index).ok().filter(|&index| index < array.len()) {
        Some(index) => {
            let byte = array.with_mut(vm.heap(), 0, |bytes| bytes.remove(index))?;
            Ok(vm.new_int(i64::from(byte))?)
        }
        None => Err(index_error(vm, "pop index out of range")),
    }
}

fn remove(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let item = vm.byte(args.at(1))?;
    let array = this_byte_array(vm, args)?;
    match array.with(|bytes| memchr::memchr(item, bytes)) {
        Some(place) => {
            array.with_mut(vm.heap(), 0, |bytes| bytes.remove(place))?;
            none()
        }
        None => Err(value_error(vm, "value not found in bytearray")),
    }
}

fn reverse(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_byte_array(vm, args)?.with_mut(vm.heap(), 0, |bytes| bytes.reverse())?;
    none()
}
