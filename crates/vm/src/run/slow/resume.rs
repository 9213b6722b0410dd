//! Frames of generators come onto the stack and leave it again.
//!
//! What waits with a frame besides its registers (exceptions being handled, a frame object that somebody has asked for) is
//! kept in the generator's detail; [`Generator::keeps_more`] says whether there is any, so that resuming need not look.

use std::ptr::NonNull;

use toy_code::{Instruction, Op};
use toy_object::{Generator, GeneratorState, Owned, Ref, ShapeId, Value};

use crate::classes::ClassName;
use crate::frame::{Frame, FrameKind, code_behind, code_of, function_of, taken};
use crate::generator::{Bound, detail};
use crate::native::Outcome;
use crate::run::Performed;
use crate::run::registers::{cache, word};
use crate::thread::Vm;
use crate::traceback::{FrameObject, has_handler};

impl Vm {
    /// Puts a waiting generator's frame on the stack. `sent` becomes the value of the `yield` it waits at.
    pub(crate) fn push_generator(
        &mut self,
        generator: Ref<'_>,
        sent: Owned,
        kind: FrameKind,
        destination: u16,
        bound: Bound,
    ) -> Outcome<()> {
        let Some(waiting) = generator.as_generator() else { return Ok(()) };
        if bound == Bound::Limit && !self.frames.has_room() && self.frames.len() >= self.recursion_limit() {
            return Err(self.raise_recursion());
        }
        let Some(function) = waiting.function_value() else { return Ok(()) };
        // The window keeps the function while this reads it, and so does the frame afterwards.
        let code = NonNull::from(code_of(function_of(function)));
        let first = self.stack_top();
        self.reserve_registers(first, waiting.window_length() + 2)?;
        let pc = &raw const code_behind(code).words()[waiting.resume_at() as usize];
        let handled_depth = self.handled.len() as u32;
        let object = if waiting.keeps_more() { self.take_kept(waiting) } else { Value::UNBOUND };
        let frame = Frame {
            pc,
            base: first.wrapping_add(1),
            code,
            link: generator.to_owned().into_value(),
            object,
            handled_depth,
            destination,
            kind,
        };
        // SAFETY: the registers were just reserved, and above the top frame none holds a pointer.
        unsafe { waiting.move_window_to(first) };
        if !waiting.state().is_unstarted() {
            // The word before is the yield that it waits at.
            let waits_at = Instruction(word(pc.wrapping_sub(1)));
            drop(taken(frame.replace(waits_at.a() as isize, sent.into_value())));
        }
        waiting.set_state(GeneratorState::Running);
        self.frames.push(frame);
        Ok(())
    }

    /// Takes over what waited beside the window; the frame object is the result.
    #[cold]
    fn take_kept(&mut self, waiting: Generator<'_>) -> Value {
        waiting.set_keeps_more(false);
        let kept = detail(waiting);
        let object = kept.frame.take();
        if let Some(payload) = object.as_ref().and_then(|object| object.get().payload::<FrameObject>(self.heap())) {
            // From here on they are read from the stack.
            drop(payload.locals.take());
            payload.waits.set(false);
        }
        self.handled.append(&mut kept.handled.borrow_mut());
        object.map_or(Value::UNBOUND, Owned::into_value)
    }

    /// `yield`: the running frame goes back into its generator. `is_async`: of an asynchronous generator, which waits by
    /// the same means when it awaits something.
    pub(crate) fn perform_yield(&mut self, instruction: Instruction, is_async: bool) -> Outcome<Performed> {
        let value = self.operand(instruction, 1);
        let frame = *self.top();
        let generator = taken(frame.link);
        let Some(waiting) = generator.get().as_generator() else {
            return Err(self.raise(ClassName::SystemError, "yield outside of a generator"));
        };
        let code = frame.code();
        let at = frame.word_index();
        let mut must_be_closed = code.layout().has_handlers && has_handler(code, at.saturating_sub(1) as u32);
        if generator.get().shape() != ShapeId::GENERATOR {
            let kept = detail(waiting);
            kept.yields_value.set(is_async);
            must_be_closed |= kept.life.has_finaliser();
        }
        if !frame.object.is_unbound() || self.handled.len() > frame.handled_depth as usize {
            self.keep_more(waiting);
        }
        let count = code.layout().register_count as usize + 1;
        if !waiting.has_room_for_window(count) {
            waiting.make_room_for_window(count);
        }
        // SAFETY: these are the frame's registers and its function, and the frame is left.
        unsafe { waiting.take_window_from(frame.base.wrapping_sub(1), count) };
        waiting.set_resume_at(at as u32);
        waiting.set_state(if must_be_closed { GeneratorState::SuspendedInTry } else { GeneratorState::Suspended });
        self.frames.pop();
        if frame.kind == FrameKind::Entry {
            return Ok(Performed::Returned(value));
        }
        self.finish(frame.destination, value);
        let asker = Instruction(cache(self.top().pc.wrapping_sub(1)).get());
        if asker.op() == Some(Op::ForNext) {
            self.jump(asker.jump16() as isize);
        }
        Ok(Performed::Done)
    }

    /// Puts what belongs to the running frame besides its registers into its generator.
    #[cold]
    fn keep_more(&mut self, waiting: Generator<'_>) {
        let index = self.frames.len() - 1;
        let frame = self.frames[index];
        let kept = detail(waiting);
        waiting.set_keeps_more(true);
        if !frame.object.is_unbound() {
            self.keep_locals(index, false);
            let object = taken(frame.object);
            if let Some(payload) = object.get().payload::<FrameObject>(self.heap()) {
                // A frame that waits was called by nobody.
                drop(payload.back.take());
                payload.waits.set(true);
            }
            // Counted once: nobody else knows it any more.
            let object = Some(object).filter(|object| self.count(object.get()) > Some(1));
            drop(kept.frame.replace(object));
        }
        let mut handled = self.handled.split_off(frame.handled_depth as usize);
        kept.handled.borrow_mut().append(&mut handled);
    }
}
