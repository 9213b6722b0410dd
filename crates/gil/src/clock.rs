//! Time as a parameter: the statistics and the policies read a [`Clock`], tests turn one by hand.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::time::{ClockId, clock_gettime};

/// A source of time. It is read only where the lock changes hands, is released or is waited for.
pub trait Clock: Send + Sync + Debug {
    /// Nanoseconds since a fixed but arbitrary moment; never less than an earlier answer.
    fn now(&self) -> u64;
}

/// The system's monotonic clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct MonotonicClock;

impl Clock for MonotonicClock {
    fn now(&self) -> u64 {
        let time = clock_gettime(ClockId::Monotonic);
        time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
    }
}

/// A clock that moves only when it is told to. Clones share the time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// Lets this many nanoseconds pass.
    pub fn advance(&self, nanoseconds: u64) {
        // At the end of time it stands still.
        let later = |now: u64| Some(now.saturating_add(nanoseconds));
        let _before = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}
