//! What is known of every thread, also while it runs elsewhere: name, identity, parker.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use toy_gil::{GlobalLock, Origin, Parker, ThreadId};

use crate::thread::Vm;

/// What other threads may know of a thread. Shared without the lock, hence atomics.
pub struct ThreadRecord {
    /// What `threading.get_ident()` gives: unique while the thread lives.
    identity: u64,
    /// The operating system's number; 0 until the thread runs.
    native_id: AtomicI32,
    is_main: AtomicBool,
    lock: Arc<GlobalLock>,
    /// The lock's number of the thread.
    lock_number: AtomicU32,
    parker: Arc<Parker>,
    /// What the script calls it. Nobody waits for it: it is read and changed under the lock.
    name: Mutex<String>,
    /// It waits without a timeout, and nobody has woken it.
    is_blocked: AtomicBool,
    /// It exists in this process and has not ended.
    is_alive: AtomicBool,
}

impl ThreadRecord {
    /// A record; the thread itself fills in its native number.
    pub(crate) fn new(identity: u64, is_main: bool, lock: Arc<GlobalLock>, id: ThreadId, name: &str) -> Arc<Self> {
        Arc::new(Self {
            identity,
            native_id: AtomicI32::new(0),
            is_main: AtomicBool::new(is_main),
            lock_number: AtomicU32::new(id.index() as u32),
            parker: lock.parker(id),
            lock,
            name: Mutex::new(name.to_owned()),
            is_blocked: AtomicBool::new(false),
            is_alive: AtomicBool::new(true),
        })
    }

    /// The lock's number of the thread.
    pub(crate) fn lock_id(&self) -> ThreadId {
        ThreadId::from_index(self.lock_number.load(Ordering::Relaxed))
    }

    /// Wakes the thread, which waits for the lock from this moment on. Called by the holder, `waker`. A thread that does not
    /// live stays as it is: its number may be that of another by now.
    pub fn wake(&self, waker: &Vm, origin: Origin) {
        if !self.is_alive() {
            return;
        }
        waker.machine().blocking.unblock(self);
        self.lock.wake(waker.thread_id(), self.lock_id(), origin);
    }

    /// What the script calls the thread.
    pub fn name(&self) -> String {
        self.name.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the thread lives, in this process.
    pub fn is_alive(&self) -> bool {
        self.is_alive.load(Ordering::Relaxed)
    }

    /// It has ended, or stayed behind when this process was forked.
    fn note_death(&self) {
        self.is_alive.store(false, Ordering::Relaxed);
    }

    /// Whether it waits without a timeout and nobody has woken it.
    pub fn is_blocked(&self) -> bool {
        self.is_blocked.load(Ordering::Relaxed)
    }

    /// Says whether it waits; answers what was said before.
    pub(crate) fn set_blocked(&self, is_blocked: bool) -> bool {
        self.is_blocked.swap(is_blocked, Ordering::Relaxed)
    }

    /// Where the thread sleeps when it waits for a script lock, a join or the time.
    pub fn parker(&self) -> &Parker {
        &self.parker
    }

    /// What `threading.get_ident()` gives.
    pub fn identity(&self) -> u64 {
        self.identity
    }

    /// The operating system's number; 0 until the thread runs.
    pub fn native_id(&self) -> i32 {
        self.native_id.load(Ordering::Relaxed)
    }

    pub(crate) fn note_native_id(&self) {
        self.native_id.store(rustix::thread::gettid().as_raw_nonzero().get(), Ordering::Relaxed);
    }

    /// Whether it is the thread that Ctrl-C reaches.
    pub fn is_main(&self) -> bool {
        self.is_main.load(Ordering::Relaxed)
    }

    /// In a forked child the forking thread is the main thread, and `id` its number.
    pub(crate) fn become_main(&self, id: ThreadId) {
        self.is_main.store(true, Ordering::Relaxed);
        self.lock_number.store(id.index() as u32, Ordering::Relaxed);
    }
}

/// The threads that live.
pub struct ThreadRegistry {
    records: RefCell<Vec<Arc<ThreadRecord>>>,
    next_identity: Cell<u64>,
    /// Set when a thread ends the program, the main thread as a rule: the others stop at their next safepoint.
    is_ending: Cell<bool>,
    ender: RefCell<Option<Arc<ThreadRecord>>>,
}

impl ThreadRegistry {
    pub(crate) fn new() -> Self {
        Self {
            records: RefCell::default(),
            // Looks like CPython's, and is the same in every run.
            next_identity: Cell::new(0x1000),
            is_ending: Cell::new(false),
            ender: RefCell::default(),
        }
    }

    pub(crate) fn add(&self, is_main: bool, lock: &Arc<GlobalLock>, id: ThreadId, name: &str) -> Arc<ThreadRecord> {
        let identity = self.next_identity.get();
        self.next_identity.set(identity + 0x10);
        let record = ThreadRecord::new(identity, is_main, Arc::clone(lock), id, name);
        self.records.borrow_mut().push(Arc::clone(&record));
        record
    }

    pub(crate) fn remove(&self, record: &Arc<ThreadRecord>) {
        record.note_death();
        self.records.borrow_mut().retain(|other| !Arc::ptr_eq(other, record));
    }

    /// The records of all living threads, the oldest first.
    pub fn living(&self) -> Vec<Arc<ThreadRecord>> {
        self.records.borrow().clone()
    }

    /// Ends a wait of the main thread as a signal would. Called by the holder, `caller`.
    pub(crate) fn interrupt_main(&self, caller: &Vm) {
        if let Some(main) = self.records.borrow().iter().find(|record| record.is_main()) {
            main.lock.interrupt(caller.thread_id(), main.lock_id(), Origin::Lock);
        }
    }

    /// The lock's number of the main thread, if it lives.
    pub(crate) fn main_id(&self) -> Option<ThreadId> {
        self.records.borrow().iter().find(|record| record.is_main()).map(|main| main.lock_id())
    }

    /// Number of threads that live.
    pub(crate) fn count(&self) -> usize {
        self.records.borrow().len()
    }

    /// Gives a thread another name, in the lock's books, too. One that does not live keeps its own.
    pub fn rename(&self, record: &Arc<ThreadRecord>, name: &str) {
        if record.is_alive() {
            name.clone_into(&mut record.name.lock().unwrap_or_else(PoisonError::into_inner));
            record.lock.rename(record.lock_id(), name);
        }
    }

    /// Whether the program is being ended.
    pub fn is_ending(&self) -> bool {
        self.is_ending.get()
    }

    /// Whether another thread ends the program.
    #[inline]
    pub(crate) fn is_ended_by_another(&self, record: &Arc<ThreadRecord>) -> bool {
        self.is_ending.get() && !self.ender.borrow().as_ref().is_some_and(|ender| Arc::ptr_eq(ender, record))
    }

    /// This thread ends the program: all others stop at their next safepoint.
    pub fn end(&self, ender: &Arc<ThreadRecord>) {
        self.is_ending.set(true);
        *self.ender.borrow_mut() = Some(Arc::clone(ender));
    }

    /// After a fork only the calling thread exists.
    pub(crate) fn keep_only(&self, record: &Arc<ThreadRecord>) {
        let others = self.records.borrow_mut().extract_if(.., |other| !Arc::ptr_eq(other, record)).collect::<Vec<_>>();
        others.iter().for_each(|other| other.note_death());
    }
}
