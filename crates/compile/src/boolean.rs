//! `and` and `or` for a value.

use toy_code::Op;
use toy_syntax::ast::{BooleanOperator, ExpressionId};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::condition::jump_flag;
use crate::unit::Register;

impl<'a> Compiler<'a> {
    pub(crate) fn boolean(
        &mut self,
        id: ExpressionId,
        operator: BooleanOperator,
        values: &[ExpressionId],
        destination: Destination,
    ) -> Compiled<Register> {
        let Some((&last, others)) = values.split_last() else { unreachable!("a boolean operation has values") };
        let decisive = operator == BooleanOperator::Or;
        let end = self.unit.new_label();
        for &value in others {
            match self.constant_truth(value) {
                Some(truth) if truth == decisive => {
                    // The rest is never evaluated.
                    let target = self.push_value(value)?;
                    self.unit.bind(end);
                    return Ok(self.settle(target, destination));
                }
                Some(_) => {}
                None => {
                    let kept = self.push_value(value)?;
                    self.at(id);
                    self.emit_keeping(Op::JumpOrClear, jump_flag(decisive), kept, end, UNUSED);
                    self.unit.release(kept);
                }
            }
        }
        let target = self.push_value(last)?;
        self.unit.bind(end);
        Ok(self.settle(target, destination))
    }
}
