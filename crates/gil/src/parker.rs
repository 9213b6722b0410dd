//! Where a thread sleeps that waits for anything but the lock: one futex word a thread.

use std::fmt;
use std::time::{Duration, Instant};

use crate::alertness::Alertness;
use crate::primitives::{Native, Primitives, WaitEnd, Word};

/// The owner has been woken in advance or is about to be.
const TOKEN: u32 = 1;
/// The owner is to look at its signals.
const INTERRUPT: u32 = 2;
/// The owner sleeps, or is about to: whoever sets another bit must make the system call.
const ASLEEP: u32 = 4;

/// A bed for one thread: the owner parks, anybody unparks.
///
/// An [`unpark`](Parker::unpark) before the [`park`](Parker::park) is kept, once: the next park returns at once. No
/// method touches a lock of any library, so a parked thread counts as *detached* for the fork gate: call `park` within
/// [`GlobalLock::detached`](crate::GlobalLock::detached).
///
/// | `TOKEN` | `INTERRUPT` | `ASLEEP` | state |
/// |---|---|---|---|
/// | 0 | 0 | 0 | the owner runs |
/// | 1 | – | 0 | the next park answers `Woken` at once |
/// | 0 | 1 | 0 | the next park answers `Interrupted` at once |
/// | 0 | 0 | 1 | the owner sleeps |
/// | 1 | – | 1 | the owner has been called and is waking up as `Woken` |
/// | 0 | 1 | 1 | the owner has been called and is waking up as `Interrupted` |
pub struct Parker<P: Primitives = Native> {
    word: P::Word,
    pub(crate) alertness: Alertness,
}

/// Why [`Parker::park`] returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wake {
    /// By an [`unpark`](Parker::unpark), which is now used up.
    Woken,
    /// The time is up and nobody has unparked.
    TimedOut,
    /// A signal handler ran on this thread, or [`interrupt`](Parker::interrupt) was called.
    Interrupted,
}

impl Parker {
    /// A parker that nobody has unparked.
    #[must_use]
    pub fn new() -> Parker {
        Parker::with_primitives()
    }
}

impl Default for Parker {
    fn default() -> Parker {
        Parker::new()
    }
}

impl<P: Primitives> Parker<P> {
    /// As `new`, on other primitives.
    #[must_use]
    pub fn with_primitives() -> Parker<P> {
        Parker { word: Word::new(0), alertness: Alertness::default() }
    }

    /// Sleeps until unparked, interrupted, or `timeout` has passed (`None`: for ever). Only the owner calls it.
    ///
    /// An unpark wins over an interrupt and over the timeout; the interrupt is then kept for the next park.
    pub fn park(&self, timeout: Option<Duration>) -> Wake {
        // A deadline beyond what the clock can express is as good as none.
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            if let Some(wake) = self.take_or_set(ASLEEP) {
                return wake;
            }
            let given_up = match self.word.wait(ASLEEP, deadline) {
                WaitEnd::Woken => continue,
                WaitEnd::TimedOut => Wake::TimedOut,
                WaitEnd::Interrupted => Wake::Interrupted,
            };
            return self.take_or_set(0).unwrap_or(given_up);
        }
    }

    /// Wakes the owner, or lets its next park return at once. What was written before is visible to the woken owner.
    pub fn unpark(&self) {
        self.call(TOKEN);
    }

    /// Lets the owner's park return [`Wake::Interrupted`], now or the next time. A signal handler may call it.
    pub fn interrupt(&self) {
        self.call(INTERRUPT);
    }

    /// As [`unpark`](Parker::unpark), but an owner that sleeps is only woken by the [`ring`](Parker::ring) that must follow. If
    /// anything else wakes it before, it has been unparked. Gives whether it sleeps.
    pub(crate) fn unpark_quietly(&self) -> bool {
        self.leave(TOKEN)
    }

    /// Whether the next park answers `Interrupted` at once.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.word.load() & INTERRUPT != 0
    }

    /// Wakes the owner, if it sleeps although it has been unparked.
    pub(crate) fn ring(&self) {
        if self.word.load() & ASLEEP != 0 {
            self.word.wake();
        }
    }

    fn call(&self, bit: u32) {
        if self.leave(bit) {
            self.word.wake();
        }
    }

    /// Leaves a sign for the owner. Gives whether it sleeps, and has to be woken to see it.
    fn leave(&self, bit: u32) -> bool {
        // Written even when the bit is set: the owner must also see what this caller did before.
        self.word.update(|word| Some(word | bit)).is_ok_and(|before| before & ASLEEP != 0)
    }

    /// Takes what there is and is awake then, or leaves `otherwise` in the word.
    fn take_or_set(&self, otherwise: u32) -> Option<Wake> {
        let before = self
            .word
            .update(|word| {
                Some(match word & !ASLEEP {
                    0 => otherwise,
                    called if called & TOKEN != 0 => called & !TOKEN,
                    called => called & !INTERRUPT,
                })
            })
            .expect("the update never refuses");
        match before & !ASLEEP {
            0 => None,
            called if called & TOKEN != 0 => Some(Wake::Woken),
            _ => Some(Wake::Interrupted),
        }
    }
}

impl<P: Primitives> fmt::Debug for Parker<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Parker").field("word", &self.word.load()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unpark_is_kept_once() {
        let parker = Parker::new();
        parker.unpark();
        parker.unpark();
        assert_eq!(parker.park(None), Wake::Woken);
        assert_eq!(parker.park(Some(Duration::ZERO)), Wake::TimedOut);
    }

    #[test]
    fn an_unpark_wins_over_an_interrupt_which_stays() {
        let parker = Parker::new();
        parker.interrupt();
        parker.unpark();
        assert_eq!(parker.park(None), Wake::Woken);
        assert_eq!(parker.park(None), Wake::Interrupted);
        assert_eq!(parker.park(Some(Duration::from_nanos(1))), Wake::TimedOut);
    }

    #[test]
    fn a_timeout_beyond_the_clock_means_for_ever() {
        let parker = Parker::new();
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| parker.park(Some(Duration::MAX)));
            parker.unpark();
            assert_eq!(sleeper.join().unwrap(), Wake::Woken);
        });
    }

    #[test]
    fn two_threads_take_turns_a_thousand_times() {
        let (ping, pong) = (Parker::new(), Parker::new());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..1000 {
                    assert_eq!(ping.park(None), Wake::Woken);
                    pong.unpark();
                }
            });
            for _ in 0..1000 {
                ping.unpark();
                assert_eq!(pong.park(None), Wake::Woken);
            }
        });
    }
}
