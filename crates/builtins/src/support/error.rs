//! The exceptions that natives raise most often.

use toy_vm::{ClassName, Raised, Vm};

macro_rules! errors {
    ($($function:ident $class:ident;)*) => {
        $(
            #[doc = concat!("Raises `", stringify!($class), "` with this text.")]
            #[cold]
            pub(crate) fn $function(vm: &mut Vm, text: impl AsRef<str>) -> Raised {
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
    lookup_error LookupError;
    zero_division_error ZeroDivisionError;
    not_implemented_error NotImplementedError;
}

/// Raises what `toy_format` says is wrong.
#[cold]
pub(crate) fn raise_failure(vm: &mut Vm, failure: toy_format::Failure) -> Raised {
    let class = match failure.class {
        toy_format::ExceptionClass::ValueError => ClassName::ValueError,
        toy_format::ExceptionClass::TypeError => ClassName::TypeError,
        toy_format::ExceptionClass::OverflowError => ClassName::OverflowError,
        toy_format::ExceptionClass::ZeroDivisionError => ClassName::ZeroDivisionError,
        toy_format::ExceptionClass::MemoryError => return vm.raise_without_arguments(ClassName::MemoryError),
    };
    vm.raise(class, failure.message)
}
