//! The checker's primitives, sound or with one fault.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering;
use std::thread::panicking;
use std::time::{Duration, Instant};

use loom::sync::atomic::AtomicU32;
use toy_gil::{Primitives, WaitEnd, Word};

/// What is wrong with a set of primitives.
pub(crate) trait Fault: Send + Sync + 'static {
    /// Waiting on a condition variable unlocks, and begins to sleep a moment later.
    const SLEEPS_LATE: bool = false;
    /// A notification wakes nobody.
    const IS_DEAF: bool = false;
    /// An update of a word is a load and then a store.
    const TEARS_UPDATES: bool = false;
    /// An update of a word publishes nothing that was written before.
    const PUBLISHES_NOTHING: bool = false;
    /// Waiting on a word does not compare it first.
    const SLEEPS_BLINDLY: bool = false;
}

macro_rules! faults {
    ($($(#[$attribute:meta])* $name:ident { $($fault:ident)? })*) => {$(
        $(#[$attribute])*
        pub(crate) enum $name {}
        impl Fault for $name { $(const $fault: bool = true;)? }
    )*};
}

faults! {
    Sound {}
    SleepsLate { SLEEPS_LATE }
    IsDeaf { IS_DEAF }
    TearsUpdates { TEARS_UPDATES }
    PublishesNothing { PUBLISHES_NOTHING }
    SleepsBlindly { SLEEPS_BLINDLY }
}

thread_local! {
    /// How many threads of the model are inside the mutex or condition variable, sleeping ones included. The checker runs
    /// all of them on one thread of the system.
    static LIBRARY_USERS: Cell<usize> = const { Cell::new(0) };
}

/// How many threads a fork would catch inside a library.
pub(crate) fn library_users() -> usize {
    LIBRARY_USERS.get()
}

pub(crate) fn forget_library_users() {
    LIBRARY_USERS.set(0);
}

/// Marks the calling thread as inside a library until dropped.
pub(crate) struct LibraryUse;

impl LibraryUse {
    pub(crate) fn begin() -> LibraryUse {
        LIBRARY_USERS.set(LIBRARY_USERS.get() + 1);
        LibraryUse
    }
}

impl Drop for LibraryUse {
    fn drop(&mut self) {
        LIBRARY_USERS.set(LIBRARY_USERS.get().saturating_sub(1));
    }
}

pub(crate) enum Model<F = Sound> {
    #[expect(dead_code, reason = "carries the fault's type")]
    Never(std::convert::Infallible, PhantomData<F>),
}

pub(crate) struct ModelGuard<'a, T> {
    mutex: &'a loom::sync::Mutex<T>,
    /// `None` only while it is dropped or waits.
    guard: Option<loom::sync::MutexGuard<'a, T>>,
    _library_use: LibraryUse,
}

impl<T> Deref for ModelGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.guard.as_ref().unwrap()
    }
}

impl<T> DerefMut for ModelGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.guard.as_mut().unwrap()
    }
}

impl<F: Fault> Primitives for Model<F> {
    type Mutex<T: Send + 'static> = loom::sync::Mutex<T>;
    type Guard<'a, T: Send + 'static> = ModelGuard<'a, T>;
    type Condvar = loom::sync::Condvar;
    type Word = ModelWord<F>;

    fn mutex<T: Send + 'static>(value: T) -> Self::Mutex<T> {
        loom::sync::Mutex::new(value)
    }

    fn lock<T: Send + 'static>(mutex: &Self::Mutex<T>) -> Self::Guard<'_, T> {
        let library_use = LibraryUse::begin();
        ModelGuard { mutex, guard: Some(mutex.lock().unwrap()), _library_use: library_use }
    }

    fn wait<'a, T: Send + 'static>(condvar: &Self::Condvar, mut guard: Self::Guard<'a, T>) -> Self::Guard<'a, T> {
        if F::SLEEPS_LATE {
            guard.guard = None;
            guard.guard = Some(guard.mutex.lock().unwrap());
        }
        guard.guard = guard.guard.take().map(|inner| condvar.wait(inner).unwrap());
        guard
    }

    /// The time is never over: that a waiter presses only makes the holder look earlier.
    fn wait_for<'a, T: Send + 'static>(
        condvar: &Self::Condvar,
        guard: Self::Guard<'a, T>,
        _timeout: Duration,
    ) -> (Self::Guard<'a, T>, bool) {
        (Self::wait(condvar, guard), false)
    }

    fn notify(condvar: &Self::Condvar) {
        if !F::IS_DEAF {
            condvar.notify_one();
        }
    }

    /// Time does not pass here: it looks once, and gives up.
    fn watch(_limit: Duration, mut is_over: impl FnMut() -> bool) {
        if !is_over() {
            loom::thread::yield_now();
        }
    }
}

/// A futex: the kernel compares and goes to sleep under a lock of its own, and wakes under the same. When a schedule has
/// failed, destructors run that have nothing to say any more, and the checker cannot be asked.
pub(crate) struct ModelWord<F> {
    value: AtomicU32,
    kernel: loom::sync::Mutex<()>,
    sleepers: loom::sync::Condvar,
    fault: PhantomData<F>,
}

impl<F: Fault> Word for ModelWord<F> {
    fn new(value: u32) -> Self {
        ModelWord {
            value: AtomicU32::new(value),
            kernel: loom::sync::Mutex::new(()),
            sleepers: loom::sync::Condvar::new(),
            fault: PhantomData,
        }
    }

    fn load(&self) -> u32 {
        self.value.load(Ordering::Acquire)
    }

    fn update(&self, mut next: impl FnMut(u32) -> Option<u32>) -> Result<u32, u32> {
        if panicking() {
            return Ok(0);
        }
        if F::TEARS_UPDATES {
            let before = self.value.load(Ordering::Acquire);
            let after = next(before).ok_or(before)?;
            self.value.store(after, Ordering::Release);
            return Ok(before);
        }
        let (success, failure) = match F::PUBLISHES_NOTHING {
            true => (Ordering::Relaxed, Ordering::Relaxed),
            false => (Ordering::AcqRel, Ordering::Acquire),
        };
        self.value.fetch_update(success, failure, next)
    }

    /// A deadline has always passed, unless the value differs.
    fn wait(&self, expected: u32, deadline: Option<Instant>) -> WaitEnd {
        let kernel = self.kernel.lock().unwrap();
        if !F::SLEEPS_BLINDLY && self.value.load(Ordering::Relaxed) != expected {
            return WaitEnd::Woken;
        }
        if deadline.is_some() {
            return WaitEnd::TimedOut;
        }
        drop(self.sleepers.wait(kernel).unwrap());
        WaitEnd::Woken
    }

    fn wake(&self) {
        if panicking() {
            return;
        }
        let _kernel = self.kernel.lock().unwrap();
        self.sleepers.notify_all();
    }
}
