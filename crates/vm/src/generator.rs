//! Generators: frames that leave the stack and come back.
//!
//! While a generator waits, its window of registers lies in the generator object. Resuming copies it to the stack and pushes
//! a frame whose `link` is the generator: of kind `Entry` when Rust code resumes, of kind `Generator` when the loop does
//! (`for`, `yield from`). A yield copies the window back.

use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

use toy_code::{Instruction, Op};
use toy_object::{CodeObject, ExceptionSlot, GeneratorState, Owned, Payload, Ref, ShapeId, Value};

use crate::classes::ClassName;
use crate::frame::{self, Frame, FrameKind};
use crate::native::{Outcome, Raised};
use crate::run::Performed;
use crate::thread::Vm;

/// What the virtual machine keeps with a generator.
#[derive(Default)]
pub struct GeneratorDetail {
    /// Exceptions that were being handled inside when it yielded, the innermost last.
    handled: RefCell<Vec<Owned>>,
    /// `__name__` and `__qualname__` once they were set.
    pub names: RefCell<Option<(Owned, Owned)>>,
    /// Whether it has been started by anything.
    pub started: Cell<bool>,
}

impl Payload for GeneratorDetail {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        for exception in self.handled.borrow().iter() {
            visit(exception.get());
        }
        if let Some((name, qualified_name)) = &*self.names.borrow() {
            visit(name.get());
            visit(qualified_name.get());
        }
    }

    fn clear(&self) {
        drop((self.handled.take(), self.names.take()));
    }
}

/// What resuming a generator gives.
#[derive(Debug)]
pub enum Resumed {
    /// It yielded this.
    Yielded(Owned),
    /// It returned this.
    Returned(Owned),
}

fn detail(generator: toy_object::Generator<'_>) -> &GeneratorDetail {
    let detail: &dyn std::any::Any = generator.detail();
    detail.downcast_ref().expect("generators are made in this module")
}

impl Vm {
    /// The next value of any iterator, or what its `StopIteration` carried.
    pub fn next_or_stop_value(&mut self, iterator: Ref<'_>) -> Outcome<Result<Owned, Owned>> {
        match self.call_special(iterator, toy_object::Name::Next, &[]) {
            None => {
                let message = format!("'{}' object is not an iterator", self.type_name(iterator));
                Err(self.raise(ClassName::TypeError, message))
            }
            Some(Ok(value)) => Ok(Ok(value)),
            Some(Err(raised)) => Ok(Err(self.stop_value(raised)?)),
        }
    }

    /// A generator over a window: the function, the bound parameters, unbound registers.
    pub(crate) fn make_generator(&mut self, window: Vec<Value>) -> Outcome {
        let shape = ShapeId::GENERATOR;
        let function = window.first().copied().map(crate::frame::owned);
        let function = function.as_ref().and_then(|function| function.get().as_function());
        let field = |field| function.and_then(|function| function.get(field)).unwrap_or_else(Owned::none);
        let names = (field(toy_object::FunctionField::Name), field(toy_object::FunctionField::QualifiedName));
        let detail = Box::new(GeneratorDetail { names: RefCell::new(Some(names)), ..GeneratorDetail::default() });
        Ok(crate::frame::generator_over(self.heap(), shape, window, detail)?)
    }

    /// `__name__` and `__qualname__` of a generator, in whatever state it is.
    pub fn generator_names(&self, generator: Ref<'_>) -> Option<(Owned, Owned)> {
        detail(generator.as_generator()?).names.borrow().clone()
    }

    /// Sets `__name__` and `__qualname__` of a generator.
    pub fn set_generator_names(&self, generator: Ref<'_>, names: (Owned, Owned)) {
        if let Some(generator) = generator.as_generator() {
            let old = detail(generator).names.replace(Some(names));
            drop(old);
        }
    }

    /// Puts a waiting generator's frame on the stack. `sent` becomes the value of the `yield` it waits at.
    fn push_generator(&mut self, generator: Ref<'_>, sent: Owned, kind: FrameKind, destination: u16) -> Outcome<()> {
        let Some(waiting) = generator.as_generator() else { return Ok(()) };
        let was_created = waiting.state() == GeneratorState::Created;
        if self.frames.len() >= self.recursion_limit() {
            return Err(self.raise_recursion());
        }
        let Some(function) = waiting.function() else { return Ok(()) };
        let Some(code) = function.get().as_function().map(|function| function.code()) else { return Ok(()) };
        let Some(code) = code.get().as_code().map(|code| NonNull::from(code.object())) else { return Ok(()) };
        let first = self.stack_top();
        let count = frame::code_behind(code).layout().register_count as usize + 1;
        self.reserve_registers(first, count + 2)?;
        let window = frame::exchange_window(waiting, Vec::new());
        let base = first.wrapping_add(1);
        let words = frame::code_behind(code).words();
        let frame = Frame {
            pc: &raw const words[waiting.resume_at() as usize],
            base,
            code,
            link: generator.to_owned().into_value(),
            object: Value::UNBOUND,
            handled_depth: self.handled.len() as u32,
            destination,
            kind,
        };
        for (index, value) in window.into_iter().enumerate() {
            let _fresh = frame.replace(index as isize - 1, value);
        }
        waiting.set_state(GeneratorState::Running);
        self.handled.append(&mut detail(waiting).handled.borrow_mut());
        detail(waiting).started.set(true);
        if !was_created {
            // The word before is the yield that it waits at.
            let word = words[waiting.resume_at() as usize - 1].get();
            let old = frame.replace(Instruction(word).a() as isize, sent.into_value());
            drop(frame::taken(old));
        }
        self.frames.push(frame);
        Ok(())
    }

    /// Resumes a generator with a value; None starts it or asks for the next value.
    pub fn generator_send(&mut self, generator: Ref<'_>, value: Owned) -> Outcome<Resumed> {
        let Some(waiting) = generator.as_generator() else {
            return Err(self.raise(ClassName::TypeError, "not a generator"));
        };
        match waiting.state() {
            GeneratorState::Running => return Err(self.raise(ClassName::ValueError, "generator already executing")),
            GeneratorState::Finished => return Ok(Resumed::Returned(Owned::none())),
            GeneratorState::Created if !value.get().is_none() => {
                return Err(self.raise(ClassName::TypeError, "can't send non-None value to a just-started generator"));
            }
            _ => {}
        }
        self.push_generator(generator, value, FrameKind::Entry, 0)?;
        let value = self.execute()?;
        Ok(self.resumed(generator, value))
    }

    fn resumed(&self, generator: Ref<'_>, value: Owned) -> Resumed {
        let is_finished = generator.as_generator().is_none_or(|g| g.state() == GeneratorState::Finished);
        if is_finished { Resumed::Returned(value) } else { Resumed::Yielded(value) }
    }

    /// The next value of a generator; `None` at its end.
    pub fn generator_next(&mut self, generator: Ref<'_>) -> Outcome<Option<Owned>> {
        match self.generator_send(generator, Owned::none())? {
            Resumed::Yielded(value) => Ok(Some(value)),
            Resumed::Returned(_) => Ok(None),
        }
    }

    /// Raises an exception at the place where a generator waits. One that delegates to another iterator hands it on first.
    pub fn generator_throw(&mut self, generator: Ref<'_>, exception: Owned) -> Outcome<Resumed> {
        let Some(waiting) = generator.as_generator() else { return Err(self.raise_again(exception)) };
        match waiting.state() {
            GeneratorState::Running => return Err(self.raise(ClassName::ValueError, "generator already executing")),
            GeneratorState::Finished => return Err(self.raise_again(exception)),
            GeneratorState::Created => {
                self.finish_generator(generator);
                return Err(self.raise_again(exception));
            }
            GeneratorState::Suspended | GeneratorState::SuspendedInTry => {}
        }
        if let Some((inner, exit)) = self.delegate_of(generator) {
            waiting.set_state(GeneratorState::Running);
            let outcome = self.throw_into(inner.get(), &exception);
            waiting.set_state(GeneratorState::Suspended);
            match outcome {
                Ok(Some(Resumed::Yielded(value))) => return Ok(Resumed::Yielded(value)),
                Ok(Some(Resumed::Returned(value))) => {
                    // The delegation is over: go on behind it with its value.
                    drop(inner);
                    return self.resume_behind_delegation(generator, value, exit);
                }
                Ok(None) => {}
                Err(Raised(())) => {
                    let exception = self.take_raised();
                    return self.throw_here(generator, exception);
                }
            }
        }
        self.throw_here(generator, exception)
    }

    fn throw_here(&mut self, generator: Ref<'_>, exception: Owned) -> Outcome<Resumed> {
        self.push_generator(generator, Owned::none(), FrameKind::Entry, 0)?;
        let bottom = self.frames.len() - 1;
        let raised = self.raise_value(exception);
        let Raised(()) = raised;
        self.unwind(bottom)?;
        let value = self.execute_from(bottom)?;
        Ok(self.resumed(generator, value))
    }

    /// The iterator that a waiting generator delegates to by `yield from`, with the word at which it goes on after that.
    fn delegate_of(&self, generator: Ref<'_>) -> Option<(Owned, usize)> {
        let waiting = generator.as_generator()?;
        let code = waiting.function()?;
        let code = code.get().as_function()?.code();
        let code = code.get().as_code()?.object();
        let words = code.words();
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
        let inner = frame::window_register(waiting, send.b() as usize)?;
        let exit = (send_at as isize + 1 + send.jump16() as isize) as usize;
        Some((inner, exit))
    }

    /// Throws into the iterator of a delegation; `None`: it has no `throw`.
    fn throw_into(&mut self, inner: Ref<'_>, exception: &Owned) -> Outcome<Option<Resumed>> {
        let is_exit = self.is_instance_of(exception.get(), ClassName::GeneratorExit);
        if inner.as_generator().is_some() {
            if is_exit {
                self.generator_close(inner)?;
                return Ok(None);
            }
            return self.generator_throw(inner, exception.clone()).map(Some);
        }
        let name = self.intern(if is_exit { "close" } else { "throw" })?;
        let Some(method) = self.find_attribute(inner, name.get())? else { return Ok(None) };
        if is_exit {
            self.call(method.get(), &[])?;
            return Ok(None);
        }
        match self.call(method.get(), &[exception.get()]) {
            Ok(value) => Ok(Some(Resumed::Yielded(value))),
            Err(raised) => self.stop_value(raised).map(|value| Some(Resumed::Returned(value))),
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

    fn resume_behind_delegation(&mut self, generator: Ref<'_>, value: Owned, exit: usize) -> Outcome<Resumed> {
        let Some(waiting) = generator.as_generator() else { return Ok(Resumed::Returned(value)) };
        // What `send` does at the end: its value to the yield's register, the iterator dropped, on at the exit.
        let iterator_register = self.delegate_register(generator);
        self.push_generator(generator, value, FrameKind::Entry, 0)?;
        let _ = waiting;
        let top = self.frames.len() - 1;
        if let Some(register) = iterator_register {
            drop(frame::taken(self.frames[top].replace(register as isize, Value::UNBOUND)));
        }
        let words = self.frames[top].code().words();
        self.frames[top].pc = &raw const words[exit];
        let value = self.execute()?;
        Ok(self.resumed(generator, value))
    }

    fn delegate_register(&self, generator: Ref<'_>) -> Option<u16> {
        let waiting = generator.as_generator()?;
        let code = waiting.function()?;
        let code = code.get().as_function()?.code();
        let words = code.get().as_code()?.object().words();
        let behind = waiting.resume_at() as usize;
        let jump = Instruction(words.get(behind)?.get());
        let send_at = (behind as isize + 1 + jump.jump32() as isize) as usize;
        Some(Instruction(words.get(send_at)?.get()).b())
    }

    /// Ends a generator: `GeneratorExit` is raised where it waits.
    pub fn generator_close(&mut self, generator: Ref<'_>) -> Outcome {
        let Some(waiting) = generator.as_generator() else { return Ok(Owned::none()) };
        match waiting.state() {
            GeneratorState::Finished => return Ok(Owned::none()),
            GeneratorState::Created => {
                self.finish_generator(generator);
                return Ok(Owned::none());
            }
            _ => {}
        }
        let exit = self.new_exception(ClassName::GeneratorExit, &[])?;
        match self.generator_throw(generator, exit) {
            Ok(Resumed::Yielded(_)) => Err(self.raise(ClassName::RuntimeError, "generator ignored GeneratorExit")),
            Ok(Resumed::Returned(value)) => Ok(value),
            Err(raised) => {
                if self.raised_is(ClassName::GeneratorExit) || self.raised_is(ClassName::StopIteration) {
                    drop(self.take_raised());
                    return Ok(Owned::none());
                }
                Err(raised)
            }
        }
    }

    /// Drops what a generator that does not run holds.
    fn finish_generator(&mut self, generator: Ref<'_>) {
        let Some(waiting) = generator.as_generator() else { return };
        waiting.set_state(GeneratorState::Finished);
        for value in frame::exchange_window(waiting, Vec::new()) {
            if crate::traceback::handled_mark(value).is_none() {
                drop(frame::taken(value));
            }
        }
    }

    /// A generator's frame was left by `return`.
    pub(crate) fn generator_returned(&mut self, generator: Ref<'_>) {
        if let Some(generator) = generator.as_generator() {
            generator.set_state(GeneratorState::Finished);
        }
    }

    /// A generator's frame was left by an exception. `StopIteration` must not get out of it.
    pub(crate) fn generator_raised(&mut self, generator: Owned) {
        if generator.get().is_unbound() {
            return;
        }
        if let Some(generator) = generator.get().as_generator() {
            generator.set_state(GeneratorState::Finished);
        }
        if self.raised_is(ClassName::StopIteration) {
            let stop = self.take_raised();
            let raised = self.raise(ClassName::RuntimeError, "generator raised StopIteration");
            let Raised(()) = raised;
            let error = self.take_raised();
            drop(self.set_exception_slot(error.get(), ExceptionSlot::Cause, stop.clone()));
            drop(self.set_exception_slot(error.get(), ExceptionSlot::SuppressContext, Owned::bool(true)));
            drop(self.set_exception_slot(error.get(), ExceptionSlot::Context, stop));
            self.raised = Some(error);
        }
    }

    /// `yield`: the running frame goes back into its generator.
    pub(crate) fn perform_yield(&mut self, instruction: Instruction) -> Outcome<Performed> {
        let value = self.operand_of_yield(instruction);
        let frame = *self.top();
        let generator = frame::taken(frame.link);
        let Some(waiting) = generator.get().as_generator() else {
            return Err(self.raise(ClassName::SystemError, "yield outside of a generator"));
        };
        let code: &CodeObject = frame.code();
        let count = code.layout().register_count as isize;
        let window = (-1..count).map(|register| frame.replace(register, Value::UNBOUND)).collect();
        let empty = frame::exchange_window(waiting, window);
        debug_assert!(empty.is_empty());
        let index = frame.word_index();
        waiting.set_resume_at(index as u32);
        let is_covered = crate::traceback::has_handler(code, index.saturating_sub(1) as u32);
        waiting.set_state(if is_covered { GeneratorState::SuspendedInTry } else { GeneratorState::Suspended });
        let mut handled = self.handled.split_off(frame.handled_depth as usize);
        detail(waiting).handled.borrow_mut().append(&mut handled);
        self.frames.pop();
        drop(frame::taken(frame.object));
        if frame.kind == FrameKind::Entry {
            return Ok(Performed::Yielded(value));
        }
        self.finish_register(frame.destination, value);
        let asker = self.instruction_that_waits();
        if asker.op() == Some(Op::ForNext) {
            self.jump_by(asker.jump16() as isize);
        }
        Ok(Performed::Done)
    }

    /// The instruction of the running frame that has just been answered by a generator.
    fn instruction_that_waits(&mut self) -> Instruction {
        let frame = self.top();
        Instruction(frame.code().words()[frame.word_index() - 1].get())
    }

    /// Resumes a generator for `for` or `send` of the running frame, in the same loop. `false`: it has ended before.
    pub(crate) fn enter_generator_in_loop(&mut self, generator: Ref<'_>, destination: u16) -> Outcome<bool> {
        self.send_in_loop(generator, Owned::none(), destination)
    }

    pub(crate) fn send_in_loop(&mut self, generator: Ref<'_>, value: Owned, destination: u16) -> Outcome<bool> {
        let Some(waiting) = generator.as_generator() else { return Ok(false) };
        match waiting.state() {
            GeneratorState::Running => Err(self.raise(ClassName::ValueError, "generator already executing")),
            GeneratorState::Finished => Ok(false),
            GeneratorState::Created if !value.get().is_none() => {
                Err(self.raise(ClassName::TypeError, "can't send non-None value to a just-started generator"))
            }
            _ => {
                self.push_generator(generator, value, FrameKind::Generator, destination)?;
                Ok(true)
            }
        }
    }

    /// `send`: the value in `a` goes to the iterator in `b`.
    pub(crate) fn perform_send(&mut self, instruction: Instruction) -> Outcome<Performed> {
        let (a, b) = (instruction.a(), instruction.b());
        let iterator = self.register_of(b);
        let value = frame::taken(self.top().replace(a as isize, Value::UNBOUND));
        let resumed = if iterator.get().as_generator().is_some() {
            if self.send_in_loop(iterator.get(), value, a)? {
                return Ok(Performed::Done);
            }
            Resumed::Returned(Owned::none())
        } else if value.get().is_none() {
            match self.next_or_stop_value(iterator.get())? {
                Ok(value) => Resumed::Yielded(value),
                Err(value) => Resumed::Returned(value),
            }
        } else {
            let send = self.name(toy_object::Name::Send).to_owned();
            match self.call_method(iterator.get(), send.get(), &[value.get()]) {
                Ok(value) => Resumed::Yielded(value),
                Err(raised) => Resumed::Returned(self.stop_value(raised)?),
            }
        };
        match resumed {
            Resumed::Yielded(value) => self.finish_register(a, value),
            Resumed::Returned(value) => {
                drop(iterator);
                drop(frame::taken(self.top().replace(b as isize, Value::UNBOUND)));
                self.finish_register(a, value);
                self.jump_by(instruction.jump16() as isize);
            }
        }
        Ok(Performed::Done)
    }

    /// A generator that the loop resumed has returned: the `for` or `send` that waits for it comes to its end.
    pub(crate) fn deliver_generator_end(&mut self, value: Owned) {
        let instruction = self.instruction_that_waits();
        drop(frame::taken(self.top().replace(instruction.b() as isize, Value::UNBOUND)));
        if instruction.op() == Some(Op::Send) {
            self.finish_register(instruction.a(), value);
        }
        if instruction.op() != Some(Op::ForNext) {
            self.jump_by(instruction.jump16() as isize);
        }
    }
}
