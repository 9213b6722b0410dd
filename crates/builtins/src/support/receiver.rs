//! The receiver of a method as what it is, also when it is an instance of a subclass.

use toy_object::{
    BoundMethod, ByteArray, Class, Code, Dict, Function, Generator, Int, List, Module, NativeFunction, Range, Ref, Set,
    Slice, Str, Tuple,
};
use toy_vm::{Args, Outcome, Raised, Vm};

use super::type_error;

macro_rules! receivers {
    ($($function:ident $view:ident $downcast:ident $name:literal;)*) => {
        $(
            #[doc = concat!("Argument 0 as `", $name, "`.")]
            #[inline]
            pub(crate) fn $function<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<$view<'a>> {
                args.at(0).$downcast().ok_or_else(|| wrong_receiver(vm, $name, args.at(0)))
            }
        )*
    };
}

receivers! {
    this_int Int as_int "int";
    this_str Str as_str "str";
    this_byte_array ByteArray as_byte_array "bytearray";
    this_list List as_list "list";
    this_tuple Tuple as_tuple "tuple";
    this_dict Dict as_dict "dict";
    this_set Set as_set "set";
    this_range Range as_range "range";
    this_slice Slice as_slice "slice";
    this_function Function as_function "function";
    this_bound_method BoundMethod as_bound_method "method";
    this_native_function NativeFunction as_native_function "builtin_function_or_method";
    this_generator Generator as_generator "generator";
    this_code Code as_code "code";
}

/// Argument 0 as a module.
pub(crate) fn this_module<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<Module<'a>> {
    args.at(0).as_module(vm.heap()).ok_or_else(|| wrong_receiver(vm, "module", args.at(0)))
}

/// Argument 0 as a float.
#[inline]
pub(crate) fn this_float(vm: &mut Vm, args: Args<'_>) -> Outcome<f64> {
    plain(args.at(0)).as_float().ok_or_else(|| wrong_receiver(vm, "float", args.at(0)))
}

/// Argument 0 as a class.
#[inline]
pub(crate) fn this_class<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<Class<'a>> {
    args.at(0).as_class(vm.heap()).ok_or_else(|| wrong_receiver(vm, "type", args.at(0)))
}

/// `TypeError` for a method of a class that was called with something else.
#[cold]
pub(crate) fn wrong_receiver(vm: &mut Vm, class: &str, receiver: Ref<'_>) -> Raised {
    let got = vm.type_name(receiver);
    type_error(vm, format!("descriptor requires a '{class}' object but received a '{got}'"))
}

/// The builtin object inside an instance of a subclass of a builtin type; other values as they are. Natives hand this to
/// the virtual machine's protocols, so that a method that a subclass overrides and calls through `super()` does not come
/// back to the subclass.
#[inline]
pub(crate) fn plain(value: Ref<'_>) -> Ref<'_> {
    toy_object::wrapped(value).unwrap_or(value)
}
