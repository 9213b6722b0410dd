//! `gc`: the cycle collector's switches. Counting frees everything but cycles; those wait for a collection.

use toy_object::Owned;
use toy_vm::{Args, Outcome, Vm, natives};

use crate::argument::{integer_or, value_error};
use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let mut module = NewModule::new(vm, "gc", "The cycle collector's switches.", FUNCTIONS)?;
    let garbage = module.vm().new_list(Vec::new())?;
    module.set("garbage", garbage)?;
    module.finish()
}

natives! {
    /// The functions of `gc`.
    FUNCTIONS:
    function "collect" ("generation=2") "Free objects that only refer to each other; returns how many there were." => collect;
    function "enable" ("") "Let collections happen by themselves." => |vm, _| switch(vm, true);
    function "disable" ("") "Collect only when `collect` is called." => |vm, _| switch(vm, false);
    function "isenabled" ("") "Whether collections happen by themselves." => is_enabled;
    function "get_count" ("") "Numbers of objects that are waiting to be looked at." => get_count;
    function "get_objects" ("generation=None") "A list of all objects that may refer to others." =>
        |vm, _| { let objects = vm.heap().objects(); Ok(vm.new_list(objects)?) };
    function "freeze" ("")
        "Stop counting the owners of all objects that there are now: they stay for ever, and processes that are forked share them." =>
        |vm, _| { vm.run_finalisers(); vm.heap().freeze(); Ok(Owned::none()) };
    function "unfreeze" ("") "Nothing: nobody knows any more who owns the objects that were frozen." => |_, _| Ok(Owned::none());
    function "get_freeze_count" ("") "The number of objects that are frozen." => |vm, _| {
        let count = vm.heap().frozen_count();
        Ok(vm.new_int_from_usize(count)?)
    };
    function "is_tracked" ("obj, /") "Whether the collector looks at an object, because it may refer to others." => |vm, args| {
        let objects = vm.heap().objects();
        Ok(Owned::bool(objects.iter().any(|object| object.get().is(args.at(0)))))
    };
    function "get_referrers" ("*objs") "A list of the objects that refer to any of these." => get_referrers;
    function "get_referents" ("*objs") "A list of the objects that these refer to." => get_referents;
}

fn collect(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let generation = integer_or(vm, args.get(0), 2)?;
    if !(0..=2).contains(&generation) {
        return Err(value_error(vm, "invalid generation"));
    }
    let count = vm.collect_garbage();
    Ok(vm.new_int_from_usize(count)?)
}

fn switch(vm: &mut Vm, is_enabled: bool) -> Outcome {
    vm.set_collector_enabled(is_enabled);
    Ok(Owned::none())
}

fn is_enabled(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    Ok(Owned::bool(vm.is_collector_enabled()))
}

fn get_count(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let count = vm.new_int_from_usize(vm.object_count())?;
    let zero = vm.new_int(0)?;
    Ok(vm.new_tuple([count, zero.clone(), zero])?)
}

fn get_referrers(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let objects = args.at(0).as_tuple().expect("star arguments are a tuple");
    let mut found: Vec<Owned> = Vec::new();
    for object in objects.iter() {
        for referrer in vm.heap().referrers(object) {
            // The tuple of the arguments does not count.
            if !referrer.get().is(args.at(0)) && !found.iter().any(|other| other.get().is(referrer.get())) {
                found.push(referrer);
            }
        }
    }
    Ok(vm.new_list(found)?)
}

fn get_referents(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let objects = args.at(0).as_tuple().expect("star arguments are a tuple");
    let found = objects.iter().flat_map(|object| vm.heap().referents(object)).collect();
    Ok(vm.new_list(found)?)
}
