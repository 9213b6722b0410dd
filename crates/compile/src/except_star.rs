//! `except*`: each clause takes its part of the exception group; what is left over or raised anew goes on together.
//!
//! Registers behind the two of `catch`: the list of exceptions raised by clauses, then the rest not matched yet.

use toy_code::{Op, flag};
use toy_syntax::ast::{Block as Statements, ExceptHandler};

use crate::compiler::{Compiled, Compiler, UNUSED};
use crate::control::Block;
use crate::unit::Register;

impl<'a> Compiler<'a> {
    pub(crate) fn try_star(
        &mut self,
        body: &'a Statements,
        handlers: &'a [ExceptHandler],
        otherwise: Option<&'a Statements>,
    ) -> Compiled {
        let depth = self.unit.depth();
        let end = self.unit.new_label();
        let protection = self.begin_protection();
        self.block(body)?;
        self.end_protection(protection);
        if let Some(otherwise) = otherwise {
            self.block(otherwise)?;
        }
        self.emit(Op::Jump, UNUSED, end, UNUSED);
        if let Some(exception) = self.begin_handler(protection) {
            self.unit.blocks.push(Block::Handling { exception, name: None });
            let cleanup = self.begin_protection();
            let raised = self.unit.push();
            self.emit(Op::BuildList, raised, 0, 0);
            let rest = self.unit.push();
            self.emit_keeping(Op::Move, 0, rest, exception, UNUSED);
            for handler in handlers {
                self.star_clause(raised, rest, handler)?;
            }
            // Nothing is left over of None.
            self.emit_keeping(Op::ListAppend, flag::CONSUME_B, raised, rest, UNUSED);
            self.unit.release(rest);
            self.unit.release(raised);
            let again = self.unit.push();
            self.emit_keeping(Op::CombineGroups, flag::CONSUME_B, again, raised, exception);
            self.unit.release(again);
            self.end_protection(cleanup);
            self.unit.blocks.pop();
            self.end_catch(exception);
            let nothing = self.unit.new_label();
            self.emit_keeping(Op::JumpIfNone, flag::JUMP_IF_TRUE, again, nothing, UNUSED);
            self.emit(Op::Reraise, again, UNUSED, UNUSED);
            self.unit.bind(nothing);
            self.emit(Op::Clear, again, UNUSED, UNUSED);
            self.emit(Op::Jump, UNUSED, end, UNUSED);
            self.cleanup_handler(cleanup, exception, |_| {});
        }
        self.unit.set_depth(depth);
        self.unit.bind(end);
        Ok(())
    }

    /// One clause: with a match, its body runs with the matching part as the exception being handled.
    fn star_clause(&mut self, raised: Register, rest: Register, handler: &'a ExceptHandler) -> Compiled {
        let next = self.unit.new_label();
        let (matched, no_match) = (self.unit.push(), self.unit.new_label());
        self.unit.push();
        self.unit.set_depth(matched.index());
        self.at_span(handler.span);
        if let Some(kind) = handler.kind {
            let class = self.operand(kind, false)?;
            self.at_span(handler.span);
            self.unit.release(class);
            let consumed = if class.is_temporary() { flag::CONSUME_C } else { 0 };
            self.emit_keeping(Op::MatchGroup, flag::CONSUME_B | consumed, matched, rest, class);
        }
        self.emit(Op::Move, rest, matched.offset(1), UNUSED);
        self.emit_keeping(Op::JumpIfNone, flag::JUMP_IF_TRUE, matched, no_match, UNUSED);
        self.unit.set_depth(matched.index());
        let around = self.begin_protection();
        // Raising it makes it the one being handled; the handler is the clause.
        self.emit(Op::Reraise, matched, UNUSED, UNUSED);
        self.end_protection(around);
        if let Some(part) = self.begin_handler(around) {
            self.unit.blocks.push(Block::Handling { exception: part, name: handler.name.map(|name| name.symbol) });
            let body = self.begin_protection();
            if let Some(name) = handler.name {
                self.store_name_keeping(name.symbol, part);
            }
            self.block(&handler.body)?;
            self.end_protection(body);
            self.unit.blocks.pop();
            self.end_catch(part);
            if let Some(name) = handler.name {
                self.unbind_name(name.symbol);
            }
            self.emit(Op::Jump, UNUSED, next, UNUSED);
            if let Some(new) = self.begin_handler(body) {
                self.emit(Op::Clear, new.offset(1), UNUSED, UNUSED);
                self.end_catch(part);
                if let Some(name) = handler.name {
                    self.unbind_name(name.symbol);
                }
                self.emit_keeping(Op::ListAppend, flag::CONSUME_B, raised, new, UNUSED);
                self.emit(Op::Jump, UNUSED, next, UNUSED);
            }
        }
        self.unit.set_depth(matched.index());
        self.unit.bind(no_match);
        self.emit(Op::Clear, matched, UNUSED, UNUSED);
        self.unit.bind(next);
        Ok(())
    }
}
