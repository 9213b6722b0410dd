//! Statements: the dispatch, and the kinds that need no file of their own.

use toy_code::{Op, Position};
use toy_syntax::ast::{Block, ExpressionId, ImportNames, StatementId, StatementKind};

use crate::compiler::{Compiled, Compiler, UNUSED};
use crate::unit::{Label, Register};

impl<'a> Compiler<'a> {
    /// Compiles statements as far as control can come.
    pub(crate) fn block(&mut self, block: &'a Block) -> Compiled {
        self.block_from(block, 0)
    }

    /// As [`Compiler::block`], from statement number `start` on.
    pub(crate) fn block_from(&mut self, block: &'a Block, start: usize) -> Compiled {
        for &statement in &block[start..] {
            if !self.unit.is_reachable() {
                break;
            }
            let depth = self.unit.depth();
            self.statement(statement)?;
            debug_assert_eq!(depth, self.unit.depth(), "a statement leaves the stack as it was");
        }
        Ok(())
    }

    fn statement(&mut self, id: StatementId) -> Compiled {
        let ast = self.ast;
        let statement = &ast[id];
        match &statement.kind {
            StatementKind::Expression(value) => self.effect(*value),
            StatementKind::Assign { targets, value } => self.assign(targets, *value),
            StatementKind::AugmentedAssign { target, operator, value } => {
                self.augmented_assign(id, *target, *operator, *value)
            }
            StatementKind::AnnotatedAssign { target, annotation, value } => {
                self.annotated_assign(id, target, *annotation, *value)
            }
            StatementKind::TypeAlias { name, .. } => self.type_alias(id, *name),
            StatementKind::Delete(targets) => targets.iter().try_for_each(|&target| self.delete(target)),
            StatementKind::Pass | StatementKind::Global(_) | StatementKind::Nonlocal(_) => Ok(()),
            StatementKind::Break | StatementKind::Continue => {
                self.at_statement(id);
                self.leave_loop(matches!(statement.kind, StatementKind::Break))
            }
            StatementKind::Return(value) => {
                let position = self.lines.position(statement.span);
                self.return_statement(*value, position)
            }
            StatementKind::Raise { exception, cause } => {
                let position = self.lines.position(statement.span);
                self.raise(position, *exception, *cause)
            }
            StatementKind::Assert { test, message } => self.assert(id, *test, *message),
            StatementKind::Import(aliases) => self.import(id, aliases),
            StatementKind::ImportFrom { level, module, names } => match names {
                ImportNames::Names(names) => self.import_from(id, *level, module.as_ref(), names),
                ImportNames::All(_) => self.import_all(id, *level, module.as_ref()),
            },
            StatementKind::If { branches, otherwise } => self.if_statement(branches, otherwise.as_ref()),
            StatementKind::While { test, body, otherwise } => self.while_statement(*test, body, otherwise.as_ref()),
            StatementKind::For { is_async, target, iterable, body, otherwise } => {
                let place = self.lines.position(statement.span);
                self.for_statement(place, *is_async, *target, *iterable, body, otherwise.as_ref())
            }
            StatementKind::Try { .. } => self.try_statement(id),
            StatementKind::With { is_async, items, body } => self.with_statement(*is_async, items, body),
            StatementKind::FunctionDefinition(definition) => self.function_definition(id, definition),
            StatementKind::ClassDefinition(definition) => self.class_definition(id, definition),
            StatementKind::Match { subject, cases } => self.match_statement(*subject, cases),
        }
    }

    fn if_statement(&mut self, branches: &'a [(ExpressionId, Block)], otherwise: Option<&'a Block>) -> Compiled {
        if let [(test, body)] = branches
            && otherwise.is_none()
            && let Some(exit) = self.only_exit(body)
        {
            return self.jump_condition(*test, exit, true);
        }
        let end = self.unit.new_label();
        for (index, (test, body)) in branches.iter().enumerate() {
            if !self.unit.is_reachable() {
                break;
            }
            let next = self.unit.new_label();
            self.jump_condition(*test, next, false)?;
            self.block(body)?;
            if index + 1 < branches.len() || otherwise.is_some() {
                self.emit(Op::Jump, UNUSED, end, UNUSED);
            }
            self.unit.bind(next);
        }
        if let Some(otherwise) = otherwise {
            self.block(otherwise)?;
        }
        self.unit.bind(end);
        Ok(())
    }

    /// Where a body goes that is only a `break` or `continue`, if it can be jumped to at once.
    fn only_exit(&self, body: &Block) -> Option<Label> {
        match (body.len(), &self.ast[body[0]].kind) {
            (1, StatementKind::Break) => self.direct_loop_exit(true),
            (1, StatementKind::Continue) => self.direct_loop_exit(false),
            _ => None,
        }
    }

    fn raise(&mut self, position: Position, exception: Option<ExpressionId>, cause: Option<ExpressionId>) -> Compiled {
        let Some(exception) = exception else {
            self.unit.position = position;
            self.emit(Op::RaiseAgain, UNUSED, UNUSED, UNUSED);
            return Ok(());
        };
        let may_rebind = cause.is_some_and(|cause| self.rebinding.may_rebind(cause));
        let exception = self.operand(exception, may_rebind)?;
        let cause = cause.map(|cause| self.operand(cause, false)).transpose()?;
        self.unit.position = position;
        match cause {
            Some(cause) => {
                self.unit.release(cause);
                self.emit(Op::RaiseFrom, exception, cause, UNUSED);
            }
            None => self.emit(Op::Raise, exception, UNUSED, UNUSED),
        }
        self.unit.release(exception);
        Ok(())
    }

    fn assert(&mut self, id: StatementId, test: ExpressionId, message: Option<ExpressionId>) -> Compiled {
        let end = self.unit.new_label();
        self.jump_condition(test, end, true)?;
        self.at_statement(id);
        let error: Register = self.unit.push();
        self.emit(Op::LoadAssertionError, error, UNUSED, UNUSED);
        if let Some(message) = message {
            let argument = self.push_value(message)?;
            self.unit.release(argument);
            self.at_statement(id);
            self.emit(Op::Call, error, error, 1);
        }
        self.at(test);
        self.unit.release(error);
        self.emit(Op::Raise, error, UNUSED, UNUSED);
        self.unit.bind(end);
        Ok(())
    }
}
