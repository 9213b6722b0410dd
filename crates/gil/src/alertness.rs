//! Whether a thread that waits for another one stays awake for a while first.
//!
//! Threads that hand something to and fro answer each other within microseconds, while putting one to sleep and waking it on another
//! core takes ten or more. But who stays awake in vain takes a core from somebody. So each thread goes by what it has seen: after a
//! watch in vain it does without one next time, after the next in vain for twice as many times, and so on.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long a watch lasts at most: about what sleep and waking would cost.
pub(crate) const WATCH: Duration = Duration::from_micros(20);

/// After so many watches in vain, the pauses between them grow no longer: 2^10 waits.
const MOST_MISSES: u32 = 10;

/// What a thread has seen of its own watches. Only its owner writes it.
#[derive(Default, Debug)]
pub(crate) struct Alertness {
    /// Watches in vain since the last one that was not.
    misses: AtomicU32,
    /// Waits for which it does without.
    rests: AtomicU32,
}

impl Alertness {
    /// Whether this wait is worth a watch; counts it.
    pub(crate) fn is_awake(&self) -> bool {
        let rests = self.rests.load(Ordering::Relaxed);
        self.rests.store(rests.saturating_sub(1), Ordering::Relaxed);
        rests == 0
    }

    /// What came of a watch.
    pub(crate) fn learn(&self, has_come: bool) {
        let misses = if has_come { 0 } else { (self.misses.load(Ordering::Relaxed) + 1).min(MOST_MISSES) };
        self.misses.store(misses, Ordering::Relaxed);
        self.rests.store((1 << misses) - 1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::Alertness;

    #[test]
    fn watches_in_vain_become_rare_and_one_success_brings_them_back() {
        let alertness = Alertness::default();
        let until_watch = || (0..).find(|_| alertness.is_awake()).expect("the pauses end");
        let mut pauses = Vec::new();
        for _ in 0..12 {
            pauses.push(until_watch());
            alertness.learn(false);
        }
        assert_eq!(pauses, [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 1023]);
        assert_eq!(until_watch(), 1023);
        alertness.learn(true);
        assert_eq!(until_watch(), 0);
    }
}
