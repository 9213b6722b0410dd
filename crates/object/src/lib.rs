//! Values, the heap, shapes, and the layouts of the builtin types.
//!
//! Invariant: nothing here calls back. An operation that would need script code (comparing keys, say) answers that it
//! does, and the virtual machine goes on from there.
//! Invariant: this crate is the unsafe fence. What it hands out is safe to use by whoever holds the lock: [`Gil`] is the
//! only way to the [`Heap`], [`Owned`] the only owner of a count, [`Ref`] borrows from an owner.
//! Invariant: containers hand their elements out by value, and change first, drop afterwards.

mod bytes;
mod class;
mod code;
mod collect;
mod content;
mod content_class;
mod dict;
mod equal;
mod float;
mod function;
mod generator;
mod hash;
mod header;
mod heap;
mod instance;
mod int;
mod iterator;
mod layout;
mod list;
mod native;
mod range;
mod reference;
mod removed;
mod set;
mod shape;
mod size;
mod slice;
mod str;
#[cfg(test)]
mod testing;
mod token;
mod tuple;
mod value;
mod weak_view;

pub use bytes::{ByteArray, Bytes};
pub use class::{Class, ClassDefinition, ClassFlags, Construction};
pub use code::Code;
pub use collect::Unreachable;
pub use content_class::ContentClass;
pub use dict::{Candidate, Dict, DictEntry, DictYield, Lookup, NeedsScript};
pub use equal::{compare_numbers, native_equal};
pub use function::{BoundMethod, CellRef, Function, FunctionDefinition, FunctionField, Module, NativeFunction};
pub use generator::{Generator, GeneratorState};
pub use hash::{hash_int, identity_hash, native_hash};
pub use header::Header;
pub use heap::{CountListener, Finaliser, Heap, Name, OutOfMemory};
pub use instance::{EXCEPTION_SLOTS, ExceptionSlot, Instance, wrapped};
pub use int::{Int, IntError, parse_digits};
pub use iterator::Next;
pub use layout::{
    BoundMethodObject, CellObject, ClassObject, CodeLayout, CodeObject, DictObject, FunctionObject, InstanceObject,
    ListObject, ModuleObject, NativeFunctionObject, RangeIteratorObject, SequenceIteratorObject, TupleObject,
};
pub use list::{List, NativeFind};
pub use native::Payload;
pub use range::Range;
pub use reference::{Owned, Ref, shape_of_immediate};
pub use removed::Removed;
pub use set::{NotSubset, Progress, Set, difference_copies, intersection_order};
pub use shape::{Kind, Shape, ShapeFlags, ShapeId};
pub use slice::{Slice, SliceError, SliceIndices};
pub use str::{CodePoints, NotText, Places, Str, StrBuilder, Units};
pub use token::{Gil, SharedHeap};
pub use toy_format::{TupleHasher, hash_f64, hash_i64};
pub use tuple::Tuple;
pub use value::{SMALL_INT_MAX, SMALL_INT_MIN, Value};
pub use weak_view::WeakReference;
