//! `bytes(…)` and `bytearray(…)`.

use std::ops::ControlFlow;

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::codec;
use crate::support::{
    bytes_like, check_room, class_argument, instance_of, is_bytes_like, is_class, none, overflow_error, plain, text_or,
    this_byte_array, type_error, value_error,
};

natives! {
    /// The constructor of bytes.
    pub(crate) BYTES_CONSTRUCT:
    static "__new__" ("source=b'', encoding='utf-8', errors='strict'") "Create and return a new object." => new_bytes;
}

natives! {
    /// The constructor of bytearray.
    pub(crate) BYTE_ARRAY_CONSTRUCT:
    static "__new__" ("*args, **kwargs") "Create and return a new object." => new_byte_array;
    method "__init__" ("source=b'', encoding='utf-8', errors='strict'") "Initialize self." => init_byte_array;
}

fn new_bytes(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::Bytes)?;
    let is_plain = is_class(vm, class, ClassName::Bytes);
    if let (Some(source), None, None) = (args.get(1), args.get(2), args.get(3)) {
        if is_plain && source.as_bytes().is_some() && plain(source).is(source) {
            return Ok(source.to_owned());
        }
        if let Some(answer) = own_bytes(vm, source)? {
            if is_plain {
                return Ok(answer);
            }
            let inner = plain(answer.get()).to_owned();
            return instance_of(vm, class, ClassName::Bytes, inner);
        }
    }
    let content = content(vm, args, ClassName::Bytes)?;
    let bytes = vm.new_bytes(&content)?;
    instance_of(vm, class, ClassName::Bytes, bytes)
}

/// What an object's `__bytes__` gives, if it has that.
fn own_bytes(vm: &mut Vm, source: Ref<'_>) -> Outcome<Option<Owned>> {
    let Some(answer) = vm.call_special(source, Name::Bytes, &[]) else { return Ok(None) };
    let answer = answer?;
    if answer.get().as_bytes().is_none() {
        let got = vm.type_name(answer.get());
        return Err(type_error(vm, format!("__bytes__ returned non-bytes (type {got})")));
    }
    Ok(Some(answer))
}

fn new_byte_array(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::ByteArray)?;
    let array = vm.new_byte_array(Vec::new())?;
    instance_of(vm, class, ClassName::ByteArray, array)
}

fn init_byte_array(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let content = content(vm, args, ClassName::ByteArray)?;
    let array = this_byte_array(vm, args)?;
    array.with_mut(vm.heap(), content.len(), |bytes| *bytes = content)?;
    none()
}

/// The bytes that the arguments of a constructor mean.
fn content(vm: &mut Vm, args: Args<'_>, class: ClassName) -> Outcome<Vec<u8>> {
    let encoding = text_or(vm, args.get(2), "", &format!("{}() argument 'encoding' must be str", class.text()))?;
    let errors = text_or(vm, args.get(3), "", &format!("{}() argument 'errors' must be str", class.text()))?;
    if encoding.contains('\0') || errors.contains('\0') {
        return Err(value_error(vm, "embedded null character"));
    }
    let text = args.get(1).and_then(Ref::as_str);
    match (args.get(1), text) {
        (_, Some(text)) if args.get(2).is_some() => {
            let errors = if args.get(3).is_some() { &*errors } else { "strict" };
            return codec::encode(vm, text, &encoding, errors);
        }
        (_, Some(_)) => return Err(type_error(vm, "string argument without an encoding")),
        (_, None) if args.get(2).is_some() => return Err(type_error(vm, "encoding without a string argument")),
        (_, None) if args.get(3).is_some() => return Err(type_error(vm, "errors without a string argument")),
        (None, None) => return Ok(Vec::new()),
        (Some(_), None) => {}
    }
    let source = args.at(1);
    if !is_bytes_like(source) && vm.is_index(source) {
        let count = match vm.index(source) {
            Ok(count) => count,
            // What is no index after all may still be iterated.
            Err(_) if vm.raised_is(ClassName::TypeError) => {
                drop(vm.take_raised());
                return bytes_of(vm, source, class);
            }
            Err(raised) => return Err(raised),
        };
        let Some(count) = count.get().as_int().and_then(|count| count.to_i64()) else {
            let got = vm.type_name(source);
            return Err(overflow_error(vm, format!("cannot fit '{got}' into an index-sized integer")));
        };
        let Ok(count) = usize::try_from(count) else { return Err(value_error(vm, "negative count")) };
        check_room(vm, Some(count))?;
        return Ok(vec![0; count]);
    }
    bytes_of(vm, source, class)
}

/// The bytes that an object stands for: by its `__bytes__`, as a bytes-like object or as an iterable of integers.
pub(crate) fn bytes_from(vm: &mut Vm, source: Ref<'_>) -> Outcome<Vec<u8>> {
    let is_plain = source.as_bytes().is_some() && plain(source).is(source);
    let own = if is_plain { None } else { own_bytes(vm, source)? };
    bytes_of(vm, own.as_ref().map_or(source, Owned::get), ClassName::Bytes)
}

fn bytes_of(vm: &mut Vm, source: Ref<'_>, class: ClassName) -> Outcome<Vec<u8>> {
    if let Some(bytes) = bytes_like(vm, source)? {
        check_room(vm, Some(bytes.len()))?;
        return Ok(bytes.into_owned());
    }
    if source.as_str().is_some() || !vm.is_iterable(source) {
        let got = vm.type_name(source);
        return Err(type_error(vm, format!("cannot convert '{got}' object to {}", class.text())));
    }
    if class == ClassName::Bytes {
        vm.ask_length_hint(source)?;
    }
    let mut bytes = Vec::new();
    vm.for_each(source, |vm, item| {
        let number = vm.index_clamped(item.get())?;
        match u8::try_from(number) {
            Ok(byte) => bytes.push(byte),
            Err(_) if class == ClassName::Bytes => return Err(value_error(vm, "bytes must be in range(0, 256)")),
            Err(_) => return Err(value_error(vm, "byte must be in range(0, 256)")),
        }
        if bytes.len().is_power_of_two() {
            check_room(vm, Some(bytes.len() * 2))?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(bytes)
}
