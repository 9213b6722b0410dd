//! Functions of given code: `types.FunctionType(code, globals)`, and assignment to `__code__`.
//!
//! Invariant: a function's closure has a cell for each free name of its code, and no function has the code of a module or of a
//! class body, which only runs in a namespace.

use toy_object::{FunctionDefinition, FunctionField, Name, Owned, Ref};
use toy_vm::{Args, ClassName, CodeDetail, Outcome, Vm};

use crate::support::{class_argument, none, present, this_function, type_error, value_error};

/// `function.__new__`.
pub(super) fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    class_argument(vm, args, ClassName::Function)?;
    let code = &function_code(vm, args.at(1))?.code;
    if args.at(2).as_dict().is_none() {
        return Err(wrong_argument(vm, "globals", "dict", args.at(2)));
    }
    let name = match present(args.get(3)) {
        None => vm.intern(&code.name)?,
        Some(name) if name.as_str().is_some() => name.to_owned(),
        Some(_) => return Err(type_error(vm, "arg 3 (name) must be None or string")),
    };
    let defaults = optional(vm, args, 4, |value| value.as_tuple().is_some(), "arg 4 (defaults) must be None or tuple")?;
    let closure = closure_for(vm, &code.name, code.free_names.len(), present(args.get(5)))?;
    let keyword_defaults =
        optional(vm, args, 6, |value| value.as_dict().is_some(), "arg 6 (kwdefaults) must be None or dict")?;
    let doc = match &code.docstring {
        Some(text) => vm.new_str_from_code_points(&text.code_points().collect::<Vec<_>>())?,
        None => Owned::none(),
    };
    let module = args.at(2).as_dict().and_then(|globals| globals.get_str(vm.heap().name(Name::Name)));
    let qualified_name = vm.intern(&code.qualified_name)?;
    Ok(vm.new_function(FunctionDefinition {
        code: args.at(1).to_owned(),
        globals: args.at(2).to_owned(),
        closure,
        defaults,
        keyword_defaults,
        annotations: None,
        type_parameters: None,
        name,
        qualified_name,
        doc,
        module: module.unwrap_or_else(Owned::none),
    })?)
}

/// `function.__code__ = code`.
pub(super) fn set_code(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let function = this_function(vm, args)?;
    let Some(value) = args.get(1).filter(|value| value.as_code().is_some()) else {
        return Err(type_error(vm, "__code__ must be set to a code object"));
    };
    let code = &function_code(vm, value)?.code;
    let (wanted, has) =
        (code.free_names.len(), function.closure().and_then(Ref::as_tuple).map_or(0, |cells| cells.len()));
    if wanted != has {
        let name = function.get(FunctionField::Name).unwrap_or_else(Owned::none);
        let name = vm.str_text(name.get())?;
        return Err(value_error(vm, format!("{name}() requires a code object with {has} free vars, not {wanted}")));
    }
    let old = function.set(FunctionField::Code, value.to_owned());
    // Frames that run the function now go on with what they began.
    vm.machine().retire_code(old);
    none()
}

/// The plain form of code that a function can have.
fn function_code<'a>(vm: &mut Vm, value: Ref<'a>) -> Outcome<&'a CodeDetail> {
    let detail = value.as_code().and_then(|code| {
        let detail: &'a dyn std::any::Any = code.detail();
        detail.downcast_ref::<CodeDetail>()
    });
    let Some(detail) = detail else { return Err(wrong_argument(vm, "code", "code", value)) };
    if !detail.is_of_function() {
        let message = format!("{} is no code of a function: to run it, toy would need exec()", detail.code.name);
        return Err(value_error(vm, message));
    }
    Ok(detail)
}

fn wrong_argument(vm: &mut Vm, name: &str, wanted: &str, got: Ref<'_>) -> toy_vm::Raised {
    let got = vm.type_name(got);
    type_error(vm, format!("function() argument '{name}' must be {wanted}, not {got}"))
}

/// An argument that may be None, and must pass the test otherwise.
fn optional(
    vm: &mut Vm,
    args: Args<'_>,
    index: usize,
    passes: fn(Ref<'_>) -> bool,
    complaint: &str,
) -> Outcome<Option<Owned>> {
    match present(args.get(index)) {
        None => Ok(None),
        Some(value) if passes(value) => Ok(Some(value.to_owned())),
        Some(_) => Err(type_error(vm, complaint)),
    }
}

/// The closure, if it has a cell for each of so many free names.
fn closure_for(vm: &mut Vm, name: &str, wanted: usize, closure: Option<Ref<'_>>) -> Outcome<Option<Owned>> {
    let Some(closure) = closure else {
        return if wanted == 0 { Ok(None) } else { Err(type_error(vm, "arg 5 (closure) must be tuple")) };
    };
    let Some(cells) = closure.as_tuple() else {
        let complaint =
            if wanted == 0 { "arg 5 (closure) must be None or tuple" } else { "arg 5 (closure) must be tuple" };
        return Err(type_error(vm, complaint));
    };
    if cells.len() != wanted {
        let got = cells.len();
        return Err(value_error(vm, format!("{name} requires closure of length {wanted}, not {got}")));
    }
    if let Some(other) = cells.iter().find(|cell| cell.as_cell().is_none()) {
        let got = vm.type_name(other);
        return Err(type_error(vm, format!("arg 5 (closure) expected cell, found {got}")));
    }
    Ok(Some(closure.to_owned()))
}
