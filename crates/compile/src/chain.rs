//! Left spines: `a + b + c`, `a.b.c`, `f(x)[y].z()`. They are compiled by loop, so that their length does not matter.

use toy_code::{Constant, Op, flag};
use toy_source::Span;
use toy_syntax::ast::{BinaryOperator, ExpressionId, ExpressionKind, Identifier};

use crate::compiler::{Compiled, Compiler, Destination};
use crate::unit::Register;

/// The instructions of an operator: on registers, and with a constant on the right.
pub(crate) fn arithmetic(operator: BinaryOperator) -> (Op, Op) {
    match operator {
        BinaryOperator::Add => (Op::Add, Op::AddConst),
        BinaryOperator::Subtract => (Op::Subtract, Op::SubtractConst),
        BinaryOperator::Multiply => (Op::Multiply, Op::MultiplyConst),
        BinaryOperator::MatrixMultiply => (Op::MatrixMultiply, Op::MatrixMultiplyConst),
        BinaryOperator::TrueDivide => (Op::TrueDivide, Op::TrueDivideConst),
        BinaryOperator::FloorDivide => (Op::FloorDivide, Op::FloorDivideConst),
        BinaryOperator::Modulo => (Op::Modulo, Op::ModuloConst),
        BinaryOperator::Power => (Op::Power, Op::PowerConst),
        BinaryOperator::LeftShift => (Op::LeftShift, Op::LeftShiftConst),
        BinaryOperator::RightShift => (Op::RightShift, Op::RightShiftConst),
        BinaryOperator::And => (Op::And, Op::AndConst),
        BinaryOperator::Or => (Op::Or, Op::OrConst),
        BinaryOperator::Xor => (Op::Xor, Op::XorConst),
    }
}

/// Whether both orders of numbers give the same.
fn is_commutative(operator: BinaryOperator) -> bool {
    use BinaryOperator::{Add, And, Multiply, Or, Xor};
    matches!(operator, Add | Multiply | And | Or | Xor)
}

/// What a chain starts from.
#[derive(Clone, Copy)]
pub(crate) enum Head {
    /// Not evaluated yet.
    Leaf(ExpressionId),
    /// Its value: a local, or the temporary on top.
    Value(Register),
}

impl<'a> Compiler<'a> {
    /// Evaluates a binary operation, call, attribute or subscript with all that stands to the left of it.
    pub(crate) fn chain(&mut self, top: ExpressionId, destination: Destination) -> Compiled<Register> {
        let ast = self.ast;
        let mut links = Vec::new();
        let mut leaf = top;
        while let ExpressionKind::Binary { left: inner, .. }
        | ExpressionKind::Attribute { value: inner, .. }
        | ExpressionKind::Subscript { value: inner, .. }
        | ExpressionKind::Call { function: inner, .. } = &ast[leaf].kind
            && !self.constants.contains(ast, leaf)
        {
            links.push(leaf);
            leaf = *inner;
        }
        let mut head = Head::Leaf(leaf);
        while let Some(link) = links.pop() {
            // The method call that an attribute begins.
            let call = links.last().copied().filter(|&call| self.is_method_call(call));
            let to = |links: &[ExpressionId]| if links.is_empty() { destination } else { Destination::Push };
            let value = match &ast[link].kind {
                ExpressionKind::Binary { operator, left: _, right } => {
                    self.binary(link, *operator, head, *right, to(&links))?
                }
                ExpressionKind::Attribute { name, .. } => match call {
                    Some(call) => {
                        links.pop();
                        self.method_call(Op::GetMethod, (link, call), head, to(&links))?
                    }
                    None => self.attribute(link, head, *name, to(&links))?,
                },
                ExpressionKind::Subscript { index, .. } => self.subscript(link, head, *index, to(&links))?,
                ExpressionKind::Call { arguments, .. } => match self.method_of_super(head, arguments, &links) {
                    Some(method) => {
                        links.truncate(links.len() - 2);
                        let callee = Head::Value(self.push_head(head)?);
                        self.method_call(Op::GetSuperMethod, method, callee, to(&links))?
                    }
                    None => {
                        let function = self.push_head(head)?;
                        let place = self.lines.position(ast[link].span);
                        self.call(place, function, 0, arguments, to(&links))?
                    }
                },
                _ => unreachable!("only these are links"),
            };
            head = Head::Value(value);
        }
        match head {
            Head::Value(value) => Ok(value),
            Head::Leaf(leaf) => self.value(leaf, destination),
        }
    }

    /// The value of what a chain starts from, for an instruction behind the evaluation of `later`.
    fn head_operand(&mut self, head: Head, later: &[ExpressionId]) -> Compiled<Register> {
        match head {
            Head::Leaf(leaf) => self.operand(leaf, self.any_rebinds(later)),
            Head::Value(value) => Ok(value),
        }
    }

    fn push_head(&mut self, head: Head) -> Compiled<Register> {
        match head {
            Head::Leaf(leaf) => self.push_value(leaf),
            Head::Value(value) => Ok(value),
        }
    }

    fn binary(
        &mut self,
        id: ExpressionId,
        operator: BinaryOperator,
        head: Head,
        right: ExpressionId,
        destination: Destination,
    ) -> Compiled<Register> {
        let (_, const_op) = arithmetic(operator);
        if let Head::Leaf(leaf) = head
            && is_commutative(operator)
            && let Some(constant @ (Constant::Integer(_) | Constant::Float(_))) = self.constant(leaf)
            && let Some(index) = self.short_constant(constant)
        {
            let operand = self.operand(right, false)?;
            self.unit.release(operand);
            let target = self.target(destination);
            self.at(id);
            self.emit_flags(const_op, flag::SWAPPED, target, operand, index);
            return Ok(target);
        }
        let left = self.head_operand(head, &[right])?;
        self.binary_with(self.ast[id].span, operator, 0, left, right, destination)
    }

    /// `left op right`, where `left` is evaluated already and, if a temporary, is the top.
    pub(crate) fn binary_with(
        &mut self,
        span: Span,
        operator: BinaryOperator,
        flags: u8,
        left: Register,
        right: ExpressionId,
        destination: Destination,
    ) -> Compiled<Register> {
        let (op, const_op) = arithmetic(operator);
        if let Some(index) = self.constant(right).and_then(|constant| self.short_constant(constant)) {
            self.unit.release(left);
            let target = self.target(destination);
            self.at_span(span);
            self.emit_flags(const_op, flags, target, left, index);
            return Ok(target);
        }
        let right = self.operand(right, false)?;
        self.unit.release(right);
        self.unit.release(left);
        let target = self.target(destination);
        self.at_span(span);
        self.emit_flags(op, flags, target, left, right);
        Ok(target)
    }

    fn attribute(
        &mut self,
        id: ExpressionId,
        head: Head,
        name: Identifier,
        destination: Destination,
    ) -> Compiled<Register> {
        let object = self.head_operand(head, &[])?;
        self.at_attribute(self.ast[id].span, name);
        Ok(self.get_attribute(object, self.mangled_name(name.symbol), destination))
    }

    /// Emits the reading of an attribute. A temporary object is the top and consumed.
    pub(crate) fn get_attribute(&mut self, object: Register, name: &str, destination: Destination) -> Register {
        let index = self.unit.names.intern(name);
        if index <= u32::from(u16::MAX) {
            self.unit.release(object);
            let target = self.target(destination);
            self.emit(Op::GetAttribute, target, object, index);
            return target;
        }
        let text = self.push_text(name);
        self.unit.release(text);
        self.unit.release(object);
        let target = self.target(destination);
        self.emit(Op::GetAttributeBy, target, object, text);
        target
    }

    /// An attribute that does not start on the line where its name stands is shown from the name on, as CPython does.
    pub(crate) fn at_attribute(&mut self, span: Span, name: Identifier) {
        self.at_span(span);
        let name = self.lines.position(name.span);
        if self.unit.position.line != name.line {
            self.unit.position.line = name.line;
            self.unit.position.column = name.column;
        }
    }

    fn subscript(
        &mut self,
        id: ExpressionId,
        head: Head,
        index: ExpressionId,
        destination: Destination,
    ) -> Compiled<Register> {
        let object = self.head_operand(head, &[index])?;
        if let Some(constant) = self.constant(index).and_then(|constant| self.short_constant(constant)) {
            self.unit.release(object);
            let target = self.target(destination);
            self.at(id);
            self.emit(Op::GetItemConst, target, object, constant);
            return Ok(target);
        }
        let index = self.operand(index, false)?;
        self.unit.release(index);
        self.unit.release(object);
        let target = self.target(destination);
        self.at(id);
        self.emit(Op::GetItem, target, object, index);
        Ok(target)
    }

    /// An attribute and its call, which `get` (an instruction like [`Op::GetMethod`]) prepares.
    fn method_call(
        &mut self,
        get: Op,
        (attribute, call): (ExpressionId, ExpressionId),
        head: Head,
        destination: Destination,
    ) -> Compiled<Register> {
        let ast = self.ast;
        let (ExpressionKind::Call { arguments, .. }, &ExpressionKind::Attribute { name, .. }) =
            (&ast[call].kind, &ast[attribute].kind)
        else {
            unreachable!("a method call is the call of an attribute")
        };
        let text = self.mangled_name(name.symbol);
        let index = self.unit.names.intern(text);
        let mut object = self.head_operand(head, &[])?;
        self.at_attribute(ast[attribute].span, name);
        if index > u32::from(u16::MAX) {
            if get == Op::GetSuperMethod {
                object = self.emit_call(
                    (Op::Call, Op::CallKeywords),
                    self.unit.position,
                    object,
                    0,
                    None,
                    Destination::Push,
                );
            }
            let function = self.get_attribute(object, text, Destination::Push);
            self.at_attribute(ast[call].span, name);
            return self.call(self.unit.position, function, 0, arguments, destination);
        }
        self.unit.release(object);
        let function = self.unit.push();
        self.unit.push();
        self.emit(get, function, object, index);
        self.at_attribute(ast[call].span, name);
        self.call_method(self.unit.position, function, arguments, destination)
    }
}
