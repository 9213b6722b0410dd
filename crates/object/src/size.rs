//! How large the block of an object is: it is not recorded, but follows from the object.

use std::ptr::NonNull;

use crate::header::Header;
use crate::layout::*;
use crate::shape::{Kind, Shape};
use crate::value::Value;

/// The size that the block of an object was allocated with, in bytes; of a string that grew in its block, the size it has
/// now, which is of the same class.
///
/// # Safety
/// The object is of this shape, which is of this kind, and its content is intact.
#[inline(always)]
pub(crate) unsafe fn block_size(kind: Kind, shape: &Shape, object: NonNull<Header>) -> usize {
    // SAFETY (of the casts below): the kind says which struct the block holds.
    match kind {
        // SAFETY: a string.
        Kind::Str => unsafe { object.cast::<StrObject>().as_ref() }.block_size(),
        Kind::Bytes => {
            // SAFETY: bytes.
            size_of::<BytesObject>() + unsafe { object.cast::<BytesObject>().as_ref() }.length
        }
        Kind::Tuple => {
            // SAFETY: a tuple.
            let length = unsafe { object.cast::<TupleObject>().as_ref() }.length;
            size_of::<TupleObject>() + length * size_of::<Value>()
        }
        Kind::Instance => size_of::<InstanceObject>() + shape.capacity() * size_of::<Value>(),
        Kind::Int => size_of::<BigIntObject>(),
        Kind::Float => size_of::<FloatObject>(),
        Kind::ByteArray => size_of::<ByteArrayObject>(),
        Kind::List => size_of::<ListObject>(),
        Kind::Dict => size_of::<DictObject>(),
        Kind::Set | Kind::FrozenSet => size_of::<SetObject>(),
        Kind::Range => size_of::<RangeObject>(),
        Kind::Slice => size_of::<SliceObject>(),
        Kind::Cell => size_of::<CellObject>(),
        Kind::Code => size_of::<CodeObject>(),
        Kind::Function => size_of::<FunctionObject>(),
        Kind::NativeFunction => size_of::<NativeFunctionObject>(),
        Kind::BoundMethod => size_of::<BoundMethodObject>(),
        Kind::Class => size_of::<ClassObject>(),
        Kind::Module => size_of::<ModuleObject>(),
        Kind::Generator => size_of::<GeneratorObject>(),
        Kind::RangeIterator => size_of::<RangeIteratorObject>(),
        Kind::SequenceIterator => size_of::<SequenceIteratorObject>(),
        Kind::DictIterator => size_of::<DictIteratorObject>(),
        Kind::SetIterator => size_of::<SetIteratorObject>(),
        Kind::WeakReference => size_of::<WeakReferenceObject>(),
        // SAFETY: a native object.
        Kind::Native => size_of::<NativeObject>() + unsafe { object.cast::<NativeObject>().as_ref() }.size,
        Kind::Free | Kind::None | Kind::Bool | Kind::Ellipsis | Kind::NotImplemented => {
            unreachable!("no object has this shape")
        }
    }
}
