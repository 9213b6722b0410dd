//! What surrounds a statement, and how `return`, `break` and `continue` leave it.
//!
//! Leaving runs from the inside out: protected ranges are closed (what follows is not protected by them any more),
//! `finally` bodies are copied in, context managers are exited, handlers end, iterators are dropped. As the code behind goes on
//! inside, [`Compiler::resume`] puts everything back.

use toy_code::{Constant, Op, Position, flag};
use toy_syntax::ast::{Block as Statements, ExpressionId, Symbol};

use crate::asynchronous::Awaited;
use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::unit::{BoundSet, Label, Register};

/// Something around a statement that leaving it has to deal with.
#[derive(Clone, Copy)]
pub(crate) enum Block {
    /// A loop.
    Loop {
        break_label: Label,
        continue_label: Label,
        /// What a `for` holds.
        iterator: Option<Register>,
    },
    /// A protected range: an index into `protections`.
    Protected(usize),
    /// A `try` whose `finally` is still to run: the statement that it belongs to.
    Finally(toy_syntax::ast::StatementId),
    /// A `with` whose exit method is still to be called.
    With { exit: Register, position: Position, is_async: bool },
    /// An exception being handled, and the name it has in an `except … as name`.
    Handling { exception: Register, name: Option<Symbol> },
    /// The value of a `return` that a `finally` body, copied in on its way out, may replace.
    Returned(Register),
}

/// A handler and the range it protects, which may have holes.
pub(crate) struct Protection {
    handler: Label,
    first_dead: Register,
    /// Where the part being emitted starts; `None` in a hole.
    start: Option<u32>,
    /// Locals bound at its beginning that nothing in the unit deletes.
    bound: BoundSet,
    /// Registers of comprehensions inside, which an exception may leave filled.
    comprehension_locals: Vec<Register>,
    is_used: bool,
}

impl<'a> Compiler<'a> {
    /// Begins a protected range here; exceptions drop the temporaries that are not on the stack now.
    pub(crate) fn begin_protection(&mut self) -> usize {
        let first_dead = Register::temporary(self.unit.depth());
        let mut bound = self.unit.bound.clone();
        bound.subtract(&self.unit.deletable);
        let handler = self.unit.new_label();
        let start = Some(self.unit.start_range());
        self.unit.protections.push(Protection {
            handler,
            first_dead,
            start,
            bound,
            comprehension_locals: Vec::new(),
            is_used: false,
        });
        let index = self.unit.protections.len() - 1;
        self.unit.blocks.push(Block::Protected(index));
        index
    }

    /// Ends the innermost block, which is a protected range.
    pub(crate) fn end_protection(&mut self, index: usize) {
        self.close_protection(index);
        self.unit.blocks.pop();
    }

    /// Goes on with a protected range behind a hole.
    pub(crate) fn reopen_protection(&mut self, index: usize) {
        self.unit.protections[index].start = Some(self.unit.start_range());
    }

    /// Ends a protected range for now.
    pub(crate) fn close_protection(&mut self, index: usize) {
        let protection = &self.unit.protections[index];
        let (handler, first_dead) = (protection.handler, protection.first_dead);
        if let Some(start) = protection.start {
            let is_used = self.unit.protect(start, handler, first_dead);
            let protection = &mut self.unit.protections[index];
            protection.start = None;
            protection.is_used |= is_used;
        }
    }

    /// Starts the handler of a range that was ended: the exception is in the returned register, the one handled before
    /// behind it. `None` if nothing can raise.
    pub(crate) fn begin_handler(&mut self, index: usize) -> Option<Register> {
        let protection = &self.unit.protections[index];
        if !protection.is_used {
            return None;
        }
        let (handler, first_dead, bound) = (protection.handler, protection.first_dead, protection.bound.clone());
        let stale = protection.comprehension_locals.clone();
        self.unit.set_depth(first_dead.index());
        self.unit.bind_entry(handler, bound);
        let exception = self.unit.push();
        self.unit.push();
        self.emit(Op::Catch, exception, UNUSED, UNUSED);
        for local in stale {
            self.emit(Op::Clear, local, UNUSED, UNUSED);
        }
        Some(exception)
    }

    /// A comprehension uses these registers: handlers around must clear them.
    pub(crate) fn note_comprehension_locals(&mut self, locals: &[Register]) {
        for block in &self.unit.blocks {
            if let Block::Protected(index) = *block {
                let noted = &mut self.unit.protections[index].comprehension_locals;
                for local in locals {
                    if !noted.contains(local) {
                        noted.push(*local);
                    }
                }
            }
        }
    }

    /// Ends a handler: the exception in `exception` is not handled any more.
    pub(crate) fn end_catch(&mut self, exception: Register) {
        self.emit(Op::EndCatch, exception, UNUSED, UNUSED);
    }

    /// Ends a handler by raising its exception on; `cleanup` is done before.
    pub(crate) fn end_catch_and_reraise(&mut self, exception: Register, cleanup: impl FnOnce(&mut Self)) {
        let depth = exception.index() + 2;
        self.unit.set_depth(depth);
        let copy = self.unit.push();
        self.unit.release(copy);
        self.emit_keeping(Op::Move, 0, copy, exception, UNUSED);
        self.end_catch(exception);
        cleanup(self);
        self.emit(Op::Reraise, copy, UNUSED, UNUSED);
    }

    /// The handler for exceptions raised while `exception` is handled: ends that one (and what `cleanup` adds) and raises the
    /// new one on.
    pub(crate) fn cleanup_handler(&mut self, index: usize, exception: Register, cleanup: impl FnOnce(&mut Self)) {
        let Some(raised) = self.begin_handler(index) else { return };
        self.emit(Op::Clear, raised.offset(1), UNUSED, UNUSED);
        self.end_catch(exception);
        cleanup(self);
        self.emit(Op::Reraise, raised, UNUSED, UNUSED);
    }

    /// Leaves the blocks from the innermost out to, but not including, number `until`, past a value that is being
    /// returned. The blocks are for [`Compiler::resume`], which must follow the jump.
    pub(crate) fn unwind(&mut self, until: usize, returned: Option<Register>) -> Compiled<Vec<Block>> {
        let mut left = Vec::new();
        while self.unit.blocks.len() > until
            && let Some(block) = self.unit.blocks.pop()
        {
            left.push(block);
            self.leave(block, returned)?;
        }
        Ok(left)
    }

    /// Goes on inside the blocks that [`Compiler::unwind`] left.
    pub(crate) fn resume(&mut self, left: Vec<Block>) {
        for block in left.into_iter().rev() {
            if let Block::Protected(index) = block {
                self.reopen_protection(index);
            }
            self.unit.blocks.push(block);
        }
    }

    fn leave(&mut self, block: Block, returned: Option<Register>) -> Compiled {
        match block {
            Block::Loop { iterator, .. } => {
                if let Some(iterator) = iterator {
                    self.emit(Op::Clear, iterator, UNUSED, UNUSED);
                }
            }
            Block::Protected(index) => self.close_protection(index),
            Block::Finally(statement) => {
                let position = self.unit.position;
                let around = self.unit.blocks.len();
                self.unit.blocks.extend(returned.map(Block::Returned));
                self.finally_body(statement)?;
                self.unit.blocks.truncate(around);
                self.unit.position = position;
            }
            Block::With { exit, position, is_async } => {
                let outer = std::mem::replace(&mut self.unit.position, position);
                self.exit_context(exit, is_async);
                self.unit.position = outer;
            }
            Block::Handling { exception, name } => {
                self.end_catch(exception);
                if let Some(name) = name {
                    self.unbind_name(name);
                }
            }
            Block::Returned(value) => self.emit(Op::Clear, value, UNUSED, UNUSED),
        }
        Ok(())
    }

    /// Whether `return` runs anything on its way out, so that its value must be kept.
    fn runs_code_on_return(&self) -> bool {
        let runs = |block: &Block| match block {
            Block::Finally(_) | Block::With { .. } => true,
            Block::Handling { name, .. } => name.is_some(),
            Block::Loop { .. } | Block::Protected(_) | Block::Returned(_) => false,
        };
        self.unit.blocks.iter().any(runs)
    }

    pub(crate) fn return_statement(&mut self, value: Option<ExpressionId>, position: Position) -> Compiled {
        let constant = match value {
            None => Some(Constant::None),
            Some(value) => self.constant(value),
        };
        if let Some(constant) = constant {
            self.unit.position = position;
            let left = self.unwind(0, None)?;
            let index = self.constant_index(constant);
            self.emit(Op::ReturnConst, UNUSED, index, UNUSED);
            self.resume(left);
            return Ok(());
        }
        let Some(value) = value else { return Ok(()) };
        let register = self.operand(value, self.runs_code_on_return())?;
        self.unit.position = position;
        let returned = Some(register).filter(|register| register.is_temporary());
        let left = self.unwind(0, returned)?;
        self.emit(Op::Return, register, UNUSED, UNUSED);
        self.unit.release(register);
        self.resume(left);
        Ok(())
    }

    /// `break` (`is_break`) or `continue`.
    pub(crate) fn leave_loop(&mut self, is_break: bool) -> Compiled {
        let Some(index) = self.unit.blocks.iter().rposition(|block| matches!(block, Block::Loop { .. })) else {
            return Ok(());
        };
        let Block::Loop { break_label, continue_label, .. } = self.unit.blocks[index] else { return Ok(()) };
        let left = self.unwind(if is_break { index } else { index + 1 }, None)?;
        let label = if is_break { break_label } else { continue_label };
        self.emit(Op::Jump, UNUSED, label, UNUSED);
        self.resume(left);
        Ok(())
    }

    /// Where `break` or `continue` goes, if nothing has to be done on the way.
    pub(crate) fn direct_loop_exit(&self, is_break: bool) -> Option<Label> {
        match *self.unit.blocks.last()? {
            Block::Loop { break_label, iterator: None, .. } if is_break => Some(break_label),
            Block::Loop { continue_label, .. } if !is_break => Some(continue_label),
            _ => None,
        }
    }

    /// Calls the exit method in `exit` for a normal end and drops it and the result.
    pub(crate) fn exit_context(&mut self, exit: Register, is_async: bool) {
        let depth = self.unit.depth();
        let mut function = exit;
        if exit.index() + 1 != depth {
            // Something stands above it: the value of a `return`.
            function = self.unit.push();
            self.emit(Op::Move, function, exit, UNUSED);
        }
        for _ in 0..3 {
            self.load_constant(Constant::None, Destination::Push);
        }
        self.unit.set_depth(function.index());
        let result = self.unit.push();
        self.emit_flags(Op::Call, flag::LEAVES_CONTEXT, result, function, 3);
        if is_async {
            self.await_on_top(result, Awaited::Exited);
        }
        self.discard(result);
        self.unit.set_depth(depth);
    }

    /// Compiles a `finally` body once more.
    fn finally_body(&mut self, statement: toy_syntax::ast::StatementId) -> Compiled {
        let ast = self.ast;
        if let toy_syntax::ast::StatementKind::Try { finally: Some(body), .. } = &ast[statement].kind {
            let body: &'a Statements = body;
            self.block(body)?;
        }
        Ok(())
    }
}
