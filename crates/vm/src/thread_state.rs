//! What is known of every thread, also while it runs elsewhere: name, identity, parker.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};

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
}

impl ThreadRecord {
    /// A record; the thread itself fills in its native number.
    pub(crate) fn new(identity: u64, is_main: bool, lock: Arc<GlobalLock>, id: ThreadId) -> Arc<Self> {
        Arc::new(Self {
            identity,
            native_id: AtomicI32::new(0),
            is_main: AtomicBool::new(is_main),
            lock_number: AtomicU32::new(id.index() as u32),
            parker: lock.parker(id),
            lock,
        })
    }

    /// The lock's number of the thread.
    pub(crate) fn lock_id(&self) -> ThreadId {
        ThreadId::from_index(self.lock_number.load(Ordering::Relaxed))
    }

    /// Wakes the thread, which waits for the lock from this moment on. Called by the holder, `waker`.
    pub fn wake(&self, waker: &Vm, origin: Origin) {
        self.lock.expect(waker.thread_id(), self.lock_id(), origin);
        self.parker.unpark();
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
    interrupted: Arc<AtomicBool>,
    /// Set when the main thread is done: other threads end at their next safepoint instead of running on.
    is_ending: Cell<bool>,
}

impl ThreadRegistry {
    pub(crate) fn new() -> Self {
        Self {
            records: RefCell::default(),
            // Looks like CPython's, and is the same in every run.
            next_identity: Cell::new(0x1000),
            interrupted: Arc::default(),
            is_ending: Cell::new(false),
        }
    }

    pub(crate) fn add(&self, is_main: bool, lock: &Arc<GlobalLock>, id: ThreadId) -> Arc<ThreadRecord> {
        let identity = self.next_identity.get();
        self.next_identity.set(identity + 0x10);
        let record = ThreadRecord::new(identity, is_main, Arc::clone(lock), id);
        self.records.borrow_mut().push(Arc::clone(&record));
        record
    }

    pub(crate) fn remove(&self, record: &Arc<ThreadRecord>) {
        self.records.borrow_mut().retain(|other| !Arc::ptr_eq(other, record));
    }

    /// The records of all living threads, the oldest first.
    pub fn living(&self) -> Vec<Arc<ThreadRecord>> {
        self.records.borrow().clone()
    }

    /// The flag that a signal handler sets on Ctrl-C; see also [`interrupt_main`](Self::interrupt_main).
    pub fn interrupt_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.interrupted)
    }

    /// As Ctrl-C: the main thread raises `KeyboardInterrupt` at its next chance.
    pub fn interrupt_main(&self) {
        self.interrupted.store(true, Ordering::SeqCst);
        if let Some(main) = self.records.borrow().iter().find(|record| record.is_main()) {
            main.parker().interrupt();
        }
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    pub(crate) fn take_interrupt(&self) -> bool {
        self.interrupted.swap(false, Ordering::SeqCst)
    }

    /// Whether the main thread is done.
    pub fn is_ending(&self) -> bool {
        self.is_ending.get()
    }

    /// The main thread is done: daemon threads stop at their next safepoint.
    pub fn end(&self) {
        self.is_ending.set(true);
    }

    /// After a fork only the calling thread exists.
    pub(crate) fn keep_only(&self, record: &Arc<ThreadRecord>) {
        self.records.borrow_mut().retain(|other| Arc::ptr_eq(other, record));
    }
}
