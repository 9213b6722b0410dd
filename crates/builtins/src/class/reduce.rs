//! How objects are taken apart for copies: `object.__reduce_ex__`, and what builtin classes with contents of their own say.

use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::support::integer;

natives! {
    /// What every object says of its parts.
    pub(crate) OBJECT_REDUCTION:
    method "__reduce__" ("") "Helper for pickle." => |vm, args| vm.object_reduce(args.at(0), 0);
    method "__reduce_ex__" ("protocol, /") "Helper for pickle." => |vm, args| {
        let protocol = integer(vm, args.at(1))?;
        vm.object_reduce_ex(args.at(0), protocol)
    };
    method "__getstate__" ("") "Helper for pickle." => |vm, args| vm.object_state(args.at(0), false);
}

natives! {
    /// Sets are made of a list.
    pub(crate) SET_REDUCTION:
    method "__reduce__" ("") "Return state information for pickling." => |vm, args| {
        let items = vm.collect(args.at(0))?;
        let items = vm.new_list(items)?;
        class_call(vm, args.at(0), vec![items])
    };
}

natives! {
    /// Arrays of bytes are made of bytes.
    pub(crate) BYTE_ARRAY_REDUCTION:
    method "__reduce__" ("") "Return state information for pickling." => byte_array;
    method "__reduce_ex__" ("proto=0, /") "Return state information for pickling." => byte_array;
}

natives! {
    /// Ranges are made of their three numbers.
    pub(crate) RANGE_REDUCTION:
    method "__reduce__" ("") "Helper for pickle." => |vm, args| {
        let range = crate::support::this_range(vm, args)?;
        class_only(vm, args.at(0), vec![range.start().to_owned(), range.stop().to_owned(), range.step().to_owned()])
    };
}

natives! {
    /// Slices are made of their three parts.
    pub(crate) SLICE_REDUCTION:
    method "__reduce__" ("") "Return state information for pickling." => |vm, args| {
        let slice = crate::support::this_slice(vm, args)?;
        class_only(vm, args.at(0), vec![slice.start().to_owned(), slice.stop().to_owned(), slice.step().to_owned()])
    };
}

natives! {
    /// There is only one.
    pub(crate) ELLIPSIS_REDUCTION:
    method "__reduce__" ("") "Helper for pickle." => |vm, _| Ok(vm.new_str("Ellipsis")?);
}

natives! {
    /// There is only one.
    pub(crate) NOT_IMPLEMENTED_REDUCTION:
    method "__reduce__" ("") "Helper for pickle." => |vm, _| Ok(vm.new_str("NotImplemented")?);
}

natives! {
    /// A bound method is an attribute of its receiver.
    pub(crate) METHOD_REDUCTION:
    method "__reduce__" ("") "Helper for pickle." => |vm, args| {
        let method = crate::support::this_bound_method(vm, args)?;
        let name = vm.get_attribute(method.function(), vm.heap().name(toy_object::Name::Name))?;
        vm.reduced_to_builtin("getattr", [method.receiver().to_owned(), name], None)
    };
}

natives! {
    /// A native function is a name in its module, a native method an attribute of its receiver or class.
    pub(crate) NATIVE_REDUCTION:
    method "__reduce__" ("") "Helper for pickle." => native_function;
}

fn native_function(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let heap = vm.heap();
    let function = crate::support::this_native_function(vm, args)?;
    let name = vm.get_attribute(args.at(0), heap.name(toy_object::Name::Name))?;
    let receiver = function.receiver().filter(|receiver| receiver.as_module(heap).is_none());
    let home = function.home().filter(|home| home.as_class(heap).is_some());
    match receiver.or(home) {
        Some(holder) => vm.reduced_to_builtin("getattr", [holder.to_owned(), name], None),
        None => Ok(name),
    }
}

fn byte_array(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let bytes = args.at(0).copied_bytes(vm.heap())?.unwrap_or_default();
    let arguments = if bytes.is_empty() { Vec::new() } else { vec![vm.new_bytes(&bytes)?] };
    class_call(vm, args.at(0), arguments)
}

/// A call of the object's class, and the state that its subclass may have.
fn class_call(vm: &mut Vm, object: Ref<'_>, arguments: Vec<Owned>) -> Outcome {
    let (class, arguments) = (vm.class_of(object).to_owned(), vm.new_tuple(arguments)?);
    let state = vm.call_method(object, vm.heap().name(toy_object::Name::GetState), &[])?;
    Ok(vm.new_tuple([class, arguments, state])?)
}

/// A call of the object's class.
pub(crate) fn class_only(vm: &mut Vm, object: Ref<'_>, arguments: Vec<Owned>) -> Outcome {
    let (class, arguments) = (vm.class_of(object).to_owned(), vm.new_tuple(arguments)?);
    Ok(vm.new_pair(class, arguments)?)
}
