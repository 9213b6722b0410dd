//! What a script reports of itself, for the report of its run.

use toy_object::Owned;
use toy_vm::{Args, Outcome, Vm};

use crate::argument::{real, text, value_error};
use crate::library;

/// A list of tuples of name and number. Absent unless somebody wants to know.
const REPORTED: &str = "toy.gil.reported";

pub(super) fn report(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = text(vm, args.at(0), "name")?;
    let value = real(vm, args.at(1))?;
    if !value.is_finite() {
        return Err(value_error(vm, "only finite numbers can be reported"));
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
