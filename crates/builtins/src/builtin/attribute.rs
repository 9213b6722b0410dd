//! Builtin functions of attributes: `delattr`, `getattr`, `hasattr`, `setattr`.

use toy_object::Ref;
use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::{none, truth};

natives! {
    /// Builtin functions of attributes.
    pub(crate) ATTRIBUTE_FUNCTIONS:
    function "getattr" ("object, name, default=None, /")
        "getattr(object, name[, default]) -> value\n\nGet a named attribute from an object; getattr(x, 'y') is equivalent to x.y.\nWhen a default argument is given, it is returned when the attribute doesn't\nexist; without it, an exception is raised in that case." => getattr;
    function "hasattr" ("obj, name, /")
        "Return whether the object has an attribute with the given name.\n\nThis is done by calling getattr(obj, name) and catching AttributeError." => hasattr;
    function "setattr" ("obj, name, value, /")
        "Sets the named attribute on the given object to the specified value.\n\nsetattr(x, 'y', v) is equivalent to ``x.y = v``" => setattr;
    function "delattr" ("obj, name, /")
        "Deletes the named attribute from the given object.\n\ndelattr(x, 'y') is equivalent to ``del x.y``" => delattr;
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
