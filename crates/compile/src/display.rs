//! Displays of tuples, lists, sets and dicts, in chunks where they are long.

use toy_code::{Constant, Op, Position, flag};
use toy_syntax::ast::{DictItem, ExpressionId, ExpressionKind};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::unit::Register;

/// No instruction uses more consecutive registers.
pub(crate) const MAXIMUM_RANGE: usize = 250;
/// From so many constants on, a list is filled from a constant tuple, a set from a constant frozenset.
const CONSTANT_DISPLAY: usize = 3;

/// An item of a display or call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item {
    /// A value.
    One(ExpressionId),
    /// `*iterable`.
    All(ExpressionId),
}

impl<'a> Compiler<'a> {
    fn items(&self, items: &[ExpressionId]) -> Vec<Item> {
        let item = |&id: &ExpressionId| match self.ast[id].kind {
            ExpressionKind::Starred(value) => Item::All(value),
            _ => Item::One(id),
        };
        items.iter().map(item).collect()
    }

    pub(crate) fn tuple_display(
        &mut self,
        id: ExpressionId,
        items: &'a [ExpressionId],
        destination: Destination,
    ) -> Compiled<Register> {
        let items = self.items(items);
        let place = self.lines.position(self.ast[id].span);
        self.tuple_of_items(place, &items, destination)
    }

    /// Pushes a tuple of these values.
    pub(crate) fn tuple_of(&mut self, place: Position, items: &[ExpressionId]) -> Compiled<Register> {
        let items: Vec<Item> = items.iter().map(|&item| Item::One(item)).collect();
        self.tuple_of_items(place, &items, Destination::Push)
    }

    fn tuple_of_items(&mut self, place: Position, items: &[Item], destination: Destination) -> Compiled<Register> {
        if let Some(target) = self.short_display(Op::BuildTuple, place, items, destination)? {
            return Ok(target);
        }
        let list = self.build_list(place, 0, items)?;
        self.unit.position = place;
        self.unit.release(list);
        let target = self.target(destination);
        self.emit(Op::ListToTuple, target, list, UNUSED);
        Ok(target)
    }

    pub(crate) fn list_display(
        &mut self,
        id: ExpressionId,
        items: &'a [ExpressionId],
        destination: Destination,
    ) -> Compiled<Register> {
        let place = self.lines.position(self.ast[id].span);
        if items.len() >= CONSTANT_DISPLAY
            && let Some(constants) = items.iter().map(|&item| self.constant(item)).collect::<Option<Box<[_]>>>()
        {
            self.unit.position = place;
            let list = self.push_empty(Op::BuildList);
            let tuple = self.load_constant(Constant::Tuple(constants), Destination::Push);
            self.unit.release(tuple);
            self.emit(Op::ListExtend, list, tuple, UNUSED);
            return Ok(self.settle(list, destination));
        }
        let items = self.items(items);
        if let Some(target) = self.short_display(Op::BuildList, place, &items, destination)? {
            return Ok(target);
        }
        let list = self.build_list(place, 0, &items)?;
        self.unit.position = place;
        Ok(self.settle(list, destination))
    }

    pub(crate) fn set_display(
        &mut self,
        id: ExpressionId,
        items: &'a [ExpressionId],
        destination: Destination,
    ) -> Compiled<Register> {
        let place = self.lines.position(self.ast[id].span);
        if items.len() >= CONSTANT_DISPLAY
            && let Some(constant) = self.constants.container(self.ast, id)
        {
            // Merging tables is quicker than adding one by one, and leaves the elements in CPython's order.
            self.unit.position = place;
            let set = self.push_empty(Op::BuildSet);
            let constant = self.load_constant(constant, Destination::Push);
            self.unit.release(constant);
            self.unit.release(set);
            let target = self.target(destination);
            self.emit_flags(Op::Or, flag::IN_PLACE, target, set, constant);
            return Ok(target);
        }
        let items = self.items(items);
        if let Some(target) = self.short_display(Op::BuildSet, place, &items, destination)? {
            return Ok(target);
        }
        let run = leading_run(&items);
        let set = self.push_run(Op::BuildSet, place, run)?;
        for item in &items[run.len()..] {
            let (op, value) = match *item {
                Item::One(value) => (Op::SetAdd, value),
                Item::All(value) => (Op::SetUpdate, value),
            };
            self.update(op, place, set, value)?;
        }
        self.unit.position = place;
        Ok(self.settle(set, destination))
    }

    pub(crate) fn dict_display(
        &mut self,
        id: ExpressionId,
        items: &'a [DictItem],
        destination: Destination,
    ) -> Compiled<Register> {
        let place = self.lines.position(self.ast[id].span);
        let is_pair = |item: &&DictItem| matches!(item, DictItem::Pair(..));
        let run = items.iter().take(MAXIMUM_RANGE / 2).take_while(is_pair).count();
        let first = self.push_pairs(&items[..run])?;
        self.unit.position = place;
        let is_whole = run == items.len();
        let dict = self.target(if is_whole { destination } else { Destination::Push });
        self.emit_range(Op::BuildDict, dict, first, run);
        let mut rest = &items[run..];
        while let Some((item, behind)) = rest.split_first() {
            if let DictItem::Unpack(mapping) = *item {
                self.update(Op::DictUpdate, place, dict, mapping)?;
                rest = behind;
                continue;
            }
            // All pairs up to the next `**` are evaluated before one is put in.
            let (pairs, behind) = rest.split_at(rest.iter().take(MAXIMUM_RANGE / 2).take_while(is_pair).count());
            let first = self.push_pairs(pairs)?;
            self.unit.position = place;
            let part = self.target(Destination::Push);
            self.emit_range(Op::BuildDict, part, first, pairs.len());
            self.unit.release(part);
            self.emit_keeping(Op::DictUpdate, flag::CONSUME_B, dict, part, UNUSED);
            rest = behind;
        }
        self.unit.position = place;
        Ok(if is_whole { dict } else { self.settle(dict, destination) })
    }

    /// Pushes keys and values and takes them off again. The first one's register.
    fn push_pairs(&mut self, pairs: &[DictItem]) -> Compiled<Register> {
        let first = Register::temporary(self.unit.depth());
        for pair in pairs {
            if let DictItem::Pair(key, value) = *pair {
                self.push_value(key)?;
                self.push_value(value)?;
            }
        }
        self.unit.set_depth(first.index());
        Ok(first)
    }

    /// A display whose items all fit into consecutive registers.
    fn short_display(
        &mut self,
        op: Op,
        place: Position,
        items: &[Item],
        destination: Destination,
    ) -> Compiled<Option<Register>> {
        if leading_run(items).len() != items.len() {
            return Ok(None);
        }
        let first = self.push_items(items)?;
        self.unit.position = place;
        let target = self.target(destination);
        self.emit_range(op, target, first, items.len());
        Ok(Some(target))
    }

    /// Pushes values and takes them off again: the instruction that follows consumes them. The first one's register.
    fn push_items(&mut self, items: &[Item]) -> Compiled<Register> {
        let first = Register::temporary(self.unit.depth());
        for item in items {
            if let Item::One(value) = *item {
                self.push_value(value)?;
            }
        }
        self.unit.set_depth(first.index());
        Ok(first)
    }

    fn push_run(&mut self, op: Op, place: Position, items: &[Item]) -> Compiled<Register> {
        let first = self.push_items(items)?;
        self.unit.position = place;
        let target = self.unit.push();
        self.emit_range(op, target, first, items.len());
        Ok(target)
    }

    /// An instruction on a range of registers; an empty one has no first register.
    pub(crate) fn emit_range(&mut self, op: Op, target: Register, first: Register, count: usize) {
        if count == 0 {
            self.emit(op, target, 0, 0);
        } else {
            self.emit(op, target, first, count as u32);
        }
    }

    fn push_empty(&mut self, op: Op) -> Register {
        let target = self.unit.push();
        self.emit(op, target, 0, 0);
        target
    }

    /// Pushes a list of the `prefix` temporaries on top and of `items`.
    pub(crate) fn build_list(&mut self, place: Position, prefix: u32, items: &[Item]) -> Compiled<Register> {
        let first = Register::temporary(self.unit.depth() - prefix);
        let run = &leading_run(items)[..leading_run(items).len().min(MAXIMUM_RANGE - prefix as usize)];
        self.push_items(run)?;
        self.unit.set_depth(first.index());
        self.unit.position = place;
        let list = self.unit.push();
        self.emit_range(Op::BuildList, list, first, prefix as usize + run.len());
        let mut rest = &items[run.len()..];
        while let Some(item) = rest.first() {
            match *item {
                Item::All(iterable) => {
                    self.update(Op::ListExtend, place, list, iterable)?;
                    rest = &rest[1..];
                }
                Item::One(value) => {
                    let run = leading_run(rest);
                    if run.len() == 1 {
                        self.update(Op::ListAppend, place, list, value)?;
                    } else {
                        let first = self.push_items(run)?;
                        self.unit.position = place;
                        self.emit(Op::ListAppendMany, list, first, run.len() as u32);
                    }
                    rest = &rest[run.len()..];
                }
            }
        }
        Ok(list)
    }

    /// Evaluates `value` and takes it into the container with `op`.
    pub(crate) fn update(&mut self, op: Op, place: Position, container: Register, value: ExpressionId) -> Compiled {
        let value = self.operand(value, false)?;
        self.unit.position = place;
        self.unit.release(value);
        let consumed = if value.is_temporary() { flag::CONSUME_B } else { 0 };
        self.emit_keeping(op, consumed, container, value, UNUSED);
        Ok(())
    }
}

/// The values before the first `*iterable`, as many as fit into one instruction.
fn leading_run(items: &[Item]) -> &[Item] {
    let run = items.iter().take(MAXIMUM_RANGE).take_while(|item| matches!(item, Item::One(_))).count();
    &items[..run]
}
