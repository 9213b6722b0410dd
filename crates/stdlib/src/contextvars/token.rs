//! `Token`: what a `ContextVar.set` has replaced.

use std::cell::Cell;

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Held, Outcome, Vm, natives};

use crate::argument::{new_text, runtime_error};
use crate::class;
use crate::held::holds;
use crate::library;

pub(super) const TOKEN: &str = "_contextvars.Token";

/// The one object that stands for no value.
const MISSING: &str = "_contextvars.Token.MISSING";

/// What the class of that object is called.
const MISSING_CLASS: &str = "_contextvars._token_missing";

/// The value that was replaced, and where.
pub(super) struct Token {
    context: Held,
    variable: Held,
    old: Held,
    is_used: Cell<bool>,
}

impl Payload for Token {
    holds!(context, variable, old);
}

struct Missing;

impl Payload for Missing {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

impl Token {
    pub(super) fn is_used(&self) -> bool {
        self.is_used.get()
    }

    pub(super) fn set_used(&self) {
        self.is_used.set(true);
    }

    pub(super) fn variable(&self) -> Owned {
        self.variable.get_or_none()
    }

    pub(super) fn context(&self) -> Owned {
        self.context.get_or_none()
    }

    /// What the variable had before, if anything.
    pub(super) fn old(&self) -> Option<Owned> {
        self.old.get()
    }
}

pub(super) fn define(vm: &mut Vm) -> Outcome {
    class::define(vm, MISSING_CLASS, MISSING_METHODS)?;
    let class = class::define(vm, TOKEN, METHODS)?;
    super::refuse_subclasses(vm, &class);
    class::set(vm, class.get(), "__hash__", Owned::none())?;
    let missing = class::new(vm, MISSING_CLASS, Missing)?;
    class::set(vm, class.get(), "MISSING", missing.clone())?;
    library::set(vm, MISSING, missing);
    Ok(class)
}

/// A token.
pub(super) fn new(vm: &mut Vm, context: Owned, variable: Owned, old: Option<Owned>) -> Outcome {
    let (context, variable) = (Held::new(context), Held::new(variable));
    class::new(vm, TOKEN, Token { context, variable, old: Held::optional(old), is_used: Cell::new(false) })
}

natives! {
    /// The methods of the object that stands for no value.
    MISSING_METHODS:
    method "__repr__" ("") "The text that repr shows." => |vm, _| new_text(vm, "<Token.MISSING>");
}

natives! {
    /// The methods of `Token`.
    METHODS:
    static "__new__" ("*args, **kwargs") "Refuses: `ContextVar.set` makes tokens." =>
        |vm, _| Err(runtime_error(vm, "Tokens can only be created by ContextVars"));
    getter "var" ("") "The variable." => |vm, args| Ok(this(vm, args.at(0))?.variable());
    getter "old_value" ("") "The value before, or Token.MISSING." => |vm, args| {
        let old = this(vm, args.at(0))?.old();
        Ok(old.or_else(|| library::get(vm, MISSING)).unwrap_or_else(Owned::none))
    };
    method "__repr__" ("") "The text that repr shows." => |vm, args| {
        let token = this(vm, args.at(0))?;
        let variable = vm.repr_text(token.variable().get())?;
        let (used, place) = (if token.is_used() { " used" } else { "" }, vm.identity(args.at(0)));
        new_text(vm, format!("<Token{used} var={variable} at {place:#x}>"))
    };
    class "__class_getitem__" ("item, /") "Generic alias." => |vm, args| vm.generic_alias(args.at(0), args.at(1));
}

fn this<'a>(vm: &mut Vm, receiver: Ref<'a>) -> Outcome<&'a Token> {
    class::this(vm, receiver, TOKEN)
}
