//! Exceptions that nobody can catch: raised by `__del__`, by callbacks of weak references, at the end of a thread.

use toy_object::{ExceptionSlot, Owned, Ref};

use super::{StepLimit, step};
use crate::native::{Outcome, row_of};
use crate::thread::Vm;

/// Under this name the library keeps the class of what `sys.unraisablehook` is called with; it takes one tuple.
const ARGUMENTS_CLASS: &str = "builtins.UnraisableHookArgs";

impl Vm {
    /// Hands the exception under way, which nobody can catch, to `sys.unraisablehook`, and forgets it. `message` stands in
    /// place of "Exception ignored in", `object` is what caused it.
    pub fn unraisable(&mut self, message: Option<&str>, object: Option<Ref<'_>>) {
        let exception = self.take_raised();
        if self.exception_slot(exception.get(), ExceptionSlot::Traceback).is_none()
            && let Some(top) = self.frames.len().checked_sub(1)
        {
            // Raised outside of all frames: it happened at the innermost one.
            self.raised = Some(exception.clone());
            let _out_of_memory = self.add_traceback(top);
            self.raised = None;
        }
        let hook = self.sys_attribute("unraisablehook");
        // The machine's own hook says what would be said without one.
        let hook = hook.filter(|hook| row_of(hook.get()).is_none_or(|row| row.name != "unraisablehook"));
        let Some(hook) = hook else {
            let text = self.unraisable_text(exception.get(), message, object);
            drop(exception);
            self.write_stderr(&text);
            return;
        };
        let outcome = self.call_unraisable_hook(hook.get(), exception, message, object);
        if outcome.is_err() {
            let failure = self.take_raised();
            let message = "Exception ignored in sys.unraisablehook";
            let text = self.unraisable_text(failure.get(), Some(message), Some(hook.get()));
            self.write_stderr(&text);
        }
    }

    fn call_unraisable_hook(
        &mut self,
        hook: Ref<'_>,
        exception: Owned,
        message: Option<&str>,
        object: Option<Ref<'_>>,
    ) -> Outcome {
        let class = self.class_of(exception.get()).to_owned();
        let traceback = self.exception_slot(exception.get(), ExceptionSlot::Traceback).unwrap_or_else(Owned::none);
        let message = match message {
            Some(message) => self.new_str(message)?,
            None => Owned::none(),
        };
        let object = object.map_or_else(Owned::none, Ref::to_owned);
        let arguments = self.new_tuple([class, exception, traceback, message, object])?;
        let arguments = match self.machine().extra(ARGUMENTS_CLASS) {
            Some(class) => self.call(class.get(), &[arguments.get()])?,
            None => arguments,
        };
        self.call(hook, &[arguments.get()])
    }

    /// What is said of an exception that nobody can catch: a traceback without carets, and no chain.
    pub fn unraisable_text(&mut self, exception: Ref<'_>, message: Option<&str>, object: Option<Ref<'_>>) -> String {
        let under_way = self.raised.take();
        let object = object.map(|object| self.repr_or(object, "<object repr() failed>"));
        let mut text = match (message, object) {
            (message, Some(object)) => format!("{}: {object}\n", message.unwrap_or("Exception ignored in")),
            (message, None) => format!("{}:\n", message.unwrap_or("Exception ignored in")),
        };
        if let Some(traceback) = self.exception_slot(exception, ExceptionSlot::Traceback) {
            let steps = self.traceback_steps(traceback.get(), StepLimit::All);
            text.push_str("Traceback (most recent call last):\n");
            text.push_str(&step::fold(&steps, |step| self.format_plain_step(step)));
        }
        let class = self.class_label(exception);
        let message = self.text_or(exception, "<exception str() failed>");
        // Unlike in other tracebacks the colon stands there without a message, too.
        text.push_str(&format!("{class}: {message}\n"));
        self.raised = under_way;
        text
    }

    /// Writes to whatever `sys.stderr` is now. That this fails is told to nobody.
    pub fn write_stderr(&mut self, text: &str) {
        let under_way = self.raised.take();
        match self.sys_attribute("stderr") {
            Some(stderr) if stderr.get().is_none() => {}
            Some(stderr) => {
                let outcome = self.write_to(stderr.get(), text);
                if outcome.is_err() {
                    drop(self.take_raised());
                }
            }
            None => self.write_err(text.as_bytes()),
        }
        self.raised = under_way;
    }

    fn write_to(&mut self, stream: Ref<'_>, text: &str) -> Outcome<()> {
        let (write, flush) = (self.intern("write")?, self.intern("flush")?);
        let text = self.new_str(text)?;
        self.call_method(stream, write.get(), &[text.get()])?;
        self.call_method(stream, flush.get(), &[])?;
        Ok(())
    }
}
