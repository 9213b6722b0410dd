//! Comprehensions, which are part of the code around them, and generator expressions, which are functions.

use toy_code::{Op, Position};
use toy_syntax::ast::{ComprehensionClause, ExpressionId, ExpressionKind};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::scope::{Resolution, ScopeId};
use crate::unit::Register;

/// What a comprehension does with each element.
#[derive(Clone, Copy)]
enum Element {
    Append { container: Register, value: ExpressionId },
    Add { container: Register, value: ExpressionId },
    Set { container: Register, key: ExpressionId, value: ExpressionId },
    Yield { value: ExpressionId },
}

impl<'a> Compiler<'a> {
    pub(crate) fn comprehension(&mut self, id: ExpressionId, destination: Destination) -> Compiled<Register> {
        let ast = self.ast;
        let container = Register::temporary(self.unit.depth());
        let (op, element, clauses) = match &ast[id].kind {
            ExpressionKind::ListComprehension { element, clauses } => {
                (Op::BuildList, Element::Append { container, value: *element }, clauses)
            }
            ExpressionKind::SetComprehension { element, clauses } => {
                (Op::BuildSet, Element::Add { container, value: *element }, clauses)
            }
            ExpressionKind::DictComprehension { key, value, clauses } => {
                (Op::BuildDict, Element::Set { container, key: *key, value: *value }, clauses)
            }
            _ => unreachable!("only displays are inlined"),
        };
        let place = self.lines.position(ast[id].span);
        let iterable = self.iterated(clauses[0].is_async, clauses[0].iterable)?;
        self.unit.release(iterable);
        let target = self.unit.push();
        debug_assert_eq!(target, container);
        let iterator = self.unit.push();
        self.begin_iteration(clauses[0].is_async, clauses[0].iterable, iterator, iterable);
        self.unit.position = place;
        self.emit(op, container, 0, 0);
        let scope = self.analysis.of_expression[&id];
        let locals = self.enter_comprehension(scope);
        let outer = std::mem::replace(&mut self.scope, scope);
        let result = self.clauses(place, clauses, iterator, element);
        self.scope = outer;
        result?;
        self.unit.position = place;
        self.leave_comprehension(scope, &locals);
        Ok(self.settle(container, destination))
    }

    /// Gives the variables of a comprehension their registers.
    fn enter_comprehension(&mut self, scope: ScopeId) -> Vec<Register> {
        let analysis = self.analysis;
        let mut locals = Vec::new();
        for &symbol in &analysis.scope(scope).order {
            let entry = &analysis.scope(scope).entries[&symbol];
            if entry.resolution != Some(Resolution::Own) {
                continue;
            }
            let is_spare = |(name, is_cell, _): &(_, bool, _)| *name == symbol && *is_cell == entry.is_captured;
            let register = match self.unit.spare_locals.iter().position(is_spare) {
                Some(index) => self.unit.spare_locals.swap_remove(index).2,
                None => self.unit.add_local(self.name(symbol), entry.is_captured),
            };
            self.unit.registers.insert(scope, symbol, register);
            if entry.is_captured {
                self.emit(Op::MakeCell, register, UNUSED, UNUSED);
            }
            locals.push(register);
        }
        self.note_comprehension_locals(&locals);
        locals
    }

    fn leave_comprehension(&mut self, scope: ScopeId, locals: &[Register]) {
        for &local in locals {
            self.emit(Op::Clear, local, UNUSED, UNUSED);
            self.unit.bound.remove(local.index());
        }
        let analysis = self.analysis;
        let own = analysis.scope(scope).order.iter().filter_map(|symbol| {
            let entry = &analysis.scope(scope).entries[symbol];
            (entry.resolution == Some(Resolution::Own)).then_some((*symbol, entry.is_captured))
        });
        let spare: Vec<_> = own.zip(locals).map(|((symbol, is_cell), local)| (symbol, is_cell, *local)).collect();
        self.unit.spare_locals.extend(spare);
    }

    /// `for … in … if …` clauses from the first on; the iterator of the first is at hand.
    fn clauses(
        &mut self,
        place: Position,
        clauses: &'a [ComprehensionClause],
        iterator: Register,
        element: Element,
    ) -> Compiled {
        let Some((clause, inner)) = clauses.split_first() else { return self.element(place, element) };
        let iteration = self.next_value(place, clause.is_async, clause.target, clause.iterable, iterator)?;
        for &condition in &clause.conditions {
            self.jump_condition(condition, iteration.again(), false)?;
        }
        match inner.first() {
            None => self.element(place, element)?,
            Some(next) => {
                let iterable = self.iterated(next.is_async, next.iterable)?;
                self.unit.release(iterable);
                let iterator = self.unit.push();
                self.begin_iteration(next.is_async, next.iterable, iterator, iterable);
                self.clauses(place, inner, iterator, element)?;
            }
        }
        self.end_iteration(iteration, clause.iterable, iterator);
        Ok(())
    }

    fn element(&mut self, place: Position, element: Element) -> Compiled {
        match element {
            Element::Append { container, value } => self.update(Op::ListAppend, place, container, value),
            Element::Add { container, value } => self.update(Op::SetAdd, place, container, value),
            Element::Set { container, key, value } => {
                let key = self.operand(key, self.rebinding.may_rebind(value))?;
                let value = self.operand(value, false)?;
                self.unit.position = place;
                self.unit.release(value);
                self.unit.release(key);
                self.emit(Op::DictSet, container, key, value);
                Ok(())
            }
            Element::Yield { value } => {
                let position = self.lines.position(self.ast[value].span);
                let value = self.operand(value, false)?;
                self.unit.position = position;
                self.unit.release(value);
                let sent = self.unit.push();
                let op = if self.unit.header.flags.coroutine { Op::AsyncYield } else { Op::Yield };
                self.emit(op, sent, value, UNUSED);
                self.discard(sent);
                Ok(())
            }
        }
    }

    pub(crate) fn generator_expression(&mut self, id: ExpressionId, destination: Destination) -> Compiled<Register> {
        let ast = self.ast;
        let ExpressionKind::Generator { element, clauses } = &ast[id].kind else {
            unreachable!("the caller saw a generator expression")
        };
        let span = ast[id].span;
        let place = self.lines.position(span);
        let scope = self.analysis.of_expression[&id];
        let mut header = self.header(scope, "<genexpr>", place.line, span);
        header.positional_count = 1;
        header.flags.coroutine = self.analysis.scope(scope).has_await;
        let parts = self.begin_parts();
        let code = self.nested(header, |compiler| {
            let iterator = compiler.unit.registers.get(scope, compiler.analysis.names.first_iterator);
            compiler.clauses(place, clauses, iterator, Element::Yield { value: *element })?;
            compiler.return_none();
            Ok(())
        })?;
        self.unit.position = place;
        let function = self.make_function(scope, code, parts, Destination::Push)?;
        let iterable = self.iterated(clauses[0].is_async, clauses[0].iterable)?;
        self.unit.release(iterable);
        let iterator = self.unit.push();
        self.begin_iteration(clauses[0].is_async, clauses[0].iterable, iterator, iterable);
        self.unit.set_depth(function.index());
        let target = self.target(destination);
        self.unit.position = place;
        self.emit_keeping(Op::Call, 0, target, function, 1);
        Ok(target)
    }
}
