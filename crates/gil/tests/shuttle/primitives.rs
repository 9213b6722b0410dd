//! The scheduler's primitives, sound or deaf.

use std::marker::PhantomData;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use shuttle::sync::atomic::AtomicU32;
use shuttle::sync::{Condvar, Mutex, MutexGuard};
use toy_gil::{Primitives, WaitEnd, Word};

/// What is wrong with a set of primitives.
pub(crate) trait Fault: Send + Sync + 'static {
    /// A notification wakes nobody.
    const IS_DEAF: bool;
}

/// Nothing is wrong.
pub(crate) enum Sound {}

/// See [`Fault::IS_DEAF`].
pub(crate) enum IsDeaf {}

impl Fault for Sound {
    const IS_DEAF: bool = false;
}

impl Fault for IsDeaf {
    const IS_DEAF: bool = true;
}

/// Primitives whose schedule is drawn.
pub(crate) enum Drawn<F> {
    #[expect(dead_code, reason = "carries the fault's type")]
    Never(std::convert::Infallible, PhantomData<F>),
}

impl<F: Fault> Primitives for Drawn<F> {
    type Mutex<T: Send + 'static> = Mutex<T>;
    type Guard<'a, T: Send + 'static> = MutexGuard<'a, T>;
    type Condvar = Condvar;
    type Word = DrawnWord;

    fn mutex<T: Send + 'static>(value: T) -> Self::Mutex<T> {
        Mutex::new(value)
    }

    fn lock<T: Send + 'static>(mutex: &Self::Mutex<T>) -> Self::Guard<'_, T> {
        mutex.lock().unwrap()
    }

    fn wait<'a, T: Send + 'static>(condvar: &Self::Condvar, guard: Self::Guard<'a, T>) -> Self::Guard<'a, T> {
        condvar.wait(guard).unwrap()
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
            shuttle::thread::yield_now();
        }
    }
}

/// A futex: the kernel compares and goes to sleep under a lock of its own, and wakes under the same.
pub(crate) struct DrawnWord {
    value: AtomicU32,
    kernel: Mutex<()>,
    sleepers: Condvar,
}

impl Word for DrawnWord {
    fn new(value: u32) -> Self {
        DrawnWord { value: AtomicU32::new(value), kernel: Mutex::new(()), sleepers: Condvar::new() }
    }

    fn load(&self) -> u32 {
        self.value.load(Ordering::Acquire)
    }

    fn update(&self, next: impl FnMut(u32) -> Option<u32>) -> Result<u32, u32> {
        if std::thread::panicking() {
            return Ok(0);
        }
        self.value.fetch_update(Ordering::AcqRel, Ordering::Acquire, next)
    }

    /// A deadline has always passed, unless the value differs.
    fn wait(&self, expected: u32, deadline: Option<Instant>) -> WaitEnd {
        let kernel = self.kernel.lock().unwrap();
        if self.value.load(Ordering::Acquire) != expected {
            return WaitEnd::Woken;
        }
        if deadline.is_some() {
            return WaitEnd::TimedOut;
        }
        drop(self.sleepers.wait(kernel).unwrap());
        WaitEnd::Woken
    }

    fn wake(&self) {
        if std::thread::panicking() {
            return;
        }
        let _kernel = self.kernel.lock().unwrap();
        self.sleepers.notify_all();
    }
}
