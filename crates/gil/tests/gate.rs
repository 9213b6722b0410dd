//! Who counts as inside, and what a child begins with.

use std::sync::mpsc;
use std::time::Duration;

use toy_gil::{GlobalLock, NotQuiet, Origin, Parker, PolicySpec, Progress, ReleaseCause, Setting, ThreadId};

const AT_ONCE: Duration = Duration::ZERO;
const PATIENT: Duration = Duration::from_secs(60);

fn held_lock() -> (GlobalLock, ThreadId) {
    let lock = GlobalLock::new(PolicySpec::default().build().unwrap(), Setting::default());
    let main = lock.register("MainThread");
    lock.acquire(main, Origin::Start);
    (lock, main)
}

#[test]
fn a_thread_in_native_code_forbids_the_fork_until_it_is_gone() {
    let (lock, main) = held_lock();
    let (may_end, wait_for_end) = mpsc::channel::<()>();
    let birth = lock.birth();
    let thread = std::thread::spawn(move || {
        birth.begin();
        wait_for_end.recv().unwrap();
    });
    let refusal = lock.quiesce(main, AT_ONCE).unwrap_err();
    assert_eq!(refusal, NotQuiet { running: 1, patience: AT_ONCE });
    assert_eq!(refusal.to_string(), "cannot fork: 1 other thread is still in native code after 0ns");
    may_end.send(()).unwrap();
    lock.quiesce(main, PATIENT).unwrap().parent();
    thread.join().unwrap();
}

#[test]
fn a_thread_that_is_not_started_is_not_counted() {
    let (lock, main) = held_lock();
    let birth = lock.birth();
    assert!(lock.quiesce(main, AT_ONCE).is_err());
    drop(birth);
    lock.quiesce(main, AT_ONCE).unwrap().parent();
}

#[test]
fn a_parked_thread_does_not_forbid_the_fork_and_stands_at_the_gate_afterwards() {
    let (lock, main) = held_lock();
    let parker = Parker::new();
    std::thread::scope(|scope| {
        let birth = lock.birth();
        let (lock, parker) = (&lock, &parker);
        let (is_back, hear_back) = mpsc::channel();
        scope.spawn(move || {
            birth.begin();
            lock.detached(|| parker.park(None));
            is_back.send(()).unwrap();
        });
        let permit = lock.quiesce(main, PATIENT).unwrap();
        parker.unpark();
        assert_eq!(hear_back.try_recv(), Err(mpsc::TryRecvError::Empty), "nobody comes in before the gate opens");
        permit.parent();
        hear_back.recv().unwrap();
    });
}

#[test]
fn a_detached_call_that_panics_comes_back() {
    let (lock, main) = held_lock();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| lock.detached(|| panic!("in the call"))));
    assert!(outcome.is_err());
    assert!(lock.quiesce(main, AT_ONCE).is_ok(), "exactly one thread is inside");
}

#[test]
fn the_child_starts_afresh_with_the_forking_thread() {
    let lock = GlobalLock::new(PolicySpec::default().build().unwrap(), Setting::default());
    let main = lock.register("MainThread");
    let forker = lock.register("Forker");
    lock.acquire(main, Origin::Start);
    lock.release(main, ReleaseCause::Join, Progress::default());
    lock.acquire(forker, Origin::Start);

    let only = lock.quiesce(forker, AT_ONCE).unwrap().child();

    assert_eq!(only, ThreadId::FIRST);
    let statistics = lock.snapshot();
    assert_eq!(statistics.holder, Some(only));
    let [thread] = &statistics.threads[..] else { panic!("one thread") };
    assert_eq!((thread.name.as_str(), thread.acquisitions, thread.releases.iter().sum::<u64>()), ("Forker", 1, 0));
    lock.release(only, ReleaseCause::Io, Progress::default());
    lock.acquire(only, Origin::Io);
    lock.quiesce(only, AT_ONCE).unwrap().parent();
}
