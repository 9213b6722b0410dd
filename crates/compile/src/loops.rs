//! `while` and `for`, and the steps of an iteration, which comprehensions use too.

use toy_code::{Op, Position};
use toy_syntax::ast::{Block as Statements, ExpressionId, ExpressionKind};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::control::Block;
use crate::unit::{Label, Register};

impl<'a> Compiler<'a> {
    /// The test stands behind the body: one jump less a round.
    pub(crate) fn while_statement(
        &mut self,
        test: ExpressionId,
        body: &'a Statements,
        otherwise: Option<&'a Statements>,
    ) -> Compiled {
        let truth = self.constant_truth(test);
        if truth == Some(false) {
            return otherwise.map_or(Ok(()), |otherwise| self.block(otherwise));
        }
        let (head, continue_label, end) = (self.unit.new_label(), self.unit.new_label(), self.unit.new_label());
        if truth.is_none() {
            self.at(test);
            self.emit(Op::Jump, UNUSED, continue_label, UNUSED);
            let mut bound = self.unit.bound.clone();
            bound.subtract(&self.unit.deletable);
            self.unit.bind_entry(head, bound);
            self.assume(test);
        } else {
            self.unit.bind_loop_head(head);
        }
        let continue_label = if truth.is_none() { continue_label } else { head };
        self.unit.blocks.push(Block::Loop { break_label: end, continue_label, iterator: None });
        self.block(body)?;
        self.unit.blocks.pop();
        if truth.is_none() {
            self.unit.bind(continue_label);
            self.jump_condition(test, head, true)?;
        } else {
            self.emit(Op::Jump, UNUSED, head, UNUSED);
        }
        if let Some(otherwise) = otherwise {
            self.block(otherwise)?;
        }
        self.unit.bind(end);
        Ok(())
    }

    /// Counts names as bound that a condition must have bound to be true.
    fn assume(&mut self, condition: ExpressionId) {
        let ast = self.ast;
        let mut pending = vec![condition];
        while let Some(id) = pending.pop() {
            match &ast[id].kind {
                ExpressionKind::Named { target, value } => {
                    if let Destination::Local(local) = self.destination_of(target.symbol) {
                        self.unit.bound.insert(local.index());
                    }
                    pending.push(*value);
                }
                ExpressionKind::Compare { left, rest } => {
                    pending.push(*left);
                    pending.extend(rest.first().map(|&(_, right)| right));
                }
                ExpressionKind::Unary { operand, .. } => pending.push(*operand),
                ExpressionKind::Boolean { values, .. } => pending.extend(values.first()),
                _ => {}
            }
        }
    }

    pub(crate) fn for_statement(
        &mut self,
        place: Position,
        is_async: bool,
        target: ExpressionId,
        iterable: ExpressionId,
        body: &'a Statements,
        otherwise: Option<&'a Statements>,
    ) -> Compiled {
        let (head, exhausted, end) = (self.unit.new_label(), self.unit.new_label(), self.unit.new_label());
        let source = self.operand(iterable, false)?;
        self.unit.release(source);
        let iterator = self.unit.push();
        self.begin_iteration(is_async, iterable, iterator, source);
        self.unit.bind_loop_head(head);
        let step = self.next_value(place, is_async, target, iterable, iterator, exhausted)?;
        self.unit.blocks.push(Block::Loop { break_label: end, continue_label: head, iterator: Some(iterator) });
        self.block(body)?;
        self.unit.blocks.pop();
        self.at(iterable);
        self.emit(Op::Jump, UNUSED, head, UNUSED);
        self.end_iteration(step, iterator);
        self.unit.bind(exhausted);
        self.unit.set_depth(iterator.index());
        if let Some(otherwise) = otherwise {
            self.block(otherwise)?;
        }
        self.unit.bind(end);
        Ok(())
    }

    /// `iterator = iter(source)`; a temporary source was released.
    pub(crate) fn begin_iteration(
        &mut self,
        is_async: bool,
        iterable: ExpressionId,
        iterator: Register,
        source: Register,
    ) {
        self.at(iterable);
        let op = if is_async { Op::GetAsyncIterator } else { Op::GetIterator };
        self.emit(op, iterator, source, UNUSED);
    }

    /// Takes the next value and assigns it to the target; at the end goes to `exhausted` with the iterator dropped. `place` is
    /// the whole loop. What it returns goes to [`Compiler::end_iteration`].
    pub(crate) fn next_value(
        &mut self,
        place: Position,
        is_async: bool,
        target: ExpressionId,
        iterable: ExpressionId,
        iterator: Register,
        exhausted: Label,
    ) -> Compiled<Option<usize>> {
        self.at(iterable);
        if is_async {
            let (step, value) = self.next_async_value(place, iterator);
            self.store_target(target, value)?;
            self.unit.release(value);
            return Ok(Some(step));
        }
        if let ExpressionKind::Name(symbol) = self.ast[target].kind
            && let Destination::Local(local) = self.destination_of(symbol)
        {
            self.emit(Op::ForIterator, local, iterator, exhausted);
            return Ok(None);
        }
        let value = self.unit.push();
        self.emit(Op::ForIterator, value, iterator, exhausted);
        self.store_target(target, value)?;
        self.unit.release(value);
        Ok(None)
    }

    /// Behind the loop's jump back: where an asynchronous iteration ends.
    pub(crate) fn end_iteration(&mut self, step: Option<usize>, iterator: Register) {
        if let Some(step) = step {
            self.end_async_iteration(step, iterator);
        }
    }
}
