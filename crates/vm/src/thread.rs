//! One thread's context. Having a `&mut Vm` means holding the global interpreter lock.

use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use toy_code::SAFEPOINT_DISTANCE;
use toy_gil::{Conditions, PlaceNumber, Policy, Progress, ReleaseCause, Statistics, SwitchAt, ThreadId, Time, Wake};
use toy_object::{Gil, Header, Heap, Owned, Value};

use crate::async_generator::AsyncHooks;
use crate::classes::ClassName;
use crate::frame::Stack;
use crate::frames::Frames;
use crate::machine::Machine;
use crate::native::{Outcome, Raised};
use crate::thread_state::ThreadRecord;

/// Instructions that run at most before signals and the collector are looked at.
const CHECK_INTERVAL: i64 = 1 << 15;

/// A budget, of which some more than will ever run are as good as for ever.
fn instructions(budget: u64) -> i64 {
    const FOR_EVER: i64 = 1 << 62;
    i64::try_from(budget).unwrap_or(FOR_EVER).min(FOR_EVER)
}

/// Registers of a thread's stack: memory is used only as far as frames reach.
pub(crate) const STACK_REGISTERS: usize = 1 << 23;

/// One thread's side of the virtual machine: its frames, its value stack, its place in the program.
pub struct Vm {
    gil: Gil,
    heap: &'static Heap,
    machine: &'static Machine,
    pub(crate) stack: Stack,
    pub(crate) frames: Frames,
    /// The exception of a [`Raised`] that is under way.
    pub(crate) raised: Option<Owned>,
    /// Exceptions being handled, the innermost last.
    pub(crate) handled: Vec<Owned>,
    /// Instructions that this thread may still run before it asks the lock's policy.
    pub(crate) budget: i64,
    /// Whether somebody has waited so long that the lock is to be asked before the budget is used up.
    pressed: Arc<AtomicBool>,
    /// The budget when the lock was last told of this thread's progress.
    told: i64,
    /// What `budget` will be when the running loop reaches the end of its segment.
    pub(crate) budget_at_limit: i64,
    /// The budget at which signals and the collector are looked at next.
    check_at: i64,
    /// By how many instructions the budget may be overrun: with `--switch-at python` it is looked at in safepoints only.
    pub(crate) slack: i64,
    /// Addresses of the OS stack below this one are reserved for leaving.
    stack_floor: usize,
    pub(crate) record: Arc<ThreadRecord>,
    /// Containers whose repr is being made, by identity.
    pub(crate) repr_guard: Vec<u64>,
    /// What is told about asynchronous generators.
    pub(crate) async_hooks: AsyncHooks,
    /// Where the innermost loop stands on the OS stack.
    #[cfg_attr(not(threaded), expect(dead_code, reason = "the other loop does not grow"))]
    pub(crate) loop_address: usize,
    /// What the entry frame has returned.
    pub(crate) result: Option<Owned>,
    /// Of two objects that one instruction has given up, the first: see `Step::SettleTwo`.
    pub(crate) released_first: Option<NonNull<Header>>,
    /// Registers below this one are in use by a native that runs.
    pub(crate) native_top: *mut Value,
    /// The builtins, a dict that the machine keeps: for the cache of globals.
    pub(crate) builtins_value: Value,
}

/// What ended a wait of [`Vm::park`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parked {
    /// Somebody unparked this thread.
    Woken,
    /// The time is over.
    TimedOut,
}

impl Deref for Vm {
    type Target = Heap;

    #[inline(always)]
    fn deref(&self) -> &Heap {
        self.heap
    }
}

impl Vm {
    /// The context of this OS thread, which has entered the heap as `record` says. `stack_bytes` is the size of the
    /// thread's OS stack.
    pub(crate) fn new(
        gil: Gil,
        machine: &'static Machine,
        record: Arc<ThreadRecord>,
        stack: Stack,
        stack_bytes: usize,
    ) -> Self {
        let heap = gil.heap();
        let budget = instructions(gil.budget());
        let pressed = gil.lock().pressed();
        let switches_at_safepoints = gil.lock().conditions().switch_at == SwitchAt::Python;
        // Natives need room to leave through; a quarter of the stack, at most 256 KiB.
        let reserve = (stack_bytes / 4).min(256 << 10);
        Self {
            gil,
            heap,
            machine,
            stack,
            frames: Frames::new(machine.recursion_limit()),
            raised: None,
            handled: Vec::new(),
            budget,
            pressed,
            told: budget,
            budget_at_limit: 0,
            check_at: budget - CHECK_INTERVAL,
            slack: if switches_at_safepoints { SAFEPOINT_DISTANCE as i64 } else { 0 },
            stack_floor: stack_address().saturating_sub(stack_bytes - reserve),
            record,
            repr_guard: Vec::new(),
            async_hooks: AsyncHooks::default(),
            loop_address: 0,
            result: None,
            released_first: None,
            native_top: std::ptr::null_mut(),
            builtins_value: machine.builtins().value(),
        }
    }

    /// The heap for longer than a borrow of the context.
    #[inline(always)]
    pub fn heap(&self) -> &'static Heap {
        self.heap
    }

    /// What all threads share.
    #[inline(always)]
    pub fn machine(&self) -> &'static Machine {
        self.machine
    }

    /// The lock's number of this thread.
    pub fn thread_id(&self) -> ThreadId {
        self.gil.thread()
    }

    /// The proof of holding the lock.
    pub fn gil(&mut self) -> &mut Gil {
        &mut self.gil
    }

    /// What the registry knows of this thread.
    pub fn record(&self) -> &Arc<ThreadRecord> {
        &self.record
    }

    /// Runs `f`, which may block, without the lock. Finalisers that wait are run first: nothing that should happen now waits
    /// for the lock. In virtual time `f` keeps the turn: what other threads do meanwhile would depend on how long it takes.
    pub fn released<R: Send>(&mut self, cause: ReleaseCause, f: impl FnOnce() -> R + Send) -> R {
        self.released_then(cause, f, |_, result| result)
    }

    /// As [`released`](Self::released). `settle` puts in order what other threads rely on, with the lock, before this one may
    /// be stopped for good.
    pub(crate) fn released_then<R: Send, T>(
        &mut self,
        cause: ReleaseCause,
        f: impl FnOnce() -> R + Send,
        settle: impl FnOnce(&mut Self, R) -> T,
    ) -> T {
        self.run_finalisers();
        if self.is_virtual() {
            let result = f();
            return settle(self, result);
        }
        let progress = self.progress();
        let result = self.gil.released(cause, progress, f);
        self.come_back(|vm| settle(vm, result))
    }

    /// Waits, without the lock, until somebody unparks this thread or the time is over. In the main thread Ctrl-C ends it
    /// with `KeyboardInterrupt`.
    pub fn park(&mut self, cause: ReleaseCause, timeout: Option<Duration>) -> Outcome<Parked> {
        let wake = self.park_then(cause, timeout, |_| ());
        self.parked(wake)
    }

    /// What a wait that has ended so means.
    pub(crate) fn parked(&mut self, wake: Wake) -> Outcome<Parked> {
        match wake {
            Wake::Woken => Ok(Parked::Woken),
            Wake::TimedOut => Ok(Parked::TimedOut),
            Wake::Interrupted => {
                self.check_signals()?;
                Ok(Parked::Woken)
            }
        }
    }

    /// Waits as [`park`](Self::park) does, and settles as [`released_then`](Self::released_then) does.
    pub(crate) fn park_then(
        &mut self,
        cause: ReleaseCause,
        timeout: Option<Duration>,
        settle: impl FnOnce(&mut Self),
    ) -> Wake {
        self.run_finalisers();
        let progress = self.progress();
        let wake = self.gil.park(cause, progress, timeout);
        self.come_back(settle);
        wake
    }

    /// What follows once this thread has the lock again.
    pub(crate) fn come_back<T>(&mut self, settle: impl FnOnce(&mut Self) -> T) -> T {
        let result = settle(self);
        self.stop_if_ending();
        self.renew_budget();
        result
    }

    /// What this thread has done since the lock was last told.
    pub(crate) fn progress(&mut self) -> Progress {
        let instructions = u64::try_from(self.told - self.budget).unwrap_or(0);
        self.told = self.budget;
        let place = if self.gil.lock().is_observed() { self.place_number() } else { PlaceNumber::default() };
        Progress { instructions, place }
    }

    /// Whether sleeps and timeouts are measured in instructions.
    pub fn is_virtual(&self) -> bool {
        self.conditions().time == Time::Virtual
    }

    /// What the run goes by.
    pub fn conditions(&self) -> Conditions {
        self.gil.lock().conditions()
    }

    /// The time that sleeps and timeouts are measured in, since a fixed moment.
    pub fn now(&mut self) -> Duration {
        let progress = self.progress();
        Duration::from_nanos(self.gil.lock().now(progress))
    }

    /// Threads shall run for so long at a time, as far as the policy goes by time.
    pub fn set_switch_interval(&mut self, interval: Duration) {
        let (thread, progress) = (self.gil.thread(), self.progress());
        self.gil.lock().tell_progress(progress);
        self.gil.lock().set_interval(thread, interval);
        self.renew_budget();
    }

    /// From now on another policy decides.
    ///
    /// # Errors
    /// The policy cannot do with the conditions of this run.
    pub fn set_policy(&mut self, policy: Box<dyn Policy>) -> Result<(), Box<dyn Policy>> {
        let (thread, progress) = (self.gil.thread(), self.progress());
        self.gil.lock().tell_progress(progress);
        self.gil.lock().set_policy(thread, policy)?;
        self.renew_budget();
        Ok(())
    }

    /// All counts and times of the lock up to now.
    pub fn statistics(&mut self) -> Statistics {
        let progress = self.progress();
        self.gil.lock().tell_progress(progress);
        self.gil.lock().snapshot()
    }

    /// Raises `KeyboardInterrupt` if this is the main thread and Ctrl-C was pressed.
    ///
    /// This is asked between instructions now and then, after every system call that blocks, and by natives before each item
    /// that they take from an iterator (where CPython does not ask). It is not asked within work on values alone: arithmetic of
    /// huge integers and their texts, searching and comparing long texts and lists.
    pub fn check_signals(&mut self) -> Outcome<()> {
        if self.record.is_main() && self.machine.threads.take_interrupt() {
            return Err(self.raise_without_arguments(ClassName::KeyboardInterrupt));
        }
        Ok(())
    }

    /// Asks the policy whether somebody else is to run now, because the budget is used up.
    pub(crate) fn budget_expired(&mut self) {
        let progress = self.progress();
        let budget = self.gil.expired(progress);
        self.set_budget(budget);
    }

    /// Another budget has been given.
    pub(crate) fn renew_budget(&mut self) {
        self.set_budget(self.gil.budget());
    }

    /// The check stays as far away as it was.
    fn set_budget(&mut self, budget: u64) {
        let until_check = self.budget - self.check_at;
        self.budget = instructions(budget);
        self.told = self.budget;
        // Whoever had the lock may have changed the limit.
        self.frames.set_limit(self.machine.recursion_limit());
        self.check_at = self.budget - until_check;
    }

    /// Signals and the collector have just been looked at.
    pub(crate) fn note_check(&mut self) {
        self.check_at = self.budget - CHECK_INTERVAL;
    }

    /// Whether the lock is to be asked at once.
    #[inline(always)]
    pub(crate) fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }

    /// How many instructions may run on straight-line code before the loop is to be left.
    #[inline(always)]
    pub(crate) fn segment(&self) -> i64 {
        if self.is_pressed() {
            return self.slack;
        }
        (self.budget + self.slack).min(self.budget - self.check_at).max(0)
    }

    /// `RecursionError` when the OS stack or the limit of frames is nearly used up. Called by everything that recurses in
    /// Rust.
    #[inline]
    pub fn check_stack(&mut self) -> Outcome<()> {
        if stack_address() < self.stack_floor { Err(self.raise_recursion()) } else { Ok(()) }
    }

    #[cold]
    pub(crate) fn raise_recursion(&mut self) -> Raised {
        self.raise(ClassName::RecursionError, "maximum recursion depth exceeded")
    }

    /// Most frames that this thread may have.
    #[inline(always)]
    pub(crate) fn recursion_limit(&self) -> usize {
        self.machine.recursion_limit.get()
    }

    /// Changes how many frames a thread may have. The others hear it when they get the lock.
    pub fn set_recursion_limit(&mut self, limit: usize) {
        self.machine.recursion_limit.set(limit);
        self.frames.set_limit(limit);
    }

    /// Notes that the repr of this container is being made; `false` if it already is.
    pub fn enter_repr(&mut self, object: toy_object::Ref<'_>) -> bool {
        let bits = object.value().bits();
        if self.repr_guard.contains(&bits) {
            return false;
        }
        self.repr_guard.push(bits);
        true
    }

    /// The repr of the container last entered is done.
    pub fn leave_repr(&mut self, _object: toy_object::Ref<'_>) {
        self.repr_guard.pop();
    }
}

/// An address in the current function's frame: how deep the OS stack is.
#[cfg_attr(debug_assertions, inline(never))]
#[cfg_attr(not(debug_assertions), inline)]
pub(crate) fn stack_address() -> usize {
    let here = 0u8;
    std::ptr::from_ref(std::hint::black_box(&here)) as usize
}
