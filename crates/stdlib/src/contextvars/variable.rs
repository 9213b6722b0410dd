//! `ContextVar`: a name for values in contexts.

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, ClassName, Held, Outcome, Vm, natives};

use super::context;
use super::token::{self, Token};
use crate::argument::{new_text, runtime_error, type_error, value_error};
use crate::class;
use crate::held::holds;

pub(super) const VARIABLE: &str = "_contextvars.ContextVar";

/// A context variable.
pub(super) struct Variable {
    name: Held,
    default: Held,
}

impl Payload for Variable {
    holds!(name, default);
}

natives! {
    /// The methods of `ContextVar`.
    pub(super) METHODS:
    static "__new__" ("name, /, *, default=None") "A variable with a name for the reader, and perhaps a default." => new;
    member "name" ("") "The name." => |vm, args| Ok(this(vm, args.at(0))?.name.get_or_none());
    method "get" ("default=None, /") "The value in the current context, or the default." => get;
    method "set" ("value, /") "Give it a value in the current context; returns a token to take that back with." => set;
    method "reset" ("token, /") "Take back what a `set` did." => reset;
    method "__repr__" ("") "The text that repr shows." => repr;
    class "__class_getitem__" ("item, /") "Generic alias." => |vm, args| vm.generic_alias(args.at(0), args.at(1));
}

fn this<'a>(vm: &mut Vm, receiver: Ref<'a>) -> Outcome<&'a Variable> {
    class::this(vm, receiver, VARIABLE)
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if args.at(1).as_str().is_none() {
        return Err(type_error(vm, "context variable name must be a str"));
    }
    let (name, default) = (Held::new(args.at(1).to_owned()), Held::optional(args.get(2).map(Ref::to_owned)));
    class::construct(vm, VARIABLE, args.at(0), Variable { name, default })
}

fn get(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let variable = this(vm, args.at(0))?;
    if let Some(value) = context::value_of(vm, args.at(0))? {
        return Ok(value);
    }
    match args.get(1).map(Ref::to_owned).or_else(|| variable.default.get()) {
        Some(default) => Ok(default),
        None => Err(vm.raise_with(ClassName::LookupError, &[args.at(0)])),
    }
}

fn set(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this(vm, args.at(0))?;
    let old = context::value_of(vm, args.at(0))?;
    let current = context::current(vm)?;
    context::change(vm, current.get(), args.at(0), Some(args.at(1)))?;
    token::new(vm, current, args.at(0).to_owned(), old)
}

fn reset(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this(vm, args.at(0))?;
    let Some(token) = args.at(1).payload::<Token>(vm.heap()) else {
        let got = vm.repr_text(args.at(1))?;
        return Err(type_error(vm, format!("expected an instance of Token, got {got}")));
    };
    let shown = |vm: &mut Vm| vm.repr_text(args.at(1));
    if token.is_used() {
        let shown = shown(vm)?;
        return Err(runtime_error(vm, format!("{shown} has already been used once")));
    }
    if !token.variable().get().is(args.at(0)) {
        let shown = shown(vm)?;
        return Err(value_error(vm, format!("{shown} was created by a different ContextVar")));
    }
    let (current, home) = (context::current(vm)?, token.context());
    if !home.get().is(current.get()) {
        let shown = shown(vm)?;
        return Err(value_error(vm, format!("{shown} was created in a different Context")));
    }
    token.set_used();
    let old = token.old();
    context::change(vm, current.get(), args.at(0), old.as_ref().map(Owned::get))?;
    Ok(Owned::none())
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let variable = this(vm, args.at(0))?;
    let name = vm.repr_text(variable.name.get_or_none().get())?;
    let default = match variable.default.get() {
        Some(default) => format!(" default={}", vm.repr_text(default.get())?),
        None => String::new(),
    };
    let place = vm.identity(args.at(0));
    new_text(vm, format!("<ContextVar name={name}{default} at {place:#x}>"))
}
