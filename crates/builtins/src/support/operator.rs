//! Operators and comparisons as methods: `(1).__add__(2)`.
//!
//! The virtual machine's protocols do the work, on the plain object inside the receiver. A method first looks whether its
//! type knows what to do with the other operand, and answers `NotImplemented` if not: the protocol would go on and ask the
//! other operand's class, which is the caller's business here.

use toy_object::{Owned, Ref};
use toy_vm::{Args, BinaryOp, CompareOp, Outcome, UnaryOp, Vm};

use super::plain;

/// Whether a type's operators know what to do with this other operand.
pub(crate) type Accepts = fn(Ref<'_>) -> bool;

/// `self op value`.
pub(crate) fn forward(vm: &mut Vm, args: Args<'_>, operator: BinaryOp, accepts: Accepts) -> Outcome {
    if !accepts(args.at(1)) {
        return Ok(Owned::not_implemented());
    }
    vm.binary(operator, plain(args.at(0)), plain(args.at(1)))
}

/// `value op self`.
pub(crate) fn reflected(vm: &mut Vm, args: Args<'_>, operator: BinaryOp, accepts: Accepts) -> Outcome {
    if !accepts(args.at(1)) {
        return Ok(Owned::not_implemented());
    }
    vm.binary(operator, plain(args.at(1)), plain(args.at(0)))
}

/// `self op= value`: changes the receiver and answers it.
pub(crate) fn in_place(vm: &mut Vm, args: Args<'_>, operator: BinaryOp, accepts: Accepts) -> Outcome {
    if !accepts(args.at(1)) {
        return Ok(Owned::not_implemented());
    }
    let _same_object = vm.binary_in_place(operator, plain(args.at(0)), args.at(1))?;
    Ok(args.at(0).to_owned())
}

/// `self op value` for comparisons.
pub(crate) fn compared(vm: &mut Vm, args: Args<'_>, operator: CompareOp) -> Outcome {
    vm.builtin_compare(operator, args.at(0), args.at(1))
}

/// `op self`.
pub(crate) fn unary(vm: &mut Vm, args: Args<'_>, operator: UnaryOp) -> Outcome {
    vm.unary(operator, plain(args.at(0)))
}

/// Makes a table of the methods behind binary operators, forward and reflected, of a type:
/// `arithmetic! { /// Doc. pub(crate) TABLE, accepts: Add Subtract }`.
macro_rules! arithmetic {
    ($(#[$meta:meta])* $visibility:vis $table:ident, $accepts:expr; $($operator:ident)*) => {
        $(#[$meta])*
        $visibility static $table: &[toy_vm::NativeRow] = &[$(
            toy_vm::NativeRow::new(
                toy_vm::NativeKind::Method,
                $crate::support::operator_names!(forward $operator), "value, /", false,
                $crate::support::operator_names!(doc $operator),
                |vm, args| $crate::support::forward(vm, args, toy_vm::BinaryOp::$operator, $accepts),
            ),
            toy_vm::NativeRow::new(
                toy_vm::NativeKind::Method,
                $crate::support::operator_names!(reflected $operator), "value, /", false,
                $crate::support::operator_names!(reflected_doc $operator),
                |vm, args| $crate::support::reflected(vm, args, toy_vm::BinaryOp::$operator, $accepts),
            ),
        )*];
    };
}

/// Makes a table of the methods behind in-place operators of a type.
macro_rules! in_place_operators {
    ($(#[$meta:meta])* $visibility:vis $table:ident, $accepts:expr; $($operator:ident)*) => {
        $(#[$meta])*
        $visibility static $table: &[toy_vm::NativeRow] = &[$(
            toy_vm::NativeRow::new(
                toy_vm::NativeKind::Method,
                $crate::support::operator_names!(in_place $operator), "value, /", false,
                $crate::support::operator_names!(in_place_doc $operator),
                |vm, args| $crate::support::in_place(vm, args, toy_vm::BinaryOp::$operator, $accepts),
            ),
        )*];
    };
}

/// Makes a table of comparison methods, of all six or of equality only.
macro_rules! comparisons {
    ($(#[$meta:meta])* $visibility:vis $table:ident; $($operator:ident $name:literal $symbol:literal)*) => {
        $(#[$meta])*
        $visibility static $table: &[toy_vm::NativeRow] = &[$(
            toy_vm::NativeRow::new(
                toy_vm::NativeKind::Method, $name, "value, /", false, concat!("Return self", $symbol, "value."),
                |vm, args| compared(vm, args, toy_vm::CompareOp::$operator),
            ),
        )*];
    };
}

comparisons! {
    /// The comparisons of types that have an order.
    pub(crate) ORDER_METHODS;
    Equal "__eq__" "==" NotEqual "__ne__" "!=" Less "__lt__" "<" LessEqual "__le__" "<=" Greater "__gt__" ">"
    GreaterEqual "__ge__" ">="
}

comparisons! {
    /// The comparisons of types without order.
    pub(crate) EQUALITY_METHODS;
    Equal "__eq__" "==" NotEqual "__ne__" "!="
}

/// Names and docs of the operators' methods.
macro_rules! operator_names {
    (forward Add) => { "__add__" };
    (forward Subtract) => { "__sub__" };
    (forward Multiply) => { "__mul__" };
    (forward TrueDivide) => { "__truediv__" };
    (forward FloorDivide) => { "__floordiv__" };
    (forward Modulo) => { "__mod__" };
    (forward LeftShift) => { "__lshift__" };
    (forward RightShift) => { "__rshift__" };
    (forward And) => { "__and__" };
    (forward Or) => { "__or__" };
    (forward Xor) => { "__xor__" };
    (reflected Add) => { "__radd__" };
    (reflected Subtract) => { "__rsub__" };
    (reflected Multiply) => { "__rmul__" };
    (reflected TrueDivide) => { "__rtruediv__" };
    (reflected FloorDivide) => { "__rfloordiv__" };
    (reflected Modulo) => { "__rmod__" };
    (reflected LeftShift) => { "__rlshift__" };
    (reflected RightShift) => { "__rrshift__" };
    (reflected And) => { "__rand__" };
    (reflected Or) => { "__ror__" };
    (reflected Xor) => { "__rxor__" };
    (in_place Add) => { "__iadd__" };
    (in_place Subtract) => { "__isub__" };
    (in_place Multiply) => { "__imul__" };
    (in_place And) => { "__iand__" };
    (in_place Or) => { "__ior__" };
    (in_place Xor) => { "__ixor__" };
    (symbol Add) => { "+" };
    (symbol Subtract) => { "-" };
    (symbol Multiply) => { "*" };
    (symbol TrueDivide) => { "/" };
    (symbol FloorDivide) => { "//" };
    (symbol Modulo) => { "%" };
    (symbol LeftShift) => { "<<" };
    (symbol RightShift) => { ">>" };
    (symbol And) => { "&" };
    (symbol Or) => { "|" };
    (symbol Xor) => { "^" };
    (doc $operator:ident) => { concat!("Return self", $crate::support::operator_names!(symbol $operator), "value.") };
    (reflected_doc $operator:ident) => {
        concat!("Return value", $crate::support::operator_names!(symbol $operator), "self.")
    };
    (in_place_doc $operator:ident) => {
        concat!("Implement self", $crate::support::operator_names!(symbol $operator), "=value.")
    };
}

pub(crate) use {arithmetic, in_place_operators, operator_names};
