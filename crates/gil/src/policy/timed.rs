//! The policies with a time slice: they let the holder run a little and look at the clock.

use std::time::Duration;

use super::{Argument, Expiry, Policy, Scene, Succession, Waiter, look_for};
use crate::vocabulary::{ReleaseCause, ThreadId};

/// `timed:T`: a waiter for whom nothing has changed for T asks for the lock, and the holder lets go of it.
///
/// Each waiter has an alarm that rings every T after it began to wait. It asks if the lock has not gone from one thread to
/// another since its alarm last rang.
#[derive(Debug)]
pub(super) struct Timed {
    pub(super) slice: Duration,
}

impl Timed {
    /// Whether a waiter has asked for the lock.
    fn is_asked(&self, scene: &Scene<'_>) -> bool {
        let now = scene.now();
        scene.waiters().iter().any(|waiter| self.asks_at(waiter, scene.switched()) <= now)
    }

    /// When this waiter will have asked, at the latest.
    fn asks_at(&self, waiter: &Waiter, switched: u64) -> u64 {
        let slice = nanoseconds(self.slice);
        let alarms_missed = switched.saturating_sub(waiter.since).div_ceil(slice);
        waiter.since.saturating_add(slice.saturating_mul(alarms_missed + 1))
    }
}

impl Policy for Timed {
    fn spec(&self) -> String {
        format!("timed:{}", Argument::Time(self.slice))
    }

    fn budget(&mut self, _thread: ThreadId) -> u64 {
        look_for(self.slice)
    }

    fn on_expiry(&mut self, scene: &Scene<'_>) -> Expiry {
        if self.is_asked(scene) { Expiry::Release(Succession::LetOthers) } else { Expiry::Keep }
    }

    fn on_release(&mut self, scene: &Scene<'_>, _cause: ReleaseCause) -> Succession {
        if self.is_asked(scene) { Succession::LetOthers } else { Succession::LetAnyone }
    }

    fn slice(&self) -> Option<Duration> {
        Some(self.slice)
    }

    fn set_slice(&mut self, slice: Duration) {
        self.slice = slice;
    }
}

/// `quantum:T`: who has run for T hands over to whoever has waited longest.
#[derive(Debug)]
pub(super) struct Quantum {
    pub(super) slice: Duration,
}

impl Policy for Quantum {
    fn spec(&self) -> String {
        format!("quantum:{}", Argument::Time(self.slice))
    }

    fn budget(&mut self, _thread: ThreadId) -> u64 {
        look_for(self.slice)
    }

    fn on_expiry(&mut self, scene: &Scene<'_>) -> Expiry {
        match scene.held() >= nanoseconds(self.slice) {
            true => Expiry::Release(Succession::HandOver(scene.first())),
            false => Expiry::Keep,
        }
    }

    fn on_release(&mut self, scene: &Scene<'_>, _cause: ReleaseCause) -> Succession {
        Succession::HandOver(scene.first())
    }

    fn slice(&self) -> Option<Duration> {
        Some(self.slice)
    }

    fn set_slice(&mut self, slice: Duration) {
        self.slice = slice;
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Origin;

    #[test]
    fn an_alarm_rings_every_slice_and_counts_from_the_first_after_a_switch() {
        let policy = Timed { slice: Duration::from_nanos(10) };
        let waiter = Waiter { thread: ThreadId::FIRST, origin: Origin::Io, since: 100 };
        let asks = |switched| policy.asks_at(&waiter, switched);
        assert_eq!(asks(50), 110, "it waits for a slice");
        assert_eq!(asks(100), 110);
        assert_eq!(asks(103), 120, "the alarm at 110 finds another holder than the one at 100");
        assert_eq!(asks(110), 120);
        assert_eq!(asks(111), 130);
    }
}
