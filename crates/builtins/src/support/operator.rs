//! Operators and comparisons as methods: `(1).__add__(2)`.
//!
//! They ask what the builtin types know (`Vm::builtin_binary` and its kin), on the plain object inside the receiver, and
//! answer `NotImplemented` if that is nothing: asking the other operand's class is the caller's business.

use toy_object::Owned;
use toy_vm::{Args, BinaryOp, CompareOp, Outcome, UnaryOp, Vm};

/// `self op value`.
pub(crate) fn forward(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    vm.builtin_binary(operator, args.at(0), args.at(1))
}

/// `value op self`.
pub(crate) fn reflected(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    vm.builtin_binary(operator, args.at(1), args.at(0))
}

/// `self op= value`: changes the receiver and answers it.
pub(crate) fn in_place(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    match vm.builtin_in_place(operator, args.at(0), args.at(1))? {
        Some(_) => Ok(args.at(0).to_owned()),
        None => Ok(Owned::not_implemented()),
    }
}

/// `self op value` for comparisons.
fn compared(vm: &mut Vm, args: Args<'_>, operator: CompareOp) -> Outcome {
    vm.builtin_compare(operator, args.at(0), args.at(1))
}

/// `op self`.
pub(crate) fn unary(vm: &mut Vm, args: Args<'_>, operator: UnaryOp) -> Outcome {
    Ok(vm.builtin_unary(operator, args.at(0))?.unwrap_or_else(Owned::not_implemented))
}

/// Makes tables of the methods behind operators:
/// `operators! { /// Doc. pub(crate) TABLE: forward Add "__add__" "self+value"; }`.
macro_rules! operators {
    ($($(#[$meta:meta])* $visibility:vis $table:ident: $($kind:ident $operator:ident $name:literal $meaning:literal;)*)*) => {
        $(
            $(#[$meta])*
            $visibility static $table: &[toy_vm::NativeRow] = &[$(
                toy_vm::NativeRow::new(
                    toy_vm::NativeKind::Method, $name, "value, /", false, concat!("Return ", $meaning, "."),
                    |vm, args| $crate::support::$kind(vm, args, toy_vm::BinaryOp::$operator),
                ),
            )*];
        )*
    };
}

/// Makes tables of comparison methods.
macro_rules! comparisons {
    ($($(#[$meta:meta])* $visibility:vis $table:ident: $($operator:ident $name:literal $symbol:literal;)*)*) => {
        $(
            $(#[$meta])*
            $visibility static $table: &[toy_vm::NativeRow] = &[$(
                toy_vm::NativeRow::new(
                    toy_vm::NativeKind::Method, $name, "value, /", false, concat!("Return self", $symbol, "value."),
                    |vm, args| compared(vm, args, CompareOp::$operator),
                ),
            )*];
        )*
    };
}

comparisons! {
    /// The comparisons of types that have an order.
    pub(crate) ORDER_METHODS:
    Equal "__eq__" "==";
    NotEqual "__ne__" "!=";
    Less "__lt__" "<";
    LessEqual "__le__" "<=";
    Greater "__gt__" ">";
    GreaterEqual "__ge__" ">=";

    /// The comparisons of types without order.
    pub(crate) EQUALITY_METHODS:
    Equal "__eq__" "==";
    NotEqual "__ne__" "!=";
}

operators! {
    /// The operators of float.
    pub(crate) FLOAT_OPERATORS:
    forward Add "__add__" "self+value";
    reflected Add "__radd__" "value+self";
    forward Subtract "__sub__" "self-value";
    reflected Subtract "__rsub__" "value-self";
    forward Multiply "__mul__" "self*value";
    reflected Multiply "__rmul__" "value*self";
    forward TrueDivide "__truediv__" "self/value";
    reflected TrueDivide "__rtruediv__" "value/self";
    forward FloorDivide "__floordiv__" "self//value";
    reflected FloorDivide "__rfloordiv__" "value//self";
    forward Modulo "__mod__" "self%value";
    reflected Modulo "__rmod__" "value%self";
    forward DivMod "__divmod__" "divmod(self, value)";
    reflected DivMod "__rdivmod__" "divmod(value, self)";

    /// What int has besides those of float.
    pub(crate) BIT_OPERATORS:
    forward LeftShift "__lshift__" "self<<value";
    reflected LeftShift "__rlshift__" "value<<self";
    forward RightShift "__rshift__" "self>>value";
    reflected RightShift "__rrshift__" "value>>self";
    forward And "__and__" "self&value";
    reflected And "__rand__" "value&self";
    forward Or "__or__" "self|value";
    reflected Or "__ror__" "value|self";
    forward Xor "__xor__" "self^value";
    reflected Xor "__rxor__" "value^self";

    /// The operators of sequences.
    pub(crate) SEQUENCE_OPERATORS:
    forward Add "__add__" "self+value";
    forward Multiply "__mul__" "self*value";
    reflected Multiply "__rmul__" "value*self";

    /// What mutable sequences have besides.
    pub(crate) SEQUENCE_CHANGES:
    in_place Add "__iadd__" "self, extended by value";
    in_place Multiply "__imul__" "self, repeated";

    /// The operators of text and bytes.
    pub(crate) TEMPLATE_OPERATORS:
    forward Modulo "__mod__" "self%value";
    reflected Modulo "__rmod__" "value%self";

    /// The operators of dict.
    pub(crate) DICT_OPERATORS:
    forward Or "__or__" "self|value";
    reflected Or "__ror__" "value|self";
    in_place Or "__ior__" "self, updated by value";

    /// The operators of set and frozenset.
    pub(crate) SET_OPERATORS:
    forward And "__and__" "self&value";
    reflected And "__rand__" "value&self";
    forward Or "__or__" "self|value";
    reflected Or "__ror__" "value|self";
    forward Subtract "__sub__" "self-value";
    reflected Subtract "__rsub__" "value-self";
    forward Xor "__xor__" "self^value";
    reflected Xor "__rxor__" "value^self";

    /// What set has besides.
    pub(crate) SET_CHANGES:
    in_place And "__iand__" "self, reduced to what value has";
    in_place Or "__ior__" "self, with the elements of value";
    in_place Subtract "__isub__" "self, without the elements of value";
    in_place Xor "__ixor__" "self, with what only one of both has";
}
