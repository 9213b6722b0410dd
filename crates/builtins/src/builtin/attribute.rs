//! Builtin functions of attributes: `delattr`, `getattr`, `hasattr`, `setattr`.

use toy_object::Ref;
use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::{none, truth};

natives! {
    /// Builtin functions of attributes.
    pub(crate) ATTRIBUTE_FUNCTIONS:
    function "getattr" ("object, name, default=None, /")
        "The attribute of that name, or the default if there is none." => getattr;
    function "hasattr" ("obj, name, /")
        "Whether there is an attribute of that name: reading it raises no AttributeError." => hasattr;
    function "setattr" ("obj, name, value, /")
        "Assigns an attribute by its name." => setattr;
    function "delattr" ("obj, name, /")
        "Deletes an attribute by its name." => delattr;
}

fn getattr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = vm.intern_name(args.at(1))?;
    match args.get(2) {
        None => vm.get_attribute(args.at(0), name.get()),
        Some(default) => Ok(vm.find_attribute(args.at(0), name.get())?.unwrap_or_else(|| Ref::to_owned(default))),
    }
}

fn hasattr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = vm.intern_name(args.at(1))?;
    truth(vm.find_attribute(args.at(0), name.get())?.is_some())
}

fn setattr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = vm.intern_name(args.at(1))?;
    vm.set_attribute(args.at(0), name.get(), args.at(2))?;
    none()
}

fn delattr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = vm.intern_name(args.at(1))?;
    vm.delete_attribute(args.at(0), name.get())?;
    none()
}
