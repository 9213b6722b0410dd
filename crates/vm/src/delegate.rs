//! Delegation: `for` over a generator, `yield from`, `await`. What is resumed from inside the loop runs in the loop.

use toy_code::{Instruction, Op};
use toy_object::{ExceptionSlot, Name, Next, Owned, Ref, Value};

use crate::classes::ClassName;
use crate::frame::{self, FrameKind};
use crate::generator::{Bound, Flavour, Resumed};
use crate::native::{Outcome, Raised};
use crate::protocol::NativeIterator;
use crate::run::Performed;
use crate::thread::Vm;
use crate::thrown::Thrown;

/// What a waiting generator has handed its work to.
pub(crate) struct Delegation {
    /// What it waits for.
    pub(crate) iterator: Owned,
    /// The register that holds it.
    register: u16,
    /// The word at which the generator goes on after it.
    exit: usize,
}

impl Vm {
    /// The next value of any iterator, or what its `StopIteration` carried.
    fn next_or_stop_value(&mut self, iterator: Ref<'_>) -> Outcome<Result<Owned, Owned>> {
        match self.next_of(iterator)? {
            Some(Next::Value(value)) => return Ok(Ok(value)),
            Some(Next::End) => return Ok(Err(Owned::none())),
            Some(Next::Changed(message)) => return Err(self.raise(ClassName::RuntimeError, message)),
            None => {}
        }
        if let Some(native) = iterator.own_payload::<NativeIterator>(self.heap()) {
            return match native.next(self) {
                Ok(value) => Ok(value.ok_or_else(Owned::none)),
                Err(raised) => Ok(Err(self.stop_value(raised)?)),
            };
        }
        match self.call_special(iterator, Name::Next, &[]) {
            None => {
                let message = format!("'{}' object is not an iterator", self.type_name(iterator));
                Err(self.raise(ClassName::TypeError, message))
            }
            Some(Ok(value)) => Ok(Ok(value)),
            Some(Err(raised)) => Ok(Err(self.stop_value(raised)?)),
        }
    }

    /// The value of a `StopIteration` under way, which is swallowed; anything else goes on.
    pub fn stop_value(&mut self, raised: Raised) -> Outcome {
        if !self.raised_is(ClassName::StopIteration) {
            return Err(raised);
        }
        let exception = self.take_raised();
        Ok(self.exception_slot(exception.get(), ExceptionSlot::Detail).unwrap_or_else(Owned::none))
    }

    /// What a waiting generator delegates to by `yield from` or `await`.
    pub(crate) fn delegation_of(&self, generator: Ref<'_>) -> Option<Delegation> {
        let waiting = generator.as_generator().filter(|waiting| waiting.state().is_suspended())?;
        let code = waiting.function()?;
        let code = code.get().as_function()?.code();
        let words = code.get().as_code()?.object().words();
        let behind = waiting.resume_at() as usize;
        let jump = Instruction(words.get(behind)?.get());
        if jump.op() != Some(Op::Jump) || jump.jump32() >= 0 {
            return None;
        }
        let send_at = (behind as isize + 1 + jump.jump32() as isize) as usize;
        let send = Instruction(words.get(send_at)?.get());
        if send.op() != Some(Op::Send) {
            return None;
        }
        let iterator = frame::window_register(waiting, send.b() as usize)?;
        let exit = (send_at as isize + 1 + send.jump16() as isize) as usize;
        Some(Delegation { iterator, register: send.b(), exit })
    }

    /// What a generator waits for: `gi_yieldfrom`, `cr_await`.
    pub fn generator_delegate(&self, generator: Ref<'_>) -> Option<Owned> {
        self.delegation_of(generator).map(|delegation| delegation.iterator)
    }

    /// Throws into the iterator of a delegation; `None`: the generator itself is to have it.
    pub(crate) fn throw_into(&mut self, inner: Ref<'_>, thrown: &Thrown, closes: bool) -> Outcome<Option<Resumed>> {
        let is_exit = closes && self.throws(thrown, ClassName::GeneratorExit);
        if inner.as_generator().is_some() {
            if is_exit {
                self.generator_close(inner)?;
                return Ok(None);
            }
            return self.generator_throw(inner, thrown.clone(), closes).map(Some);
        }
        let name = self.name(if is_exit { Name::Close } else { Name::Throw }).to_owned();
        let method = match self.find_attribute(inner, name.get()) {
            Err(_) if is_exit => {
                self.unraisable(None, Some(inner));
                None
            }
            method => method?,
        };
        let Some(method) = method else { return Ok(None) };
        if is_exit {
            self.call(method.get(), &[])?;
            return Ok(None);
        }
        match self.call(method.get(), &thrown.arguments()) {
            Ok(value) => Ok(Some(Resumed::Yielded(value))),
            Err(raised) => self.stop_value(raised).map(|value| Some(Resumed::Returned(value))),
        }
    }

    /// Goes on behind a delegation that has ended with a value.
    pub(crate) fn resume_behind(
        &mut self,
        generator: Ref<'_>,
        value: Owned,
        delegation: Delegation,
    ) -> Outcome<Resumed> {
        // What `send` does at the end: its value to the yield's register, the iterator dropped, on at the exit.
        let Delegation { iterator, register, exit } = delegation;
        drop(iterator);
        self.push_generator(generator, value, FrameKind::Entry, 0, Bound::Limit)?;
        let top = self.frames.len() - 1;
        drop(frame::taken(self.frames[top].replace(register as isize, Value::UNBOUND)));
        let words = self.frames[top].code().words();
        self.frames[top].pc = &raw const words[exit];
        let value = self.execute()?;
        Ok(self.resumed(generator, value))
    }

    /// Resumes a generator for `for` or `send` of the running frame, in the same loop. `false`: it has ended before.
    pub(crate) fn send_in_loop(
        &mut self,
        generator: Ref<'_>,
        value: Owned,
        destination: u16,
        bound: Bound,
    ) -> Outcome<bool> {
        if !self.is_resumable(generator, value.get())? {
            return Ok(false);
        }
        self.push_generator(generator, value, FrameKind::Generator, destination, bound)?;
        Ok(true)
    }

    /// `yield from`: what is asked for values. Coroutines are to be awaited.
    pub(crate) fn yield_from_iterator(&mut self, object: Ref<'_>) -> Outcome {
        match self.generator_flavour(object) {
            Some(Flavour::Generator) => Ok(object.to_owned()),
            Some(Flavour::Coroutine) if self.is_iterable_coroutine_running() => Ok(object.to_owned()),
            Some(Flavour::Coroutine) => {
                let message = "cannot 'yield from' a coroutine object in a non-coroutine generator";
                Err(self.raise(ClassName::TypeError, message))
            }
            Some(Flavour::AsyncGenerator) | None => self.get_iterator(object),
        }
    }

    /// `send`: the value in `a` goes to the iterator in `b`.
    pub(crate) fn perform_send(&mut self, instruction: Instruction) -> Outcome<Performed> {
        let (a, b) = (instruction.a(), instruction.b());
        let iterator = self.register(b);
        let value = frame::taken(self.top().replace(a as isize, Value::UNBOUND));
        let resumed = if iterator.get().as_generator().is_some() {
            if self.send_in_loop(iterator.get(), value, a, Bound::Limit)? {
                return Ok(Performed::Done);
            }
            Resumed::Returned(Owned::none())
        } else if value.get().is_none() {
            match self.next_or_stop_value(iterator.get())? {
                Ok(value) => Resumed::Yielded(value),
                Err(value) => Resumed::Returned(value),
            }
        } else {
            let send = self.name(Name::Send).to_owned();
            match self.call_method(iterator.get(), send.get(), &[value.get()]) {
                Ok(value) => Resumed::Yielded(value),
                Err(raised) => Resumed::Returned(self.stop_value(raised)?),
            }
        };
        match resumed {
            Resumed::Yielded(value) => self.finish(a, value),
            Resumed::Returned(value) => {
                drop(iterator);
                drop(frame::taken(self.top().replace(b as isize, Value::UNBOUND)));
                self.finish(a, value);
                self.jump(instruction.jump16() as isize);
            }
        }
        Ok(Performed::Done)
    }

    /// The instruction of the running frame that has just been answered by a generator.
    pub(crate) fn instruction_that_waits(&mut self) -> Instruction {
        let frame = self.top();
        Instruction(frame.code().words()[frame.word_index() - 1].get())
    }

    /// A generator that the loop resumed has returned: the `for` or `send` that waits for it comes to its end.
    pub(crate) fn deliver_generator_end(&mut self, value: Owned) {
        let instruction = self.instruction_that_waits();
        drop(frame::taken(self.top().replace(instruction.b() as isize, Value::UNBOUND)));
        if instruction.op() == Some(Op::Send) {
            self.finish(instruction.a(), value);
        }
        if instruction.op() != Some(Op::ForNext) {
            self.jump(instruction.jump16() as isize);
        }
    }
}
