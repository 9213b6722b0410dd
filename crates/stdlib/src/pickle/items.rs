//! The steps of a walk: going through containers, and what comes behind their items.

use toy_object::{Owned, Ref};
use toy_process::wire::Event;
use toy_vm::{Outcome, Vm};

use super::encode::Encoder;
use super::step::Step;
use crate::argument::{runtime_error, type_error};

/// How many items are filled in at once: so many stand on the reader's stack.
const BATCH: u64 = 1000;
impl Encoder {
    /// Does a step.
    pub(super) fn step(&mut self, vm: &mut Vm, step: Step) -> Outcome<()> {
        match step {
            Step::Value(value) => self.save(vm, value),
            Step::List { list, next, pending } => self.list(vm, list, next, pending),
            Step::Dict { dict, position, length, pending, .. } => self.dict(vm, dict, position, length, pending),
            Step::Attributes { mut rest, count, .. } => match rest.next() {
                Some((name, value)) => {
                    self.save_text(&name);
                    self.steps.push(Step::Attributes { rest, count, name });
                    self.save(vm, value)
                }
                None => {
                    self.writer.set_items(count);
                    Ok(())
                }
            },
            Step::ListItems { iterator, given, pending } => self.list_items(vm, iterator, given, pending),
            Step::DictItems { iterator, pending, .. } => self.dict_items(vm, iterator, pending),
            Step::Tuple { tuple, next } => self.tuple(vm, tuple, next),
            Step::Set { mut rest, taken, pending } => {
                let next = rest.next();
                if pending > 0 && (pending == BATCH || next.is_none()) {
                    self.writer.add_items(pending);
                }
                let Some(item) = next else { return Ok(()) };
                let pending = if pending == BATCH { 1 } else { pending + 1 };
                self.steps.push(Step::Set { rest, taken: taken + 1, pending });
                self.save(vm, item)
            }
            Step::FrozenSet { set, mut rest, length, taken } => match rest.next() {
                Some(item) => {
                    self.steps.push(Step::FrozenSet { set, rest, length, taken: taken + 1 });
                    self.save(vm, item)
                }
                None => {
                    self.finish_immutable(set, length, Event::FrozenSet(length as u64));
                    Ok(())
                }
            },
            Step::Arguments { tuple, next, first } => {
                let count = tuple.get().as_tuple().map_or(0, |tuple| tuple.len());
                match tuple.get().as_tuple().and_then(|tuple| tuple.get(next)).map(Ref::to_owned) {
                    Some(argument) => {
                        self.steps.push(Step::Arguments { tuple, next: next + 1, first });
                        self.save(vm, argument)
                    }
                    None => {
                        self.writer.tuple((count - first) as u64);
                        Ok(())
                    }
                }
            }
            Step::Emit(event) => {
                self.writer.event(event);
                Ok(())
            }
            Step::Made(object) => {
                self.pending_calls -= 1;
                self.finish_made(object);
                Ok(())
            }
            Step::Complete => {
                self.incomplete -= 1;
                Ok(())
            }
            Step::State { object, state, setter } => self.state(vm, object, state, setter),
        }
    }

    fn list(&mut self, vm: &mut Vm, list: Owned, mut next: usize, mut pending: u64) -> Outcome<()> {
        loop {
            let item = list.get().as_list().and_then(|list| list.get(next));
            if pending > 0 && (pending == BATCH || item.is_none()) {
                vm.check_signals()?;
                self.writer.append(pending);
                pending = 0;
            }
            let Some(item) = item else { return Ok(()) };
            next += 1;
            pending += 1;
            if !self.save_simply(vm, &item)? {
                self.steps.push(Step::List { list, next, pending });
                return self.save(vm, item);
            }
        }
    }

    fn dict(&mut self, vm: &mut Vm, dict: Owned, mut position: usize, length: usize, mut pending: u64) -> Outcome<()> {
        loop {
            let view = dict.get().as_dict();
            if view.is_some_and(|dict| dict.len() != length) {
                return Err(runtime_error(vm, "dictionary changed size during iteration"));
            }
            let entry = view.and_then(|dict| dict.entry_from(position));
            if pending > 0 && (pending == BATCH || entry.is_none()) {
                vm.check_signals()?;
                self.writer.set_items(pending);
                pending = 0;
            }
            let Some((index, key, value)) = entry else { return Ok(()) };
            position = index + 1;
            pending += 1;
            if !self.save_simply(vm, &key)? {
                self.steps.push(Step::Dict { dict, position, length, pending, key: key.clone() });
                self.steps.push(Step::Value(value));
                return self.save(vm, key);
            }
            if !self.save_simply(vm, &value)? {
                self.steps.push(Step::Dict { dict, position, length, pending, key });
                return self.save(vm, value);
            }
        }
    }

    fn tuple(&mut self, vm: &mut Vm, tuple: Owned, mut next: usize) -> Outcome<()> {
        loop {
            let Some(item) = tuple.get().as_tuple().and_then(|tuple| tuple.get(next)).map(Ref::to_owned) else { break };
            next += 1;
            if !self.save_simply(vm, &item)? {
                self.steps.push(Step::Tuple { tuple, next });
                return self.save(vm, item);
            }
        }
        self.finish_immutable(tuple, next, Event::Tuple(next as u64));
        Ok(())
    }

    /// Makes a value that must be made full. If it holds itself, it has been written among its own items.
    fn finish_immutable(&mut self, value: Owned, length: usize, event: Event<'static>) {
        if self.memo.contains_key(&value.value()) {
            self.writer.pop(length as u64);
            self.recall(value.get());
        } else {
            self.writer.event(event);
            self.remember(value);
        }
    }

    /// An object has been made. If its arguments led back to it, that has happened before.
    fn finish_made(&mut self, object: Owned) {
        if self.memo.contains_key(&object.value()) {
            self.writer.pop(1);
            self.recall(object.get());
        } else {
            self.remember(object);
        }
    }

    fn list_items(&mut self, vm: &mut Vm, iterator: Owned, given: usize, mut pending: u64) -> Outcome<()> {
        let item = vm.next(iterator.get())?;
        if pending > 0 && (pending == BATCH || item.is_none()) {
            self.writer.append(pending);
            pending = 0;
        }
        let Some(item) = item else { return Ok(()) };
        self.steps.push(Step::ListItems { iterator, given: given + 1, pending: pending + 1 });
        self.save(vm, item)
    }

    fn dict_items(&mut self, vm: &mut Vm, iterator: Owned, mut pending: u64) -> Outcome<()> {
        let item = vm.next(iterator.get())?;
        if pending > 0 && (pending == BATCH || item.is_none()) {
            self.writer.set_items(pending);
            pending = 0;
        }
        let Some(item) = item else { return Ok(()) };
        let pair = item.get().as_tuple().filter(|pair| pair.len() == 2);
        let Some((key, value)) = pair.and_then(|pair| Some((pair.get(0)?.to_owned(), pair.get(1)?.to_owned()))) else {
            return Err(type_error(vm, "dict items iterator must return 2-tuples"));
        };
        self.steps.push(Step::DictItems { iterator, pending: pending + 1, key: key.clone() });
        self.steps.push(Step::Value(value));
        self.save(vm, key)
    }
}
