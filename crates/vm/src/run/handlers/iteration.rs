//! `for` over everything but generators, unpacking.

use toy_code::{Op, flag};
use toy_object::{ListObject, Next, Owned, RangeIteratorObject, SequenceIteratorObject, ShapeId, TupleObject, Value};

use crate::classes::ClassName;
use crate::frame::{borrowed, owned};
use crate::native::{Outcome, Raised};
use crate::run::registers::{operation, release, release_unless_last, retain, shape};
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
            run.give_up_at_safepoint(old)
        }
        Some(None) => {
            let iterator = run.registers.take(run.b());
            run.give_up(iterator)
        }
        None => Step::Slow,
    }
}

/// Answers [`Step::Advance`]: every iterator but generators.
#[inline(always)]
pub(in crate::run) fn advance(run: &mut Running, vm: &mut Vm) -> Step {
    let iterator = run.registers.get(run.b());
    run.save(vm);
    let advanced = match vm.advance_of_runtime(iterator) {
        Some(advanced) => advanced,
        None => {
            let advanced = vm.advance_slowly(iterator);
            *run = Running::load(vm);
            advanced
        }
    };
    let step = match advanced {
        Advanced::Given(value) => go_on_with(run, value),
        Advanced::End => end_of_iteration(run),
        Advanced::Raised => return Step::Raised,
    };
    match step {
        Step::Next | Step::Safepoint if vm.heap().has_finalisers() => Step::Finalise,
        step => step,
    }
}

/// What an iterator gives, in two words: the loop must not lend anybody a place on the OS stack.
enum Advanced {
    /// A value, with its count.
    Given(Value),
    /// No more.
    End,
    /// Something was raised.
    Raised,
}

impl Advanced {
    #[inline(always)]
    fn of(next: Outcome<Option<Owned>>) -> Self {
        match next {
            Ok(Some(value)) => Self::Given(value.into_value()),
            Ok(None) => Self::End,
            Err(Raised(())) => Self::Raised,
        }
    }
}

impl Vm {
    /// Asks an iterator that a register holds; `None`: it is none of the runtime.
    #[inline(never)]
    fn advance_of_runtime(&mut self, iterator: Value) -> Option<Advanced> {
        Some(match self.heap().next_of(borrowed(iterator)) {
            Ok(Some(Next::Value(value))) => Advanced::Given(value.into_value()),
            Ok(Some(Next::End)) => Advanced::End,
            Ok(Some(Next::Changed(message))) => Advanced::of(Err(self.raise(ClassName::RuntimeError, message))),
            Ok(None) => return None,
            Err(exhausted) => Advanced::of(Err(exhausted.into())),
        })
    }

    /// Asks an iterator that a register holds: one written in Rust, or an instance with `__next__`.
    #[inline(never)]
    fn advance_slowly(&mut self, iterator: Value) -> Advanced {
        // What it calls may empty the register.
        let iterator = owned(iterator);
        Advanced::of(self.next_slowly(iterator.get()))
    }
}

/// An iteration goes on with this.
#[inline(always)]
fn go_on_with(run: &mut Running, value: Value) -> Step {
    let old = run.registers.replace(run.a(), value);
    if operation(run.pc) == Op::ForNext as u8 {
        run.move_by(run.short_distance());
    }
    run.give_up_at_safepoint(old)
}

/// An iteration is over.
#[inline(always)]
fn end_of_iteration(run: &mut Running) -> Step {
    let iterator = run.registers.take(run.b());
    if operation(run.pc) == Op::ForIterator as u8 {
        run.move_by(run.short_distance());
    }
    run.give_up_at_safepoint(iterator)
}

/// As many elements of a tuple or list as there are registers for them.
#[inline(always)]
pub(in crate::run) fn unpack(run: &mut Running, _: &mut Vm) -> Step {
    let (object, first, count) = (run.registers.get(run.b()), run.a(), run.c());
    let items = match shape(object) {
        // SAFETY: the shape says that it is a tuple; a register keeps it alive.
        ShapeId::TUPLE => unsafe { TupleObject::of(object) }.items(),
        ShapeId::LIST => {
            // SAFETY: the shape says that it is a list; a register keeps it alive.
            let list = unsafe { ListObject::of(object) };
            // SAFETY: nothing changes the list before the instruction is done.
            unsafe { list.values() }
        }
        _ => return Step::Slow,
    };
    let holds_target = run.b().wrapping_sub(first) < count;
    if items.len() != count || holds_target {
        return Step::Slow;
    }
    for (register, &item) in (first..).zip(items) {
        if !retain(item) {
            return Step::Slow;
        }
        if !release_unless_last(run.registers.get(register)) {
            // The general way begins anew; registers that are written already get the same once more.
            let _living = release(item);
            return Step::Slow;
        }
        run.registers.set(register, item);
    }
    if run.has(flag::CONSUME_B) {
        let object = run.registers.take(run.b());
        return run.give_up(object);
    }
    Step::Next
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
