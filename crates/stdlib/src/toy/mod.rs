//! `_toy`: what the machine shows of itself, and what can be turned while it runs. `toy` is built on it.

mod chosen;
mod reported;
mod statistics;

use toy_gil::PolicySpec;
use toy_vm::{Args, Outcome, Vm, natives};

use crate::argument::{text, value_error};
use crate::module::NewModule;

pub use chosen::{chosen_policies, keep_chosen_policies};
pub use reported::{keep_reported, reported};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    NewModule::new(vm, "_toy", "What the machine shows of itself.", FUNCTIONS)?.finish()
}

natives! {
    /// The functions of `_toy`.
    FUNCTIONS:
    function "gil_policy" ("") "How the policy of the lock is written." => |vm, _| {
        let written = written_policy(vm);
        Ok(vm.new_str(&written)?)
    };
    function "gil_report" ("name, value, /") "Tell the report of this run, if there will be one, a number." => reported::report;
    function "gil_set_policy" ("policy, /") "From now on another policy decides who gets the lock." => set_policy;
    function "gil_statistics" ("") "All that the lock has counted, as dicts, times in nanoseconds." => statistics::statistics;
    function "gil_switches" ("") "How often the lock went from one thread to another." => |vm, _| {
        let switches = vm.gil().lock().switches();
        Ok(vm.new_int(switches as i64)?)
    };
}

/// The policy as it is written on the command line, with what else stands behind it there.
fn written_policy(vm: &mut Vm) -> String {
    let policy = vm.gil().lock().policy();
    if vm.conditions().lazy_io { policy + ",lazyio" } else { policy }
}

fn set_policy(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let written = text(vm, args.at(0), "policy")?;
    let spec: PolicySpec = written.parse().map_err(|error| value_error(vm, format!("{error}")))?;
    if spec.is_lazy() && !vm.conditions().lazy_io {
        return Err(value_error(vm, "lazyio is for a whole run: give it with --gil"));
    }
    let policy = spec.build().map_err(|error| value_error(vm, format!("{error}")))?;
    let before = vm.gil().lock().policy();
    match vm.set_policy(policy) {
        Ok(()) => chosen::note(vm, &before),
        Err(_) => {
            let (new, now) = (spec.info().name, vm.gil().lock().policy());
            let name = if vm.is_virtual() { now } else { new.to_owned() };
            Err(value_error(vm, format!("policy `{name}` decides about a whole run: choose with --gil")))
        }
    }
}
