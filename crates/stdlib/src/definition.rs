//! `_definition`: functions whose text the library puts together, as for the classes that `dataclass` and `namedtuple` make.

use toy_code::CodeObject;
use toy_object::Owned;
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::argument::type_error;
use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    NewModule::new(vm, "_definition", "Functions whose text the library puts together.", FUNCTIONS)?.finish()
}

natives! {
    /// The functions of `_definition`.
    FUNCTIONS:
    function "make_awaitable" ("function, /") "Let generators of a function be awaited; False if it makes none." => |vm, args| {
        Ok(Owned::bool(vm.make_iterable_coroutine(args.at(0))))
    };
    function "function" ("text, globals, /") "The function without defaults that a text consists of, with these globals." => function;
}

fn function(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(text) = args.at(0).as_str().map(|text| text.to_string_lossy()) else {
        return Err(type_error(vm, "a text is required"));
    };
    let globals = args.at(1).to_owned();
    if globals.get().as_dict().is_none() {
        return Err(type_error(vm, "globals must be a dict"));
    }
    let Some(loader) = vm.machine().loader() else {
        return Err(vm.raise(ClassName::ImportError, "cannot compile a text"));
    };
    let body: CodeObject = loader.compile(vm, &text)?;
    let [code] = <[CodeObject; 1]>::try_from(body.codes)
        .map_err(|_| vm.raise(ClassName::ValueError, "the text is not that of one function"))?;
    vm.function_of_code(code, globals)
}
