//! Runs that fail, are killed, hang, or are stopped.

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{compared, data};
use crate::support::{Running, TIMEOUT, toy};
use crate::{folder, write};

/// Exit codes of the last runs of both kinds.
fn exit_codes(value: &Value) -> [&Value; 2] {
    ["threads", "processes"].map(|kind| &value[kind]["runs"][0]["exit_code"])
}

#[test]
fn both_exit_codes_are_shown_and_a_failure_is_one() {
    let script = "\
import queue, sys, threading
box = queue.Queue()
worker = threading.Thread(target=lambda: box.put(lambda: 1))
worker.start()
worker.join()
try:
    box.get(timeout=0.05)
except queue.Empty:
    sys.exit('what cannot be pickled has not arrived')
";
    let (code, value) = data(script, &[], &[]);
    assert_eq!((code, exit_codes(&value)), (1, [&json!(0), &json!(1)]), "{value:#}");
    assert_eq!(value["processes"]["runs"][0]["complaint"], "what cannot be pickled has not arrived");
    let first = value["conclusions"][0].as_str().unwrap_or_default();
    assert!(first.starts_with("As threads the script succeeds, as processes it does not (what cannot"), "{first}");
}

#[test]
fn a_run_that_leaves_no_record_is_shown_as_far_as_it_is_known() {
    let finished = compared("import os\nprint('x', flush=True)\nos._exit(7)\n", &[], &[]);
    let out = finished.out();
    assert_eq!(finished.code, 1, "{}", finished.err());
    assert!(out.contains("  exit code              7          7"), "{out}");
    assert!(out.contains("Standard output is equal, 1 line.\n"), "{out}");
    assert!(out.contains("Globals of __main__ are not known"), "{out}");
    let (_, value) = data("import os\nos.kill(os.getpid(), 9)\n", &[], &[]);
    assert_eq!(exit_codes(&value), [&json!(-9), &json!(-9)]);
}

#[test]
fn a_standstill_is_an_end_like_others() {
    let script = "\
import threading
lock = threading.Lock()
lock.acquire()
worker = threading.Thread(target=lock.acquire)
worker.start()
worker.join()
";
    let (code, value) = data(script, &[], &[]);
    assert_eq!((code, exit_codes(&value)), (1, [&json!(3), &json!(3)]), "{value:#}");
    assert_eq!(value["globals"], Value::Null);
}

#[test]
fn a_run_that_does_not_end_is_ended_with_all_its_processes() {
    let script = "\
import threading
def spin():
    while True: pass
for _ in range(2): threading.Thread(target=spin).start()
";
    let finished = compared(script, &["--timeout", "0.3"], &[]);
    assert_eq!((finished.code, finished.timed_out), (1, false), "{}", finished.err());
    assert!(finished.out().contains("  out of time  out of time\n"), "{}", finished.out());
}

#[test]
fn output_without_end_is_compared_and_not_kept() {
    let script = "import sys\nfor _ in range(100): sys.stdout.write('x' * 100_000)\nprint()\n";
    let (code, value) = data(script, &[], &[]);
    assert_eq!((code, &value["output"]["is_equal"]), (0, &json!(true)), "{value:#}");
    assert_eq!(value["threads"]["runs"][0]["output_bytes"], 10_000_001);
}

#[test]
fn a_process_that_is_killed_tells_nothing_and_that_is_said() {
    let script = "\
import threading, time
is_up = threading.Event()
threading.Thread(target=lambda: (is_up.set(), time.sleep(60)), daemon=True).start()
is_up.wait()
";
    let finished = compared(script, &[], &[]);
    assert_eq!(finished.code, 0, "{}", finished.err());
    assert!(finished.out().contains("0          1  1 killed, or gone without a word"), "{}", finished.out());
}

#[test]
fn signals_end_both_kinds_of_runs() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        for runs_before in ["0", "1"] {
            let folder = folder();
            // The run behind so many that end at once says that it has begun, and stays.
            let script = "\
import os, sys, threading, time
count = len(os.listdir(sys.argv[1]))
os.mkdir(os.path.join(sys.argv[1], str(count)))
if count == int(sys.argv[2]):
    workers = [threading.Thread(target=time.sleep, args=(60,)) for _ in range(2)]
    for worker in workers: worker.start()
    os.mkdir(sys.argv[1] + '.begun')
    for worker in workers: worker.join()
";
            let script = write(folder.path(), "a.toy", script);
            let counts = folder.path().join("counts");
            std::fs::create_dir(&counts).expect("a folder can be made");
            let running =
                Running::start(toy(["compare", &script, &counts.display().to_string(), runs_before]), TIMEOUT);
            while !folder.path().join("counts.begun").exists() {
                std::thread::yield_now();
            }
            running.signal(signal);
            let finished = running.finish();
            assert_eq!((finished.code, finished.timed_out), (code, false), "{}", finished.err());
            assert_eq!((finished.out().as_str(), finished.err().as_str()), ("", ""));
        }
    }
}
