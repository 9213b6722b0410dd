//! Generators, coroutines and asynchronous generators: frames that leave the stack and come back.
//!
//! While a generator waits, its window of registers lies in the generator object. Resuming copies it to the stack and pushes
//! a frame whose `link` is the generator: of kind `Entry` when Rust code resumes, of kind `Generator` when the loop does
//! (`for`, `yield from`, `await`). A yield copies the window back.

use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

use toy_code::{CodeFlags, Instruction, Op};
use toy_object::{CodeObject, FunctionField, Generator, GeneratorState, Owned, Payload, Ref, ShapeId, Value};

use crate::classes::ClassName;
use crate::frame::{self, Frame, FrameKind};
use crate::native::{Outcome, Raised};
use crate::run::Performed;
use crate::thread::Vm;
use crate::traceback::{FrameObject, code_of};

/// Which of the three it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Flavour {
    /// What a function with `yield` makes.
    #[default]
    Generator,
    /// What `async def` makes.
    Coroutine,
    /// What `async def` with `yield` makes.
    AsyncGenerator,
}

impl Flavour {
    fn of(flags: CodeFlags) -> Self {
        match (flags.coroutine, flags.generator) {
            (false, _) => Self::Generator,
            (true, false) => Self::Coroutine,
            (true, true) => Self::AsyncGenerator,
        }
    }

    /// As messages call it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Generator => "generator",
            Self::Coroutine => "coroutine",
            Self::AsyncGenerator => "async generator",
        }
    }
}

/// What the virtual machine keeps with a generator.
#[derive(Default)]
pub struct GeneratorDetail {
    /// Which of the three it is.
    pub flavour: Flavour,
    /// Exceptions that were being handled inside when it yielded, the innermost last.
    handled: RefCell<Vec<Owned>>,
    /// `__name__` and `__qualname__`.
    names: RefCell<Option<(Owned, Owned)>>,
    /// The frame object that somebody has asked for, while the frame is off the stack.
    pub(crate) frame: RefCell<Option<Owned>>,
    /// Of an asynchronous generator: whether it waits at a `yield`, not at an `await`.
    pub(crate) yields_value: Cell<bool>,
    /// Of an asynchronous generator: what happens to it besides.
    pub(crate) life: crate::async_generator::Life,
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
        if let Some(frame) = &*self.frame.borrow() {
            visit(frame.get());
        }
        self.life.visit(visit);
    }

    fn clear(&self) {
        drop((self.handled.take(), self.names.take(), self.frame.take()));
        self.life.clear();
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

/// What happens to a frame that is pushed when there are as many as there may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// `RecursionError`.
    Limit,
    /// Nothing: a `for` may go as deep as there are generators, as in CPython.
    None,
}

pub(crate) fn detail(generator: Generator<'_>) -> &GeneratorDetail {
    let detail: &dyn std::any::Any = generator.detail();
    detail.downcast_ref().expect("generators are made in this module")
}

impl Vm {
    /// A generator over a window: the function, the bound parameters, unbound registers.
    pub(crate) fn make_generator(&mut self, window: Vec<Value>) -> Outcome {
        let function = window.first().copied().map(frame::owned);
        let function = function.as_ref().and_then(|function| function.get().as_function());
        let code = function.map(|function| function.code());
        let flags = code.as_ref().and_then(|code| code.get().as_code()).map(|code| code_of(code).flags);
        let flavour = Flavour::of(flags.unwrap_or_default());
        let field = |field| function.and_then(|function| function.get(field)).unwrap_or_else(Owned::none);
        let names = (field(FunctionField::Name), field(FunctionField::QualifiedName));
        let detail = GeneratorDetail { flavour, names: RefCell::new(Some(names)), ..GeneratorDetail::default() };
        let shape = match flavour {
            Flavour::Generator => ShapeId::GENERATOR,
            Flavour::Coroutine => self.class_shape(ClassName::Coroutine),
            Flavour::AsyncGenerator => self.class_shape(ClassName::AsyncGenerator),
        };
        let generator = frame::generator_over(self.heap(), shape, window, Box::new(detail))?;
        if let Some(waiting) = generator.get().as_generator().filter(|_| flavour == Flavour::Coroutine) {
            waiting.set_state(GeneratorState::Unawaited);
        }
        Ok(generator)
    }

    /// Which of the three an object is; `None`: none of them.
    pub fn generator_flavour(&self, generator: Ref<'_>) -> Option<Flavour> {
        Some(detail(generator.as_generator()?).flavour)
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

    /// The frame of a generator as scripts see it; `None` once it has ended.
    pub fn generator_frame(&mut self, generator: Ref<'_>) -> Outcome<Option<Owned>> {
        let Some(waiting) = generator.as_generator() else { return Ok(None) };
        if waiting.state() == GeneratorState::Finished {
            return Ok(None);
        }
        if waiting.state() == GeneratorState::Running {
            let running = self.frames.iter().rposition(|frame| frame.link == generator.value());
            return running.map(|index| self.frame_object(index)).transpose();
        }
        let Some(function) = waiting.function() else { return Ok(None) };
        let known = detail(waiting).frame.borrow().clone();
        let object = match known {
            Some(object) => object,
            None => self.new_frame_object(function.clone(), waiting.resume_at())?,
        };
        if let Some(payload) = object.get().payload::<FrameObject>(self.heap()) {
            let locals = self.locals_in(function.get(), |register| frame::window_register(waiting, register));
            payload.last.set(waiting.resume_at());
            payload.waits.set(true);
            drop(payload.locals.replace(locals));
        }
        drop(detail(waiting).frame.replace(Some(object.clone())));
        Ok(Some(object))
    }

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
        let was_started = !waiting.state().is_unstarted();
        if bound == Bound::Limit && self.frames.len() >= self.recursion_limit() {
            return Err(self.raise_recursion());
        }
        let Some(function) = waiting.function() else { return Ok(()) };
        let Some(code) = function.get().as_function().map(|function| function.code()) else { return Ok(()) };
        let Some(code) = code.get().as_code().map(|code| NonNull::from(code.object())) else { return Ok(()) };
        let first = self.stack_top();
        let count = frame::code_behind(code).layout().register_count as usize + 1;
        self.reserve_registers(first, count + 2)?;
        let mut window = frame::exchange_window(waiting, Vec::new());
        let base = first.wrapping_add(1);
        let words = frame::code_behind(code).words();
        let object = detail(waiting).frame.take();
        if let Some(payload) = object.as_ref().and_then(|object| object.get().payload::<FrameObject>(self.heap())) {
            // From here on they are read from the stack.
            drop(payload.locals.take());
            payload.waits.set(false);
        }
        let frame = Frame {
            pc: &raw const words[waiting.resume_at() as usize],
            base,
            code,
            link: generator.to_owned().into_value(),
            object: object.map_or(Value::UNBOUND, Owned::into_value),
            handled_depth: self.handled.len() as u32,
            destination,
            kind,
        };
        for (index, value) in window.drain(..).enumerate() {
            let _fresh = frame.replace(index as isize - 1, value);
        }
        // The memory stays, for the next yield.
        let _nothing = frame::exchange_window(waiting, window);
        waiting.set_state(GeneratorState::Running);
        self.handled.append(&mut detail(waiting).handled.borrow_mut());
        if was_started {
            // The word before is the yield that it waits at.
            let word = words[waiting.resume_at() as usize - 1].get();
            let old = frame.replace(Instruction(word).a() as isize, sent.into_value());
            drop(frame::taken(old));
        }
        self.frames.push(frame);
        Ok(())
    }

    /// Whether a generator can be resumed with a value; `false`: it has ended.
    pub(crate) fn is_resumable(&mut self, generator: Ref<'_>, value: Ref<'_>) -> Outcome<bool> {
        let Some(waiting) = generator.as_generator() else {
            return Err(self.raise(ClassName::TypeError, "not a generator"));
        };
        let flavour = detail(waiting).flavour;
        match waiting.state() {
            GeneratorState::Running => {
                Err(self.raise(ClassName::ValueError, format!("{} already executing", flavour.text())))
            }
            GeneratorState::Finished if flavour == Flavour::Coroutine => {
                Err(self.raise(ClassName::RuntimeError, "cannot reuse already awaited coroutine"))
            }
            GeneratorState::Finished => Ok(false),
            state if state.is_unstarted() && !value.is_none() => {
                let message = format!("can't send non-None value to a just-started {}", flavour.text());
                Err(self.raise(ClassName::TypeError, message))
            }
            _ => Ok(true),
        }
    }

    /// Resumes a generator with a value; None starts it or asks for the next value.
    pub fn generator_send(&mut self, generator: Ref<'_>, value: Owned) -> Outcome<Resumed> {
        if !self.is_resumable(generator, value.get())? {
            return Ok(Resumed::Returned(Owned::none()));
        }
        self.push_generator(generator, value, FrameKind::Entry, 0, Bound::Limit)?;
        let value = self.execute()?;
        Ok(self.resumed(generator, value))
    }

    /// What a generator that has run up to here gave.
    pub(crate) fn resumed(&self, generator: Ref<'_>, value: Owned) -> Resumed {
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

    /// Raises an exception at the place where a generator waits. One that delegates to another iterator hands it on first;
    /// `closes`: `GeneratorExit` closes that iterator instead.
    pub fn generator_throw(&mut self, generator: Ref<'_>, exception: Owned, closes: bool) -> Outcome<Resumed> {
        self.check_stack()?;
        let Some(waiting) = generator.as_generator() else { return Err(self.raise_again(exception)) };
        match waiting.state() {
            GeneratorState::Suspended | GeneratorState::SuspendedInTry => {}
            state if state.is_unstarted() => return Err(self.throw_at_start(generator, exception)),
            _ => {
                self.is_resumable(generator, Ref::NONE)?;
                return Err(self.raise_again(exception));
            }
        }
        let Some(delegation) = self.delegation_of(generator) else { return self.throw_here(generator, exception) };
        let state = waiting.state();
        waiting.set_state(GeneratorState::Running);
        let outcome = self.throw_into(delegation.iterator.get(), &exception, closes);
        waiting.set_state(state);
        match outcome {
            Ok(Some(Resumed::Yielded(value))) => Ok(Resumed::Yielded(value)),
            Ok(Some(Resumed::Returned(value))) => self.resume_behind(generator, value, delegation),
            Ok(None) => self.throw_here(generator, exception),
            Err(Raised(())) => {
                let exception = self.take_raised();
                self.throw_here(generator, exception)
            }
        }
    }

    fn throw_here(&mut self, generator: Ref<'_>, exception: Owned) -> Outcome<Resumed> {
        self.push_generator(generator, Owned::none(), FrameKind::Entry, 0, Bound::Limit)?;
        let bottom = self.frames.len() - 1;
        let Raised(()) = self.raise_value(exception);
        self.unwind(bottom)?;
        let value = self.execute_from(bottom)?;
        Ok(self.resumed(generator, value))
    }

    /// Raises an exception where nothing has run yet, so that nothing can catch it.
    fn throw_at_start(&mut self, generator: Ref<'_>, exception: Owned) -> Raised {
        if let Err(raised) = self.push_generator(generator, Owned::none(), FrameKind::Entry, 0, Bound::Limit) {
            return raised;
        }
        let top = self.frames.len() - 1;
        let raised = self.raise_value(exception);
        let _out_of_memory = self.add_traceback(top);
        let link = frame::taken(self.frames[top].link);
        self.leave_frame();
        self.end_generator(link.get());
        raised
    }

    /// `yield`: the running frame goes back into its generator. `is_async`: of an asynchronous generator, which waits by
    /// the same means when it awaits something.
    pub(crate) fn perform_yield(&mut self, instruction: Instruction, is_async: bool) -> Outcome<Performed> {
        let value = self.operand_of_yield(instruction);
        let index = self.frames.len() - 1;
        let frame = self.frames[index];
        let generator = frame::taken(frame.link);
        let Some(waiting) = generator.get().as_generator() else {
            return Err(self.raise(ClassName::SystemError, "yield outside of a generator"));
        };
        let kept = detail(waiting);
        if !frame.object.is_unbound() {
            self.keep_locals(index);
            let object = frame::taken(frame.object);
            if let Some(payload) = object.get().payload::<FrameObject>(self.heap()) {
                // A frame that waits was called by nobody.
                drop(payload.back.take());
                payload.waits.set(true);
            }
            // Counted once: nobody else knows it any more.
            let object = Some(object).filter(|object| self.count(object.get()) > Some(1));
            drop(kept.frame.replace(object));
        }
        let code: &CodeObject = frame.code();
        let count = code.layout().register_count as isize;
        let mut window = frame::exchange_window(waiting, Vec::new());
        debug_assert!(window.is_empty());
        window.extend((-1..count).map(|register| frame.replace(register, Value::UNBOUND)));
        let _nothing = frame::exchange_window(waiting, window);
        let word = frame.word_index();
        waiting.set_resume_at(word as u32);
        let must_be_closed =
            kept.life.has_finaliser() || crate::traceback::has_handler(code, word.saturating_sub(1) as u32);
        waiting.set_state(if must_be_closed { GeneratorState::SuspendedInTry } else { GeneratorState::Suspended });
        kept.yields_value.set(is_async);
        let mut handled = self.handled.split_off(frame.handled_depth as usize);
        kept.handled.borrow_mut().append(&mut handled);
        self.frames.pop();
        if frame.kind == FrameKind::Entry {
            return Ok(Performed::Returned(value));
        }
        self.finish_register(frame.destination, value);
        let asker = self.instruction_that_waits();
        if asker.op() == Some(Op::ForNext) {
            self.jump_by(asker.jump16() as isize);
        }
        Ok(Performed::Done)
    }
}
