//! The exceptions of `pickle`.

use toy_object::Owned;
use toy_vm::{ClassName, Outcome, Raised, Vm};

use crate::library;

/// Names, library keys and bases.
const CLASSES: [(&str, &str, Option<&str>); 3] = [
    ("PickleError", "_pickle.PickleError", None),
    ("PicklingError", "_pickle.PicklingError", Some("_pickle.PickleError")),
    ("UnpicklingError", "_pickle.UnpicklingError", Some("_pickle.PickleError")),
];

/// Defines the classes.
pub(super) fn define(vm: &mut Vm) -> Outcome<Vec<(&'static str, Owned)>> {
    let mut classes = Vec::new();
    for (name, key, base) in CLASSES {
        let base = match base {
            Some(base) => library::get(vm, base).expect("a base stands before its subclasses"),
            None => vm.class(ClassName::Exception),
        };
        let (namespace, bases) = (vm.new_dict()?, vm.new_tuple([base])?);
        for (attribute, value) in [("__module__", "_pickle"), ("__qualname__", name)] {
            let (attribute, value) = (vm.intern(attribute)?, vm.intern(value)?);
            vm.dict_set(namespace.get(), attribute.get(), value.get())?;
        }
        let (metaclass, text) = (vm.class(ClassName::Type), vm.intern(name)?);
        let class = vm.new_type(metaclass.get(), text.get(), bases.get(), namespace.get(), &[])?;
        library::set(vm, key, class.clone());
        classes.push((name, class));
    }
    Ok(classes)
}

#[cold]
fn raise(vm: &mut Vm, key: &'static str, text: &str) -> Raised {
    let class = library::get(vm, key).expect("defined with the module");
    match vm.new_str(text) {
        Ok(text) => vm.raise_class_with(class.get(), &[text.get()]),
        Err(error) => error.into(),
    }
}

/// Raises `PicklingError` with this text.
pub(super) fn pickling_error(vm: &mut Vm, text: impl AsRef<str>) -> Raised {
    raise(vm, "_pickle.PicklingError", text.as_ref())
}

/// Raises `UnpicklingError` with this text.
pub(super) fn unpickling_error(vm: &mut Vm, text: impl AsRef<str>) -> Raised {
    raise(vm, "_pickle.UnpicklingError", text.as_ref())
}
