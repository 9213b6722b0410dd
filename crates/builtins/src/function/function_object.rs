//! The attributes of functions written in toy.

use toy_object::{FunctionField, Owned, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::{none, this_function, type_error};

natives! {
    /// The methods and attributes of functions.
    pub(crate) FUNCTION_METHODS:
    static "__new__" ("code, globals, name=None, argdefs=None, closure=None, kwdefaults=None")
        "A function of a code object." => super::construct::new;
    method "__call__" ("*args, **kwargs") "What a call does." => super::call;
    method "__get__" ("instance, owner=None, /") "What it gives as an attribute of instance." => super::get;
    method "__repr__" ("") "The text that repr shows." => |vm, args| vm.builtin_repr(args.at(0));
    getter "__name__" ("") "The function's name." => |vm, args| field(vm, args, FunctionField::Name);
    setter "__name__" ("value, /") "The function's name." => |vm, args| set_text(vm, args, FunctionField::Name, "__name__");
    getter "__qualname__" ("") "The function's name with what it is defined in." => |vm, args| field(vm, args, FunctionField::QualifiedName);
    setter "__qualname__" ("value, /") "The function's name with what it is defined in."
        => |vm, args| set_text(vm, args, FunctionField::QualifiedName, "__qualname__");
    member "__module__" ("") "The module it is defined in." => |vm, args| field(vm, args, FunctionField::Module);
    setter "__module__" ("value, /") "The module it is defined in." => |vm, args| set_any(vm, args, FunctionField::Module);
    member "__doc__" ("") "What documentation says." => |vm, args| field(vm, args, FunctionField::Doc);
    setter "__doc__" ("value, /") "What documentation says." => |vm, args| set_any(vm, args, FunctionField::Doc);
    getter "__defaults__" ("") "Defaults of parameters." => |vm, args| field(vm, args, FunctionField::Defaults);
    setter "__defaults__" ("value, /") "Defaults of parameters." => set_defaults;
    getter "__kwdefaults__" ("") "Defaults of keyword-only parameters." => |vm, args| field(vm, args, FunctionField::KeywordDefaults);
    setter "__kwdefaults__" ("value, /") "Defaults of keyword-only parameters." => set_keyword_defaults;
    getter "__annotations__" ("") "Annotations of parameters and result." => annotations;
    setter "__annotations__" ("value, /") "Annotations of parameters and result." => set_annotations;
    getter "__type_params__" ("") "Type parameters." => type_parameters;
    setter "__type_params__" ("value, /") "Type parameters." => set_type_parameters;
    getter "__code__" ("") "What it runs." => |vm, args| Ok(this_function(vm, args)?.code());
    setter "__code__" ("value, /") "What it runs." => super::construct::set_code;
    member "__closure__" ("") "The variables of outer functions that it uses." => closure;
    member "__globals__" ("") "The namespace of its module." => |vm, args| Ok(this_function(vm, args)?.globals().to_owned());
    member "__builtins__" ("") "The builtins." => |vm, args| { this_function(vm, args)?; Ok(vm.machine().builtins().to_owned()) };
}

fn field(vm: &mut Vm, args: Args<'_>, field: FunctionField) -> Outcome {
    Ok(this_function(vm, args)?.get(field).unwrap_or_else(Owned::none))
}

/// Sets a field to anything; deleting means None.
fn set_any(vm: &mut Vm, args: Args<'_>, field: FunctionField) -> Outcome {
    drop(this_function(vm, args)?.set(field, args.get(1).map_or_else(Owned::none, Ref::to_owned)));
    none()
}

fn set_text(vm: &mut Vm, args: Args<'_>, field: FunctionField, name: &str) -> Outcome {
    let Some(text) = args.get(1).filter(|value| value.as_str().is_some()) else {
        return Err(type_error(vm, format!("{name} must be set to a string object")));
    };
    drop(this_function(vm, args)?.set(field, text.to_owned()));
    none()
}

/// Sets a field to a value that passes a test; None and deleting empty it.
fn set_checked(
    vm: &mut Vm,
    args: Args<'_>,
    field: FunctionField,
    passes: fn(Ref<'_>) -> bool,
    complaint: &str,
) -> Outcome {
    let value = match args.get(1).filter(|value| !value.is_none()) {
        None => Owned::unbound(),
        Some(value) if passes(value) => value.to_owned(),
        Some(_) => return Err(type_error(vm, complaint)),
    };
    drop(this_function(vm, args)?.set(field, value));
    none()
}

fn set_defaults(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let is_tuple = |value: Ref<'_>| value.as_tuple().is_some();
    set_checked(vm, args, FunctionField::Defaults, is_tuple, "__defaults__ must be set to a tuple object")
}

fn set_keyword_defaults(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let is_dict = |value: Ref<'_>| value.as_dict().is_some();
    set_checked(vm, args, FunctionField::KeywordDefaults, is_dict, "__kwdefaults__ must be set to a dict object")
}

fn set_annotations(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let is_dict = |value: Ref<'_>| value.as_dict().is_some();
    set_checked(vm, args, FunctionField::Annotations, is_dict, "__annotations__ must be set to a dict object")
}

fn set_type_parameters(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(parameters) = args.get(1).filter(|value| value.as_tuple().is_some()) else {
        return Err(type_error(vm, "__type_params__ must be set to a tuple"));
    };
    drop(this_function(vm, args)?.set(FunctionField::TypeParameters, parameters.to_owned()));
    none()
}

fn annotations(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let function = this_function(vm, args)?;
    if let Some(annotations) = function.get(FunctionField::Annotations) {
        return Ok(annotations);
    }
    let annotations = vm.new_dict()?;
    drop(function.set(FunctionField::Annotations, annotations.clone()));
    Ok(annotations)
}

fn type_parameters(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match this_function(vm, args)?.get(FunctionField::TypeParameters) {
        Some(parameters) => Ok(parameters),
        None => Ok(vm.new_tuple([])?),
    }
}

fn closure(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(this_function(vm, args)?.closure().map_or_else(Owned::none, Ref::to_owned))
}
