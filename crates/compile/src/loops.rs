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
        if self.is_never(test, true) {
            // Nothing would jump to the body.
            self.jump_condition(test, end, true)?;
            otherwise.map_or(Ok(()), |otherwise| self.block(otherwise))?;
            self.unit.bind(end);
            return Ok(());
        }
        if truth.is_none() {
            self.at(test);
            self.emit(Op::Jump, UNUSED, continue_label, UNUSED);
            let mut bound = self.unit.bound.clone();
            bound.subtract(&self.unit.deletable);
            self.unit.bind_entry(head, bound);
            self.assume(test);
        } else {
            // A body may consist of nothing.
            self.at(test);
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
        let end = self.unit.new_label();
        let source = self.iterated(is_async, iterable)?;
        self.unit.release(source);
        let iterator = self.unit.push();
        self.begin_iteration(is_async, iterable, iterator, source);
        let iteration = self.next_value(place, is_async, target, iterable, iterator)?;
        let continue_label = iteration.again();
        self.unit.blocks.push(Block::Loop { break_label: end, continue_label, iterator: Some(iterator) });
        self.block(body)?;
        self.unit.blocks.pop();
        self.end_iteration(iteration, iterable, iterator);
        if let Some(otherwise) = otherwise {
            self.block(otherwise)?;
        }
        self.unit.bind(end);
        Ok(())
    }

    /// What an iteration goes over.
    pub(crate) fn iterated(&mut self, is_async: bool, iterable: ExpressionId) -> Compiled<Register> {
        match self.constants.container(self.ast, iterable).filter(|_| !is_async) {
            Some(container) => {
                self.at(iterable);
                Ok(self.load_constant(container, Destination::Push))
            }
            None => self.operand(iterable, false),
        }
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

    /// Takes the first value and assigns it to the target; the loop's body follows, and then
    /// [`end_iteration`](Self::end_iteration). `place` is the whole loop.
    pub(crate) fn next_value(
        &mut self,
        place: Position,
        is_async: bool,
        target: ExpressionId,
        iterable: ExpressionId,
        iterator: Register,
    ) -> Compiled<Iteration> {
        if is_async {
            let again = self.unit.new_label();
            self.unit.bind_loop_head(again);
            let (step, value) = self.next_async_value(place, iterator);
            self.store_target(target, value)?;
            self.unit.release(value);
            return Ok(Iteration::Asynchronous { again, step });
        }
        let local = match self.ast[target].kind {
            ExpressionKind::Name(symbol) => self.destination_of(symbol).local(),
            _ => None,
        };
        let (body, again, exhausted) = (self.unit.new_label(), self.unit.new_label(), self.unit.new_label());
        let value = local.unwrap_or_else(|| self.unit.push());
        self.at(iterable);
        self.emit(Op::ForIterator, value, iterator, exhausted);
        self.unit.bind_loop_head(body);
        if local.is_none() {
            self.store_target(target, value)?;
            self.unit.release(value);
        }
        Ok(Iteration::Plain { value, body, again, exhausted })
    }

    /// Behind the body: takes the next value, or goes on with the iterator dropped.
    pub(crate) fn end_iteration(&mut self, iteration: Iteration, iterable: ExpressionId, iterator: Register) {
        match iteration {
            Iteration::Asynchronous { again, step } => {
                self.at(iterable);
                self.emit(Op::Jump, UNUSED, again, UNUSED);
                self.end_async_iteration(step, iterator);
            }
            Iteration::Plain { value, body, again, exhausted } => {
                self.unit.bind(again);
                self.at(iterable);
                if value.is_temporary() {
                    let same = self.unit.push();
                    debug_assert_eq!(same, value);
                    self.unit.release(value);
                }
                // At the end of the iterator nothing is assigned.
                let bound = self.unit.bound.clone();
                self.emit(Op::ForNext, value, iterator, body);
                self.unit.bound = bound;
                self.unit.bind(exhausted);
            }
        }
        if iterator.is_temporary() {
            self.unit.set_depth(iterator.index());
        }
    }
}

/// A `for` loop or clause between its head and its end.
pub(crate) enum Iteration {
    /// `for`: the first value is asked for in front of the loop, the others at its end, by one instruction each.
    Plain {
        /// Where values go before they are assigned.
        value: Register,
        /// Behind the first instruction.
        body: Label,
        /// At the last instruction.
        again: Label,
        /// Behind everything.
        exhausted: Label,
    },
    /// `async for`: all values are asked for at the head.
    Asynchronous {
        /// The head.
        again: Label,
        /// The protected range whose handler ends the iteration.
        step: usize,
    },
}

impl Iteration {
    /// Where `continue` goes.
    pub(crate) fn again(&self) -> Label {
        match *self {
            Self::Plain { again, .. } | Self::Asynchronous { again, .. } => again,
        }
    }
}
