//! Running what the dead left behind: `__del__`, generators to close, callbacks of weak references.

use toy_object::{Finaliser, Name, Owned, Ref};

use crate::native::Outcome;
use crate::thread::Vm;

impl Vm {
    /// Runs everything queued. Called at instruction boundaries and before the lock is let go. An exception that is under way
    /// stays under way.
    pub fn run_finalisers(&mut self) {
        while self.has_finalisers() {
            self.run_queued_finalisers();
        }
    }

    fn run_queued_finalisers(&mut self) {
        let under_way = self.raised.take();
        // What is queued now runs in order; what dies meanwhile is queued anew and runs inside, before the next of these.
        let queued: Vec<Finaliser> = std::iter::from_fn(|| self.next_finaliser()).collect();
        for finaliser in queued {
            match finaliser {
                Finaliser::Object(object) => self.finalise_object(object),
                Finaliser::WeakCallback { reference, callback } => {
                    if self.call(callback.get(), &[reference.get()]).is_err() {
                        let what = self.describe(callback.get());
                        self.unraisable(&what);
                    }
                }
            }
        }
        self.raised = under_way;
    }

    fn finalise_object(&mut self, object: Owned) {
        self.mark_finalised(object.get());
        let outcome = if object.get().as_generator().is_some() {
            self.generator_close(object.get())
        } else {
            match self.call_special(object.get(), Name::Del, &[]) {
                Some(outcome) => outcome,
                None => Ok(Owned::none()),
            }
        };
        if outcome.is_err() {
            let method = self.lookup_special(object.get(), Name::Del);
            let what = self.describe(method.as_ref().map_or(object.get(), Owned::get));
            self.unraisable(&what);
        }
    }

    fn describe(&mut self, object: Ref<'_>) -> String {
        let under_way = self.raised.take();
        let text: Outcome<String> = self.repr_text(object);
        let text = match text {
            Ok(text) => text,
            Err(_) => {
                drop(self.take_raised());
                "<object whose repr failed>".to_owned()
            }
        };
        self.raised = under_way;
        text
    }

    /// Reports the exception under way where nobody can catch it, and forgets it.
    pub fn unraisable(&mut self, context: &str) {
        let exception = self.take_raised();
        let report = format!("Exception ignored in: {context}\n{}", self.format_exception(exception.get()));
        drop(exception);
        self.write_err(report.as_bytes());
    }
}
