//! `_warnings`: telling the script of what it should no longer do.

use toy_object::Owned;
use toy_vm::{Outcome, Vm, natives};

use crate::argument::text;
use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    NewModule::new(vm, "_warnings", "Telling the script of what it should no longer do.", FUNCTIONS)?.finish()
}

natives! {
    /// The functions of `_warnings`.
    FUNCTIONS:
    function "warn_deprecated" ("message, /") "Say on standard error, at the line of the main module, that something is to go." => |vm, args| {
        let message = text(vm, args.at(0), "message")?.into_owned();
        vm.warn_deprecated(&message);
        Ok(Owned::none())
    };
}
