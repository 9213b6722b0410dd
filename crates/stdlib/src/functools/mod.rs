//! `_functools`: what `functools` needs natively, because it stands around every call.

mod links;
mod memo;
mod partial;

use toy_vm::{Outcome, Vm};

use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let memo = memo::define(vm)?;
    let partial = partial::define(vm)?;
    let mut module = NewModule::new(vm, "_functools", "What functools needs natively.", &[])?;
    module.set("Memo", memo)?;
    module.set("Partial", partial)?;
    module.finish()
}
