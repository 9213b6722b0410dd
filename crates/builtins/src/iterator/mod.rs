//! Iterators: those of the builtin containers, and the classes that make one iterator of others.

mod async_generator;
mod enumerate;
mod filter;
mod generator;
mod map;
mod reversed;
mod zip;

pub(crate) use async_generator::{ASYNC_GENERATOR_METHODS, AWAITABLE_METHODS, anext_with_default};
pub(crate) use generator::{COROUTINE_METHODS, COROUTINE_WRAPPER_METHODS, GENERATOR_METHODS};
pub(crate) use reversed::reverse_iterator;

use toy_object::{Owned, Ref, ShapeId};
use toy_vm::{
    ClassLayout, ClassName, ClassSpec, ITERATOR_METHODS, Iterate, NativeRow, Outcome, STATE_ITERATOR_METHODS, Vm,
};

/// The classes that are defined here: names as scripts see them, rows, whether builtins name them, and whether
/// a copy needs a state.
static CLASSES: &[(&str, &[NativeRow], bool, bool)] = &[
    ("enumerate", enumerate::ENUMERATE_METHODS, true, false),
    ("filter", filter::FILTER_METHODS, true, false),
    ("map", map::MAP_METHODS, true, false),
    ("reversed", reversed::REVERSED_METHODS, true, true),
    ("zip", zip::ZIP_METHODS, true, true),
    ("list_reverseiterator", &[], false, true),
];

/// Defines the classes; those that builtins name are put into `builtins`.
pub(crate) fn define(vm: &mut Vm, builtins: Ref<'_>) -> Outcome<()> {
    for &(name, rows, is_public, has_state) in CLASSES {
        let object = vm.class(ClassName::Object);
        let bases = [object.get()];
        let class =
            vm.define_class(ClassSpec { name, module: "builtins", bases: &bases, rows, layout: ClassLayout::Native })?;
        vm.add_rows(class.get(), ITERATOR_METHODS)?;
        if has_state {
            vm.add_rows(class.get(), STATE_ITERATOR_METHODS)?;
        }
        if is_public {
            let key = vm.intern(name)?;
            vm.dict_set(builtins, key.get(), class.get())?;
        }
        vm.machine().set_extra(name, class);
    }
    Ok(())
}

/// A new iterator of the class `name` that [`define`] made, or of a subclass: then it stands inside of an instance.
fn new_of_class(vm: &mut Vm, name: &str, class: Ref<'_>, iterator: impl Iterate) -> Outcome {
    let shape = shape_of_name(vm, name);
    let iterator = vm.new_iterator(shape, iterator)?;
    vm.wrap_builtin(class, iterator)
}

/// The shape of the objects of a class that [`define`] made, by its name.
fn shape_of_name(vm: &Vm, name: &str) -> ShapeId {
    let class = vm.machine().extra(name).expect("defined at start");
    let shape = class.get().as_class(vm.heap()).and_then(|class| class.root_shape());
    shape.expect("classes of native iterators have a shape")
}

/// The parts of an iterator that a call of its class makes.
fn call_of(vm: &mut Vm, class: Ref<'_>, arguments: Vec<Owned>) -> Outcome {
    let arguments = vm.new_tuple(arguments)?;
    Ok(vm.new_pair(class.to_owned(), arguments)?)
}

/// A value, or `StopIteration`.
fn value_or_stop(vm: &mut Vm, value: Option<Owned>) -> Outcome {
    match value {
        Some(value) => Ok(value),
        None => Err(vm.raise_without_arguments(ClassName::StopIteration)),
    }
}
