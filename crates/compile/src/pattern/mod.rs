//! `match`.
//!
//! A subject, and every part taken out of it, stays in its temporary until its whole pattern fitted or failed: sub-patterns
//! only read. So what has to be dropped on a failure depends on nothing but the height of the stack, and a failure jumps
//! into a chain of `clear`s, one entry a height.

mod parts;

use toy_code::{Constant, Op, flag};
use toy_source::Diagnostic;
use toy_syntax::ast::{ExpressionId, ExpressionKind, MatchCase, PatternId, PatternKind, Symbol};

use crate::compiler::{Compiled, Compiler, UNUSED};
use crate::condition::jump_flag;
use crate::unit::{Label, Register};

/// A pattern being matched.
pub(super) struct Matching {
    /// Height of the stack at its start.
    base: u32,
    /// What was captured so far and where it is.
    captures: Vec<(Symbol, Register)>,
    /// By height above `base`: where a failure at that height goes.
    failures: Vec<Option<Label>>,
}

impl<'a> Compiler<'a> {
    pub(crate) fn match_statement(&mut self, subject: ExpressionId, cases: &'a [MatchCase]) -> Compiled {
        let subject_value = self.push_value(subject)?;
        let base = self.unit.depth();
        let end = self.unit.new_label();
        for case in cases {
            if !self.unit.is_reachable() {
                break;
            }
            let mut matching = self.begin_matching();
            self.pattern(case.pattern, subject_value, &mut matching)?;
            for &(name, register) in &matching.captures {
                self.store_name_keeping(name, register);
            }
            self.clear_down_to(base);
            if let Some(guard) = case.guard {
                let failure = self.failure(&mut matching);
                self.jump_condition(guard, failure, false)?;
            }
            self.emit(Op::Clear, subject_value, UNUSED, UNUSED);
            self.unit.set_depth(base - 1);
            self.block(&case.body)?;
            self.emit(Op::Jump, UNUSED, end, UNUSED);
            self.unit.set_depth(base);
            self.end_matching(&matching);
        }
        self.emit(Op::Clear, subject_value, UNUSED, UNUSED);
        self.unit.release(subject_value);
        self.unit.bind(end);
        Ok(())
    }

    fn begin_matching(&mut self) -> Matching {
        Matching { base: self.unit.depth(), captures: Vec::new(), failures: Vec::new() }
    }

    /// Where a failure goes at the present height of the stack.
    pub(super) fn failure(&mut self, matching: &mut Matching) -> Label {
        let height = (self.unit.depth() - matching.base) as usize;
        if matching.failures.len() <= height {
            matching.failures.resize(height + 1, None);
        }
        *matching.failures[height].get_or_insert_with(|| self.unit.new_label())
    }

    /// Drops the temporaries above `depth`.
    fn clear_down_to(&mut self, depth: u32) {
        for index in (depth..self.unit.depth()).rev() {
            self.emit(Op::Clear, Register::temporary(index), UNUSED, UNUSED);
        }
        self.unit.set_depth(depth);
    }

    /// Drops what failures left behind; goes on with the next case or alternative.
    fn end_matching(&mut self, matching: &Matching) {
        for (height, failure) in matching.failures.iter().enumerate().rev() {
            if let Some(label) = *failure {
                self.unit.bind(label);
            }
            if height > 0 {
                self.emit(Op::Clear, Register::temporary(matching.base + height as u32 - 1), UNUSED, UNUSED);
            }
        }
        self.unit.set_depth(matching.base);
    }

    /// Matches a value, which stays where it is; what is taken out of it stays on the stack.
    pub(super) fn pattern(&mut self, id: PatternId, subject: Register, matching: &mut Matching) -> Compiled {
        let ast = self.ast;
        let span = ast[id].span;
        match &ast[id].kind {
            PatternKind::Value(value) => self.value_pattern(id, *value, subject, matching),
            PatternKind::Singleton(value) => {
                self.at_span(span);
                self.singleton_pattern(*value, subject, matching);
                Ok(())
            }
            PatternKind::Capture(name) | PatternKind::Star(name) => {
                matching.captures.extend(name.map(|name| (name, subject)));
                Ok(())
            }
            PatternKind::As { pattern, name } => {
                self.pattern(*pattern, subject, matching)?;
                matching.captures.push((name.symbol, subject));
                Ok(())
            }
            PatternKind::Or(alternatives) => self.or_pattern(id, alternatives, subject, matching),
            PatternKind::Sequence(items) => self.sequence_pattern(span, items, subject, matching),
            PatternKind::Mapping { items, rest } => {
                self.mapping_pattern(span, items, rest.map(|rest| rest.symbol), subject, matching)
            }
            PatternKind::Class { class, positional, keywords } => {
                self.class_pattern(span, *class, positional, keywords, subject, matching)
            }
        }
    }

    fn value_pattern(
        &mut self,
        id: PatternId,
        value: ExpressionId,
        subject: Register,
        matching: &mut Matching,
    ) -> Compiled {
        let span = self.ast[id].span;
        if let Some(index) = self.constant(value).and_then(|constant| self.short_constant(constant)) {
            let failure = self.failure(matching);
            self.at_span(span);
            self.emit_keeping(Op::JumpEqualConst, jump_flag(false), subject, index, failure);
            return Ok(());
        }
        let value = self.operand(value, false)?;
        self.unit.release(value);
        let failure = self.failure(matching);
        self.at_span(span);
        let consumed = if value.is_temporary() { flag::CONSUME_B } else { 0 };
        self.emit_keeping(Op::JumpEqual, consumed, subject, value, failure);
        Ok(())
    }

    fn singleton_pattern(&mut self, value: ExpressionId, subject: Register, matching: &mut Matching) {
        let constant = match self.ast[value].kind {
            ExpressionKind::True => Constant::Bool(true),
            ExpressionKind::False => Constant::Bool(false),
            _ => {
                let failure = self.failure(matching);
                self.emit_keeping(Op::JumpIfNone, jump_flag(false), subject, failure, UNUSED);
                return;
            }
        };
        let value = self.load_constant(constant, crate::compiler::Destination::Push);
        self.unit.release(value);
        let failure = self.failure(matching);
        self.emit_keeping(Op::JumpIs, flag::CONSUME_B, subject, value, failure);
    }

    /// The alternatives put what they capture into the same registers.
    fn or_pattern(
        &mut self,
        id: PatternId,
        alternatives: &'a [PatternId],
        subject: Register,
        matching: &mut Matching,
    ) -> Compiled {
        let names = self.captured_names(alternatives[0]);
        let homes = self.unit.depth();
        let height = homes + names.len() as u32;
        let success = self.unit.new_label();
        self.unit.set_depth(height);
        for &alternative in alternatives {
            if !self.unit.is_reachable() {
                break;
            }
            let mut inner = self.begin_matching();
            self.pattern(alternative, subject, &mut inner)?;
            if inner.captures.len() != names.len() {
                return Err(Diagnostic::syntax(self.ast[id].span, "alternative patterns bind different names"));
            }
            for (index, name) in names.iter().enumerate() {
                let Some(&(_, register)) = inner.captures.iter().find(|(captured, _)| captured == name) else {
                    return Err(Diagnostic::syntax(self.ast[id].span, "alternative patterns bind different names"));
                };
                self.emit_keeping(Op::Move, 0, Register::temporary(homes + index as u32), register, UNUSED);
            }
            self.clear_down_to(height);
            self.emit(Op::Jump, UNUSED, success, UNUSED);
            self.end_matching(&inner);
        }
        self.unit.set_depth(homes);
        let failure = self.failure(matching);
        self.emit(Op::Jump, UNUSED, failure, UNUSED);
        self.unit.set_depth(height);
        self.unit.bind(success);
        let captured = names.iter().enumerate();
        matching.captures.extend(captured.map(|(index, &name)| (name, Register::temporary(homes + index as u32))));
        Ok(())
    }

    /// The names that a pattern binds, in order.
    fn captured_names(&self, id: PatternId) -> Vec<Symbol> {
        let ast = self.ast;
        match &ast[id].kind {
            PatternKind::Value(_) | PatternKind::Singleton(_) => Vec::new(),
            PatternKind::Capture(name) | PatternKind::Star(name) => name.iter().copied().collect(),
            PatternKind::Sequence(items) => items.iter().flat_map(|&item| self.captured_names(item)).collect(),
            PatternKind::Mapping { items, rest } => {
                let inner = items.iter().flat_map(|&(_, pattern)| self.captured_names(pattern));
                inner.chain(rest.iter().map(|rest| rest.symbol)).collect()
            }
            PatternKind::Class { positional, keywords, .. } => {
                let patterns = positional.iter().chain(keywords.iter().map(|(_, pattern)| pattern));
                patterns.flat_map(|&pattern| self.captured_names(pattern)).collect()
            }
            PatternKind::Or(alternatives) => self.captured_names(alternatives[0]),
            PatternKind::As { pattern, name } => {
                let mut names = self.captured_names(*pattern);
                names.push(name.symbol);
                names
            }
        }
    }
}
