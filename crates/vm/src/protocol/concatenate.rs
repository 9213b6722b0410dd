//! Operators of sequences: `+`, `*`, `%`, and what changes a container in place.

use toy_object::{Kind, Owned, Ref};

use super::operator::BinaryOp;
use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

impl Vm {
    /// An operation whose left operand is text, bytes, a list or a tuple; `None`: it does not know the other.
    pub(crate) fn sequence_binary(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>) -> Outcome<Option<Owned>> {
        match op {
            BinaryOp::Add => self.concatenate_sequences(left, right),
            BinaryOp::Multiply => self.repeat_sequence(left, right),
            BinaryOp::Modulo => {
                if let Some(template) = left.as_str() {
                    return self.format_percent(template, right).map(Some);
                }
                let Some(template) = left.copied_bytes(self.heap())? else { return Ok(None) };
                let bytes = self.format_percent_bytes(&template, right)?;
                let is_array = left.as_byte_array().is_some();
                Ok(Some(if is_array { self.new_byte_array(bytes)? } else { self.new_bytes(&bytes)? }))
            }
            _ => Ok(None),
        }
    }

    /// `+` and `*` of a builtin sequence as its methods do them: with a complaint where they do not know the other.
    pub fn builtin_sequence(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>) -> Outcome {
        let inner = toy_object::wrapped(left).unwrap_or(left);
        // A count may be of a class of its own.
        let other = if op == BinaryOp::Add { toy_object::wrapped(right).unwrap_or(right) } else { right };
        if let Some(result) = self.sequence_binary(op, inner, other)? {
            return Ok(result);
        }
        match self.sequence_error(op, left, right) {
            Some(raised) => Err(raised),
            None => Ok(Owned::not_implemented()),
        }
    }

    fn concatenate_sequences(&mut self, left: Ref<'_>, right: Ref<'_>) -> Outcome<Option<Owned>> {
        let heap = self.heap();
        Ok(match self.kind_of(left) {
            Kind::Str => match (left.as_str(), right.as_str()) {
                (Some(left), Some(right)) => Some(left.concat(heap, right)?),
                _ => None,
            },
            Kind::List => match (left.as_list(), right.as_list()) {
                (Some(left), Some(right)) => Some(left.concat(heap, right)?),
                _ => None,
            },
            Kind::Tuple => match (left.as_tuple(), right.as_tuple()) {
                (Some(first), Some(second)) if second.is_empty() => Some(first.as_ref().to_owned()),
                (Some(first), Some(second)) if first.is_empty() => Some(second.as_ref().to_owned()),
                (Some(left), Some(right)) => Some(left.concat(heap, right)?),
                _ => None,
            },
            Kind::Bytes | Kind::ByteArray => {
                let sum = left.with_bytes(|first| {
                    right.with_bytes(|second| {
                        if left.as_bytes().is_some() {
                            return heap.new_bytes_concat(&[first, second]);
                        }
                        if !heap.has_room_for(first.len().saturating_add(second.len())) {
                            return Err(toy_object::OutOfMemory);
                        }
                        heap.new_byte_array([first, second].concat())
                    })
                });
                sum.flatten().transpose()?
            }
            _ => None,
        })
    }

    /// `sequence * count`; `None`: it is no sequence, or the other is no integer.
    pub(crate) fn repeat_sequence(&mut self, sequence: Ref<'_>, count: Ref<'_>) -> Outcome<Option<Owned>> {
        let heap = self.heap();
        let sequence = toy_object::wrapped(sequence).unwrap_or(sequence);
        let kind = self.kind_of(sequence);
        let is_sequence = matches!(kind, Kind::Str | Kind::List | Kind::Tuple | Kind::Bytes | Kind::ByteArray);
        if !is_sequence || !self.is_index(count) {
            return Ok(None);
        }
        let times = self.repetitions(count)?;
        Ok(match kind {
            Kind::Str => match sequence.as_str() {
                Some(text) => {
                    self.check_product(text.len(), times, "repeated string is too long")?;
                    Some(text.repeat(heap, times)?)
                }
                None => None,
            },
            Kind::List => match sequence.as_list() {
                Some(list) => Some(list.repeat(heap, times)?),
                None => None,
            },
            Kind::Tuple => match sequence.as_tuple() {
                Some(tuple) => Some(tuple.repeat(heap, times)?),
                None => None,
            },
            Kind::Bytes => match sequence.as_bytes() {
                Some(bytes) => {
                    self.check_product(bytes.as_slice().len(), times, "repeated bytes are too long")?;
                    Some(heap.new_bytes_repeated(bytes.as_slice(), times)?)
                }
                None => None,
            },
            _ => {
                self.check_room(self.builtin_len(sequence).unwrap_or(0).saturating_mul(times))?;
                sequence.with_bytes(|bytes| heap.new_byte_array(bytes.repeat(times))).transpose()?
            }
        })
    }

    /// `OverflowError` if a length is more than any sequence's can be.
    fn check_product(&mut self, length: usize, times: usize, complaint: &str) -> Outcome<()> {
        match length.checked_mul(times).filter(|&product| product <= isize::MAX as usize) {
            Some(_) => Ok(()),
            None => Err(self.raise(ClassName::OverflowError, complaint)),
        }
    }

    /// How often a sequence is repeated: negative numbers are 0.
    fn repetitions(&mut self, count: Ref<'_>) -> Outcome<usize> {
        let index = self.index(count)?;
        let Some(number) = index.get().as_int() else { return Ok(0) };
        if number.is_negative() && number.to_i64().is_some() {
            return Ok(0);
        }
        match number.to_usize().filter(|&times| times <= isize::MAX as usize) {
            Some(times) => Ok(times),
            None => {
                let message = format!("cannot fit '{}' into an index-sized integer", self.type_name(count));
                Err(self.raise(ClassName::OverflowError, message))
            }
        }
    }

    /// What a sequence says when `+` or `*` do not work.
    #[cold]
    pub(crate) fn sequence_error(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>) -> Option<Raised> {
        let inner = |value| toy_object::wrapped(value).unwrap_or(value);
        let is_sequence = |vm: &Vm, value: Ref<'_>| {
            matches!(vm.kind_of(value), Kind::Str | Kind::List | Kind::Tuple | Kind::Bytes | Kind::ByteArray)
        };
        let message = match op {
            BinaryOp::Add => match self.kind_of(inner(left)) {
                Kind::Str | Kind::List | Kind::Tuple => {
                    let name = self.kind_of(inner(left)).class_name();
                    format!("can only concatenate {name} (not \"{}\") to {name}", self.type_name(right))
                }
                Kind::Bytes | Kind::ByteArray => {
                    format!("can't concat {} to {}", self.type_name(right), self.type_name(left))
                }
                _ => return None,
            },
            BinaryOp::Multiply if is_sequence(self, inner(left)) => {
                format!("can't multiply sequence by non-int of type '{}'", self.type_name(right))
            }
            BinaryOp::Multiply if is_sequence(self, inner(right)) => {
                format!("can't multiply sequence by non-int of type '{}'", self.type_name(left))
            }
            _ => return None,
        };
        Some(self.raise(ClassName::TypeError, message))
    }

    /// What a mutable builtin container (or the one inside an instance of a subclass) does for `container op= other`:
    /// itself, changed. `None`: it has no such operation, or does not know the other.
    pub fn builtin_in_place(&mut self, op: BinaryOp, left: Ref<'_>, right: Ref<'_>) -> Outcome<Option<Owned>> {
        let heap = self.heap();
        let container = toy_object::wrapped(left).unwrap_or(left);
        match (self.kind_of(container), op) {
            (Kind::List, BinaryOp::Add) => self.extend_list(container, right)?,
            (Kind::List, BinaryOp::Multiply) if self.is_index(right) => {
                let times = self.repetitions(right)?;
                match container.as_list() {
                    Some(list) if times == 0 => drop(list.clear()),
                    Some(list) => list.repeat_in_place(heap, times)?,
                    None => {}
                }
            }
            (Kind::ByteArray, BinaryOp::Add) => {
                if toy_object::wrapped(right).unwrap_or(right).is(container) {
                    let message = "Existing exports of data: object cannot be re-sized";
                    return Err(self.raise(ClassName::BufferError, message));
                }
                let Some(bytes) = right.copied_bytes(heap)? else { return Ok(None) };
                if let Some(array) = container.as_byte_array() {
                    array.with_mut(heap, bytes.len(), |content| content.extend_from_slice(&bytes))?;
                }
            }
            (Kind::ByteArray, BinaryOp::Multiply) if self.is_index(right) => {
                let times = self.repetitions(right)?;
                if let Some(array) = container.as_byte_array() {
                    let more = array.len().checked_mul(times.saturating_sub(1)).ok_or(toy_object::OutOfMemory)?;
                    array.with_mut(heap, more, |content| match times {
                        0 => content.clear(),
                        times => {
                            let length = content.len();
                            (1..times).for_each(|_| content.extend_from_within(..length));
                        }
                    })?;
                }
            }
            (Kind::Dict, BinaryOp::Or) => self.dict_update(container, right)?,
            (Kind::Set, BinaryOp::Or | BinaryOp::And | BinaryOp::Subtract | BinaryOp::Xor) => {
                let Some(other) = right.as_set() else { return Ok(None) };
                self.set_in_place(op, container, other.as_ref())?;
            }
            _ => return Ok(None),
        }
        Ok(Some(left.to_owned()))
    }

    /// `list.extend(iterable)`.
    pub fn extend_list(&mut self, list: Ref<'_>, iterable: Ref<'_>) -> Outcome<()> {
        let heap = self.heap();
        let Some(view) = list.as_list() else { return Ok(()) };
        // A list that grows while it is walked through would have no end.
        if toy_object::wrapped(iterable).is_some_and(|inner| inner.is(list)) {
            view.extend_from_list(heap, view)?;
            return Ok(());
        }
        if !self.asks_class(iterable)
            && let Some(other) = iterable.as_list()
        {
            view.extend_from_list(heap, other)?;
            return Ok(());
        }
        if let Some(other) = iterable.as_tuple().filter(|_| !self.asks_class(iterable)) {
            view.extend(heap, other.iter().map(Ref::to_owned))?;
            return Ok(());
        }
        if let Some((start, step, length)) =
            iterable.as_range().filter(|_| !self.asks_class(iterable)).and_then(|range| range.small_parts())
        {
            view.reserve(heap, usize::try_from(length).unwrap_or(usize::MAX))?;
            let mut number = start;
            for _ in 0..length {
                view.push(heap, heap.new_int(number)?)?;
                number = number.wrapping_add(step);
            }
            return Ok(());
        }
        let iterator = self.get_iterator(iterable)?;
        self.ask_length_hint(iterable)?;
        // One by one: the iterator may look at the list meanwhile.
        while let Some(item) = self.next(iterator.get())? {
            view.push(heap, item)?;
        }
        Ok(())
    }
}
