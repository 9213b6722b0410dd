//! None, Ellipsis, NotImplemented.

use toy_object::Owned;
use toy_vm::natives;

use crate::support::{protocol, truth};

natives! {
    /// The methods of None.
    pub(crate) NONE_METHODS:
    static "__new__" ("") "Create and return a new object." => |_, _| Ok(Owned::none());
    method "__repr__" ("") "Return repr(self)." => protocol::repr;
    method "__bool__" ("") "True if self else False" => |_, _| truth(false);
    method "__hash__" ("") "Return hash(self)." => protocol::hash;
}

natives! {
    /// The methods of Ellipsis.
    pub(crate) ELLIPSIS_METHODS:
    static "__new__" ("") "Create and return a new object." => |_, _| Ok(Owned::ellipsis());
    method "__repr__" ("") "Return repr(self)." => protocol::repr;
}

natives! {
    /// The methods of NotImplemented.
    pub(crate) NOT_IMPLEMENTED_METHODS:
    static "__new__" ("") "Create and return a new object." => |_, _| Ok(Owned::not_implemented());
    method "__repr__" ("") "Return repr(self)." => protocol::repr;
    method "__bool__" ("") "True if self else False" => |vm, args| { let is_true = vm.truth(args.at(0))?; truth(is_true) };
}
