//! Ctrl-C in a terminal, which reaches a script and all the processes that it has started: one traceback, and nobody left.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, test_kill_process};

use crate::support::{Running, TIMEOUT, toy};

/// What a script says of its processes: so many numbers of eight digits.
pub(crate) fn numbers(running: &mut Running, count: usize) -> Vec<Pid> {
    let line = String::from_utf8(running.read(9 * count)).expect("numbers");
    let numbers = line.split_whitespace().map(|number| number.parse().expect("a number"));
    numbers.map(|number| Pid::from_raw(number).expect("not 0")).collect()
}

/// Waits until all are gone: the system ends them a moment after the one on whom they depend.
#[track_caller]
pub(crate) fn are_gone(processes: &[Pid]) {
    let deadline = Instant::now() + TIMEOUT;
    for &process in processes {
        // One that has ended, and that nobody has taken leave of, computes no more.
        while test_kill_process(process).is_ok() && !is_zombie(process) {
            assert!(Instant::now() < deadline, "{process:?} lives on");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn is_zombie(process: Pid) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero()));
    status.map_or(true, |status| status.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')))
}

/// Presses Ctrl-C when the three processes of a script have said that they are at work.
#[track_caller]
fn ends_with_one_traceback(options: &[&str], script: &str) {
    // Who hears of it first is luck.
    for _ in 0..4 {
        let mut running = Running::start(toy([options, &["-c", script]].concat()), TIMEOUT);
        let processes = numbers(&mut running, 3);
        running.signal_all(Signal::INT);
        let finished = running.finish();
        let report = finished.err();
        assert_eq!((finished.code, finished.timed_out), (130, false), "{script}\n{report}");
        assert_eq!(report.matches("Traceback").count(), 1, "{script}\n{report}");
        assert!(report.ends_with("\nKeyboardInterrupt\n"), "{script}\n{report}");
        are_gone(&processes);
    }
}

/// The beginning of a script whose calls never return: they sleep, or compute.
fn with_calls(call: &str, rest: &str) -> String {
    format!(
        "import multiprocessing, os, threading, time\n\
         from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor\n\
         from queue import Queue\n\
         def work(_):\n    begun.put(os.getpid())\n    {call}\n\
         def say():\n    print(*['%08d' % begun.get() for _ in range(3)], flush=True)\n\
         {rest}\n"
    )
}

const CALLS: [&str; 2] = ["time.sleep(1000)", "while True: pass"];

#[test]
fn ctrl_c_ends_the_workers_of_a_pool() {
    for call in CALLS {
        for wait in [
            "result = pool.map_async(work, range(9)); say(); result.get()",
            "result = pool.imap_unordered(work, range(9)); say(); next(result)",
            "pool.map_async(work, range(3), chunksize=1); say(); pool.close(); pool.join()",
            "pool.map_async(work, range(3), chunksize=1); say(); time.sleep(1000)",
        ] {
            let rest =
                format!("begun = multiprocessing.SimpleQueue()\nwith multiprocessing.Pool(3) as pool:\n    {wait}");
            ends_with_one_traceback(&[], &with_calls(call, &rest));
        }
    }
}

#[test]
fn ctrl_c_ends_plain_processes_wherever_the_parent_waits_for_them() {
    for call in CALLS {
        for wait in ["", "for process in processes: process.join()", "time.sleep(1000)", "never.wait()"] {
            let rest = format!(
                "begun, never = multiprocessing.SimpleQueue(), multiprocessing.Event()\n\
                 processes = [multiprocessing.Process(target=work, args=(n,)) for n in range(3)]\n\
                 for process in processes: process.start()\nsay()\n{wait}"
            );
            ends_with_one_traceback(&[], &with_calls(call, &rest));
        }
    }
}

#[test]
fn ctrl_c_ends_the_workers_of_an_executor() {
    for call in CALLS {
        for wait in [
            "futures = [pool.submit(work, n) for n in range(9)]; say(); futures[0].result()",
            "results = pool.map(work, range(9)); say(); list(results)",
            "futures = [pool.submit(work, n) for n in range(9)]; say()",
        ] {
            let rest =
                format!("begun = multiprocessing.SimpleQueue()\nwith ProcessPoolExecutor(3) as pool:\n    {wait}");
            ends_with_one_traceback(&[], &with_calls(call, &rest));
        }
    }
}

#[test]
fn ctrl_c_ends_all_instances() {
    for options in [&["--multiprocess"][..], &["--multiprocess=2"]] {
        for call in CALLS {
            if options == ["--multiprocess=2"] && call != CALLS[0] {
                // The third would never have its turn to say that it is at work.
                continue;
            }
            for wait in [
                "with ThreadPoolExecutor(3) as pool:\n    calls = [pool.submit(work, n) for n in range(9)]; say(); calls[0].result()",
                "with ThreadPoolExecutor(3) as pool:\n    calls = [pool.submit(work, n) for n in range(3)]; say()",
                "threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]\n\
                 for thread in threads: thread.start()\nsay()\nthreads[0].join()",
                "threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]\n\
                 for thread in threads: thread.start()\nsay()",
            ] {
                ends_with_one_traceback(options, &with_calls(call, &format!("begun = Queue()\n{wait}")));
            }
        }
    }
}
