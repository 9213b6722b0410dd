//! The few operations of the platform that everything here is built on, as a parameter, so that a model checker can put
//! its own in their place and run the very code that ships.

use std::ops::DerefMut;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::thread::{Timespec, futex};

/// A set of blocking primitives: a mutex, a condition variable, a futex word.
pub trait Primitives: Sized + 'static {
    /// A mutual exclusion over a `T`.
    type Mutex<T: Send + 'static>: Send + Sync;
    /// What locking a [`Self::Mutex`] gives; dropping it unlocks.
    type Guard<'a, T: Send + 'static>: DerefMut<Target = T>;
    /// A condition variable.
    type Condvar: Default + Send + Sync;
    /// A word that threads can sleep on.
    type Word: Word;

    /// A new, unlocked mutex.
    fn mutex<T: Send + 'static>(value: T) -> Self::Mutex<T>;
    /// Locks the mutex, sleeping until that is possible.
    fn lock<T: Send + 'static>(mutex: &Self::Mutex<T>) -> Self::Guard<'_, T>;
    /// Unlocks the mutex and sleeps, in one step, until notified (or for no reason at all); then locks it again.
    fn wait<'a, T: Send + 'static>(condvar: &Self::Condvar, guard: Self::Guard<'a, T>) -> Self::Guard<'a, T>;
    /// As [`wait`](Primitives::wait), for so long at most. Gives whether the time was over.
    fn wait_for<'a, T: Send + 'static>(
        condvar: &Self::Condvar,
        guard: Self::Guard<'a, T>,
        timeout: Duration,
    ) -> (Self::Guard<'a, T>, bool);
    /// Wakes the one thread that sleeps on the condition variable, if there is one.
    fn notify(condvar: &Self::Condvar);
    /// Stays awake until `is_over`, for so long at most, where another core can make it so meanwhile; else returns at once.
    fn watch(limit: Duration, is_over: impl FnMut() -> bool);
}

/// A word of 32 bits that changes atomically and that threads can sleep on, as with Linux's futex: its operations are
/// single system calls and touch no lock of any library.
pub trait Word: Send + Sync {
    /// A word of that value.
    fn new(value: u32) -> Self;
    /// The value; what was written before it was set is visible.
    fn load(&self) -> u32;
    /// Replaces the value by what `next` makes of it and gives the old one; `Err` with the value if `next` refuses.
    /// A successful update is ordered as acquire and release.
    ///
    /// # Errors
    /// The current value, when `next` returned `None` for it.
    fn update(&self, next: impl FnMut(u32) -> Option<u32>) -> Result<u32, u32>;
    /// Sleeps while the value is `expected`, until a wake, a signal or the deadline; returns at once if it differs.
    fn wait(&self, expected: u32, deadline: Option<Instant>) -> WaitEnd;
    /// Wakes every thread that sleeps on the word.
    fn wake(&self);
}

/// Why [`Word::wait`] returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitEnd {
    /// The value differed, or somebody called [`Word::wake`], or there was no reason: look again.
    Woken,
    /// The deadline passed.
    TimedOut,
    /// A signal handler ran on this thread.
    Interrupted,
}

/// The primitives that the product uses: `parking_lot` for mutex and condition variable, the raw futex for the word.
#[derive(Debug)]
pub enum Native {}

impl Primitives for Native {
    type Mutex<T: Send + 'static> = parking_lot::Mutex<T>;
    type Guard<'a, T: Send + 'static> = parking_lot::MutexGuard<'a, T>;
    type Condvar = parking_lot::Condvar;
    type Word = FutexWord;

    fn mutex<T: Send + 'static>(value: T) -> Self::Mutex<T> {
        parking_lot::Mutex::new(value)
    }

    #[inline]
    fn lock<T: Send + 'static>(mutex: &Self::Mutex<T>) -> Self::Guard<'_, T> {
        mutex.lock()
    }

    fn wait<'a, T: Send + 'static>(condvar: &Self::Condvar, mut guard: Self::Guard<'a, T>) -> Self::Guard<'a, T> {
        condvar.wait(&mut guard);
        guard
    }

    fn wait_for<'a, T: Send + 'static>(
        condvar: &Self::Condvar,
        mut guard: Self::Guard<'a, T>,
        timeout: Duration,
    ) -> (Self::Guard<'a, T>, bool) {
        let is_over = condvar.wait_for(&mut guard, timeout).timed_out();
        (guard, is_over)
    }

    fn notify(condvar: &Self::Condvar) {
        condvar.notify_one();
    }

    fn watch(limit: Duration, mut is_over: impl FnMut() -> bool) {
        if !has_cores() {
            return;
        }
        let begin = Instant::now();
        while !is_over() && begin.elapsed() < limit {
            (0..LOOKS_APART).for_each(|_| std::hint::spin_loop());
            // Whom it watches for may be on this core.
            rustix::thread::sched_yield();
        }
    }
}

/// Whether this process may use more than one core. Whoever asks may be detached, and another thread may fork meanwhile: so the answer
/// is kept without a lock.
fn has_cores() -> bool {
    const UNKNOWN: u8 = 0;
    const ONE: u8 = 1;
    const MORE: u8 = 2;
    static CORES: AtomicU8 = AtomicU8::new(UNKNOWN);
    if CORES.load(Ordering::Relaxed) == UNKNOWN {
        let cores = rustix::thread::sched_getaffinity(None).map_or(1, |cores| cores.count());
        CORES.store(if cores > 1 { MORE } else { ONE }, Ordering::Relaxed);
    }
    CORES.load(Ordering::Relaxed) == MORE
}

/// Pauses of the processor between two looks of who [watches](Primitives::watch).
const LOOKS_APART: u32 = 16;

/// A process-private futex.
#[derive(Debug)]
pub struct FutexWord(AtomicU32);

impl Word for FutexWord {
    fn new(value: u32) -> Self {
        FutexWord(AtomicU32::new(value))
    }

    #[inline]
    fn load(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }

    #[inline]
    fn update(&self, next: impl FnMut(u32) -> Option<u32>) -> Result<u32, u32> {
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, next)
    }

    fn wait(&self, expected: u32, deadline: Option<Instant>) -> WaitEnd {
        let timeout = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if timeout == Some(Duration::ZERO) {
            return WaitEnd::TimedOut;
        }
        let timeout = timeout.map(timespec);
        match futex::wait(&self.0, futex::Flags::PRIVATE, expected, timeout.as_ref()) {
            Ok(()) | Err(Errno::AGAIN) => WaitEnd::Woken,
            Err(Errno::TIMEDOUT) => WaitEnd::TimedOut,
            Err(Errno::INTR) => WaitEnd::Interrupted,
            Err(error) => panic!("futex wait: {error}"),
        }
    }

    fn wake(&self) {
        futex::wake(&self.0, futex::Flags::PRIVATE, i32::MAX as u32).expect("a private futex can always be woken");
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec { tv_sec: duration.as_secs().try_into().unwrap_or(i64::MAX), tv_nsec: duration.subsec_nanos().into() }
}
