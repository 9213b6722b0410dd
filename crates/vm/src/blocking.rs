//! Threads that wait for something without a timeout: who, for what, where. Once all of them do, the program stands still for
//! ever, and that is known at this very moment.
//!
//! A thread is in the books from just before it parks until it has come round. It counts as blocked until somebody wakes it
//! ([`ThreadRecord::wake`]), which happens under the lock: from then on it is about to run, even if it sleeps still.
//!
//! Invariant: no script code runs, and nothing waits, between a thread's look at what it waits for, its queueing up for it and its
//! parking: who is in a queue sleeps, or has been woken and looks next. So a waker never meets a thread that does something else.

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use toy_gil::{ReleaseCause, Wake};
use toy_object::Owned;

use crate::machine::Machine;
use crate::place::Place;
use crate::thread::Vm;
use crate::thread_state::ThreadRecord;

/// Frames that are noted of a thread that waits, the innermost first.
const NOTED_FRAMES: usize = 16;

/// What a thread waits for without a timeout.
pub enum Obstacle {
    /// A lock, an object of the library.
    Lock(Owned),
    /// The end of a thread.
    Thread(Arc<ThreadRecord>),
    /// The end of a thread, because the program is over.
    LastThread(Arc<ThreadRecord>),
    /// A module whose body another thread runs.
    Module(String),
}

/// A thread that waits without a timeout.
pub struct Blocked {
    /// Who waits.
    pub thread: Arc<ThreadRecord>,
    /// What for.
    pub obstacle: Obstacle,
    /// Where: its innermost frames, the innermost first.
    pub places: Vec<Place>,
}

impl Blocked {
    /// Everything of it that owns a count.
    pub(crate) fn owned(&self) -> impl Iterator<Item = &Owned> {
        let lock = match &self.obstacle {
            Obstacle::Lock(lock) => Some(lock),
            Obstacle::Thread(_) | Obstacle::LastThread(_) | Obstacle::Module(_) => None,
        };
        lock.into_iter().chain(self.places.iter().map(|place| &place.function))
    }
}

/// Is told when threads block. It knows what the objects are that they wait for.
pub trait BlockingObserver {
    /// The calling thread, the last of [`Machine::blocked`], is about to wait while others go on. What it answers is written
    /// to standard error.
    fn note(&self, vm: &Vm) -> Option<String>;

    /// All threads wait, and none will ever run again. The other threads stop for good; this call ends the process.
    fn stand_still(&self, vm: &mut Vm);

    /// Somebody else has found out that nobody will ever run again, and says so in these words; this call ends the process.
    fn end(&self, vm: &mut Vm, report: &str);
}

/// The books of the threads that wait without a timeout.
#[derive(Default)]
pub(crate) struct Blocking {
    entries: RefCell<Vec<Blocked>>,
    /// How many of them nobody has woken.
    count: Cell<usize>,
    /// The standstill has been told.
    is_over: Cell<bool>,
    observer: RefCell<Option<Rc<dyn BlockingObserver>>>,
}

impl Blocking {
    fn begin(&self, entry: Blocked) {
        entry.thread.set_blocked(true);
        self.count.set(self.count.get() + 1);
        self.entries.borrow_mut().push(entry);
    }

    /// The thread is about to run again.
    pub(crate) fn unblock(&self, thread: &ThreadRecord) {
        if thread.set_blocked(false) {
            self.count.set(self.count.get() - 1);
        }
    }

    fn end(&self, thread: &Arc<ThreadRecord>) {
        self.unblock(thread);
        let ended = {
            let mut entries = self.entries.borrow_mut();
            entries.iter().rposition(|entry| Arc::ptr_eq(&entry.thread, thread)).map(|place| entries.remove(place))
        };
        drop(ended);
    }

    /// In a forked child only the calling thread exists, and it does not wait.
    pub(crate) fn start_anew(&self) {
        let others = self.entries.take();
        others.iter().for_each(|other| self.unblock(&other.thread));
        drop(others);
    }

    fn observer(&self) -> Option<Rc<dyn BlockingObserver>> {
        self.observer.borrow().clone()
    }
}

impl Machine {
    /// The threads that wait without a timeout, in the order in which they began to; some of them may have been woken already
    /// (see [`ThreadRecord::is_blocked`]).
    pub fn blocked(&self) -> Ref<'_, [Blocked]> {
        Ref::map(self.blocking.entries.borrow(), Vec::as_slice)
    }

    /// Has `observer` told when threads block.
    pub fn observe_blocking(&self, observer: Rc<dyn BlockingObserver>) {
        *self.blocking.observer.borrow_mut() = Some(observer);
    }

    /// Whether there are threads, and none of them will ever run again. A signal that is on its way to the main thread wakes
    /// that, and so may one for which the script has a handler.
    fn stands_still(&self) -> bool {
        let count = self.threads.count();
        count > 0 && self.blocking.count.get() == count && !self.signals.may_help()
    }
}

impl Vm {
    /// As [`park_queued`](Self::park_queued), without a timeout: waits for `obstacle`. If all other threads wait like that, too,
    /// the program ends here.
    pub fn block(&mut self, cause: ReleaseCause, obstacle: Obstacle, queue_up: impl FnOnce()) -> Wake {
        if self.has_finalisers() {
            self.run_finalisers();
            return Wake::Woken;
        }
        let thread = Arc::clone(&self.record);
        let blocking = &self.machine().blocking;
        blocking.begin(Blocked { thread: Arc::clone(&thread), obstacle, places: self.innermost_places(NOTED_FRAMES) });
        if self.machine().stands_still() {
            self.end_at_standstill();
        } else if let Some(note) = blocking.observer().and_then(|observer| observer.note(self)) {
            // While it writes, it does not wait.
            blocking.end(&thread);
            self.write_err(note.as_bytes());
            return Wake::Woken;
        }
        queue_up();
        self.park_then(cause, None, |_| blocking.end(&thread))
    }

    /// As [`park`](Self::park), after `queue_up`, which says who is to be woken. The caller is in no queue when it calls this, and
    /// takes itself out of the queue and looks again at what it waits for when this returns. If something has to run before a
    /// wait, that is all that happens: it may change what is waited for, and may wait itself.
    pub fn park_queued(&mut self, cause: ReleaseCause, timeout: Option<Duration>, queue_up: impl FnOnce()) -> Wake {
        if self.has_finalisers() {
            self.run_finalisers();
            return Wake::Woken;
        }
        queue_up();
        self.park(cause, timeout)
    }

    /// A thread is gone: those that are left may wait for each other.
    pub(crate) fn note_departure(&mut self) {
        if self.machine().stands_still() {
            self.end_at_standstill();
        }
    }

    /// Ends the program, which stands still as others know: instances that wait for each other.
    #[cold]
    pub fn end_by_report(&mut self, report: &str) {
        if let Some(observer) = self.machine().blocking.observer() {
            observer.end(self, report);
        }
    }

    #[cold]
    fn end_at_standstill(&mut self) {
        let machine = self.machine();
        let Some(observer) = machine.blocking.observer() else { return };
        if machine.blocking.is_over.replace(true) {
            return;
        }
        machine.threads.end(&self.record);
        observer.stand_still(self);
    }
}
