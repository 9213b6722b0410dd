//! One holder at a time, no lost wake-up, and first come, first served.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use loom::sync::atomic::AtomicU32;
use toy_gil::{
    Expiry, GlobalLock, ManualClock, Origin, Parker, Policy, PolicySpec, Progress, ReleaseCause, Scene, Setting,
    Succession, ThreadId, Wake,
};

use crate::primitives::{Fault, IsDeaf, Model, SleepsLate, Sound};
use crate::{explore, explore_finding};

/// Wraps a policy and asserts that whoever had waited longest at a release is the next to run.
#[derive(Debug)]
struct Referee {
    policy: Box<dyn Policy>,
    next: Option<ThreadId>,
}

impl Policy for Referee {
    fn spec(&self) -> String {
        self.policy.spec()
    }

    fn begin(&mut self, thread: ThreadId) {
        if let Some(next) = self.next.take() {
            assert_eq!(next, thread, "overtaken");
        }
        self.policy.begin(thread);
    }

    fn budget(&mut self, thread: ThreadId) -> u64 {
        self.policy.budget(thread)
    }

    fn on_expiry(&mut self, scene: &Scene<'_>) -> Expiry {
        self.next = Some(scene.first());
        self.policy.on_expiry(scene)
    }

    fn on_release(&mut self, scene: &Scene<'_>, cause: ReleaseCause) -> Succession {
        self.next = Some(scene.first());
        self.policy.on_release(scene, cause)
    }
}

/// How a thread behaves under the lock.
#[derive(Clone, Copy, PartialEq)]
enum Manners {
    Good,
    /// It goes on after it has released the lock.
    Overruns,
}

/// Three threads take the lock and add to a counter by a load and a store; each lets its budget expire on the way.
fn hammer<F: Fault>(policy: Box<dyn Policy>, manners: Manners) {
    let clock = Box::new(ManualClock::default());
    let lock: Arc<GlobalLock<Model<F>>> = Arc::new(GlobalLock::with_clock(policy, Setting::default(), clock));
    let counter = Arc::new(AtomicU32::new(0));
    let work = |name: &str| {
        let (lock, counter) = (Arc::clone(&lock), Arc::clone(&counter));
        let thread = lock.register(name);
        move || {
            lock.acquire(thread, Origin::Start);
            increment(&counter);
            lock.expired(thread, Progress::default());
            if manners == Manners::Overruns {
                lock.release(thread, ReleaseCause::Exit, Progress::default());
                increment(&counter);
            } else {
                increment(&counter);
                lock.release(thread, ReleaseCause::Exit, Progress::default());
            }
        }
    };
    let others = [work("first"), work("second")].map(loom::thread::spawn);
    work("main")();
    others.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(counter.load(Ordering::Relaxed), 6, "two holders");
    let statistics = lock.snapshot();
    for thread in &statistics.threads {
        assert_eq!(thread.acquisitions, thread.releases.iter().sum::<u64>());
    }
}

fn increment(counter: &AtomicU32) {
    let value = counter.load(Ordering::Relaxed);
    counter.store(value + 1, Ordering::Relaxed);
}

fn policy(spec: &str) -> Box<dyn Policy> {
    spec.parse::<PolicySpec>().unwrap().build().unwrap()
}

fn refereed(spec: &str) -> Box<dyn Policy> {
    Box::new(Referee { policy: policy(spec), next: None })
}

#[test]
fn fair_hands_over_in_order() {
    explore(5, || hammer::<Sound>(refereed("fair:10"), Manners::Good));
}

#[test]
fn ticks_serves_everybody() {
    explore(5, || hammer::<Sound>(policy("ticks:10"), Manners::Good));
}

#[test]
fn never_serves_everybody_in_order_of_release() {
    explore(5, || hammer::<Sound>(policy("never"), Manners::Good));
}

/// A thread waits for something that is not the lock; the holder expects and wakes it.
fn wake_expected(spec: &'static str) {
    let clock = Box::new(ManualClock::default());
    let lock: Arc<GlobalLock<Model<Sound>>> = Arc::new(GlobalLock::with_clock(policy(spec), Setting::default(), clock));
    let parker = Arc::new(Parker::<Model<Sound>>::with_primitives());
    let counter = Arc::new(AtomicU32::new(0));
    let (main, sleeper) = (lock.register("main"), lock.register("sleeper"));
    lock.acquire(main, Origin::Start);
    let thread = {
        let (lock, parker, counter) = (Arc::clone(&lock), Arc::clone(&parker), Arc::clone(&counter));
        loom::thread::spawn(move || {
            parker.park(None);
            lock.acquire(sleeper, Origin::Lock);
            increment(&counter);
            lock.expired(sleeper, Progress::default());
            increment(&counter);
            lock.release(sleeper, ReleaseCause::Exit, Progress::default());
        })
    };
    increment(&counter);
    lock.expect(main, sleeper, Origin::Lock);
    parker.unpark();
    lock.expired(main, Progress::default());
    increment(&counter);
    lock.release(main, ReleaseCause::Exit, Progress::default());
    thread.join().unwrap();
    assert_eq!(counter.load(Ordering::Relaxed), 4, "two holders");
    assert_eq!(lock.waiters(), 0);
}

#[test]
fn whoever_is_expected_comes_under_every_policy() {
    for spec in ["fair:10", "ticks:10", "never"] {
        explore(4, move || wake_expected(spec));
    }
}

#[test]
fn a_barging_policy_is_found_to_overtake() {
    explore_finding("overtaken", 2, || hammer::<Sound>(refereed("ticks:10"), Manners::Good));
}

#[test]
fn work_outside_of_the_lock_is_found() {
    explore_finding("two holders", 2, || hammer::<Sound>(policy("fair:10"), Manners::Overruns));
}

#[test]
fn a_gap_between_unlocking_and_sleeping_is_found() {
    explore_finding("deadlock", 2, || hammer::<SleepsLate>(policy("fair:10"), Manners::Good));
}

#[test]
fn a_lost_notification_is_found() {
    explore_finding("deadlock", 2, || hammer::<IsDeaf>(policy("ticks:10"), Manners::Good));
}

/// Lets the holder go at every expiry, as it says, and asserts that it is not the next to run.
#[derive(Debug)]
struct Forces {
    succession: Succession,
    gone: Option<ThreadId>,
}

impl Policy for Forces {
    fn spec(&self) -> String {
        "forces".to_owned()
    }

    fn begin(&mut self, thread: ThreadId) {
        assert_ne!(self.gone.take(), Some(thread), "taken again");
    }

    fn budget(&mut self, _thread: ThreadId) -> u64 {
        1
    }

    fn on_expiry(&mut self, scene: &Scene<'_>) -> Expiry {
        self.gone = Some(scene.holder());
        Expiry::Release(self.succession)
    }

    fn on_release(&mut self, _scene: &Scene<'_>, _cause: ReleaseCause) -> Succession {
        self.gone = None;
        Succession::LetAnyone
    }
}

fn forces(succession: Succession) -> Box<dyn Policy> {
    Box::new(Forces { succession, gone: None })
}

#[test]
fn a_forced_switch_lets_another_one_go_first() {
    explore(4, || hammer::<Sound>(forces(Succession::LetOthers), Manners::Good));
}

#[test]
fn a_switch_that_is_not_forced_is_found() {
    explore_finding("taken again", 2, || hammer::<Sound>(forces(Succession::LetAnyone), Manners::Good));
}

#[test]
fn chance_serves_everybody() {
    explore(4, || hammer::<Sound>(policy("seeded:1,every=1"), Manners::Good));
}

#[test]
fn io_first_serves_everybody() {
    explore(4, || hammer::<Sound>(policy("iofirst:1,grace=1ns"), Manners::Good));
}

/// Gives the lock to the threads of a list in turn, whether they wait for it or not.
#[derive(Debug)]
struct Listed(Vec<u32>);

impl Policy for Listed {
    fn spec(&self) -> String {
        "listed".to_owned()
    }

    fn begin(&mut self, thread: ThreadId) {
        assert_eq!(ThreadId::from_index(self.0.remove(0)), thread, "out of order");
    }

    fn budget(&mut self, _thread: ThreadId) -> u64 {
        1
    }

    fn on_expiry(&mut self, _scene: &Scene<'_>) -> Expiry {
        Expiry::Release(Succession::HandOver(ThreadId::from_index(self.0[0])))
    }

    fn on_release(&mut self, _scene: &Scene<'_>, _cause: ReleaseCause) -> Succession {
        self.0.first().map_or(Succession::LetAnyone, |next| Succession::HandOver(ThreadId::from_index(*next)))
    }

    fn always_decides(&self) -> bool {
        true
    }
}

/// Three threads have two turns each, in the order of the list; the first holds the lock before the others exist.
fn follow(list: &[u32]) {
    let clock = Box::new(ManualClock::default());
    let listed = Box::new(Listed(list.to_vec()));
    let lock: Arc<GlobalLock<Model<Sound>>> = Arc::new(GlobalLock::with_clock(listed, Setting::default(), clock));
    let threads = ["main", "first", "second"].map(|name| lock.register(name));
    lock.acquire(threads[0], Origin::Start);
    let others = [threads[1], threads[2]].map(|thread| {
        let lock = Arc::clone(&lock);
        loom::thread::spawn(move || {
            lock.acquire(thread, Origin::Start);
            lock.expired(thread, Progress::default());
            lock.release(thread, ReleaseCause::Exit, Progress::default());
        })
    });
    lock.expired(threads[0], Progress::default());
    lock.release(threads[0], ReleaseCause::Exit, Progress::default());
    others.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn a_list_is_followed_whoever_comes_when() {
    for list in [[0, 1, 2, 0, 1, 2], [0, 0, 2, 2, 1, 1], [0, 2, 1, 1, 0, 2]] {
        explore(4, move || follow(&list));
    }
}

/// In virtual time one thread sleeps until 1,000, another until 2,000 unless it is woken; the third wakes it or leaves it.
fn sleep_in_virtual_time(wakes: bool) {
    let clock = Box::new(ManualClock::default());
    let lock: Arc<GlobalLock<Model<Sound>>> =
        Arc::new(GlobalLock::with_clock(policy("seeded:1"), Setting::default(), clock));
    let [main, first, second] = ["main", "first", "second"].map(|name| lock.register(name));
    lock.acquire(main, Origin::Start);
    let parker = lock.parker(second);
    let sleepers = [(first, 1000), (second, 2000)].map(|(thread, time)| {
        lock.expect(main, thread, Origin::Start);
        let (lock, birth) = (Arc::clone(&lock), lock.birth());
        loom::thread::spawn(move || {
            lock.acquire(thread, Origin::Start);
            let timeout = std::time::Duration::from_nanos(time);
            let wake = lock.park(thread, ReleaseCause::Lock, Progress::default(), Some(timeout));
            let now = lock.now(Progress::default());
            lock.release(thread, ReleaseCause::Exit, Progress::default());
            drop(birth);
            (wake, now)
        })
    });
    let timeout = std::time::Duration::from_nanos(500);
    assert_eq!(lock.park(main, ReleaseCause::Sleep, Progress::default(), Some(timeout)), Wake::TimedOut);
    assert_eq!(lock.now(Progress::default()), 500);
    if wakes {
        lock.expect(main, second, Origin::Lock);
        parker.unpark();
    }
    lock.release(main, ReleaseCause::Exit, Progress::default());
    let ends = sleepers.map(|sleeper| sleeper.join().unwrap());
    let end_of_second = if wakes { (Wake::Woken, 500) } else { (Wake::TimedOut, 2000) };
    assert_eq!(ends, [(Wake::TimedOut, 1000), end_of_second]);
}

#[test]
fn virtual_time_jumps_to_the_next_alarm_and_a_call_comes_before_it() {
    explore(1, || sleep_in_virtual_time(false));
    explore(1, || sleep_in_virtual_time(true));
}
