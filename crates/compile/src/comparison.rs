//! Comparisons for a value, and chains of them.

use toy_code::{Op, flag};
use toy_syntax::ast::{CompareOperator, ExpressionId};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::condition::{jump_flag, jump_of};
use crate::unit::{Label, Register};

fn value_of(operator: CompareOperator) -> Op {
    match operator {
        CompareOperator::Equal => Op::Equal,
        CompareOperator::NotEqual => Op::NotEqual,
        CompareOperator::Less => Op::Less,
        CompareOperator::LessEqual => Op::LessEqual,
        CompareOperator::Greater => Op::Greater,
        CompareOperator::GreaterEqual => Op::GreaterEqual,
        CompareOperator::Is => Op::Is,
        CompareOperator::IsNot => Op::IsNot,
        CompareOperator::In => Op::In,
        CompareOperator::NotIn => Op::NotIn,
    }
}

/// Where a chain goes as soon as a comparison is false.
struct Exits {
    /// There, with nothing to drop.
    out: Label,
    /// The register that carries a middle value from one comparison to the next.
    home: Register,
    /// To where the middle value in `home`, or in the register behind it, is dropped first.
    drops: [Label; 2],
}

impl<'a> Compiler<'a> {
    pub(crate) fn comparison(
        &mut self,
        id: ExpressionId,
        left: ExpressionId,
        rest: &[(CompareOperator, ExpressionId)],
        destination: Destination,
    ) -> Compiled<Register> {
        if let [(operator, right)] = *rest {
            let left = self.operand(left, self.rebinding.may_rebind(right))?;
            let right = self.compared(operator, right, false)?;
            self.unit.release(right);
            self.unit.release(left);
            let target = self.target(destination);
            self.at(id);
            self.emit(value_of(operator), target, left, right);
            return Ok(target);
        }
        let result = self.unit.push();
        let end = self.unit.new_label();
        let exits = self.exits(end);
        let (left, operator, right) = self.links(id, left, rest, Some(result), &exits)?;
        let right = self.compared(operator, right, false)?;
        self.unit.release(right);
        self.unit.release(left);
        self.at(id);
        self.emit(value_of(operator), result, left, right);
        self.leave_chain(&exits, end);
        self.unit.bind(end);
        Ok(self.settle(result, destination))
    }

    /// `a < b < c` as a condition.
    pub(crate) fn jump_comparison_chain(
        &mut self,
        id: ExpressionId,
        left: ExpressionId,
        rest: &[(CompareOperator, ExpressionId)],
        label: Label,
        jump_if: bool,
    ) -> Compiled {
        let end = self.unit.new_label();
        let exits = self.exits(if jump_if { end } else { label });
        let (left, operator, right) = self.links(id, left, rest, None, &exits)?;
        self.jump_comparison(id, left, operator, right, label, jump_if)?;
        self.leave_chain(&exits, end);
        self.unit.bind(end);
        Ok(())
    }

    fn exits(&mut self, out: Label) -> Exits {
        let home = Register::temporary(self.unit.depth());
        Exits { out, home, drops: [self.unit.new_label(), self.unit.new_label()] }
    }

    /// All comparisons but the last: each keeps its right side for the next. Returns what the last one compares.
    fn links(
        &mut self,
        id: ExpressionId,
        left: ExpressionId,
        rest: &[(CompareOperator, ExpressionId)],
        result: Option<Register>,
        exits: &Exits,
    ) -> Compiled<(Register, CompareOperator, ExpressionId)> {
        // Behind the first value that may rebind a local, locals are read in place again.
        let last_rebinding = rest.iter().rposition(|&(_, value)| self.rebinding.may_rebind(value));
        let is_rebound_behind = |index: usize| last_rebinding.is_some_and(|last| last >= index);
        let mut left = self.operand(left, is_rebound_behind(0))?;
        let (last_operator, last) = rest[rest.len() - 1];
        for (index, &(operator, right)) in rest[..rest.len() - 1].iter().enumerate() {
            // No constant stands for a display that the next comparison has on its left: `1 in [1] == [1]`.
            let middle = self.operand(right, is_rebound_behind(index + 1))?;
            let exit = match middle {
                _ if !middle.is_temporary() => exits.out,
                _ if middle == exits.home => exits.drops[0],
                _ => exits.drops[1],
            };
            let consumed = |flag: u8| if left.is_temporary() { flag } else { 0 };
            self.at(id);
            match result {
                Some(result) => {
                    self.emit_keeping(value_of(operator), consumed(flag::CONSUME_B), result, left, middle);
                    self.emit_keeping(Op::JumpOrClear, jump_flag(false), result, exit, UNUSED);
                }
                None => {
                    let (op, _, is_opposite) = jump_of(operator);
                    self.emit_keeping(op, consumed(flag::CONSUME_A) | jump_flag(is_opposite), left, middle, exit);
                }
            }
            left = middle;
            if middle.is_temporary() && middle != exits.home {
                self.emit(Op::Move, exits.home, middle, UNUSED);
                left = exits.home;
            }
            self.unit.set_depth(exits.home.index() + u32::from(left.is_temporary()));
        }
        Ok((left, last_operator, last))
    }

    /// Where a false comparison left a middle value behind, drops it.
    fn leave_chain(&mut self, exits: &Exits, end: Label) {
        let drops = exits.drops.into_iter().zip([exits.home, exits.home.offset(1)]);
        let used: Vec<_> = drops.filter(|(label, _)| self.unit.is_jumped_to(*label)).collect();
        if used.is_empty() {
            return;
        }
        self.emit(Op::Jump, UNUSED, end, UNUSED);
        for (index, (label, register)) in used.iter().enumerate() {
            self.unit.bind(*label);
            self.emit(Op::Clear, *register, UNUSED, UNUSED);
            if exits.out != end || index + 1 < used.len() {
                self.emit(Op::Jump, UNUSED, exits.out, UNUSED);
            }
        }
    }
}
