//! Conditions: expressions of which only the truth matters become jumps.

use toy_code::{Constant, Op, flag};
use toy_syntax::ast::{BooleanOperator, CompareOperator, ExpressionId, ExpressionKind, UnaryOperator};

use crate::compiler::{Compiled, Compiler, UNUSED};
use crate::unit::{Label, Register};

/// The jump of a comparison: on registers, with a constant on the right where there is one, and whether it is the
/// opposite of what the instruction tests.
pub(crate) fn jump_of(operator: CompareOperator) -> (Op, Option<Op>, bool) {
    match operator {
        CompareOperator::Equal => (Op::JumpEqual, Some(Op::JumpEqualConst), false),
        CompareOperator::NotEqual => (Op::JumpNotEqual, Some(Op::JumpNotEqualConst), false),
        CompareOperator::Less => (Op::JumpLess, Some(Op::JumpLessConst), false),
        CompareOperator::LessEqual => (Op::JumpLessEqual, Some(Op::JumpLessEqualConst), false),
        CompareOperator::Greater => (Op::JumpGreater, Some(Op::JumpGreaterConst), false),
        CompareOperator::GreaterEqual => (Op::JumpGreaterEqual, Some(Op::JumpGreaterEqualConst), false),
        CompareOperator::Is => (Op::JumpIs, None, false),
        CompareOperator::IsNot => (Op::JumpIs, None, true),
        CompareOperator::In => (Op::JumpIn, None, false),
        CompareOperator::NotIn => (Op::JumpIn, None, true),
    }
}

pub(crate) fn jump_flag(jump_if: bool) -> u8 {
    if jump_if { flag::JUMP_IF_TRUE } else { 0 }
}

impl<'a> Compiler<'a> {
    /// The truth of an expression that is constant.
    pub(crate) fn constant_truth(&self, id: ExpressionId) -> Option<bool> {
        self.constant(id).and_then(|constant| crate::fold::truth(&constant))
    }

    /// Whether a condition cannot have this truth, whatever its variable parts are: `x and False` is never true.
    pub(crate) fn is_never(&self, id: ExpressionId, truth: bool) -> bool {
        if let Some(known) = self.constant_truth(id) {
            return known != truth;
        }
        match &self.ast[id].kind {
            ExpressionKind::Unary { operator: UnaryOperator::Not, operand } => self.is_never(*operand, !truth),
            ExpressionKind::Boolean { operator, values } => {
                let takes_all = (*operator == BooleanOperator::And) == truth;
                let mut impossible = values.iter().map(|&value| self.is_never(value, truth));
                if takes_all { impossible.any(|never| never) } else { impossible.all(|never| never) }
            }
            ExpressionKind::Conditional { test, then, otherwise } => {
                (self.is_never(*test, true) || self.is_never(*then, truth))
                    && (self.is_never(*test, false) || self.is_never(*otherwise, truth))
            }
            _ => false,
        }
    }

    /// Jumps to `label` if the truth of the expression is `jump_if`, else goes on.
    pub(crate) fn jump_condition(&mut self, id: ExpressionId, label: Label, jump_if: bool) -> Compiled {
        let ast = self.ast;
        if let Some(truth) = self.constant_truth(id) {
            self.at(id);
            if truth == jump_if {
                self.emit(Op::Jump, UNUSED, label, UNUSED);
            }
            return Ok(());
        }
        match &ast[id].kind {
            ExpressionKind::Unary { operator: UnaryOperator::Not, operand } => {
                self.jump_condition(*operand, label, !jump_if)
            }
            ExpressionKind::Boolean { operator, values } => self.jump_boolean(*operator, values, label, jump_if),
            ExpressionKind::Compare { left, rest } if rest.len() == 1 => {
                let (operator, right) = rest[0];
                let left = self.operand(*left, self.rebinding.may_rebind(right))?;
                self.jump_comparison(id, left, operator, right, label, jump_if)
            }
            ExpressionKind::Compare { left, rest } => self.jump_comparison_chain(id, *left, rest, label, jump_if),
            ExpressionKind::Conditional { test, then, otherwise } => {
                let (else_label, end) = (self.unit.new_label(), self.unit.new_label());
                self.jump_condition(*test, else_label, false)?;
                self.jump_condition(*then, label, jump_if)?;
                self.emit(Op::Jump, UNUSED, end, UNUSED);
                self.unit.bind(else_label);
                self.jump_condition(*otherwise, label, jump_if)?;
                self.unit.bind(end);
                Ok(())
            }
            _ => {
                let value = self.operand(id, false)?;
                self.unit.release(value);
                self.at(id);
                self.emit_flags(Op::JumpIf, jump_flag(jump_if), value, label, UNUSED);
                Ok(())
            }
        }
    }

    fn jump_boolean(
        &mut self,
        operator: BooleanOperator,
        values: &[ExpressionId],
        label: Label,
        jump_if: bool,
    ) -> Compiled {
        let Some((&last, others)) = values.split_last() else { return Ok(()) };
        // The truth that decides the whole as soon as one value has it.
        let decisive = operator == BooleanOperator::Or;
        if decisive == jump_if {
            return values.iter().try_for_each(|&value| self.jump_condition(value, label, jump_if));
        }
        let end = self.unit.new_label();
        others.iter().try_for_each(|&value| self.jump_condition(value, end, decisive))?;
        self.jump_condition(last, label, jump_if)?;
        self.unit.bind(end);
        Ok(())
    }

    /// Jumps by a comparison whose left side is evaluated already and, if a temporary, is the top.
    pub(crate) fn jump_comparison(
        &mut self,
        id: ExpressionId,
        left: Register,
        operator: CompareOperator,
        right: ExpressionId,
        label: Label,
        jump_if: bool,
    ) -> Compiled {
        let (op, const_op, is_opposite) = jump_of(operator);
        let jump_if = jump_if != is_opposite;
        let constant = self.constant(right);
        if op == Op::JumpIs && constant == Some(Constant::None) {
            self.unit.release(left);
            self.at(id);
            self.emit_flags(Op::JumpIfNone, jump_flag(jump_if), left, label, UNUSED);
            return Ok(());
        }
        if let Some(const_op) = const_op
            && let Some(index) = constant.and_then(|constant| self.short_constant(constant))
        {
            self.unit.release(left);
            self.at(id);
            self.emit_flags(const_op, jump_flag(jump_if), left, index, label);
            return Ok(());
        }
        let right = self.compared(operator, right, false)?;
        self.unit.release(right);
        self.unit.release(left);
        self.at(id);
        self.emit_flags(op, jump_flag(jump_if), left, right, label);
        Ok(())
    }

    /// The right side of a comparison.
    pub(crate) fn compared(
        &mut self,
        operator: CompareOperator,
        right: ExpressionId,
        may_be_rebound: bool,
    ) -> Compiled<Register> {
        match self.constants.compared(self.ast, operator, right) {
            Some(container) => {
                self.at(right);
                Ok(self.load_constant(container, crate::compiler::Destination::Push))
            }
            None => self.operand(right, may_be_rebound),
        }
    }
}
