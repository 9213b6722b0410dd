//! `int(…)` and `bool(…)`.

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::support::{bytes_like, class_argument, instance_of, is_class, plain, type_error, value_error};

natives! {
    /// The constructor of int.
    pub(crate) INT_CONSTRUCT:
    static "__new__" ("x=0, /, base=10") "Create and return a new object." => new;
}

natives! {
    /// The constructor of bool.
    pub(crate) BOOL_CONSTRUCT:
    static "__new__" ("object=False, /") "Create and return a new object." => new_bool;
}

fn new_bool(vm: &mut Vm, args: Args<'_>) -> Outcome {
    class_argument(vm, args, ClassName::Bool)?;
    let truth = args.get(1).map_or(Ok(false), |object| vm.truth(object))?;
    Ok(Owned::bool(truth))
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::Int)?;
    let number = match (args.get(1), args.get(2)) {
        (None, None) => vm.new_int(0)?,
        (Some(object), None) => int_of(vm, object)?,
        (None, Some(_)) => return Err(type_error(vm, "int() missing string argument")),
        (Some(object), Some(base)) => {
            let base = vm.index_clamped(base)?;
            if base != 0 && !(2..=36).contains(&base) {
                return Err(value_error(vm, "int() base must be >= 2 and <= 36, or 0"));
            }
            match parsed(vm, object, base)? {
                Some(number) => number,
                None => return Err(type_error(vm, "int() can't convert non-string with explicit base")),
            }
        }
    };
    if is_class(vm, class, ClassName::Int) { Ok(number) } else { instance_of(vm, class, ClassName::Int, number) }
}

/// `int(object)`.
pub(crate) fn int_of(vm: &mut Vm, object: Ref<'_>) -> Outcome {
    if object.as_exact_int().is_some() {
        return Ok(object.to_owned());
    }
    if let Some(number) = object.as_exact_float() {
        return truncated(vm, number);
    }
    if object.as_exact_str().is_some()
        && let Some(number) = parsed(vm, object, 10)?
    {
        return Ok(number);
    }
    for method in [Name::Int, Name::Index] {
        if let Some(number) = vm.int_by_method(object, method)? {
            return Ok(number);
        }
    }
    if let Some(answer) = vm.call_special(object, Name::Trunc, &[]) {
        vm.warn_deprecated("The delegation of int() to __trunc__ is deprecated.");
        let answer = answer?;
        return match answer.get().as_int() {
            Some(number) => Ok(number.to_owned(vm.heap())?),
            None => int_of_trunc(vm, answer.get()),
        };
    }
    if let Some(number) = parsed(vm, object, 10)? {
        return Ok(number);
    }
    let got = vm.type_name(object);
    Err(type_error(vm, format!("int() argument must be a string, a bytes-like object or a real number, not '{got}'")))
}

/// What `__trunc__` answered may itself only have `__index__`.
fn int_of_trunc(vm: &mut Vm, answer: Ref<'_>) -> Outcome {
    if vm.lookup_special(answer, Name::Index).is_some() {
        return vm.index(answer);
    }
    let got = vm.type_name(answer);
    Err(type_error(vm, format!("__trunc__ returned non-Integral (type {got})")))
}

/// The integral part of a float.
pub(crate) fn truncated(vm: &mut Vm, number: f64) -> Outcome {
    match vm.new_int_from_f64(number)? {
        Some(number) => Ok(number),
        None if number.is_nan() => Err(value_error(vm, "cannot convert float NaN to integer")),
        None => Err(vm.raise(ClassName::OverflowError, "cannot convert float infinity to integer")),
    }
}

/// The number that a text, or the text in bytes, is written as; `None` if the object is neither.
fn parsed(vm: &mut Vm, object: Ref<'_>, base: i64) -> Outcome<Option<Owned>> {
    let limit = vm.digit_limit();
    let number = if let Some(text) = object.as_str() {
        match text.as_utf8() {
            Some(text) => toy_format::parse_int(text, base, limit),
            None => toy_format::parse_int(&text.to_string_lossy(), base, limit),
        }
    } else if let Some(bytes) = bytes_like(vm, object)? {
        // Bytes that are no ASCII are no digits either, whatever they would mean as text.
        let text: String = bytes.iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { '?' }).collect();
        toy_format::parse_int(&text, base, limit)
    } else {
        return Ok(None);
    };
    match number {
        Ok(number) => int_object(vm, number).map(Some),
        Err(error) => {
            // The content of a bytearray is shown as bytes.
            let shown = match object.as_byte_array() {
                Some(array) => array.with(toy_format::repr_bytes),
                None if object.as_str().is_some() => vm.repr_text(object)?,
                None => vm.repr_text(plain(object))?,
            };
            Err(vm.raise_failure(error.into_failure(&shown)))
        }
    }
}

/// An integer of `toy_format` as a value.
pub(crate) fn int_object(vm: &mut Vm, number: toy_format::Int) -> Outcome {
    Ok(match number {
        toy_format::Int::Small(number) => vm.new_int(number)?,
        toy_format::Int::Big(number) => vm.new_bigint(number)?,
    })
}
