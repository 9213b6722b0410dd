//! What is left of a script at its end, for those who compare runs: see `lib/_survey.toy`.

use toy_object::{Owned, Ref};
use toy_vm::{Outcome, Vm};

use crate::module::call_method;

/// What is left of a script at its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Survey {
    /// The globals of `__main__`, without modules, classes and functions: their names and descriptions.
    pub globals: Vec<(String, String)>,
    /// Messages that instances have sent to the broker, and bytes of these; absent unless threads were instances.
    pub sent: Option<(u64, u64)>,
}

/// Looks at what is left of the script, which has ended but still has its modules.
///
/// # Errors
///
/// If the memory limit is too small for it, or a script has broken the library.
pub fn survey(vm: &mut Vm) -> Outcome<Survey> {
    let module = vm.import_module("_survey")?;
    let globals = call_method(vm, module.get(), "globals_of_main", &[])?;
    let totals = call_method(vm, module.get(), "totals", &[])?;
    let globals = pairs(globals.get());
    Ok(Survey { globals, sent: sent(totals.get()) })
}

fn pairs(list: Ref<'_>) -> Vec<(String, String)> {
    let Some(list) = list.as_list() else { return Vec::new() };
    let pair = |entry: Owned| {
        let entry = entry.get().as_tuple()?;
        Some((entry.get(0)?.as_str()?.to_string_lossy(), entry.get(1)?.as_str()?.to_string_lossy()))
    };
    (0..list.len()).filter_map(|index| list.get(index)).filter_map(pair).collect()
}

fn sent(totals: Ref<'_>) -> Option<(u64, u64)> {
    let totals = totals.as_tuple()?;
    let number = |index| match totals.get(index)?.as_int()? {
        toy_object::Int::Small(number) => u64::try_from(number).ok(),
        toy_object::Int::Big(_) => None,
    };
    Some((number(0)?, number(1)?))
}
