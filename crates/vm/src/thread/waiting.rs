//! Waiting without the lock, the time that waits are measured in, and the interrupt that ends them.

use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use toy_gil::{Conditions, ReleaseCause, Time, Wake};

use super::{Parked, Vm};
use crate::classes::ClassName;
use crate::native::Outcome;

/// How often the main thread goes first when it comes back from a device after Ctrl-C.
const FAVOURS: u32 = 64;

/// A moment of a wait, at which the lock is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// It is about to begin.
    Before,
    /// It is over.
    After,
}

/// Is told when a thread of this process waits. It must not run script code.
pub type WaitHook = Rc<dyn Fn(&mut Vm, Moment)>;

impl Vm {
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
        let hook = self.tell_wait_hook(None, Moment::Before);
        let progress = self.progress();
        let result = self.gil.released(cause, progress, f);
        self.come_back(|vm| {
            vm.tell_wait_hook(hook, Moment::After);
            settle(vm, result)
        })
    }

    /// Has `hook` called around everything that this process waits for without the lock; `None`: nobody.
    pub fn set_wait_hook(&mut self, hook: Option<WaitHook>) {
        let before = self.machine().wait_hook.replace(hook);
        drop(before);
    }

    /// Who is told of the end of a wait is who was told of its beginning.
    fn tell_wait_hook(&mut self, told: Option<WaitHook>, moment: Moment) -> Option<WaitHook> {
        let hook = match moment {
            Moment::Before => self.machine().wait_hook.borrow().clone(),
            Moment::After => told,
        };
        if let Some(hook) = &hook {
            hook(self, moment);
        }
        hook
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
        let hook = self.tell_wait_hook(None, Moment::Before);
        let progress = self.progress();
        let wake = self.gil.park(cause, progress, timeout);
        self.come_back(|vm| {
            vm.tell_wait_hook(hook, Moment::After);
            settle(vm);
        });
        wake
    }

    /// What follows once this thread has the lock again.
    pub(crate) fn come_back<T>(&mut self, settle: impl FnOnce(&mut Self) -> T) -> T {
        let result = settle(self);
        self.stop_if_ending();
        self.renew_budget();
        result
    }

    /// Raises `KeyboardInterrupt` if this is the main thread and Ctrl-C was pressed.
    ///
    /// This is asked between instructions now and then, after every system call that blocks, and by natives before each item
    /// that they take from an iterator (where CPython does not ask). It is not asked within work on values alone: arithmetic of
    /// huge integers and their texts, searching and comparing long texts and lists.
    pub fn check_signals(&mut self) -> Outcome<()> {
        if self.record.is_main() && self.machine.threads.take_interrupt() {
            // What is to be told on standard error may be more than one call, and others compute.
            let thread = self.thread_id();
            self.gil.lock().favour(thread, FAVOURS);
            return Err(self.raise_without_arguments(ClassName::KeyboardInterrupt));
        }
        Ok(())
    }

    /// Hears Ctrl-C in the middle of a native that works on values alone and may take for ever, such as a match: the main thread
    /// raises `KeyboardInterrupt`, another one lets it go first.
    #[inline]
    pub fn stay_interruptible(&mut self) -> Outcome<()> {
        if self.is_urgent() { self.heed_interrupt() } else { Ok(()) }
    }

    /// What Ctrl-C, which was pressed, means here: the main thread raises `KeyboardInterrupt`, another one lets it go first.
    #[cold]
    pub(crate) fn heed_interrupt(&mut self) -> Outcome<()> {
        let is_main = self.record.is_main();
        if is_main || !self.machine.threads.is_interrupted() {
            // It is left anew as long as the main thread has not heard of the interrupt, or waits to tell of it.
            self.urgent.store(false, Ordering::Relaxed);
        }
        if !is_main {
            self.make_way_for_interrupt();
        }
        self.check_signals()
    }

    /// Whether an interrupt is to be heeded now.
    #[inline(always)]
    pub(crate) fn is_urgent(&self) -> bool {
        self.urgent.load(Ordering::Relaxed)
    }

    /// Has the interrupt heeded as soon as possible.
    pub(crate) fn urge(&self) {
        self.urgent.store(true, Ordering::Relaxed);
    }

    /// The time that sleeps and timeouts are measured in, since a fixed moment.
    pub fn now(&mut self) -> Duration {
        let progress = self.progress();
        Duration::from_nanos(self.gil.lock().now(progress))
    }

    /// Whether sleeps and timeouts are measured in instructions.
    pub fn is_virtual(&self) -> bool {
        self.conditions().time == Time::Virtual
    }

    /// What the run goes by.
    pub fn conditions(&self) -> Conditions {
        self.gil.lock().conditions()
    }
}
