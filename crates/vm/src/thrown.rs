//! What `throw` of a generator or coroutine is given: an exception, or arguments that are not looked at before they arrive where
//! they are raised, for an iterator of a script that is delegated to may take anything.

use toy_object::{Class, ExceptionSlot, Owned, Ref};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

/// What is thrown.
#[derive(Clone)]
pub enum Thrown {
    /// This exception.
    Exception(Owned),
    /// A class or an instance, and where they are given a value and a traceback.
    Arguments(Vec<Owned>),
}

impl Thrown {
    /// What the `throw` of another iterator is called with.
    pub(crate) fn arguments(&self) -> Vec<Ref<'_>> {
        match self {
            Self::Exception(exception) => vec![exception.get()],
            Self::Arguments(arguments) => arguments.iter().map(Owned::get).collect(),
        }
    }
}

impl Vm {
    /// Whether what is thrown is an instance of a class of exceptions, or such a class.
    pub(crate) fn throws(&self, thrown: &Thrown, class: ClassName) -> bool {
        let arguments = thrown.arguments();
        let Some(&first) = arguments.first() else { return false };
        let is_below = |view: Class<'_>| view.is_subclass_of(self.class(class).get());
        self.is_instance_of(first, class) || first.as_class(self.heap()).is_some_and(is_below)
    }

    /// The exception that is thrown.
    pub(crate) fn exception_thrown(&mut self, thrown: Thrown) -> Outcome {
        match thrown {
            Thrown::Exception(exception) => Ok(exception),
            Thrown::Arguments(arguments) => {
                let argument = |index: usize| arguments.get(index).map(Owned::get);
                self.exception_of_arguments(argument(0).unwrap_or(Ref::NONE), argument(1), argument(2))
            }
        }
    }

    /// Says that arguments behind the first are an old way to call `method`.
    pub fn warn_of_old_throw(&mut self, method: &str, has_more: bool) {
        if has_more {
            self.warn_deprecated(&format!(
                "the (type, exc, tb) signature of {method}() is deprecated, use the single-arg signature instead."
            ));
        }
    }

    /// What `throw(type, value, traceback)` raises; `method` is how it is called.
    pub fn exception_to_throw(
        &mut self,
        method: &str,
        thrown: Ref<'_>,
        value: Option<Ref<'_>>,
        traceback: Option<Ref<'_>>,
    ) -> Outcome {
        self.warn_of_old_throw(method, value.is_some() || traceback.is_some());
        self.exception_of_arguments(thrown, value, traceback)
    }

    fn exception_of_arguments(
        &mut self,
        thrown: Ref<'_>,
        value: Option<Ref<'_>>,
        traceback: Option<Ref<'_>>,
    ) -> Outcome {
        let present = |value: Option<Ref<'_>>| value.is_some_and(|value| !value.is_none());
        if present(traceback) && !traceback.is_some_and(|t| self.is_instance_of(t, ClassName::Traceback)) {
            let message = "throw() third argument must be a traceback object";
            return Err(self.raise(ClassName::TypeError, message));
        }
        let exception = if self.is_exception_instance(thrown) {
            if present(value) {
                let message = "instance exception may not have a separate value";
                return Err(self.raise(ClassName::TypeError, message));
            }
            thrown.to_owned()
        } else if thrown.as_class(self.heap()).is_some_and(|class| class.flags().is_exception) {
            match value.filter(|value| !value.is_none()) {
                None => self.exception_made_by(thrown, &[]),
                Some(value) if self.is_instance(value, thrown)? => value.to_owned(),
                Some(value) => match value.as_tuple() {
                    Some(arguments) => self.exception_made_by(thrown, &arguments.iter().collect::<Vec<_>>()),
                    None => self.exception_made_by(thrown, &[value]),
                },
            }
        } else {
            let got = self.type_name(thrown);
            let message = format!("exceptions must be classes or instances deriving from BaseException, not {got}");
            return Err(self.raise(ClassName::TypeError, message));
        };
        if let Some(traceback) = traceback.filter(|traceback| !traceback.is_none()) {
            drop(self.set_exception_slot(exception.get(), ExceptionSlot::Traceback, traceback.to_owned()));
        }
        Ok(exception)
    }

    /// The exception that a call of its class makes; if the call fails, the one that says so.
    fn exception_made_by(&mut self, class: Ref<'_>, arguments: &[Ref<'_>]) -> Owned {
        let failed = match self.call(class, arguments) {
            Ok(exception) if self.is_exception_instance(exception.get()) => return exception,
            Ok(other) => match self.repr_text(class) {
                Ok(class) => {
                    let got = self.type_name(other.get());
                    let message =
                        format!("calling {class} should have returned an instance of BaseException, not {got}");
                    self.raise(ClassName::TypeError, message)
                }
                Err(raised) => raised,
            },
            Err(raised) => raised,
        };
        let Raised(()) = failed;
        self.take_raised()
    }
}
