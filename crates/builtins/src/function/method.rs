//! Methods bound to their receiver.

use toy_object::Name;
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::support::{class_argument, protocol, this_bound_method, type_error};

natives! {
    /// The methods and attributes of bound methods.
    pub(crate) METHOD_METHODS:
    static "__new__" ("function, instance, /") "Create and return a new object." => new;
    method "__call__" ("*args, **kwargs") "What a call does." => super::call;
    method "__get__" ("instance, owner=None, /") "What it gives as an attribute of instance." => protocol::iter_self;
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__hash__" ("") "The number that hash gives." => protocol::hash;
    member "__func__" ("") "The function that is called." => |vm, args| Ok(this_bound_method(vm, args)?.function().to_owned());
    member "__self__" ("") "What it is bound to." => |vm, args| Ok(this_bound_method(vm, args)?.receiver().to_owned());
    getter "__doc__" ("") "What documentation says." => |vm, args| of_function(vm, args, Name::Doc);
    getter "__name__" ("") "The function's name." => |vm, args| of_function(vm, args, Name::Name);
    getter "__qualname__" ("") "The function's qualified name." => |vm, args| of_function(vm, args, Name::QualifiedName);
    getter "__module__" ("") "The function's module." => |vm, args| of_function(vm, args, Name::Module);
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    class_argument(vm, args, ClassName::BoundMethod)?;
    if !vm.is_callable(args.at(1)) {
        return Err(type_error(vm, "first argument must be callable"));
    }
    if args.at(2).is_none() {
        return Err(type_error(vm, "instance must not be None"));
    }
    Ok(vm.new_bound_method(args.at(1).to_owned(), args.at(2).to_owned())?)
}

fn of_function(vm: &mut Vm, args: Args<'_>, attribute: Name) -> Outcome {
    let function = this_bound_method(vm, args)?.function();
    vm.get_attribute(function, vm.heap().name(attribute))
}
