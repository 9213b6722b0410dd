//! The table of operations. [`Op`], [`Event`], the [`Writer`](super::Writer)'s methods, the reader, the listing and the table in
//! `operations.md` are made from it.
//!
//! Invariant: a byte that was given to an operation once is never given to another.

use super::cursor::Cursor;
use super::error::Fault;
use super::machine::{Gives, Kind, Need};
use super::operand::{
    Count, Digits, Double, HandleIndex, Integer, MemoNumber, Octets, Operand, Surrogates, Text, Truth, encoded,
};
use super::surrogates::SurrogateText;
use super::writer::Writer;

/// One row of the table, for consumers that want data rather than code.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// The operation.
    pub op: Op,
    /// The byte that stands for it.
    pub byte: u8,
    /// As the listing prints it.
    pub name: &'static str,
    /// Its operands: names, and how they are encoded.
    pub operands: &'static [(&'static str, &'static str)],
    /// What it finds on the stack, the topmost last, below the values that it counts.
    pub takes: &'static [Need],
    /// How many values it takes for each one that its operand `count` counts.
    pub each: usize,
    /// What it leaves on the stack.
    pub gives: Gives,
    /// What it does, in a sentence.
    pub doc: &'static str,
}

/// Hands the whole table to a macro. A row reads
/// `byte Variant method(operand: Encoding) [what it takes] each => what it gives, "meaning";` where `each` is the number of values
/// that it takes for each one of its operand `count`, on top of what it takes otherwise.
macro_rules! for_each_op {
    ($consumer:ident) => {
        $consumer! {
            // What needs nothing else.
            0x01 None none [] 0 => New(Plain), "`None`";
            0x02 Bool bool(value: Truth) [] 0 => New(Plain), "`True` or `False`";
            0x03 Int int(value: Integer) [] 0 => New(Plain), "an integer of 64 bits";
            0x04 BigInt big_int(digits: Digits) [] 0 => New(Plain), "an integer of any size";
            0x05 Float float(value: Double) [] 0 => New(Plain), "a float; all bits of a NaN are kept";
            0x06 Str str(text: Text) [] 0 => New(Plain), "a string without surrogates";
            0x07 SurrogateStr surrogate_str(text: Surrogates) [] 0 => New(Plain), "a string in which surrogates may stand";
            0x08 Bytes bytes(bytes: Octets) [] 0 => New(Plain), "a `bytes` object";
            0x09 ByteArray byte_array(bytes: Octets) [] 0 => New(Plain), "a `bytearray`";
            0x0a Global global(module: Text, name: Text) [] 0 => New(Plain), "what a module calls by a qualified name";
            0x0b Handle handle(index: HandleIndex) [] 0 => New(Plain), "a descriptor that travels beside the bytes";

            // Containers that can be remembered before they are filled, so that they can hold themselves.
            0x10 EmptyList empty_list [] 0 => New(List), "a new list";
            0x11 EmptyDict empty_dict [] 0 => New(Dict), "a new dict";
            0x12 EmptySet empty_set [] 0 => New(Set), "a new set";
            0x13 Append append(count: Count) [ListLike] 1 => First, "appends `count` values to the list or object below them";
            0x14 SetItems set_items(count: Count) [DictLike] 2 => First, "sets `count` items, each a key and a value above it, in the dict or object below them";
            0x15 AddItems add_items(count: Count) [Set] 1 => First, "adds `count` values to the set below them";

            // Containers that are made full.
            0x18 Tuple tuple(count: Count) [] 1 => New(Tuple), "the tuple of `count` values";
            0x19 FrozenSet frozen_set(count: Count) [] 1 => New(Plain), "the frozenset of `count` values";

            // Objects.
            0x20 Reduce reduce [Any, Tuple] 0 => New(Object), "calls what stands below with the tuple's values as arguments";
            0x21 NewObject new_object [Any, Tuple] 0 => New(Object), "`cls.__new__(cls, *args)`: the class, the arguments";
            0x22 NewObjectWithKeywords new_object_with_keywords [Any, Tuple, Dict] 0 => New(Object), "`cls.__new__(cls, *args, **kwargs)`: the class, the arguments, those by name";
            0x23 Build build [Object, Any] 0 => First, "gives the object its state: by `__setstate__`, else into its attributes";

            // What is shared.
            0x30 Remember remember [Any] 0 => First, "remembers the topmost value under the next number; the first is 0";
            0x31 Recall recall(number: MemoNumber) [] 0 => Remembered, "the value remembered under a number";
            0x32 Pop pop(count: Count) [] 1 => Nothing, "drops `count` values: a tuple that held itself is finished already when its values stand ready";

            // The end.
            0x3f Stop stop [Any] 0 => Nothing, "the value is complete; nothing else may be on the stack, and nothing follows";
        }
    };
}

macro_rules! define_ops {
    ($($byte:literal $variant:ident $method:ident $(($($operand:ident: $encoding:ident),+))? [$($need:ident),*] $each:literal => $gives:ident $(($kind:ident))?, $doc:literal;)*) => {
        /// What is to be done, without its operands.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum Op {
            $(#[doc = concat!("`", stringify!($method), "`: ", $doc, ".")] $variant = $byte,)*
        }

        /// The table, in the order of the bytes.
        pub const OPS: &[&OpInfo] = &[$(Op::$variant.info()),*];

        impl Op {
            /// The operation that a byte stands for.
            pub const fn from_byte(byte: u8) -> Option<Self> {
                match byte {
                    $($byte => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its row in the table.
            pub const fn info(self) -> &'static OpInfo {
                match self {
                    $(Self::$variant => &OpInfo {
                        op: Op::$variant,
                        byte: $byte,
                        name: stringify!($method),
                        operands: &[$($((stringify!($operand), $encoding::ENCODING)),+)?],
                        takes: &[$(Need::$need),*],
                        each: $each,
                        gives: Gives::$gives $((Kind::$kind))?,
                        doc: $doc,
                    },)*
                }
            }
        }

        /// An operation with its operands.
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub enum Event<'a> {
            $(#[doc = concat!("`", stringify!($method $(($($operand),+))?), "`: ", $doc, ".")]
            $variant $(($(encoded!('a $encoding)),+))?,)*
        }

        impl<'a> Event<'a> {
            /// The operation, without its operands.
            pub const fn op(&self) -> Op {
                match self {
                    $(Self::$variant { .. } => Op::$variant,)*
                }
            }

            /// How many values its operand counts; 0 if it counts none.
            pub(super) fn count(&self) -> u64 {
                match *self {
                    $(Self::$variant $(($($operand),+))? => 0 $($(+ $encoding::count($operand))+)?,)*
                }
            }

            /// Its operands, as the listing prints them.
            pub(super) fn operands(&self) -> Vec<String> {
                match *self {
                    $(Self::$variant $(($($operand),+))? => vec![$($($encoding::show($operand)),+)?],)*
                }
            }

            /// Reads the operands of an operation. Inlined, as an event on its way through memory costs as much as reading it.
            #[inline(always)]
            pub(super) fn read(op: Op, cursor: &mut Cursor<'a>) -> Result<Self, Fault> {
                Ok(match op {
                    $(Op::$variant => Self::$variant $(($($encoding::read(cursor)?),+))?,)*
                })
            }
        }

        /// One method for each operation.
        impl Writer {
            /// Writes an operation with its operands; the last, [`Event::Stop`], is for [`Writer::into_bytes`] to write.
            ///
            /// Inlined, so that each method is left with its own arm.
            #[inline(always)]
            pub fn event(&mut self, event: Event<'_>) {
                match event {
                    $(Event::$variant $(($($operand),+))? => {
                        let size = 1 $($(+ $encoding::size($operand))+)?;
                        if let Some(bytes) = self.begin(&event, size) {
                            bytes.push($byte);
                            $($($encoding::write($operand, bytes);)+)?
                        }
                    })*
                }
            }

            $(write_method! { $variant $method $(($($operand: $encoding),+))? $doc })*
        }
    };
}

/// A method of the writer; those that number or end are written by hand.
macro_rules! write_method {
    (Remember $($rest:tt)*) => {};
    (Stop $($rest:tt)*) => {};
    ($variant:ident $method:ident $(($($operand:ident: $encoding:ident),+))? $doc:literal) => {
        #[doc = concat!("Writes: ", $doc, ".")]
        #[inline]
        pub fn $method(&mut self $($(, $operand: encoded!('_ $encoding))+)?) {
            self.event(Event::$variant $(($($operand),+))?);
        }
    };
}

for_each_op!(define_ops);
