//! Ctrl-C beside other threads: under every policy, and in a child that a thread has forked.

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Finished, Running, TIMEOUT, toy};

/// One of each kind, and those that would leave the lock with its holder for longer than anybody waits.
const POLICIES: [&str; 9] = [
    "ticks:100",
    "fair:1000",
    "fair:1000000000000",
    "timed:5ms",
    "timed:3600s",
    "quantum:3600s",
    "iofirst:1000000000000,grace=3600s",
    "never",
    "seeded:1",
];

/// Sends Ctrl-C as soon as the script has said that it is up.
fn interrupt(policy: &str, script: &str) -> Finished {
    let mut running = Running::start(toy(["--gil", policy, "-c", script]), TIMEOUT);
    assert_eq!(running.read(3), b"up\n", "{policy}");
    running.signal(Signal::INT);
    running.finish()
}

#[track_caller]
fn is_interrupted_under_every_policy(script: &str) {
    for policy in POLICIES {
        let finished = interrupt(policy, script);
        assert_eq!((finished.code, finished.timed_out), (130, false), "{policy}\n{script}\n{}", finished.err());
        assert!(finished.err().ends_with("KeyboardInterrupt\n"), "{policy}\n{script}\n{}", finished.err());
    }
}

#[test]
fn it_ends_a_computation_of_the_main_thread() {
    is_interrupted_under_every_policy("print('up', flush=True)\nwhile True: pass");
}

/// A thread that says that it is up and does this for ever.
fn beside(work: &str, main: &str) -> String {
    format!(
        "import os, threading, time\n\
         def compute():\n    os.write(1, b'up\\n')\n    {work}\n\
         thread = threading.Thread(target=compute, daemon=True)\n\
         thread.start()\n{main}"
    )
}

#[test]
fn the_main_thread_has_it_while_it_waits_for_the_lock() {
    is_interrupted_under_every_policy(&beside("while True: pass", "while True: time.sleep(0)"));
}

#[test]
fn the_main_thread_has_it_while_it_waits_for_the_thread_that_computes() {
    is_interrupted_under_every_policy(&beside("while True: pass", "thread.join()"));
}

#[test]
fn the_main_thread_has_it_while_another_is_in_a_native_without_end() {
    is_interrupted_under_every_policy(&beside("sum(iter(int, 1))", "thread.join()"));
}

#[test]
fn the_main_thread_has_it_while_another_runs_few_instructions_that_take_long() {
    is_interrupted_under_every_policy(&beside(
        "numbers = [i * 7919 % 99991 for i in range(99991)]\n    while True: sorted(numbers)",
        "thread.join()",
    ));
}

#[test]
fn under_never_the_main_thread_keeps_the_lock_that_it_got_by_it() {
    // The thread may be up before the main thread has come back from its start.
    let script = "import os, threading\n\
        def compute():\n    os.write(1, b'up\\n')\n    while True: pass\n\
        thread = threading.Thread(target=compute, daemon=True)\n\
        try:\n    thread.start()\n    thread.join()\n\
        except KeyboardInterrupt:\n    sum(range(100_000))\n    os._exit(7)";
    let finished = interrupt("never", script);
    assert_eq!((finished.code, finished.err().as_str()), (7, ""));
}

#[test]
fn it_reaches_a_child_that_a_thread_has_forked() {
    for (policy, wait) in [
        ("never", "while True: pass"),
        ("fair:100", "while True: pass"),
        ("fair:100", "time.sleep(60)"),
        ("fair:100", "os.read(os.pipe()[0], 1)"),
        ("fair:100", "keep.acquire()"),
    ] {
        let script = format!(
            "import os, threading, time\n\
             keep = threading.Lock(); keep.acquire()\n\
             def work():\n\
            \x20   global status\n\
            \x20   child = os.fork()\n\
            \x20   if child == 0:\n\
            \x20       sleeper = threading.Thread(target=time.sleep, args=(60,), daemon=True); sleeper.start()\n\
            \x20       try:\n\
            \x20           os.write(1, b'%8d\\n' % os.getpid())\n\
            \x20           {wait}\n\
            \x20       except KeyboardInterrupt:\n\
            \x20           os._exit(9)\n\
            \x20       os._exit(1)\n\
            \x20   status = os.waitpid(child, 0)[1]\n\
             thread = threading.Thread(target=work)\n\
             thread.start()\n\
             thread.join()\n\
             print(os.waitstatus_to_exitcode(status))"
        );
        let mut running = Running::start(toy(["--gil", policy, "-c", &script]), TIMEOUT);
        let number = String::from_utf8(running.read(9)).expect("digits are text");
        let child = number.trim().parse().ok().and_then(Pid::from_raw).expect("the number of a process");
        kill_process(child, Signal::INT).expect("it lives until it is waited for");
        let finished = running.finish();
        assert_eq!((finished.code, finished.out().as_str()), (0, "9\n"), "{policy} {wait}\n{}", finished.err());
    }
}
