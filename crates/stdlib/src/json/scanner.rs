//! `make_scanner`: reads the value at a place of a text, with a decoder's hooks.

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, ClassName, Held, Outcome, Vm, natives};

use super::pair;
use super::scan::Scan;
use super::source::with_source;
use crate::argument::{integer, shown_type, type_error, value_error};
use crate::class;
use crate::held::holds;

const SCANNER: &str = "_json.Scanner";

/// How a decoder wants values to be made. Hooks that do what is usual are absent.
pub(super) struct Scanner {
    pub(super) is_strict: bool,
    pub(super) object_hook: Held,
    pub(super) object_pairs_hook: Held,
    pub(super) parse_float: Held,
    pub(super) parse_int: Held,
    pub(super) parse_constant: Held,
}

impl Payload for Scanner {
    holds!(object_hook, object_pairs_hook, parse_float, parse_int, parse_constant);
}

pub(super) fn define(vm: &mut Vm) -> Outcome {
    class::define(vm, SCANNER, METHODS)
}

natives! {
    /// The methods of scanners.
    METHODS:
    static "__new__" ("context, /") "A scanner with the hooks of a decoder." => new;
    method "__call__" ("string, idx, /")
        "The value at a place, and the place behind it. StopIteration with a place: there is no value." => call;
    member "strict" ("") "Whether control characters are refused in texts." =>
        |vm, args| Ok(Owned::bool(this(vm, args)?.is_strict));
    member "object_hook" ("") "What objects become." => |vm, args| Ok(this(vm, args)?.object_hook.get_or_none());
    member "object_pairs_hook" ("") "What the pairs of an object become." =>
        |vm, args| Ok(this(vm, args)?.object_pairs_hook.get_or_none());
    member "parse_float" ("") "What numbers with a point or an exponent become." =>
        |vm, args| { let hook = this(vm, args)?.parse_float.get(); Ok(hook.unwrap_or_else(|| vm.class(ClassName::Float))) };
    member "parse_int" ("") "What whole numbers become." =>
        |vm, args| { let hook = this(vm, args)?.parse_int.get(); Ok(hook.unwrap_or_else(|| vm.class(ClassName::Int))) };
    member "parse_constant" ("") "What NaN and the infinities become." => |vm, args| Ok(this(vm, args)?.parse_constant.get_or_none());
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Scanner> {
    class::this(vm, args.at(0), SCANNER)
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let context = args.at(1);
    let strict = attribute(vm, context, "strict")?;
    let is_strict = vm.truth(strict.get())?;
    let hook = |hook: Owned| Held::optional(Some(hook).filter(|hook| !hook.get().is_none()));
    let parser = |vm: &Vm, hook: Owned, usual: ClassName| {
        Held::optional(Some(hook).filter(|hook| !hook.get().is(vm.class(usual).get())))
    };
    let object_hook = hook(attribute(vm, context, "object_hook")?);
    let object_pairs_hook = hook(attribute(vm, context, "object_pairs_hook")?);
    let parse_float = attribute(vm, context, "parse_float")?;
    let parse_int = attribute(vm, context, "parse_int")?;
    let scanner = Scanner {
        is_strict,
        object_hook,
        object_pairs_hook,
        parse_float: parser(vm, parse_float, ClassName::Float),
        parse_int: parser(vm, parse_int, ClassName::Int),
        parse_constant: Held::new(attribute(vm, context, "parse_constant")?),
    };
    class::construct(vm, SCANNER, args.at(0), scanner)
}

fn attribute(vm: &mut Vm, object: Ref<'_>, name: &str) -> Outcome {
    let name = vm.intern(name)?;
    vm.get_attribute(object, name.get())
}

fn call(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let scanner = this(vm, args)?;
    let Some(text) = args.at(1).as_str() else {
        let got = shown_type(vm, args.at(1));
        return Err(type_error(vm, format!("first argument must be a string, not {got}")));
    };
    let place = integer(vm, args.at(2))?;
    let Ok(place) = usize::try_from(place) else { return Err(value_error(vm, "idx cannot be negative")) };
    let (value, place) = with_source!(text, source => Scan::new(source, scanner).value(vm, place))?;
    pair(vm, value, place)
}
