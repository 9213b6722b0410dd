//! The lock itself: it blocks and wakes threads as turn and policy say.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::clock::{Clock, MonotonicClock};
use crate::fork::{ForkPermit, NotQuiet};
use crate::gate::Gate;
use crate::life::Birth;
use crate::policy::{Expiry, Policy, Scene, Succession};
use crate::primitives::{Native, Primitives};
use crate::statistics::Statistics;
use crate::turn::Turn;
use crate::vocabulary::{Origin, ReleaseCause, SwitchAt, ThreadId};

/// The global interpreter lock.
///
/// Every thread that uses it is *inside*: it made the lock, or it was started with a [`Birth`]. Only around a blocking
/// system call it steps out ([`GlobalLock::detached`]). A method that takes a [`ThreadId`] is called by that thread.
///
/// Every method but [`detached`](GlobalLock::detached), [`budget`](GlobalLock::budget), [`birth`](GlobalLock::birth) and
/// [`waiters`](GlobalLock::waiters) may lock the mutex in here, for well under a microsecond; `retire` and `snapshot` for
/// longer, in proportion to the number of threads.
pub struct GlobalLock<P: Primitives = Native> {
    state: P::Mutex<State<P>>,
    /// The length of the queue, for who does not want to lock the mutex. The holder may see it late, never wrong for good:
    /// it looks again at its next expiry.
    waiting: AtomicUsize,
    /// The budget given last, hence the holder's. Only the holder reads and writes it.
    budget: AtomicU64,
    gate: Arc<Gate<P>>,
    clock: Box<dyn Clock>,
    switch_at: SwitchAt,
}

/// What the mutex guards.
struct State<P: Primitives> {
    turn: Turn,
    policy: Box<dyn Policy>,
    /// Where each thread sleeps; `None` once it is retired.
    seats: Vec<Option<Arc<P::Condvar>>>,
}

impl GlobalLock {
    /// A free lock that no thread is registered with. The calling thread is inside.
    #[must_use]
    pub fn new(policy: Box<dyn Policy>, switch_at: SwitchAt) -> GlobalLock {
        GlobalLock::with_parts(policy, switch_at, Box::new(MonotonicClock))
    }
}

impl<P: Primitives> GlobalLock<P> {
    /// As [`GlobalLock::new`], with a clock and primitives of one's own.
    #[must_use]
    pub fn with_parts(policy: Box<dyn Policy>, switch_at: SwitchAt, clock: Box<dyn Clock>) -> GlobalLock<P> {
        let turn = Turn::new(clock.now());
        GlobalLock {
            state: P::mutex(State { turn, policy, seats: Vec::new() }),
            waiting: AtomicUsize::new(0),
            budget: AtomicU64::new(0),
            gate: Arc::new(Gate::new()),
            clock,
            switch_at,
        }
    }

    /// Makes a thread known, which may then acquire.
    pub fn register(&self, name: &str) -> ThreadId {
        let mut state = P::lock(&self.state);
        state.seats.push(Some(Arc::default()));
        state.turn.ledger.register(name)
    }

    /// Ends a thread's use of the lock, which it does not hold. Its statistics stay.
    pub fn retire(&self, thread: ThreadId) {
        let mut state = P::lock(&self.state);
        assert_ne!(state.turn.possession.holder(), Some(thread), "thread {thread} retires with the lock in its hands");
        state.seats[thread.index()] = None;
        state.turn.ledger.retire(thread);
    }

    /// Changes a thread's name in the statistics.
    pub fn rename(&self, thread: ThreadId, name: &str) {
        P::lock(&self.state).turn.ledger.rename(thread, name);
    }

    /// Gets the lock, sleeping until it is this thread's turn. Gives the budget, as [`GlobalLock::budget`] does.
    #[inline]
    pub fn acquire(&self, thread: ThreadId, origin: Origin) -> u64 {
        let mut state = P::lock(&self.state);
        // Who is expected leaves the queue as a waiter does.
        if state.turn.is_open_to(thread) && !state.turn.is_queued(thread) {
            let now = self.clock.now();
            state.turn.start(thread, now);
            self.grant(&mut state, thread)
        } else {
            let now = self.clock.now();
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
            state.turn.enqueue(thread, origin, self.clock.now());
            self.waiting.store(state.turn.queue.len(), Ordering::Relaxed);
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
    pub fn release(&self, thread: ThreadId, cause: ReleaseCause) {
        let mut state = P::lock(&self.state);
        let succession =
            if state.turn.queue.is_empty() { None } else { Some(self.ask_on_release(&mut state, thread, cause)) };
        state.turn.stop(thread, cause, self.clock.now());
        if let Some(seat) = succession.and_then(|succession| state.pass_on(succession)) {
            drop(state);
            P::notify(&seat);
        }
    }

    /// How many instructions the holder, `thread`, may run before it must call [`GlobalLock::expired`], counted from when
    /// `acquire` or `expired` returned; `u64::MAX` means for ever.
    #[inline]
    pub fn budget(&self, thread: ThreadId) -> u64 {
        self.debug_assert_holder(thread);
        self.budget.load(Ordering::Relaxed)
    }

    /// Called by the holder when its budget has run out: others may get their turn first. Gives the next budget. With
    /// nobody waiting it costs one atomic load.
    #[inline]
    pub fn expired(&self, thread: ThreadId) -> u64 {
        if self.waiting.load(Ordering::Relaxed) == 0 { self.budget(thread) } else { self.ask_on_expiry(thread) }
    }

    /// How many threads wait for the lock.
    #[inline]
    pub fn waiters(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Where a switch may fall.
    #[inline]
    pub fn switch_at(&self) -> SwitchAt {
        self.switch_at
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

    /// Brings all other threads to rest, so that the holder may fork.
    ///
    /// # Errors
    /// [`NotQuiet`] if a thread stays in native code, neither detached nor waiting, for longer than `patience`. Then all
    /// threads go on as if nothing had happened.
    pub fn quiesce(&self, thread: ThreadId, patience: Duration) -> Result<ForkPermit<'_, P>, NotQuiet> {
        // A deadline beyond what the clock can express is as good as none.
        let deadline = Instant::now().checked_add(patience);
        {
            let state = P::lock(&self.state);
            state.turn.held_since(thread);
            // Closed under the mutex: a waiter either sees it before it sleeps, or sleeps by now and is woken.
            self.gate.close();
            state.turn.queue.iter().for_each(|waiter| P::notify(state.seat(waiter.thread)));
        }
        let permit = ForkPermit::new(self, thread);
        match self.gate.wait_until_quiet(deadline) {
            Ok(()) => Ok(permit),
            Err(running) => Err(NotQuiet { running, patience }),
        }
    }

    /// All counts and times up to now.
    #[must_use]
    pub fn snapshot(&self) -> Statistics {
        let state = P::lock(&self.state);
        let Turn { possession, queue, ledger } = &state.turn;
        ledger.snapshot(*possession, queue, self.clock.now(), state.policy.spec(), self.switch_at)
    }

    /// Ends a fork in the parent.
    pub(crate) fn open_gate(&self) {
        self.gate.open();
    }

    /// Ends a fork in the child: `thread` becomes the only one and the first, and holds the lock.
    pub(crate) fn restart(&self, thread: ThreadId) {
        let mut state = P::lock(&self.state);
        let now = self.clock.now();
        let mut turn = Turn::new(now);
        let first = turn.ledger.register(state.turn.ledger.name(thread));
        turn.start(first, now);
        state.turn = turn;
        state.seats = vec![Some(Arc::default())];
        self.waiting.store(0, Ordering::Relaxed);
        self.gate.restart();
    }

    /// The thread has the lock: gives it its budget.
    #[inline]
    fn grant(&self, state: &mut State<P>, thread: ThreadId) -> u64 {
        let budget = state.policy.budget(thread);
        self.budget.store(budget, Ordering::Relaxed);
        budget
    }

    #[cold]
    fn sleep_until_turn<'a>(
        &'a self,
        mut state: P::Guard<'a, State<P>>,
        thread: ThreadId,
        origin: Origin,
        now: u64,
    ) -> u64 {
        let seat = Arc::clone(state.seat(thread));
        if !state.turn.is_queued(thread) {
            state.turn.enqueue(thread, origin, now);
            self.waiting.store(state.turn.queue.len(), Ordering::Relaxed);
        }
        while !state.turn.is_open_to(thread) {
            if self.gate.is_closed() {
                drop(state);
                self.gate.leave();
                self.gate.enter();
                state = P::lock(&self.state);
            } else {
                state = P::wait(&seat, state);
            }
        }
        let now = self.clock.now();
        state.turn.start_waiter(thread, now);
        self.waiting.store(state.turn.queue.len(), Ordering::Relaxed);
        self.grant(&mut state, thread)
    }

    #[cold]
    fn ask_on_release(&self, state: &mut State<P>, thread: ThreadId, cause: ReleaseCause) -> Succession {
        let State { turn, policy, .. } = state;
        policy.on_release(&Scene::new(thread, turn.held_since(thread), &turn.queue, &*self.clock), cause)
    }

    #[cold]
    fn ask_on_expiry(&self, thread: ThreadId) -> u64 {
        let mut state = P::lock(&self.state);
        let State { turn, policy, .. } = &mut *state;
        let since = turn.held_since(thread);
        if turn.queue.is_empty() {
            return self.budget.load(Ordering::Relaxed);
        }
        match policy.on_expiry(&Scene::new(thread, since, &turn.queue, &*self.clock)) {
            Expiry::Keep => self.grant(&mut state, thread),
            Expiry::Release(succession) => {
                let now = self.clock.now();
                turn.stop(thread, ReleaseCause::Interval, now);
                let seat = state.pass_on(succession).expect("somebody waits");
                match succession {
                    Succession::LetAnyone => {
                        // Called while the mutex is free, or the waiter would queue at the mutex, whose own fairness
                        // would then make the choice every half millisecond.
                        drop(state);
                        P::notify(&seat);
                        self.acquire(thread, Origin::Interval)
                    }
                    Succession::HandOver(_) => {
                        P::notify(&seat);
                        self.sleep_until_turn(state, thread, Origin::Interval, now)
                    }
                }
            }
        }
    }

    #[inline]
    fn debug_assert_holder(&self, thread: ThreadId) {
        if cfg!(debug_assertions) {
            P::lock(&self.state).turn.held_since(thread);
        }
    }
}

impl<P: Primitives> State<P> {
    /// Gives the free lock to whom the policy says, and tells where to notify. If that thread is awake already, or stands at
    /// the gate, it looks at the turn before it sleeps.
    fn pass_on(&mut self, succession: Succession) -> Option<Arc<P::Condvar>> {
        self.turn.pass_on(succession).map(|next| Arc::clone(self.seat(next)))
    }

    fn seat(&self, thread: ThreadId) -> &Arc<P::Condvar> {
        self.seats[thread.index()].as_ref().expect("a retired thread neither acquires nor waits")
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
