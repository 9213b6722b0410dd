//! Real forks beside threads that switch, print, start and end without pause: no child hangs.
//!
//! A program of its own, because the usual test harness has threads that the gate does not know.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use fork::Fork;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, waitpid};
use toy_gil::{GlobalLock, Origin, PolicySpec, Progress, ReleaseCause, Setting, ThreadId};

const FORKS: usize = 500;
/// A child that works needs about a millisecond.
const CHILD_PATIENCE: Timespec = Timespec { tv_sec: 20, tv_nsec: 0 };

fn main() {
    let lock =
        Arc::new(GlobalLock::new("fair:100".parse::<PolicySpec>().unwrap().build().unwrap(), Setting::default()));
    let forker = lock.register("MainThread");
    lock.acquire(forker, Origin::Start);
    let enough = Arc::new(AtomicBool::new(false));
    let threads = [switch_and_print, switch_and_print, start_and_end].map(|work| {
        start(&lock, {
            let enough = Arc::clone(&enough);
            move |lock, thread| work(lock, thread, &enough)
        })
    });
    for _ in 0..FORKS {
        fork_once(&lock, forker);
        lock.expired(forker, Progress::default());
    }
    enough.store(true, Ordering::Relaxed);
    lock.release(forker, ReleaseCause::Join, Progress::default());
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// Starts a counted thread that is registered with the lock and does not hold it.
fn start(lock: &Arc<GlobalLock>, work: impl FnOnce(&Arc<GlobalLock>, ThreadId) + Send + 'static) -> JoinHandle<()> {
    let (lock, birth) = (Arc::clone(lock), lock.birth());
    std::thread::spawn(move || {
        birth.begin();
        let thread = lock.register("worker");
        work(&lock, thread);
        lock.retire(thread);
    })
}

/// Takes turns, uses a lock of the standard library beside the turn, and makes system calls.
fn switch_and_print(lock: &Arc<GlobalLock>, thread: ThreadId, enough: &AtomicBool) {
    while !enough.load(Ordering::Relaxed) {
        lock.acquire(thread, Origin::Io);
        lock.expired(thread, Progress::default());
        lock.release(thread, ReleaseCause::Io, Progress::default());
        print_nothing();
        lock.detached(rustix::thread::sched_yield);
    }
}

/// Starts threads that end at once.
fn start_and_end(lock: &Arc<GlobalLock>, _thread: ThreadId, enough: &AtomicBool) {
    while !enough.load(Ordering::Relaxed) {
        let child = start(lock, |_, _| ());
        lock.detached(|| child.join().unwrap());
    }
}

fn print_nothing() {
    std::io::stdout().lock().flush().unwrap();
}

fn fork_once(lock: &Arc<GlobalLock>, forker: ThreadId) {
    let (answer, tell) = rustix::pipe::pipe().unwrap();
    let permit = lock.quiesce(forker, Duration::from_secs(60)).expect("the threads come to rest");
    match fork::fork().expect("there is room for a child") {
        Fork::Child => {
            let only = permit.child();
            live(lock, only, &tell);
            kill_process(getpid(), Signal::KILL).unwrap();
        }
        Fork::Parent(child) => {
            permit.parent();
            drop(tell);
            let child = Pid::from_raw(child).unwrap();
            let has_answered = wait_for_answer(answer.as_fd());
            if !has_answered {
                kill_process(child, Signal::KILL).unwrap();
            }
            waitpid(Some(child), WaitOptions::empty()).unwrap();
            assert!(has_answered, "the child hangs");
        }
    }
}

/// What could hang in a child: the lock with threads that sleep on it, printing, starting and ending threads.
fn live(lock: &Arc<GlobalLock>, only: ThreadId, tell: &OwnedFd) {
    print_nothing();
    let rounds = |lock: &Arc<GlobalLock>, thread: ThreadId| {
        for _ in 0..3 {
            lock.acquire(thread, Origin::Io);
            print_nothing();
            lock.expired(thread, Progress::default());
            lock.release(thread, ReleaseCause::Io, Progress::default());
        }
    };
    let threads = [start(lock, rounds), start(lock, rounds)];
    while lock.waiters() < 2 {
        rustix::thread::sched_yield();
    }
    lock.release(only, ReleaseCause::Join, Progress::default());
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    lock.acquire(only, Origin::Join);
    lock.quiesce(only, Duration::from_secs(60)).expect("the child may fork in turn").parent();
    rustix::io::write(tell, b"!").unwrap();
}

fn wait_for_answer(answer: BorrowedFd<'_>) -> bool {
    let mut readable = [PollFd::new(&answer, PollFlags::IN)];
    let is_ready = poll(&mut readable, Some(&CHILD_PATIENCE)).unwrap() == 1;
    is_ready && rustix::io::read(answer, &mut [0]).unwrap() == 1
}
