//! `Context`: the values of context variables.
//!
//! Invariant: a dict of values that more than one object knows is never changed.

use std::cell::Cell;

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, Held, Outcome, Purpose, Vm, natives};

use crate::argument::{runtime_error, type_error};
use crate::class;
use crate::held::holds;
use crate::module::call_method;

pub(super) const CONTEXT: &str = "_contextvars.Context";

/// A context.
pub(crate) struct Context {
    /// A dict from variables to their values.
    values: Held,
    /// Whether somebody else knows the dict.
    is_shared: Cell<bool>,
    /// Whether a `run` of it is under way.
    is_entered: Cell<bool>,
}

impl Payload for Context {
    holds!(values);
}

pub(super) fn define(vm: &mut Vm) -> Outcome {
    let class = class::define(vm, CONTEXT, METHODS)?;
    class::set(vm, class.get(), "__hash__", Owned::none())?;
    let view = class.get().as_class(vm.heap()).expect("just defined");
    view.set_flags(vm.heap(), toy_object::ClassFlags { is_mapping: true, is_final: true, ..view.flags() });
    Ok(class)
}

natives! {
    /// The methods of `Context`.
    METHODS:
    static "__new__" ("*args, **kwargs") "A context without values." => |vm, args| {
        let has_arguments = args.at(1).as_tuple().is_some_and(|arguments| !arguments.is_empty())
            || args.at(2).as_dict().is_some_and(|keywords| !keywords.is_empty());
        if has_arguments {
            return Err(type_error(vm, "Context() does not accept any arguments"));
        }
        let values = vm.new_dict()?;
        new(vm, values, false)
    };
    method "run" ("callable, /, *args, **kwargs") "Call something in this context." => run;
    method "copy" ("") "A context with the same values." => |vm, args| {
        this(vm, args.at(0))?;
        copy(vm, args.at(0))
    };
    method "get" ("key, default=None, /") "The value of a variable, or the default." => |vm, args| {
        let found = look_up(vm, args)?;
        Ok(found.unwrap_or_else(|| args.get(2).map_or_else(Owned::none, Ref::to_owned)))
    };
    method "keys" ("") "The variables." => |vm, args| view(vm, args, "keys");
    method "values" ("") "The values." => |vm, args| view(vm, args, "values");
    method "items" ("") "Pairs of variables and values." => |vm, args| view(vm, args, "items");
    method "__iter__" ("") "An iterator over the variables." => |vm, args| {
        let keys = view(vm, args, "keys")?;
        vm.get_iterator(keys.get())
    };
    method "__len__" ("") "How many variables have a value." => |vm, args| {
        let count = this(vm, args.at(0))?.values.get_or_none().get().as_dict().map_or(0, |values| values.len());
        Ok(vm.new_int_from_usize(count)?)
    };
    method "__contains__" ("key, /") "Whether a variable has a value." => |vm, args| Ok(Owned::bool(look_up(vm, args)?.is_some()));
    method "__getitem__" ("key, /") "The value of a variable." => |vm, args| match look_up(vm, args)? {
        Some(value) => Ok(value),
        None => Err(vm.raise_key_error(args.at(1))),
    };
    method "__eq__" ("value, /") "Whether both have the same values." => |vm, args| compare(vm, args, true);
    method "__ne__" ("value, /") "Whether they differ." => |vm, args| compare(vm, args, false);
}

fn new(vm: &mut Vm, values: Owned, is_shared: bool) -> Outcome {
    let context = Context { values: Held::new(values), is_shared: Cell::new(is_shared), is_entered: Cell::new(false) };
    class::new(vm, CONTEXT, context)
}

fn this<'a>(vm: &mut Vm, receiver: Ref<'a>) -> Outcome<&'a Context> {
    class::this(vm, receiver, CONTEXT)
}

/// The context of this thread; a thread begins without values.
pub(super) fn current(vm: &mut Vm) -> Outcome {
    if let Some(context) = vm.kept(Purpose::Context) {
        return Ok(context.clone());
    }
    let values = vm.new_dict()?;
    let context = new(vm, values, false)?;
    drop(vm.keep(Purpose::Context, Some(context.clone())));
    Ok(context)
}

/// A context with the same values.
pub(super) fn copy(vm: &mut Vm, context: Ref<'_>) -> Outcome {
    let context = this(vm, context)?;
    context.is_shared.set(true);
    let values = context.values.get_or_none();
    new(vm, values, true)
}

/// The value that a variable has in the current context.
pub(super) fn value_of(vm: &mut Vm, variable: Ref<'_>) -> Outcome<Option<Owned>> {
    let Some(context) = vm.kept(Purpose::Context) else { return Ok(None) };
    let context = context.clone();
    let values = this(vm, context.get())?.values.get_or_none();
    vm.dict_get(values.get(), variable)
}

/// Gives a variable a value in a context, or takes it away.
pub(super) fn change(vm: &mut Vm, context: Ref<'_>, variable: Ref<'_>, value: Option<Ref<'_>>) -> Outcome<()> {
    let context = this(vm, context)?;
    if context.is_shared.get() {
        let values = context.values.get_or_none();
        let own = values.get().as_dict().expect("made here").copy(vm.heap())?;
        drop(context.values.set(own));
        context.is_shared.set(false);
    }
    let values = context.values.get_or_none();
    match value {
        Some(value) => vm.dict_set(values.get(), variable, value),
        None => vm.dict_remove(values.get(), variable).map(drop),
    }
}

fn look_up(vm: &mut Vm, args: Args<'_>) -> Outcome<Option<Owned>> {
    let context = this(vm, args.at(0))?;
    if args.at(1).payload::<super::variable::Variable>(vm.heap()).is_none() {
        let got = vm.repr_text(args.at(1))?;
        return Err(type_error(vm, format!("a ContextVar key was expected, got {got}")));
    }
    let values = context.values.get_or_none();
    vm.dict_get(values.get(), args.at(1))
}

/// A view of the dict, which nobody changes any more.
fn view(vm: &mut Vm, args: Args<'_>, method: &str) -> Outcome {
    let context = this(vm, args.at(0))?;
    context.is_shared.set(true);
    let values = context.values.get_or_none();
    call_method(vm, values.get(), method, &[])
}

fn compare(vm: &mut Vm, args: Args<'_>, wanted: bool) -> Outcome {
    let values = this(vm, args.at(0))?.values.get_or_none();
    let Some(other) = args.at(1).payload::<Context>(vm.heap()) else { return Ok(Owned::not_implemented()) };
    let others = other.values.get_or_none();
    let is_equal = vm.equal(values.get(), others.get())?;
    Ok(Owned::bool(is_equal == wanted))
}

fn run(vm: &mut Vm, args: Args<'_>) -> Outcome {
    run_in(vm, args.at(0), |vm| call(vm, args))
}

/// Does something in a context.
pub(crate) fn run_in(vm: &mut Vm, context: Ref<'_>, call: impl FnOnce(&mut Vm) -> Outcome) -> Outcome {
    let entered = this(vm, context)?;
    if entered.is_entered.replace(true) {
        let shown = vm.repr_text(context)?;
        return Err(runtime_error(vm, format!("cannot enter context: {shown} is already entered")));
    }
    let before = vm.keep(Purpose::Context, Some(context.to_owned()));
    let result = call(vm);
    drop(vm.keep(Purpose::Context, before));
    entered.is_entered.set(false);
    result
}

fn call(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let arguments = args.at(2).as_tuple().expect("the arguments behind the named ones");
    let mut pairs = Vec::new();
    if let Some(keywords) = args.at(3).as_dict().filter(|keywords| !keywords.is_empty()) {
        let mut position = 0;
        while let Some((index, name, value)) = keywords.entry_from(position) {
            pairs.push((name, value));
            position = index + 1;
        }
    }
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.get(), value.get())).collect();
    let mut place = [Ref::NONE; 4];
    if arguments.len() <= place.len() {
        arguments.iter().zip(&mut place).for_each(|(argument, place)| *place = argument);
        return vm.call_keywords(args.at(1), &place[..arguments.len()], &pairs);
    }
    let arguments: Vec<Ref<'_>> = arguments.iter().collect();
    vm.call_keywords(args.at(1), &arguments, &pairs)
}
