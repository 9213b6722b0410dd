//! How objects lie in memory. Every struct starts with its [`Header`]; sizes are those of heap blocks.
//!
//! Fields that change stand in `Cell`, or in [`GilCell`] where they are larger: the lock that every holder of a reference
//! holds makes them safe, as long as no borrow of their content outlives the operation that made it.

use std::cell::{Cell, RefCell, UnsafeCell};
use std::ptr::NonNull;

use num_bigint::BigInt;

use crate::dict::DictTable;
use crate::header::Header;
use crate::native::Payload;
use crate::reference::Owned;
use crate::set::SetTable;
use crate::shape::{Kind, ShapeId};
use crate::value::Value;

/// A struct that objects of one kind consist of.
///
/// # Safety
/// `Self` is `repr(C)`, starts with a [`Header`], is aligned to 8, and every object whose shape is of this kind is one.
pub(crate) unsafe trait Layout {
    /// The kind of such objects.
    const KIND: Kind;
    /// The shape of plain ones.
    const SHAPE: ShapeId = ShapeId(Self::KIND as u32);
}

macro_rules! layouts {
    ($($type:ident = $kind:ident;)*) => {
        $(
            // SAFETY: declared below as `repr(C)` with a header first; only constructors of this crate write the shape,
            // into blocks that hold this struct.
            unsafe impl Layout for $type {
                const KIND: Kind = Kind::$kind;
            }
        )*
    };
}

layouts! {
    BigIntObject = Int;
    FloatObject = Float;
    StrObject = Str;
    BytesObject = Bytes;
    ByteArrayObject = ByteArray;
    ListObject = List;
    TupleObject = Tuple;
    DictObject = Dict;
    RangeObject = Range;
    SliceObject = Slice;
    CellObject = Cell;
    CodeObject = Code;
    FunctionObject = Function;
    NativeFunctionObject = NativeFunction;
    BoundMethodObject = BoundMethod;
    ClassObject = Class;
    InstanceObject = Instance;
    ModuleObject = Module;
    GeneratorObject = Generator;
    RangeIteratorObject = RangeIterator;
    SequenceIteratorObject = SequenceIterator;
    DictIteratorObject = DictIterator;
    SetIteratorObject = SetIterator;
    WeakReferenceObject = WeakReference;
    NativeObject = Native;
}

/// Content that changes under the lock.
pub(crate) struct GilCell<T>(UnsafeCell<T>);

impl<T> GilCell<T> {
    pub(crate) fn new(content: T) -> Self {
        Self(UnsafeCell::new(content))
    }

    /// # Safety
    /// No `get_mut` borrow of the same cell is alive, and none is made while this borrow lives.
    #[inline(always)]
    pub(crate) unsafe fn get(&self) -> &T {
        // SAFETY: the caller's promise.
        unsafe { &*self.0.get() }
    }

    /// # Safety
    /// No other borrow of the same cell is alive, and none is made while this borrow lives: the caller neither drops
    /// owners nor calls anything that could reach this object meanwhile.
    #[inline(always)]
    #[expect(clippy::mut_from_ref, reason = "that is what the lock is for")]
    pub(crate) unsafe fn get_mut(&self) -> &mut T {
        // SAFETY: the caller's promise.
        unsafe { &mut *self.0.get() }
    }
}

/// An integer that needs more than 62 bits.
#[repr(C)]
pub(crate) struct BigIntObject {
    pub(crate) header: Header,
    pub(crate) number: BigInt,
}

/// A float that has no immediate form.
#[repr(C)]
pub(crate) struct FloatObject {
    pub(crate) header: Header,
    pub(crate) number: f64,
}

/// Text; the code points follow, each `width` bytes.
#[repr(C)]
pub(crate) struct StrObject {
    pub(crate) header: Header,
    /// 0: not computed yet.
    pub(crate) hash: Cell<u64>,
    /// Number of code points.
    pub(crate) length: u32,
    /// 1, 2 or 4: the narrowest that holds every code point.
    pub(crate) width: u8,
    /// Every code point is below 128.
    pub(crate) is_ascii: bool,
    /// The heap's table of interned strings names it.
    pub(crate) is_interned: Cell<bool>,
    /// May hold surrogates, so that it may have no UTF-8 form.
    pub(crate) has_surrogates: bool,
}

/// Immutable bytes; they follow.
#[repr(C)]
pub(crate) struct BytesObject {
    pub(crate) header: Header,
    /// 0: not computed yet.
    pub(crate) hash: Cell<u64>,
    pub(crate) length: usize,
}

/// Mutable bytes.
#[repr(C)]
pub(crate) struct ByteArrayObject {
    pub(crate) header: Header,
    pub(crate) bytes: RefCell<Vec<u8>>,
}

/// List.
#[repr(C)]
pub struct ListObject {
    pub(crate) header: Header,
    pub(crate) items: GilCell<Vec<Owned>>,
}

/// Tuple; the items follow.
#[repr(C)]
pub struct TupleObject {
    pub(crate) header: Header,
    pub(crate) length: usize,
}

/// Dict.
#[repr(C)]
pub struct DictObject {
    pub(crate) header: Header,
    pub(crate) table: GilCell<DictTable>,
}

/// Set and frozenset: two shapes, one layout.
#[repr(C)]
pub(crate) struct SetObject {
    pub(crate) header: Header,
    /// Of a frozenset; 0: not computed yet.
    pub(crate) hash: Cell<u64>,
    pub(crate) table: GilCell<SetTable>,
}

/// Range: integers of any size, as values.
#[repr(C)]
pub(crate) struct RangeObject {
    pub(crate) header: Header,
    pub(crate) start: Value,
    pub(crate) stop: Value,
    pub(crate) step: Value,
    /// Number of elements.
    pub(crate) length: Value,
}

/// Slice.
#[repr(C)]
pub(crate) struct SliceObject {
    pub(crate) header: Header,
    pub(crate) start: Value,
    pub(crate) stop: Value,
    pub(crate) step: Value,
}

/// A variable shared with inner functions.
#[repr(C)]
pub struct CellObject {
    pub(crate) header: Header,
    pub(crate) content: Cell<Value>,
}

/// Linked code: what the loop needs at hand, and the rest behind `detail`.
#[repr(C)]
pub struct CodeObject {
    pub(crate) header: Header,
    /// Instruction, cache and data words. Caches are written while the code runs.
    pub(crate) words: Box<[Cell<u64>]>,
    /// The constants as values; each is a count.
    pub(crate) constants: Box<[Value]>,
    /// The interned names; each is a count.
    pub(crate) names: Box<[Value]>,
    /// Inner code objects; each is a count.
    pub(crate) codes: Box<[Value]>,
    pub(crate) layout: CodeLayout,
    /// What the virtual machine keeps with it.
    pub(crate) detail: Box<dyn Payload>,
}

/// The numbers that a call looks at.
#[derive(Clone, Copy, Debug, Default)]
pub struct CodeLayout {
    /// Number of registers of a frame.
    pub register_count: u32,
    /// Number of registers that are locals; parameters first.
    pub local_count: u32,
    /// Parameters that a call by position can fill.
    pub positional_count: u32,
    /// With exactly so many arguments by position a call needs nothing but a frame. [`NEVER_PLAIN`](Self::NEVER_PLAIN) where
    /// it always needs more: with `*args`, `**kwargs`, keyword-only parameters, and for generators.
    pub plain_count: u32,
    /// Number of registers that parameters take, `*args` and `**kwargs` included.
    pub parameter_count: u32,
    /// A call makes a generator or coroutine.
    pub makes_generator: bool,
    /// Some of its words are covered by a handler.
    pub has_handlers: bool,
}

/// A function written in toy.
#[repr(C)]
pub struct FunctionObject {
    pub(crate) header: Header,
    /// A [`CodeObject`].
    pub(crate) code: Cell<Value>,
    /// A dict.
    pub(crate) globals: Value,
    /// A tuple of cells, or unbound.
    pub(crate) closure: Value,
    /// A tuple, or unbound.
    pub(crate) defaults: Cell<Value>,
    /// A dict, or unbound.
    pub(crate) keyword_defaults: Cell<Value>,
    pub(crate) name: Cell<Value>,
    pub(crate) qualified_name: Cell<Value>,
    /// A string, or None.
    pub(crate) doc: Cell<Value>,
    /// A dict, or unbound until it is asked for.
    pub(crate) annotations: Cell<Value>,
    pub(crate) module: Cell<Value>,
    /// A tuple, or unbound.
    pub(crate) type_parameters: Cell<Value>,
    /// A dict, or unbound until it is asked for.
    pub(crate) attributes: Cell<Value>,
}

/// A function written in Rust, possibly with its first argument (`[].append`).
#[repr(C)]
pub struct NativeFunctionObject {
    pub(crate) header: Header,
    /// The virtual machine's row for it, which lives for ever.
    pub(crate) definition: NonNull<()>,
    /// What it is bound to, or unbound.
    pub(crate) receiver: Value,
    /// The class that a method belongs to, or the module of a function, or unbound.
    pub(crate) home: Value,
    /// It stands behind an operator or another piece of syntax.
    pub(crate) is_slot: bool,
}

/// A function with its first argument.
#[repr(C)]
pub struct BoundMethodObject {
    pub(crate) header: Header,
    pub(crate) function: Value,
    pub(crate) receiver: Value,
}

/// What instances of classes start with; the slots follow. Exceptions, too.
#[repr(C)]
pub struct InstanceObject {
    pub(crate) header: Header,
    /// A dict in dictionary mode, else unbound.
    pub(crate) dict: Cell<Value>,
}

/// A class.
#[repr(C)]
pub struct ClassObject {
    pub(crate) header: Header,
    pub(crate) class: Box<crate::class::ClassData>,
}

/// A module.
#[repr(C)]
pub struct ModuleObject {
    pub(crate) header: Header,
    /// A dict.
    pub(crate) dict: Value,
}

/// A generator or coroutine: a frame that waits.
#[repr(C)]
pub(crate) struct GeneratorObject {
    pub(crate) header: Header,
    /// The registers, the function in front, while it waits; empty while it runs and after its end.
    pub(crate) window: GilCell<Vec<Value>>,
    /// Word index of the next instruction.
    pub(crate) resume_at: Cell<u32>,
    pub(crate) state: Cell<crate::generator::GeneratorState>,
    /// The detail holds something of the waiting frame.
    pub(crate) keeps_more: Cell<bool>,
    /// What the virtual machine keeps with it: name, exception state.
    pub(crate) detail: Box<dyn Payload>,
}

/// An iterator over a range whose numbers fit.
#[repr(C)]
pub struct RangeIteratorObject {
    pub(crate) header: Header,
    pub(crate) next: Cell<i64>,
    pub(crate) step: i64,
    pub(crate) remaining: Cell<u64>,
}

/// An iterator by index over a list, tuple, str or bytes.
#[repr(C)]
pub struct SequenceIteratorObject {
    pub(crate) header: Header,
    /// Unbound after the end.
    pub(crate) sequence: Cell<Value>,
    pub(crate) index: Cell<usize>,
    pub(crate) class: crate::content_class::ContentClass,
}

/// An iterator over a dict.
#[repr(C)]
pub(crate) struct DictIteratorObject {
    pub(crate) header: Header,
    /// Unbound after the end.
    pub(crate) dict: Cell<Value>,
    pub(crate) position: Cell<usize>,
    /// Number of entries at the start; another one now is an error.
    pub(crate) expected: Cell<usize>,
    /// Number of entries that are still to come.
    pub(crate) remaining: Cell<usize>,
    pub(crate) yields: crate::dict::DictYield,
    pub(crate) is_reversed: bool,
    /// Of an OrderedDict: how often its keys or their places had changed at the start.
    pub(crate) ordered_changes: Option<u32>,
    /// The last tuple of key and value, or unbound; see [`Heap::next_pair`](crate::Heap::next_pair).
    pub(crate) pair: Cell<Value>,
}

/// An iterator over a set.
#[repr(C)]
pub(crate) struct SetIteratorObject {
    pub(crate) header: Header,
    /// Unbound after the end.
    pub(crate) set: Cell<Value>,
    pub(crate) position: Cell<usize>,
    /// Number of elements at the start.
    pub(crate) expected: Cell<usize>,
}

/// A weak reference.
#[repr(C)]
pub(crate) struct WeakReferenceObject {
    pub(crate) header: Header,
    /// The object, not counted; unbound after its death.
    pub(crate) referent: Cell<Value>,
    /// Called with the reference after the death, or unbound.
    pub(crate) callback: Cell<Value>,
    /// Hash of the referent once it was asked for.
    pub(crate) hash: Cell<Option<i64>>,
}

/// A Rust value; it stands behind the struct.
#[repr(C)]
pub(crate) struct NativeObject {
    pub(crate) header: Header,
    /// A dict, or unbound.
    pub(crate) dict: Cell<Value>,
    /// Makes a trait object of the place where the value stands.
    pub(crate) view: fn(NonNull<u8>) -> NonNull<dyn Payload>,
    /// Size of the value in bytes.
    pub(crate) size: usize,
}

impl StrObject {
    /// The size of its block in bytes.
    #[inline(always)]
    pub(crate) fn block_size(&self) -> usize {
        size_of::<StrObject>() + self.length as usize * self.width as usize
    }
}
