//! The lock with many threads under a scheduler that draws schedules by chance: more threads and longer runs than the
//! exhaustive model can try. A failure prints the schedule that led to it.

mod primitives;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use shuttle::sync::atomic::AtomicU64;
use shuttle::thread::JoinHandle;
use toy_gil::{
    GlobalLock, ManualClock, Origin, PolicySpec, Progress, ReleaseCause, Setting, Statistics, ThreadId, Wake,
};

use primitives::{Drawn, Fault, IsDeaf, Sound};

const THREADS: u32 = 6;
const ROUNDS: u64 = 4;
const SCHEDULES: usize = 400;

/// Every policy that decides by itself, with intervals so short that everything happens.
const POLICIES: [&str; 7] =
    ["ticks:1", "fair:1", "timed:1ns", "quantum:1ns", "iofirst:2,grace=1ns", "never", "seeded:7,every=2"];

type Lock<F> = GlobalLock<Drawn<F>>;

fn new_lock<F: Fault>(policy: &str) -> (Arc<Lock<F>>, ManualClock) {
    let clock = ManualClock::default();
    let policy = policy.parse::<PolicySpec>().unwrap().build().unwrap();
    let lock = GlobalLock::with_clock(policy, Setting::default(), Box::new(clock.clone()));
    (Arc::new(lock), clock)
}

/// A load and a store: whoever comes between loses an increment.
fn increment(counter: &AtomicU64) {
    let value = counter.load(Ordering::Relaxed);
    counter.store(value + 1, Ordering::Relaxed);
}

/// What a thread does in its turns: it computes, reads, wakes its neighbour, and sleeps until somebody wakes it.
fn live<F: Fault>(lock: &Lock<F>, clock: &ManualClock, threads: &[ThreadId], own: usize, counter: &AtomicU64) {
    let thread = threads[own];
    let ran = Progress { instructions: 1, ..Progress::default() };
    lock.acquire(thread, Origin::Start);
    for round in 0..ROUNDS {
        increment(counter);
        clock.advance(1);
        match (own as u64 + round) % 3 {
            0 => {
                lock.release(thread, ReleaseCause::Io, ran);
                lock.detached(|| ());
                lock.acquire(thread, Origin::Io);
            }
            1 => {
                lock.wake(thread, threads[(own + 1) % threads.len()], Origin::Lock);
                lock.expired(thread, ran);
            }
            _ => {
                // Somebody wakes it at the end of a turn, or its time is over at once.
                let wake = lock.park(thread, ReleaseCause::Lock, ran, Some(Duration::from_nanos(1)));
                assert_ne!(wake, Wake::Interrupted);
            }
        }
        increment(counter);
    }
    lock.release(thread, ReleaseCause::Exit, ran);
    lock.retire(thread);
}

/// Starts so many threads that live as [`live`] says.
fn start_crowd<F: Fault>(
    lock: &Arc<Lock<F>>,
    clock: &ManualClock,
    counter: &Arc<AtomicU64>,
    count: u32,
) -> Vec<JoinHandle<()>> {
    let threads: Arc<Vec<ThreadId>> = Arc::new((0..count).map(|number| lock.register(&number.to_string())).collect());
    let start = |own| {
        let (lock, clock, counter) = (Arc::clone(lock), clock.clone(), Arc::clone(counter));
        let (threads, birth) = (Arc::clone(&threads), lock.birth());
        shuttle::thread::spawn(move || {
            live(&lock, &clock, &threads, own, &counter);
            drop(birth);
        })
    };
    (0..threads.len()).map(start).collect()
}

fn crowd<F: Fault>(policy: &str) -> Statistics {
    let (lock, clock) = new_lock::<F>(policy);
    let counter = Arc::new(AtomicU64::new(0));
    let handles = start_crowd(&lock, &clock, &counter, THREADS);
    handles.into_iter().for_each(|handle| handle.join().unwrap());
    assert_eq!(counter.load(Ordering::Relaxed), 2 * ROUNDS * u64::from(THREADS), "two holders");
    let statistics = lock.snapshot();
    assert_eq!(statistics.held() + statistics.idle, statistics.wall);
    for thread in &statistics.threads {
        assert_eq!(thread.acquisitions, thread.releases.iter().sum::<u64>());
        assert_eq!(thread.released(ReleaseCause::Exit), 1);
    }
    statistics
}

#[test]
fn a_crowd_gets_its_turns_under_every_policy() {
    for policy in POLICIES {
        shuttle::check_random(move || drop(crowd::<Sound>(policy)), SCHEDULES);
    }
}

#[test]
fn a_crowd_gets_its_turns_when_few_threads_are_preferred() {
    for policy in POLICIES {
        shuttle::check_pct(move || drop(crowd::<Sound>(policy)), SCHEDULES / 4, 3);
    }
}

/// Two threads wake each other in turn and sleep until they are woken, however long that takes: a call that is put off is made.
fn take_turns(policy: &str) {
    let (lock, clock) = new_lock::<Sound>(policy);
    let turns = Arc::new(AtomicU64::new(0));
    let threads = ["ping", "pong"].map(|name| lock.register(name));
    let start = |own: usize| {
        let (lock, clock, turns) = (Arc::clone(&lock), clock.clone(), Arc::clone(&turns));
        let birth = lock.birth();
        shuttle::thread::spawn(move || {
            let (thread, other) = (threads[own], threads[1 - own]);
            let ran = Progress { instructions: 1, ..Progress::default() };
            lock.acquire(thread, Origin::Start);
            for _ in 0..ROUNDS {
                while turns.load(Ordering::Relaxed) % 2 != own as u64 {
                    assert_eq!(lock.park(thread, ReleaseCause::Lock, ran, None), Wake::Woken);
                }
                increment(&turns);
                lock.wake(thread, other, Origin::Lock);
                clock.advance(1);
                lock.expired(thread, ran);
            }
            lock.release(thread, ReleaseCause::Exit, ran);
            lock.retire(thread);
            drop(birth);
        })
    };
    [start(0), start(1)].into_iter().for_each(|handle| handle.join().unwrap());
    assert_eq!(turns.load(Ordering::Relaxed), 2 * ROUNDS);
}

#[test]
fn whoever_is_woken_gets_up_under_every_policy() {
    for policy in POLICIES {
        shuttle::check_random(move || take_turns(policy), SCHEDULES);
    }
}

#[test]
fn forks_come_to_rest_beside_a_crowd() {
    let scenario = || {
        let (lock, clock) = new_lock::<Sound>("fair:1");
        let counter = Arc::new(AtomicU64::new(0));
        let forker = lock.register("forker");
        lock.acquire(forker, Origin::Start);
        let handles = start_crowd(&lock, &clock, &counter, 4);
        for _ in 0..3 {
            let before = counter.load(Ordering::Relaxed);
            let permit = lock.quiesce(forker, Duration::MAX).unwrap();
            shuttle::thread::yield_now();
            assert_eq!(counter.load(Ordering::Relaxed), before, "somebody ran while the process forked");
            permit.parent();
            lock.expired(forker, Progress::default());
        }
        lock.release(forker, ReleaseCause::Join, Progress::default());
        handles.into_iter().for_each(|handle| handle.join().unwrap());
    };
    shuttle::check_random(scenario, SCHEDULES);
}

#[test]
fn a_lost_notification_is_found() {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        shuttle::check_random(|| drop(crowd::<IsDeaf>("fair:1")), SCHEDULES);
    }));
    let failure = outcome.expect_err("the scheduler does not see the planted fault");
    let message = failure.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(message.contains("deadlock"), "found something else: {message}");
}
