//! Exceptions about names: `AttributeError`, `NameError`, `ImportError`.

use toy_object::Ref;
use toy_vm::{Args, Outcome, Vm, natives};

use super::base::{init_arguments, str};
use super::field::{field, set_field, set_keyword_fields};
use crate::support::none;

natives! {
    /// AttributeError takes the name and the object.
    pub(super) ATTRIBUTE_ERROR_METHODS:
    method "__init__" ("*args, **kwargs") "Initialize self." => |vm, args| init(vm, args, "AttributeError", &["name", "obj"]);
}

natives! {
    /// NameError takes the name.
    pub(super) NAME_ERROR_METHODS:
    method "__init__" ("*args, **kwargs") "Initialize self." => |vm, args| init(vm, args, "NameError", &["name"]);
}

natives! {
    /// ImportError takes the name of the module and where it was looked for.
    pub(super) IMPORT_ERROR_METHODS:
    method "__init__" ("*args, **kwargs") "Initialize self." => init_import_error;
    method "__str__" ("") "The text that str gives." => import_error_str;
}

fn init(vm: &mut Vm, args: Args<'_>, class: &str, fields: &[&str]) -> Outcome {
    init_arguments(vm, args)?;
    set_keyword_fields(vm, args.at(0), args.get(2), class, fields)?;
    none()
}

fn init_import_error(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let fields = ["name", "path", "name_from"];
    for field in fields.into_iter().chain(["msg"]) {
        set_field(vm, args.at(0), field, Ref::NONE)?;
    }
    init(vm, args, "ImportError", &fields)?;
    if let Some(arguments) = args.at(1).as_tuple()
        && let (1, Some(message)) = (arguments.len(), arguments.get(0))
    {
        set_field(vm, args.at(0), "msg", message)?;
    }
    none()
}

fn import_error_str(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match field(vm, args.at(0), "msg")? {
        Some(message) if message.get().as_exact_str().is_some() => Ok(message),
        _ => str(vm, args),
    }
}
