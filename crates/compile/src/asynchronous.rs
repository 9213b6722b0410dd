//! Suspension: `yield`, `yield from`, `await`, and the steps of `async for`.

use toy_code::{Constant, Op, Position};
use toy_syntax::ast::ExpressionId;

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::unit::{Operand, Register};

/// What is awaited, for the message if it cannot be.
#[derive(Clone, Copy)]
pub(crate) enum Awaited {
    /// A value that the program names.
    Value,
    /// What `__aenter__` returned.
    Entered,
    /// What `__aexit__` returned.
    Exited,
}

impl From<Awaited> for Operand {
    fn from(what: Awaited) -> Self {
        Self::Index(what as u32)
    }
}

impl<'a> Compiler<'a> {
    pub(crate) fn yield_value(
        &mut self,
        id: ExpressionId,
        value: Option<ExpressionId>,
        destination: Destination,
    ) -> Compiled<Register> {
        let value = match value {
            Some(value) => self.operand(value, false)?,
            None => {
                self.at(id);
                self.push_none()
            }
        };
        self.at(id);
        self.unit.release(value);
        let target = self.target(destination);
        let op = if self.unit.header.flags.coroutine { Op::AsyncYield } else { Op::Yield };
        self.emit(op, target, value, UNUSED);
        Ok(target)
    }

    pub(crate) fn yield_from(
        &mut self,
        id: ExpressionId,
        value: ExpressionId,
        destination: Destination,
    ) -> Compiled<Register> {
        let value = self.operand(value, false)?;
        self.at(id);
        let result = self.delegate(Op::GetYieldFromIterator, value, UNUSED);
        Ok(self.settle(result, destination))
    }

    pub(crate) fn await_value(
        &mut self,
        id: ExpressionId,
        value: ExpressionId,
        destination: Destination,
    ) -> Compiled<Register> {
        let value = self.operand(value, false)?;
        self.at(id);
        let result = self.delegate(Op::GetAwaitable, value, Awaited::Value.into());
        Ok(self.settle(result, destination))
    }

    /// Awaits the temporary on top; the result takes its place.
    pub(crate) fn await_on_top(&mut self, value: Register, what: Awaited) {
        self.delegate(Op::GetAwaitable, value, what.into());
    }

    /// Pushes the result of running the iterator that `op` makes of `source` (the top, if a temporary) to its end.
    fn delegate(&mut self, op: Op, source: Register, what: Operand) -> Register {
        self.unit.release(source);
        let value = self.unit.push();
        let iterator = self.unit.push();
        self.emit(op, iterator, source, what);
        self.run_to_end(value, iterator);
        value
    }

    /// Sends into the iterator on top until it ends; its result goes into `value`.
    fn run_to_end(&mut self, value: Register, iterator: Register) {
        let (step, end) = (self.unit.new_label(), self.unit.new_label());
        let none = self.constant_index(Constant::None);
        self.emit(Op::LoadConst, value, none, UNUSED);
        self.unit.bind_loop_head(step);
        self.emit(Op::Send, value, iterator, end);
        self.emit(Op::Yield, value, value, UNUSED);
        self.emit(Op::Jump, UNUSED, step, UNUSED);
        self.unit.bind(end);
        self.unit.release(iterator);
    }

    /// Pushes the next value of an asynchronous iterator; `place` is the whole loop. The protected range that it returns ends
    /// the iteration.
    pub(crate) fn next_async_value(&mut self, place: Position, iterator: Register) -> (usize, Register) {
        self.unit.position = place;
        let step = self.begin_protection();
        let value = self.unit.push();
        let awaitable = self.unit.push();
        self.emit_keeping(Op::GetAsyncNext, 0, awaitable, iterator, UNUSED);
        self.run_to_end(value, awaitable);
        self.end_protection(step);
        (step, value)
    }

    /// Where `StopAsyncIteration` ends the loop.
    pub(crate) fn end_async_iteration(&mut self, step: usize, iterator: Register) {
        let Some(exception) = self.begin_handler(step) else { return };
        let copy = self.unit.push();
        self.emit_keeping(Op::Move, 0, copy, exception, UNUSED);
        self.end_catch(exception);
        self.unit.release(copy);
        self.emit(Op::EndAsyncFor, copy, UNUSED, UNUSED);
        self.emit(Op::Clear, iterator, UNUSED, UNUSED);
    }
}
