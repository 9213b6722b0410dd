//! The lock itself: it blocks and wakes threads as turn and policy say.
//!
//! Here is what it is made of; what it does lies in a module for each step of a thread's life with it: [membership],
//! [acquire], [expiry], [release], and [control] from outside.
//!
//! Invariant: turn, policy and seats change under the mutex only, and the policy is asked only by the holder.
//! Invariant: whoever is notified is notified after the turn says so, and looks at the turn before it sleeps again.

mod acquire;
mod control;
mod expiry;
mod membership;
mod release;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize};

use crossbeam_utils::CachePadded;

use crate::clock::{Clock, ManualClock, MonotonicClock};
use crate::gate::Gate;
use crate::observer::{Event, Observer};
use crate::parker::Parker;
use crate::policy::{Conditions, Policy, Time};
use crate::primitives::{Native, Primitives};
use crate::sleepers::Sleepers;
use crate::turn::Turn;
use crate::vocabulary::ThreadId;

/// The global interpreter lock.
///
/// Every thread that uses it is *inside*: it made the lock, or it was started with a [`Birth`](crate::Birth). Only around a blocking
/// system call it steps out ([`GlobalLock::detached`]). A method that takes a [`ThreadId`] is called by that thread.
///
/// A method may lock the mutex in here, for well under a microsecond; `retire` and `snapshot` for longer, in proportion to the
/// number of threads. [`detached`](GlobalLock::detached), [`birth`](GlobalLock::birth) and what only tells of the lock without
/// counting never do.
///
/// It goes from core to core, and what each of its threads sleeps on lies in lines of the cache of its own: where the allocator puts them
/// decided over up to 7 % of the time of two threads that hand the lock over all the time.
#[repr(align(128))]
pub struct GlobalLock<P: Primitives = Native> {
    pub(crate) state: P::Mutex<State<P>>,
    /// The length of the queue, for who does not want to lock the mutex. The holder may see it late, never wrong for good:
    /// it looks again at its next expiry.
    pub(crate) waiting: AtomicUsize,
    /// The budget given last, hence the holder's. Only the holder reads and writes it.
    budget: AtomicU64,
    /// Instructions that the holder has told of and that are not in the books yet. Only the holder reads and writes it.
    unbooked: AtomicU64,
    /// Index of the thread that the lock was handed to and that has not begun its turn, or [`NOBODY`]; for who watches for it.
    pub(crate) heir: AtomicU32,
    /// Whether a thread that waits for another one stays awake for its turn.
    pub(crate) is_watched: Flag,
    /// Whether every expiry has to be looked at, also when nobody waits: the policy or the clock wants to know.
    is_watchful: AtomicBool,
    /// Whether the holder is to ask as soon as it can: a waiter's patience is over, or one is to be woken.
    pub(crate) is_pressed: Arc<Flag>,
    /// Whether a thread is to go first, even within an instruction of the holder.
    is_urgent: Arc<Flag>,
    pub(crate) is_observed: AtomicBool,
    pub(crate) gate: Arc<Gate<P>>,
    pub(crate) clock: Box<dyn Clock>,
    /// The same clock, if it is the lock that turns it.
    pub(crate) virtual_clock: Option<ManualClock>,
    conditions: Conditions,
}

/// Something that others say to the holder, which looks at it often.
pub type Flag = CachePadded<AtomicBool>;

/// The index of no thread.
const NOBODY: u32 = u32::MAX;

/// What the mutex guards.
pub(crate) struct State<P: Primitives> {
    pub(crate) turn: Turn,
    pub(crate) policy: Box<dyn Policy>,
    /// `None` once the thread is retired.
    pub(crate) seats: Vec<Option<Seat<P>>>,
    pub(crate) sleepers: Sleepers,
    /// How often in a row a thread has tried a device in vain and run nothing since its last try.
    pub(crate) tries_in_vain: usize,
    pub(crate) observers: Vec<Box<dyn Observer>>,
    pub(crate) favourite: Option<Favourite>,
    /// A thread that the holder has woken, and that sleeps still.
    pub(crate) late_call: Option<LateCall<P>>,
    has_let_look_again: bool,
}

/// A thread that waits for the lock and has not been told by the system that it may get up. Whoever ends a turn sees to that.
pub(crate) struct LateCall<P: Primitives> {
    /// Where it sleeps.
    pub(crate) parker: Arc<Parker<P>>,
    /// When the holder is to tell it in any case, in nanoseconds of the lock's clock.
    pub(crate) due: u64,
    /// Whether the holder looks for that before its budget is over, since only a thread that is up can press.
    pub(crate) is_urgent: bool,
    /// Whether it is this that the holder is pressed for.
    pub(crate) presses: bool,
}

/// A thread that goes before all others when it comes back from a device, whatever the policy says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Favourite {
    thread: ThreadId,
    /// How often it still does.
    times: u32,
}

/// Where a thread waits.
pub(crate) struct Seat<P: Primitives> {
    /// For its turn.
    pub(crate) turn: Arc<CachePadded<P::Condvar>>,
    /// For everything else.
    pub(crate) parker: Arc<Parker<P>>,
}

/// What a lock is made of besides its policy.
#[derive(Debug, Default)]
pub struct Setting {
    /// What the run goes by, as far as the policy leaves it open.
    pub conditions: Conditions,
    /// Whoever listens.
    pub observers: Vec<Box<dyn Observer>>,
}

impl GlobalLock {
    /// A free lock that no thread is registered with. The calling thread is inside.
    #[must_use]
    pub fn new(policy: Box<dyn Policy>, setting: Setting) -> GlobalLock {
        GlobalLock::with_clock(policy, setting, Box::new(MonotonicClock))
    }
}

impl<P: Primitives> GlobalLock<P> {
    /// As [`GlobalLock::new`], with a clock and primitives of one's own. In virtual time the clock is the lock's.
    #[must_use]
    pub fn with_clock(policy: Box<dyn Policy>, setting: Setting, clock: Box<dyn Clock>) -> GlobalLock<P> {
        let Setting { conditions, mut observers } = setting;
        let conditions = policy.impose(conditions);
        let virtual_clock = (conditions.time == Time::Virtual).then(ManualClock::default);
        let clock: Box<dyn Clock> = match &virtual_clock {
            Some(clock) => Box::new(clock.clone()),
            None => clock,
        };
        let written = policy.spec();
        observers.iter_mut().for_each(|observer| observer.begin(&written, conditions));
        GlobalLock {
            waiting: AtomicUsize::new(0),
            budget: AtomicU64::new(0),
            unbooked: AtomicU64::new(0),
            heir: AtomicU32::new(NOBODY),
            is_watchful: AtomicBool::new(policy.always_decides() || virtual_clock.is_some()),
            is_watched: Flag::default(),
            is_pressed: Arc::default(),
            is_urgent: Arc::default(),
            is_observed: AtomicBool::new(!observers.is_empty()),
            gate: Arc::new(Gate::new()),
            state: P::mutex(State {
                turn: Turn::new(clock.now()),
                policy,
                seats: Vec::new(),
                sleepers: Sleepers::default(),
                tries_in_vain: 0,
                observers,
                favourite: None,
                late_call: None,
                has_let_look_again: false,
            }),
            clock,
            virtual_clock,
            conditions,
        }
    }
}

impl<P: Primitives> State<P> {
    pub(crate) fn seat(&self, thread: ThreadId) -> &Seat<P> {
        self.seats[thread.index()].as_ref().expect("a retired thread neither acquires nor waits")
    }

    fn lives(&self, thread: ThreadId) -> bool {
        self.seats.get(thread.index()).is_some_and(Option::is_some)
    }

    /// Wakes those whose wait was to end as the policy had foreseen, once it has given that up.
    fn let_look_again(&mut self) {
        if self.policy.has_given_up() && !std::mem::replace(&mut self.has_let_look_again, true) {
            self.turn.parked.iter().for_each(|thread| self.seat(*thread).parker.unpark());
        }
    }

    #[inline]
    fn tell(&mut self, now: u64, event: Event<'_>) {
        self.observers.iter_mut().for_each(|observer| observer.hear(now, &event));
    }
}

impl<P: Primitives> fmt::Debug for GlobalLock<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = P::lock(&self.state);
        formatter
            .debug_struct("GlobalLock")
            .field("policy", &state.policy)
            .field("possession", &state.turn.possession)
            .field("queue", &state.turn.queue)
            .finish_non_exhaustive()
    }
}
