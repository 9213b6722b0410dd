//! The exceptions that natives raise most often.

use crate::classes::ClassName;
use crate::native::Raised;
use crate::thread::Vm;

macro_rules! errors {
    ($($function:ident $class:ident;)*) => {
        $(
            #[doc = concat!("Raises `", stringify!($class), "` with this text.")]
            #[cold]
            pub fn $function(vm: &mut Vm, text: impl AsRef<str>) -> Raised {
                vm.raise(ClassName::$class, text.as_ref())
            }
        )*
    };
}

errors! {
    type_error TypeError;
    value_error ValueError;
    index_error IndexError;
    overflow_error OverflowError;
    runtime_error RuntimeError;
    attribute_error AttributeError;
    not_implemented_error NotImplementedError;
}
