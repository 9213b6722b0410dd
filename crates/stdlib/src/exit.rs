//! `atexit`: functions that are called when the program ends.

use toy_object::{Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::argument::type_error;
use crate::library;
use crate::module::NewModule;

/// A list of tuples: function, arguments, keyword arguments.
const CALLS: &str = "atexit.calls";

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    NewModule::new(vm, "atexit", "Functions that are called when the program ends.", FUNCTIONS)?.finish()
}

natives! {
    /// The functions of `atexit`.
    pub(crate) FUNCTIONS:
    function "register" ("func, /, *args, **kwargs") "Call a function when the program ends; the last registered is called first." => register;
    function "unregister" ("func, /") "Do not call a function after all." => unregister;
    function "_clear" ("") "Forget all functions." => |vm, _| {
        let calls = calls(vm)?;
        drop(calls.get().as_list().expect("made here").clear());
        Ok(Owned::none())
    };
    function "_run_exitfuncs" ("") "Call all functions now." => |vm, _| {
        run(vm)?;
        Ok(Owned::none())
    };
    function "_ncallbacks" ("") "The number of functions." => |vm, _| {
        let calls = calls(vm)?;
        let count = calls.get().as_list().expect("made here").len();
        Ok(vm.new_int_from_usize(count)?)
    };
}

fn calls(vm: &mut Vm) -> Outcome {
    if let Some(calls) = library::get(vm, CALLS) {
        return Ok(calls);
    }
    let calls = vm.new_list(Vec::new())?;
    library::set(vm, CALLS, calls.clone());
    Ok(calls)
}

fn register(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let function = args.at(0);
    if !vm.is_callable(function) {
        return Err(type_error(vm, "the first argument must be callable"));
    }
    let call = vm.new_tuple([function, args.at(1), args.at(2)].map(Ref::to_owned))?;
    let calls = calls(vm)?;
    calls.get().as_list().expect("made here").push(vm.heap(), call)?;
    Ok(function.to_owned())
}

fn unregister(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let calls = calls(vm)?;
    let mut index = 0;
    while let Some(call) = calls.get().as_list().and_then(|list| list.get(index)) {
        let function = call.get().as_tuple().and_then(|call| call.get(0)).map_or_else(Owned::none, Ref::to_owned);
        if !call.get().is_none() && vm.equal(function.get(), args.at(0))? {
            drop(calls.get().as_list().and_then(|list| list.pop(index)));
        } else {
            index += 1;
        }
    }
    Ok(Owned::none())
}

/// Calls everything that is registered, the last first; what is registered meanwhile is forgotten. What is raised is reported and does not
/// stop the others; Ctrl-C is raised again when all have been called, as it is meant for the program.
pub(crate) fn run(vm: &mut Vm) -> Outcome<()> {
    let calls = calls(vm)?;
    let list = calls.get().as_list().expect("made here");
    // None stands behind what is called now.
    list.push(vm.heap(), Owned::none())?;
    let mut interrupt = None;
    loop {
        let mark = (0..list.len()).rev().find(|&index| list.get(index).is_some_and(|call| call.get().is_none()));
        let Some(call) = mark.and_then(|mark| list.pop(mark.checked_sub(1)?)) else {
            drop(list.clear());
            return interrupt.map_or(Ok(()), |interrupt| Err(vm.raise_again(interrupt)));
        };
        let heard = vm.heeded_interrupts();
        if call_one(vm, &call).is_err() {
            if vm.heeded_interrupts() > heard && vm.raised_is(ClassName::KeyboardInterrupt) {
                interrupt = Some(vm.take_raised());
                continue;
            }
            let what = call.get().as_tuple().and_then(|call| call.get(0)).map_or_else(Owned::none, Ref::to_owned);
            let under_way = vm.take_raised();
            let what = vm.repr_text(what.get()).unwrap_or_default();
            drop(vm.raise_again(under_way));
            vm.unraisable(Some(&format!("Exception ignored in atexit callback {what}")), None);
        }
    }
}

fn call_one(vm: &mut Vm, call: &Owned) -> Outcome<()> {
    let parts: Vec<Ref<'_>> = call.get().as_tuple().expect("made by register").iter().collect();
    let arguments = vm.collect(parts[1])?;
    let arguments: Vec<Ref<'_>> = arguments.iter().map(Owned::get).collect();
    let mut pairs = Vec::new();
    if let Some(keywords) = parts[2].as_dict() {
        let mut position = 0;
        while let Some((index, key, value)) = keywords.entry_from(position) {
            pairs.push((key, value));
            position = index + 1;
        }
    }
    let pairs: Vec<_> = pairs.iter().map(|(key, value)| (key.get(), value.get())).collect();
    vm.call_keywords(parts[0], &arguments, &pairs).map(drop)
}
