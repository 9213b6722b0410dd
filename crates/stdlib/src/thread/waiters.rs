//! Who waits for a lock, and how one waits.
//!
//! A lock is plain data under the global interpreter lock. A thread that must wait puts itself at the end of the lock's queue
//! and parks. Whoever releases the lock wakes the first of the queue, which tries again; meanwhile the lock is free for
//! everybody, so a thread that takes and releases a lock in a loop does not change threads each time. A thread that comes round
//! leaves the queue, and returns to its place in it if the lock is not free. What has to run before it parks, finalisers for
//! instance, runs while it is out of the queue.
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
use toy_vm::{Obstacle, Outcome, Place, ThreadRecord, Vm, Wake};

/// How often the first waiter is woken in vain before the lock is handed to it.
const PATIENCE: u32 = 3;

/// One who waits.
struct Waiter {
    record: Arc<ThreadRecord>,
    /// The queue goes by tickets. A thread keeps its own for as long as it waits, also while it is not in the queue.
    ticket: u64,
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
    next_ticket: Cell<u64>,
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

    /// Waits until the lock, which is this `object`, is the thread's; `false`: the time was over first. In the main thread a
    /// signal ends it if what heeds that raises.
    pub(crate) fn wait(&self, vm: &mut Vm, object: Ref<'_>, timeout: Option<Duration>) -> Outcome<bool> {
        let deadline = timeout.and_then(|timeout| vm.now().checked_add(timeout));
        let ticket = self.next_ticket.replace(self.next_ticket.get() + 1);
        let mut in_vain = 0;
        loop {
            if self.try_acquire(vm) {
                return Ok(true);
            }
            let (record, place) = (Arc::clone(vm.record()), vm.current_place());
            let mut is_queued = false;
            let queue_up = || {
                self.enter(Waiter { record, ticket, is_woken: false, in_vain, place });
                is_queued = true;
            };
            let wake = match deadline {
                None => vm.block(ReleaseCause::Lock, Obstacle::Lock(object.to_owned()), queue_up),
                Some(deadline) => {
                    let left = deadline.saturating_sub(vm.now());
                    vm.park_queued(ReleaseCause::Lock, Some(left), queue_up)
                }
            };
            let waiter = self.leave(ticket);
            let is_own = is_queued && waiter.is_none();
            in_vain += u32::from(waiter.is_some_and(|waiter| waiter.is_woken));
            if wake == Wake::Interrupted {
                // Had this thread been woken, the wake-up goes on to the next while scripts handle the signal.
                if !self.is_held() {
                    self.wake_first(vm);
                }
                if let Err(raised) = vm.check_signals() {
                    // Handed over at the very moment when the signal came.
                    if is_own {
                        self.release(vm);
                    }
                    return Err(raised);
                }
            }
            if is_own {
                return Ok(true);
            }
            if wake == Wake::TimedOut {
                return Ok(self.try_acquire(vm));
            }
        }
    }

    /// Queues a waiter up where its ticket says.
    fn enter(&self, waiter: Waiter) {
        let mut queue = self.queue.borrow_mut();
        let place = queue.partition_point(|other| other.ticket < waiter.ticket);
        queue.insert(place, waiter);
    }

    /// Takes a waiter out of the queue, unless it was handed the lock and is out of it already.
    fn leave(&self, ticket: u64) -> Option<Waiter> {
        let mut queue = self.queue.borrow_mut();
        let place = queue.iter().position(|waiter| waiter.ticket == ticket)?;
        queue.remove(place)
    }

    /// Frees the lock, or hands it to the first waiter if that has been patient.
    pub(crate) fn release(&self, vm: &Vm) {
        self.drop_dead();
        let first = self.queue.borrow().front().map(|first| (first.in_vain >= PATIENCE, first.ticket));
        let successor = first.filter(|(is_patient, _)| *is_patient).and_then(|(_, ticket)| self.leave(ticket));
        match successor {
            Some(Waiter { record, place, .. }) => {
                self.hold(&record, place);
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
