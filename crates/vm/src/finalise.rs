//! Running what the dead left behind: `__del__`, generators to close, callbacks of weak references.

use toy_object::{Finaliser, Name, Owned};

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
        let bottom_before = self.finaliser_bottom.replace(self.frames.len());
        // What is queued now runs in order; what dies meanwhile is queued anew and runs inside, before the next of these.
        let queued: Vec<Finaliser> = std::iter::from_fn(|| self.next_finaliser()).collect();
        for finaliser in queued {
            match finaliser {
                Finaliser::Object(object) => self.finalise_object(object),
                Finaliser::WeakCallback { reference, callback } => {
                    if self.call(callback.get(), &[reference.get()]).is_err() {
                        self.unraisable(None, Some(callback.get()));
                    }
                }
            }
        }
        self.finaliser_bottom = bottom_before;
        self.raised = under_way;
    }

    fn finalise_object(&mut self, object: Owned) {
        self.mark_finalised(object.get());
        if object.get().as_generator().is_some() {
            self.finalise_generator(object.get());
            return;
        }
        let Some(Err(raised)) = self.call_special(object.get(), Name::Del, &[]) else { return };
        let crate::native::Raised(()) = raised;
        let method = self.lookup_special(object.get(), Name::Del);
        self.unraisable(None, Some(method.as_ref().map_or(object.get(), Owned::get)));
    }
}
