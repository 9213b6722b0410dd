//! Operators and comparisons as methods: `(1).__add__(2)`.
//!
//! They ask what the builtin types know (`Vm::builtin_binary` and its kin), on the plain object inside the receiver, and
//! answer `NotImplemented` if that is nothing: asking the other operand's class is the caller's business.

use toy_object::Owned;
use toy_vm::{Args, BinaryOp, CompareOp, Outcome, UnaryOp, Vm, natives};

use super::{is_number, plain};

/// `self op value`.
fn forward(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    vm.builtin_binary(operator, args.at(0), args.at(1))
}

/// `value op self`.
fn reflected(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    vm.builtin_binary(operator, args.at(1), args.at(0))
}

/// `self op value` of integers only: numbers of other types have the say.
fn forward_whole(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    if args.at(1).as_int().is_some() { forward(vm, args, operator) } else { Ok(Owned::not_implemented()) }
}

/// `value op self` of integers only.
fn reflected_whole(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    if args.at(1).as_int().is_some() { reflected(vm, args, operator) } else { Ok(Owned::not_implemented()) }
}

/// `value op self` of two objects of one type.
fn reflected_own(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    let (own, other) = (plain(args.at(0)), plain(args.at(1)));
    let is_same = vm.heap().class_of(own).is(vm.heap().class_of(other));
    if is_same { reflected(vm, args, operator) } else { Ok(Owned::not_implemented()) }
}

/// `self op value` of a sequence, which knows better than any other what is wrong with it.
fn sequence(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    if operator == BinaryOp::Multiply && !vm.is_index(args.at(1)) {
        return vm.index(args.at(1));
    }
    vm.builtin_sequence(operator, args.at(0), args.at(1))
}

/// `self op= value` of a sequence.
fn sequence_in_place(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    match vm.builtin_in_place(operator, args.at(0), args.at(1))? {
        Some(_) => Ok(args.at(0).to_owned()),
        None => sequence(vm, args, operator),
    }
}

/// `self op value` of floats: what is no number has the say.
fn forward_real(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    if is_number(args.at(1)) { forward(vm, args, operator) } else { Ok(Owned::not_implemented()) }
}

/// `value op self` of floats.
fn reflected_real(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    if is_number(args.at(1)) { reflected(vm, args, operator) } else { Ok(Owned::not_implemented()) }
}

/// `self op= value`: changes the receiver and answers it.
fn in_place(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
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

/// `self op value` for comparisons of integers only.
fn compared_whole(vm: &mut Vm, args: Args<'_>, operator: CompareOp) -> Outcome {
    if args.at(1).as_int().is_some() { compared(vm, args, operator) } else { Ok(Owned::not_implemented()) }
}

/// Makes tables of the methods behind operators:
/// `operators! { /// Doc. TABLE { forward Add "__add__" "self + value"; } }`.
macro_rules! operators {
    ($($(#[$meta:meta])* $table:ident { $($kind:ident $operator:ident $name:literal $meaning:literal;)* })*) => {
        $(
            natives! {
                $(#[$meta])*
                pub(crate) $table:
                $(method $name ("value, /") $meaning => |vm, args| $kind(vm, args, BinaryOp::$operator);)*
            }
        )*
    };
}

/// Makes tables of comparison methods.
macro_rules! comparisons {
    ($($(#[$meta:meta])* $compare:ident $table:ident { $($operator:ident $name:literal $meaning:literal;)* })*) => {
        $(
            natives! {
                $(#[$meta])*
                pub(crate) $table:
                $(method $name ("value, /") $meaning => |vm, args| $compare(vm, args, CompareOp::$operator);)*
            }
        )*
    };
}

comparisons! {
    /// The comparisons of types that have an order.
    compared ORDER_METHODS {
        Equal "__eq__" "self == value";
        NotEqual "__ne__" "self != value";
        Less "__lt__" "self < value";
        LessEqual "__le__" "self <= value";
        Greater "__gt__" "self > value";
        GreaterEqual "__ge__" "self >= value";
    }

    /// The comparisons of int.
    compared_whole INT_COMPARISONS {
        Equal "__eq__" "self == value";
        NotEqual "__ne__" "self != value";
        Less "__lt__" "self < value";
        LessEqual "__le__" "self <= value";
        Greater "__gt__" "self > value";
        GreaterEqual "__ge__" "self >= value";
    }

    /// The comparisons of types without order.
    compared EQUALITY_METHODS {
        Equal "__eq__" "self == value";
        NotEqual "__ne__" "self != value";
    }
}

operators! {
    /// The operators of float.
    FLOAT_OPERATORS {
        forward_real Add "__add__" "self + value";
        reflected_real Add "__radd__" "value + self";
        forward_real Subtract "__sub__" "self - value";
        reflected_real Subtract "__rsub__" "value - self";
        forward_real Multiply "__mul__" "self * value";
        reflected_real Multiply "__rmul__" "value * self";
        forward_real TrueDivide "__truediv__" "self / value";
        reflected_real TrueDivide "__rtruediv__" "value / self";
        forward_real FloorDivide "__floordiv__" "self // value";
        reflected_real FloorDivide "__rfloordiv__" "value // self";
        forward_real Modulo "__mod__" "self % value";
        reflected_real Modulo "__rmod__" "value % self";
        forward_real DivMod "__divmod__" "Quotient and remainder of self by value.";
        reflected_real DivMod "__rdivmod__" "Quotient and remainder of value by self.";
    }

    /// The operators that int shares with float.
    INT_OPERATORS {
        forward_whole Add "__add__" "self + value";
        reflected_whole Add "__radd__" "value + self";
        forward_whole Subtract "__sub__" "self - value";
        reflected_whole Subtract "__rsub__" "value - self";
        forward_whole Multiply "__mul__" "self * value";
        reflected_whole Multiply "__rmul__" "value * self";
        forward_whole TrueDivide "__truediv__" "self / value";
        reflected_whole TrueDivide "__rtruediv__" "value / self";
        forward_whole FloorDivide "__floordiv__" "self // value";
        reflected_whole FloorDivide "__rfloordiv__" "value // self";
        forward_whole Modulo "__mod__" "self % value";
        reflected_whole Modulo "__rmod__" "value % self";
        forward_whole DivMod "__divmod__" "Quotient and remainder of self by value.";
        reflected_whole DivMod "__rdivmod__" "Quotient and remainder of value by self.";
    }

    /// What int has besides those of float.
    BIT_OPERATORS {
        forward LeftShift "__lshift__" "self << value";
        reflected LeftShift "__rlshift__" "value << self";
        forward RightShift "__rshift__" "self >> value";
        reflected RightShift "__rrshift__" "value >> self";
        forward And "__and__" "self & value";
        reflected And "__rand__" "value & self";
        forward Or "__or__" "self | value";
        reflected Or "__ror__" "value | self";
        forward Xor "__xor__" "self ^ value";
        reflected Xor "__rxor__" "value ^ self";
    }

    /// The operators of sequences.
    SEQUENCE_OPERATORS {
        sequence Add "__add__" "self + value";
        sequence Multiply "__mul__" "self * value";
        sequence Multiply "__rmul__" "value * self";
    }

    /// What mutable sequences have besides.
    SEQUENCE_CHANGES {
        sequence_in_place Add "__iadd__" "Self, extended by value.";
        sequence_in_place Multiply "__imul__" "Self, repeated.";
    }

    /// The operators of text and bytes.
    TEMPLATE_OPERATORS {
        forward Modulo "__mod__" "self % value";
        reflected_own Modulo "__rmod__" "value % self";
    }

    /// The operators of dict.
    DICT_OPERATORS {
        forward Or "__or__" "self | value";
        reflected Or "__ror__" "value | self";
        in_place Or "__ior__" "Self, updated by value.";
    }

    /// The operators of set and frozenset.
    SET_OPERATORS {
        forward And "__and__" "self & value";
        reflected And "__rand__" "value & self";
        forward Or "__or__" "self | value";
        reflected Or "__ror__" "value | self";
        forward Subtract "__sub__" "self - value";
        reflected Subtract "__rsub__" "value - self";
        forward Xor "__xor__" "self ^ value";
        reflected Xor "__rxor__" "value ^ self";
    }

    /// What set has besides.
    SET_CHANGES {
        in_place And "__iand__" "Self, reduced to what value has.";
        in_place Or "__ior__" "Self, with the elements of value.";
        in_place Subtract "__isub__" "Self, without the elements of value.";
        in_place Xor "__ixor__" "Self, with what only one of both has.";
    }
}
