//! The policies that need neither clock nor memory.

use std::num::NonZeroU64;

use super::{Expiry, Policy, Scene, Succession};
use crate::vocabulary::{ReleaseCause, ThreadId};

/// `ticks:N`: on expiry the lock is set free, and the releaser competes for it with the waiter that it has just called.
#[derive(Debug)]
pub(super) struct Ticks {
    pub(super) interval: NonZeroU64,
}

impl Policy for Ticks {
    fn spec(&self) -> String {
        format!("ticks:{}", self.interval)
    }

    fn budget(&mut self, _thread: ThreadId) -> u64 {
        self.interval.get()
    }

    fn on_expiry(&mut self, _scene: &Scene<'_>) -> Expiry {
        Expiry::Release(Succession::LetAnyone)
    }

    fn on_release(&mut self, _scene: &Scene<'_>, _cause: ReleaseCause) -> Succession {
        Succession::LetAnyone
    }
}

/// `fair:N`: the lock goes to whoever has waited longest.
#[derive(Debug)]
pub(super) struct Fair {
    pub(super) interval: NonZeroU64,
}

impl Policy for Fair {
    fn spec(&self) -> String {
        format!("fair:{}", self.interval)
    }

    fn budget(&mut self, _thread: ThreadId) -> u64 {
        self.interval.get()
    }

    fn on_expiry(&mut self, scene: &Scene<'_>) -> Expiry {
        Expiry::Release(Succession::HandOver(scene.first()))
    }

    fn on_release(&mut self, scene: &Scene<'_>, _cause: ReleaseCause) -> Succession {
        Succession::HandOver(scene.first())
    }
}

/// `never`: a thread runs until it blocks.
#[derive(Debug)]
pub(super) struct Never;

impl Policy for Never {
    fn spec(&self) -> String {
        "never".to_owned()
    }

    fn budget(&mut self, _thread: ThreadId) -> u64 {
        u64::MAX
    }

    fn on_expiry(&mut self, _scene: &Scene<'_>) -> Expiry {
        Expiry::Keep
    }

    fn on_release(&mut self, scene: &Scene<'_>, _cause: ReleaseCause) -> Succession {
        Succession::HandOver(scene.first())
    }
}
