//! Who waits for whom. A thread waits for one thing at a time, so from each thread one way leads on, and it ends or runs in a
//! circle.

use std::sync::Arc;

use toy_vm::{Blocked, Obstacle, ThreadRecord, Vm};

use crate::thread::waiters_of;

/// The thread that could end the wait; `None`: whichever thread gives the sign.
pub(super) fn awaited(vm: &Vm, blocked: &Blocked) -> Option<Arc<ThreadRecord>> {
    match &blocked.obstacle {
        Obstacle::Lock(lock) => waiters_of(vm, lock.get())?.owner(),
        Obstacle::Thread(thread) | Obstacle::LastThread(thread) => Some(Arc::clone(thread)),
        Obstacle::Module(name) => vm.importer_of(name),
    }
}

/// The circle that a thread is part of, beginning with it, each waiting for the next, and the last for the first.
pub(super) fn through(vm: &Vm, blocked: &[&Blocked], start: usize) -> Option<Vec<usize>> {
    let mut way = vec![start];
    loop {
        let next = next(vm, blocked, *way.last()?)?;
        if next == start {
            return Some(way);
        }
        if way.contains(&next) {
            return None;
        }
        way.push(next);
    }
}

/// The thread that a thread waits for, if that waits, too.
pub(super) fn next(vm: &Vm, blocked: &[&Blocked], index: usize) -> Option<usize> {
    let awaited = awaited(vm, blocked[index])?;
    blocked.iter().position(|other| other.thread.is_blocked() && Arc::ptr_eq(&other.thread, &awaited))
}

/// Turns a circle round so that its oldest thread comes first.
pub(super) fn begin_with_oldest(circle: &mut [&Blocked]) {
    let oldest = (0..circle.len()).min_by_key(|&index| circle[index].thread.identity());
    circle.rotate_left(oldest.unwrap_or(0));
}
