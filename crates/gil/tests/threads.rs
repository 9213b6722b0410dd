//! Real threads under the lock: nobody is ever beside the holder, and the sums are exact.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use toy_gil::{GlobalLock, Origin, PolicySpec, Progress, ReleaseCause, Setting, Statistics, ThreadId};

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

/// A thread that computes under `never` hands the lock over when the user wants another one to run, and to a favourite that comes
/// back from a device, but to nobody else.
#[test]
fn never_makes_way_for_whom_the_user_wants() {
    let lock = Arc::new(GlobalLock::new("never".parse::<PolicySpec>().unwrap().build().unwrap(), Setting::default()));
    let main = lock.register("main");
    let computes = lock.register("computes");
    lock.acquire(main, Origin::Start);
    let is_over = Arc::new(AtomicBool::new(false));
    let birth = lock.birth();
    let thread = std::thread::spawn({
        let (lock, is_over) = (Arc::clone(&lock), Arc::clone(&is_over));
        move || {
            birth.begin();
            let pressed = lock.pressed();
            lock.acquire(computes, Origin::Start);
            // Until the main thread waits: nobody makes it wait longer.
            while lock.waiters() == 0 {}
            lock.expired(computes, Progress::default());
            assert!(!is_over.load(Ordering::Relaxed), "`never` keeps the lock");
            lock.make_way(computes, main, Progress::default());
            while !is_over.load(Ordering::Relaxed) {
                if pressed.load(Ordering::Relaxed) {
                    lock.expired(computes, Progress::default());
                }
            }
            lock.release(computes, ReleaseCause::Exit, Progress::default());
            lock.retire(computes);
        }
    });
    lock.expect(main, computes, Origin::Start);
    lock.release(main, ReleaseCause::Join, Progress::default());
    lock.acquire(main, Origin::Join);
    lock.favour(main, 3);
    for _ in 0..3 {
        lock.release(main, ReleaseCause::Io, Progress::default());
        lock.acquire(main, Origin::Io);
    }
    is_over.store(true, Ordering::Relaxed);
    lock.release(main, ReleaseCause::Join, Progress::default());
    lock.acquire(main, Origin::Join);
    lock.release(main, ReleaseCause::Exit, Progress::default());
    lock.detached(|| ());
    thread.join().unwrap();
    assert_eq!(lock.snapshot().threads[0].acquisitions, 6);
}

#[test]
fn threads_that_ended_long_ago_share_one_account_and_all_sums_stay_exact() {
    const ALL: usize = 11_500;
    let lock = GlobalLock::new("fair:1000".parse::<PolicySpec>().unwrap().build().unwrap(), Setting::default());
    let main = lock.register("main");
    lock.acquire(main, Origin::Start);
    for number in 0..ALL {
        let thread = lock.register(&format!("Thread-{number}"));
        lock.release(main, ReleaseCause::Join, Progress { instructions: 3, ..Progress::default() });
        lock.acquire(thread, Origin::Start);
        lock.release(thread, ReleaseCause::Exit, Progress { instructions: 2, ..Progress::default() });
        lock.retire(thread);
        lock.acquire(main, Origin::Join);
    }
    lock.release(main, ReleaseCause::Exit, Progress::default());
    let statistics = lock.snapshot();
    let (first, last) = (&statistics.threads[0], statistics.threads.last().unwrap());
    assert_eq!((first.name.as_str(), first.acquisitions, first.is_alive), ("main", ALL as u64 + 1, true));
    assert_eq!((last.id, last.name.as_str()), (ThreadId::EARLIER, "1000 earlier threads"));
    assert_eq!((last.instructions, last.acquisitions, last.released(ReleaseCause::Exit)), (2_000, 1_000, 1_000));
    assert_eq!(statistics.threads.len(), ALL - 1_000 + 2);
    assert_eq!(statistics.thread(ThreadId::from_index(1_000)), None);
    assert_eq!(statistics.thread(ThreadId::from_index(1_001)).unwrap().name, "Thread-1000");
    assert_eq!(statistics.held() + statistics.idle, statistics.wall);
    assert_eq!(statistics.switches(), 2 * ALL as u64);
}
