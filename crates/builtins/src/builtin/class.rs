//! Builtin functions of classes: `callable`, `isinstance`, `issubclass`, `__build_class__`, `__import__`.

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::sequence::tuple_of;
use crate::support::{integer_or, present, truth, type_error, value_error};

natives! {
    /// Builtin functions of classes and modules.
    pub(crate) CLASS_FUNCTIONS:
    function "callable" ("obj, /")
        "Return whether the object is callable (i.e., some kind of function).\n\nNote that classes are callable, as are instances of classes with a\n__call__() method." => callable;
    function "isinstance" ("obj, class_or_tuple, /")
        "Return whether an object is an instance of a class or of a subclass thereof.\n\nA tuple, as in ``isinstance(x, (A, B, ...))``, may be given as the target to\ncheck against. This is equivalent to ``isinstance(x, A) or isinstance(x, B)\nor ...`` etc." => isinstance;
    function "issubclass" ("cls, class_or_tuple, /")
        "Return whether 'cls' is derived from another class or is the same class.\n\nA tuple, as in ``issubclass(x, (A, B, ...))``, may be given as the target to\ncheck against. This is equivalent to ``issubclass(x, A) or issubclass(x, B)\nor ...``." => issubclass;
    function "__build_class__" ("*args, **kwargs")
        "__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\nInternal helper function used by the class statement." => build_class;
    function "__import__" ("name, globals=None, locals=None, fromlist=(), level=0")
        "Import a module.\n\nBecause this function is meant for use by the Python\ninterpreter and not for general use, it is better to use\nimportlib.import_module() to programmatically import a module." => import;
}

/// Whether calling it can mean anything.
pub(crate) fn is_callable(vm: &Vm, object: Ref<'_>) -> bool {
    object.as_class(vm.heap()).is_some()
        || object.as_function().is_some()
        || object.as_native_function().is_some()
        || object.as_bound_method().is_some()
        || vm.lookup_special(object, Name::Call).is_some()
}

fn callable(vm: &mut Vm, args: Args<'_>) -> Outcome {
    truth(is_callable(vm, args.at(0)))
}

fn isinstance(vm: &mut Vm, args: Args<'_>) -> Outcome {
    truth(vm.is_instance(args.at(0), args.at(1))?)
}

fn issubclass(vm: &mut Vm, args: Args<'_>) -> Outcome {
    truth(vm.is_subclass(args.at(0), args.at(1))?)
}

fn build_class(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let arguments: Vec<Ref<'_>> = args.at(0).as_tuple().into_iter().flat_map(|arguments| arguments.iter()).collect();
    let [function, name, bases @ ..] = &*arguments else {
        return Err(type_error(vm, "__build_class__: not enough arguments"));
    };
    if function.as_function().is_none() {
        return Err(type_error(vm, "__build_class__: func must be a function"));
    }
    if name.as_str().is_none() {
        return Err(type_error(vm, "__build_class__: name is not a string"));
    }
    vm.build_class(*function, *name, bases, args.at(1))
}

fn import(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = args.at(0);
    let Some(text) = name.as_str() else { return Err(type_error(vm, "module name must be a string")) };
    let level = integer_or(vm, args.get(4), 0)?;
    let Ok(level) = usize::try_from(level) else { return Err(value_error(vm, "level must be >= 0")) };
    if text.is_empty() && level == 0 {
        return Err(value_error(vm, "Empty module name"));
    }
    let globals = match present(args.get(1)) {
        Some(globals) => globals.to_owned(),
        None => vm.caller_globals().unwrap_or_else(Owned::none),
    };
    let from_list = match present(args.get(3)) {
        Some(names) if vm.truth(names)? => tuple_of(vm, names)?,
        _ => Owned::none(),
    };
    vm.import_name(name, globals.get(), from_list.get(), level)
}
