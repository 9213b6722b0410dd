//! `seeded:S`: chance decides, and the seed says how.

use std::num::NonZeroU64;

use super::{Conditions, Expiry, Policy, Replacement, Scene, Succession, Time};
use crate::random::SplitMix;
use crate::vocabulary::{ReleaseCause, ThreadId};

/// Draws the length of each turn and who is next from one stream of random numbers.
#[derive(Debug)]
pub(super) struct Seeded {
    seed: u64,
    every: NonZeroU64,
    random: SplitMix,
}

impl Seeded {
    pub(super) fn new(seed: u64, every: NonZeroU64) -> Seeded {
        Seeded { seed, every, random: SplitMix::new(seed) }
    }
}

impl Policy for Seeded {
    fn spec(&self) -> String {
        format!("seeded:{},every={}", self.seed, self.every)
    }

    /// From 1 to 2 N - 1, each as likely: N in the mean.
    fn budget(&mut self, _thread: ThreadId) -> u64 {
        1 + self.random.below(self.every.get().saturating_mul(2) - 1)
    }

    fn on_expiry(&mut self, scene: &Scene<'_>) -> Expiry {
        match self.random.below(scene.waiters().len() as u64 + 1) as usize {
            0 => Expiry::Keep,
            number => Expiry::Release(Succession::HandOver(scene.waiters()[number - 1].thread)),
        }
    }

    fn on_release(&mut self, scene: &Scene<'_>, _cause: ReleaseCause) -> Succession {
        let number = self.random.below(scene.waiters().len() as u64) as usize;
        Succession::HandOver(scene.waiters()[number].thread)
    }

    fn replacement(&self) -> Replacement {
        Replacement::Refused
    }

    fn impose(&self, asked: Conditions) -> Conditions {
        Conditions { time: Time::Virtual, seed: Some(self.seed), ..asked }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_have_every_length_up_to_twice_the_mean() {
        let mut policy = Seeded::new(1, NonZeroU64::new(3).unwrap());
        let mut seen = [0; 7];
        (0..1000).for_each(|_| seen[policy.budget(ThreadId::FIRST) as usize] += 1);
        assert_eq!((seen[0], seen[6]), (0, 0));
        assert!(seen[1..6].iter().all(|count| *count > 100), "{seen:?}");
    }
}
