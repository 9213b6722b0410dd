//! `with`.

use toy_code::{Op, flag};
use toy_syntax::ast::{Block as Statements, WithItem};

use crate::asynchronous::Awaited;
use crate::compiler::{Compiled, Compiler, UNUSED};
use crate::control::Block;

impl<'a> Compiler<'a> {
    pub(crate) fn with_statement(&mut self, is_async: bool, items: &'a [WithItem], body: &'a Statements) -> Compiled {
        let Some((item, inner)) = items.split_first() else { return self.block(body) };
        let end = self.unit.new_label();
        let position = self.lines.position(self.ast[item.context].span);
        let manager = self.operand(item.context, false)?;
        self.unit.position = position;
        self.unit.release(manager);
        let exit = self.unit.push();
        let value = self.unit.push();
        self.emit(if is_async { Op::AsyncWithEnter } else { Op::WithEnter }, exit, manager, UNUSED);
        if is_async {
            self.await_on_top(value, Awaited::Entered);
        }
        self.unit.release(value);
        self.unit.blocks.push(Block::With { exit, position, is_async });
        let protection = self.begin_protection();
        self.unit.push();
        match item.target {
            Some(target) => self.store_target(target, value)?,
            None => self.emit(Op::Clear, value, UNUSED, UNUSED),
        }
        self.unit.release(value);
        self.with_statement(is_async, inner, body)?;
        self.end_protection(protection);
        self.unit.blocks.pop();
        self.unit.position = position;
        self.exit_context(exit, is_async);
        self.emit(Op::Jump, UNUSED, end, UNUSED);
        if let Some(exception) = self.begin_handler(protection) {
            let suppressed = self.unit.new_label();
            let cleanup = self.begin_protection();
            let result = self.unit.push();
            self.emit_keeping(Op::WithExcept, 0, result, exit, exception);
            if is_async {
                self.await_on_top(result, Awaited::Exited);
            }
            self.unit.release(result);
            self.emit_flags(Op::JumpIf, flag::JUMP_IF_TRUE, result, suppressed, UNUSED);
            self.end_protection(cleanup);
            self.end_catch_and_reraise(exception, |compiler| compiler.emit(Op::Clear, exit, UNUSED, UNUSED));
            self.unit.bind(suppressed);
            self.end_catch(exception);
            self.emit(Op::Clear, exit, UNUSED, UNUSED);
            self.emit(Op::Jump, UNUSED, end, UNUSED);
            self.cleanup_handler(cleanup, exception, |compiler| compiler.emit(Op::Clear, exit, UNUSED, UNUSED));
        }
        self.unit.set_depth(exit.index());
        self.unit.bind(end);
        Ok(())
    }
}
