//! The exception classes: what their constructors take, what they show, their attributes.
//!
//! `args`, the traceback and the chain stand in hidden slots, as do `StopIteration.value` and `SystemExit.code`. The other
//! fields (`errno`, `filename`, `name`, `start`, …) are slots with names, as `__slots__` make them: no part of `__dict__`.

mod base;
mod field;
mod group;
mod named;
mod os;
mod reduce;
mod syntax;
mod unicode;

use toy_vm::{ClassName, NativeRow, Outcome, Vm};

/// Rows of the classes that differ from `BaseException`.
pub(crate) static METHODS: &[(ClassName, &[NativeRow])] = &[
    (ClassName::BaseException, base::BASE_EXCEPTION_METHODS),
    (ClassName::BaseException, base::BASE_EXCEPTION_ATTRIBUTES),
    (ClassName::KeyError, base::KEY_ERROR_METHODS),
    (ClassName::StopIteration, base::STOP_ITERATION_METHODS),
    (ClassName::SystemExit, base::SYSTEM_EXIT_METHODS),
    (ClassName::AttributeError, named::ATTRIBUTE_ERROR_METHODS),
    (ClassName::NameError, named::NAME_ERROR_METHODS),
    (ClassName::ImportError, named::IMPORT_ERROR_METHODS),
    (ClassName::OsError, os::OS_ERROR_METHODS),
    (ClassName::SyntaxError, syntax::SYNTAX_ERROR_METHODS),
    (ClassName::UnicodeEncodeError, unicode::ENCODE_ERROR_METHODS),
    (ClassName::UnicodeDecodeError, unicode::DECODE_ERROR_METHODS),
    (ClassName::UnicodeTranslateError, unicode::TRANSLATE_ERROR_METHODS),
    (ClassName::BaseExceptionGroup, group::GROUP_METHODS),
];

/// Builtin names that are not those of their class.
static ALIASES: &[(&str, ClassName)] = &[("EnvironmentError", ClassName::OsError), ("IOError", ClassName::OsError)];

/// Fills the exception classes and puts them into `builtins`.
pub(crate) fn install(vm: &mut Vm, builtins: toy_object::Ref<'_>) -> Outcome<()> {
    for &(class, rows) in METHODS {
        vm.add_methods(class, rows)?;
    }
    vm.set_maker(ClassName::BaseException, &base::BASE_EXCEPTION_MAKER[0])?;
    for &class in ClassName::ALL {
        if class.layout() == toy_vm::ClassLayout::Exception {
            vm.add_exception_fields(class)?;
            publish(vm, builtins, class.text(), class)?;
        }
    }
    for &(name, class) in ALIASES {
        publish(vm, builtins, name, class)?;
    }
    group::define(vm, builtins)
}

fn publish(vm: &mut Vm, builtins: toy_object::Ref<'_>, name: &str, class: ClassName) -> Outcome<()> {
    let (name, class) = (vm.intern(name)?, vm.class(class));
    vm.dict_set(builtins, name.get(), class.get())
}
