//! Builtin functions of classes: `callable`, `isinstance`, `issubclass`, `__build_class__`, `__import__`.

use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::sequence::tuple_of;
use crate::support::{integer_or, present, truth, type_error, value_error};

natives! {
    /// Builtin functions of classes and modules.
    pub(crate) CLASS_FUNCTIONS:
    function "callable" ("obj, /")
        "Whether it can be called: functions, classes, and what has __call__." => callable;
    function "isinstance" ("obj, class_or_tuple, /")
        "Whether an object belongs to a class, to one of its subclasses, or to one of several classes in a tuple." => isinstance;
    function "issubclass" ("cls, class_or_tuple, /")
        "Whether a class descends from another or is the same, or so for one of several in a tuple." => issubclass;
    function "__build_class__" ("*args, **kwargs")
        "What a class statement calls." => build_class;
    function "__import__" ("name, globals=None, locals=None, fromlist=(), level=0")
        "What an import statement calls." => import;
}

fn callable(vm: &mut Vm, args: Args<'_>) -> Outcome {
    truth(vm.is_callable(args.at(0)))
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
