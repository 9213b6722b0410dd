//! Patterns that take their subject apart.

use toy_code::{Constant, Op, flag};
use toy_source::{Diagnostic, Span};
use toy_syntax::ast::{ExpressionId, Identifier, PatternId, PatternKind, Symbol};

use super::Matching;
use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::condition::jump_flag;
use crate::unit::Register;

impl<'a> Compiler<'a> {
    /// Fails unless `op` says that the subject is of the right kind.
    fn test_kind(&mut self, op: Op, subject: Register, matching: &mut Matching) {
        let answer = self.unit.push();
        self.emit_keeping(op, 0, answer, subject, UNUSED);
        self.unit.release(answer);
        let failure = self.failure(matching);
        self.emit_flags(Op::JumpIf, jump_flag(false), answer, failure, UNUSED);
    }

    /// Fails unless the length of the subject compares to `count` as `op` says.
    fn test_length(&mut self, op: Op, count: usize, subject: Register, matching: &mut Matching) {
        let length = self.unit.push();
        self.emit_keeping(Op::MatchLength, 0, length, subject, UNUSED);
        let constant = Constant::Integer(count as i64);
        if let Some(index) = self.short_constant(constant.clone()) {
            self.unit.release(length);
            let failure = self.failure(matching);
            self.emit_flags(op, jump_flag(false), length, index, failure);
            return;
        }
        let count = self.load_constant(constant, Destination::Push);
        self.unit.release(count);
        self.unit.release(length);
        let failure = self.failure(matching);
        let op = if op == Op::JumpEqualConst { Op::JumpEqual } else { Op::JumpGreaterEqual };
        self.emit_flags(op, jump_flag(false), length, count, failure);
    }

    pub(super) fn sequence_pattern(
        &mut self,
        span: Span,
        items: &'a [PatternId],
        subject: Register,
        matching: &mut Matching,
    ) -> Compiled {
        let ast = self.ast;
        let star = items.iter().position(|&item| matches!(ast[item].kind, PatternKind::Star(_)));
        self.at_span(span);
        self.test_kind(Op::MatchSequence, subject, matching);
        match star {
            None => self.test_length(Op::JumpEqualConst, items.len(), subject, matching),
            Some(_) if items.len() == 1 => {}
            Some(_) => self.test_length(Op::JumpGreaterEqualConst, items.len() - 1, subject, matching),
        }
        if items.iter().all(|&item| self.is_wildcard(item)) {
            return Ok(());
        }
        if let Some(star) = star.filter(|&star| self.is_wildcard(items[star])) {
            return self.indexed_items(span, items, star, subject, matching);
        }
        let first = self.unit.push();
        self.emit_keeping(Op::Move, 0, first, subject, UNUSED);
        self.unit.set_depth(first.index() + items.len() as u32);
        self.unpack_range(span, first, first, items.len(), star)?;
        self.sub_patterns(items.iter().copied(), first, matching)
    }

    fn is_wildcard(&self, id: PatternId) -> bool {
        matches!(self.ast[id].kind, PatternKind::Capture(None) | PatternKind::Star(None))
    }

    fn sub_patterns(
        &mut self,
        items: impl Iterator<Item = PatternId>,
        first: Register,
        matching: &mut Matching,
    ) -> Compiled {
        for (offset, item) in items.enumerate() {
            self.pattern(item, first.offset(offset as u32), matching)?;
        }
        Ok(())
    }

    /// `[a, *_, b]`: only what is asked for is taken out, by index.
    fn indexed_items(
        &mut self,
        span: Span,
        items: &'a [PatternId],
        star: usize,
        subject: Register,
        matching: &mut Matching,
    ) -> Compiled {
        for (index, &item) in items.iter().enumerate() {
            if self.is_wildcard(item) {
                continue;
            }
            self.at_span(span);
            let part = if index < star {
                let index = self.load_constant(Constant::Integer(index as i64), Destination::Push);
                self.unit.release(index);
                index
            } else {
                let length = self.unit.push();
                self.emit_keeping(Op::MatchLength, 0, length, subject, UNUSED);
                let distance = self.load_constant(Constant::Integer((items.len() - index) as i64), Destination::Push);
                self.unit.release(distance);
                self.emit(Op::Subtract, length, length, distance);
                self.unit.release(length);
                length
            };
            let value = self.unit.push();
            self.emit_keeping(Op::GetItem, flag::CONSUME_C, value, subject, part);
            self.pattern(item, value, matching)?;
        }
        Ok(())
    }

    pub(super) fn mapping_pattern(
        &mut self,
        span: Span,
        items: &'a [(ExpressionId, PatternId)],
        rest: Option<Symbol>,
        subject: Register,
        matching: &mut Matching,
    ) -> Compiled {
        self.at_span(span);
        self.test_kind(Op::MatchMapping, subject, matching);
        if items.is_empty() && rest.is_none() {
            return Ok(());
        }
        self.check_duplicate_keys(span, items)?;
        if !items.is_empty() {
            self.test_length(Op::JumpGreaterEqualConst, items.len(), subject, matching);
        }
        let constants = items.iter().map(|&(key, _)| self.constant(key)).collect::<Option<Box<[_]>>>();
        let keys = match constants {
            Some(constants) => self.load_constant(Constant::Tuple(constants), Destination::Push),
            None => {
                let keys: Vec<ExpressionId> = items.iter().map(|&(key, _)| key).collect();
                self.tuple_of(self.unit.position, &keys)?
            }
        };
        self.at_span(span);
        if !items.is_empty() {
            let values = self.unit.push();
            self.emit_keeping(Op::MatchKeys, 0, values, subject, keys);
            self.take_apart(span, values, items.len(), matching)?;
            self.sub_patterns(items.iter().map(|&(_, pattern)| pattern), values, matching)?;
        }
        if let Some(rest) = rest {
            self.at_span(span);
            let others = self.unit.push();
            self.emit_keeping(Op::CopyWithoutKeys, 0, others, subject, keys);
            matching.captures.push((rest, others));
        }
        Ok(())
    }

    /// Fails if the tuple of values on top is None, else unpacks it.
    fn take_apart(&mut self, span: Span, values: Register, count: usize, matching: &mut Matching) -> Compiled {
        let failure = self.failure(matching);
        self.emit_keeping(Op::JumpIfNone, flag::JUMP_IF_TRUE, values, failure, UNUSED);
        if count > 0 {
            self.unit.set_depth(values.index() + count as u32);
            self.unpack_range(span, values, values, count, None)?;
        }
        Ok(())
    }

    fn check_duplicate_keys(&self, span: Span, items: &[(ExpressionId, PatternId)]) -> Compiled {
        let mut seen = crate::unit::ConstantPool::default();
        let constants = items.iter().filter_map(|&(key, _)| self.constant(key));
        for (count, constant) in constants.enumerate() {
            if seen.intern(constant.clone()) as usize != count {
                let key = match constant {
                    Constant::Text(text) => format!("'{}'", text.as_str().unwrap_or("?")),
                    Constant::Integer(value) => value.to_string(),
                    Constant::Bool(value) => if value { "True" } else { "False" }.into(),
                    Constant::None => "None".into(),
                    _ => "...".into(),
                };
                return Err(Diagnostic::syntax(span, format!("mapping pattern checks duplicate key ({key})")));
            }
        }
        Ok(())
    }

    pub(super) fn class_pattern(
        &mut self,
        span: Span,
        class: ExpressionId,
        positional: &'a [PatternId],
        keywords: &'a [(Identifier, PatternId)],
        subject: Register,
        matching: &mut Matching,
    ) -> Compiled {
        for (index, (name, _)) in keywords.iter().enumerate() {
            if keywords[..index].iter().any(|(earlier, _)| earlier.symbol == name.symbol) {
                let name_text = self.ast.symbols.name(name.symbol);
                let message = format!("attribute name repeated in class pattern: {name_text}");
                return Err(Diagnostic::syntax(name.span, message));
            }
        }
        let class = self.push_value(class)?;
        self.at_span(span);
        let names = keywords.iter().map(|(name, _)| Constant::Text(self.ast.symbols.name(name.symbol).into()));
        let names = Constant::Tuple(names.collect());
        let names = self.load_constant(names, Destination::Push);
        self.unit.release(names);
        self.unit.release(class);
        let values = self.unit.push();
        let operands = [values.into(), subject.into(), class.into()];
        self.unit.emit_keeping(Op::MatchClass, 0, operands, positional.len() as u64);
        self.take_apart(span, values, positional.len() + keywords.len(), matching)?;
        let patterns = positional.iter().chain(keywords.iter().map(|(_, pattern)| pattern));
        self.sub_patterns(patterns.copied(), values, matching)
    }
}
