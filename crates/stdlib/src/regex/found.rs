//! `re.Match`

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, Held, Outcome, Vm, natives};

use super::pattern::Pattern;
use super::replace::Template;
use super::subject::{Spans, Subject};
use crate::argument::{index_error, integer, new_text};
use crate::class;
use crate::held::holds;

const MATCH: &str = "re.Match";

/// A match.
struct Found {
    pattern: Held,
    string: Held,
    spans: Spans,
    pos: usize,
    endpos: usize,
}

impl Payload for Found {
    holds!(pattern, string);
}

pub(super) fn define(vm: &mut Vm) -> Outcome {
    let class = class::define_closed(vm, MATCH, METHODS)?;
    class::document(vm, class.get(), "What a pattern has found: where, and what its groups have.")?;
    Ok(class)
}

/// The match that a pattern has found in a string.
pub(super) fn new(vm: &mut Vm, pattern: Ref<'_>, string: Ref<'_>, subject: &Subject<'_>, spans: Spans) -> Outcome {
    let found = Found {
        pattern: Held::new(pattern.to_owned()),
        string: Held::new(string.to_owned()),
        spans,
        pos: subject.start,
        endpos: subject.end,
    };
    class::new(vm, MATCH, found)
}

natives! {
    /// The methods of `Match`.
    METHODS:
    method "group" ("*args") "What groups have matched, by number or name: one or a tuple of several; without arguments the whole." => group;
    method "__getitem__" ("key, /") "What a group has matched, by number or name." => |vm, args| {
        let found = this(vm, args)?;
        let index = index(vm, found, args.at(1))?;
        text(vm, found, index, Owned::none().get())
    };
    method "groups" ("default=None") "What all groups have matched, as a tuple." => groups;
    method "groupdict" ("default=None") "What the groups with names have matched, by their names." => group_dict;
    method "start" ("group=0, /") "Where a group begins; -1 if it has not matched." => |vm, args| {
        let (start, _) = span(vm, args)?;
        Ok(vm.new_int(start)?)
    };
    method "end" ("group=0, /") "Where a group ends; -1 if it has not matched." => |vm, args| {
        let (_, end) = span(vm, args)?;
        Ok(vm.new_int(end)?)
    };
    method "span" ("group=0, /") "Where a group begins and ends." => |vm, args| {
        let span = span(vm, args)?;
        pair(vm, span)
    };
    method "expand" ("template") "A template with what the groups have matched, as sub fills it in." => expand;
    member "string" ("") "The string that was matched." => |vm, args| Ok(this(vm, args)?.string.get_or_none());
    member "re" ("") "The pattern." => |vm, args| Ok(this(vm, args)?.pattern.get_or_none());
    member "pos" ("") "Where the pattern began to look." => |vm, args| {
        let pos = this(vm, args)?.pos;
        Ok(vm.new_int_from_usize(pos)?)
    };
    member "endpos" ("") "How far the pattern looked." => |vm, args| {
        let endpos = this(vm, args)?.endpos;
        Ok(vm.new_int_from_usize(endpos)?)
    };
    getter "lastindex" ("") "The number of the group that was closed last, or None." => |vm, args| {
        match this(vm, args)?.spans.last {
            Some(last) => Ok(vm.new_int_from_usize(last)?),
            None => Ok(Owned::none()),
        }
    };
    getter "lastgroup" ("") "The name of the group that was closed last, or None." => last_group;
    getter "regs" ("") "Where all groups begin and end, the whole first." => registers;
    method "__repr__" ("") "The text that repr shows." => repr;
    method "__copy__" ("") "The match itself." => |_, args| Ok(args.at(0).to_owned());
    method "__deepcopy__" ("memo, /") "The match itself." => |_, args| Ok(args.at(0).to_owned());
    class "__class_getitem__" ("item, /") "Generic alias." => |vm, args| vm.generic_alias(args.at(0), args.at(1));
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Found> {
    class::this(vm, args.at(0), MATCH)
}

/// The number of a group by its number or name.
fn index(vm: &mut Vm, found: &Found, group: Ref<'_>) -> Outcome<usize> {
    let index = if vm.is_index(group) {
        usize::try_from(integer(vm, group)?).ok()
    } else if let Some(name) = group.as_str() {
        let pattern = found.pattern.get_or_none();
        Pattern::of(vm, pattern.get())?.program.group_of_name(&name.to_string_lossy())
    } else {
        None
    };
    match index.filter(|&index| index < found.spans.groups.len()) {
        Some(index) => Ok(index),
        None => Err(index_error(vm, "no such group")),
    }
}

fn text(vm: &mut Vm, found: &Found, group: usize, default: Ref<'_>) -> Outcome {
    let string = found.string.get_or_none();
    let subject = Subject::whole(vm, string.get())?;
    subject.group(vm, found.spans.groups[group], default)
}

fn group(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let found = this(vm, args)?;
    let keys = vm.collect(args.at(1))?;
    let mut groups = Vec::with_capacity(keys.len());
    for key in &keys {
        let index = index(vm, found, key.get())?;
        groups.push(text(vm, found, index, Owned::none().get())?);
    }
    match groups.len() {
        0 => text(vm, found, 0, Owned::none().get()),
        1 => Ok(groups.swap_remove(0)),
        _ => Ok(vm.new_tuple(groups)?),
    }
}

fn default_of(args: Args<'_>) -> Owned {
    args.get(1).map_or_else(Owned::none, Ref::to_owned)
}

fn groups(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let found = this(vm, args)?;
    let default = default_of(args);
    let mut groups = Vec::with_capacity(found.spans.groups.len());
    for group in 1..found.spans.groups.len() {
        groups.push(text(vm, found, group, default.get())?);
    }
    Ok(vm.new_tuple(groups)?)
}

fn group_dict(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let found = this(vm, args)?;
    let default = default_of(args);
    let pattern = found.pattern.get_or_none();
    let pattern = Pattern::of(vm, pattern.get())?;
    let dict = vm.new_dict()?;
    for (name, number) in pattern.program.names() {
        let (name, value) = (vm.intern(name)?, text(vm, found, *number, default.get())?);
        vm.dict_set(dict.get(), name.get(), value.get())?;
    }
    Ok(dict)
}

fn span(vm: &mut Vm, args: Args<'_>) -> Outcome<(i64, i64)> {
    let found = this(vm, args)?;
    let group = match args.get(1) {
        Some(group) => index(vm, found, group)?,
        None => 0,
    };
    Ok(shown(found.spans.groups[group]))
}

fn shown(span: Option<(usize, usize)>) -> (i64, i64) {
    span.map_or((-1, -1), |(start, end)| (start as i64, end as i64))
}

fn pair(vm: &mut Vm, (start, end): (i64, i64)) -> Outcome {
    let (start, end) = (vm.new_int(start)?, vm.new_int(end)?);
    Ok(vm.new_tuple([start, end])?)
}

fn expand(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let found = this(vm, args)?;
    let (pattern, string) = (found.pattern.get_or_none(), found.string.get_or_none());
    let pattern = Pattern::of(vm, pattern.get())?;
    let template = Template::new(vm, args.at(1), pattern)?;
    let subject = Subject::whole(vm, string.get())?;
    template.expand(vm, &subject, &found.spans)
}

fn last_group(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let found = this(vm, args)?;
    let pattern = found.pattern.get_or_none();
    let pattern = Pattern::of(vm, pattern.get())?;
    let name = found.spans.last.and_then(|last| pattern.program.names().iter().find(|(_, number)| *number == last));
    match name {
        Some((name, _)) => Ok(vm.intern(name)?),
        None => Ok(Owned::none()),
    }
}

fn registers(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let found = this(vm, args)?;
    let spans: Outcome<Vec<Owned>> = found.spans.groups.iter().map(|span| pair(vm, shown(*span))).collect();
    Ok(vm.new_tuple(spans?)?)
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let found = this(vm, args)?;
    let whole = text(vm, found, 0, Owned::none().get())?;
    let whole = vm.repr_text(whole.get())?;
    let (start, end) = found.spans.whole();
    new_text(vm, format!("<re.Match object; span=({start}, {end}), match={whole}>"))
}
