//! What an object is: its kind, its class, and which attribute lives in which slot.
//!
//! Every object's header names a shape. Builtin types have one fixed shape each, so one compare is a type test. Instances
//! of classes start at their class's root shape and move along transitions as attributes are added; all instances that
//! got the same attributes in the same order share a shape, which is what the attribute caches test.
//!
//! Invariant: a shape's number is never used again, so a cache that remembers one can be stale but never wrong.
//! Invariant: a shape keeps the names of its slots alive, and not its class: a class dies only together with its
//! instances, in the collector, because its own method resolution order refers to it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ptr::NonNull;

use crate::header::Header;
use crate::value::Value;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $constant:ident $class_name:literal;)*) => {
        /// How an object is laid out.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// All kinds in the order of their fixed shapes.
            pub const ALL: &'static [Kind] = &[$(Kind::$name,)*];

            /// The name of the class of plain objects of this kind.
            pub fn class_name(self) -> &'static str {
                match self { $(Kind::$name => $class_name,)* }
            }
        }

        impl ShapeId {
            $(
                #[doc = concat!("The shape of every plain `", $class_name, "`.")]
                pub const $constant: ShapeId = ShapeId(Kind::$name as u32);
            )*
        }
    };
}

/// The number of a shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(transparent)]
pub struct ShapeId(pub u32);

kinds! {
    /// A free block.
    Free FREE "free";
    /// `None`: never on the heap.
    None NONE "NoneType";
    /// `True`, `False`: never on the heap.
    Bool BOOL "bool";
    /// `Ellipsis`: never on the heap.
    Ellipsis ELLIPSIS "ellipsis";
    /// `NotImplemented`: never on the heap.
    NotImplemented NOT_IMPLEMENTED "NotImplementedType";
    /// An integer; on the heap if it needs more than 62 bits.
    Int INT "int";
    /// A float; on the heap if its exponent is unusual.
    Float FLOAT "float";
    /// Text.
    Str STR "str";
    /// Immutable bytes.
    Bytes BYTES "bytes";
    /// Mutable bytes.
    ByteArray BYTE_ARRAY "bytearray";
    /// List.
    List LIST "list";
    /// Tuple.
    Tuple TUPLE "tuple";
    /// Dict.
    Dict DICT "dict";
    /// Mutable set.
    Set SET "set";
    /// Immutable set.
    FrozenSet FROZEN_SET "frozenset";
    /// Range.
    Range RANGE "range";
    /// Slice.
    Slice SLICE "slice";
    /// A variable shared with inner functions.
    Cell CELL "cell";
    /// Linked code.
    Code CODE "code";
    /// A function written in toy.
    Function FUNCTION "function";
    /// A function written in Rust.
    NativeFunction NATIVE_FUNCTION "builtin_function_or_method";
    /// A function with its first argument.
    BoundMethod BOUND_METHOD "method";
    /// A class; classes with a metaclass of their own have other shapes of the same kind.
    Class CLASS "type";
    /// An instance: slots.
    Instance INSTANCE "object";
    /// A module.
    Module MODULE "module";
    /// A generator or coroutine.
    Generator GENERATOR "generator";
    /// An iterator over a range.
    RangeIterator RANGE_ITERATOR "range_iterator";
    /// An iterator over list, tuple, str, bytes by index.
    SequenceIterator SEQUENCE_ITERATOR "iterator";
    /// An iterator over the entries of a dict.
    DictIterator DICT_ITERATOR "dict_keyiterator";
    /// An iterator over a set.
    SetIterator SET_ITERATOR "set_iterator";
    /// A weak reference.
    WeakReference WEAK_REFERENCE "ReferenceType";
    /// A Rust value behind a trait object.
    Native NATIVE "native";
}

/// Properties of all objects of a shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ShapeFlags {
    /// The class has `__del__`: the object is handed to the finaliser queue before it is dropped.
    pub finaliser: bool,
    /// Some instance of the class was referred to weakly at some time.
    pub weakly_referenced: bool,
    /// The first slot holds an object of a builtin kind that this instance of a subclass stands for.
    pub wraps: bool,
    /// Instances are exceptions: the first slots are those of [`ExceptionSlot`](crate::ExceptionSlot).
    pub exception: bool,
    /// Instances can be referred to weakly.
    pub weak_references: bool,
    /// No attributes besides the slots: the class declares `__slots__`.
    pub no_dict: bool,
    /// Native objects that scripts may give attributes: they stand in a dict.
    pub attributes: bool,
    /// Instances in this shape keep their attributes in their dict only.
    pub dictionary: bool,
}

/// One row of the table of shapes.
pub struct Shape {
    pub(crate) kind: Kind,
    pub(crate) class: Cell<Option<NonNull<Header>>>,
    pub(crate) flags: Cell<ShapeFlags>,
    /// Names of the slots in order; unbound for the hidden ones. Interned; each name is owned by the shape that added it.
    pub(crate) names: Box<[Value]>,
    /// How many of the slots instances have from birth: hidden ones and those of `__slots__`.
    pub(crate) born: u16,
    /// Whether the last name was added by the transition to this shape, which owns it then.
    pub(crate) owns_last_name: bool,
    /// Number of slots that objects of this shape have room for.
    pub(crate) capacity: u16,
    pub(crate) transitions: RefCell<Vec<(Value, ShapeId)>>,
    /// The dictionary-mode shape of the same class.
    pub(crate) dictionary: Cell<Option<ShapeId>>,
    /// Slot by name, made when a shape with many slots is first asked.
    index: RefCell<Option<HashMap<u64, u16>>>,
}

/// Shapes with at most this many slots are searched from front to back.
const LINEAR_SEARCH: usize = 8;

impl Shape {
    /// A shape whose slots all exist from birth.
    pub(crate) fn new(kind: Kind, names: Box<[Value]>, capacity: u16, flags: ShapeFlags) -> Self {
        Self {
            kind,
            class: Cell::new(None),
            flags: Cell::new(flags),
            born: names.len() as u16,
            owns_last_name: false,
            names,
            capacity,
            transitions: RefCell::new(Vec::new()),
            dictionary: Cell::new(None),
            index: RefCell::new(None),
        }
    }

    /// The layout.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The properties.
    pub fn flags(&self) -> ShapeFlags {
        self.flags.get()
    }

    /// Number of slots that hold something or are reserved.
    pub fn slot_count(&self) -> usize {
        self.names.len()
    }

    /// Number of slots that instances have from birth.
    pub(crate) fn born_slots(&self) -> usize {
        self.born as usize
    }

    /// Whether a slot exists from birth: hidden, or declared by `__slots__`.
    pub fn is_born_slot(&self, slot: usize) -> bool {
        slot < self.born_slots()
    }

    /// Number of slots that the objects have room for.
    pub fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// The slot of an interned name.
    pub fn slot(&self, name: Value) -> Option<usize> {
        if self.names.len() <= LINEAR_SEARCH {
            return self.names.iter().position(|&slot| slot == name);
        }
        let mut index = self.index.borrow_mut();
        let index = index.get_or_insert_with(|| {
            let named = self.names.iter().enumerate().filter(|(_, name)| !name.is_unbound());
            named.map(|(slot, name)| (name.bits(), slot as u16)).collect()
        });
        index.get(&name.bits()).map(|&slot| slot as usize)
    }
}
