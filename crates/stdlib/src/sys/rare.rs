//! What few scripts ask `sys` for: made with the hidden module `_sys` when the first of it is wanted.

use toy_object::Owned;
use toy_vm::{Args, ClassName, NativeRow, Outcome, Vm, natives};

use super::audit;
use crate::argument::{int32, value_error};
use crate::module::{self, NewModule};

/// Makes the module behind `sys`.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    NewModule::new(vm, "_sys", "What few scripts ask sys for.", FUNCTIONS)?.finish()
}

/// What is left out, and what to say to whoever asks for it.
const LEFT_OUT: &[(&str, &str)] = &[
    ("monitoring", "sys.monitoring is left out of toy: `toy trace` records a run"),
    ("meta_path", "sys.meta_path is left out of toy: there are no import hooks"),
    ("path_hooks", "sys.path_hooks is left out of toy: there are no import hooks"),
];

/// One of the functions by its name.
pub(super) fn find(vm: &mut Vm, name: &str) -> Outcome<Option<Owned>> {
    if let Some((_, reason)) = LEFT_OUT.iter().find(|(left_out, _)| *left_out == name) {
        return Err(vm.raise(ClassName::AttributeError, *reason));
    }
    if names().all(|other| other != name) {
        return Ok(None);
    }
    let module = vm.import_module("_sys")?;
    module::find(vm, module.get(), name)
}

/// The names of all of them.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|row: &NativeRow| row.name)
}

natives! {
    /// The functions that few ask for.
    FUNCTIONS:
    function "audit" ("event, /, *args") "Tell the audit hooks of an event." => audit::audit;
    function "addaudithook" ("hook") "Have a function hear of every event from now on." => audit::add;
    function "_current_frames" ("") "Left out: a thread sees its own frames only." => |vm, _| {
        let message = "sys._current_frames() is left out of toy: a thread sees its own frames only, see sys._getframe()";
        Err(vm.raise(ClassName::NotImplementedError, message))
    };
    function "_current_exceptions" ("") "Left out: a thread sees its own exceptions only." => |vm, _| {
        let message = "sys._current_exceptions() is left out of toy: a thread sees its own exceptions only, see sys.exception()";
        Err(vm.raise(ClassName::NotImplementedError, message))
    };
    function "call_tracing" ("func, args, /") "Call a function with a tuple of arguments." => |vm, args| {
        let arguments = vm.collect(args.at(1))?;
        let arguments: Vec<_> = arguments.iter().map(Owned::get).collect();
        vm.call(args.at(0), &arguments)
    };
    function "get_coroutine_origin_tracking_depth" ("") "0: nobody notes where coroutines were made." => |vm, _| Ok(vm.new_int(0)?);
    function "set_coroutine_origin_tracking_depth" ("depth") "Takes 0 only: nobody notes where coroutines were made." => set_depth;
    function "is_stack_trampoline_active" ("") "False: there is no trampoline." => |_, _| Ok(Owned::bool(false));
}

fn set_depth(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match int32(vm, args.at(0))? {
        0 => Ok(Owned::none()),
        depth if depth < 0 => Err(value_error(vm, "depth must be >= 0")),
        _ => {
            let message = "sys.set_coroutine_origin_tracking_depth() is left out of toy, but for 0";
            Err(vm.raise(ClassName::NotImplementedError, message))
        }
    }
}
