//! What each policy decides, in scenes that are made by hand: no thread runs.

use std::sync::atomic::Ordering;
use std::time::Duration;

use toy_gil::{
    Conditions, Event, Expiry, GlobalLock, ManualClock, Native, Observer, Origin, Policy, PolicySpec, Progress,
    ReleaseCause, Setting, Succession, SwitchAt, ThreadId, Time, Wake,
};

const RAN: fn(u64) -> Progress = |instructions| Progress { instructions, ..NOTHING };
const NOTHING: Progress = Progress { instructions: 0, place: toy_gil::PlaceNumber(0) };

/// Wraps a policy and notes what it has answered.
#[derive(Debug)]
struct Noting {
    policy: Box<dyn Policy>,
    answers: std::sync::Arc<std::sync::Mutex<Vec<Option<Succession>>>>,
}

impl Policy for Noting {
    fn spec(&self) -> String {
        self.policy.spec()
    }

    fn begin(&mut self, thread: ThreadId) {
        self.policy.begin(thread);
    }

    fn budget(&mut self, thread: ThreadId) -> u64 {
        self.policy.budget(thread)
    }

    fn on_expiry(&mut self, scene: &toy_gil::Scene<'_>) -> Expiry {
        let answer = self.policy.on_expiry(scene);
        self.answers.lock().unwrap().push(match answer {
            Expiry::Keep => None,
            Expiry::Release(succession) => Some(succession),
        });
        // The one thread of this test cannot wait for its next turn.
        Expiry::Keep
    }

    fn on_release(&mut self, scene: &toy_gil::Scene<'_>, cause: ReleaseCause) -> Succession {
        self.policy.on_release(scene, cause)
    }
}

/// A lock whose main thread runs while others are expected.
struct Stage {
    lock: GlobalLock,
    clock: ManualClock,
    main: ThreadId,
    answers: std::sync::Arc<std::sync::Mutex<Vec<Option<Succession>>>>,
}

impl Stage {
    fn new(policy: &str) -> Stage {
        let clock = ManualClock::default();
        let answers = std::sync::Arc::default();
        let policy = policy.parse::<PolicySpec>().unwrap().build().unwrap();
        let noting = Noting { policy, answers: std::sync::Arc::clone(&answers) };
        let lock = GlobalLock::<Native>::with_clock(Box::new(noting), Setting::default(), Box::new(clock.clone()));
        let main = lock.register("main");
        lock.acquire(main, Origin::Start);
        Stage { lock, clock, main, answers }
    }

    fn expect(&self, name: &str, origin: Origin) -> ThreadId {
        let thread = self.lock.register(name);
        self.lock.expect(self.main, thread, origin);
        thread
    }

    /// Time passes, instructions run, and the budget is over: what does the policy say? `None`: go on.
    fn after(&self, microseconds: u64, instructions: u64) -> Option<Succession> {
        self.clock.advance(microseconds * 1000);
        self.lock.expired(self.main, RAN(instructions));
        self.answers.lock().unwrap().pop().expect("somebody waits, so it was asked")
    }
}

#[test]
fn timed_lets_go_when_a_waiter_has_waited_for_the_slice_and_the_releaser_stands_back() {
    let stage = Stage::new("timed:5ms");
    stage.clock.advance(3_000_000);
    stage.expect("waiter", Origin::Io);
    assert_eq!(stage.after(4_999, 100), None);
    assert_eq!(stage.after(1, 100), Some(Succession::LetOthers));
}

#[test]
fn the_switch_interval_is_the_slice() {
    let lock_with = |policy: &str| {
        let lock = GlobalLock::new(policy.parse::<PolicySpec>().unwrap().build().unwrap(), Setting::default());
        let main = lock.register("main");
        lock.acquire(main, Origin::Start);
        let goes_by_time = lock.set_interval(main, Duration::from_micros(10));
        (goes_by_time, lock.policy(), lock.interval())
    };
    assert_eq!(lock_with("timed:5ms"), (true, "timed:10us".to_owned(), Some(Duration::from_micros(10))));
    assert_eq!(lock_with("quantum:5ms"), (true, "quantum:10us".to_owned(), Some(Duration::from_micros(10))));
    assert_eq!(lock_with("fair:5"), (false, "fair:5".to_owned(), None));
}

#[test]
fn quantum_goes_by_how_long_the_holder_has_run() {
    let stage = Stage::new("quantum:100ms");
    stage.clock.advance(60_000_000);
    let waiter = stage.expect("waiter", Origin::Io);
    assert_eq!(stage.after(39_999, 100), None);
    assert_eq!(stage.after(1, 100), Some(Succession::HandOver(waiter)));
}

#[test]
fn io_first_serves_who_is_back_after_the_grace_and_others_after_the_interval() {
    let stage = Stage::new("iofirst:1_000_000,grace=250us");
    let computes = stage.expect("computes", Origin::Interval);
    assert_eq!(stage.after(1_000, 400_000), None, "nobody is back from I/O");
    let back = stage.expect("back", Origin::Io);
    assert_eq!(stage.after(0, 100), Some(Succession::HandOver(back)), "the holder has long had its grace");
    assert_eq!(stage.after(0, 600_000), Some(Succession::HandOver(back)));
    stage.lock.dismiss(stage.main, back);
    assert_eq!(stage.after(0, 0), Some(Succession::HandOver(computes)));
}

#[test]
fn io_first_leaves_the_holder_its_grace_and_starves_nobody() {
    let stage = Stage::new("iofirst:1_000_000,grace=250us");
    let computes = stage.expect("computes", Origin::Interval);
    let back = stage.expect("back", Origin::Sleep);
    assert_eq!(stage.after(299, 100), None, "the one that is back is left to wake up, and to press, by itself");
    assert_eq!(stage.after(1, 100), Some(Succession::HandOver(back)));
    assert_eq!(stage.after(40 * 250, 100), Some(Succession::HandOver(computes)), "it has waited for 40 graces");
}

#[test]
fn io_first_lets_go_at_once_for_who_is_awake_and_presses() {
    let stage = Stage::new("iofirst:1_000_000,grace=250us");
    let back = stage.expect("back", Origin::Io);
    stage.lock.pressed().store(true, Ordering::Relaxed);
    assert_eq!(stage.after(249, 100), None, "the grace is the holder's");
    assert_eq!(stage.after(1, 100), None, "who pressed too early is asleep again");
    stage.lock.pressed().store(true, Ordering::Relaxed);
    assert_eq!(stage.after(0, 100), Some(Succession::HandOver(back)));
}

#[test]
fn equal_seeds_decide_alike_and_others_do_not() {
    let decisions = |policy: &str| {
        let stage = Stage::new(policy);
        for name in ["a", "b", "c"] {
            stage.expect(name, Origin::Start);
        }
        (0..64).map(|_| (stage.after(0, 1), stage.lock.budget(stage.main))).collect::<Vec<_>>()
    };
    assert_eq!(decisions("seeded:1"), decisions("seeded:1"));
    assert_ne!(decisions("seeded:1"), decisions("seeded:2"));
}

/// Hears everything that a lock does.
#[derive(Clone, Debug, Default)]
struct Ear(std::sync::Arc<std::sync::Mutex<Vec<String>>>);

impl Observer for Ear {
    fn begin(&mut self, policy: &str, conditions: Conditions) {
        self.0.lock().unwrap().push(format!("{policy} at {}", conditions.switch_at));
    }

    fn hear(&mut self, now: u64, event: &Event<'_>) {
        let text = match event {
            Event::Named { name, .. } => format!("named {name}"),
            Event::Asked { thread, origin } => format!("{thread} asks after {origin}"),
            Event::Began { thread, origin, waited } => format!("{thread} begins after {origin}, waited {waited}"),
            Event::Ended { thread, cause, held, instructions, successor, .. } => {
                let next = successor.map_or("anyone".to_owned(), |next| next.to_string());
                format!("{thread} ends by {cause} after {held} and {instructions}, next {next}")
            }
            Event::Retired { thread } => format!("{thread} retires"),
        };
        self.0.lock().unwrap().push(format!("{now}: {text}"));
    }

    fn finish(&mut self) -> Option<String> {
        Some("heard enough".to_owned())
    }
}

#[test]
fn an_observer_hears_a_turn_from_its_beginning_to_its_end() {
    let (ear, clock) = (Ear::default(), ManualClock::default());
    let conditions = Conditions { switch_at: SwitchAt::Python, ..Conditions::default() };
    let setting = Setting { conditions, observers: vec![Box::new(ear.clone())] };
    let policy = "fair:10".parse::<PolicySpec>().unwrap().build().unwrap();
    let lock = GlobalLock::<Native>::with_clock(policy, setting, Box::new(clock.clone()));
    let main = lock.register("main");
    assert!(lock.is_observed());
    lock.acquire(main, Origin::Start);
    clock.advance(5);
    let other = lock.register("other");
    lock.expect(main, other, Origin::Start);
    clock.advance(2);
    lock.release(main, ReleaseCause::Io, RAN(3));
    lock.acquire(other, Origin::Start);
    lock.release(other, ReleaseCause::Exit, NOTHING);
    lock.retire(other);
    assert_eq!(lock.finish(), ["heard enough"]);
    lock.acquire(main, Origin::Io);
    let heard = [
        "fair:10 at python",
        "0: named main",
        "0: 0 begins after start, waited 0",
        "5: named other",
        "5: 1 asks after start",
        "7: 0 ends by io after 7 and 3, next 1",
        "7: 1 begins after start, waited 2",
        "7: 1 ends by exit after 0 and 0, next anyone",
        "7: 1 retires",
    ];
    assert_eq!(*ear.0.lock().unwrap(), heard);
}

#[test]
fn virtual_time_passes_by_instructions_and_jumps_over_sleeps() {
    let policy = "seeded:1".parse::<PolicySpec>().unwrap().build().unwrap();
    let lock = GlobalLock::new(policy, Setting::default());
    assert_eq!(lock.conditions().time, Time::Virtual);
    let main = lock.register("main");
    lock.acquire(main, Origin::Start);
    assert_eq!(lock.now(RAN(7)), 70, "ten nanoseconds an instruction");
    let hour = Duration::from_secs(3600);
    assert_eq!(lock.park(main, ReleaseCause::Sleep, RAN(3), Some(hour)), Wake::TimedOut);
    assert_eq!(lock.now(NOTHING), 100 + 3_600_000_000_000);
    let statistics = lock.snapshot();
    assert_eq!(statistics.held() + statistics.idle, statistics.wall);
    assert_eq!(statistics.threads[0].blocked_by[ReleaseCause::Sleep as usize], hour);
    assert_eq!(statistics.instructions(), 10);
}

#[test]
fn a_policy_that_decides_about_a_whole_run_cannot_come_later() {
    let lock = GlobalLock::new("fair:10".parse::<PolicySpec>().unwrap().build().unwrap(), Setting::default());
    let main = lock.register("main");
    lock.acquire(main, Origin::Start);
    let build = |policy: &str| policy.parse::<PolicySpec>().unwrap().build().unwrap();
    assert!(lock.set_policy(main, build("seeded:1")).is_err());
    assert!(lock.set_policy(main, build("timed:1ms")).is_ok());
    assert_eq!(lock.policy(), "timed:1ms");
}
