//! The proof that this thread holds the global interpreter lock.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use toy_gil::{GlobalLock, Origin, Outlook, Progress, ReleaseCause, ThreadId, Wake};

use crate::heap::{self, Heap};

/// A heap that can be sent to a thread, but only entered through the lock.
#[derive(Clone)]
pub struct SharedHeap {
    heap: *const Heap,
    lock: Arc<GlobalLock>,
}

// SAFETY: the pointer is only followed by `enter`, which takes the lock first, and the heap is never freed.
unsafe impl Send for SharedHeap {}
// SAFETY: as above.
unsafe impl Sync for SharedHeap {}

impl SharedHeap {
    /// A new heap behind `lock`, limited to `max_memory` bytes.
    pub fn new(lock: Arc<GlobalLock>, max_memory: usize) -> Self {
        Self { heap: Heap::leak(max_memory), lock }
    }

    /// The lock.
    pub fn lock(&self) -> &Arc<GlobalLock> {
        &self.lock
    }

    /// Takes the lock for the registered thread `thread` of the lock; blocks until it is this thread's turn.
    pub fn enter(&self, thread: ThreadId) -> Gil {
        self.lock.acquire(thread, Origin::Start);
        // SAFETY: heaps live as long as the process, and the lock is held now.
        let heap = unsafe { &*self.heap };
        heap::set_current(heap);
        Gil { heap, shared: self.clone(), thread, not_send: PhantomData }
    }
}

/// The token that only holding the lock gives. It derefs to the heap: there is no other way to it.
///
/// Dropping it lets the lock go for good (the thread ends).
pub struct Gil {
    heap: &'static Heap,
    shared: SharedHeap,
    thread: ThreadId,
    not_send: PhantomData<*const ()>,
}

impl Deref for Gil {
    type Target = Heap;

    #[inline(always)]
    fn deref(&self) -> &Heap {
        self.heap
    }
}

impl Gil {
    /// The lock's number of this thread.
    pub fn thread(&self) -> ThreadId {
        self.thread
    }

    /// The lock.
    pub fn lock(&self) -> &Arc<GlobalLock> {
        &self.shared.lock
    }

    /// What a new thread needs to enter the same heap.
    pub fn shared(&self) -> SharedHeap {
        self.shared.clone()
    }

    /// The heap for longer than a borrow of the token: for the dispatch loop, which gives the token away meanwhile.
    pub fn heap(&self) -> &'static Heap {
        self.heap
    }

    /// Runs `f` without the lock: nothing that belongs to the heap can be captured, since none of it is `Send`. `f` makes
    /// raw system calls and touches no lock of any library, because the process may fork meanwhile. `progress` is what this
    /// thread has run since the lock was last told.
    pub fn released<R: Send>(&mut self, cause: ReleaseCause, progress: Progress, f: impl FnOnce() -> R + Send) -> R {
        heap::set_current(std::ptr::null());
        self.shared.lock.release(self.thread, cause, progress);
        let result = self.shared.lock.detached(f);
        self.shared.lock.acquire(self.thread, cause.origin());
        heap::set_current(self.heap);
        result
    }

    /// As [`released`](Self::released), for what does touch locks of a library: who wants to fork meanwhile waits for it.
    pub fn released_inside<R: Send>(
        &mut self,
        cause: ReleaseCause,
        progress: Progress,
        f: impl FnOnce() -> R + Send,
    ) -> R {
        heap::set_current(std::ptr::null());
        self.shared.lock.release(self.thread, cause, progress);
        let result = f();
        self.shared.lock.acquire(self.thread, cause.origin());
        heap::set_current(self.heap);
        result
    }

    /// Sleeps without the lock until somebody wakes this thread, it is interrupted, or `timeout` has passed in the lock's
    /// time.
    pub fn park(&mut self, cause: ReleaseCause, progress: Progress, timeout: Option<Duration>) -> Wake {
        heap::set_current(std::ptr::null());
        let wake = self.shared.lock.park(self.thread, cause, progress, timeout);
        heap::set_current(self.heap);
        wake
    }

    /// In virtual time: lets the others run, because what this thread wants of a device is not there yet.
    pub fn try_later(&mut self, progress: Progress) -> Outlook {
        heap::set_current(std::ptr::null());
        let outlook = self.shared.lock.try_later(self.thread, progress);
        heap::set_current(self.heap);
        outlook
    }

    /// Forks behind the lock's gate: `fork` is called while no other thread runs library code, and answers `true` in the
    /// child, where this thread is alone and holds the lock.
    ///
    /// # Errors
    /// The other threads did not come to rest within `patience`; `fork` was not called then.
    pub fn fork<T>(
        &mut self,
        patience: Duration,
        fork: impl FnOnce() -> (bool, T),
    ) -> Result<(bool, T), toy_gil::NotQuiet> {
        let lock = Arc::clone(&self.shared.lock);
        let permit = lock.quiesce(self.thread, patience)?;
        let (is_child, result) = fork();
        if is_child {
            self.thread = permit.child();
        } else {
            permit.parent();
        }
        Ok((is_child, result))
    }

    /// Asks the policy, which may give the lock to another thread for a while. Returns the next budget in instructions.
    pub fn expired(&mut self, progress: Progress) -> u64 {
        self.shared.lock.expired(self.thread, progress)
    }

    /// Lets `chosen` have the lock now if it waits for it, whatever the policy says. Returns the next budget in instructions.
    pub fn make_way(&mut self, chosen: ThreadId, progress: Progress) -> u64 {
        self.shared.lock.make_way(self.thread, chosen, progress)
    }

    /// Instructions until [`expired`](Self::expired) is to be called.
    pub fn budget(&self) -> u64 {
        self.shared.lock.budget(self.thread)
    }
}

impl Drop for Gil {
    fn drop(&mut self) {
        heap::set_current(std::ptr::null());
        self.shared.lock.release(self.thread, ReleaseCause::Exit, Progress::default());
    }
}
