//! Operators and comparisons as methods: `(1).__add__(2)`.
//!
//! They ask what the builtin types know (`Vm::builtin_binary` and its kin), on the plain object inside the receiver, and
//! answer `NotImplemented` if that is nothing: asking the other operand's class is the caller's business.

use toy_object::Owned;
use toy_vm::{Args, BinaryOp, CompareOp, Outcome, UnaryOp, Vm, natives};

/// `self op value`.
fn forward(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    vm.builtin_binary(operator, args.at(0), args.at(1))
}

/// `value op self`.
fn reflected(vm: &mut Vm, args: Args<'_>, operator: BinaryOp) -> Outcome {
    vm.builtin_binary(operator, args.at(1), args.at(0))
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

/// Makes tables of the methods behind operators:
/// `operators! { /// Doc. TABLE { forward Add "__add__" "Return self+value."; } }`.
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
    ($($(#[$meta:meta])* $table:ident { $($operator:ident $name:literal $meaning:literal;)* })*) => {
        $(
            natives! {
                $(#[$meta])*
                pub(crate) $table:
                $(method $name ("value, /") $meaning => |vm, args| compared(vm, args, CompareOp::$operator);)*
            }
        )*
    };
}

comparisons! {
    /// The comparisons of types that have an order.
    ORDER_METHODS {
        Equal "__eq__" "Return self==value.";
        NotEqual "__ne__" "Return self!=value.";
        Less "__lt__" "Return self<value.";
        LessEqual "__le__" "Return self<=value.";
        Greater "__gt__" "Return self>value.";
        GreaterEqual "__ge__" "Return self>=value.";
    }

    /// The comparisons of types without order.
    EQUALITY_METHODS {
        Equal "__eq__" "Return self==value.";
        NotEqual "__ne__" "Return self!=value.";
    }
}

operators! {
    /// The operators of float.
    FLOAT_OPERATORS {
        forward Add "__add__" "Return self+value.";
        reflected Add "__radd__" "Return value+self.";
        forward Subtract "__sub__" "Return self-value.";
        reflected Subtract "__rsub__" "Return value-self.";
        forward Multiply "__mul__" "Return self*value.";
        reflected Multiply "__rmul__" "Return value*self.";
        forward TrueDivide "__truediv__" "Return self/value.";
        reflected TrueDivide "__rtruediv__" "Return value/self.";
        forward FloorDivide "__floordiv__" "Return self//value.";
        reflected FloorDivide "__rfloordiv__" "Return value//self.";
        forward Modulo "__mod__" "Return self%value.";
        reflected Modulo "__rmod__" "Return value%self.";
        forward DivMod "__divmod__" "Return divmod(self, value).";
        reflected DivMod "__rdivmod__" "Return divmod(value, self).";
    }

    /// What int has besides those of float.
    BIT_OPERATORS {
        forward LeftShift "__lshift__" "Return self<<value.";
        reflected LeftShift "__rlshift__" "Return value<<self.";
        forward RightShift "__rshift__" "Return self>>value.";
        reflected RightShift "__rrshift__" "Return value>>self.";
        forward And "__and__" "Return self&value.";
        reflected And "__rand__" "Return value&self.";
        forward Or "__or__" "Return self|value.";
        reflected Or "__ror__" "Return value|self.";
        forward Xor "__xor__" "Return self^value.";
        reflected Xor "__rxor__" "Return value^self.";
    }

    /// The operators of sequences.
    SEQUENCE_OPERATORS {
        forward Add "__add__" "Return self+value.";
        forward Multiply "__mul__" "Return self*value.";
        reflected Multiply "__rmul__" "Return value*self.";
    }

    /// What mutable sequences have besides.
    SEQUENCE_CHANGES {
        in_place Add "__iadd__" "Return self, extended by value.";
        in_place Multiply "__imul__" "Return self, repeated.";
    }

    /// The operators of text and bytes.
    TEMPLATE_OPERATORS {
        forward Modulo "__mod__" "Return self%value.";
        reflected Modulo "__rmod__" "Return value%self.";
    }

    /// The operators of dict.
    DICT_OPERATORS {
        forward Or "__or__" "Return self|value.";
        reflected Or "__ror__" "Return value|self.";
        in_place Or "__ior__" "Return self, updated by value.";
    }

    /// The operators of set and frozenset.
    SET_OPERATORS {
        forward And "__and__" "Return self&value.";
        reflected And "__rand__" "Return value&self.";
        forward Or "__or__" "Return self|value.";
        reflected Or "__ror__" "Return value|self.";
        forward Subtract "__sub__" "Return self-value.";
        reflected Subtract "__rsub__" "Return value-self.";
        forward Xor "__xor__" "Return self^value.";
        reflected Xor "__rxor__" "Return value^self.";
    }

    /// What set has besides.
    SET_CHANGES {
        in_place And "__iand__" "Return self, reduced to what value has.";
        in_place Or "__ior__" "Return self, with the elements of value.";
        in_place Subtract "__isub__" "Return self, without the elements of value.";
        in_place Xor "__ixor__" "Return self, with what only one of both has.";
    }
}
