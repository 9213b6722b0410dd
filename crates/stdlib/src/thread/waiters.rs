//! Who waits for a lock, and how one waits.
//!
//! A lock is plain data under the global interpreter lock. A thread that must wait puts itself at the end of the lock's queue
//! and parks. Whoever releases the lock wakes the first of the queue, which tries again; meanwhile the lock is free for
//! everybody, so a thread that takes and releases a lock in a loop does not change threads each time.
//!
//! | the first waiter | is woken by a release | and then |
//! |---|---|---|
//! | has been woken in vain less than [`PATIENCE`] times | the lock is free | it tries again, and keeps its place |
//! | has been woken in vain that often | the lock is its own already | it goes on, so nobody starves |
//!
//! Invariant: a waiter in the queue is parked, or has been woken and will look at the lock before it does anything else.
//! Invariant: a lock that is free and has waiters has woken the first of them.
//!
//! In a forked child the threads of the parent may still stand in queues. They are passed over and dropped.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use toy_gil::{Origin, ReleaseCause};
use toy_object::Ref;
use toy_vm::{Obstacle, Outcome, Parked, Place, ThreadRecord, Vm};

/// How often the first waiter is woken in vain before the lock is handed to it.
const PATIENCE: u32 = 3;

/// One who waits.
struct Waiter {
    record: Arc<ThreadRecord>,
    /// Woken and not yet come round to look.
    is_woken: bool,
    /// Wake-ups after which somebody else had been quicker.
    in_vain: u32,
    /// Where it waits.
    place: Option<Place>,
}

/// The owner of a lock and the queue of those who wait for it.
#[derive(Default)]
pub(crate) struct Waiters {
    owner: RefCell<Option<Arc<ThreadRecord>>>,
    queue: RefCell<VecDeque<Waiter>>,
    /// How often the owner has taken it; more than once for re-entrant locks only.
    depth: Cell<usize>,
    /// Where the owner took it, or began to wait for it if it was handed over.
    place: RefCell<Option<Place>>,
    /// The owner took it by `with`: nobody else is meant to release it.
    is_scoped: Cell<bool>,
}

impl Waiters {
    /// Who holds the lock.
    pub(crate) fn owner(&self) -> Option<Arc<ThreadRecord>> {
        self.owner.borrow().clone()
    }

    /// Whether somebody holds it.
    pub(crate) fn is_held(&self) -> bool {
        self.depth.get() > 0
    }

    /// Whether this thread holds it.
    pub(crate) fn is_held_by(&self, record: &Arc<ThreadRecord>) -> bool {
        self.owner.borrow().as_ref().is_some_and(|owner| Arc::ptr_eq(owner, record))
    }

    /// How often the owner has taken it.
    pub(crate) fn depth(&self) -> usize {
        self.depth.get()
    }

    /// The owner takes it once more, or gives one of several back.
    pub(crate) fn set_depth(&self, depth: usize) {
        self.depth.set(depth);
    }

    /// A lock that is held, but by nobody: who waits for it waits for a sign.
    pub(crate) fn closed() -> Self {
        let closed = Self::default();
        closed.depth.set(1);
        closed
    }

    /// Where the owner took it.
    pub(crate) fn place(&self) -> Option<Place> {
        self.place.borrow().clone()
    }

    /// Whether the owner took it by `with`, so that nobody else is meant to release it.
    pub(crate) fn is_scoped(&self) -> bool {
        self.is_scoped.get()
    }

    /// The owner took it by `with`, or not.
    pub(crate) fn set_scoped(&self, is_scoped: bool) {
        self.is_scoped.set(is_scoped);
    }

    fn hold(&self, record: &Arc<ThreadRecord>, place: Option<Place>) {
        *self.owner.borrow_mut() = Some(Arc::clone(record));
        self.depth.set(1);
        drop(self.place.replace(place));
    }

    /// Shows the functions that the places belong to.
    pub(crate) fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        for place in self.place.borrow().iter() {
            visit(place.function.get());
        }
        for place in self.queue.borrow().iter().filter_map(|waiter| waiter.place.as_ref()) {
            visit(place.function.get());
        }
    }

    /// Takes the lock if it is free; it is not asked who waits.
    pub(crate) fn try_acquire(&self, vm: &Vm) -> bool {
        let is_free = !self.is_held();
        if is_free {
            self.hold(vm.record(), vm.current_place());
        }
        is_free
    }

    /// Waits until the lock, which is this `object`, is the thread's; `false`: the time was over first. Ctrl-C ends it in the
    /// main thread.
    pub(crate) fn wait(&self, vm: &mut Vm, object: Ref<'_>, timeout: Option<Duration>) -> Outcome<bool> {
        let record = Arc::clone(vm.record());
        let deadline = timeout.and_then(|timeout| vm.now().checked_add(timeout));
        let waiter = Waiter { record: Arc::clone(&record), is_woken: false, in_vain: 0, place: vm.current_place() };
        self.queue.borrow_mut().push_back(waiter);
        let result = loop {
            let parked = match deadline {
                None => vm.block(ReleaseCause::Lock, Obstacle::Lock(object.to_owned())),
                Some(deadline) => {
                    let left = deadline.saturating_sub(vm.now());
                    vm.park(ReleaseCause::Lock, Some(left))
                }
            };
            if !self.is_queued(&record) {
                // Handed over, perhaps at the very moment when the time was over or Ctrl-C came.
                if parked.is_err() {
                    self.leave_queue(vm, &record);
                    self.release(vm);
                    return parked.map(|_| false);
                }
                break true;
            }
            match parked {
                Err(raised) => {
                    self.leave_queue(vm, &record);
                    return Err(raised);
                }
                Ok(_) if self.try_acquire(vm) => break true,
                Ok(Parked::TimedOut) => break false,
                Ok(Parked::Woken) => self.note_vain(&record),
            }
        };
        self.leave_queue(vm, &record);
        Ok(result)
    }

    /// Whether this thread waits: a lock that is handed to a waiter takes it out of the queue.
    fn is_queued(&self, record: &Arc<ThreadRecord>) -> bool {
        self.queue.borrow().iter().any(|waiter| Arc::ptr_eq(&waiter.record, record))
    }

    fn note_vain(&self, record: &Arc<ThreadRecord>) {
        let mut queue = self.queue.borrow_mut();
        if let Some(waiter) = queue.iter_mut().find(|waiter| Arc::ptr_eq(&waiter.record, record)) {
            if waiter.is_woken {
                waiter.in_vain += 1;
            }
            waiter.is_woken = false;
        }
    }

    /// Takes a thread that no longer waits out of the queue. Had it been woken, the wake-up goes on to the next.
    fn leave_queue(&self, vm: &Vm, record: &Arc<ThreadRecord>) {
        let gone = {
            let mut queue = self.queue.borrow_mut();
            let place = queue.iter().position(|waiter| Arc::ptr_eq(&waiter.record, record));
            place.and_then(|place| queue.remove(place))
        };
        drop(gone);
        if !self.is_held() {
            self.wake_first(vm);
        }
    }

    /// Frees the lock, or hands it to the first waiter if that has been patient.
    pub(crate) fn release(&self, vm: &Vm) {
        self.drop_dead();
        let successor = {
            let mut queue = self.queue.borrow_mut();
            queue
                .front_mut()
                .filter(|first| first.in_vain >= PATIENCE)
                .map(|first| (Arc::clone(&first.record), first.place.take()))
        };
        match successor {
            Some((record, place)) => {
                self.hold(&record, place);
                self.leave_queue(vm, &record);
                record.wake(vm, Origin::Lock);
            }
            None => {
                *self.owner.borrow_mut() = None;
                drop(self.place.take());
                self.depth.set(0);
                self.wake_first(vm);
            }
        }
    }

    fn wake_first(&self, vm: &Vm) {
        self.drop_dead();
        if let Some(first) = self.queue.borrow_mut().front_mut().filter(|first| !first.is_woken) {
            first.is_woken = true;
            first.record.wake(vm, Origin::Lock);
        }
    }

    /// Takes those out who will never come.
    fn drop_dead(&self) {
        let dead = {
            let mut queue = self.queue.borrow_mut();
            let count = queue.iter().take_while(|first| !first.record.is_alive()).count();
            queue.drain(..count).collect::<Vec<_>>()
        };
        drop(dead);
    }

    /// Forgets owner and waiters: in a forked child they do not exist.
    pub(crate) fn reset(&self) {
        *self.owner.borrow_mut() = None;
        drop((self.place.take(), self.queue.take()));
        self.depth.set(0);
    }
}
