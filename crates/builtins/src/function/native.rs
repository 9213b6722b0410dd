//! Functions written in Rust.

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, NativeKind, NativeRow, Outcome, Vm, natives, row_of};

use crate::support::{none, protocol, this_native_function, wrong_receiver};

natives! {
    /// The methods and attributes of functions written in Rust.
    pub(crate) NATIVE_METHODS:
    method "__call__" ("*args, **kwargs") "What a call does." => super::call;
    method "__get__" ("instance, owner=None, /") "What it gives as an attribute of instance." => super::get;
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__hash__" ("") "The number that hash gives." => protocol::hash;
    getter "__name__" ("") "The function's name." => |vm, args| { let row = row(vm, args)?; Ok(vm.intern(row.name)?) };
    getter "__qualname__" ("") "The function's name with its class." => qualified_name;
    getter "__doc__" ("") "What documentation says." => |vm, args| { let row = row(vm, args)?; Ok(vm.new_str(row.doc)?) };
    getter "__module__" ("") "The module of a function." => module;
    getter "__self__" ("") "What a method is bound to, or the module of a function." => receiver;
    getter "__objclass__" ("") "The class of a method." => class;
    getter "__text_signature__" ("") "The parameters." => text_signature;
}

fn row(vm: &mut Vm, args: Args<'_>) -> Outcome<&'static NativeRow> {
    row_of(args.at(0)).ok_or_else(|| wrong_receiver(vm, "builtin_function_or_method", args.at(0)))
}

/// The class of a method.
fn home_class(vm: &mut Vm, args: Args<'_>) -> Outcome<Option<Owned>> {
    let home = this_native_function(vm, args)?.home();
    Ok(home.filter(|home| home.as_class(vm.heap()).is_some()).map(Ref::to_owned))
}

fn qualified_name(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let row = row(vm, args)?;
    let class = home_class(vm, args)?;
    let class = class.as_ref().and_then(|class| class.get().as_class(vm.heap())).map(|class| class.name_text());
    match class {
        Some(class) => Ok(vm.new_str(&format!("{class}.{}", row.name))?),
        None => Ok(vm.intern(row.name)?),
    }
}

fn module(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if home_class(vm, args)?.is_some() {
        return none();
    }
    let home = this_native_function(vm, args)?.home();
    match home
        .and_then(|home| home.as_module(vm.heap()))
        .and_then(|module| module.dict().as_dict()?.get_str(vm.heap().name(Name::Name)))
    {
        Some(name) => Ok(name),
        None => Ok(vm.new_str("builtins")?),
    }
}

fn receiver(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let function = this_native_function(vm, args)?;
    match function.receiver().or_else(|| function.home().filter(|home| home.as_module(vm.heap()).is_some())) {
        Some(receiver) => Ok(receiver.to_owned()),
        None if row(vm, args)?.kind == NativeKind::Function => vm.import_module("builtins"),
        None => Err(vm.raise_attribute_error(args.at(0), vm.heap().name(Name::SelfAttribute))),
    }
}

fn class(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match home_class(vm, args)? {
        Some(class) => Ok(class),
        None => Err(vm.raise_attribute_error(args.at(0), vm.heap().name(Name::Objclass))),
    }
}

fn text_signature(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let row = row(vm, args)?;
    let text = match (row.kind, row.parameters) {
        (NativeKind::Function, parameters) => format!("({parameters})"),
        (_, "") => "($self, /)".to_owned(),
        (_, parameters) if parameters.contains("/") => format!("($self, {parameters})"),
        (_, parameters) => format!("($self, /, {parameters})"),
    };
    Ok(vm.new_str(&text)?)
}
