//! None, Ellipsis, NotImplemented.

use toy_object::Owned;
use toy_vm::natives;

use crate::support::{protocol, truth};

natives! {
    /// The methods of None.
    pub(crate) NONE_METHODS:
    static "__new__" ("") "Create and return a new object." => |_, _| Ok(Owned::none());
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__bool__" ("") "Whether it counts as true." => |_, _| truth(false);
    method "__hash__" ("") "The number that hash gives." => protocol::hash;
}

natives! {
    /// The methods of Ellipsis.
    pub(crate) ELLIPSIS_METHODS:
    static "__new__" ("") "Create and return a new object." => |_, _| Ok(Owned::ellipsis());
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
}

natives! {
    /// The methods of NotImplemented.
    pub(crate) NOT_IMPLEMENTED_METHODS:
    static "__new__" ("") "Create and return a new object." => |_, _| Ok(Owned::not_implemented());
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    method "__bool__" ("") "Whether it counts as true." => |vm, args| { let is_true = vm.truth(args.at(0))?; truth(is_true) };
}
