//! `_toy`: what the machine shows of itself. `toy` is built on it.

use toy_gil::ReleaseCause;
use toy_vm::{Outcome, Vm, natives};

use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    NewModule::new(vm, "_toy", "What the machine shows of itself.", FUNCTIONS)?.finish()
}

natives! {
    /// The functions of `_toy`.
    FUNCTIONS:
    function "gil_releases" ("") "How often the lock was let go, by cause." => |vm, _| {
        let statistics = vm.statistics();
        let releases = vm.new_dict()?;
        for (index, cause) in ReleaseCause::ALL.into_iter().enumerate() {
            let count: u64 = statistics.threads.iter().map(|thread| thread.releases[index]).sum();
            let (name, count) = (vm.intern(cause.name())?, vm.new_int(count as i64)?);
            vm.dict_set(releases.get(), name.get(), count.get())?;
        }
        Ok(releases)
    };
    function "gil_switches" ("") "How often the lock went from one thread to another." => |vm, _| {
        let switches = vm.statistics().switches();
        Ok(vm.new_int(switches as i64)?)
    };
}
