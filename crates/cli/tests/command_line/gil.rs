//! `toy gil`: the report of a run.

use std::path::Path;

use rustix::process::Signal;
use toy_lab::{RunRecord, SCHEMA};

use crate::support::{Finished, Running, TIMEOUT, run, toy};
use crate::{assert_run, folder, toy_runs, write};

/// Threads that compute, wait for a lock, sleep, and talk through a pipe.
const BUSY: &str = r#"
import os, threading, time

lock = threading.Lock()
source, sink = os.pipe()


def compute():
    total = 0
    for i in range(3000):
        with lock:
            total += i


def write():
    for _ in range(20):
        time.sleep(0.0001)
        os.write(sink, b"x")


def read():
    for _ in range(20):
        os.read(source, 1)


threads = [threading.Thread(target=target, name=target.__name__) for target in [compute, compute, write, read]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
"#;

/// Threads that need nothing from outside: a seed decides all about them.
const SEEDED: &str = r#"
import threading, time

lock = threading.Lock()


def compute():
    total = 0
    for i in range(3000):
        with lock:
            total += i


def nap():
    for _ in range(20):
        time.sleep(0.00001)


threads = [threading.Thread(target=target, name=target.__name__) for target in [compute, compute, nap]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
"#;

/// Runs a script with `toy gil --json`; gives how it went, and the record.
fn record_of(options: &[&str], script: &str) -> (Finished, RunRecord) {
    let folder = folder();
    let path = write(folder.path(), "script.toy", script);
    let output = folder.path().join("report.json").display().to_string();
    let mut arguments = vec!["gil", "--json", "--output", &output];
    arguments.extend(options);
    arguments.push(&path);
    let finished = run(toy(arguments), "", TIMEOUT);
    let json = std::fs::read_to_string(&output).unwrap_or_else(|error| panic!("{error}\n{}", finished.err()));
    (finished, RunRecord::from_json(&json).expect("the report is a record"))
}

#[track_caller]
fn assert_exact(record: &RunRecord) {
    let sum = |times: Vec<u64>| times.into_iter().sum::<u64>();
    let all = |field: fn(&toy_lab::ThreadRecord) -> u64| sum(record.threads.iter().map(field).collect());
    assert_eq!(record.schema, SCHEMA);
    assert_eq!(all(|thread| thread.held) + record.idle, record.wall);
    assert_eq!(all(|thread| thread.switches), record.switches);
    assert_eq!(all(|thread| thread.instructions), record.instructions);
    for (number, thread) in (0..).zip(&record.threads) {
        assert_eq!(thread.number, number);
        assert_eq!(thread.waited_by.iter().map(|entry| entry.time).sum::<u64>(), thread.waited, "{thread:?}");
        assert_eq!(thread.blocked_by.iter().map(|entry| entry.time).sum::<u64>(), thread.blocked, "{thread:?}");
        let is_holder = u64::from(record.holder == Some(number));
        assert_eq!(thread.releases.iter().map(|entry| entry.count).sum::<u64>() + is_holder, thread.acquisitions);
        // The main thread was the first to have it.
        let is_first = u64::from(number == 0);
        assert_eq!(thread.switches + thread.reacquisitions + is_first, thread.acquisitions, "{thread:?}");
        let pairs = record.pairs.iter().filter(|pair| pair.waiter == number);
        assert!(pairs.map(|pair| pair.time).sum::<u64>() <= thread.waited, "{:?}", record.pairs);
    }
    let turns = all(|thread| thread.acquisitions) - 1;
    assert_eq!(sum(record.lines.iter().map(|line| line.turns).collect()), turns);
    assert_eq!(record.hold.count, turns);
    let times = |field: fn(&toy_lab::LineRecord) -> u64| sum(record.lines.iter().map(field).collect());
    // The holder's last turn does not end.
    assert!(times(|line| line.held) <= all(|thread| thread.held));
    assert!(times(|line| line.waited) <= all(|thread| thread.waited));
    assert!(times(|line| line.blocked) <= all(|thread| thread.blocked));
    for histogram in [&record.hold, &record.wait] {
        assert_eq!(histogram.buckets.iter().map(|bucket| bucket.count).sum::<u64>(), histogram.count);
        assert!(histogram.p50 <= histogram.p99 && histogram.p99 <= histogram.longest, "{histogram:?}");
    }
}

#[test]
fn sums_are_exact_under_every_policy() {
    for policy in
        ["iofirst:1000", "fair:100", "ticks:100", "timed:1ms", "quantum:1ms", "never", "seeded:7", "fair:1000,lazyio"]
    {
        for point in ["instr", "python"] {
            let (finished, record) = record_of(&["--gil", policy, "--switch-at", point], BUSY);
            // A seed has something to say about the pipe.
            let err = if policy.starts_with("seeded") { finished.err() } else { String::new() };
            assert_run(&finished, 0, "done\n", &err);
            assert_exact(&record);
            assert!(record.policy.starts_with(policy) && record.policy_at_end.is_none(), "{record:?}");
            assert_eq!((record.switch_at.as_str(), record.exit_code), (point, 0));
            assert_eq!(record.time, if policy.starts_with("seeded") { "virtual" } else { "real" });
            let names: Vec<&str> = record.threads.iter().map(|thread| thread.name.as_str()).collect();
            assert_eq!(names, ["MainThread", "compute", "compute", "write", "read"]);
        }
    }
}

#[test]
fn lines_are_those_at_which_the_lock_was_let_go() {
    let (_, record) = record_of(&["--gil", "fair:100"], BUSY);
    let reading = record.lines.iter().find(|line| line.text == "os.read(source, 1)").expect("each read lets go");
    assert_eq!((reading.turns, reading.function.as_str()), (20, "read"));
    assert!(reading.file.ends_with("/script.toy"), "{reading:?}");
    let line = BUSY.lines().position(|line| line.trim() == reading.text).expect("it is there");
    assert_eq!(reading.line as usize, line + 1);
    assert!(record.lines.iter().any(|line| line.line == 0 && line.text.is_empty()), "threads end at no line");
}

#[test]
fn a_run_with_a_seed_has_one_record() {
    let (_, first) = record_of(&["--gil", "seeded:5"], SEEDED);
    let (_, second) = record_of(&["--gil", "seeded:5"], SEEDED);
    let apart_from_the_machine = |record: RunRecord| {
        let lines = record.lines.into_iter().map(|line| toy_lab::LineRecord { file: String::new(), ..line }).collect();
        RunRecord { machine: toy_lab::MachineRecord::default(), script: String::new(), lines, ..record }
    };
    assert!(!first.machine.is_busy && !first.conclusions.is_empty());
    assert_eq!(apart_from_the_machine(first), apart_from_the_machine(second));
}

#[test]
fn the_text_has_its_parts() {
    let folder = folder();
    let script = format!("{SEEDED}\nfrom toy import gil\ngil.report('answers', 42)\n");
    let path = write(folder.path(), "script.toy", &script);
    let finished = run(toy(["gil", "--gil", "seeded:3,every=50", &path]), "", TIMEOUT);
    assert_eq!((finished.code, finished.out().as_str()), (0, "done\n"));
    let report = finished.err();
    let parts = [
        "script.toy: policy seeded:3,every=50, switch at instr\n",
        "of virtual time, idle ",
        "Threads: where their time went\n",
        "Threads: what they did with the lock, and why they let it go\n",
        "Lines where the longest turns ended\n",
        "total += i\n",
        "Lines behind which the lock was waited for longest\n",
        "Who waited (rows) while whom (columns) held the lock\n",
        "How long the lock was held at a time\n",
        "█",
        "How long the lock was waited for at a time\n",
        "Reported by the script\n  answers = 42\n",
        "The machine\n",
        " cores; CPU time of this process ",
        "What this shows\n  * Two threads competed for the lock",
    ];
    let mut rest = report.as_str();
    for part in parts {
        let place = rest.find(part).unwrap_or_else(|| panic!("{part:?} is not, or not here, in\n{report}"));
        rest = &rest[place + part.len()..];
    }
    assert!(report.lines().all(|line| line.trim_end() == line), "{report}");
}

#[test]
fn a_change_of_policy_is_told() {
    let folder = folder();
    let path = write(folder.path(), "script.toy", "from toy import gil\ngil.policy = 'fair:50'\n");
    let finished = run(toy(["gil", "--gil", "ticks:70", &path]), "", TIMEOUT);
    let head = "script.toy: policy ticks:70, switch at instr; at the end fair:50, as the script wanted\n";
    assert!(finished.err().contains(head), "{}", finished.err());
}

#[test]
fn the_exit_code_is_the_scripts_and_the_report_is_written_all_the_same() {
    for (script, code, err) in
        [("import sys; sys.exit(7)", 7, ""), ("import sys; sys.exit('bad')", 1, "bad\n"), ("raise SystemExit", 0, "")]
    {
        let (finished, record) = record_of(&[], script);
        assert_run(&finished, code, "", err);
        assert_eq!(i32::from(record.exit_code), code);
        assert_exact(&record);
    }
    let (finished, record) = record_of(&[], "1 / 0");
    assert!(finished.err().ends_with("ZeroDivisionError: division by zero\n"), "{}", finished.err());
    assert_eq!((finished.code, record.exit_code), (1, 1));
    let (finished, record) = record_of(&["--max-memory", "32M"], "x = 'a' * 100_000_000");
    assert_eq!((finished.code, record.exit_code), (4, 4));
}

#[test]
fn the_report_is_written_on_ctrl_c() {
    let folder = folder();
    let output = folder.path().join("report.json");
    let script = "import time\nprint('up', flush=True)\ntime.sleep(60)";
    let command = toy(["gil", "--json", "--output", &output.display().to_string(), "-c", script]);
    let mut running = Running::start(command, TIMEOUT);
    assert_eq!(running.read(3), b"up\n");
    running.signal(Signal::INT);
    assert_eq!(running.finish().code, 130);
    let record = RunRecord::from_json(&std::fs::read_to_string(output).expect("written")).expect("a record");
    assert_eq!((record.exit_code, record.script.as_str()), (130, "-c"));
    assert_exact(&record);
}

#[test]
fn the_report_is_written_when_all_threads_wait_for_each_other() {
    let script = "import threading\nevent = threading.Event()\n\ndef work(): event.wait()\n\n\
        thread = threading.Thread(target=work)\nthread.start()\nthread.join()";
    let (finished, record) = record_of(&[], script);
    assert_eq!((finished.code, record.exit_code), (3, 3), "{}", finished.err());
    assert_exact(&record);
}

#[test]
fn a_forked_child_writes_no_report() {
    let script = "import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nprint('parent' if pid else 'child')";
    let finished = toy_runs(["gil", "-c", script]);
    assert_eq!((finished.code, finished.out().as_str()), (0, "child\nparent\n"));
    assert_eq!(finished.err().matches("GIL of -c").count(), 1, "{}", finished.err());
}

#[test]
fn the_report_goes_where_it_is_wanted() {
    let finished = toy_runs(["gil", "-c", "print('out')"]);
    assert_eq!((finished.code, finished.out().as_str()), (0, "out\n"));
    assert!(finished.err().starts_with("GIL of -c: policy "), "{}", finished.err());
    let finished = toy_runs(["gil", "--json", "--output", "-", "-c", "print('out')"]);
    assert_eq!((finished.code, finished.err().as_str()), (0, ""));
    let out = finished.out();
    let json = out.strip_prefix("out\n").expect("the script comes first");
    assert_exact(&RunRecord::from_json(json).expect("a record"));
    let finished = toy_runs(["gil", "--output", "/nonexistent/report", "-c", "print('out')"]);
    assert_run(&finished, 2, "", "toy: cannot write '/nonexistent/report': No such file or directory (os error 2)\n");
    assert_eq!(toy_runs(["gil", "--output", "/dev/full", "-c", "pass"]).code, 1);
    // What does not run has no report.
    let folder = folder();
    let output = folder.path().join("report");
    assert_eq!(toy_runs(["gil", "--output", &output.display().to_string(), "-c", "1 +"]).code, 1);
    assert!(!output.exists());
}

#[test]
fn what_a_script_reports_is_in_the_record_in_order() {
    let script = "from toy import gil\ngil.report('b', 2.5)\ngil.report('a', 1)\ngil.report('b', True)";
    let (_, record) = record_of(&["--check-leaks"], script);
    let reported: Vec<(&str, f64)> = record.reported.iter().map(|one| (one.name.as_str(), one.value)).collect();
    assert_eq!(reported, [("b", 2.5), ("a", 1.0), ("b", 1.0)]);
    assert_run(&toy_runs(["-c", script]), 0, "", "");
}

#[test]
fn other_listeners_listen_too() {
    let folder = folder();
    let run = folder.path().join("run.gil").display().to_string();
    let finished = toy_runs(["gil", "--record", &run, "--stats", "-c", "pass"]);
    assert_eq!(finished.code, 0);
    assert!(
        finished.err().starts_with("GIL: policy ") && finished.err().contains("\nGIL of -c: "),
        "{}",
        finished.err()
    );
    assert!(std::fs::read_to_string(run).expect("written").starts_with("toy gil record 1\n"));
}

#[test]
fn policies_are_explained_and_a_script_of_that_name_has_a_path() {
    let finished = toy_runs(["gil", "policies"]);
    assert_eq!((finished.code, finished.err().as_str()), (0, ""));
    for word in ["ticks:N", "fair:N", "timed:T", "never", "replay:FILE", "lazyio", "--switch-at", "CPython since 3.2"] {
        assert!(finished.out().contains(word), "{word} is not in\n{}", finished.out());
    }
    let finished = toy_runs(["gil", "--json", "policies"]);
    assert_eq!((finished.code, finished.out().as_str()), (2, ""));
    assert!(finished.err().contains("./policies"), "{}", finished.err());
    let folder = folder();
    write(folder.path(), "policies", "print('a script')");
    let mut command = toy(["gil", "./policies"]);
    command.current_dir(folder.path());
    let finished = run(command, "", TIMEOUT);
    assert_eq!((finished.code, finished.out().as_str()), (0, "a script\n"));
}

/// The same module for CPython, in `scripts/gil`.
#[test]
fn the_module_for_other_pythons_says_what_it_can() {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    if std::process::Command::new(&python).arg("--version").output().is_err() {
        // Without a Python here there is nothing to try it with.
        return;
    }
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/gil");
    let script = r#"
import toy.gil
from toy import gil

print(gil is toy.gil)
gil.policy = "timed:2ms"
print(gil.policy)
for name, value in [("a", 1), (3, 3), ("n", float("nan")), ("s", "s")]:
    try:
        print(gil.report(name, value))
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
try:
    gil.policy = 5
except TypeError as error:
    print(error)
stats = gil.stats()
print(stats.policy, stats.wall > 0, [thread.name for thread in stats.threads])
"#;
    let expected = "True\ntimed:2ms\nNone\nTypeError name must be str, not int\nValueError only finite numbers can be \
        reported\nTypeError must be real number, not str\npolicy must be str, not int\ntimed:2ms True ['MainThread']\n";
    let mut command = std::process::Command::new(python);
    command.args(["-B", "-c", script]).current_dir(&module).env("TOY_REPORT", "1");
    assert_run(&run(command, "", TIMEOUT), 0, expected, "a = 1\n");
    // Beside the same file, toy takes its own.
    let mut command = toy(["-c", script]);
    command.current_dir(&module);
    assert_run(&run(command, "", TIMEOUT), 0, expected, "");
}
