//! Classes whose objects lie in memory alike and so share a shape: which one an object is of follows from its content.

use crate::dict::DictYield;
use crate::heap::Heap;
use crate::layout::{DictIteratorObject, NativeFunctionObject, SequenceIteratorObject};
use crate::reference::Ref;
use crate::shape::Kind;

/// A class whose objects share a shape with those of other classes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ContentClass {
    /// Over a list.
    List,
    /// Over a tuple.
    Tuple,
    /// Over text.
    Str,
    /// Over text of ASCII characters.
    AsciiStr,
    /// Over bytes.
    Bytes,
    /// Over a bytearray.
    ByteArray,
    /// Over the keys of a dict.
    DictKeys,
    /// Over the values of a dict.
    DictValues,
    /// Over the items of a dict.
    DictItems,
    /// Over the keys of a dict, from the last.
    ReversedDictKeys,
    /// Over the values of a dict, from the last.
    ReversedDictValues,
    /// Over the items of a dict, from the last.
    ReversedDictItems,
    /// A function written in Rust, or a method bound to its receiver.
    Function,
    /// A method in its class.
    Method,
    /// A method behind an operator or another piece of syntax, in its class.
    Slot,
    /// The same, bound to its receiver.
    BoundSlot,
}

impl ContentClass {
    /// How many there are.
    pub(crate) const COUNT: usize = Self::BoundSlot as usize + 1;

    /// Of an iterator by index over this.
    pub(crate) fn of_sequence(heap: &Heap, sequence: Ref<'_>) -> Self {
        let sequence = crate::instance::wrapped(sequence).unwrap_or(sequence);
        match heap.shape(sequence.shape()).kind() {
            Kind::Tuple => Self::Tuple,
            Kind::Str if sequence.as_str().is_some_and(|text| text.is_ascii()) => Self::AsciiStr,
            Kind::Str => Self::Str,
            Kind::Bytes => Self::Bytes,
            Kind::ByteArray => Self::ByteArray,
            _ => Self::List,
        }
    }

    /// Of an iterator over a dict.
    fn of_dict(yields: DictYield, is_reversed: bool) -> Self {
        match (yields, is_reversed) {
            (DictYield::Keys, false) => Self::DictKeys,
            (DictYield::Values, false) => Self::DictValues,
            (DictYield::Items, false) => Self::DictItems,
            (DictYield::Keys, true) => Self::ReversedDictKeys,
            (DictYield::Values, true) => Self::ReversedDictValues,
            (DictYield::Items, true) => Self::ReversedDictItems,
        }
    }

    fn of_function(function: &NativeFunctionObject, heap: &Heap) -> Self {
        // SAFETY: the function owns a count of its home.
        let is_method = || unsafe { Ref::from_value(function.home) }.as_class(heap).is_some();
        match (function.is_slot, function.receiver.is_unbound()) {
            (true, false) => Self::BoundSlot,
            (false, false) => Self::Function,
            (_, true) if function.home.is_unbound() || !is_method() => Self::Function,
            (true, true) => Self::Slot,
            (false, true) => Self::Method,
        }
    }

    /// Of an object of one of these classes; `None` for others.
    pub(crate) fn of(heap: &Heap, object: Ref<'_>) -> Option<Self> {
        if let Some(sequence) = object.layout::<SequenceIteratorObject>() {
            return Some(sequence.class);
        }
        if let Some(function) = object.layout::<NativeFunctionObject>() {
            return Some(Self::of_function(function, heap));
        }
        let dict = object.layout::<DictIteratorObject>()?;
        Some(Self::of_dict(dict.yields, dict.is_reversed))
    }
}
