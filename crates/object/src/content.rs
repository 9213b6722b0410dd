//! What an object owns: shown to the collector, released when the object dies.

use std::ptr::NonNull;

use crate::header::Header;
use crate::heap::Heap;
use crate::layout::*;
use crate::reference::{Owned, Ref};
use crate::shape::{Kind, Shape};
use crate::value::Value;

/// The struct behind a header.
///
/// # Safety
/// The object is laid out as `T` and stays alive during `'a`.
unsafe fn cast<'a, T>(object: NonNull<Header>) -> &'a T {
    // SAFETY: the caller's promise.
    unsafe { object.cast::<T>().as_ref() }
}

/// The values that stand behind a struct in the same block.
///
/// # Safety
/// `length` values stand behind the object's `T`, and stay there during `'a`.
unsafe fn trailing<'a, T>(object: NonNull<Header>, length: usize) -> &'a [Value] {
    // SAFETY: one past the struct is inside the block or at its end.
    let first = unsafe { object.cast::<T>().add(1) }.cast::<Value>();
    // SAFETY: the caller's promise.
    unsafe { NonNull::slice_from_raw_parts(first, length).as_ref() }
}

/// Calls `visit` with every value that the object owns by itself, each as often as it is owned, in the order in which
/// CPython lets go of them. Values owned through Rust fields ([`visit_fields`]) are not among them.
///
/// # Safety
/// The object is intact and of this shape, which is of this kind, and `visit` neither changes nor frees it.
// Callers that know the kind when they are compiled get the one arm that is theirs; so it is with `release` and
// `block_size`.
#[inline(always)]
pub(crate) unsafe fn visit_values(kind: Kind, shape: &Shape, object: NonNull<Header>, mut visit: impl FnMut(Value)) {
    // SAFETY (of every cast below): the kind says which struct the block holds, and the caller that it is intact.
    // Borrows of `GilCell`s end with each arm: `visit` does not touch the object.
    match kind {
        Kind::Tuple => {
            // SAFETY: see above.
            let length = unsafe { cast::<TupleObject>(object) }.length;
            // SAFETY: see above.
            for &item in unsafe { trailing::<TupleObject>(object, length) }.iter().rev() {
                visit(item);
            }
        }
        Kind::Range => {
            // SAFETY: see above.
            let range = unsafe { cast::<RangeObject>(object) };
            [range.start, range.stop, range.step, range.length].into_iter().for_each(visit);
        }
        Kind::Slice => {
            // SAFETY: see above.
            let slice = unsafe { cast::<SliceObject>(object) };
            [slice.start, slice.stop, slice.step].into_iter().for_each(visit);
        }
        Kind::Cell => {
            // SAFETY: see above.
            visit(unsafe { cast::<CellObject>(object) }.content.get());
        }
        Kind::Code => {
            // SAFETY: see above.
            let code = unsafe { cast::<CodeObject>(object) };
            code.constants.iter().chain(&*code.names).chain(&*code.codes).copied().for_each(visit);
        }
        Kind::Function => {
            // SAFETY: see above.
            let function = unsafe { cast::<FunctionObject>(object) };
            let cells = [
                &function.code,
                &function.defaults,
                &function.keyword_defaults,
                &function.name,
                &function.qualified_name,
                &function.doc,
                &function.annotations,
                &function.module,
                &function.type_parameters,
                &function.attributes,
            ];
            visit(function.globals);
            visit(function.closure);
            cells.into_iter().map(std::cell::Cell::get).for_each(visit);
        }
        Kind::NativeFunction => {
            // SAFETY: see above.
            let function = unsafe { cast::<NativeFunctionObject>(object) };
            [function.receiver, function.home].into_iter().for_each(visit);
        }
        Kind::BoundMethod => {
            // SAFETY: see above.
            let method = unsafe { cast::<BoundMethodObject>(object) };
            [method.function, method.receiver].into_iter().for_each(visit);
        }
        Kind::Instance => {
            // SAFETY: see above.
            visit(unsafe { cast::<InstanceObject>(object) }.dict.get());
            // SAFETY: see above.
            let slots = unsafe { trailing::<InstanceObject>(object, shape.slot_count()) };
            for &slot in slots {
                visit(slot);
            }
        }
        Kind::Module => {
            // SAFETY: see above.
            visit(unsafe { cast::<ModuleObject>(object) }.dict);
        }
        Kind::Generator => {
            // SAFETY: see above.
            let generator = unsafe { cast::<GeneratorObject>(object) };
            // SAFETY: see above.
            unsafe { generator.window.get() }.iter().copied().for_each(visit);
        }
        Kind::SequenceIterator => {
            // SAFETY: see above.
            visit(unsafe { cast::<SequenceIteratorObject>(object) }.sequence.get());
        }
        Kind::DictIterator => {
            // SAFETY: see above.
            let iterator = unsafe { cast::<DictIteratorObject>(object) };
            visit(iterator.pair.get());
            visit(iterator.dict.get());
        }
        Kind::SetIterator => {
            // SAFETY: see above.
            visit(unsafe { cast::<SetIteratorObject>(object) }.set.get());
        }
        Kind::WeakReference => {
            // SAFETY: see above.
            visit(unsafe { cast::<WeakReferenceObject>(object) }.callback.get());
        }
        Kind::Native => {
            // SAFETY: see above.
            visit(unsafe { cast::<NativeObject>(object) }.dict.get());
        }
        // These own nothing, or own it through fields.
        Kind::Int | Kind::Float | Kind::Str | Kind::Bytes | Kind::ByteArray | Kind::RangeIterator => {}
        Kind::List | Kind::Dict | Kind::Set | Kind::FrozenSet | Kind::Class => {}
        Kind::Free | Kind::None | Kind::Bool | Kind::Ellipsis | Kind::NotImplemented => {
            unreachable!("no object has this shape")
        }
    }
}

/// Calls `visit` with every value that the object owns through [`Owned`](crate::Owned)s in Rust fields.
///
/// # Safety
/// The object is intact and of this shape, and `visit` neither changes nor frees it.
#[inline]
pub(crate) unsafe fn visit_fields(shape: &Shape, object: NonNull<Header>, mut visit: impl FnMut(Ref<'_>)) {
    // SAFETY (of every cast below): the kind says which struct the block holds. Borrows of `GilCell`s end with each arm:
    // `visit` does not touch the object.
    match shape.kind() {
        Kind::List => {
            // SAFETY: see above.
            let list = unsafe { cast::<ListObject>(object) };
            // SAFETY: see above.
            unsafe { list.items.get() }.iter().for_each(|item| visit(item.get()));
        }
        Kind::Dict => {
            // SAFETY: see above.
            let dict = unsafe { cast::<DictObject>(object) };
            // SAFETY: see above.
            unsafe { dict.table.get() }.visit(visit);
        }
        Kind::Set | Kind::FrozenSet => {
            // SAFETY: see above.
            let set = unsafe { cast::<SetObject>(object) };
            // SAFETY: see above.
            unsafe { set.table.get() }.visit(visit);
        }
        // SAFETY: see above.
        Kind::Code => unsafe { cast::<CodeObject>(object) }.detail.visit(&mut visit),
        // SAFETY: see above.
        Kind::Generator => unsafe { cast::<GeneratorObject>(object) }.detail.visit(&mut visit),
        // SAFETY: see above.
        Kind::Native => unsafe { cast::<NativeObject>(object) }.payload().visit(&mut visit),
        // SAFETY: see above.
        Kind::Class => unsafe { cast::<ClassObject>(object) }.class.visit(&mut visit),
        _ => {}
    }
}

/// Lets go of everything that a dying object owns and drops its Rust fields. The header stays readable.
///
/// # Safety
/// The object is of this shape, which is of this kind, it has no owner any more, and its content is not touched
/// afterwards.
#[inline(always)]
pub(crate) unsafe fn release(heap: &Heap, kind: Kind, shape: &Shape, object: NonNull<Header>) {
    match kind {
        Kind::Str => {
            let string = object.cast::<StrObject>();
            // SAFETY: the kind says that it is a string.
            if unsafe { string.as_ref() }.is_interned.get() {
                heap.forget_interned(string);
            }
        }
        Kind::WeakReference => {
            let reference = object.cast::<WeakReferenceObject>();
            // SAFETY: the kind says that it is a weak reference.
            let referent = unsafe { reference.as_ref() }.referent.get();
            heap.forget_weak_reference(reference, referent);
        }
        Kind::Code => {
            // SAFETY: the kind says that it is code.
            let code = unsafe { cast::<CodeObject>(object) };
            heap.forget_code(code.words());
            heap.refund(size_of_val(code.words()));
        }
        Kind::Class => {
            // SAFETY: the kind says that it is a class.
            unsafe { cast::<ClassObject>(object) }.class.release_shapes(heap);
        }
        _ => {}
    }
    // SAFETY: the object is intact up to here, and releasing a value does not touch it: a value that dies is only put on
    // the stack of the dying.
    unsafe { visit_values(kind, shape, object, |value| heap.release_value(value)) };
    // SAFETY: the caller says that nobody touches the content afterwards.
    unsafe { drop_fields(heap, object, kind) };
}

/// Takes the last item out of a list, with its count.
///
/// # Safety
/// The object is a list that nobody else refers to.
#[inline(always)]
pub(crate) unsafe fn pop_item(list: NonNull<Header>) -> Option<Value> {
    // SAFETY: the caller's promise.
    let list = unsafe { cast::<ListObject>(list) };
    // SAFETY: the borrow ends here, and taking an item out drops nothing.
    unsafe { list.items.get_mut() }.pop().map(Owned::into_value)
}

/// Drops the Rust fields of an object: vectors, tables, boxes, big numbers, and the values that they own.
///
/// # Safety
/// As for [`release`].
#[inline(always)]
unsafe fn drop_fields(heap: &Heap, object: NonNull<Header>, kind: Kind) {
    // SAFETY (of every `drop_in_place` below): the kind says which struct the block holds; it is dropped once, and headers
    // and values need no drop.
    match kind {
        Kind::Int => {
            // SAFETY: see above.
            heap.refund_bigint(unsafe { cast::<BigIntObject>(object) });
            // SAFETY: see above.
            unsafe { object.cast::<BigIntObject>().drop_in_place() };
        }
        Kind::ByteArray => {
            // SAFETY: see above.
            let array = unsafe { cast::<ByteArrayObject>(object) };
            heap.refund_vector(&array.bytes.borrow());
            // SAFETY: see above.
            unsafe { object.cast::<ByteArrayObject>().drop_in_place() };
        }
        Kind::List => {
            // SAFETY: see above.
            let list = unsafe { cast::<ListObject>(object) };
            // SAFETY: nobody else reaches a dying object; items that die are only put on the stack of the dying.
            let items = unsafe { list.items.get_mut() };
            // From the last to the first, as CPython does it.
            while let Some(item) = items.pop() {
                drop(item);
            }
            heap.refund_vector(items);
            // SAFETY: see above.
            unsafe { object.cast::<ListObject>().drop_in_place() };
        }
        Kind::Dict => {
            // SAFETY: see above.
            let dict = unsafe { cast::<DictObject>(object) };
            // SAFETY: see above.
            heap.refund(unsafe { dict.table.get() }.charged_bytes());
            // SAFETY: see above.
            unsafe { object.cast::<DictObject>().drop_in_place() };
        }
        Kind::Set | Kind::FrozenSet => {
            // SAFETY: see above.
            let set = unsafe { cast::<SetObject>(object) };
            // SAFETY: see above.
            heap.refund(unsafe { set.table.get() }.charged_bytes());
            // SAFETY: see above.
            unsafe { object.cast::<SetObject>().drop_in_place() };
        }
        // SAFETY: see above.
        Kind::Code => unsafe { object.cast::<CodeObject>().drop_in_place() },
        // SAFETY: see above.
        Kind::Class => unsafe { object.cast::<ClassObject>().drop_in_place() },
        // SAFETY: see above.
        Kind::Generator => unsafe { object.cast::<GeneratorObject>().drop_in_place() },
        Kind::Native => {
            // SAFETY: see above.
            let payload = unsafe { cast::<NativeObject>(object) }.payload_pointer();
            // SAFETY: see above.
            unsafe { payload.drop_in_place() };
        }
        _ => {}
    }
}
