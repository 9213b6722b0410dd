//! `toy trace`: a run as a file for a viewer.

mod format;

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;

use format::{events, events_of_fragment};

use crate::support::{Finished, Running, TIMEOUT, run, toy};
use crate::{assert_run, folder, toy_runs, write};

/// Three threads that compute, wait for a lock, sleep and are joined.
const WORK: &str = "\
import threading, time
lock = threading.Lock()
def work(count):
    for i in range(count):
        count + i
    with lock:
        time.sleep(0.001)
threads = [threading.Thread(target=work, args=(200,), name=f'worker \"{i}\"') for i in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print('done')
";

fn traced(output: &Path, options: &[&str], script: &str) -> Finished {
    let mut arguments = vec![OsStr::new("trace"), OsStr::new("-o"), output.as_os_str()];
    arguments.extend(options.iter().map(OsStr::new));
    arguments.push(OsStr::new(script));
    run(toy(arguments), "", TIMEOUT)
}

fn names<'a>(events: &'a [Value], kind: &str) -> HashSet<&'a str> {
    events.iter().filter(|event| event["ph"] == kind).filter_map(|event| event["name"].as_str()).collect()
}

#[test]
fn it_shows_what_every_thread_does() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", WORK);
    let output = folder.path().join("out.json");
    assert_run(&traced(&output, &["--gil", "fair:100"], &script), 0, "done\n", "");
    let events = events(&output);
    let slices = names(&events, "B");
    for expected in ["runs", "wants the GIL", "sleeping at a.toy:7", "joining at a.toy:10"] {
        assert!(slices.iter().any(|name| name.starts_with(expected)), "no `{expected}` in {slices:?}");
    }
    let threads: Vec<&str> = events
        .iter()
        .filter(|event| event["name"] == "thread_name")
        .filter_map(|event| event["args"]["name"].as_str())
        .collect();
    for expected in ["MainThread", "worker \"0\"", "worker \"1\"", "worker \"2\""] {
        assert!(threads.contains(&expected), "no {expected} in {threads:?}");
    }
    assert_eq!(names(&events, "C"), HashSet::from(["threads waiting for the GIL"]));
    assert_eq!(names(&events, "s"), HashSet::from(["hand-over"]));
    let turn = events.iter().find(|event| event["args"]["released for"] == "interval").expect("they take turns");
    assert_eq!(turn["args"]["instructions"].as_u64().map(|count| count % 100), Some(0), "{turn}");
    let sleep = events.iter().find(|event| event["name"] == "sleeping at a.toy:7").expect("seen above");
    assert_eq!((&sleep["args"]["text"], &sleep["args"]["function"]), (&"time.sleep(0.001)".into(), &"work".into()));
}

#[test]
fn in_virtual_time_equal_runs_give_equal_bytes() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", WORK);
    let traces = ["1", "1", "2"].map(|seed| {
        let output = folder.path().join("out.json");
        let policy = format!("seeded:{seed}");
        assert_run(&traced(&output, &["--gil", &policy], &script), 0, "done\n", "");
        let events = events(&output);
        assert!(names(&events, "B").contains("sleeping at a.toy:7"));
        std::fs::read(&output).expect("it was just read")
    });
    assert!(traces[0] == traces[1], "the same seed gives the same trace");
    assert!(traces[0] != traces[2], "another seed gives another one");
}

#[test]
fn the_file_is_whole_however_the_script_ends() {
    let folder = folder();
    let output = folder.path().join("out.json");
    let deadlock = "lock.acquire(); lock.acquire()";
    for (end, code) in [("1 / 0", 1), ("sys.exit(5)", 5), ("raise KeyboardInterrupt", 130), (deadlock, 3)] {
        for policy in ["fair:100", "seeded:3"] {
            let script = write(folder.path(), "a.toy", &format!("import sys\n{WORK}\n{end}\n"));
            let finished = traced(&output, &["--gil", policy], &script);
            assert_eq!((finished.code, finished.out().as_str()), (code, "done\n"), "{end}: {}", finished.err());
            assert!(events(&output).len() > 50);
        }
    }
}

#[test]
fn the_file_is_whole_after_ctrl_c() {
    let folder = folder();
    let output = folder.path().join("out.json");
    let script = write(folder.path(), "a.toy", "import time\nprint('up', flush=True)\ntime.sleep(60)");
    let mut running = Running::start(toy(["trace", "-o", &output.display().to_string(), &script]), TIMEOUT);
    assert_eq!(running.read(3), b"up\n");
    running.signal(Signal::INT);
    assert_eq!(running.finish().code, 130);
    assert!(names(&events(&output), "B").contains("runs"));
}

#[test]
fn the_file_is_whole_when_the_script_ends_the_process_at_once() {
    let folder = folder();
    let output = folder.path().join("out.json");
    let script = write(folder.path(), "a.toy", &format!("import os\n{WORK}\nos._exit(3)"));
    assert_eq!(traced(&output, &["--gil", "fair:100"], &script).code, 3);
    assert!(names(&events(&output), "B").contains("runs"));
}

#[test]
fn a_file_that_was_cut_off_still_loads() {
    let folder = folder();
    let output = folder.path().join("out.json");
    let endless = "import threading, sys\ndef spin():\n    while True: pass\n\
        for _ in range(2): threading.Thread(target=spin).start()\nprint('up', flush=True)\nsys.stdin.read()";
    let script = write(folder.path(), "b.toy", endless);
    let arguments = ["trace", "-o", &output.display().to_string(), "--gil", "fair:100", &script];
    let mut running = Running::start(toy(arguments), TIMEOUT);
    let stdin = running.take_stdin();
    assert_eq!(running.read(3), b"up\n");
    while std::fs::metadata(&output).expect("it was made before the script ran").len() < 100_000 {
        std::thread::yield_now();
    }
    running.signal(Signal::KILL);
    assert_eq!(running.finish().code, -9);
    drop(stdin);
    assert!(events_of_fragment(&output).len() > 500);
}

#[test]
fn a_disk_that_is_full_is_told_at_the_end() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", WORK);
    for policy in ["fair:100", "seeded:1"] {
        let finished = traced(Path::new("/dev/full"), &["--gil", policy], &script);
        let error = "toy: cannot write '/dev/full': No space left on device (os error 28)\n";
        assert_run(&finished, 1, "done\n", error);
    }
}

#[test]
fn what_the_limit_leaves_out_is_told() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", WORK);
    let output = folder.path().join("out.json");
    let finished = traced(&output, &["--gil", "seeded:1", "--limit", "4k"], &script);
    assert_eq!((finished.code, finished.out().as_str()), (0, "done\n"));
    let message = "events were dropped: the trace has reached its limit of 4096 bytes\n";
    assert!(finished.err().ends_with(message), "{}", finished.err());
    assert!(std::fs::metadata(&output).expect("it was written").len() < 6000);
    assert_eq!(names(&events(&output), "X").len(), 1);
}

#[test]
fn a_trace_needs_a_file_that_can_be_written() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", "print('never seen')");
    let finished = toy_runs(["trace", &script, "-o", "out.json"]);
    assert_eq!((finished.code, finished.out().as_str()), (2, ""));
    assert!(finished.err().contains("a trace needs -o FILE before the script"), "{}", finished.err());
    let finished = traced(folder.path(), &[], &script);
    let error = format!("toy: cannot write '{}': Is a directory (os error 21)\n", folder.path().display());
    assert_run(&finished, 2, "", &error);
}

#[test]
fn children_work_and_leave_the_trace_alone() {
    const FORKS: &str = "\
import os, sys, threading
done = False
def spin():
    while not done: pass
def sip():
    while not done:
        reader, writer = os.pipe()
        os.write(writer, b'x')
        os.read(reader, 1)
        os.close(reader)
        os.close(writer)
threads = [threading.Thread(target=target) for target in (spin, spin, sip)]
for thread in threads: thread.start()
failed = 0
for number in range(300):
    child = os.fork()
    if child == 0:
        thread = threading.Thread(target=sum, args=(range(1000),), name='in a child')
        thread.start()
        thread.join()
        (os._exit if number % 2 else sys.exit)(7)
    failed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 7
done = True
for thread in threads: thread.join()
print(failed)
";
    let folder = folder();
    let script = write(folder.path(), "a.toy", FORKS);
    let output = folder.path().join("out.json");
    let finished = traced(&output, &["--gil", "fair:1000", "--limit", "4G"], &script);
    assert_eq!((finished.code, finished.out().as_str()), (0, "0\n"), "{}", finished.err());
    let events = events(&output);
    assert_eq!(events.iter().filter(|event| event["name"] == "process_name").count(), 1);
    assert!(events.iter().all(|event| event["args"]["name"] != "in a child"));
    assert!(events.iter().filter(|event| event["name"] == "runs").count() > 300);
}
