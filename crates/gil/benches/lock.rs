//! What the lock costs, in nanoseconds a round: `cargo bench -p toy-gil`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use toy_gil::{
    Clock, GlobalLock, ManualClock, MonotonicClock, Native, Origin, Parker, PolicySpec, Progress, ReleaseCause, Setting,
};

fn main() {
    measure("acquire + release, alone", 2_000_000, acquire_and_release(Box::new(MonotonicClock)));
    measure("acquire + release, alone, clock standing still", 2_000_000, {
        acquire_and_release(Box::new(ManualClock::default()))
    });
    measure("reading the clock", 2_000_000, || {
        black_box(MonotonicClock.now());
    });
    let lock = lock("fair:100", Box::new(MonotonicClock));
    let main = lock.register("main");
    lock.acquire(main, Origin::Start);
    measure("expired, nobody waits", 100_000_000, || {
        black_box(lock.expired(main, Progress::default()));
    });
    measure("detached, nobody forks", 2_000_000, || lock.detached(|| ()));
    let parker = Parker::new();
    measure("unpark + park, token there", 2_000_000, || {
        parker.unpark();
        parker.park(None);
    });
    for policy in [
        "fair:100",
        "fair:10000",
        "fair:100000",
        "fair:500000",
        "fair:1000000",
        "fair:2000000",
        "ticks:100",
        "ticks:10000",
    ] {
        compute_beside_another(policy);
    }
}

fn measure(what: &str, rounds: u32, mut round: impl FnMut()) {
    let begin = Instant::now();
    for _ in 0..rounds {
        round();
    }
    println!("{what:<50} {:>10.1} ns", begin.elapsed().as_nanos() as f64 / f64::from(rounds));
}

fn lock(policy: &str, clock: Box<dyn Clock>) -> GlobalLock {
    GlobalLock::<Native>::with_clock(policy.parse::<PolicySpec>().unwrap().build().unwrap(), Setting::default(), clock)
}

fn acquire_and_release(clock: Box<dyn Clock>) -> impl FnMut() {
    let lock = lock("fair:100", clock);
    let thread = lock.register("main");
    move || {
        lock.acquire(thread, Origin::Io);
        lock.release(thread, ReleaseCause::Io, Progress::default());
    }
}

/// Two threads that compute, a dependent multiplication and addition standing for an instruction: what the switches cost,
/// how long a slice is.
fn compute_beside_another(policy: &str) {
    const INSTRUCTIONS: u64 = 400_000_000;
    let alone = compute(&lock(policy, Box::new(MonotonicClock)), 1, INSTRUCTIONS);
    let shared = lock(policy, Box::new(MonotonicClock));
    let together = compute(&shared, 2, INSTRUCTIONS / 2);
    let statistics = shared.snapshot();
    let switches = statistics.switches().max(1);
    let loss = 100.0 * (1.0 - alone.as_secs_f64() / together.as_secs_f64());
    let idle = 100.0 * statistics.idle.as_secs_f64() / statistics.wall.as_secs_f64();
    println!("two that compute, {policy:<12} {loss:>5.1} % slower than one, {idle:>4.1} % idle, mean slice {:?}", {
        together / u32::try_from(switches).unwrap()
    });
}

fn compute(lock: &GlobalLock, threads: usize, instructions_each: u64) -> Duration {
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let thread = lock.register("computes");
                let mut budget = lock.acquire(thread, Origin::Start);
                let (mut left, mut state) = (instructions_each, 1_u64);
                while left > 0 {
                    let slice = budget.min(left);
                    for _ in 0..slice {
                        state = black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
                    }
                    left -= slice;
                    budget = lock.expired(thread, Progress::default());
                }
                lock.release(thread, ReleaseCause::Exit, Progress::default());
                lock.retire(thread);
            });
        }
    });
    begin.elapsed()
}
