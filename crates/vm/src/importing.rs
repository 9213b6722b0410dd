//! Which modules are being made just now, and by whom: another thread that wants one waits until it is complete.

use std::cell::RefCell;
use std::sync::Arc;

use toy_gil::{Origin, ReleaseCause, Wake};
use toy_object::{Owned, Ref};

use crate::blocking::Obstacle;
use crate::native::Outcome;
use crate::thread::Vm;
use crate::thread_state::ThreadRecord;

/// A module whose body runs.
struct Loading {
    name: String,
    module: Owned,
    thread: Arc<ThreadRecord>,
}

/// The imports of all threads.
#[derive(Default)]
pub(crate) struct Importing {
    loading: RefCell<Vec<Loading>>,
    /// Threads that wait, and the names of the modules they wait for.
    waiting: RefCell<Vec<(Arc<ThreadRecord>, String)>>,
}

impl Importing {
    fn loader_of(&self, name: &str) -> Option<Arc<ThreadRecord>> {
        let loading = self.loading.borrow();
        loading.iter().find(|loading| loading.name == name).map(|loading| Arc::clone(&loading.thread))
    }

    fn awaited_by(&self, thread: &Arc<ThreadRecord>) -> Option<String> {
        let waiting = self.waiting.borrow();
        waiting.iter().find(|(waiter, _)| Arc::ptr_eq(waiter, thread)).map(|(_, name)| name.clone())
    }

    /// Whether a thread that waited for this module would wait for itself in the end.
    fn leads_back(&self, name: &str, thread: &Arc<ThreadRecord>) -> bool {
        let mut name = name.to_owned();
        // The chain cannot be longer than there are waiters.
        for _ in 0..=self.waiting.borrow().len() {
            let Some(loader) = self.loader_of(&name) else { return false };
            if Arc::ptr_eq(&loader, thread) {
                return true;
            }
            match self.awaited_by(&loader) {
                Some(next) => name = next,
                None => return false,
            }
        }
        true
    }

    /// In a forked child nobody else goes on with a module.
    pub(crate) fn keep_only(&self, thread: &Arc<ThreadRecord>) {
        let others =
            self.loading.borrow_mut().extract_if(.., |other| !Arc::ptr_eq(&other.thread, thread)).collect::<Vec<_>>();
        drop(others);
        self.waiting.borrow_mut().clear();
    }
}

impl Vm {
    /// Whether the body of a module still runs.
    pub(crate) fn is_being_made(&self, module: Ref<'_>) -> bool {
        self.machine().importing.loading.borrow().iter().any(|loading| loading.module.get().is(module))
    }

    /// Whether the body of the module of this full name still runs.
    pub(crate) fn is_name_being_made(&self, name: &str) -> bool {
        self.machine().importing.loading.borrow().iter().any(|loading| loading.name == name)
    }

    /// The body of a module begins to run.
    pub(crate) fn begin_module(&mut self, name: &str, module: &Owned) {
        let loading = Loading { name: name.to_owned(), module: module.clone(), thread: Arc::clone(&self.record) };
        self.machine().importing.loading.borrow_mut().push(loading);
    }

    /// The body of a module has run: whoever waits for it goes on.
    pub(crate) fn end_module(&mut self, name: &str) {
        let importing = &self.machine().importing;
        let ended = {
            let mut loading = importing.loading.borrow_mut();
            let place =
                loading.iter().position(|loading| loading.name == name && Arc::ptr_eq(&loading.thread, &self.record));
            place.map(|place| loading.remove(place))
        };
        drop(ended);
        for (waiter, _) in importing.waiting.borrow().iter().filter(|(_, awaited)| awaited == name) {
            waiter.wake(self, Origin::Lock);
        }
    }

    /// The thread that runs the body of the module of this name.
    pub fn importer_of(&self, name: &str) -> Option<Arc<ThreadRecord>> {
        self.machine().importing.loader_of(name)
    }

    /// Waits until another thread is done with a module, unless that thread waits for this one.
    pub(crate) fn wait_for_module(&mut self, name: &str) -> Outcome<()> {
        let machine = self.machine();
        let thread = Arc::clone(&self.record);
        let is_others = || machine.importing.loader_of(name).is_some() && !machine.importing.leads_back(name, &thread);
        while is_others() {
            let queue_up = || machine.importing.waiting.borrow_mut().push((Arc::clone(&thread), name.to_owned()));
            let wake = self.block(ReleaseCause::Lock, Obstacle::Module(name.to_owned()), queue_up);
            machine.importing.waiting.borrow_mut().retain(|(waiter, _)| !Arc::ptr_eq(waiter, &thread));
            if wake == Wake::Interrupted {
                self.check_signals()?;
            }
        }
        Ok(())
    }
}
