//! Arguments as Rust values, with CPython's complaints.

use std::borrow::Cow;

use toy_object::{OutOfMemory, Owned, Ref, Str};
use toy_vm::{Outcome, Vm};

use super::type_error;

/// An argument that counts or measures something; negative ones are kept.
#[inline]
pub(crate) fn integer(vm: &mut Vm, argument: Ref<'_>) -> Outcome<i64> {
    match argument.value().as_small_int() {
        Some(number) => Ok(number),
        None => vm.index_i64(argument),
    }
}

/// Whether an argument is an integer or a float.
pub(crate) fn is_number(argument: Ref<'_>) -> bool {
    argument.as_int().is_some() || argument.as_float().is_some()
}

/// An optional argument that must be as small as CPython keeps it.
pub(crate) fn small_integer_or(vm: &mut Vm, argument: Option<Ref<'_>>, default: i32) -> Outcome<i32> {
    let Some(argument) = argument else { return Ok(default) };
    let number = vm.index_clamped(argument)?;
    i32::try_from(number).map_err(|_| super::overflow_error(vm, "Python int too large to convert to C int"))
}

/// An optional argument that counts or measures something.
#[inline]
pub(crate) fn integer_or(vm: &mut Vm, argument: Option<Ref<'_>>, default: i64) -> Outcome<i64> {
    argument.map_or(Ok(default), |argument| integer(vm, argument))
}

/// An argument whose truth counts.
pub(crate) fn flag_or(vm: &mut Vm, argument: Option<Ref<'_>>, default: bool) -> Outcome<bool> {
    argument.map_or(Ok(default), |argument| vm.truth(argument))
}

/// An argument that may be left out or be None: both are absent.
pub(crate) fn present(argument: Option<Ref<'_>>) -> Option<Ref<'_>> {
    argument.filter(|argument| !argument.is_none())
}

/// Optional `start` and `end` of a search in a sequence of `len` elements: each from 0 to `len`, but for `start`, which
/// may be larger (then even an empty text is not found).
pub(crate) fn search_range(
    vm: &mut Vm,
    start: Option<Ref<'_>>,
    end: Option<Ref<'_>>,
    len: usize,
) -> Outcome<(usize, usize)> {
    Ok(SearchBounds::new(vm, start, end)?.within(len))
}

/// Where a search starts and ends, before it is known how much there is: `__index__` may change that.
pub(crate) struct SearchBounds {
    start: i64,
    end: i64,
}

impl SearchBounds {
    pub(crate) fn new(vm: &mut Vm, start: Option<Ref<'_>>, end: Option<Ref<'_>>) -> Outcome<Self> {
        let complaint = "slice indices must be integers or None or have an __index__ method";
        let start = present(start).map_or(Ok(0), |start| bound_of(vm, start, complaint))?;
        let end = present(end).map_or(Ok(i64::MAX), |end| bound_of(vm, end, complaint))?;
        Ok(Self { start, end })
    }

    /// The range in so many items; its start is not clamped above.
    pub(crate) fn within(self, len: usize) -> (usize, usize) {
        (from_end(self.start, len), from_end(self.end, len).min(len))
    }
}

/// The integer that a bound stands for.
fn bound_of(vm: &mut Vm, bound: Ref<'_>, complaint: &str) -> Outcome<i64> {
    if bound.as_int().is_none() && vm.lookup_special(bound, toy_object::Name::Index).is_none() {
        return Err(type_error(vm, complaint));
    }
    vm.index_clamped(bound)
}

/// A bound in so many items: negative ones count from the end.
fn from_end(bound: i64, len: usize) -> usize {
    let bound = if bound < 0 { bound.saturating_add(len as i64).max(0) } else { bound };
    bound as usize
}

/// A bound of a search; negative ones count from the end. Not clamped above.
pub(crate) fn clamped_bound(vm: &mut Vm, bound: Ref<'_>, len: usize, complaint: &str) -> Outcome<usize> {
    Ok(from_end(bound_of(vm, bound, complaint)?, len))
}

/// An argument that must be text: "find() argument 1 must be str, not int".
#[inline]
pub(crate) fn text_argument<'a>(vm: &mut Vm, argument: Ref<'a>, complaint: &str) -> Outcome<Str<'a>> {
    match argument.as_str() {
        Some(text) => Ok(text),
        None => {
            let got = argument_type_name(vm, argument);
            Err(type_error(vm, format!("{complaint}, not {got}")))
        }
    }
}

/// An optional text argument as Rust text.
pub(crate) fn text_or<'a>(
    vm: &mut Vm,
    argument: Option<Ref<'a>>,
    default: &'static str,
    complaint: &str,
) -> Outcome<Cow<'a, str>> {
    match argument {
        None => Ok(Cow::Borrowed(default)),
        Some(argument) => {
            let text = text_argument(vm, argument, complaint)?;
            Ok(text.as_utf8().map_or_else(|| Cow::Owned(text.to_string_lossy()), Cow::Borrowed))
        }
    }
}

/// The name of an argument's class as CPython's argument parser shows it: None is `None`.
pub(crate) fn argument_type_name(vm: &mut Vm, argument: Ref<'_>) -> String {
    if argument.is_none() { "None".to_owned() } else { vm.type_name(argument) }
}

/// The content of a bytes-like object, copied if it can change.
pub(crate) fn bytes_like<'a>(vm: &Vm, argument: Ref<'a>) -> Result<Option<Cow<'a, [u8]>>, OutOfMemory> {
    if let Some(bytes) = argument.as_bytes() {
        return Ok(Some(Cow::Borrowed(bytes.as_slice())));
    }
    Ok(argument.copied_bytes(vm.heap())?.map(Cow::Owned))
}

/// Whether an object is bytes-like.
pub(crate) fn is_bytes_like(argument: Ref<'_>) -> bool {
    argument.as_bytes().is_some() || argument.as_byte_array().is_some()
}

/// An argument that must be bytes-like.
pub(crate) fn bytes_argument<'a>(vm: &mut Vm, argument: Ref<'a>) -> Outcome<Cow<'a, [u8]>> {
    match bytes_like(vm, argument)? {
        Some(bytes) => Ok(bytes),
        None => {
            let got = vm.type_name(argument);
            Err(type_error(vm, format!("a bytes-like object is required, not '{got}'")))
        }
    }
}

/// A length as a Python integer.
#[inline]
pub(crate) fn length(vm: &mut Vm, length: usize) -> Outcome {
    Ok(vm.new_int(length as i64)?)
}

/// A truth value.
#[inline]
pub(crate) fn truth(truth: bool) -> Outcome {
    Ok(Owned::bool(truth))
}

/// `None`.
#[inline]
pub(crate) fn none() -> Outcome {
    Ok(Owned::none())
}

/// `MemoryError` if the heap has no room for a result of so many bytes; `None`: the size does not even fit a number.
pub(crate) fn check_room(vm: &Vm, bytes: Option<usize>) -> Outcome<()> {
    if bytes.is_some_and(|bytes| vm.has_room_for(bytes)) { Ok(()) } else { Err(OutOfMemory.into()) }
}
