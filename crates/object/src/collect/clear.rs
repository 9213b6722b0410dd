//! Taking dead objects apart: every cycle goes through an object that can change, so emptying those breaks all of them.

use std::cell::Cell;

use crate::heap::Heap;
use crate::layout::{
    CellObject, DictIteratorObject, FunctionObject, GeneratorObject, InstanceObject, NativeObject,
    SequenceIteratorObject, SetIteratorObject, WeakReferenceObject,
};
use crate::reference::{Owned, Ref};
use crate::shape::Kind;
use crate::value::Value;

/// Lets go of what an unreachable object refers to. Somebody keeps a count of it meanwhile, and of all others that are
/// cleared, so that none of them dies before all are empty.
pub(super) fn clear(heap: &Heap, object: Ref<'_>) {
    let shape = heap.shape(object.shape());
    match shape.kind() {
        Kind::List => drop(object.as_list().map(|list| list.clear())),
        Kind::Dict => drop(object.as_dict().map(|dict| dict.clear())),
        Kind::Set => drop(object.as_set().map(|set| set.clear())),
        Kind::Cell => object.layout::<CellObject>().into_iter().for_each(|cell| empty(&cell.content)),
        Kind::Function => object.layout::<FunctionObject>().into_iter().for_each(clear_function),
        Kind::Class => object.as_class(heap).into_iter().for_each(|class| class.clear(heap)),
        Kind::Instance => clear_instance(object, shape.slot_count()),
        Kind::Generator => clear_generator(object),
        Kind::SequenceIterator => {
            object.layout::<SequenceIteratorObject>().into_iter().for_each(|iterator| empty(&iterator.sequence));
        }
        Kind::DictIterator => {
            object.layout::<DictIteratorObject>().into_iter().for_each(|iterator| {
                empty(&iterator.pair);
                empty(&iterator.dict);
            });
        }
        Kind::SetIterator => {
            object.layout::<SetIteratorObject>().into_iter().for_each(|iterator| empty(&iterator.set));
        }
        Kind::WeakReference => clear_weak_reference(object),
        Kind::Native => {
            if let Some(native) = object.native(heap) {
                clear_native(native);
            }
        }
        // What can never change refers to older objects only, so that a cycle needs another one.
        Kind::Tuple
        | Kind::FrozenSet
        | Kind::Range
        | Kind::Slice
        | Kind::Code
        | Kind::NativeFunction
        | Kind::BoundMethod
        | Kind::Module => {}
        Kind::Int | Kind::Float | Kind::Str | Kind::Bytes | Kind::ByteArray | Kind::RangeIterator => {}
        Kind::Free | Kind::None | Kind::Bool | Kind::Ellipsis | Kind::NotImplemented => {
            unreachable!("no object has this shape")
        }
    }
}

/// Drops what a field that owns a count holds.
fn empty(field: &Cell<Value>) {
    replace(field, Value::UNBOUND);
}

/// Drops what a field that owns a count holds, after the immediate took its place.
fn replace(field: &Cell<Value>, immediate: Value) {
    debug_assert!(!immediate.is_pointer());
    let old = field.replace(immediate);
    // SAFETY: the field owned a count, and has let go of it.
    drop(unsafe { Owned::from_value(old) });
}

fn clear_function(function: &FunctionObject) {
    for field in [
        &function.defaults,
        &function.keyword_defaults,
        &function.annotations,
        &function.type_parameters,
        &function.attributes,
    ] {
        empty(field);
    }
    replace(&function.doc, Value::NONE);
    replace(&function.module, Value::NONE);
}

fn clear_instance(object: Ref<'_>, slot_count: usize) {
    let Some(pointer) = object.value().as_pointer() else { return };
    // SAFETY: the kind says that it is an instance, and its owner keeps it alive.
    empty(unsafe { &pointer.cast::<InstanceObject>().as_ref().dict });
    for slot in 0..slot_count {
        // SAFETY: as above; the slot count is at most the capacity.
        empty(unsafe { InstanceObject::slot(pointer, slot) });
    }
}

fn clear_generator(object: Ref<'_>) {
    let Some(pointer) = object.value().as_pointer() else { return };
    // SAFETY: the kind says that it is a generator, and its owner keeps it alive.
    let generator = unsafe { pointer.cast::<GeneratorObject>().as_ref() };
    generator.state.set(crate::generator::GeneratorState::Finished);
    // SAFETY: the borrow ends with the statement; nothing is dropped meanwhile.
    let window = std::mem::take(unsafe { generator.window.get_mut() });
    for value in window {
        // SAFETY: the window owned a count of each value.
        drop(unsafe { Owned::from_value(value) });
    }
    generator.detail.clear();
}

fn clear_weak_reference(object: Ref<'_>) {
    let Some(pointer) = object.value().as_pointer() else { return };
    // SAFETY: the kind says that it is a weak reference, and its owner keeps it alive.
    empty(unsafe { &pointer.cast::<WeakReferenceObject>().as_ref().callback });
}

fn clear_native(native: &NativeObject) {
    empty(&native.dict);
    native.payload().clear();
}
