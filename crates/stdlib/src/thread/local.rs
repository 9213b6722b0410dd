//! What each thread keeps for its `threading.local` objects: a dict that ends with the thread.

use toy_vm::{Args, Outcome, Vm};

use crate::library;

/// A dict from thread identities to dicts.
const DICTS: &str = "_thread.local_dicts";

/// Has threads let go of their dict when they end.
pub(super) fn install(vm: &mut Vm) {
    vm.machine().on_thread_exit(|vm| {
        let Some(dicts) = library::get(vm, DICTS) else { return };
        if let Ok(identity) = vm.new_int(vm.record().identity() as i64)
            && vm.dict_remove(dicts.get(), identity.get()).is_err()
        {
            drop(vm.take_raised());
        }
        vm.run_finalisers();
    });
}

fn dicts(vm: &mut Vm) -> Outcome {
    if let Some(dicts) = library::get(vm, DICTS) {
        return Ok(dicts);
    }
    let dicts = vm.new_dict()?;
    library::set(vm, DICTS, dicts.clone());
    Ok(dicts)
}

pub(super) fn local_dicts(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let dicts = dicts(vm)?;
    let identity = vm.new_int(vm.record().identity() as i64)?;
    if let Some(own) = vm.dict_get(dicts.get(), identity.get())? {
        return Ok(own);
    }
    let own = vm.new_dict()?;
    vm.dict_set(dicts.get(), identity.get(), own.get())?;
    Ok(own)
}

pub(super) fn all_local_dicts(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let dicts = dicts(vm)?;
    let mut all = Vec::new();
    let dict = dicts.get().as_dict().expect("made here");
    let mut position = 0;
    while let Some((index, _, own)) = dict.entry_from(position) {
        all.push(own);
        position = index + 1;
    }
    Ok(vm.new_list(all)?)
}
