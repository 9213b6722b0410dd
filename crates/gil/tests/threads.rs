//! Real threads under the lock: nobody is ever beside the holder, and the sums are exact.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use toy_gil::{GlobalLock, Origin, PolicySpec, Progress, ReleaseCause, Setting, Statistics};

const THREADS: u64 = 4;
const ROUNDS: u64 = 20_000;

/// A load and a store: whoever comes between loses an increment.
fn increment(counter: &AtomicU64) {
    let value = counter.load(Ordering::Relaxed);
    counter.store(value + 1, Ordering::Relaxed);
}

fn hammer(policy: &str) -> Statistics {
    let lock = GlobalLock::new(policy.parse::<PolicySpec>().unwrap().build().unwrap(), Setting::default());
    let counter = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for number in 0..THREADS {
            let (lock, counter) = (&lock, &counter);
            let birth = lock.birth();
            scope.spawn(move || {
                birth.begin();
                let thread = lock.register(&format!("Thread-{number}"));
                lock.acquire(thread, Origin::Start);
                for round in 0..ROUNDS {
                    increment(counter);
                    if round % 3 == 0 {
                        lock.release(thread, ReleaseCause::Io, Progress::default());
                        lock.detached(rustix::thread::sched_yield);
                        lock.acquire(thread, Origin::Io);
                    } else {
                        lock.expired(thread, Progress::default());
                    }
                    increment(counter);
                }
                lock.release(thread, ReleaseCause::Exit, Progress::default());
                lock.retire(thread);
            });
        }
    });
    assert_eq!(counter.into_inner(), 2 * THREADS * ROUNDS, "two holders");
    assert_eq!(lock.waiters(), 0);
    lock.snapshot()
}

fn check_sums(statistics: &Statistics) {
    assert_eq!(statistics.held() + statistics.idle, statistics.wall);
    assert_eq!(statistics.holder, None);
    for thread in &statistics.threads {
        let releases: u64 = thread.releases.iter().sum();
        assert_eq!(thread.acquisitions, releases);
        assert_eq!(thread.released(ReleaseCause::Io), ROUNDS.div_ceil(3));
        assert_eq!(thread.released(ReleaseCause::Exit), 1);
        assert_eq!(releases, thread.released(ReleaseCause::Interval) + ROUNDS.div_ceil(3) + 1);
        assert!(!thread.is_alive);
        let waited_for_others: Duration =
            statistics.waits.iter().filter(|wait| wait.waiter == thread.id).map(|wait| wait.time).sum();
        assert!(waited_for_others <= thread.waited, "{thread:?} {waited_for_others:?}");
    }
    assert!(statistics.waits.iter().all(|wait| wait.waiter != wait.holder));
    let acquisitions: u64 = statistics.threads.iter().map(|thread| thread.acquisitions).sum();
    let reacquisitions: u64 = statistics.threads.iter().map(|thread| thread.reacquisitions).sum();
    assert_eq!(acquisitions, statistics.switches() + reacquisitions + 1, "the very first is neither");
}

#[test]
fn fair_excludes_and_counts() {
    let statistics = hammer("fair:100");
    check_sums(&statistics);
    assert!(statistics.threads.iter().all(|thread| thread.released(ReleaseCause::Interval) <= ROUNDS));
}

#[test]
fn ticks_excludes_and_counts() {
    check_sums(&hammer("ticks:100"));
}

#[test]
fn never_excludes_and_counts() {
    let statistics = hammer("never");
    check_sums(&statistics);
    assert!(statistics.threads.iter().all(|thread| thread.released(ReleaseCause::Interval) == 0));
}
