//! Who is next: the policy interface, and the table of policies.

mod classic;
mod table;

use std::fmt::Debug;

use crate::clock::Clock;
use crate::vocabulary::{Origin, ReleaseCause, ThreadId};

pub use table::{DEFAULT_SWITCH_INTERVAL, POLICIES, PolicyError, PolicyForm, PolicyInfo, PolicySpec};

/// Decides how long a thread runs and who is next. It is asked under the lock's mutex, so it must not block.
///
/// A policy keeps what state it likes: a random generator, a list of decisions to repeat, the moment of the last switch.
/// One that goes by time asks for small budgets and looks at the clock when they end.
pub trait Policy: Send + Debug {
    /// How the policy is written on the command line.
    fn spec(&self) -> String;

    /// How many instructions `thread`, which is about to run, may do until it asks; `u64::MAX` means for ever. While
    /// nobody waits, the same budget is given again without asking.
    fn budget(&mut self, thread: ThreadId) -> u64;

    /// The holder's budget ran out while others waited.
    fn on_expiry(&mut self, scene: &Scene<'_>) -> Expiry;

    /// The holder lets the lock go for a cause of its own while others wait.
    fn on_release(&mut self, scene: &Scene<'_>, cause: ReleaseCause) -> Succession;
}

/// The answer to an expiry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expiry {
    /// The holder goes on, with a new budget.
    Keep,
    /// The holder releases the lock and asks for it again.
    Release(Succession),
}

/// Who gets a lock that is being released.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Succession {
    /// It is set free and the first waiter is called: whoever comes first takes it, the releaser too.
    LetAnyone,
    /// It belongs to this thread, which must be waiting, from now on; nobody can come between.
    HandOver(ThreadId),
}

/// A thread that waits for the lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiter {
    /// Who waits.
    pub thread: ThreadId,
    /// Where it comes from.
    pub origin: Origin,
    /// Since when, in nanoseconds of the lock's clock.
    pub since: u64,
}

/// What a policy sees when it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    holder: ThreadId,
    held_since: u64,
    waiters: &'a [Waiter],
    clock: &'a dyn Clock,
}

impl<'a> Scene<'a> {
    /// A scene as the lock would show it.
    ///
    /// # Panics
    /// If nobody waits: then a policy is not asked.
    #[must_use]
    pub fn new(holder: ThreadId, held_since: u64, waiters: &'a [Waiter], clock: &'a dyn Clock) -> Scene<'a> {
        assert!(!waiters.is_empty(), "a policy is asked only when threads wait");
        Scene { holder, held_since, waiters, clock }
    }

    /// Who holds the lock.
    #[must_use]
    pub fn holder(&self) -> ThreadId {
        self.holder
    }

    /// Since when it does, in nanoseconds of the lock's clock.
    #[must_use]
    pub fn held_since(&self) -> u64 {
        self.held_since
    }

    /// Who waits, in order of arrival; never empty.
    #[must_use]
    pub fn waiters(&self) -> &'a [Waiter] {
        self.waiters
    }

    /// Who has waited longest.
    #[must_use]
    pub fn first(&self) -> ThreadId {
        self.waiters[0].thread
    }

    /// What time it is, in nanoseconds of the lock's clock. Reading it costs about 25 ns.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.clock.now()
    }
}
