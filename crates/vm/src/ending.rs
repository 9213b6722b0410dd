//! How generators and coroutines end: by `close`, when nobody refers to them any more, by what they raise.

use toy_object::{ExceptionSlot, GeneratorState, Owned, Ref};

use crate::classes::ClassName;
use crate::frame;
use crate::generator::{Flavour, Resumed, detail};
use crate::native::{Outcome, Raised};
use crate::thread::Vm;
use crate::thrown::Thrown;
use crate::traceback::FrameObject;

impl Vm {
    /// Ends a generator: `GeneratorExit` is raised where it waits.
    pub fn generator_close(&mut self, generator: Ref<'_>) -> Outcome {
        let Some(waiting) = generator.as_generator() else { return Ok(Owned::none()) };
        match waiting.state() {
            GeneratorState::Finished => return Ok(Owned::none()),
            state if state.is_unstarted() => {
                self.finish_generator(generator);
                return Ok(Owned::none());
            }
            _ => {}
        }
        let exit = self.new_exception(ClassName::GeneratorExit, &[])?;
        match self.generator_throw(generator, Thrown::Exception(exit), true) {
            Ok(Resumed::Yielded(_)) => {
                let message = format!("{} ignored GeneratorExit", detail(waiting).flavour.text());
                Err(self.raise(ClassName::RuntimeError, message))
            }
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

    /// What happens to a generator that nobody refers to any more.
    pub(crate) fn finalise_generator(&mut self, generator: Ref<'_>) {
        let Some(waiting) = generator.as_generator() else { return };
        if waiting.state() == GeneratorState::Unawaited {
            self.warn_unawaited(generator);
            self.finish_generator(generator);
            return;
        }
        let finaliser = detail(waiting).life.take_finaliser();
        let outcome = match finaliser {
            Some(finaliser) => self.call(finaliser.get(), &[generator]),
            None => self.generator_close(generator),
        };
        if outcome.is_err() {
            self.unraisable(None, Some(generator));
        }
    }

    /// Drops what a generator that does not run holds.
    fn finish_generator(&mut self, generator: Ref<'_>) {
        let Some(waiting) = generator.as_generator() else { return };
        waiting.set_state(GeneratorState::Finished);
        let object = detail(waiting).frame.take();
        if let Some(payload) = object.as_ref().and_then(|object| object.get().payload::<FrameObject>(self.heap())) {
            payload.waits.set(false);
            drop(payload.locals.take());
        }
        drop(object);
        for value in frame::exchange_window(waiting, Vec::new()) {
            if crate::traceback::handled_mark(value).is_none() {
                drop(frame::taken(value));
            }
        }
    }

    /// A generator's frame was left for good.
    pub(crate) fn end_generator(&mut self, generator: Ref<'_>) {
        if let Some(generator) = generator.as_generator() {
            generator.set_state(GeneratorState::Finished);
        }
    }

    /// A generator's frame was left by an exception. Those that say that an iteration is over must not get out of it.
    pub(crate) fn generator_raised(&mut self, generator: Owned) {
        if generator.get().is_unbound() {
            return;
        }
        self.end_generator(generator.get());
        let flavour = self.generator_flavour(generator.get()).unwrap_or_default();
        let name = if self.raised_is(ClassName::StopIteration) {
            "StopIteration"
        } else if flavour == Flavour::AsyncGenerator && self.raised_is(ClassName::StopAsyncIteration) {
            "StopAsyncIteration"
        } else {
            return;
        };
        let stop = self.take_raised();
        let Raised(()) = self.raise(ClassName::RuntimeError, format!("{} raised {name}", flavour.text()));
        let error = self.take_raised();
        drop(self.set_exception_slot(error.get(), ExceptionSlot::Cause, stop.clone()));
        drop(self.set_exception_slot(error.get(), ExceptionSlot::SuppressContext, Owned::bool(true)));
        drop(self.set_exception_slot(error.get(), ExceptionSlot::Context, stop));
        self.raised = Some(error);
    }
}
