//! Who listens to the lock: every change of hands, as it happens.

use std::fmt::Debug;

use crate::policy::Conditions;
use crate::vocabulary::{Origin, PlaceNumber, ReleaseCause, ThreadId};

/// Hears everything that happens to the lock, in order, under its mutex: it must be quick, must not block and must not
/// touch the lock.
pub trait Observer: Send + Debug {
    /// The lock is new; these are its policy, as it is written, and the conditions of the run.
    fn begin(&mut self, _policy: &str, _conditions: Conditions) {}

    /// Something happened at `now`, in nanoseconds of the lock's clock.
    fn hear(&mut self, now: u64, event: &Event<'_>);

    /// Nothing more will be heard. Gives what the user is to be told, such as that a file could not be written.
    fn finish(&mut self) -> Option<String> {
        None
    }
}

/// What happens to a lock.
///
/// A thread's life is `Named (Asked? Began Ended)* Retired`, with more `Named` anywhere; `Asked` is absent when the lock was
/// free.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event<'a> {
    /// A thread was made known, or got another name.
    Named {
        /// Which one.
        thread: ThreadId,
        /// Its name.
        name: &'a str,
    },
    /// A thread waits for the lock from now on, or is expected to.
    Asked {
        /// Who waits.
        thread: ThreadId,
        /// Where it comes from.
        origin: Origin,
    },
    /// A thread runs from now on.
    Began {
        /// Who runs.
        thread: ThreadId,
        /// Where it comes from.
        origin: Origin,
        /// For how many nanoseconds it has waited.
        waited: u64,
    },
    /// A thread's turn is over.
    Ended {
        /// Whose.
        thread: ThreadId,
        /// Why.
        cause: ReleaseCause,
        /// Where it stands.
        place: PlaceNumber,
        /// For how many nanoseconds it has run.
        held: u64,
        /// How many instructions it has run.
        instructions: u64,
        /// Who has been chosen to be next; `None`: nobody waits, or whoever comes first.
        successor: Option<ThreadId>,
    },
    /// A thread uses the lock no more.
    Retired {
        /// Which one.
        thread: ThreadId,
    },
}
