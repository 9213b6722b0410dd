//! Who is next: the policy interface, and the table of policies.

mod argument;
mod classic;
mod io_first;
mod replay;
mod seeded;
mod spec;
mod table;
mod timed;

use std::fmt::Debug;
use std::time::Duration;

use crate::clock::Clock;
use crate::vocabulary::{Origin, ReleaseCause, SwitchAt, ThreadId};

pub use argument::{Argument, Parameter, Refusal, UNITS_OF_TIME, Unit};
pub use replay::BadRecord;
pub use spec::{PolicyError, PolicySpec};
pub use table::{DEFAULT_POLICY, POLICIES, PolicyInfo};

/// Instructions that a policy which goes by time lets run before it looks at the clock: some 40 µs of arithmetic.
const LOOK: u64 = 1 << 14;

/// Instructions of plain arithmetic in a microsecond, roughly: by it a time is turned into a number of instructions after
/// which to look at the clock.
const INSTRUCTIONS_A_MICROSECOND: u64 = 400;

/// Decides how long a thread runs and who is next. It is asked under the lock's mutex, so it must not block.
///
/// A policy keeps what state it likes: a random generator, a list of decisions to repeat, the moment of the last switch.
/// One that goes by time asks for small budgets and looks at the clock when they end.
pub trait Policy: Send + Debug {
    /// How the policy is written on the command line.
    fn spec(&self) -> String;

    /// A turn of `thread` begins.
    fn begin(&mut self, _thread: ThreadId) {}

    /// How many instructions `thread`, which begins its turn or may go on with it, may do until it asks; `u64::MAX` means for
    /// ever. While nobody waits, the same budget is given again without asking.
    fn budget(&mut self, thread: ThreadId) -> u64;

    /// The holder's budget ran out while others waited.
    fn on_expiry(&mut self, scene: &Scene<'_>) -> Expiry;

    /// The holder lets the lock go for a cause of its own while others wait.
    fn on_release(&mut self, scene: &Scene<'_>, cause: ReleaseCause) -> Succession;

    /// How long threads run at a time, if the policy goes by time.
    fn slice(&self) -> Option<Duration> {
        None
    }

    /// Threads shall run for so long at a time, if the policy goes by time (`sys.setswitchinterval`).
    fn set_slice(&mut self, _slice: Duration) {}

    /// After how long a thread that waits for the lock, coming from `origin`, asks the holder to look before its budget is
    /// over, and again after as long; `None`: never. The holder may be busy with few instructions that take long.
    fn patience_of(&self, _origin: Origin) -> Option<Duration> {
        self.slice()
    }

    /// How `thread`, which waits for the lock coming from `origin`, waits where its turn is near.
    fn vigil_of(&self, _thread: ThreadId, _origin: Origin) -> Vigil {
        Vigil::Never
    }

    /// The conditions of the run: those that were asked for, unless the policy needs others.
    fn impose(&self, asked: Conditions) -> Conditions {
        asked
    }

    /// Whether it is asked also when nobody waits: it may keep the lock for a thread that is still to come.
    fn always_decides(&self) -> bool {
        false
    }

    /// How the wait is known to end for which the holder of the scene lets the lock go now; `None`: as it happens to end.
    fn foresee(&mut self, _scene: &Scene<'_>, _cause: ReleaseCause) -> Option<Foreseen> {
        None
    }

    /// Whether another policy may take its place in the midst of a run.
    fn replacement(&self) -> Replacement {
        Replacement::Allowed
    }

    /// Whether it has given up what it had foreseen: whoever waits because of that is to look again.
    fn has_given_up(&self) -> bool {
        false
    }

    /// In the child of a fork: all threads but the first are gone.
    fn restart(&mut self) {}

    /// Something that the user is to be told at the end of the run: decisions that could not be repeated.
    fn complaint(&self) -> Option<String> {
        None
    }
}

/// What a run goes by besides its policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conditions {
    /// Where a switch may fall.
    pub switch_at: SwitchAt,
    /// Which time the threads live in.
    pub time: Time,
    /// Whether a call that may block is tried first without letting the lock go.
    pub lazy_io: bool,
    /// Whether what a thread reads or writes is read and written within a turn, so that the order of turns is that of all
    /// that passes through pipes and files. A run that is recorded or repeated needs it.
    pub ordered_io: bool,
    /// What everything random depends on.
    pub seed: Option<u64>,
}

impl Default for Conditions {
    fn default() -> Conditions {
        Conditions { switch_at: SwitchAt::Instruction, time: Time::Real, lazy_io: false, ordered_io: false, seed: None }
    }
}

/// The time that sleeps and timeouts are measured in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Time {
    /// That of the system.
    Real,
    /// It advances by the instructions that run, 10 ns each, and jumps to the next end of a sleep when all threads wait. Input
    /// and output keep the turn. A call of a builtin is one instruction, however much it does: what it does takes a machine's
    /// time, which would differ from run to run. So a loop that calls long builtins until a time is over makes many rounds.
    Virtual,
}

/// When a thread that waits for the lock stays awake, and for how long at most. The operating system needs some 20 µs to put a
/// thread to sleep and to wake it, during which the lock is nobody's; who stays awake takes another core's time instead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Vigil {
    /// It sleeps until its turn.
    Never,
    /// From when it asks on.
    AtOnce(Duration),
    /// Each time that its [patience](Policy::patience_of) is over, when the holder is about to look.
    AfterPatience(Duration),
}

/// What becomes of the wish for another policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replacement {
    /// It is granted.
    Allowed,
    /// It is refused: this one decides about the whole run.
    Refused,
    /// Nothing happens: what the other one decided is known.
    Ignored,
}

/// How a wait ends that a policy knows of in advance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Foreseen {
    /// Somebody wakes the thread, however long that takes.
    Woken,
    /// Its time is over first.
    TimedOut,
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
    /// The same, but the releaser cannot take it again before somebody else had it.
    LetOthers,
    /// It belongs to this thread from now on; nobody can come between. A thread that does not wait yet is waited for, and
    /// woken if it sleeps.
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
    pub(crate) holder: ThreadId,
    pub(crate) held_since: u64,
    pub(crate) switched: u64,
    pub(crate) instructions: u64,
    pub(crate) is_pressed: bool,
    pub(crate) waiters: &'a [Waiter],
    pub(crate) clock: &'a dyn Clock,
}

impl<'a> Scene<'a> {
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

    /// When the lock last went from one thread to another.
    #[must_use]
    pub fn switched(&self) -> u64 {
        self.switched
    }

    /// How many instructions the holder has run in this turn.
    #[must_use]
    pub fn instructions(&self) -> u64 {
        self.instructions
    }

    /// Whether a waiter's [patience](Policy::patience_of) is over since the holder last looked.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        self.is_pressed
    }

    /// Who waits, in order of arrival; never empty, unless the policy [always decides](Policy::always_decides).
    #[must_use]
    pub fn waiters(&self) -> &'a [Waiter] {
        self.waiters
    }

    /// Who has waited longest.
    #[must_use]
    pub fn first(&self) -> ThreadId {
        self.waiters[0].thread
    }

    /// Whether that thread waits.
    #[must_use]
    pub fn waits(&self, thread: ThreadId) -> bool {
        self.waiters.iter().any(|waiter| waiter.thread == thread)
    }

    /// What time it is, in nanoseconds of the lock's clock. Reading it costs about 25 ns.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// For how many nanoseconds the holder has run.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.now() - self.held_since
    }
}

/// Instructions after which a policy with a time slice looks at the clock: a sixteenth of the slice, in arithmetic.
fn look_for(slice: Duration) -> u64 {
    let nanoseconds = u64::try_from(slice.as_nanos()).unwrap_or(u64::MAX);
    (nanoseconds / 16).saturating_mul(INSTRUCTIONS_A_MICROSECOND).div_euclid(1000).clamp(16, LOOK)
}
