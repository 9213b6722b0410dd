//! `iofirst:N,grace=T`: in turn, but whoever comes back from waiting for a device goes first.

use std::num::NonZeroU64;
use std::time::Duration;

use super::{Argument, Expiry, LOOK, Policy, Scene, Succession, Vigil};
use crate::vocabulary::{Origin, ReleaseCause, ThreadId};

/// Graces after which a holder lets go, however few instructions it has run, and after which a waiter is served before those
/// who come back from a device.
const PATIENCE: u32 = 40;

/// How long both sides of an interruption stay awake for each other: the answer of a thread that comes back from a device is
/// often short. A thread that comes back sleeps for the grace, wakes by itself and presses; so the holder, which meets its turn
/// again within microseconds, neither wakes anybody nor sleeps.
const VIGIL: Duration = Duration::from_micros(50);

/// The shortest grace that makes a difference: nobody can be waited for, woken and served in less.
const SHORTEST: Duration = Duration::from_micros(1);

/// | the holder has run | waiters | the lock goes |
/// |---|---|---|
/// | N instructions, or for 40 graces | one back from I/O | to it |
/// | N instructions, or for 40 graces | others | to whoever has waited longest |
/// | less, but for the grace | one back from I/O that presses | to it; the holder is *interrupted* |
/// | less, but for the grace and a vigil | one back from I/O | the same |
/// | less | others | nowhere |
/// | for the grace, or blocks | one that has waited for 40 graces | to it, so that nobody starves |
/// | and blocks | one back from I/O | to it |
/// | and blocks | the interrupted thread | back to it, with what it has left of N |
/// | and blocks | others | to whoever has waited longest |
#[derive(Debug)]
pub(super) struct IoFirst {
    interval: NonZeroU64,
    /// The grace that was asked for.
    asked: Duration,
    interrupted: Option<Interrupted>,
    /// Instructions that the holder had run in its interval before this turn.
    run_before: u64,
}

/// Whether a thread comes back from a device or from a sleep.
fn is_back(origin: Origin) -> bool {
    matches!(origin, Origin::Io | Origin::Sleep | Origin::Timeout)
}

/// A thread that had to let go before its interval was over.
#[derive(Debug)]
struct Interrupted {
    thread: ThreadId,
    /// What it had run of its interval.
    run: u64,
}

impl IoFirst {
    pub(super) fn new(interval: NonZeroU64, grace: Duration) -> IoFirst {
        IoFirst { interval, asked: grace, interrupted: None, run_before: 0 }
    }

    fn grace(&self) -> Duration {
        self.asked.max(SHORTEST)
    }

    fn patience(&self) -> Duration {
        self.grace().saturating_mul(PATIENCE)
    }

    /// Who goes before all others: whoever has waited far too long, or else comes back from a device or from a sleep.
    fn first_of_all(&self, scene: &Scene<'_>) -> Option<ThreadId> {
        let back = scene.waiters().iter().find(|waiter| is_back(waiter.origin))?;
        let waited = u128::from(scene.now() - scene.waiters()[0].since);
        let is_starving = waited > self.patience().as_nanos();
        Some(if is_starving { scene.first() } else { back.thread })
    }
}

impl Policy for IoFirst {
    fn spec(&self) -> String {
        format!("iofirst:{},grace={}", self.interval, Argument::Time(self.asked))
    }

    fn begin(&mut self, thread: ThreadId) {
        let interrupted = self.interrupted.take_if(|interrupted| interrupted.thread == thread);
        self.run_before = interrupted.map_or(0, |interrupted| interrupted.run);
    }

    fn budget(&mut self, _thread: ThreadId) -> u64 {
        self.interval.get().min(LOOK)
    }

    fn on_expiry(&mut self, scene: &Scene<'_>) -> Expiry {
        let (run, held) = (self.run_before + scene.instructions(), u128::from(scene.held()));
        let first_of_all = self.first_of_all(scene);
        if run >= self.interval.get() || held >= self.patience().as_nanos() {
            return Expiry::Release(Succession::HandOver(first_of_all.unwrap_or(scene.first())));
        }
        // Whoever presses is awake. Without that its wait is about to end, and waking it here would cost the holder more.
        let due = if scene.is_pressed() { self.grace() } else { self.grace() + VIGIL };
        match first_of_all {
            Some(next) if held >= due.as_nanos() => {
                if self.interrupted.is_none() {
                    self.interrupted = Some(Interrupted { thread: scene.holder(), run });
                }
                Expiry::Release(Succession::HandOver(next))
            }
            _ => Expiry::Keep,
        }
    }

    fn on_release(&mut self, scene: &Scene<'_>, _cause: ReleaseCause) -> Succession {
        let interrupted = self.interrupted.as_ref().map(|interrupted| interrupted.thread);
        let next = self.first_of_all(scene).or(interrupted.filter(|thread| scene.waits(*thread)));
        Succession::HandOver(next.unwrap_or(scene.first()))
    }

    fn patience_of(&self, origin: Origin) -> Option<Duration> {
        Some(if is_back(origin) { self.grace() } else { self.patience() })
    }

    fn vigil_of(&self, thread: ThreadId, origin: Origin) -> Vigil {
        if self.grace() < VIGIL {
            // Interruptions follow one another so fast that those who are awake would keep the core from each other.
            Vigil::Never
        } else if is_back(origin) {
            Vigil::AfterPatience(VIGIL)
        } else if self.interrupted.as_ref().is_some_and(|interrupted| interrupted.thread == thread) {
            Vigil::AtOnce(VIGIL)
        } else {
            Vigil::Never
        }
    }

    fn restart(&mut self) {
        *self = IoFirst::new(self.interval, self.asked);
    }
}
