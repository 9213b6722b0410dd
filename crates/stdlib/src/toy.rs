//! `_toy`: what the machine shows of itself. `toy` is built on it.

use toy_gil::ReleaseCause;
use toy_object::Owned;
use toy_vm::{Args, Outcome, Vm, natives};

use crate::argument::{real, text, value_error};
use crate::library;
use crate::module::NewModule;

/// What scripts report of themselves: a list of tuples of name and number. Absent unless somebody wants to know.
const REPORTED: &str = "toy.gil.reported";

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
    function "gil_report" ("name, value, /") "Tell the report of this run, if there will be one, a number." => report;
    function "gil_switches" ("") "How often the lock went from one thread to another." => |vm, _| {
        let switches = vm.statistics().switches();
        Ok(vm.new_int(switches as i64)?)
    };
}

fn report(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = text(vm, args.at(0), "name")?;
    let value = real(vm, args.at(1))?;
    if !value.is_finite() {
        return Err(value_error(vm, format!("only finite numbers can be reported, not {value}").to_lowercase()));
    }
    if let Some(reported) = library::get(vm, REPORTED) {
        let entry = [vm.new_str(&name)?, vm.new_float(value)?];
        let entry = vm.new_tuple(entry)?;
        reported.get().as_list().expect("made here").push(vm.heap(), entry)?;
    }
    Ok(Owned::none())
}

/// From now on what scripts report is kept for [`reported`].
///
/// # Errors
///
/// If the memory limit is too small.
pub fn keep_reported(vm: &mut Vm) -> Outcome<()> {
    let list = vm.new_list(Vec::new())?;
    library::set(vm, REPORTED, list);
    Ok(())
}

/// What the script has reported since [`keep_reported`], in order.
pub fn reported(vm: &Vm) -> Vec<(String, f64)> {
    let Some(reported) = library::get(vm, REPORTED) else { return Vec::new() };
    let Some(list) = reported.get().as_list() else { return Vec::new() };
    let entry = |entry: Owned| {
        let entry = entry.get().as_tuple()?;
        Some((entry.get(0)?.as_str()?.to_string_lossy(), entry.get(1)?.as_float()?))
    };
    (0..list.len()).filter_map(|index| list.get(index)).filter_map(entry).collect()
}
