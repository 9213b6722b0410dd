//! What the lock has counted, as plain data.

use std::time::Duration;

use crate::histogram::Histogram;
use crate::vocabulary::{Origin, ReleaseCause, SwitchAt, ThreadId};

/// All counts and times of a lock at one moment, whoever still runs or waits included up to that moment.
///
/// Exactly: the sum of all [`ThreadStatistics::held`] and [`idle`](Statistics::idle) is [`wall`](Statistics::wall).
/// For each thread, `held`, `waited` and the sum of `blocked_by` are its time from birth to end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statistics {
    /// The policy, as it is written on the command line.
    pub policy: String,
    /// Where a switch may fall.
    pub switch_at: SwitchAt,
    /// Time since the lock was made.
    pub wall: Duration,
    /// Time during which no thread ran under the lock, the time that a hand-over takes included.
    pub idle: Duration,
    /// Who holds the lock at this moment.
    pub holder: Option<ThreadId>,
    /// Every thread that was ever registered, in that order. Of very many that have ended the earliest stand together at the end, as
    /// [`ThreadId::EARLIER`].
    pub threads: Vec<ThreadStatistics>,
    /// Who waited for whom; pairs that never met are left out.
    pub waits: Vec<WaitStatistics>,
    /// How long the turns were that have ended.
    pub hold: Histogram,
    /// How long the waits for the lock were that have ended; turns that were had at once are not in it.
    pub wait: Histogram,
}

/// What one thread has done to the lock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ThreadStatistics {
    /// Its number.
    pub id: ThreadId,
    /// Its name, as last given.
    pub name: String,
    /// Whether it has not been retired.
    pub is_alive: bool,
    /// Time under the lock.
    pub held: Duration,
    /// Time between asking for a lock that was not free and running under it.
    pub waited: Duration,
    /// The same by where it came from, in the order of [`Origin::ALL`].
    pub waited_by: [Duration; Origin::ALL.len()],
    /// Time without the lock and without asking for it, by what it had let go for, in the order of [`ReleaseCause::ALL`].
    pub blocked_by: [Duration; ReleaseCause::ALL.len()],
    /// Instructions that it ran.
    pub instructions: u64,
    /// How often it got the lock. Equals the sum of `releases`, plus one while it holds the lock.
    pub acquisitions: u64,
    /// How often it got the lock after another thread had it.
    pub switches: u64,
    /// How often it got the lock when nobody else had had it since its own last release.
    pub reacquisitions: u64,
    /// Releases by cause, in the order of [`ReleaseCause::ALL`].
    pub releases: [u64; ReleaseCause::ALL.len()],
}

/// For how long one thread waited while another one held the lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WaitStatistics {
    /// Who waited.
    pub waiter: ThreadId,
    /// Who held the lock meanwhile.
    pub holder: ThreadId,
    /// For how long, in sum.
    pub time: Duration,
}

impl Statistics {
    /// What a thread has done; `None` if it is one of those that stand together.
    #[must_use]
    pub fn thread(&self, id: ThreadId) -> Option<&ThreadStatistics> {
        let place = self.threads.binary_search_by_key(&id, |thread| thread.id).ok()?;
        self.threads.get(place)
    }

    /// How often the lock went from one thread to another.
    #[must_use]
    pub fn switches(&self) -> u64 {
        self.threads.iter().map(|thread| thread.switches).sum()
    }

    /// Instructions that all threads ran.
    #[must_use]
    pub fn instructions(&self) -> u64 {
        self.threads.iter().map(|thread| thread.instructions).sum()
    }

    /// Time during which any thread ran under the lock.
    #[must_use]
    pub fn held(&self) -> Duration {
        self.threads.iter().map(|thread| thread.held).sum()
    }
}

impl ThreadStatistics {
    /// Time without the lock and without asking for it.
    #[must_use]
    pub fn blocked(&self) -> Duration {
        self.blocked_by.iter().sum()
    }

    /// How often it let the lock go for that cause.
    #[must_use]
    pub fn released(&self, cause: ReleaseCause) -> u64 {
        self.releases[cause as usize]
    }
}
