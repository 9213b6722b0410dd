//! `try`.
//!
//! A handler starts with `catch`, which makes its exception the one being handled, and every way out of it goes through
//! `end_catch`. An exception raised inside a handler goes to a cleanup handler that does the same and raises it on.

use toy_code::{Op, flag};
use toy_syntax::ast::{ExceptHandler, StatementId, StatementKind};

use crate::compiler::{Compiled, Compiler, UNUSED};
use crate::control::Block;
use crate::unit::{Label, Register};

impl<'a> Compiler<'a> {
    pub(crate) fn try_statement(&mut self, id: StatementId) -> Compiled {
        let ast = self.ast;
        let StatementKind::Try { finally: Some(finally), .. } = &ast[id].kind else { return self.try_except(id) };
        let depth = self.unit.depth();
        let end = self.unit.new_label();
        self.unit.blocks.push(Block::Finally(id));
        let protection = self.begin_protection();
        self.try_except(id)?;
        self.end_protection(protection);
        self.unit.blocks.pop();
        self.block(finally)?;
        self.emit(Op::Jump, UNUSED, end, UNUSED);
        if let Some(exception) = self.begin_handler(protection) {
            self.unit.blocks.push(Block::Handling { exception, name: None });
            let cleanup = self.begin_protection();
            self.block(finally)?;
            self.end_protection(cleanup);
            self.unit.blocks.pop();
            self.end_catch_and_reraise(exception, |_| {});
            self.cleanup_handler(cleanup, exception, |_| {});
        }
        self.unit.set_depth(depth);
        self.unit.bind(end);
        Ok(())
    }

    /// All of a `try` but its `finally`.
    fn try_except(&mut self, id: StatementId) -> Compiled {
        let ast = self.ast;
        let StatementKind::Try { body, handlers, is_star, otherwise, .. } = &ast[id].kind else {
            unreachable!("the caller saw a try statement")
        };
        if handlers.is_empty() {
            self.block(body)?;
            return otherwise.as_ref().map_or(Ok(()), |otherwise| self.block(otherwise));
        }
        if *is_star {
            return self.try_star(body, handlers, otherwise.as_ref());
        }
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
            self.handlers(exception, handlers, end)?;
        }
        self.unit.set_depth(depth);
        self.unit.bind(end);
        Ok(())
    }

    fn handlers(&mut self, exception: Register, handlers: &'a [ExceptHandler], end: Label) -> Compiled {
        self.unit.blocks.push(Block::Handling { exception, name: None });
        let cleanup = self.begin_protection();
        for handler in handlers {
            if !self.unit.is_reachable() {
                break;
            }
            let next = self.unit.new_label();
            self.at_span(handler.span);
            if let Some(kind) = handler.kind {
                let class = self.operand(kind, false)?;
                self.at_span(handler.span);
                self.unit.release(class);
                let consumed = if class.is_temporary() { flag::CONSUME_B } else { 0 };
                self.emit_keeping(Op::JumpUnlessMatch, consumed, exception, class, next);
            }
            self.handler_body(exception, handler, cleanup, end)?;
            self.unit.bind(next);
        }
        self.end_protection(cleanup);
        self.unit.blocks.pop();
        self.end_catch_and_reraise(exception, |_| {});
        self.cleanup_handler(cleanup, exception, |_| {});
        Ok(())
    }

    /// The body of a clause that fits, from assigning the exception's name to deleting it.
    fn handler_body(
        &mut self,
        exception: Register,
        handler: &'a ExceptHandler,
        cleanup: usize,
        end: Label,
    ) -> Compiled {
        let Some(name) = handler.name else {
            self.block(&handler.body)?;
            return self.finish_handler(end);
        };
        self.store_name_keeping(name.symbol, exception);
        let around = self.unit.blocks.len();
        self.unit.blocks[around - 2] = Block::Handling { exception, name: Some(name.symbol) };
        let named = self.begin_protection();
        self.block(&handler.body)?;
        self.end_protection(named);
        self.finish_handler(end)?;
        let depth = self.unit.depth();
        self.close_protection(cleanup);
        self.cleanup_handler(named, exception, |compiler| compiler.unbind_name(name.symbol));
        self.reopen_protection(cleanup);
        self.unit.set_depth(depth);
        self.unit.blocks[around - 2] = Block::Handling { exception, name: None };
        Ok(())
    }

    /// Leaves a handler by its end.
    fn finish_handler(&mut self, end: Label) -> Compiled {
        if self.unit.is_reachable() {
            let around = self.unit.blocks.len() - 2;
            let left = self.unwind(around, None)?;
            self.emit(Op::Jump, UNUSED, end, UNUSED);
            self.resume(left);
        }
        Ok(())
    }
}
