//! Operators, comparisons, and the jumps that depend on them.

use toy_code::{Instruction, Op, flag};
use toy_object::{Owned, ShapeId};

use crate::native::Outcome;
use crate::protocol::{BinaryOp, CompareOp, UnaryOp};
use crate::thread::Vm;

impl Vm {
    #[inline(never)]
    pub(super) fn perform_operator(&mut self, op: Op, instruction: Instruction) -> Outcome<()> {
        let a = instruction.a();
        match op {
            Op::Add => self.perform_binary(instruction, BinaryOp::Add)?,
            Op::Subtract => self.perform_binary(instruction, BinaryOp::Subtract)?,
            Op::Multiply => self.perform_binary(instruction, BinaryOp::Multiply)?,
            Op::MatrixMultiply => self.perform_binary(instruction, BinaryOp::MatrixMultiply)?,
            Op::TrueDivide => self.perform_binary(instruction, BinaryOp::TrueDivide)?,
            Op::FloorDivide => self.perform_binary(instruction, BinaryOp::FloorDivide)?,
            Op::Modulo => self.perform_binary(instruction, BinaryOp::Modulo)?,
            Op::Power => self.perform_binary(instruction, BinaryOp::Power)?,
            Op::LeftShift => self.perform_binary(instruction, BinaryOp::LeftShift)?,
            Op::RightShift => self.perform_binary(instruction, BinaryOp::RightShift)?,
            Op::And => self.perform_binary(instruction, BinaryOp::And)?,
            Op::Or => self.perform_binary(instruction, BinaryOp::Or)?,
            Op::Xor => self.perform_binary(instruction, BinaryOp::Xor)?,
            Op::AddConst => self.perform_binary_const(instruction, BinaryOp::Add)?,
            Op::SubtractConst => self.perform_binary_const(instruction, BinaryOp::Subtract)?,
            Op::MultiplyConst => self.perform_binary_const(instruction, BinaryOp::Multiply)?,
            Op::MatrixMultiplyConst => self.perform_binary_const(instruction, BinaryOp::MatrixMultiply)?,
            Op::TrueDivideConst => self.perform_binary_const(instruction, BinaryOp::TrueDivide)?,
            Op::FloorDivideConst => self.perform_binary_const(instruction, BinaryOp::FloorDivide)?,
            Op::ModuloConst => self.perform_binary_const(instruction, BinaryOp::Modulo)?,
            Op::PowerConst => self.perform_binary_const(instruction, BinaryOp::Power)?,
            Op::LeftShiftConst => self.perform_binary_const(instruction, BinaryOp::LeftShift)?,
            Op::RightShiftConst => self.perform_binary_const(instruction, BinaryOp::RightShift)?,
            Op::AndConst => self.perform_binary_const(instruction, BinaryOp::And)?,
            Op::OrConst => self.perform_binary_const(instruction, BinaryOp::Or)?,
            Op::XorConst => self.perform_binary_const(instruction, BinaryOp::Xor)?,
            Op::Negative => self.perform_unary(instruction, UnaryOp::Negative)?,
            Op::Positive => self.perform_unary(instruction, UnaryOp::Positive)?,
            Op::Invert => self.perform_unary(instruction, UnaryOp::Invert)?,
            Op::Not => {
                let operand = self.operand(instruction, 1);
                let truth = self.truth(operand.get())?;
                self.finish(a, Owned::bool(!truth));
            }
            Op::Equal => self.perform_compare(instruction, CompareOp::Equal)?,
            Op::NotEqual => self.perform_compare(instruction, CompareOp::NotEqual)?,
            Op::Less => self.perform_compare(instruction, CompareOp::Less)?,
            Op::LessEqual => self.perform_compare(instruction, CompareOp::LessEqual)?,
            Op::Greater => self.perform_compare(instruction, CompareOp::Greater)?,
            Op::GreaterEqual => self.perform_compare(instruction, CompareOp::GreaterEqual)?,
            Op::Is | Op::IsNot => {
                let (left, right) = (self.operand(instruction, 1), self.operand(instruction, 2));
                let same = left.get().is(right.get());
                self.finish(a, Owned::bool(same == (op == Op::Is)));
            }
            Op::In | Op::NotIn => {
                let (item, container) = (self.operand(instruction, 1), self.operand(instruction, 2));
                let found = self.contains(container.get(), item.get())?;
                self.finish(a, Owned::bool(found == (op == Op::In)));
            }
            Op::JumpIf => {
                let operand = self.operand(instruction, 0);
                let truth = self.truth(operand.get())?;
                drop(operand);
                self.jump_if(instruction, truth, instruction.jump32() as isize);
            }
            Op::JumpOrClear => {
                let operand = self.register(a);
                let truth = self.truth(operand.get())?;
                drop(operand);
                if truth != (instruction.flags() & flag::JUMP_IF_TRUE != 0) {
                    drop(self.take_register(a));
                }
                self.jump_if(instruction, truth, instruction.jump32() as isize);
            }
            Op::JumpIfNone => {
                let operand = self.operand(instruction, 0);
                let is_none = operand.get().is_none();
                drop(operand);
                self.jump_if(instruction, is_none, instruction.jump32() as isize);
            }
            Op::JumpEqual => self.perform_jump(instruction, CompareOp::Equal)?,
            Op::JumpNotEqual => self.perform_jump(instruction, CompareOp::NotEqual)?,
            Op::JumpLess => self.perform_jump(instruction, CompareOp::Less)?,
            Op::JumpLessEqual => self.perform_jump(instruction, CompareOp::LessEqual)?,
            Op::JumpGreater => self.perform_jump(instruction, CompareOp::Greater)?,
            Op::JumpGreaterEqual => self.perform_jump(instruction, CompareOp::GreaterEqual)?,
            Op::JumpEqualConst => self.perform_jump_const(instruction, CompareOp::Equal)?,
            Op::JumpNotEqualConst => self.perform_jump_const(instruction, CompareOp::NotEqual)?,
            Op::JumpLessConst => self.perform_jump_const(instruction, CompareOp::Less)?,
            Op::JumpLessEqualConst => self.perform_jump_const(instruction, CompareOp::LessEqual)?,
            Op::JumpGreaterConst => self.perform_jump_const(instruction, CompareOp::Greater)?,
            Op::JumpGreaterEqualConst => self.perform_jump_const(instruction, CompareOp::GreaterEqual)?,
            Op::JumpIs => {
                let (left, right) = (self.operand(instruction, 0), self.operand(instruction, 1));
                let same = left.get().is(right.get());
                drop((left, right));
                self.jump_if(instruction, same, instruction.jump16() as isize);
            }
            Op::JumpIn => {
                let (item, container) = (self.operand(instruction, 0), self.operand(instruction, 1));
                let found = self.contains(container.get(), item.get())?;
                drop((item, container));
                self.jump_if(instruction, found, instruction.jump16() as isize);
            }
            _ => unreachable!("no operator"),
        }
        Ok(())
    }

    fn perform_binary(&mut self, instruction: Instruction, op: BinaryOp) -> Outcome<()> {
        let (left, right) = (self.operand(instruction, 1), self.operand(instruction, 2));
        self.finish_binary(instruction, op, left, right)
    }

    fn perform_binary_const(&mut self, instruction: Instruction, op: BinaryOp) -> Outcome<()> {
        let (register, constant) = (self.operand(instruction, 1), self.constant(instruction.c() as usize));
        if instruction.flags() & flag::SWAPPED != 0 {
            self.finish_binary(instruction, op, constant, register)
        } else {
            self.finish_binary(instruction, op, register, constant)
        }
    }

    fn finish_binary(&mut self, instruction: Instruction, op: BinaryOp, left: Owned, right: Owned) -> Outcome<()> {
        let is_in_place = instruction.flags() & flag::IN_PLACE != 0;
        if op == BinaryOp::Add && left.get().shape() == ShapeId::STR && right.get().shape() == ShapeId::STR {
            return self.concatenate(instruction, left, right);
        }
        let result = if is_in_place {
            self.binary_in_place(op, left.get(), right.get())?
        } else {
            self.binary(op, left.get(), right.get())?
        };
        drop((left, right));
        self.finish(instruction.a(), result);
        Ok(())
    }

    /// `left + right` of strings. `s = s + t` and `s += t` give the register's own count up first, so that a string which
    /// nobody else holds can grow in place.
    fn concatenate(&mut self, instruction: Instruction, left: Owned, right: Owned) -> Outcome<()> {
        let a = instruction.a();
        if !Self::consumes(instruction, 1) && self.top().register(a as isize) == left.value() && a == instruction.b() {
            drop(self.take_register(a));
        }
        let Some(right) = right.get().as_str() else { return Ok(()) };
        let result = self.append_str(left, right)?;
        self.finish(a, result);
        Ok(())
    }

    fn perform_unary(&mut self, instruction: Instruction, op: UnaryOp) -> Outcome<()> {
        let operand = self.operand(instruction, 1);
        let result = self.unary(op, operand.get())?;
        drop(operand);
        self.finish(instruction.a(), result);
        Ok(())
    }

    fn perform_compare(&mut self, instruction: Instruction, op: CompareOp) -> Outcome<()> {
        let (left, right) = (self.operand(instruction, 1), self.operand(instruction, 2));
        let result = self.compare(op, left.get(), right.get())?;
        drop((left, right));
        self.finish(instruction.a(), result);
        Ok(())
    }

    fn perform_jump(&mut self, instruction: Instruction, op: CompareOp) -> Outcome<()> {
        let (left, right) = (self.operand(instruction, 0), self.operand(instruction, 1));
        let truth = self.compare_bool(op, left.get(), right.get())?;
        drop((left, right));
        self.jump_if(instruction, truth, instruction.jump16() as isize);
        Ok(())
    }

    fn perform_jump_const(&mut self, instruction: Instruction, op: CompareOp) -> Outcome<()> {
        let (left, right) = (self.operand(instruction, 0), self.constant(instruction.b() as usize));
        let truth = self.compare_bool(op, left.get(), right.get())?;
        drop(left);
        self.jump_if(instruction, truth, instruction.jump16() as isize);
        Ok(())
    }
}
