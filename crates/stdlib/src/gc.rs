//! `gc`: the cycle collector's switches. Counting frees everything but cycles; those wait for a collection.

use toy_object::{Owned, Ref};
use toy_vm::{Args, COLLECTION_CALLBACKS, ClassName, Outcome, Vm, natives};

use crate::argument::{int32, integer, integer_or, present, type_error, value_error};
use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let mut module = NewModule::new(vm, "gc", "The cycle collector's switches.", FUNCTIONS)?;
    let garbage = module.vm().new_list(Vec::new())?;
    module.set("garbage", garbage)?;
    let callbacks = module.vm().new_list(Vec::new())?;
    module.vm().machine().set_extra(COLLECTION_CALLBACKS, callbacks.clone());
    module.set("callbacks", callbacks)?;
    for (name, number) in DEBUG_FLAGS {
        module.set_int(name, *number)?;
    }
    module.finish()
}

/// The flags of `set_debug`, which knows none of them.
const DEBUG_FLAGS: &[(&str, i64)] = &[
    ("DEBUG_STATS", 1),
    ("DEBUG_COLLECTABLE", 2),
    ("DEBUG_UNCOLLECTABLE", 4),
    ("DEBUG_SAVEALL", 32),
    ("DEBUG_LEAK", 38),
];

natives! {
    /// The functions of `gc`.
    FUNCTIONS:
    function "collect" ("generation=2") "Free objects that only refer to each other; returns how many there were." => collect;
    function "enable" ("") "Let collections happen by themselves." => |vm, _| switch(vm, true);
    function "disable" ("") "Collect only when `collect` is called." => |vm, _| switch(vm, false);
    function "isenabled" ("") "Whether collections happen by themselves." => is_enabled;
    function "get_threshold" ("") "The three numbers of `set_threshold`." => get_threshold;
    function "set_threshold" ("*thresholds")
        "Let no collection happen by itself if the first number is 0. Otherwise they are only kept: collections go by memory." =>
        set_threshold;
    function "get_stats" ("") "How often the collector has run and what it has found, for each of CPython's generations: all is in the oldest." =>
        get_stats;
    function "get_debug" ("") "0: the collector tells nothing of its work." => |vm, _| Ok(vm.new_int(0)?);
    function "set_debug" ("flags, /") "Refuses all flags: the collector tells nothing of its work." => set_debug;
    function "get_count" ("") "Numbers of objects that are waiting to be looked at." => get_count;
    function "get_objects" ("generation=None") "A list of all objects that may refer to others." =>
        get_objects;
    function "freeze" ("")
        "Stop counting the owners of all objects that there are now: they stay for ever, and processes that are forked share them." =>
        |vm, _| { vm.run_finalisers(); vm.heap().freeze(); Ok(Owned::none()) };
    function "unfreeze" ("") "Nothing: nobody knows any more who owns the objects that were frozen." => |_, _| Ok(Owned::none());
    function "get_freeze_count" ("") "The number of objects that are frozen." => |vm, _| {
        let count = vm.heap().frozen_count();
        Ok(vm.new_int_from_usize(count)?)
    };
    function "is_tracked" ("obj, /") "Whether the collector looks at an object, because it may refer to others." => is_tracked;
    function "is_finalized" ("obj, /") "Whether the finaliser of an object has been called." =>
        |vm, args| Ok(Owned::bool(vm.heap().is_finalised(args.at(0))));
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

/// There are no generations: each has all objects.
fn get_objects(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if let Some(generation) = present(args.get(0)) {
        if generation.as_int().is_none() {
            let got = vm.type_name(generation);
            return Err(type_error(vm, format!("argument should be integer or None, not '{got}'")));
        }
        match integer(vm, generation)? {
            -1..=2 => {}
            ..-1 => return Err(value_error(vm, "generation parameter cannot be negative")),
            3.. => {
                let complaint = "generation parameter must be less than the number of available generations (3)";
                return Err(value_error(vm, complaint));
            }
        }
    }
    let objects = vm.heap().objects();
    Ok(vm.new_list(objects)?)
}

/// As CPython says it, where a dict without containers is of no interest, and an empty tuple neither.
fn is_tracked(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let objects = vm.heap().objects();
    let is_container = |wanted: Ref<'_>| {
        let is_empty = wanted.as_tuple().is_some_and(|tuple| tuple.iter().next().is_none());
        !is_empty && objects.iter().any(|object| object.get().is(wanted))
    };
    let object = args.at(0);
    let is_plain =
        object.as_dict().is_some() && !vm.heap().referents(object).iter().any(|referent| is_container(referent.get()));
    Ok(Owned::bool(!is_plain && is_container(object)))
}

fn switch(vm: &mut Vm, is_enabled: bool) -> Outcome {
    vm.set_collector_enabled(is_enabled);
    Ok(Owned::none())
}

fn is_enabled(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    Ok(Owned::bool(vm.is_collector_enabled()))
}

fn get_threshold(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let [first, second, third] = vm.collector_thresholds();
    let thresholds = [vm.new_int(first)?, vm.new_int(second)?, vm.new_int(third)?];
    Ok(vm.new_tuple(thresholds)?)
}

fn set_threshold(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mut thresholds = vm.collector_thresholds();
    let given = args.at(0).as_tuple().expect("star arguments are a tuple");
    if !(1..=thresholds.len()).contains(&given.len()) {
        return Err(type_error(vm, "gc.set_threshold requires 1 to 3 arguments"));
    }
    for (threshold, number) in thresholds.iter_mut().zip(given.iter()) {
        *threshold = i64::from(int32(vm, number)?);
    }
    vm.set_collector_thresholds(thresholds);
    Ok(Owned::none())
}

fn get_stats(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let all = vm.collections();
    let mut generations = Vec::new();
    for (runs, died) in [(0, 0), (0, 0), all] {
        let generation = vm.new_dict()?;
        for (name, number) in [("collections", runs), ("collected", died), ("uncollectable", 0)] {
            let (name, number) = (vm.intern(name)?, vm.new_int_from_usize(number)?);
            vm.dict_set(generation.get(), name.get(), number.get())?;
        }
        generations.push(generation);
    }
    Ok(vm.new_list(generations)?)
}

fn set_debug(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if int32(vm, args.at(0))? != 0 {
        return Err(vm.raise(ClassName::NotImplementedError, "toy's collector has no debugging flags"));
    }
    Ok(Owned::none())
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
    let found = objects.iter().flat_map(|object| referents_of(vm, object)).collect();
    Ok(vm.new_list(found)?)
}

/// What CPython's collector is shown, in that order: a list from its end, of a dict each value before its key, no keys that are
/// all text, and the class of an instance of a class that a script has made.
fn referents_of(vm: &Vm, object: Ref<'_>) -> Vec<Owned> {
    let mut found = vm.heap().referents(object);
    if object.as_list().is_some() {
        found.reverse();
    }
    let is_text = |key: &Owned| key.get().as_exact_str().is_some();
    if object.as_dict().is_some() {
        if found.iter().step_by(2).all(is_text) {
            found = found.into_iter().skip(1).step_by(2).collect();
        } else {
            found.chunks_exact_mut(2).for_each(|pair| pair.swap(0, 1));
        }
    }
    let class = vm.class_of(object);
    if class.as_class(vm.heap()).is_some_and(|class| !class.flags().is_builtin) {
        found.push(class.to_owned());
    }
    found
}
