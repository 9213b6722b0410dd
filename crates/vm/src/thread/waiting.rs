//! Waiting without the lock, and the time that waits are measured in.

use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use toy_gil::{Conditions, ReleaseCause, Time, Wake};

use super::Vm;
use crate::native::Outcome;

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

    /// As [`released`](Self::released), for `f` that calls a library, which may hold locks of its own: it keeps others from forking.
    pub fn released_inside<R: Send>(&mut self, cause: ReleaseCause, f: impl FnOnce() -> R + Send) -> R {
        self.run_finalisers();
        if self.is_virtual() {
            return f();
        }
        let hook = self.tell_wait_hook(None, Moment::Before);
        let progress = self.progress();
        let result = self.gil.released_inside(cause, progress, f);
        self.come_back(|vm| {
            vm.tell_wait_hook(hook, Moment::After);
            result
        })
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

    /// Waits, without the lock, until somebody unparks this thread, the time is over, or a signal has come. Then the caller puts
    /// in order what it has to and calls [`check_signals`](Self::check_signals).
    pub fn park(&mut self, cause: ReleaseCause, timeout: Option<Duration>) -> Wake {
        self.park_then(cause, timeout, |_| ())
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
        if self.is_urgent() {
            // Whatever the lock has made of it meanwhile.
            self.urge();
        }
        self.renew_budget();
        result
    }

    /// Heeds signals in the middle of a native that works on values alone and may take for ever, such as a match: the main thread
    /// hears of Ctrl-C, another one lets it go first.
    #[inline]
    pub fn stay_interruptible(&mut self) -> Outcome<()> {
        if self.is_urgent() { self.heed_urgency() } else { Ok(()) }
    }

    /// Whether signals are to be heeded now.
    #[inline(always)]
    pub(crate) fn is_urgent(&self) -> bool {
        self.urgent.load(Ordering::Relaxed)
    }

    /// Has signals heeded at the next safepoint.
    pub(crate) fn urge(&self) {
        self.pressed.store(true, Ordering::Relaxed);
        self.urgent.store(true, Ordering::Relaxed);
    }

    /// Nothing is urgent any more.
    pub(crate) fn calm(&self) {
        self.urgent.store(false, Ordering::Relaxed);
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
