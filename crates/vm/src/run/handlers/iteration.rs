//! `for` over ranges, lists and tuples.

use toy_object::{ListObject, RangeIteratorObject, SequenceIteratorObject, ShapeId, TupleObject, Value};

use crate::run::registers::{release, retain, shape};
use crate::run::running::{Running, Step};
use crate::thread::Vm;

/// The first element; jumps if there is none.
#[inline(always)]
pub(in crate::run) fn for_iterator(run: &mut Running, _: &mut Vm) -> Step {
    match next(run.registers.get(run.b())) {
        Some(Some(value)) => run.write(value),
        Some(None) => {
            let iterator = run.registers.take(run.b());
            run.move_by(run.short_distance());
            run.give_up(iterator)
        }
        None => Step::Slow,
    }
}

/// The next element; jumps back if there is one.
#[inline(always)]
pub(in crate::run) fn for_next(run: &mut Running, _: &mut Vm) -> Step {
    match next(run.registers.get(run.b())) {
        Some(Some(value)) => {
            let old = run.registers.replace(run.a(), value);
            run.move_by(run.short_distance());
            match release(old) {
                None if run.is_near_limit() => Step::Safepoint,
                None => Step::Next,
                Some(object) => Step::Settle(object),
            }
        }
        Some(None) => {
            let iterator = run.registers.take(run.b());
            run.give_up(iterator)
        }
        None => Step::Slow,
    }
}

/// The next element, counted; `Some(None)` at the end of a range. The end of a sequence is found the general way.
#[inline(always)]
fn next(iterator: Value) -> Option<Option<Value>> {
    match shape(iterator) {
        ShapeId::RANGE_ITERATOR => {
            // SAFETY: the shape was just compared.
            let iterator = unsafe { RangeIteratorObject::of(iterator) };
            // Range iterators are made only for numbers that need no box.
            Some(iterator.advance().map(Value::int_unchecked))
        }
        ShapeId::SEQUENCE_ITERATOR => next_of_sequence(iterator).map(Some),
        _ => None,
    }
}

/// The next element of an iterator over a list or tuple, counted; `None` at its end or over something else.
#[inline(always)]
fn next_of_sequence(iterator: Value) -> Option<Value> {
    // SAFETY: the caller compared the shape.
    let (sequence, index) = unsafe { SequenceIteratorObject::of(iterator) }.state();
    let position = index.get();
    let item = match shape(sequence) {
        ShapeId::LIST => {
            // SAFETY: the shape says that it is a list; the iterator keeps it alive.
            let list = unsafe { ListObject::of(sequence) };
            if position >= list.items_len() {
                return None;
            }
            // SAFETY: the position was just checked.
            unsafe { list.item_unchecked(position) }
        }
        // SAFETY: the shape says that it is a tuple; the iterator keeps it alive.
        ShapeId::TUPLE => *unsafe { TupleObject::of(sequence) }.items().get(position)?,
        _ => return None,
    };
    if !retain(item) {
        return None;
    }
    index.set(position + 1);
    Some(item)
}
