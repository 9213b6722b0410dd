//! Generators, coroutines and asynchronous generators: frames that leave the stack and come back.
//!
//! While a generator waits, its window of registers lies in the generator object. Resuming copies it to the stack and pushes
//! a frame whose `link` is the generator: of kind `Entry` when Rust code resumes, of kind `Generator` when the loop does
//! (`for`, `yield from`, `await`). A yield copies the window back. Both happen in `run/slow/resume.rs`.

use std::cell::{Cell, RefCell};

use toy_code::CodeFlags;
use toy_object::{ExceptionSlot, FunctionField, Generator, GeneratorState, Owned, Payload, Ref, ShapeId, Value};

use crate::classes::ClassName;
use crate::frame::{self, FrameKind};
use crate::native::{Outcome, Raised};
use crate::thread::Vm;
use crate::thrown::Thrown;
use crate::traceback::{FrameObject, code_of, local_count};

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
    pub(crate) handled: RefCell<Vec<Owned>>,
    /// `__name__` and `__qualname__`.
    names: RefCell<Option<(Owned, Owned)>>,
    /// What it runs, also when it has ended.
    code: Option<Owned>,
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
        if let Some(code) = &self.code {
            visit(code.get());
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
        let detail = GeneratorDetail { flavour, names: RefCell::new(Some(names)), code, ..GeneratorDetail::default() };
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

    /// The code object that a generator runs, or has run.
    pub fn generator_code(&self, generator: Ref<'_>) -> Option<Owned> {
        detail(generator.as_generator()?).code.clone()
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
            let count = local_count(function.get());
            let local = |register| frame::window_register(waiting, register).unwrap_or_else(Owned::unbound);
            payload.last.set(waiting.resume_at());
            payload.waits.set(true);
            drop(payload.locals.replace(Some((0..count).map(local).collect())));
        }
        drop(detail(waiting).frame.replace(Some(object.clone())));
        waiting.set_keeps_more(true);
        Ok(Some(object))
    }

    /// Whether a generator can be resumed with a value; `false`: it has ended.
    pub(crate) fn is_resumable(&mut self, generator: Ref<'_>, value: Ref<'_>) -> Outcome<bool> {
        let Some(waiting) = generator.as_generator() else {
            return Err(self.raise(ClassName::TypeError, "not a generator"));
        };
        if waiting.state().is_suspended() {
            return Ok(true);
        }
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
        let Some(waiting) = generator.as_generator().filter(|waiting| waiting.state().is_suspended()) else {
            return match self.generator_send(generator, Owned::none())? {
                Resumed::Yielded(value) => Ok(Some(value)),
                Resumed::Returned(_) => Ok(None),
            };
        };
        // The short way for what goes on again and again.
        self.push_generator(generator, Owned::none(), FrameKind::Entry, 0, Bound::Limit)?;
        let value = self.execute()?;
        Ok(if waiting.state() == GeneratorState::Finished { None } else { Some(value) })
    }

    /// Raises an exception at the place where a generator waits. One that delegates to another iterator hands it on first;
    /// `closes`: `GeneratorExit` closes that iterator instead.
    pub fn generator_throw(&mut self, generator: Ref<'_>, thrown: Thrown, closes: bool) -> Outcome<Resumed> {
        self.check_stack()?;
        let delegation = self.delegation_of(generator);
        let Some(waiting) = generator.as_generator() else {
            let exception = self.exception_thrown(thrown)?;
            return Err(self.raise_again(exception));
        };
        let Some(delegation) = delegation else {
            let exception = self.exception_thrown(thrown)?;
            return match waiting.state() {
                GeneratorState::Suspended | GeneratorState::SuspendedInTry => self.throw_here(generator, exception),
                state if state.is_unstarted() => Err(self.throw_at_start(generator, exception)),
                _ => {
                    self.is_resumable(generator, Ref::NONE)?;
                    Err(self.raise_again(exception))
                }
            };
        };
        let state = waiting.state();
        waiting.set_state(GeneratorState::Running);
        let outcome = self.throw_into(delegation.iterator.get(), &thrown, closes);
        waiting.set_state(state);
        let exception = match outcome {
            Ok(Some(Resumed::Yielded(value))) => return Ok(Resumed::Yielded(value)),
            Ok(Some(Resumed::Returned(value))) => return self.resume_behind(generator, value, delegation),
            Ok(None) => self.exception_thrown(thrown)?,
            Err(Raised(())) => self.take_raised(),
        };
        // What is raised at a `yield from` is its end if it is a `StopIteration`, whoever raises it.
        if self.is_instance_of(exception.get(), ClassName::StopIteration) {
            let value = self.exception_slot(exception.get(), ExceptionSlot::Detail).unwrap_or_else(Owned::none);
            return self.resume_behind(generator, value, delegation);
        }
        self.throw_here(generator, exception)
    }

    /// Raises an exception where a generator waits. Its context is what the generator itself handles, not what its caller
    /// does.
    fn throw_here(&mut self, generator: Ref<'_>, exception: Owned) -> Outcome<Resumed> {
        self.push_generator(generator, Owned::none(), FrameKind::Entry, 0, Bound::Limit)?;
        let bottom = self.frames.len() - 1;
        let handles = self.handled.len() > self.frames[bottom].handled_depth as usize;
        let Raised(()) = if handles { self.raise_value(exception) } else { self.raise_again(exception) };
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
        let raised = self.raise_again(exception);
        let _out_of_memory = self.add_traceback(top);
        let link = frame::taken(self.frames[top].link);
        self.leave_frame();
        self.end_generator(link.get());
        raised
    }
}
