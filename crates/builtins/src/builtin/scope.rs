//! Builtin functions that look at namespaces: `dir`, `globals`, `help`, `locals`, `vars`.

use toy_object::{Name, Owned};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::{not_implemented_error, type_error};

natives! {
    /// Builtin functions that look at namespaces.
    pub(crate) SCOPE_FUNCTIONS:
    function "globals" ("") "The names of the module as a dict; changes to it change the module." => |vm, _| Ok(vm.caller_globals().unwrap_or_else(Owned::none));
    function "locals" ("") "The local names with their values; at module level, those of the module." => |vm, _| vm.caller_locals();
    function "vars" ("object=None, /")
        "The attributes of an object as a dict; without one, the local names." => vars;
    function "dir" ("object=None, /")
        "The names of the attributes of an object, sorted; without one, the local names." => dir;
    function "help" ("request=None, /")
        "Prints the documentation of an object, or of what a name stands for." => help;
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

fn help(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(request) = args.get(0) else {
        return Err(not_implemented_error(
            vm,
            "help() without an object, which asks for names, is left out of toy on purpose",
        ));
    };
    let (module, name) = (vm.import_module("pydoc")?, vm.intern("help")?);
    vm.call_method(module.get(), name.get(), &[request])
}

/// A list of the elements in ascending order.
fn sorted_list(vm: &mut Vm, iterable: Owned) -> Outcome {
    let items = vm.collect(iterable.get())?;
    let (items, result) = vm.sort(items, None, false);
    result?;
    Ok(vm.new_list(items)?)
}
