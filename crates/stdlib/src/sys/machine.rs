//! Counts, sizes and limits.

use std::time::Duration;

use toy_object::{Name, Owned};
use toy_vm::{Args, ClassName, Outcome, Vm};

use crate::argument::{int32, real, shown_type, type_error, value_error};
use crate::library;

/// What CPython answers for its immortals, and we for values that are not on the heap.
const IMMORTAL: i64 = 4_294_967_295;

pub(super) fn getrefcount(vm: &mut Vm, args: Args<'_>) -> Outcome {
    // The argument's own register is one of the owners, as in CPython.
    let count = vm.count(args.at(0)).and_then(|count| i64::try_from(count).ok()).unwrap_or(IMMORTAL);
    Ok(vm.new_int(count)?)
}

pub(super) fn getsizeof(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let object = args.at(0);
    let size = match vm.call_special(object, Name::Sizeof, &[]) {
        Some(size) => size?,
        None => return Err(type_error(vm, "the object does not know its size")),
    };
    match size.get().as_int() {
        Some(size) if size.is_negative() => Err(value_error(vm, "__sizeof__() should return >= 0")),
        Some(_) => Ok(size),
        None => match args.get(1) {
            Some(default) => Ok(default.to_owned()),
            None => {
                let got = vm.type_name(size.get());
                Err(type_error(vm, format!("'{got}' object cannot be interpreted as an integer")))
            }
        },
    }
}

pub(super) fn getrecursionlimit(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let limit = vm.machine().recursion_limit();
    Ok(vm.new_int_from_usize(limit)?)
}

pub(super) fn setrecursionlimit(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let limit = int32(vm, args.at(0))?;
    let Some(limit) = usize::try_from(limit).ok().filter(|&limit| limit > 0) else {
        return Err(value_error(vm, "recursion limit must be greater or equal than 1"));
    };
    let depth = vm.depth();
    if depth >= limit {
        let message =
            format!("cannot set the recursion limit to {limit} at the recursion depth {depth}: the limit is too low");
        return Err(vm.raise(ClassName::RecursionError, message));
    }
    vm.set_recursion_limit(limit);
    Ok(Owned::none())
}

/// What `setswitchinterval` was called with, where the policy does not go by time.
const SWITCH_INTERVAL: &str = "sys.switch_interval";
/// CPython's interval in seconds.
const DEFAULT_SWITCH_INTERVAL: f64 = 0.005;

pub(super) fn getswitchinterval(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    if let Some(interval) = vm.gil().lock().interval() {
        return Ok(vm.new_float(interval.as_secs_f64())?);
    }
    match library::get(vm, SWITCH_INTERVAL) {
        Some(interval) => Ok(interval),
        None => Ok(vm.new_float(DEFAULT_SWITCH_INTERVAL)?),
    }
}

pub(super) fn setswitchinterval(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let interval = real(vm, args.at(0))?;
    if interval.is_nan() || interval <= 0.0 {
        return Err(value_error(vm, "switch interval must be strictly positive"));
    }
    vm.set_switch_interval(Duration::try_from_secs_f64(interval).unwrap_or(Duration::MAX));
    let interval = vm.new_float(interval)?;
    library::set(vm, SWITCH_INTERVAL, interval);
    Ok(Owned::none())
}

pub(super) fn intern(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let text = args.at(0);
    if text.as_exact_str().is_none() {
        let got = shown_type(vm, text);
        let message = if text.as_str().is_some() {
            format!("can't intern {got}")
        } else {
            format!("intern() argument must be str, not {got}")
        };
        return Err(vm.raise(ClassName::TypeError, message));
    }
    Ok(vm.intern_str(text.to_owned()))
}

/// CPython refuses limits below this one, but for none at all.
const LEAST_DIGIT_LIMIT: i32 = 640;

pub(super) fn get_int_max_str_digits(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    Ok(vm.new_int_from_usize(vm.digit_limit().0)?)
}

pub(super) fn set_int_max_str_digits(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let limit = int32(vm, args.at(0))?;
    if limit != 0 && limit < LEAST_DIGIT_LIMIT {
        return Err(value_error(vm, format!("maxdigits must be 0 or larger than {LEAST_DIGIT_LIMIT}")));
    }
    let limit = vm.new_int(i64::from(limit))?;
    vm.machine().set_extra(Vm::DIGIT_LIMIT, limit);
    Ok(Owned::none())
}
