//! Builtin functions that look at namespaces: `dir`, `globals`, `locals`, `vars`.

use toy_object::{Name, Owned};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::type_error;

natives! {
    /// Builtin functions that look at namespaces.
    pub(crate) SCOPE_FUNCTIONS:
    function "globals" ("") "Return the dictionary containing the current scope's global variables.\n\nNOTE: Updates to this dictionary *will* affect name lookups in the current\nglobal scope and vice-versa." => |vm, _| Ok(vm.caller_globals().unwrap_or_else(Owned::none));
    function "locals" ("") "Return a dictionary containing the current scope's local variables.\n\nNOTE: Whether or not updates to this dictionary will affect name lookups in\nthe local scope and vice-versa is *implementation dependent* and not\ncovered by any backwards compatibility guarantees." => |vm, _| vm.caller_locals();
    function "vars" ("object=None, /")
        "vars([object]) -> dictionary\n\nWithout arguments, equivalent to locals().\nWith an argument, equivalent to object.__dict__." => vars;
    function "dir" ("object=None, /")
        "dir([object]) -> list of strings\n\nIf called without an argument, return the names in the current scope.\nElse, return an alphabetized list of names comprising (some of) the attributes\nof the given object, and of attributes reachable from it." => dir;
}

fn vars(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(object) = args.get(0) else { return vm.caller_locals() };
    let name = vm.heap().name(Name::Dict);
    match vm.find_attribute(object, name)? {
        Some(dict) => Ok(dict),
        None => Err(type_error(vm, "vars() argument must have __dict__ attribute")),
    }
}

fn dir(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let names = match args.get(0) {
        None => vm.caller_locals()?,
        Some(object) => match vm.call_special(object, Name::Dir, &[]) {
            Some(names) => names?,
            None => return Err(type_error(vm, "object does not provide __dir__")),
        },
    };
    sorted_list(vm, names)
}

/// A list of the elements in ascending order.
fn sorted_list(vm: &mut Vm, iterable: Owned) -> Outcome {
    let items = vm.collect(iterable.get())?;
    let (items, result) = vm.sort(items, None, false);
    result?;
    Ok(vm.new_list(items)?)
}
