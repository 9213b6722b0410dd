//! What `await`, `async for` and `async with` ask of objects.

use toy_object::{Name, Owned, Ref};

use crate::classes::ClassName;
use crate::generator::Flavour;
use crate::native::{Outcome, Raised};
use crate::place::Place;
use crate::places::is_of_library;
use crate::thread::Vm;
use crate::traceback::{code_detail, code_of};

/// By the number in a `get_awaitable`: the method whose result is awaited.
const AWAITED_RESULTS: [Option<&str>; 3] = [None, Some("__aenter__"), Some("__aexit__")];

impl Vm {
    /// The iterator behind `await object`.
    pub fn awaitable_iterator(&mut self, object: Ref<'_>) -> Outcome {
        if self.generator_flavour(object) == Some(Flavour::Coroutine) || self.is_iterable_coroutine(object) {
            return Ok(object.to_owned());
        }
        let Some(iterator) = self.call_special(object, Name::Await, &[]) else {
            let message = format!("object {} can't be used in 'await' expression", self.type_name(object));
            return Err(self.raise(ClassName::TypeError, message));
        };
        let iterator = iterator?;
        if self.generator_flavour(iterator.get()) == Some(Flavour::Coroutine)
            || self.is_iterable_coroutine(iterator.get())
        {
            return Err(self.raise(ClassName::TypeError, "__await__() returned a coroutine"));
        }
        if !self.is_iterator(iterator.get()) {
            let got = self.type_name(iterator.get());
            let message = format!("__await__() returned non-iterator of type '{got}'");
            return Err(self.raise(ClassName::TypeError, message));
        }
        Ok(iterator)
    }

    /// Whether it is a generator that can be awaited as coroutines can.
    pub(crate) fn is_iterable_coroutine(&self, object: Ref<'_>) -> bool {
        let code = self.generator_code(object);
        code.as_ref()
            .and_then(|code| code.get().as_code())
            .is_some_and(|code| code_detail(code).is_iterable_coroutine.get())
    }

    /// Whether the running frame is one of such a generator.
    pub(crate) fn is_iterable_coroutine_running(&self) -> bool {
        let function = self.top().function();
        let code = function.get().as_function().map(|function| function.code());
        let code = code.as_ref().and_then(|code| code.get().as_code());
        code.is_some_and(|code| code_detail(code).is_iterable_coroutine.get())
    }

    /// Makes generators of a function, if it is one of them, awaitable; `false` if it makes none.
    pub fn make_iterable_coroutine(&mut self, function: Ref<'_>) -> bool {
        let Some(code) = function.as_function().map(|function| function.code()) else { return false };
        let Some(code) = code.get().as_code() else { return false };
        let flags = code_of(code).flags;
        let makes_generators = flags.generator && !flags.coroutine;
        if makes_generators {
            code_detail(code).is_iterable_coroutine.set(true);
        }
        makes_generators
    }

    /// As [`awaitable_iterator`](Self::awaitable_iterator), for an instruction; `what` is an index into `AWAITED_RESULTS`.
    pub(crate) fn get_awaitable(&mut self, object: Ref<'_>, what: u16) -> Outcome {
        if let Some(method) = AWAITED_RESULTS.get(what as usize).copied().flatten()
            && self.generator_flavour(object) != Some(Flavour::Coroutine)
            && !self.is_iterable_coroutine(object)
            && !self.has_special(object, Name::Await)
        {
            let got = self.type_name(object);
            let message =
                format!("'async with' received an object from {method} that does not implement __await__: {got}");
            return Err(self.raise(ClassName::TypeError, message));
        }
        let iterator = self.awaitable_iterator(object)?;
        let is_coroutine = self.generator_flavour(iterator.get()) == Some(Flavour::Coroutine);
        if is_coroutine && self.delegation_of(iterator.get()).is_some() {
            return Err(self.raise(ClassName::RuntimeError, "coroutine is being awaited already"));
        }
        Ok(iterator)
    }

    /// `async for`: the asynchronous iterator of an object.
    pub(crate) fn get_async_iterator(&mut self, object: Ref<'_>) -> Outcome {
        let Some(iterator) = self.call_special(object, Name::AsyncIter, &[]) else {
            let got = self.type_name(object);
            let message = format!("'async for' requires an object with __aiter__ method, got {got}");
            return Err(self.raise(ClassName::TypeError, message));
        };
        let iterator = iterator?;
        if !self.has_special(iterator.get(), Name::AsyncNext) {
            let got = self.type_name(iterator.get());
            let message =
                format!("'async for' received an object from __aiter__ that does not implement __anext__: {got}");
            return Err(self.raise(ClassName::TypeError, message));
        }
        Ok(iterator)
    }

    /// `async for`: the iterator behind the next value of an asynchronous iterator.
    pub(crate) fn get_async_next(&mut self, iterator: Ref<'_>) -> Outcome {
        if self.generator_flavour(iterator) == Some(Flavour::AsyncGenerator) {
            return self.new_async_send(iterator, Owned::none());
        }
        let Some(next) = self.call_special(iterator, Name::AsyncNext, &[]) else {
            let got = self.type_name(iterator);
            let message = format!("'async for' requires an iterator with __anext__ method, got {got}");
            return Err(self.raise(ClassName::TypeError, message));
        };
        let next = next?;
        match self.awaitable_iterator(next.get()) {
            Ok(iterator) => Ok(iterator),
            Err(Raised(())) => {
                let cause = self.take_raised();
                let got = self.type_name(next.get());
                let message = format!("'async for' received an invalid object from __anext__: {got}");
                let Raised(()) = self.raise(ClassName::TypeError, message);
                let error = self.take_raised();
                Err(self.raise_from(error.get(), cause.get()))
            }
        }
    }

    /// `async with`: the bound exit method, and what the enter method returned.
    pub(crate) fn enter_async_context(&mut self, manager: Ref<'_>) -> Outcome<(Owned, Owned)> {
        let missing = |vm: &mut Vm, addition: &str| {
            let got = vm.type_name(manager);
            let message =
                format!("'{got}' object does not support the asynchronous context manager protocol{addition}");
            vm.raise(ClassName::TypeError, message)
        };
        if !self.has_special(manager, Name::AsyncEnter) {
            return Err(missing(self, ""));
        }
        let Some(exit) = self.lookup_special(manager, Name::AsyncExit) else {
            return Err(missing(self, " (missed __aexit__ method)"));
        };
        let class = self.class_of(manager).to_owned();
        let exit = self.bind(exit.get(), manager, class.get())?;
        match self.call_special(manager, Name::AsyncEnter, &[]) {
            Some(entered) => Ok((exit, entered?)),
            None => Err(missing(self, "")),
        }
    }

    /// A coroutine goes that was never started.
    pub(crate) fn warn_unawaited(&mut self, coroutine: Ref<'_>) {
        let names = self.generator_names(coroutine);
        let name = names.and_then(|(_, name)| name.get().as_str().map(|name| name.to_string_lossy()));
        let name = name.unwrap_or_default();
        let hint = "RuntimeWarning: Enable tracemalloc to get the object allocation traceback\n";
        self.warn("RuntimeWarning", &format!("coroutine '{name}' was never awaited"), hint);
    }

    /// Warns of something that is to go, at the innermost place outside of the library. Only whoever wrote the script is told.
    pub fn warn_deprecated(&mut self, message: &str) {
        let Some(frame) = self.frames.iter().rev().find(|frame| !is_of_library(frame)) else { return };
        let place = Place { function: frame.function(), last: frame.word_index() as u32 };
        let globals = place.function.get().as_function().map(|function| function.globals().to_owned());
        let name = globals.and_then(|globals| globals.get().as_dict()?.get_str(self.name(Name::Name)));
        if name.is_some_and(|name| name.get().is(self.name(Name::Main))) {
            self.warn_at(Some(place), "DeprecationWarning", message, "");
        }
    }

    /// Writes a warning to standard error, once a place; `hint` are lines behind it.
    pub fn warn(&mut self, category: &str, message: &str, hint: &str) {
        self.warn_at(self.current_place(), category, message, hint);
    }

    fn warn_at(&mut self, place: Option<Place>, category: &str, message: &str, hint: &str) {
        let (file, line, hint) = match place {
            Some(place) => {
                let place = self.describe_place(&place);
                (place.file, place.line, hint)
            }
            None => ("<sys>".to_owned(), 0, ""),
        };
        let mut text = format!("{file}:{line}: {category}: {message}\n");
        if !self.machine().warned.borrow_mut().insert(text.clone()) {
            return;
        }
        if let Some(source) = self.machine().loader().and_then(|loader| loader.line(&file, line)) {
            text.push_str(&format!("  {}\n", source.trim()));
        }
        text.push_str(hint);
        self.write_stderr(&text);
    }
}
