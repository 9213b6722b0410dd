//! Assignments of all kinds, and `del`.

use toy_code::{Constant, Op, flag};
use toy_source::{Diagnostic, Span};
use toy_syntax::ast::{BinaryOperator, ExpressionId, ExpressionKind, StatementId};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::display::MAXIMUM_RANGE;
use crate::unit::Register;

/// A value of `a, b = b, a` until it is assigned.
#[derive(Clone)]
enum Pending {
    Constant(Constant),
    /// A local that no assignment before it changes, or a temporary.
    Register(Register),
}

impl<'a> Compiler<'a> {
    pub(crate) fn assign(&mut self, targets: &'a [ExpressionId], value: ExpressionId) -> Compiled {
        if let Some(constant) = self.constant(value)
            && !targets.iter().any(|&target| self.is_sequence(target))
        {
            return targets.iter().try_for_each(|&target| self.store_constant_to(target, value, constant.clone()));
        }
        let depth = self.unit.depth();
        if let [target] = *targets {
            if let ExpressionKind::Name(symbol) = self.ast[target].kind {
                let value = self.value(value, self.destination_of(symbol))?;
                self.unit.release(value);
                self.at(target);
                self.store_name(symbol, value);
                return Ok(());
            }
            if let Some((targets, values)) = self.parallel(target, value) {
                return self.assign_in_parallel(targets, values);
            }
            let value = self.operand(value, self.rebinding.may_rebind(target))?;
            self.store_target(target, value)?;
            self.unit.set_depth(depth);
            return Ok(());
        }
        let value = self.push_value(value)?;
        if let Some((&last, others)) = targets.split_last() {
            for &target in others {
                self.at(target);
                if let ExpressionKind::Name(symbol) = self.ast[target].kind {
                    self.store_name_keeping(symbol, value);
                    continue;
                }
                let copy = self.unit.push();
                self.emit_keeping(Op::Move, 0, copy, value, UNUSED);
                self.store_target(target, copy)?;
                self.unit.set_depth(depth + 1);
            }
            self.store_target(last, value)?;
        }
        self.unit.set_depth(depth);
        Ok(())
    }

    fn is_sequence(&self, target: ExpressionId) -> bool {
        matches!(self.ast[target].kind, ExpressionKind::Tuple(_) | ExpressionKind::List(_))
    }

    fn store_constant_to(&mut self, target: ExpressionId, value: ExpressionId, constant: Constant) -> Compiled {
        if let ExpressionKind::Subscript { value: object, index } = self.ast[target].kind
            && let Some(constant) = self.short_constant(constant.clone())
        {
            let object = self.operand(object, self.rebinding.may_rebind(index))?;
            let index = self.operand(index, false)?;
            self.at(target);
            self.unit.release(index);
            self.unit.release(object);
            self.emit(Op::SetItemConst, object, index, constant);
            return Ok(());
        }
        self.at(value);
        let destination = match self.ast[target].kind {
            ExpressionKind::Name(symbol) => self.destination_of(symbol),
            _ => Destination::Push,
        };
        let value = self.load_constant(constant, destination);
        self.store_target(target, value)?;
        self.unit.release(value);
        Ok(())
    }

    /// Assigns `value` to a target. A temporary is consumed; the caller takes it off the stack.
    pub(crate) fn store_target(&mut self, target: ExpressionId, value: Register) -> Compiled {
        let ast = self.ast;
        match &ast[target].kind {
            ExpressionKind::Name(symbol) => {
                self.at(target);
                self.store_name(*symbol, value);
                Ok(())
            }
            ExpressionKind::Attribute { value: object, name } => {
                let object = self.operand(*object, false)?;
                self.at_attribute(ast[target].span, *name);
                self.set_attribute(object, self.mangled_name(name.symbol), value);
                Ok(())
            }
            ExpressionKind::Subscript { value: object, index } => {
                let object = self.operand(*object, self.rebinding.may_rebind(*index))?;
                let index = self.operand(*index, false)?;
                self.at(target);
                self.unit.release(index);
                self.unit.release(object);
                self.emit(Op::SetItem, object, index, value);
                Ok(())
            }
            ExpressionKind::Tuple(items) | ExpressionKind::List(items) => self.unpack(target, items, value),
            ExpressionKind::Starred(inner) => self.store_target(*inner, value),
            _ => Err(Diagnostic::syntax(ast[target].span, "cannot assign to expression")),
        }
    }

    /// Emits `object.name = value`. A temporary object is the top and released here.
    fn set_attribute(&mut self, object: Register, name: &str, value: Register) {
        let index = self.unit.names.intern(name);
        if index <= u32::from(u16::MAX) {
            self.unit.release(object);
            self.emit(Op::SetAttribute, object, value, index);
            return;
        }
        let text = self.push_text(name);
        self.unit.release(text);
        self.unit.release(object);
        self.emit(Op::SetAttributeBy, object, value, text);
    }

    fn unpack(&mut self, target: ExpressionId, items: &'a [ExpressionId], value: Register) -> Compiled {
        let ast = self.ast;
        let depth = self.unit.depth();
        let star = items.iter().position(|&item| matches!(ast[item].kind, ExpressionKind::Starred(_)));
        self.at(target);
        if star.is_none()
            && items.len() <= MAXIMUM_RANGE
            && let Some(first) = self.consecutive_locals(items)
        {
            self.emit(Op::Unpack, first, value, items.len() as u32);
            (0..items.len()).for_each(|offset| self.unit.bound.insert(first.index() + offset as u32));
            return Ok(());
        }
        let first = Register::temporary(depth);
        self.unit.set_depth(depth + items.len() as u32);
        self.unpack_range(ast[target].span, first, value, items.len(), star)?;
        for (offset, &item) in items.iter().enumerate() {
            self.store_target(item, first.offset(offset as u32))?;
        }
        self.unit.set_depth(depth);
        Ok(())
    }

    /// Unpacks into registers; long sequences go step by step, each leaving the rest as a list in the last register.
    pub(crate) fn unpack_range(
        &mut self,
        span: Span,
        mut first: Register,
        mut value: Register,
        count: usize,
        star: Option<usize>,
    ) -> Compiled {
        let (mut before, after) = match star {
            None => (count, None),
            Some(star) => (star, Some(count - star - 1)),
        };
        while before + after.map_or(0, |after| after + 1) > MAXIMUM_RANGE {
            let step = MAXIMUM_RANGE - 1;
            if before < step {
                let message = "too many expressions in star-unpacking assignment";
                return Err(Diagnostic::syntax(span, message));
            }
            self.emit_data(Op::UnpackStar, first, value, UNUSED, step as u64);
            before -= step;
            first = first.offset(step as u32);
            value = first;
        }
        match after {
            None if before == 0 => self.emit(Op::Unpack, 0, value, 0),
            None => self.emit(Op::Unpack, first, value, before as u32),
            Some(after) => self.emit_data(Op::UnpackStar, first, value, UNUSED, before as u64 | (after as u64) << 32),
        }
        Ok(())
    }

    /// The first of the registers of these targets, if they are names of different consecutive locals.
    fn consecutive_locals(&self, items: &[ExpressionId]) -> Option<Register> {
        let first = self.target_local(*items.first()?)?;
        let is_next =
            |(offset, &item): (usize, &ExpressionId)| self.target_local(item) == Some(first.offset(offset as u32));
        items.iter().enumerate().all(is_next).then_some(first)
    }

    fn target_local(&self, target: ExpressionId) -> Option<Register> {
        match self.ast[target].kind {
            ExpressionKind::Name(symbol) => match self.destination_of(symbol) {
                Destination::Local(local) => Some(local),
                Destination::Push => None,
            },
            _ => None,
        }
    }

    /// The sides of `a, b = c, d` if they match one by one.
    fn parallel(&self, target: ExpressionId, value: ExpressionId) -> Option<(&'a [ExpressionId], &'a [ExpressionId])> {
        let ast = self.ast;
        let (ExpressionKind::Tuple(targets) | ExpressionKind::List(targets)) = &ast[target].kind else { return None };
        let (ExpressionKind::Tuple(values) | ExpressionKind::List(values)) = &ast[value].kind else { return None };
        let is_starred = |&id: &ExpressionId| matches!(ast[id].kind, ExpressionKind::Starred(_));
        let fits = targets.len() == values.len() && (1..=MAXIMUM_RANGE).contains(&targets.len());
        (fits && !targets.iter().chain(values).any(is_starred)).then_some((targets, values))
    }

    fn assign_in_parallel(&mut self, targets: &'a [ExpressionId], values: &'a [ExpressionId]) -> Compiled {
        let depth = self.unit.depth();
        let mut pending = Vec::with_capacity(values.len());
        let rebinds = self.any_rebinds(targets) || self.any_rebinds(values);
        let has_inner = targets.iter().any(|&target| self.is_sequence(target));
        for (index, &value) in values.iter().enumerate() {
            if let Some(constant) = self.constant(value) {
                pending.push(Pending::Constant(constant));
                continue;
            }
            let is_assigned_before = match self.as_local(value) {
                Some(local) => {
                    has_inner || rebinds || targets[..index].iter().any(|&t| self.target_local(t) == Some(local))
                }
                None => true,
            };
            let register = if is_assigned_before { self.push_value(value)? } else { self.operand(value, false)? };
            pending.push(Pending::Register(register));
        }
        for ((&target, &value), pending) in targets.iter().zip(values).zip(pending) {
            match pending {
                Pending::Constant(constant) => self.store_constant_to(target, value, constant)?,
                Pending::Register(register) => self.store_target(target, register)?,
            }
        }
        self.unit.set_depth(depth);
        Ok(())
    }

    pub(crate) fn augmented_assign(
        &mut self,
        id: StatementId,
        target: ExpressionId,
        operator: BinaryOperator,
        value: ExpressionId,
    ) -> Compiled {
        let ast = self.ast;
        let may_rebind = self.rebinding.may_rebind(value);
        let depth = self.unit.depth();
        match &ast[target].kind {
            ExpressionKind::Name(symbol) => {
                let left = self.operand(target, may_rebind)?;
                let destination = self.destination_of(*symbol);
                let result = self.augment(id, operator, left, value, destination)?;
                self.unit.release(result);
                self.at(target);
                self.store_name(*symbol, result);
            }
            ExpressionKind::Attribute { value: object, name } => {
                let object = self.operand(*object, may_rebind)?;
                self.at_attribute(ast[target].span, *name);
                let left = self.read_kept_attribute(object, self.mangled_name(name.symbol));
                let result = self.augment(id, operator, left, value, Destination::Push)?;
                self.at_attribute(ast[target].span, *name);
                self.write_back_attribute(object, self.mangled_name(name.symbol), result);
            }
            ExpressionKind::Subscript { value: object, index } => {
                let object = self.operand(*object, may_rebind || self.rebinding.may_rebind(*index))?;
                let index = self.operand(*index, may_rebind)?;
                self.at(target);
                let left = self.unit.push();
                self.emit_keeping(Op::GetItem, 0, left, object, index);
                let result = self.augment(id, operator, left, value, Destination::Push)?;
                self.at(target);
                self.emit(Op::SetItem, object, index, result);
            }
            _ => return Err(Diagnostic::syntax(ast[target].span, "illegal expression for augmented assignment")),
        }
        self.unit.set_depth(depth);
        Ok(())
    }

    fn augment(
        &mut self,
        id: StatementId,
        operator: BinaryOperator,
        left: Register,
        value: ExpressionId,
        destination: Destination,
    ) -> Compiled<Register> {
        let span = self.ast[id].span;
        self.binary_with(span, operator, flag::IN_PLACE, left, value, destination)
    }

    /// Pushes an attribute of an object that is needed again.
    fn read_kept_attribute(&mut self, object: Register, name: &str) -> Register {
        let index = self.unit.names.intern(name);
        if index <= u32::from(u16::MAX) {
            let left = self.unit.push();
            self.emit_keeping(Op::GetAttribute, 0, left, object, index);
            return left;
        }
        let text = self.push_text(name);
        self.emit_keeping(Op::GetAttributeBy, flag::CONSUME_C, text, object, text);
        text
    }

    fn write_back_attribute(&mut self, object: Register, name: &str, value: Register) {
        let index = self.unit.names.intern(name);
        if index <= u32::from(u16::MAX) {
            self.emit(Op::SetAttribute, object, value, index);
            return;
        }
        let text = self.push_text(name);
        self.emit(Op::SetAttributeBy, object, value, text);
    }

    pub(crate) fn annotated_assign(
        &mut self,
        id: StatementId,
        written: &'a ExpressionId,
        annotation: ExpressionId,
        value: Option<ExpressionId>,
    ) -> Compiled {
        let ast = self.ast;
        let target = *written;
        let is_namespace = self.unit.header.kind != toy_code::CodeKind::Function;
        if let Some(value) = value {
            self.assign(std::slice::from_ref(written), value)?;
        }
        match &ast[target].kind {
            ExpressionKind::Name(symbol) if !ast[target].parenthesised => {
                if is_namespace {
                    let name = self.mangled_name(*symbol);
                    self.store_annotation(id, annotation, name)?;
                }
                return Ok(());
            }
            ExpressionKind::Attribute { value: object, .. } if value.is_none() => self.effect(*object)?,
            ExpressionKind::Subscript { value: object, index } if value.is_none() => {
                self.effect(*object)?;
                self.effect(*index)?;
            }
            _ => {}
        }
        if is_namespace { self.effect_of_annotation(annotation) } else { Ok(()) }
    }

    /// `__annotations__[name] = annotation`.
    fn store_annotation(&mut self, id: StatementId, annotation: ExpressionId, name: &str) -> Compiled {
        let value = self.push_annotation(annotation)?;
        self.at_statement(id);
        let dict = self.unit.push();
        let index = self.unit.names.intern("__annotations__");
        let op = match self.unit.header.kind {
            toy_code::CodeKind::Class => Op::LoadName,
            _ => Op::LoadGlobal,
        };
        self.emit(op, dict, index, UNUSED);
        let key = self.push_text(name);
        self.unit.release(key);
        self.unit.release(dict);
        self.unit.release(value);
        self.emit(Op::SetItem, dict, key, value);
        Ok(())
    }

    pub(crate) fn delete(&mut self, target: ExpressionId) -> Compiled {
        let ast = self.ast;
        match &ast[target].kind {
            ExpressionKind::Name(symbol) => {
                self.at(target);
                self.delete_name(*symbol);
            }
            ExpressionKind::Attribute { value: object, name } => {
                let object = self.operand(*object, false)?;
                self.at_attribute(ast[target].span, *name);
                let text = self.mangled_name(name.symbol);
                let index = self.unit.names.intern(text);
                if index <= u32::from(u16::MAX) {
                    self.emit(Op::DeleteAttribute, object, UNUSED, index);
                } else {
                    let text = self.push_text(text);
                    self.unit.release(text);
                    self.emit(Op::DeleteAttributeBy, object, text, UNUSED);
                }
                self.unit.release(object);
            }
            ExpressionKind::Subscript { value: object, index } => {
                let object = self.operand(*object, self.rebinding.may_rebind(*index))?;
                let index = self.operand(*index, false)?;
                self.at(target);
                self.unit.release(index);
                self.unit.release(object);
                self.emit(Op::DeleteItem, object, index, UNUSED);
            }
            ExpressionKind::Tuple(items) | ExpressionKind::List(items) => {
                return items.iter().try_for_each(|&item| self.delete(item));
            }
            _ => return Err(Diagnostic::syntax(ast[target].span, "cannot delete expression")),
        }
        Ok(())
    }
}
