//! Functions, methods, code, modules, frames: what a program is made of, as values.

mod code;
mod construct;
mod frame;
mod function_object;
mod method;
mod module;
mod native;
mod singleton;

pub(crate) use code::{CELL_METHODS, CODE_ATTRIBUTES};
pub(crate) use frame::{FRAME_ATTRIBUTES, TRACEBACK_ATTRIBUTES};
pub(crate) use function_object::FUNCTION_METHODS;
pub(crate) use method::METHOD_METHODS;
pub(crate) use module::MODULE_METHODS;
pub(crate) use native::NATIVE_METHODS;
pub(crate) use singleton::{ELLIPSIS_METHODS, NONE_METHODS, NOT_IMPLEMENTED_METHODS};

use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm};

use crate::support::{present, type_error};

/// `__call__(*args, **kwargs)`.
pub(crate) fn call(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let arguments: Vec<Ref<'_>> = args.at(1).as_tuple().into_iter().flat_map(|arguments| arguments.iter()).collect();
    let keywords = crate::class::keyword_pairs(args.get(2));
    let keywords: Vec<(Ref<'_>, Ref<'_>)> = keywords.iter().map(|(name, value)| (name.get(), value.get())).collect();
    vm.call_keywords(args.at(0), &arguments, &keywords)
}

/// `function.__get__(instance, owner)`: a method.
pub(crate) fn get(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match present(args.get(1)) {
        None if present(args.get(2)).is_none() => Err(type_error(vm, crate::class::NOTHING_TO_GET)),
        None => Ok(args.at(0).to_owned()),
        Some(instance) => {
            let class: Owned = vm.class_of(instance).to_owned();
            vm.bind(args.at(0), instance, class.get())
        }
    }
}
