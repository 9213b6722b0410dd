//! `contextvars`: variables whose values belong to a context, such as a thread or a task, and not to a place in the program.
//!
//! A context keeps its values in a dict. Copies share that dict until one of them changes a value, so copying costs the same
//! however many variables there are: a loop copies a context for every callback.

mod context;
mod token;
mod variable;

use toy_object::Owned;
use toy_vm::{Outcome, Vm, natives};

use crate::class;
use crate::module::NewModule;

use variable::VARIABLE;

pub(crate) use context::{Context, run_in};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let context = context::define(vm)?;
    let variable = class::define(vm, VARIABLE, variable::METHODS)?;
    refuse_subclasses(vm, &variable);
    let token = token::define(vm)?;
    let doc = "Variables whose values belong to a context, such as a thread or a task.";
    let mut module = NewModule::new(vm, "contextvars", doc, FUNCTIONS)?;
    let names = ["Context", "ContextVar", "Token", "copy_context"].map(|name| module.vm().new_str(name));
    let names = names.into_iter().collect::<Result<Vec<Owned>, _>>()?;
    let names = module.vm().new_tuple(names)?;
    module.set("__all__", names)?;
    module.set("Context", context)?;
    module.set("ContextVar", variable)?;
    module.set("Token", token)?;
    module.finish()
}

/// No class can be made of this one.
fn refuse_subclasses(vm: &Vm, class: &Owned) {
    let view = class.get().as_class(vm.heap()).expect("a class");
    view.set_flags(vm.heap(), toy_object::ClassFlags { is_final: true, ..view.flags() });
}

natives! {
    /// The functions of `contextvars`.
    FUNCTIONS:
    function "copy_context" ("") "A copy of the current context." => |vm, _| {
        let current = context::current(vm)?;
        context::copy(vm, current.get())
    };
}
