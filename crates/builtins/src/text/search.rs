//! Looking for text in text.

use toy_object::{Owned, Ref, Str};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::{length, search_range, text_argument, this_str, truth, type_error, value_error};

natives! {
    /// The methods of str that search.
    pub(crate) STR_SEARCH:
    method "find" ("sub, start=None, end=None, /")
        "Return the lowest index in S where substring sub is found, such that sub is contained within S[start:end].\n\nOptional arguments start and end are interpreted as in slice notation.\nReturn -1 on failure."
        => |vm, args| place(vm, args, "find", false).map(|place| place.unwrap_or(minus_one()));
    method "rfind" ("sub, start=None, end=None, /")
        "Return the highest index in S where substring sub is found, such that sub is contained within S[start:end].\n\nOptional arguments start and end are interpreted as in slice notation.\nReturn -1 on failure."
        => |vm, args| place(vm, args, "rfind", true).map(|place| place.unwrap_or(minus_one()));
    method "index" ("sub, start=None, end=None, /")
        "Return the lowest index in S where substring sub is found, such that sub is contained within S[start:end].\n\nOptional arguments start and end are interpreted as in slice notation.\nRaises ValueError when the substring is not found."
        => |vm, args| required_place(vm, args, "index", false);
    method "rindex" ("sub, start=None, end=None, /")
        "Return the highest index in S where substring sub is found, such that sub is contained within S[start:end].\n\nOptional arguments start and end are interpreted as in slice notation.\nRaises ValueError when the substring is not found."
        => |vm, args| required_place(vm, args, "rindex", true);
    method "count" ("sub, start=None, end=None, /")
        "Return the number of non-overlapping occurrences of substring sub in string S[start:end].\n\nOptional arguments start and end are interpreted as in slice notation."
        => count;
    method "startswith" ("prefix, start=None, end=None, /")
        "Return True if the string starts with the specified prefix, False otherwise.\n\nprefix is a string or a tuple of strings to try; start and end are optional positions."
        => |vm, args| affix(vm, args, "startswith", starts_within);
    method "endswith" ("suffix, start=None, end=None, /")
        "Return True if the string ends with the specified suffix, False otherwise.\n\nsuffix is a string or a tuple of strings to try; start and end are optional positions."
        => |vm, args| affix(vm, args, "endswith", ends_within);
}

fn minus_one() -> Owned {
    Owned::from_immediate(toy_object::Value::int_unchecked(-1)).expect("an integer in the value")
}

fn place(vm: &mut Vm, args: Args<'_>, method: &str, is_last: bool) -> Outcome<Option<Owned>> {
    let text = this_str(vm, args)?;
    let Some(needle) = args.at(1).as_str() else {
        let complaint = format!("{method}() argument 1 must be str");
        return text_argument(vm, args.at(1), &complaint).map(|_| None);
    };
    let (start, end) = search_range(vm, args.get(2), args.get(3), text.len())?;
    let place = if is_last { text.rfind(needle, start, end) } else { text.find(needle, start, end) };
    place.map(|place| length(vm, place)).transpose()
}

fn required_place(vm: &mut Vm, args: Args<'_>, method: &str, is_last: bool) -> Outcome {
    match place(vm, args, method, is_last)? {
        Some(place) => Ok(place),
        None => Err(value_error(vm, "substring not found")),
    }
}

fn count(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = this_str(vm, args)?;
    let needle = text_argument(vm, args.at(1), "count() argument 1 must be str")?;
    let (start, end) = search_range(vm, args.get(2), args.get(3), text.len())?;
    length(vm, text.count(needle, start, end))
}

/// Whether `text[start:end]` starts with `affix`; `start` may lie behind the end.
fn starts_within(text: Str<'_>, affix: Str<'_>, start: usize, end: usize) -> bool {
    start <= end && affix.len() <= end - start && text.starts_with_at(affix, start)
}

/// Whether `text[start:end]` ends with `affix`.
fn ends_within(text: Str<'_>, affix: Str<'_>, start: usize, end: usize) -> bool {
    start <= end && affix.len() <= end - start && text.starts_with_at(affix, end - affix.len())
}

type AffixTest = fn(Str<'_>, Str<'_>, usize, usize) -> bool;

fn affix(vm: &mut Vm, args: Args<'_>, method: &str, test: AffixTest) -> Outcome {
    let text = this_str(vm, args)?;
    let (start, end) = search_range(vm, args.get(2), args.get(3), text.len())?;
    let wanted = args.at(1);
    if let Some(affix) = wanted.as_str() {
        return truth(test(text, affix, start, end));
    }
    let Some(affixes) = wanted.as_tuple() else {
        return Err(affix_error(vm, wanted, &format!("{method} first arg must be str or a tuple of str")));
    };
    for affix in affixes.iter() {
        match affix.as_str() {
            Some(affix) if test(text, affix, start, end) => return truth(true),
            Some(_) => {}
            None => return Err(affix_error(vm, affix, &format!("tuple for {method} must only contain str"))),
        }
    }
    truth(false)
}

fn affix_error(vm: &mut Vm, affix: Ref<'_>, complaint: &str) -> toy_vm::Raised {
    let got = vm.type_name(affix);
    type_error(vm, format!("{complaint}, not {got}"))
}
