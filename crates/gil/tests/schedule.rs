//! Who is next and what is counted, with the clock turned by hand and the schedule under control.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use toy_gil::{
    Clock, Expiry, GlobalLock, ManualClock, Native, Origin, Policy, PolicySpec, Progress, ReleaseCause, Scene, Setting,
    Succession, ThreadId,
};

struct Bench {
    lock: Arc<GlobalLock>,
    clock: ManualClock,
}

impl Bench {
    fn new(policy: Box<dyn Policy>) -> Bench {
        let clock = ManualClock::default();
        let lock = GlobalLock::<Native>::with_clock(policy, Setting::default(), Box::new(clock.clone()));
        Bench { lock: Arc::new(lock), clock }
    }

    fn with(policy: &str) -> Bench {
        Bench::new(policy.parse::<PolicySpec>().unwrap().build().unwrap())
    }

    fn start_main(&self) -> ThreadId {
        let main = self.lock.register("MainThread");
        self.lock.acquire(main, Origin::Start);
        main
    }

    /// Starts a thread that acquires, runs `work` and releases, and returns once it waits for the lock.
    fn start_waiter(
        &self,
        name: &str,
        origin: Origin,
        work: impl FnOnce(&GlobalLock, ThreadId) + Send + 'static,
    ) -> JoinHandle<()> {
        let queued_before = self.lock.waiters();
        let thread = self.lock.register(name);
        let lock = Arc::clone(&self.lock);
        let handle = std::thread::spawn(move || {
            lock.acquire(thread, origin);
            work(&lock, thread);
            lock.release(thread, ReleaseCause::Exit, Progress::default());
        });
        while self.lock.waiters() == queued_before {
            std::thread::yield_now();
        }
        handle
    }
}

fn nanoseconds(count: u64) -> Duration {
    Duration::from_nanos(count)
}

#[test]
fn times_go_to_holders_waiters_and_nobody() {
    let bench = Bench::with("fair:100");
    bench.clock.advance(5);
    let main = bench.start_main();
    bench.clock.advance(10);
    let clock = bench.clock.clone();
    let worker = bench.start_waiter("Worker", Origin::Start, move |_, _| clock.advance(7));
    bench.clock.advance(20);

    let meanwhile = bench.lock.snapshot();
    assert_eq!(meanwhile.holder, Some(main));
    assert_eq!(meanwhile.threads[0].held, nanoseconds(30));
    assert_eq!(meanwhile.threads[1].waited, nanoseconds(20));
    assert_eq!(meanwhile.waits[0].time, nanoseconds(20));

    bench.lock.release(main, ReleaseCause::Io, Progress::default());
    worker.join().unwrap();
    bench.clock.advance(3);
    bench.lock.acquire(main, Origin::Io);
    bench.clock.advance(2);
    bench.lock.rename(main, "Renamed");

    let statistics = bench.lock.snapshot();
    assert_eq!(statistics.wall, nanoseconds(47));
    assert_eq!(statistics.idle, nanoseconds(8));
    let [first, second] = &statistics.threads[..] else { panic!("two threads") };
    assert_eq!((first.name.as_str(), first.held, first.waited), ("Renamed", nanoseconds(32), nanoseconds(0)));
    assert_eq!((first.acquisitions, first.switches, first.reacquisitions), (2, 1, 0));
    assert_eq!((first.released(ReleaseCause::Io), first.releases.iter().sum::<u64>()), (1, 1));
    assert_eq!((second.name.as_str(), second.held, second.waited), ("Worker", nanoseconds(7), nanoseconds(20)));
    assert_eq!((second.acquisitions, second.switches, second.released(ReleaseCause::Exit)), (1, 1, 1));
    assert_eq!(statistics.waits.len(), 1);
    assert_eq!((statistics.waits[0].waiter, statistics.waits[0].holder), (second.id, first.id));
}

#[test]
fn an_expiry_with_nobody_waiting_changes_nothing() {
    let bench = Bench::with("ticks:12");
    let main = bench.start_main();
    let before = bench.lock.snapshot();
    assert_eq!((bench.lock.expired(main, Progress::default()), bench.lock.budget(main)), (12, 12));
    assert_eq!(bench.lock.snapshot(), before);
}

#[test]
fn fair_serves_in_order_of_arrival_and_the_expired_thread_last() {
    let bench = Bench::with("fair:100");
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let main = bench.start_main();
    let workers: Vec<_> = ["a", "b", "c"]
        .map(|name| {
            let order = Arc::clone(&order);
            bench.start_waiter(name, Origin::Start, move |_, _| order.lock().unwrap().push(name))
        })
        .into();
    assert_eq!(bench.lock.expired(main, Progress::default()), 100);
    order.lock().unwrap().push("main");
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    assert_eq!(*order.lock().unwrap(), ["a", "b", "c", "main"]);
    assert_eq!(bench.lock.snapshot().threads[0].released(ReleaseCause::Interval), 1);
}

#[test]
fn never_keeps_the_lock_when_asked() {
    let bench = Bench::with("never");
    let main = bench.start_main();
    let worker = bench.start_waiter("Worker", Origin::Start, |_, _| ());
    assert_eq!(bench.lock.expired(main, Progress::default()), u64::MAX);
    assert_eq!(bench.lock.snapshot().threads[1].acquisitions, 0);
    bench.lock.release(main, ReleaseCause::Exit, Progress::default());
    worker.join().unwrap();
}

/// A policy that knows where threads come from and how late it is: who is back from I/O is served first, but not before
/// the holder has run for 50 ns.
#[derive(Debug)]
struct InputOutputFirst;

impl InputOutputFirst {
    fn next(scene: &Scene<'_>) -> ThreadId {
        let back = scene.waiters().iter().find(|waiter| waiter.origin == Origin::Io);
        back.map_or(scene.first(), |waiter| waiter.thread)
    }
}

impl Policy for InputOutputFirst {
    fn spec(&self) -> String {
        "io-first".to_owned()
    }

    fn budget(&mut self, thread: ThreadId) -> u64 {
        10 + thread.index() as u64
    }

    fn on_expiry(&mut self, scene: &Scene<'_>) -> Expiry {
        if scene.now() - scene.held_since() < 50 {
            Expiry::Keep
        } else {
            Expiry::Release(Succession::HandOver(InputOutputFirst::next(scene)))
        }
    }

    fn on_release(&mut self, scene: &Scene<'_>, _cause: ReleaseCause) -> Succession {
        Succession::HandOver(InputOutputFirst::next(scene))
    }
}

#[test]
fn a_policy_sees_clock_and_origins() {
    let bench = Bench::new(Box::new(InputOutputFirst));
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let main = bench.start_main();
    assert_eq!(bench.lock.budget(main), 10);
    let workers = [("computes", Origin::Interval), ("reads", Origin::Io)].map(|(name, origin)| {
        let order = Arc::clone(&order);
        bench.start_waiter(name, origin, move |lock, thread| {
            assert_eq!(lock.budget(thread), 10 + thread.index() as u64);
            order.lock().unwrap().push(name);
        })
    });
    bench.clock.advance(49);
    bench.lock.expired(main, Progress::default());
    assert!(order.lock().unwrap().is_empty(), "the holder has a grace of 50 ns");
    bench.clock.advance(1);
    bench.lock.expired(main, Progress::default());
    assert_eq!(*order.lock().unwrap(), ["reads", "computes"]);
    bench.lock.release(main, ReleaseCause::Exit, Progress::default());
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    assert!(bench.clock.now() == 50);
}

#[test]
#[should_panic(expected = "uses the lock as its holder")]
fn only_the_holder_releases() {
    let bench = Bench::with("fair:1");
    bench.start_main();
    let other = bench.lock.register("other");
    bench.lock.release(other, ReleaseCause::Io, Progress::default());
}

#[test]
#[should_panic(expected = "asks for the lock that it holds")]
fn the_lock_is_not_reentrant() {
    let bench = Bench::with("fair:1");
    let main = bench.start_main();
    bench.lock.acquire(main, Origin::Io);
}

#[test]
fn an_expected_thread_has_its_turn_before_it_comes() {
    let bench = Bench::with("fair:100");
    let main = bench.start_main();
    let worker = bench.lock.register("Worker");
    bench.lock.expect(main, worker, Origin::Start);
    bench.lock.expect(main, worker, Origin::Start);
    assert_eq!(bench.lock.waiters(), 1);
    bench.clock.advance(3);
    let lock = Arc::clone(&bench.lock);
    // The worker comes only once the lock was handed to it.
    let thread = std::thread::spawn(move || {
        while lock.snapshot().holder.is_some() {
            std::thread::yield_now();
        }
        lock.acquire(worker, Origin::Start);
        lock.release(worker, ReleaseCause::Exit, Progress::default());
    });
    assert_eq!(bench.lock.expired(main, Progress::default()), 100);
    thread.join().unwrap();
    let statistics = bench.lock.snapshot();
    assert_eq!((statistics.threads[1].acquisitions, statistics.threads[1].waited), (1, nanoseconds(3)));
    assert_eq!(statistics.threads[0].released(ReleaseCause::Interval), 1);
    assert_eq!(bench.lock.waiters(), 0);
}

#[test]
fn a_dismissed_thread_is_waited_for_no_longer() {
    let bench = Bench::with("fair:100");
    let main = bench.start_main();
    let worker = bench.lock.register("Worker");
    bench.lock.expect(main, worker, Origin::Start);
    bench.lock.dismiss(main, worker);
    bench.lock.retire(worker);
    assert_eq!(bench.lock.expired(main, Progress::default()), 100);
    assert_eq!((bench.lock.waiters(), bench.lock.snapshot().switches()), (0, 0));
}
