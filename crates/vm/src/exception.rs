//! Raising: making exceptions, and noting the one under way.

use toy_object::{ExceptionSlot, OutOfMemory, Owned, Ref};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

impl From<OutOfMemory> for Raised {
    /// Nothing is noted in the thread: a [`Raised`] without exception under way means `MemoryError`.
    fn from(_: OutOfMemory) -> Self {
        Raised(())
    }
}

impl Vm {
    /// Raises a new exception of a builtin class with one string argument.
    #[cold]
    #[inline(never)]
    pub fn raise(&mut self, class: ClassName, message: impl AsRef<str>) -> Raised {
        match self.new_str(message.as_ref()) {
            Ok(message) => {
                let raised = self.raise_with(class, &[message.get()]);
                if matches!(class, ClassName::ImportError | ClassName::ModuleNotFoundError) {
                    self.annotate_raised(&[("msg", message.get())]);
                }
                raised
            }
            Err(error) => error.into(),
        }
    }

    /// Raises a new exception of a builtin class without arguments.
    #[cold]
    pub fn raise_without_arguments(&mut self, class: ClassName) -> Raised {
        self.raise_with(class, &[])
    }

    /// Raises a new exception of a builtin class with these arguments.
    #[cold]
    pub fn raise_with(&mut self, class: ClassName, arguments: &[Ref<'_>]) -> Raised {
        match self.new_exception(class, arguments) {
            Ok(exception) => self.raise_value(exception),
            Err(raised) => raised,
        }
    }

    /// Raises what calling a class with these arguments gives.
    #[cold]
    pub fn raise_class_with(&mut self, class: Ref<'_>, arguments: &[Ref<'_>]) -> Raised {
        match self.call(class, arguments) {
            Ok(exception) => self.raise_value(exception),
            Err(raised) => raised,
        }
    }

    /// `KeyError(key)`.
    #[cold]
    pub fn raise_key_error(&mut self, key: Ref<'_>) -> Raised {
        self.raise_with(ClassName::KeyError, &[key])
    }

    /// `StopIteration(value)`, or without argument for None.
    #[cold]
    pub fn raise_stop_iteration(&mut self, value: Ref<'_>) -> Raised {
        let arguments = [value];
        self.raise_with(ClassName::StopIteration, if value.is_none() { &[] } else { &arguments })
    }

    /// CPython's `AttributeError` for a missing attribute, with `name` and `obj` set.
    #[cold]
    pub fn raise_attribute_error(&mut self, object: Ref<'_>, name: Ref<'_>) -> Raised {
        let attribute = name.as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let message = if let Some(class) = object.as_class(self.heap()) {
            format!("type object '{}' has no attribute '{attribute}'", self.name_in_messages(class))
        } else if object.as_module(self.heap()).is_some() {
            self.missing_module_attribute(object, &attribute)
        } else {
            format!("'{}' object has no attribute '{attribute}'", self.type_name(object))
        };
        let raised = self.raise(ClassName::AttributeError, message);
        self.annotate_raised(&[("name", name), ("obj", object)]);
        raised
    }

    fn missing_module_attribute(&mut self, module: Ref<'_>, attribute: &str) -> String {
        let heap = self.heap();
        let text = |name| {
            let value = module.as_module(heap)?.dict().as_dict()?.get_str(heap.name(name))?;
            value.get().as_str().map(|text| text.to_string_lossy())
        };
        let Some(name) = text(toy_object::Name::Name) else {
            return format!("module has no attribute '{attribute}'");
        };
        if !self.is_being_made(module) {
            if self.is_name_being_made(&format!("{name}.{attribute}")) {
                return format!(
                    "cannot access submodule '{attribute}' of module '{name}' (most likely due to a circular import)"
                );
            }
            return format!("module '{name}' has no attribute '{attribute}'");
        }
        let file = text(toy_object::Name::File);
        if let Some(file) = file.as_ref().filter(|file| self.is_in_first_folder(file)) {
            return format!(
                "module '{name}' has no attribute '{attribute}' (consider renaming '{file}' if it has the same name as a \
                 third-party module you intended to import)"
            );
        }
        let place = file.map_or_else(String::new, |file| format!(" from '{file}'"));
        format!(
            "partially initialized module '{name}'{place} has no attribute '{attribute}' \
             (most likely due to a circular import)"
        )
    }

    /// Whether a module's file stands where modules are looked for first, so that it hides others of its name.
    fn is_in_first_folder(&mut self, file: &str) -> bool {
        let file = std::path::Path::new(file);
        let is_package = file.file_stem().is_some_and(|stem| stem == "__init__");
        let folder = if is_package { file.parent().and_then(std::path::Path::parent) } else { file.parent() };
        let first = self.sys_attribute("path").and_then(|path| path.get().as_list()?.get(0));
        let first = first.and_then(|first| first.get().as_str().map(|first| first.to_string_lossy()));
        folder.zip(first).is_some_and(|(folder, first)| folder == std::path::Path::new(&first))
    }

    /// Sets attributes of the exception under way, such as those that suggestions need.
    pub(crate) fn annotate_raised(&mut self, attributes: &[(&str, Ref<'_>)]) {
        let Some(exception) = self.raised.clone() else { return };
        for (name, value) in attributes {
            let Ok(name) = self.intern(name) else { return };
            if let Some(instance) = exception.get().as_instance(self.heap()) {
                let _ = instance.set_attribute(self.heap(), name.get(), Ref::to_owned(*value));
            }
        }
    }

    /// An `AttributeError` that a script raised while `object.name` was read tells what was read, unless it does already.
    #[cold]
    pub(crate) fn tell_what_was_read(&mut self, object: Ref<'_>, name: Ref<'_>) {
        if !self.raised_is(ClassName::AttributeError) {
            return;
        }
        let (Some(exception), Ok(of_name), Ok(of_object)) =
            (self.raised.clone(), self.intern("name"), self.intern("obj"))
        else {
            return;
        };
        let heap = self.heap();
        let Some(instance) = exception.get().as_instance(heap) else { return };
        let is_told = |name: &Owned| instance.attribute(heap, name.get()).is_some_and(|value| !value.get().is_none());
        if !is_told(&of_name) && !is_told(&of_object) {
            self.annotate_raised(&[("name", name), ("obj", object)]);
        }
    }

    /// `NameError`, with `name` set, or `UnboundLocalError`.
    #[cold]
    pub(crate) fn raise_name_error(&mut self, class: ClassName, name: Ref<'_>, message: &str) -> Raised {
        let raised = self.raise(class, message);
        // A variable that has no value yet is no misspelled one.
        if class == ClassName::NameError {
            self.annotate_raised(&[("name", name)]);
        }
        raised
    }

    /// `OSError` (or the subclass that CPython picks) with errno, its text, and the file's name.
    #[cold]
    pub fn raise_os_error(&mut self, error: &std::io::Error, path: Option<Ref<'_>>) -> Raised {
        let code = error.raw_os_error().unwrap_or(0);
        let text = rustix_message(error);
        let (Ok(code), Ok(text)) = (self.new_int(i64::from(code)), self.new_str(&text)) else {
            return Raised(());
        };
        let class = self.class(ClassName::OsError);
        let arguments = [code.get(), text.get(), path.unwrap_or(Ref::NONE)];
        let count = if path.is_some() { 3 } else { 2 };
        self.raise_class_with(class.get(), &arguments[..count])
    }

    /// Raises an exception object. What is being handled becomes its context, unless that would make a circle.
    pub fn raise_value(&mut self, exception: Owned) -> Raised {
        if let Some(handled) = self.handled.last().cloned()
            && !handled.get().is(exception.get())
            && !handled.get().is_none()
        {
            self.break_context_circle(handled.get(), exception.get());
            drop(self.set_exception_slot(exception.get(), ExceptionSlot::Context, handled));
        }
        self.raised = Some(exception);
        Raised(())
    }

    /// Raises an exception on, with context and traceback as they are.
    pub fn raise_again(&mut self, exception: Owned) -> Raised {
        self.raised = Some(exception);
        Raised(())
    }

    /// If `exception` is in the chain of contexts that starts at `from`, cuts the chain before it.
    fn break_context_circle(&mut self, from: Ref<'_>, exception: Ref<'_>) {
        let mut current = from.to_owned();
        // A second pointer at half speed finds circles that were there before.
        let mut slow = current.clone();
        let mut step = false;
        while let Some(next) = self.exception_slot(current.get(), ExceptionSlot::Context) {
            if next.get().is(exception) {
                drop(self.set_exception_slot(current.get(), ExceptionSlot::Context, Owned::unbound()));
                return;
            }
            current = next;
            if slow.get().is(current.get()) {
                return;
            }
            if step && let Some(next) = self.exception_slot(slow.get(), ExceptionSlot::Context) {
                slow = next;
            }
            step = !step;
        }
    }

    /// Takes the exception of a [`Raised`] out of the thread: it is no longer under way.
    pub fn take_raised(&mut self) -> Owned {
        match self.raised.take() {
            Some(exception) => exception,
            // See `From<OutOfMemory>`. The machine keeps a reserve for this one object.
            None => match self.new_exception(ClassName::MemoryError, &[]) {
                Ok(exception) => exception,
                Err(_) => self.reserve_memory_error(),
            },
        }
    }

    fn reserve_memory_error(&mut self) -> Owned {
        self.raised = None;
        self.machine().extra("MemoryError").unwrap_or_else(Owned::none)
    }

    /// Whether the exception under way is an instance of a builtin class.
    pub fn raised_is(&mut self, class: ClassName) -> bool {
        let exception = self.take_raised();
        let answer = self.is_instance_of(exception.get(), class);
        self.raised = Some(exception);
        answer
    }

    /// A new exception of a builtin class, made without running script code.
    pub fn new_exception(&mut self, class: ClassName, arguments: &[Ref<'_>]) -> Outcome {
        let instance = self.new_instance(self.class_shape(class))?;
        let arguments = self.new_tuple(arguments.iter().map(|&argument| Ref::to_owned(argument)))?;
        let tuple = arguments.get().as_tuple();
        let detail = match tuple.map_or(0, |tuple| tuple.len()) {
            2.. if class == ClassName::SystemExit => Some(arguments.clone()),
            _ => tuple.and_then(|tuple| tuple.get(0)).map(Ref::to_owned),
        };
        drop(self.set_exception_slot(instance.get(), ExceptionSlot::Args, arguments));
        if matches!(class, ClassName::StopIteration | ClassName::SystemExit)
            && let Some(detail) = detail
        {
            drop(self.set_exception_slot(instance.get(), ExceptionSlot::Detail, detail));
        }
        Ok(instance)
    }

    /// Whether a value is an instance of `BaseException`.
    pub fn is_exception_instance(&self, value: Ref<'_>) -> bool {
        value.as_instance(self.heap()).is_some() && self.shape(value.shape()).flags().exception
    }

    /// What a hidden slot of an exception holds.
    pub fn exception_slot(&self, exception: Ref<'_>, slot: ExceptionSlot) -> Option<Owned> {
        if !self.is_exception_instance(exception) {
            return None;
        }
        let content = exception.as_instance(self.heap())?.slot_value(self.heap(), slot as usize)?;
        if content.get().is_none() && slot != ExceptionSlot::Detail { None } else { Some(content) }
    }

    /// Fills a hidden slot of an exception; gives the old content back to be dropped.
    pub fn set_exception_slot(&self, exception: Ref<'_>, slot: ExceptionSlot, content: Owned) -> Owned {
        let heap = self.heap();
        if !heap.shape(exception.shape()).flags().exception {
            return content;
        }
        match exception.as_instance(heap) {
            Some(instance) => instance.set_slot(heap, slot as usize, content),
            None => content,
        }
    }

    /// Prepares `raise value from cause`: classes are called, other values refused.
    pub(crate) fn exception_to_raise(&mut self, value: Ref<'_>) -> Outcome {
        if self.is_exception_instance(value) {
            return Ok(value.to_owned());
        }
        let is_class = value.as_class(self.heap()).is_some_and(|class| class.flags().is_exception);
        if !is_class {
            return Err(self.raise(ClassName::TypeError, "exceptions must derive from BaseException"));
        }
        let exception = self.call(value, &[])?;
        if !self.is_exception_instance(exception.get()) {
            let (class, got) = (self.repr_text(value)?, self.type_name(exception.get()));
            let message =
                format!("calling {class} should have returned an instance of BaseException, not <class '{got}'>");
            return Err(self.raise(ClassName::TypeError, message));
        }
        Ok(exception)
    }

    /// `raise value from cause`.
    pub(crate) fn raise_from(&mut self, value: Ref<'_>, cause: Ref<'_>) -> Raised {
        let exception = match self.exception_to_raise(value) {
            Ok(exception) => exception,
            Err(raised) => return raised,
        };
        let cause = if cause.is_none() {
            Owned::none()
        } else if self.is_exception_instance(cause)
            || cause.as_class(self.heap()).is_some_and(|c| c.flags().is_exception)
        {
            match self.exception_to_raise(cause) {
                Ok(cause) => cause,
                Err(raised) => return raised,
            }
        } else {
            return self.raise(ClassName::TypeError, "exception causes must derive from BaseException");
        };
        drop(self.set_exception_slot(exception.get(), ExceptionSlot::Cause, cause));
        drop(self.set_exception_slot(exception.get(), ExceptionSlot::SuppressContext, Owned::bool(true)));
        self.raise_value(exception)
    }
}

/// The operating system's text without Rust's addition.
fn rustix_message(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}
