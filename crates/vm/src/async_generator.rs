//! Asynchronous generators: what `asend`, `athrow` and `aclose` give is awaited, and runs the generator to its next `yield`.

use std::cell::{Cell, RefCell};

use toy_object::{Owned, Payload, Ref};

use crate::classes::ClassName;
use crate::generator::{Resumed, detail};
use crate::native::{Outcome, Raised};
use crate::thread::Vm;
use crate::thrown::Thrown;

/// `sys.set_asyncgen_hooks`: what a thread is told of its asynchronous generators.
#[derive(Clone, Default)]
pub struct AsyncHooks {
    /// Called with each when it is first iterated.
    pub first_iteration: Option<Owned>,
    /// Called with each that nobody refers to any more before it has ended.
    pub finaliser: Option<Owned>,
}

/// What an asynchronous generator keeps besides its frame.
#[derive(Default)]
pub(crate) struct Life {
    /// Whether something that it gave out is being awaited.
    is_running: Cell<bool>,
    /// Whether it was closed, or has ended.
    is_closed: Cell<bool>,
    is_begun: Cell<bool>,
    finaliser: RefCell<Option<Owned>>,
}

impl Life {
    pub(crate) fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        if let Some(finaliser) = &*self.finaliser.borrow() {
            visit(finaliser.get());
        }
    }

    pub(crate) fn clear(&self) {
        drop(self.take_finaliser());
    }

    pub(crate) fn has_finaliser(&self) -> bool {
        self.finaliser.borrow().is_some()
    }

    pub(crate) fn take_finaliser(&self) -> Option<Owned> {
        self.finaliser.take()
    }
}

/// How a step of an asynchronous generator ended.
#[derive(Debug)]
pub enum AsyncStep {
    /// It has yielded this: the await is over.
    Value(Owned),
    /// It awaits something, which has yielded this.
    Awaits(Owned),
}

/// What goes into something that is awaited.
#[derive(Clone, Debug)]
pub enum AsyncInput {
    /// A value.
    Send(Owned),
    /// An exception.
    Throw(Owned),
}

/// How far the awaiting of a step has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Initial,
    Awaited,
    Over,
}

/// What `__anext__` and `asend` return.
pub struct AsyncSend {
    generator: Owned,
    value: RefCell<Owned>,
    stage: Cell<Stage>,
}

impl Payload for AsyncSend {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.generator.get());
        visit(self.value.borrow().get());
    }

    fn clear(&self) {
        drop(self.value.replace(Owned::none()));
    }
}

/// What `athrow` and `aclose` return.
pub struct AsyncThrow {
    generator: Owned,
    /// The exception; `None`: the generator is to be closed.
    exception: RefCell<Option<Owned>>,
    is_close: bool,
    stage: Cell<Stage>,
}

impl Payload for AsyncThrow {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.generator.get());
        if let Some(exception) = &*self.exception.borrow() {
            visit(exception.get());
        }
    }

    fn clear(&self) {
        drop(self.exception.take());
    }
}

impl Vm {
    /// Changes what this thread is told of asynchronous generators; the old hooks are to be dropped.
    pub fn set_async_hooks(&mut self, hooks: AsyncHooks) -> AsyncHooks {
        std::mem::replace(&mut self.async_hooks, hooks)
    }

    /// What this thread is told of asynchronous generators.
    pub fn async_hooks(&self) -> AsyncHooks {
        self.async_hooks.clone()
    }

    /// Whether something that an asynchronous generator gave out is being awaited: `ag_running`.
    pub fn is_async_running(&self, generator: Ref<'_>) -> bool {
        generator.as_generator().is_some_and(|generator| detail(generator).life.is_running.get())
    }

    /// What `asend(value)` returns; `__anext__` sends None.
    pub fn new_async_send(&mut self, generator: Ref<'_>, value: Owned) -> Outcome {
        self.begin_async(generator)?;
        let payload =
            AsyncSend { generator: generator.to_owned(), value: RefCell::new(value), stage: Cell::new(Stage::Initial) };
        Ok(self.new_native(self.class_shape(ClassName::AsyncSend), payload)?)
    }

    /// What `athrow(exception)` returns, or without one `aclose()`.
    pub fn new_async_throw(&mut self, generator: Ref<'_>, exception: Option<Owned>) -> Outcome {
        self.begin_async(generator)?;
        let is_close = exception.is_none();
        let payload = AsyncThrow {
            generator: generator.to_owned(),
            exception: RefCell::new(exception),
            is_close,
            stage: Cell::new(Stage::Initial),
        };
        Ok(self.new_native(self.class_shape(ClassName::AsyncThrow), payload)?)
    }

    /// The first time that an asynchronous generator is asked for anything, the hooks come in.
    fn begin_async(&mut self, generator: Ref<'_>) -> Outcome<()> {
        let Some(waiting) = generator.as_generator() else { return Ok(()) };
        let life = &detail(waiting).life;
        if life.is_begun.replace(true) {
            return Ok(());
        }
        let hooks = self.async_hooks();
        drop(life.finaliser.replace(hooks.finaliser));
        if let Some(first_iteration) = hooks.first_iteration {
            self.call(first_iteration.get(), &[generator])?;
        }
        Ok(())
    }

    /// Runs an asynchronous generator until it yields or awaits; `StopAsyncIteration` at its end.
    fn resume_async(&mut self, generator: Ref<'_>, input: AsyncInput) -> Outcome<AsyncStep> {
        let outcome = match input {
            AsyncInput::Send(value) => self.generator_send(generator, value),
            AsyncInput::Throw(exception) => self.generator_throw(generator, Thrown::Exception(exception), false),
        };
        let Some(waiting) = generator.as_generator() else {
            return Err(self.raise(ClassName::SystemError, "no generator"));
        };
        match outcome? {
            Resumed::Yielded(value) if detail(waiting).yields_value.get() => Ok(AsyncStep::Value(value)),
            Resumed::Yielded(value) => Ok(AsyncStep::Awaits(value)),
            Resumed::Returned(_) => Err(self.raise_without_arguments(ClassName::StopAsyncIteration)),
        }
    }

    /// What a step of an asynchronous generator is for whoever awaits it: the end of the await is a `StopIteration`.
    fn step_of_await(&mut self, life: &Life, step: Outcome<AsyncStep>) -> Outcome {
        match step {
            Ok(AsyncStep::Awaits(value)) => Ok(value),
            Ok(AsyncStep::Value(value)) => {
                life.is_running.set(false);
                Err(self.raise_stop_iteration(value.get()))
            }
            Err(raised) => {
                if self.raised_ends_async() {
                    life.is_closed.set(true);
                }
                life.is_running.set(false);
                Err(raised)
            }
        }
    }

    fn raised_ends_async(&mut self) -> bool {
        self.raised_is(ClassName::StopAsyncIteration) || self.raised_is(ClassName::GeneratorExit)
    }

    /// Resumes what `asend` or `__anext__` returned.
    pub fn async_send(&mut self, object: &AsyncSend, input: AsyncInput) -> Outcome {
        let generator = object.generator.clone();
        let Some(waiting) = generator.get().as_generator() else { return Ok(Owned::none()) };
        let life = &detail(waiting).life;
        let mut input = input;
        match object.stage.get() {
            Stage::Over => {
                let message = "cannot reuse already awaited __anext__()/asend()";
                return Err(self.raise(ClassName::RuntimeError, message));
            }
            Stage::Initial => {
                if life.is_running.get() {
                    object.stage.set(Stage::Over);
                    let message = "anext(): asynchronous generator is already running";
                    return Err(self.raise(ClassName::RuntimeError, message));
                }
                if matches!(&input, AsyncInput::Send(value) if value.get().is_none()) {
                    input = AsyncInput::Send(object.value.replace(Owned::none()));
                }
                object.stage.set(Stage::Awaited);
            }
            Stage::Awaited => {}
        }
        life.is_running.set(true);
        let step = self.resume_async(generator.get(), input);
        let outcome = self.step_of_await(life, step);
        if outcome.is_err() {
            object.stage.set(Stage::Over);
        }
        outcome
    }

    /// Resumes what `athrow` or `aclose` returned.
    pub fn async_throw(&mut self, object: &AsyncThrow, input: AsyncInput) -> Outcome {
        let generator = object.generator.clone();
        let Some(waiting) = generator.get().as_generator() else { return Ok(Owned::none()) };
        let life = &detail(waiting).life;
        let mut input = input;
        if object.stage.get() == Stage::Over {
            let message = "cannot reuse already awaited aclose()/athrow()";
            return Err(self.raise(ClassName::RuntimeError, message));
        }
        if waiting.state() == toy_object::GeneratorState::Finished {
            object.stage.set(Stage::Over);
            return Err(self.raise_without_arguments(ClassName::StopIteration));
        }
        if object.stage.get() == Stage::Initial {
            if life.is_running.get() {
                object.stage.set(Stage::Over);
                let name = if object.is_close { "aclose" } else { "athrow" };
                let message = format!("{name}(): asynchronous generator is already running");
                return Err(self.raise(ClassName::RuntimeError, message));
            }
            if life.is_closed.get() {
                object.stage.set(Stage::Over);
                return Err(self.raise_without_arguments(ClassName::StopAsyncIteration));
            }
            if let AsyncInput::Send(value) = &input {
                if !value.get().is_none() {
                    let message = "can't send non-None value to a just-started coroutine";
                    return Err(self.raise(ClassName::TypeError, message));
                }
                input = AsyncInput::Throw(match object.exception.take() {
                    Some(exception) => exception,
                    None => self.new_exception(ClassName::GeneratorExit, &[])?,
                });
            }
            object.stage.set(Stage::Awaited);
            life.is_running.set(true);
            if object.is_close {
                life.is_closed.set(true);
            }
        }
        let step = self.resume_async(generator.get(), input);
        let outcome = if object.is_close { self.step_of_close(life, step) } else { self.step_of_await(life, step) };
        if outcome.is_err() {
            object.stage.set(Stage::Over);
        }
        outcome
    }

    /// What a step of closing is for whoever awaits it: the generator must end, and by what it ends is no error.
    fn step_of_close(&mut self, life: &Life, step: Outcome<AsyncStep>) -> Outcome {
        match step {
            Ok(AsyncStep::Awaits(value)) => Ok(value),
            Ok(AsyncStep::Value(_)) => {
                life.is_running.set(false);
                Err(self.raise(ClassName::RuntimeError, "async generator ignored GeneratorExit"))
            }
            Err(raised) => {
                life.is_running.set(false);
                if !self.raised_ends_async() {
                    return Err(raised);
                }
                drop(self.take_raised());
                Err(self.raise_without_arguments(ClassName::StopIteration))
            }
        }
    }

    /// `close()` of what an asynchronous generator gave out: `GeneratorExit` must end it.
    pub fn close_async(&mut self, resume: impl FnOnce(&mut Vm, AsyncInput) -> Outcome) -> Outcome {
        let exit = self.new_exception(ClassName::GeneratorExit, &[])?;
        match resume(self, AsyncInput::Throw(exit)) {
            Ok(_) => Err(self.raise(ClassName::RuntimeError, "coroutine ignored GeneratorExit")),
            Err(Raised(())) if self.raised_is(ClassName::StopIteration) || self.raised_ends_async() => {
                drop(self.take_raised());
                Ok(Owned::none())
            }
            Err(raised) => Err(raised),
        }
    }
}

impl AsyncSend {
    /// Whether it has been awaited to its end.
    pub fn is_over(&self) -> bool {
        self.stage.get() == Stage::Over
    }
}

impl AsyncThrow {
    /// Whether it has been awaited to its end.
    pub fn is_over(&self) -> bool {
        self.stage.get() == Stage::Over
    }
}
