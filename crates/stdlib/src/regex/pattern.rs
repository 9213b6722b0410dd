//! `re.Pattern`

use toy_object::{Owned, Payload, Ref};
use toy_regex::{Flags, Mode, Program};
use toy_vm::{Args, Held, Outcome, Vm, natives};

use super::subject::{Cursor, Subject, empty, push};
use super::{found, replace, scanner};
use crate::argument::{integer_or, new_text};
use crate::class;
use crate::held::holds;

const PATTERN: &str = "re.Pattern";

/// As much of a pattern is shown.
const SHOWN: usize = 200;

/// The names of flags in the order in which a pattern shows them.
const FLAG_NAMES: &[(&str, Flags)] = &[
    ("re.IGNORECASE", Flags::IGNORECASE),
    ("re.LOCALE", Flags::LOCALE),
    ("re.MULTILINE", Flags::MULTILINE),
    ("re.DOTALL", Flags::DOTALL),
    ("re.UNICODE", Flags::UNICODE),
    ("re.VERBOSE", Flags::VERBOSE),
    ("re.DEBUG", Flags::DEBUG),
    ("re.ASCII", Flags::ASCII),
];

/// A compiled pattern.
pub(super) struct Pattern {
    pub(super) program: Program,
    pub(super) is_text: bool,
    source: Held,
}

impl Payload for Pattern {
    holds!(source);
}

impl Pattern {
    /// The pattern that an object is.
    pub(super) fn of<'a>(vm: &mut Vm, object: Ref<'a>) -> Outcome<&'a Self> {
        class::this(vm, object, PATTERN)
    }
}

pub(super) fn define(vm: &mut Vm) -> Outcome {
    let class = class::define_closed(vm, PATTERN, METHODS)?;
    class::document(vm, class.get(), "A compiled pattern: what `re.compile` gives.")?;
    Ok(class)
}

/// A pattern that was compiled from this.
pub(super) fn new(vm: &mut Vm, source: Ref<'_>, program: Program, is_text: bool) -> Outcome {
    class::new(vm, PATTERN, Pattern { program, is_text, source: Held::new(source.to_owned()) })
}

natives! {
    /// The methods of `Pattern`.
    METHODS:
    method "match" ("string, pos=0, endpos=sys.maxsize") "The match that begins where the string begins, or None." =>
        |vm, args| find(vm, args, Mode::Match);
    method "fullmatch" ("string, pos=0, endpos=sys.maxsize") "The match of the whole string, or None." =>
        |vm, args| find(vm, args, Mode::FullMatch);
    method "search" ("string, pos=0, endpos=sys.maxsize") "The first match anywhere in the string, or None." =>
        |vm, args| find(vm, args, Mode::Search);
    method "findall" ("string, pos=0, endpos=sys.maxsize") "A list of what all matches matched that do not overlap." => find_all;
    method "finditer" ("string, pos=0, endpos=sys.maxsize") "An iterator over all matches that do not overlap." => |vm, args| {
        let search = scanner::new(vm, args)?;
        let name = vm.intern("search")?;
        let search = vm.get_attribute(search.get(), name.get())?;
        vm.new_call_iterator(search.get(), Owned::none().get())
    };
    method "scanner" ("string, pos=0, endpos=sys.maxsize") "What goes on matching where the last match ended." => scanner::new;
    method "split" ("string, maxsplit=0") "The pieces of the string between the matches, and what groups matched." => split;
    method "sub" ("repl, string, count=0") "The string with matches replaced by a text, or by what a function answers." =>
        |vm, args| Ok(replace::replace(vm, args)?.0);
    method "subn" ("repl, string, count=0") "What sub gives, and how many matches were replaced." => |vm, args| {
        let (replaced, count) = replace::replace(vm, args)?;
        let count = vm.new_int_from_usize(count)?;
        Ok(vm.new_tuple([replaced, count])?)
    };
    member "pattern" ("") "The text or the bytes that the pattern was compiled from." => |vm, args| {
        Ok(Pattern::of(vm, args.at(0))?.source.get_or_none())
    };
    member "flags" ("") "The flags of the whole pattern." => |vm, args| {
        let flags = Pattern::of(vm, args.at(0))?.program.flags();
        Ok(vm.new_int(flags.0.into())?)
    };
    member "groups" ("") "The number of groups." => |vm, args| {
        let groups = Pattern::of(vm, args.at(0))?.program.groups();
        Ok(vm.new_int_from_usize(groups)?)
    };
    getter "groupindex" ("") "The numbers of groups by their names." => group_index;
    method "__repr__" ("") "The text that repr shows." => repr;
    method "__hash__" ("") "Return hash(self)." => hash;
    method "__eq__" ("value, /") "Whether both are the same pattern with the same flags." => equal;
    method "__copy__" ("") "The pattern itself." => |_, args| Ok(args.at(0).to_owned());
    method "__deepcopy__" ("memo, /") "The pattern itself." => |_, args| Ok(args.at(0).to_owned());
    class "__class_getitem__" ("item, /") "Generic alias." => |vm, args| vm.generic_alias(args.at(0), args.at(1));
}

fn find(vm: &mut Vm, args: Args<'_>, mode: Mode) -> Outcome {
    let pattern = Pattern::of(vm, args.at(0))?;
    let subject = Subject::new(vm, pattern, args.at(1), args.get(2), args.get(3))?;
    match subject.find(vm, &pattern.program, subject.start, mode, false)? {
        Some(spans) => found::new(vm, args.at(0), args.at(1), &subject, spans),
        None => Ok(Owned::none()),
    }
}

fn find_all(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let pattern = Pattern::of(vm, args.at(0))?;
    let subject = Subject::new(vm, pattern, args.at(1), args.get(2), args.get(3))?;
    let nothing = empty(vm, pattern.is_text)?;
    let list = vm.new_list(Vec::new())?;
    let mut cursor = Cursor::new(subject.start);
    while let Some(spans) = subject.next(vm, &pattern.program, &mut cursor)? {
        let item = match spans.groups.as_slice() {
            [whole] | [_, whole] => subject.group(vm, *whole, nothing.get())?,
            [_, groups @ ..] => {
                let groups: Outcome<Vec<Owned>> =
                    groups.iter().map(|span| subject.group(vm, *span, nothing.get())).collect();
                vm.new_tuple(groups?)?
            }
            [] => nothing.clone(),
        };
        push(vm, list.get(), item)?;
    }
    Ok(list)
}

fn split(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let pattern = Pattern::of(vm, args.at(0))?;
    let subject = Subject::new(vm, pattern, args.at(1), None, None)?;
    let most = integer_or(vm, args.get(2), 0)?;
    let list = vm.new_list(Vec::new())?;
    let mut cursor = Cursor::new(0);
    let (mut last, mut count) = (0, 0);
    while most == 0 || count < most {
        let Some(spans) = subject.next(vm, &pattern.program, &mut cursor)? else { break };
        let (start, end) = spans.whole();
        let piece = subject.slice(vm, last, start)?;
        push(vm, list.get(), piece)?;
        for span in &spans.groups[1..] {
            let group = subject.group(vm, *span, Owned::none().get())?;
            push(vm, list.get(), group)?;
        }
        last = end;
        count += 1;
    }
    let rest = subject.slice(vm, last, subject.end)?;
    push(vm, list.get(), rest)?;
    Ok(list)
}

fn group_index(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let pattern = Pattern::of(vm, args.at(0))?;
    let index = vm.new_dict()?;
    for (name, number) in pattern.program.names() {
        let (name, number) = (vm.intern(name)?, vm.new_int_from_usize(*number)?);
        vm.dict_set(index.get(), name.get(), number.get())?;
    }
    vm.mapping_proxy(index.get())
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let pattern = Pattern::of(vm, args.at(0))?;
    let source = vm.repr_text(pattern.source.get_or_none().get())?;
    let mut flags = pattern.program.flags().0;
    let types = Flags::LOCALE.0 | Flags::UNICODE.0 | Flags::ASCII.0;
    if pattern.is_text && flags & types == Flags::UNICODE.0 {
        flags &= !Flags::UNICODE.0;
    }
    let mut names = Vec::new();
    for (name, flag) in FLAG_NAMES {
        if flags & flag.0 != 0 {
            names.push((*name).to_owned());
            flags &= !flag.0;
        }
    }
    if flags != 0 {
        names.push(format!("0x{flags:x}"));
    }
    let source: String = source.chars().take(SHOWN).collect();
    let separator = if names.is_empty() { "" } else { ", " };
    new_text(vm, format!("re.compile({source}{separator}{})", names.join("|")))
}

fn hash(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let pattern = Pattern::of(vm, args.at(0))?;
    let hash = vm.hash(pattern.source.get_or_none().get())?;
    Ok(vm.new_int(hash ^ i64::from(pattern.program.flags().0) << 8 ^ i64::from(pattern.is_text))?)
}

fn equal(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let pattern = Pattern::of(vm, args.at(0))?;
    let Some(other) = args.at(1).payload::<Pattern>(vm.heap()) else { return Ok(Owned::not_implemented()) };
    let is_equal = pattern.program.flags() == other.program.flags()
        && pattern.is_text == other.is_text
        && vm.equal(pattern.source.get_or_none().get(), other.source.get_or_none().get())?;
    Ok(Owned::bool(is_equal))
}
