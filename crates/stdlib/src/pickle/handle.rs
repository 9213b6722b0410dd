//! `Handle`: a descriptor that travels beside the bytes, for reducers to put into what they answer.

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Held, Outcome, Vm, natives};

use crate::class;
use crate::held::holds;

const HANDLE: &str = "_pickle.Handle";

/// Stands for a descriptor in the value; it is the descriptor itself, an `int`, that arrives.
struct Handle {
    descriptor: Held,
}

impl Payload for Handle {
    holds!(descriptor);
}

natives! {
    /// The methods of `Handle`.
    METHODS:
    static "__new__" ("descriptor, /") "A descriptor that travels beside the bytes." => |vm, args| {
        let descriptor = vm.index(args.at(1))?;
        class::construct(vm, HANDLE, args.at(0), Handle { descriptor: Held::new(descriptor) })
    };
    getter "descriptor" ("") "The number of the descriptor." => |vm, args| {
        let handle: &Handle = class::this(vm, args.at(0), HANDLE)?;
        Ok(handle.descriptor.get_or_none())
    };
}

/// Defines the class.
pub(super) fn define(vm: &mut Vm) -> Outcome {
    class::define(vm, HANDLE, METHODS)
}

/// The descriptor, if the value is a handle.
pub(super) fn descriptor_of(vm: &Vm, value: Ref<'_>) -> Option<Owned> {
    value.payload::<Handle>(vm.heap()).map(|handle| handle.descriptor.get_or_none())
}
