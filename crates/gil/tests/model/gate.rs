//! While a permission to fork exists, nobody else is inside a library; afterwards everybody goes on.

use std::sync::Arc;
use std::time::Duration;

use toy_gil::{GlobalLock, ManualClock, Origin, PolicySpec, Progress, ReleaseCause, Setting};

use crate::primitives::{Fault, IsDeaf, LibraryUse, Model, Sound, TearsUpdates, library_users};
use crate::{explore, explore_finding};

/// Longer than the clock can count, hence for ever: a gate that never becomes quiet is a deadlock of the model.
const FOR_EVER: Duration = Duration::MAX;

fn lock<F: Fault>() -> Arc<GlobalLock<Model<F>>> {
    let clock = Box::new(ManualClock::default());
    Arc::new(GlobalLock::with_clock(PolicySpec::default().build().unwrap(), Setting::default(), clock))
}

fn fork<F: Fault>(lock: &GlobalLock<Model<F>>, forker: toy_gil::ThreadId) {
    let permit = lock.quiesce(forker, FOR_EVER).unwrap();
    assert_eq!(library_users(), 0, "forked into a library");
    loom::thread::yield_now();
    assert_eq!(library_users(), 0, "forked into a library");
    permit.parent();
}

fn use_library() {
    let _library_use = LibraryUse::begin();
    loom::thread::yield_now();
}

/// The main thread forks beside a thread that blocks without ever asking for the lock.
fn fork_beside_a_service<F: Fault>() {
    let lock = lock::<F>();
    let forker = lock.register("main");
    lock.acquire(forker, Origin::Start);
    let service = loom::thread::spawn({
        let (lock, birth) = (Arc::clone(&lock), lock.birth());
        move || {
            use_library();
            lock.detached(|| ());
            use_library();
            drop(birth);
        }
    });
    fork(&lock, forker);
    service.join().unwrap();
}

/// The main thread forks twice beside a thread that asks for the lock.
fn fork_beside_a_worker<F: Fault>() {
    let lock = lock::<F>();
    let forker = lock.register("main");
    lock.acquire(forker, Origin::Start);
    let worker = loom::thread::spawn({
        let (lock, birth) = (Arc::clone(&lock), lock.birth());
        move || {
            let thread = lock.register("worker");
            lock.acquire(thread, Origin::Start);
            lock.release(thread, ReleaseCause::Exit, Progress::default());
            lock.retire(thread);
            drop(birth);
        }
    });
    fork(&lock, forker);
    fork(&lock, forker);
    lock.release(forker, ReleaseCause::Join, Progress::default());
    worker.join().unwrap();
}

/// Two threads come in from system calls of their own while the main thread forks.
fn fork_beside_two_services<F: Fault>() {
    let lock = lock::<F>();
    let forker = lock.register("main");
    lock.acquire(forker, Origin::Start);
    let serve = || {
        let (lock, birth) = (Arc::clone(&lock), lock.birth());
        move || {
            lock.detached(|| ());
            use_library();
            drop(birth);
        }
    };
    let services = [serve(), serve()].map(loom::thread::spawn);
    fork(&lock, forker);
    services.into_iter().for_each(|service| service.join().unwrap());
}

/// A thread that is inside starts another one while the main thread forks; the newborn may be counted or not.
fn fork_during_birth(is_counted: bool) {
    let lock = lock::<Sound>();
    let forker = lock.register("main");
    lock.acquire(forker, Origin::Start);
    let parent = loom::thread::spawn({
        let (lock, birth) = (Arc::clone(&lock), lock.birth());
        move || {
            let child_birth = is_counted.then(|| lock.birth());
            let child = loom::thread::spawn(move || {
                use_library();
                drop(child_birth);
            });
            drop(birth);
            child.join().unwrap();
        }
    });
    fork(&lock, forker);
    parent.join().unwrap();
}

/// A thread uses a library while it claims to be in a raw system call.
fn fork_beside_a_liar() {
    let lock = lock::<Sound>();
    let forker = lock.register("main");
    lock.acquire(forker, Origin::Start);
    let liar = loom::thread::spawn({
        let (lock, birth) = (Arc::clone(&lock), lock.birth());
        move || {
            lock.detached(use_library);
            drop(birth);
        }
    });
    fork(&lock, forker);
    liar.join().unwrap();
}

#[test]
fn a_service_is_outside_or_at_the_gate() {
    explore(6, fork_beside_a_service::<Sound>);
}

#[test]
fn two_services_are_outside_or_at_the_gate() {
    explore(2, fork_beside_two_services::<Sound>);
}

#[test]
fn a_waiter_for_the_lock_comes_to_the_gate_and_back() {
    explore(5, fork_beside_a_worker::<Sound>);
}

#[test]
fn a_newborn_thread_is_waited_for() {
    explore(3, || fork_during_birth(true));
}

/// A count that lost a departure never becomes 1.
#[test]
fn a_torn_count_is_found() {
    explore_finding("deadlock", 2, fork_beside_two_services::<TearsUpdates>);
}

#[test]
fn a_waiter_that_is_not_woken_is_found() {
    explore_finding("deadlock", 2, fork_beside_a_worker::<IsDeaf>);
}

#[test]
fn an_uncounted_birth_is_found() {
    explore_finding("forked into a library", 3, || fork_during_birth(false));
}

#[test]
fn a_library_call_while_detached_is_found() {
    explore_finding("forked into a library", 3, fork_beside_a_liar);
}
