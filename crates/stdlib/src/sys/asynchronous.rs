//! What `sys` says about asynchronous generators.

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, Outcome, Vm};

use crate::argument::type_error;
use crate::structure;

pub(super) fn get_hooks(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let hooks = vm.async_hooks();
    let class = structure::define(vm, "builtins.asyncgen_hooks", &["firstiter", "finalizer"])?;
    let parts = [hooks.first_iteration, hooks.finaliser].map(|hook| hook.unwrap_or_else(Owned::none));
    structure::new(vm, class.get(), parts.into())
}

pub(super) fn set_hooks(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mut hooks = vm.async_hooks();
    if let Some(hook) = args.get(1) {
        hooks.finaliser = checked(vm, hook, "finalizer")?;
    }
    if let Some(hook) = args.get(0) {
        hooks.first_iteration = checked(vm, hook, "firstiter")?;
    }
    drop(vm.set_async_hooks(hooks));
    Ok(Owned::none())
}

fn checked(vm: &mut Vm, hook: Ref<'_>, what: &str) -> Outcome<Option<Owned>> {
    if hook.is_none() {
        return Ok(None);
    }
    let is_callable =
        hook.as_function().is_some() || hook.as_bound_method().is_some() || vm.has_special(hook, Name::Call);
    if is_callable {
        return Ok(Some(hook.to_owned()));
    }
    let got = vm.type_name(hook);
    Err(type_error(vm, format!("callable {what} expected, got {got}")))
}
