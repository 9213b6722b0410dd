//! The lock itself: it blocks and wakes threads as turn and policy say.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::clock::{Clock, ManualClock, MonotonicClock};
use crate::gate::Gate;
use crate::life::Birth;
use crate::observer::{Event, Observer};
use crate::parker::Parker;
use crate::policy::{Conditions, Expiry, Policy, Replacement, Succession, Time};
use crate::primitives::{Native, Primitives};
use crate::sleepers::Sleepers;
use crate::statistics::Statistics;
use crate::turn::Turn;
use crate::vocabulary::{Origin, PlaceNumber, Progress, ReleaseCause, ThreadId};

/// How long an instruction takes in virtual time.
const NANOSECONDS_AN_INSTRUCTION: u64 = 10;

/// The global interpreter lock.
///
/// Every thread that uses it is *inside*: it made the lock, or it was started with a [`Birth`]. Only around a blocking
/// system call it steps out ([`GlobalLock::detached`]). A method that takes a [`ThreadId`] is called by that thread.
///
/// A method may lock the mutex in here, for well under a microsecond; `retire` and `snapshot` for longer, in proportion to the
/// number of threads. [`detached`](GlobalLock::detached), [`birth`](GlobalLock::birth) and what only tells of the lock without
/// counting never do.
pub struct GlobalLock<P: Primitives = Native> {
    pub(crate) state: P::Mutex<State<P>>,
    /// The length of the queue, for who does not want to lock the mutex. The holder may see it late, never wrong for good:
    /// it looks again at its next expiry.
    pub(crate) waiting: AtomicUsize,
    /// The budget given last, hence the holder's. Only the holder reads and writes it.
    budget: AtomicU64,
    /// Instructions that the holder has told of and that are not in the books yet. Only the holder reads and writes it.
    unbooked: AtomicU64,
    /// Whether every expiry has to be looked at, also when nobody waits: the policy or the clock wants to know.
    is_watchful: AtomicBool,
    /// Whether a waiter's patience is over: the holder is to ask as soon as it can.
    is_pressed: Arc<AtomicBool>,
    pub(crate) is_observed: AtomicBool,
    pub(crate) gate: Arc<Gate<P>>,
    pub(crate) clock: Box<dyn Clock>,
    /// The same clock, if it is the lock that turns it.
    pub(crate) virtual_clock: Option<ManualClock>,
    conditions: Conditions,
}

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
    has_let_look_again: bool,
}

/// Where a thread waits.
pub(crate) struct Seat<P: Primitives> {
    /// For its turn.
    pub(crate) turn: Arc<P::Condvar>,
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
            is_watchful: AtomicBool::new(policy.always_decides() || virtual_clock.is_some()),
            is_pressed: Arc::default(),
            is_observed: AtomicBool::new(!observers.is_empty()),
            gate: Arc::new(Gate::new()),
            state: P::mutex(State {
                turn: Turn::new(clock.now()),
                policy,
                seats: Vec::new(),
                sleepers: Sleepers::default(),
                tries_in_vain: 0,
                observers,
                has_let_look_again: false,
            }),
            clock,
            virtual_clock,
            conditions,
        }
    }

    /// Makes a thread known, which may then acquire.
    pub fn register(&self, name: &str) -> ThreadId {
        let mut state = P::lock(&self.state);
        state.seats.push(Some(Seat { turn: Arc::default(), parker: Arc::new(Parker::with_primitives()) }));
        let thread = state.turn.ledger.register(name);
        state.tell(self.clock.now(), Event::Named { thread, name });
        thread
    }

    /// Where a registered thread sleeps that waits for anything but the lock.
    pub fn parker(&self, thread: ThreadId) -> Arc<Parker<P>> {
        Arc::clone(&P::lock(&self.state).seat(thread).parker)
    }

    /// Ends a thread's use of the lock, which it does not hold. Its statistics stay.
    pub fn retire(&self, thread: ThreadId) {
        let mut state = P::lock(&self.state);
        assert_ne!(state.turn.possession.holder(), Some(thread), "thread {thread} retires with the lock in its hands");
        state.seats[thread.index()] = None;
        state.turn.ledger.retire(thread);
        state.tell(self.clock.now(), Event::Retired { thread });
    }

    /// Changes a thread's name in the statistics.
    pub fn rename(&self, thread: ThreadId, name: &str) {
        let mut state = P::lock(&self.state);
        state.turn.ledger.rename(thread, name);
        state.tell(self.clock.now(), Event::Named { thread, name });
    }

    /// Gets the lock, sleeping until it is this thread's turn. Gives the budget, as [`GlobalLock::budget`] does.
    #[inline]
    pub fn acquire(&self, thread: ThreadId, origin: Origin) -> u64 {
        let mut state = P::lock(&self.state);
        if self.virtual_clock.is_some() {
            // It may come by itself, on Ctrl-C.
            state.sleepers.remove(thread);
        }
        let now = self.clock.now();
        // Who is expected leaves the queue as a waiter does.
        if state.turn.is_open_to(thread) && !state.turn.is_queued(thread) {
            state.turn.start(thread, now);
            state.tell(now, Event::Began { thread, origin, waited: 0 });
            state.policy.begin(thread);
            self.grant(&mut state, thread)
        } else {
            self.sleep_until_turn(state, thread, origin, now)
        }
    }

    /// Called by the holder just before it wakes a thread that will ask for the lock next: that thread waits for the lock
    /// from now on, not only once the operating system has let it run. Otherwise a thread that was started or woken would
    /// get its turn when the machine has time for it, and not when the policy says.
    ///
    /// The thread must call [`acquire`](GlobalLock::acquire), or be taken back by [`dismiss`](GlobalLock::dismiss).
    pub fn expect(&self, holder: ThreadId, thread: ThreadId, origin: Origin) {
        let mut state = P::lock(&self.state);
        state.turn.held_since(holder);
        if thread != holder && !state.turn.is_queued(thread) {
            state.sleepers.remove(thread);
            self.enqueue(&mut state, thread, origin, self.clock.now());
        }
    }

    /// Called by the holder: a thread that was expected will not come.
    pub fn dismiss(&self, holder: ThreadId, thread: ThreadId) {
        let mut state = P::lock(&self.state);
        state.turn.held_since(holder);
        state.turn.queue.retain(|waiter| waiter.thread != thread);
        self.waiting.store(state.turn.queue.len(), Ordering::Relaxed);
    }

    /// Lets the lock go. With nobody waiting it is free; otherwise the policy says whose it is.
    #[inline]
    pub fn release(&self, thread: ThreadId, cause: ReleaseCause, progress: Progress) {
        self.tell_progress(progress);
        self.let_go(P::lock(&self.state), thread, cause, progress.place);
    }

    /// Called by the holder: it has run so many instructions.
    #[inline]
    pub fn tell_progress(&self, progress: Progress) {
        let unbooked = self.unbooked.load(Ordering::Relaxed);
        self.unbooked.store(unbooked + progress.instructions, Ordering::Relaxed);
    }

    /// How many instructions the holder, `thread`, may run before it must call [`GlobalLock::expired`], counted from when
    /// `acquire` or `expired` returned; `u64::MAX` means for ever.
    #[inline]
    pub fn budget(&self, thread: ThreadId) -> u64 {
        self.debug_assert_holder(thread);
        self.budget.load(Ordering::Relaxed)
    }

    /// Called by the holder when its budget has run out: others may get their turn first. Gives the next budget. With
    /// nobody waiting it costs a few loads and stores.
    #[inline]
    pub fn expired(&self, thread: ThreadId, progress: Progress) -> u64 {
        self.tell_progress(progress);
        if self.waiting.load(Ordering::Relaxed) == 0 && !self.is_watchful.load(Ordering::Relaxed) {
            self.is_pressed.store(false, Ordering::Relaxed);
            self.budget(thread)
        } else {
            self.ask_on_expiry(thread, progress.place)
        }
    }

    /// Whether the holder is to call [`GlobalLock::expired`] as soon as it can, although its budget is not used up: shared, so
    /// that looking is cheap.
    #[must_use]
    pub fn pressed(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_pressed)
    }

    /// How many threads wait for the lock.
    #[inline]
    pub fn waiters(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// What the run goes by.
    #[inline]
    pub fn conditions(&self) -> Conditions {
        self.conditions
    }

    /// Whether somebody listens, who wants to know places.
    #[inline]
    pub fn is_observed(&self) -> bool {
        self.is_observed.load(Ordering::Relaxed)
    }

    /// Called by the holder: from now on another policy decides, unless the present one repeats a run in which it did. Its
    /// budget counts from when the holder next asks.
    ///
    /// # Errors
    /// The policy cannot do with the conditions of this run, or the present one decides about all of it. It is given back.
    pub fn set_policy(&self, thread: ThreadId, policy: Box<dyn Policy>) -> Result<(), Box<dyn Policy>> {
        let mut state = P::lock(&self.state);
        state.turn.held_since(thread);
        if policy.impose(self.conditions) != self.conditions || policy.always_decides() {
            return Err(policy);
        }
        match state.policy.replacement() {
            Replacement::Allowed => {}
            Replacement::Refused => return Err(policy),
            Replacement::Ignored => return Ok(()),
        }
        state.policy = policy;
        self.is_watchful.store(self.virtual_clock.is_some(), Ordering::Relaxed);
        self.grant(&mut state, thread);
        Ok(())
    }

    /// How the policy is written.
    #[must_use]
    pub fn policy(&self) -> String {
        P::lock(&self.state).policy.spec()
    }

    /// How long threads run at a time, if the policy goes by time.
    #[must_use]
    pub fn interval(&self) -> Option<Duration> {
        P::lock(&self.state).policy.slice()
    }

    /// How often the lock went from one thread to another.
    #[must_use]
    pub fn switches(&self) -> u64 {
        P::lock(&self.state).turn.ledger.switches()
    }

    /// Called by the holder: threads shall run for so long at a time. `false`: the policy does not go by time.
    pub fn set_interval(&self, thread: ThreadId, interval: Duration) -> bool {
        let mut state = P::lock(&self.state);
        state.turn.held_since(thread);
        let goes_by_time = state.policy.slice().is_some();
        state.policy.set_slice(interval.max(Duration::from_nanos(1)));
        self.grant(&mut state, thread);
        goes_by_time
    }

    /// Ends the listening: observers hear nothing more. Gives what they, and the policy, have to say to the user.
    pub fn finish(&self) -> Vec<String> {
        let mut state = P::lock(&self.state);
        self.is_observed.store(false, Ordering::Relaxed);
        let mut complaints: Vec<String> = state.policy.complaint().into_iter().collect();
        complaints.extend(state.observers.drain(..).filter_map(|mut observer| observer.finish()));
        complaints
    }

    /// Runs one raw, possibly blocking system call, such as a read or a [`park`](crate::Parker::park), while the process
    /// may fork. `call` must not touch a lock of any library, nor this one; the thread need not hold the lock, and
    /// usually has released it. Costs two atomic operations.
    #[inline]
    pub fn detached<R>(&self, call: impl FnOnce() -> R) -> R {
        struct Detached<'gate, P: Primitives>(&'gate Gate<P>);
        impl<P: Primitives> Drop for Detached<'_, P> {
            fn drop(&mut self) {
                self.0.enter();
            }
        }
        self.gate.leave();
        let _come_back_even_if_it_panics = Detached(&self.gate);
        call()
    }

    /// Counts in a thread that the calling one is about to start, also if it will never ask for the lock.
    pub fn birth(&self) -> Birth<P> {
        Birth::new(Arc::clone(&self.gate))
    }

    /// All counts and times up to now. What the holder has not told of its progress is not in them.
    #[must_use]
    pub fn snapshot(&self) -> Statistics {
        let mut state = P::lock(&self.state);
        self.book(&mut state);
        let turn = &state.turn;
        turn.ledger.snapshot(turn, self.clock.now(), state.policy.spec(), self.conditions.switch_at)
    }

    /// The thread has the lock: gives it its budget.
    #[inline]
    fn grant(&self, state: &mut State<P>, thread: ThreadId) -> u64 {
        self.is_pressed.store(false, Ordering::Relaxed);
        let budget = state.policy.budget(thread);
        self.budget.store(budget, Ordering::Relaxed);
        budget
    }

    /// Writes the holder's instructions into the books, and lets the time pass that they take.
    #[inline]
    pub(crate) fn book(&self, state: &mut State<P>) {
        let instructions = self.unbooked.load(Ordering::Relaxed);
        self.unbooked.store(0, Ordering::Relaxed);
        state.turn.instructions += instructions;
        if let Some(clock) = &self.virtual_clock {
            clock.advance(instructions.saturating_mul(NANOSECONDS_AN_INSTRUCTION));
        }
    }

    pub(crate) fn enqueue(&self, state: &mut State<P>, thread: ThreadId, origin: Origin, now: u64) {
        state.turn.enqueue(thread, origin, now);
        state.tell(now, Event::Asked { thread, origin });
        self.waiting.store(state.turn.queue.len(), Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn let_go(
        &self,
        mut state: P::Guard<'_, State<P>>,
        thread: ThreadId,
        cause: ReleaseCause,
        place: PlaceNumber,
    ) {
        self.book(&mut state);
        self.wake_sleepers(&mut state);
        let decides = !state.turn.queue.is_empty() || state.policy.always_decides();
        let succession = if decides { Some(self.ask_on_release(&mut state, thread, cause)) } else { None };
        let (_, mut next) = self.end_turn(&mut state, thread, cause, place, succession);
        if self.virtual_clock.is_some() && state.turn.queue.is_empty() {
            next = self.jump_to_next_alarm(&mut state);
        }
        if let Some(seat) = next {
            drop(state);
            P::notify(&seat);
        }
    }

    /// Ends the turn of the holder, whose instructions are booked. Gives the time, and where to notify: if that thread is
    /// awake already, or stands at the gate, it looks at the turn before it sleeps.
    #[inline]
    pub(crate) fn end_turn(
        &self,
        state: &mut State<P>,
        thread: ThreadId,
        cause: ReleaseCause,
        place: PlaceNumber,
        succession: Option<Succession>,
    ) -> (u64, Option<Arc<P::Condvar>>) {
        let now = self.clock.now();
        let instructions = state.turn.instructions;
        let held = state.turn.stop(thread, cause, now);
        // A record may name a thread that does not live here.
        let succession = succession.map(|succession| match succession {
            Succession::HandOver(next) if !state.lives(next) => Succession::LetAnyone,
            succession => succession,
        });
        let next = succession.and_then(|succession| state.turn.pass_on(succession));
        if let Some(Succession::HandOver(chosen)) = succession
            && next.is_none()
            && state.turn.unpark(chosen)
        {
            state.seat(chosen).parker.unpark();
        }
        if !state.observers.is_empty() {
            let successor = match succession {
                Some(Succession::HandOver(next)) => Some(next),
                Some(Succession::LetAnyone | Succession::LetOthers) | None => None,
            };
            state.tell(now, Event::Ended { thread, cause, place, held, instructions, successor });
        }
        (now, next.map(|next| Arc::clone(&state.seat(next).turn)))
    }

    #[cold]
    pub(crate) fn sleep_until_turn<'a>(
        &'a self,
        mut state: P::Guard<'a, State<P>>,
        thread: ThreadId,
        origin: Origin,
        now: u64,
    ) -> u64 {
        let seat = Arc::clone(&state.seat(thread).turn);
        if !state.turn.is_queued(thread) {
            self.enqueue(&mut state, thread, origin, now);
        }
        while !state.turn.is_open_to(thread) {
            if self.gate.is_closed() {
                drop(state);
                self.gate.leave();
                self.gate.enter();
                state = P::lock(&self.state);
            } else if let Some(patience) = state.policy.patience_of(origin) {
                let (back, is_over) = P::wait_for(&seat, state, patience);
                state = back;
                if is_over {
                    self.is_pressed.store(true, Ordering::Relaxed);
                }
            } else {
                state = P::wait(&seat, state);
            }
        }
        let now = self.clock.now();
        let waiter = state.turn.start_waiter(thread, now);
        state.tell(now, Event::Began { thread, origin: waiter.origin, waited: now - waiter.since });
        self.waiting.store(state.turn.queue.len(), Ordering::Relaxed);
        state.policy.begin(thread);
        self.grant(&mut state, thread)
    }

    #[cold]
    pub(crate) fn ask_on_release(&self, state: &mut State<P>, thread: ThreadId, cause: ReleaseCause) -> Succession {
        let State { turn, policy, .. } = state;
        let succession = policy.on_release(&turn.scene(thread, &*self.clock), cause);
        state.let_look_again();
        succession
    }

    #[cold]
    fn ask_on_expiry(&self, thread: ThreadId, place: PlaceNumber) -> u64 {
        let mut state = P::lock(&self.state);
        self.book(&mut state);
        self.wake_sleepers(&mut state);
        let State { turn, policy, .. } = &mut *state;
        turn.held_since(thread);
        if turn.queue.is_empty() && !policy.always_decides() {
            self.is_pressed.store(false, Ordering::Relaxed);
            return self.budget.load(Ordering::Relaxed);
        }
        let expiry = policy.on_expiry(&turn.scene(thread, &*self.clock));
        state.let_look_again();
        let succession = match expiry {
            Expiry::Keep => return self.grant(&mut state, thread),
            Expiry::Release(succession) => succession,
        };
        let (now, next) = self.end_turn(&mut state, thread, ReleaseCause::Interval, place, Some(succession));
        if succession == Succession::LetAnyone {
            // Called while the mutex is free, or the waiter would queue at the mutex, whose own fairness would then make the
            // choice every half millisecond.
            drop(state);
            next.iter().for_each(|seat| P::notify(seat));
            return self.acquire(thread, Origin::Interval);
        }
        next.iter().for_each(|seat| P::notify(seat));
        self.sleep_until_turn(state, thread, Origin::Interval, now)
    }

    #[inline]
    fn debug_assert_holder(&self, thread: ThreadId) {
        if cfg!(debug_assertions) {
            P::lock(&self.state).turn.held_since(thread);
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
