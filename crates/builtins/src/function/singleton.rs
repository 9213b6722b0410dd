//! None, Ellipsis, NotImplemented.

use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::{protocol, truth, type_error};

natives! {
    /// The methods of None.
    pub(crate) NONE_METHODS:
    static "__new__" ("*args, **kwargs") "The only one that there is." => |vm, args| only(vm, args, "NoneType", Owned::none());
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__bool__" ("") "Whether it counts as true." => |_, _| truth(false);
    method "__hash__" ("") "The number that hash gives." => protocol::hash;
}

natives! {
    /// The methods of Ellipsis.
    pub(crate) ELLIPSIS_METHODS:
    static "__new__" ("*args, **kwargs") "The only one that there is." => |vm, args| only(vm, args, "EllipsisType", Owned::ellipsis());
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
}

natives! {
    /// The methods of NotImplemented.
    pub(crate) NOT_IMPLEMENTED_METHODS:
    static "__new__" ("*args, **kwargs") "The only one that there is." => |vm, args| only(vm, args, "NotImplementedType", Owned::not_implemented());
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__bool__" ("") "Whether it counts as true." => |vm, args| { let is_true = vm.truth(args.at(0))?; truth(is_true) };
}

/// What a call of the class of a singleton gives: no arguments are taken.
fn only(vm: &mut Vm, args: Args<'_>, class: &str, value: Owned) -> Outcome {
    let is_plain = args.at(1).as_tuple().is_none_or(|arguments| arguments.iter().next().is_none())
        && args.get(2).and_then(Ref::as_dict).is_none_or(|keywords| keywords.is_empty());
    if is_plain { Ok(value) } else { Err(type_error(vm, format!("{class} takes no arguments"))) }
}
