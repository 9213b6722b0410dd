//! Threads that wait for each other for ever: what is said of it, and when.
//!
//! | of all threads | what happens |
//! |---|---|
//! | every one waits without a timeout | a report, and the process ends |
//! | some wait for each other in a circle, others go on | a note, once for each circle |
//!
//! A lock knows its owner and where that took it; who waits for what is in the books of the machine. Everything else is found out
//! when something is to be said: which locks a thread holds by a walk over the heap, what a lock is called by following the
//! variables that lead to it.

mod circle;
mod held;
mod label;
mod place;
mod report;
mod way;

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use toy_vm::{Blocked, BlockingObserver, Obstacle, Vm};

use crate::thread::waiters_of;

pub(crate) use place::write_places;

/// A circle by the identities of its threads and of what they wait for.
type CircleKey = Vec<(u64, u64)>;

/// Tells of threads that wait for each other.
struct Watch<E> {
    /// Prints the report and ends the process.
    end: E,
    /// The circles of which a note was written.
    noted: RefCell<HashSet<CircleKey>>,
}

/// Has `end` called, by whichever thread notices it, when no thread will ever run again. It is given the report, and ends the
/// process; the other threads have stopped.
pub fn watch_for_deadlock(vm: &mut Vm, end: impl Fn(&mut Vm, &str) + 'static) {
    vm.machine().observe_blocking(Rc::new(Watch { end, noted: RefCell::default() }));
}

impl<E: Fn(&mut Vm, &str)> BlockingObserver for Watch<E> {
    fn note(&self, vm: &Vm) -> Option<String> {
        let blocked = vm.machine().blocked();
        let blocked: Vec<&Blocked> = blocked.iter().collect();
        let circle = circle::through(vm, &blocked, blocked.len() - 1)?;
        if circle.len() == 1 && !is_scoped(vm, blocked[circle[0]]) {
            // A lock that its owner waits for may be a signal: another thread is to release it.
            return None;
        }
        let mut members: Vec<&Blocked> = circle.iter().map(|&index| blocked[index]).collect();
        circle::begin_with_oldest(&mut members);
        let is_new = self.noted.borrow_mut().insert(members.iter().map(|member| key(vm, member)).collect());
        is_new.then(|| report::note(vm, &members))
    }

    fn stand_still(&self, vm: &mut Vm) {
        let text = report::standstill(vm);
        self.end(vm, &text);
    }

    fn end(&self, vm: &mut Vm, report: &str) {
        (self.end)(vm, report);
    }
}

/// Whether nobody but its owner is meant to release the lock that a thread waits for.
fn is_scoped(vm: &Vm, blocked: &Blocked) -> bool {
    match &blocked.obstacle {
        Obstacle::Lock(lock) => waiters_of(vm, lock.get()).is_some_and(|waiters| waiters.is_scoped()),
        Obstacle::Thread(_) | Obstacle::LastThread(_) | Obstacle::Module(_) => true,
    }
}

fn key(vm: &Vm, blocked: &Blocked) -> (u64, u64) {
    let obstacle = match &blocked.obstacle {
        Obstacle::Lock(lock) => vm.identity(lock.get()),
        Obstacle::Thread(thread) | Obstacle::LastThread(thread) => thread.identity(),
        // Whoever makes the module is the next of the circle.
        Obstacle::Module(_) => 0,
    };
    (blocked.thread.identity(), obstacle)
}
