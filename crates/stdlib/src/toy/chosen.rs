//! Which policies a script has chosen, for what is said about its run.

use toy_object::Owned;
use toy_vm::{Outcome, Vm};

use crate::library;

/// A list of texts. Absent unless somebody wants to know.
const CHOSEN: &str = "toy.gil.chosen";

/// The script has chosen a policy. What decided before may do so still: a replay ignores the choice.
pub(super) fn note(vm: &mut Vm, before: &str) -> Outcome {
    let policy = vm.gil().lock().policy();
    if let Some(chosen) = library::get(vm, CHOSEN).filter(|_| policy != before) {
        let policy = vm.new_str(&policy)?;
        chosen.get().as_list().expect("made here").push(vm.heap(), policy)?;
    }
    Ok(Owned::none())
}

/// From now on what policies scripts choose is kept for [`chosen_policies`].
///
/// # Errors
///
/// If the memory limit is too small.
pub fn keep_chosen_policies(vm: &mut Vm) -> Outcome<()> {
    let list = vm.new_list(Vec::new())?;
    library::set(vm, CHOSEN, list);
    Ok(())
}

/// The policies that the script has chosen since [`keep_chosen_policies`], in order, as they are written on the command line.
pub fn chosen_policies(vm: &Vm) -> Vec<String> {
    let Some(chosen) = library::get(vm, CHOSEN) else { return Vec::new() };
    let Some(list) = chosen.get().as_list() else { return Vec::new() };
    let entries = (0..list.len()).filter_map(|index| list.get(index));
    entries.filter_map(|entry| Some(entry.get().as_str()?.to_string_lossy())).collect()
}
