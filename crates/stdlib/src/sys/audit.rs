//! Audit hooks: functions that hear of the events which scripts name. Toy itself raises none.

use toy_object::{Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm};

use crate::argument::type_error;
use crate::library;

/// A list of the hooks, in the order in which they came. None can be taken away.
const HOOKS: &str = "sys.audit_hooks";

pub(super) fn add(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let event = vm.new_str("sys.addaudithook")?;
    let nothing = vm.new_tuple([])?;
    if tell(vm, event.get(), nothing.get()).is_err() {
        let raised = vm.take_raised();
        let is_refusal = vm.is_instance_of(raised.get(), ClassName::Exception);
        // An earlier hook does not want it. Whoever added it is not told.
        return if is_refusal { Ok(Owned::none()) } else { Err(vm.raise_again(raised)) };
    }
    let hooks = match library::get(vm, HOOKS) {
        Some(hooks) => hooks,
        None => {
            let hooks = vm.new_list(Vec::new())?;
            library::set(vm, HOOKS, hooks.clone());
            hooks
        }
    };
    hooks.get().as_list().expect("made here").push(vm.heap(), args.at(0).to_owned())?;
    Ok(Owned::none())
}

pub(super) fn audit(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let event = args.at(0);
    // As in CPython, nobody looks at an event that nobody hears of.
    if library::get(vm, HOOKS).is_none() {
        return Ok(Owned::none());
    }
    if event.as_str().is_none() {
        let got = crate::argument::shown_type(vm, event);
        return Err(type_error(vm, format!("expected str for argument 'event', not {got}")));
    }
    tell(vm, event, args.at(1))?;
    Ok(Owned::none())
}

/// Calls every hook. What one raises ends the event, and what the event is about.
fn tell(vm: &mut Vm, event: Ref<'_>, arguments: Ref<'_>) -> Outcome<()> {
    let Some(hooks) = library::get(vm, HOOKS) else { return Ok(()) };
    for hook in vm.collect(hooks.get())? {
        vm.call(hook.get(), &[event, arguments])?;
    }
    Ok(())
}
