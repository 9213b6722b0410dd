//! `--multiprocess` from outside: how the family ends.

use rustix::process::{Pid, Signal};

use crate::families::{are_gone, numbers};
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
    let processes = numbers(&mut running, 2);
    (running, processes)
}

#[test]
fn ctrl_c_ends_the_family_with_one_traceback() {
    let (running, processes) = family(&["--multiprocess"]);
    running.signal(Signal::INT);
    let finished = running.finish();
    assert_eq!((finished.code, finished.timed_out), (130, false), "{}", finished.err());
    assert_eq!(finished.err().matches("KeyboardInterrupt").count(), 1, "{}", finished.err());
    are_gone(&processes);
}

#[test]
fn ctrl_c_does_not_wait_for_the_place_of_one_that_computes_for_ever() {
    let script = "import os, threading\n\
        def spin():\n    os.write(1, b'up\\n')\n    while True: pass\n\
        thread = threading.Thread(target=spin)\nthread.start()\nthread.join()";
    let mut running = Running::start(toy(["--multiprocess=1", "-c", script]), TIMEOUT);
    assert_eq!(running.read(3), b"up\n");
    running.signal(Signal::INT);
    let finished = running.finish();
    assert_eq!((finished.code, finished.timed_out), (130, false), "{}", finished.err());
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
