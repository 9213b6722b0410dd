//! Expressions: where values go, and the kinds that need no file of their own.

use toy_code::{Constant, Op};
use toy_syntax::ast::{ExpressionId, ExpressionKind, Symbol, UnaryOperator};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::unit::Register;

impl<'a> Compiler<'a> {
    /// The constant that an expression is.
    pub(crate) fn constant(&self, id: ExpressionId) -> Option<Constant> {
        self.constants.of(self.ast, id)
    }

    /// Evaluates an expression into a new temporary.
    pub(crate) fn push_value(&mut self, id: ExpressionId) -> Compiled<Register> {
        self.value(id, Destination::Push)
    }

    /// Evaluates an expression for an instruction that reads it: a local is read in place, unless what is evaluated before
    /// that instruction may rebind it.
    pub(crate) fn operand(&mut self, id: ExpressionId, may_be_rebound: bool) -> Compiled<Register> {
        if !may_be_rebound && let Some(local) = self.as_local(id) {
            self.at(id);
            self.check_bound(local);
            return Ok(local);
        }
        if !may_be_rebound
            && let ExpressionKind::Named { target, .. } = self.ast[id].kind
            && let Destination::Local(local) = self.destination_of(target.symbol)
        {
            return self.value(id, Destination::Local(local));
        }
        self.push_value(id)
    }

    /// Whether evaluating one of these may rebind a local.
    pub(crate) fn any_rebinds(&self, ids: &[ExpressionId]) -> bool {
        ids.iter().any(|&id| self.rebinding.may_rebind(id))
    }

    /// Evaluates an expression. A local destination is written last, so the expression may read it.
    pub(crate) fn value(&mut self, id: ExpressionId, destination: Destination) -> Compiled<Register> {
        let ast = self.ast;
        if let Some(constant) = self.constant(id) {
            self.at(id);
            return Ok(self.load_constant(constant, destination));
        }
        match &ast[id].kind {
            ExpressionKind::Name(symbol) => {
                self.at(id);
                Ok(self.load_name(*symbol, destination))
            }
            ExpressionKind::Binary { .. }
            | ExpressionKind::Call { .. }
            | ExpressionKind::Attribute { .. }
            | ExpressionKind::Subscript { .. } => self.chain(id, destination),
            ExpressionKind::Unary { operator, operand } => self.unary(id, *operator, *operand, destination),
            ExpressionKind::Boolean { operator, values } => self.boolean(id, *operator, values, destination),
            ExpressionKind::Compare { left, rest } => self.comparison(id, *left, rest, destination),
            ExpressionKind::Conditional { test, then, otherwise } => {
                self.conditional(*test, *then, *otherwise, destination)
            }
            ExpressionKind::Lambda { parameters, body } => self.lambda(id, parameters, *body, destination),
            ExpressionKind::Named { target, value } => self.named(id, target.symbol, *value, destination),
            ExpressionKind::Slice { lower, upper, step } => self.slice(id, [*lower, *upper, *step], destination),
            ExpressionKind::Tuple(items) => self.tuple_display(id, items, destination),
            ExpressionKind::List(items) => self.list_display(id, items, destination),
            ExpressionKind::Set(items) => self.set_display(id, items, destination),
            ExpressionKind::Dict(items) => self.dict_display(id, items, destination),
            ExpressionKind::FString(parts) => self.format_string(id, parts, destination),
            ExpressionKind::ListComprehension { .. }
            | ExpressionKind::SetComprehension { .. }
            | ExpressionKind::DictComprehension { .. } => self.comprehension(id, destination),
            ExpressionKind::Generator { .. } => self.generator_expression(id, destination),
            ExpressionKind::Await(value) => self.await_value(id, *value, destination),
            ExpressionKind::Yield(value) => self.yield_value(id, *value, destination),
            ExpressionKind::YieldFrom(value) => self.yield_from(id, *value, destination),
            ExpressionKind::Starred(value) => {
                // Only as the whole of an annotation (`*args: *Ts`): the one value it unpacks to.
                self.starred_annotation(id, *value, destination)
            }
            ExpressionKind::Imaginary(_) => {
                Err(toy_source::Diagnostic::syntax(ast[id].span, "complex numbers are left out of toy on purpose"))
            }
            ExpressionKind::None
            | ExpressionKind::True
            | ExpressionKind::False
            | ExpressionKind::Ellipsis
            | ExpressionKind::Integer(_)
            | ExpressionKind::BigInteger(_)
            | ExpressionKind::Float(_)
            | ExpressionKind::String(_)
            | ExpressionKind::Bytes(_) => unreachable!("literals are constants"),
        }
    }

    /// Evaluates an expression and drops the value.
    pub(crate) fn effect(&mut self, id: ExpressionId) -> Compiled {
        if self.constants.contains(self.ast, id) {
            return Ok(());
        }
        if let ExpressionKind::Named { target, .. } = self.ast[id].kind
            && let Destination::Local(local) = self.destination_of(target.symbol)
        {
            self.value(id, Destination::Local(local))?;
            return Ok(());
        }
        let value = self.operand(id, false)?;
        self.discard(value);
        Ok(())
    }

    fn unary(
        &mut self,
        id: ExpressionId,
        operator: UnaryOperator,
        operand: ExpressionId,
        destination: Destination,
    ) -> Compiled<Register> {
        let value = self.operand(operand, false)?;
        self.unit.release(value);
        let target = self.target(destination);
        let op = match operator {
            UnaryOperator::Positive => Op::Positive,
            UnaryOperator::Negative => Op::Negative,
            UnaryOperator::Invert => Op::Invert,
            UnaryOperator::Not => Op::Not,
        };
        self.at(id);
        self.emit(op, target, value, UNUSED);
        Ok(target)
    }

    fn conditional(
        &mut self,
        test: ExpressionId,
        then: ExpressionId,
        otherwise: ExpressionId,
        destination: Destination,
    ) -> Compiled<Register> {
        let (else_label, end) = (self.unit.new_label(), self.unit.new_label());
        self.jump_condition(test, else_label, false)?;
        let depth = self.unit.depth();
        self.value(then, destination)?;
        self.emit(Op::Jump, UNUSED, end, UNUSED);
        self.unit.set_depth(depth);
        self.unit.bind(else_label);
        let target = self.value(otherwise, destination)?;
        self.unit.bind(end);
        Ok(target)
    }

    fn named(
        &mut self,
        id: ExpressionId,
        symbol: Symbol,
        value: ExpressionId,
        destination: Destination,
    ) -> Compiled<Register> {
        if let Destination::Local(local) = self.destination_of(symbol) {
            self.value(value, Destination::Local(local))?;
            if destination == Destination::Local(local) {
                return Ok(local);
            }
            self.at(id);
            let target = self.target(destination);
            self.emit(Op::Move, target, local, UNUSED);
            return Ok(target);
        }
        let kept = self.push_value(value)?;
        self.at(id);
        self.store_name_keeping(symbol, kept);
        Ok(self.settle(kept, destination))
    }

    fn slice(
        &mut self,
        id: ExpressionId,
        [lower, upper, step]: [Option<ExpressionId>; 3],
        destination: Destination,
    ) -> Compiled<Register> {
        let depth = self.unit.depth();
        let parts = if step.is_some() { 3 } else { 2 };
        for part in [lower, upper, step].into_iter().take(parts) {
            match part {
                Some(part) => self.push_value(part)?,
                None => {
                    self.at(id);
                    self.push_none()
                }
            };
        }
        self.at(id);
        self.unit.set_depth(depth);
        let first = Register::temporary(depth);
        let target = self.target(destination);
        self.emit(Op::BuildSlice, target, first, parts as u32);
        Ok(target)
    }

    fn starred_annotation(
        &mut self,
        id: ExpressionId,
        value: ExpressionId,
        destination: Destination,
    ) -> Compiled<Register> {
        let value = self.operand(value, false)?;
        self.at(id);
        self.unit.release(value);
        let target = self.unit.push();
        self.emit(Op::Unpack, target, value, 1);
        Ok(self.settle(target, destination))
    }
}
