//! `--multiprocess` from outside: how the family ends.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, test_kill_process};

use crate::support::{Running, TIMEOUT, toy};

/// Two instances that compute for ever, one of them a grandchild, and the first, which waits; the script says who they are.
const FAMILY: &str = "import os, queue, threading\n\
    pids = queue.Queue()\n\
    def spin():\n    pids.put(os.getpid())\n    while True: pass\n\
    def nest():\n    threading.Thread(target=spin).start()\n    spin()\n\
    thread = threading.Thread(target=nest)\n\
    thread.start()\n\
    print('%08d %08d' % (pids.get(), pids.get()), flush=True)\n\
    thread.join()";

/// Starts the family; also the numbers of the two that compute.
fn family(options: &[&str]) -> (Running, Vec<Pid>) {
    let mut running = Running::start(toy([options, &["-c", FAMILY]].concat()), TIMEOUT);
    let line = String::from_utf8(running.read(18)).expect("two numbers");
    let numbers = line.split_whitespace().map(|number| number.parse().expect("a number"));
    (running, numbers.map(|number| Pid::from_raw(number).expect("not 0")).collect())
}

/// Waits until all are gone: the system ends them a moment after the one on whom they depend.
#[track_caller]
fn are_gone(processes: &[Pid]) {
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

#[test]
fn ctrl_c_ends_the_family_with_one_traceback() {
    // With two places, the one that is interrupted has none: those that compute for ever do not give theirs back.
    for options in [&["--multiprocess"][..], &["--multiprocess=2"]] {
        let (running, processes) = family(options);
        running.signal(Signal::INT);
        let finished = running.finish();
        assert_eq!((finished.code, finished.timed_out), (130, false), "{options:?}\n{}", finished.err());
        assert_eq!(finished.err().matches("KeyboardInterrupt").count(), 1, "{}", finished.err());
        are_gone(&processes);
    }
}

#[test]
fn whoever_kills_the_first_instance_ends_all() {
    let (running, processes) = family(&["--multiprocess"]);
    running.signal(Signal::KILL);
    drop(running.finish());
    are_gone(&processes);
}

#[test]
fn a_number_of_instances_must_be_one() {
    for (option, complaint) in
        [("--multiprocess=0", "at least one"), ("--multiprocess=many", "'many' is no number of instances")]
    {
        let finished = Running::start(toy([option, "-c", "1"]), TIMEOUT).finish();
        assert_eq!(finished.code, 2);
        assert!(finished.err().contains(complaint), "{}", finished.err());
    }
}
