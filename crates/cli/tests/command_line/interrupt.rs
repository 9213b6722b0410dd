//! Ctrl-C.

use rustix::process::Signal;

use crate::support::{Finished, Running, TIMEOUT, toy};

/// Sends Ctrl-C as soon as the script has said that it is up. Its standard input stays open.
fn interrupt(script: &str) -> Finished {
    let mut running = Running::start(toy(["-c", script]), TIMEOUT);
    let stdin = running.take_stdin();
    assert_eq!(running.read(3), b"up\n");
    running.signal(Signal::INT);
    let finished = running.finish();
    drop(stdin);
    finished
}

#[track_caller]
fn is_interrupted(script: &str) {
    let finished = interrupt(script);
    assert_eq!(finished.code, 130, "{script}\n{}", finished.err());
    assert!(finished.err().ends_with("KeyboardInterrupt\n"), "{script}\n{}", finished.err());
}

#[test]
fn it_ends_a_computation() {
    is_interrupted("print('up', flush=True)\nwhile True: pass");
}

#[test]
fn it_ends_natives_that_iterate() {
    for native in [
        "sum(range(10**15))",
        "'x' in iter(int, 1)",
        "max(iter(int, 1))",
        "''.join(iter(str, 1))",
        "next(itertools.compress(itertools.count(), itertools.repeat(0)))",
        "collections.deque(iter(int, 1), maxlen=0)",
    ] {
        is_interrupted(&format!("import collections, itertools\nprint('up', flush=True)\n{native}"));
    }
}

#[test]
fn it_ends_every_wait_of_the_main_thread() {
    for (import, before, wait) in [
        ("time", "", "time.sleep(60)"),
        ("threading", "lock = threading.Lock(); lock.acquire()", "lock.acquire()"),
        ("threading", "event = threading.Event()", "event.wait()"),
        ("queue", "", "queue.Queue().get()"),
        ("os", "r, w = os.pipe()", "os.read(r, 1)"),
        ("sys", "", "sys.stdin.read()"),
        ("sys", "", "input()"),
        ("threading", "t = threading.Thread(target=threading.Event().wait, daemon=True); t.start()", "t.join()"),
    ] {
        // Without the sleeper those that wait for each other would be a deadlock.
        let sleeper = "import time, threading as t\nt.Thread(target=time.sleep, args=(60,), daemon=True).start()";
        is_interrupted(&format!("{sleeper}\nimport {import}\n{before}\nprint('up', flush=True)\n{wait}"));
    }
}

#[test]
fn it_ends_a_write_that_nobody_reads() {
    let threads = "import threading\n\
        def work():\n    while True: print('a' * 1000)\n\
        t = threading.Thread(target=work, daemon=True)\n\
        t.start()\n";
    for (before, descriptor, write) in [
        ("", 1, "while True: print('x' * 1000)"),
        ("", 1, "while True: print('x' * 1000, flush=True)"),
        ("import sys", 1, "while True: sys.stdout.write('x' * 1000)"),
        ("", 1, "print('x' * 1_000_000)"),
        ("import os", 1, "while True: os.write(1, b'x' * 1000)"),
        ("", 1, "try:\n    print('x' * 1_000_000)\nfinally:\n    print('at last')"),
        (threads, 1, "while True: print('b' * 1000)"),
        (threads, 1, "t.join()"),
        ("import sys", 2, "while True: sys.stderr.write('x' * 1000)"),
    ] {
        let script = format!("{before}\n{write}");
        let mut running = Running::start(toy(["-c", &script]), TIMEOUT);
        let unread = running.take_stdout();
        running.wait_until_full(descriptor);
        running.signal(Signal::INT);
        let finished = running.finish();
        drop(unread);
        assert_eq!((finished.code, finished.timed_out), (130, false), "{script}\n{}", finished.err());
        assert!(finished.err().ends_with("KeyboardInterrupt\n"), "{script}\n{}", finished.err());
    }
}

#[test]
fn a_script_can_print_after_a_write_that_it_ended() {
    let script = "try:\n    print('x' * 1_000_000)\nexcept KeyboardInterrupt:\n    print('y')";
    let mut running = Running::start(toy(["-c", script]), TIMEOUT);
    let stdin = running.take_stdin();
    running.wait_until_full(1);
    running.signal(Signal::INT);
    let finished = running.finish();
    drop(stdin);
    assert_eq!((finished.code, finished.err()), (0, String::new()));
    assert!(finished.out().ends_with("xy\n") || finished.out().ends_with("x\ny\n"), "{}", finished.stdout.len());
}

#[test]
fn a_script_that_it_has_ended_waits_for_no_reader() {
    let script = "import sys\ntry:\n    print('x' * 1_000_000)\nexcept KeyboardInterrupt:\n    sys.exit(7)";
    let mut running = Running::start(toy(["-c", script]), TIMEOUT);
    let unread = running.take_stdout();
    running.wait_until_full(1);
    running.signal(Signal::INT);
    let finished = running.finish();
    drop(unread);
    assert_eq!((finished.code, finished.timed_out, finished.err()), (7, false, String::new()));
}

#[test]
fn it_is_not_lost_just_before_a_blocking_call() {
    // Nothing tells when the script is between its output and the call, so this is tried often.
    for _ in 0..50 {
        is_interrupted("import os\nr, w = os.pipe()\nprint('up', flush=True)\nos.read(r, 1)");
    }
}

#[test]
fn it_can_be_caught() {
    let finished = interrupt(
        "try:\n    print('up', flush=True)\n    while True: pass\nexcept KeyboardInterrupt:\n    raise SystemExit(7)",
    );
    assert_eq!((finished.code, finished.err().as_str()), (7, ""));
}

#[test]
fn the_main_thread_has_it_while_another_computes() {
    is_interrupted(
        "import threading\n\
         def compute():\n    while True: pass\n\
         t = threading.Thread(target=compute, daemon=True)\n\
         t.start()\nprint('up', flush=True)\nt.join()",
    );
}
