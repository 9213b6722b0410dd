//! `exit` and `quit`: builtins for those who type; scripts call them too.

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::argument::new_text;
use crate::class;
use crate::module::{call_method, find, imported};

/// The class of both.
const QUITTER: &str = "_sitebuiltins.Quitter";

/// One of the two, by its name.
struct Quitter {
    name: &'static str,
}

impl Payload for Quitter {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

/// The key that ends standard input.
const END_OF_FILE: &str = "Ctrl-D (i.e. EOF)";

natives! {
    /// What both can do.
    QUITTER_METHODS:
    method "__call__" ("code=None") "Closes standard input and raises SystemExit(code)." => quit;
    method "__repr__" ("") "How to use it." => |vm, args| {
        let name = class::this::<Quitter>(vm, args.at(0), QUITTER)?.name;
        new_text(vm, format!("Use {name}() or {END_OF_FILE} to exit"))
    };
    getter "name" ("") "The name." => |vm, args| {
        let name = class::this::<Quitter>(vm, args.at(0), QUITTER)?.name;
        new_text(vm, name)
    };
    getter "eof" ("") "The key that ends standard input." => |vm, _| new_text(vm, END_OF_FILE);
}

/// Makes them builtins. They are there from the start.
pub(crate) fn install(vm: &mut Vm) -> Outcome<()> {
    class::define(vm, QUITTER, QUITTER_METHODS)?;
    let builtins = vm.machine().builtins().to_owned();
    for name in ["exit", "quit"] {
        let quitter = class::new(vm, QUITTER, Quitter { name })?;
        let name = vm.intern(name)?;
        vm.dict_set(builtins.get(), name.get(), quitter.get())?;
    }
    Ok(())
}

fn quit(vm: &mut Vm, args: Args<'_>) -> Outcome {
    // Whatever stands for standard input may refuse to be closed.
    if close_input(vm).is_err() {
        drop(vm.take_raised());
    }
    Err(vm.raise_with(toy_vm::ClassName::SystemExit, &[args.get(1).unwrap_or(Ref::NONE)]))
}

fn close_input(vm: &mut Vm) -> Outcome<()> {
    let Some(sys) = imported(vm, "sys")? else { return Ok(()) };
    let input: Owned = find(vm, sys.get(), "stdin")?.unwrap_or_else(Owned::none);
    call_method(vm, input.get(), "close", &[]).map(drop)
}
