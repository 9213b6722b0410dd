//! `toy sweep`.

use std::path::Path;

use rustix::process::Signal;

use crate::support::{Running, TIMEOUT, toy};
use crate::{folder, toy_runs, write};

const GRID: &str = "fair:{1..100}";

/// Refused with this message, before anything ran.
#[track_caller]
fn refused<const N: usize>(arguments: [&str; N], code: i32, message: &str) {
    let finished = toy_runs(arguments);
    assert_eq!((finished.code, finished.out().as_str()), (code, ""), "{arguments:?}\n{}", finished.err());
    assert!(finished.err().contains(message), "{arguments:?}: '{message}' is not in\n{}", finished.err());
    assert!(!finished.err().contains("round"), "{arguments:?}: something ran:\n{}", finished.err());
}

#[test]
fn grids_that_make_no_sense() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", "print('ran')\n");
    refused(["sweep", &script], 2, "no policies are named: --gil 'fair:{1..1000000}' before the script\n");
    refused(["sweep", &script, "--gil", "fair:1"], 2, "what stands behind the script is the script's\n");
    refused(["sweep", "--gil", "fair:{1..", &script], 2, "`fair:{1..`: a brace is not closed\n");
    refused(["sweep", "--gil", "fair:{5..1}", &script], 2, "`fair:{5..1}`: the range 5..1 runs backwards\n");
    refused(["sweep", "--gil", "fair:{1,x}", &script], 2, "policy `fair` needs a number of instructions");
    refused(["sweep", "--gil", "nonsense:{1..10}", &script], 2, "unknown policy `nonsense`");
    refused(["sweep", "--gil", "fair:{1..9999999999*9999}", "--gil", GRID, "--points", "1", &script], 2, "--points");
    refused(["sweep", "--gil", "fair:1", "fair:7", &script], 2, "the shell has expanded the braces; quote them");
    refused(["sweep", "--gil", "never", "--shard", "2/2", &script], 2, "part 2/2 of the 1 points has none");
}

#[test]
fn options_that_make_no_sense() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", "print('ran')\n");
    for (option, value, message) in [
        ("--runs", "0", "0 is not in 1..="),
        ("--timeout", "0", "'0' is no number of seconds above 0"),
        ("--shard", "3/2", "'3/2' is no part of a grid; 1/3, 2/3 and 3/3 are"),
        ("--columns", "walls", "there is no column 'walls'; there are:\n  wall          wall time\n"),
        ("--json", "/no/such/folder/x.json", "can't write to '/no/such/folder/x.json': No such file or directory"),
    ] {
        refused(["sweep", "--gil", GRID, option, value, &script], 2, message);
    }
    let both = folder.path().join("both").display().to_string();
    refused(
        ["sweep", "--gil", GRID, "--csv", &both, "--json", &both, &script],
        2,
        "two results cannot go to the same file",
    );
}

#[test]
fn scripts_that_cannot_be_run() {
    let folder = folder();
    let wrong = write(folder.path(), "wrong.toy", "x = (\n");
    refused(["sweep", "--gil", GRID, &wrong], 1, "SyntaxError: '(' was never closed");
    refused(["sweep", "--gil", GRID, "/no/such/file.toy"], 2, "can't open file '/no/such/file.toy'");
    refused(["sweep", "--gil", GRID, "-"], 2, "standard input can be read only once");
    refused(["sweep", "--gil", GRID, "--no-such-option"], 2, "there is no option '--no-such-option'");
    refused(["sweep", "--gil", GRID], 2, "required arguments were not provided");
}

#[test]
fn only_sweeps_can_be_merged() {
    let folder = folder();
    let text = write(folder.path(), "text.json", "no JSON");
    let other = write(folder.path(), "other.json", "{\"schema\": \"toy-sweep/9\"}");
    refused(["sweep", "merge"], 2, "required arguments were not provided");
    refused(["sweep", "--runs", "3", "merge", &text], 2, "options of 'toy sweep merge' stand behind it");
    refused(["sweep", "merge", "/no/such/file.json"], 2, "can't read '/no/such/file.json'");
    refused(["sweep", "merge", &text], 2, "is no sweep: expected ident at line 1");
    refused(["sweep", "merge", &other], 2, "is of the schema 'toy-sweep/9'; this toy reads 'toy-sweep/1'");
}

/// Two threads, so that the lock changes hands; what it reports is its first argument, its exit code the second.
const SCRIPT: &str = "\
import sys, threading
import toy.gil
threads = [threading.Thread(target=lambda: sum([x for x in range(500)])) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
toy.gil.report('answers', float(sys.argv[1]))
print('not in the table')
sys.exit(int(sys.argv[2]))
";

fn file(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

#[test]
fn a_sweep_shows_every_policy_and_writes_its_files() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", SCRIPT);
    let [csv, json, svg] = ["a.csv", "a.json", "a.svg"].map(|name| file(folder.path(), name));
    write(folder.path(), "a.csv", &"old".repeat(10_000));
    let finished = toy_runs([
        "sweep",
        "--gil",
        "fair:{10..1000}",
        "--gil",
        "never",
        "--runs",
        "2",
        "--csv",
        &csv,
        "--json",
        &json,
        "--svg",
        &svg,
        &script,
        "42",
        "0",
        "--runs",
    ]);
    assert_eq!(finished.code, 0, "{}", finished.err());
    let (out, err) = (finished.out(), finished.err());
    assert!(out.contains("\n4 policies × 2 runs, switches at instr, toy "), "{out}");
    for policy in ["fair:10 ", "fair:100 ", "fair:1000 ", "never "] {
        assert!(out.lines().any(|line| line.starts_with(policy) && line.contains("42  [42, 42]")), "{policy}:\n{out}");
    }
    assert!(!out.contains("not in the table") && !err.contains("not in the table"), "{out}\n{err}");
    assert!(err.contains("'--runs' stands behind '"), "{err}");
    assert!(err.contains("warm-up: 4 runs, ") && err.contains("round 2 of 2: 4 runs, "), "{err}");
    let read = |path: &str| std::fs::read_to_string(path).expect("it was written");
    assert_eq!(read(&csv).lines().count(), 1 + 8, "what stood there before is gone");
    assert!(read(&csv).starts_with("policy,series,value,unit,"));
    assert!(read(&json).contains("\"schema\": \"toy-sweep/1\""));
    assert!(read(&svg).starts_with("<svg ") && read(&svg).ends_with("</svg>\n"));
}

#[test]
fn a_script_that_fails_does_not_end_the_sweep() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", SCRIPT);
    let finished = toy_runs(["sweep", "--gil", "{fair:7,never}", "--runs", "1", "--warm-up", "0", &script, "1", "3"]);
    assert_eq!(finished.code, 1);
    assert!(
        finished.out().contains("\nfair:7     0  1: exit code 3\nnever      0  1: exit code 3\n"),
        "{}",
        finished.out()
    );
    let finished = toy_runs(["sweep", "--gil", "never", "--runs", "1", "--warm-up", "0", &script, "no number", "3"]);
    assert!(finished.out().contains("never: ValueError: could not convert string to float"), "{}", finished.out());
}

#[test]
fn a_run_that_takes_too_long_is_ended() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", "while True: pass\n");
    let finished = toy_runs(["sweep", "--gil", "never", "--runs", "1", "--warm-up", "0", "--timeout", "0.05", &script]);
    assert_eq!(finished.code, 1);
    assert!(finished.out().contains("never      0  1: no end within 0.05 s\n"), "{}", finished.out());
}

#[test]
fn what_the_script_prints_can_be_seen() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", SCRIPT);
    let finished =
        toy_runs(["sweep", "--gil", "never", "--runs", "1", "--warm-up", "0", "--show-output", &script, "1", "0"]);
    assert_eq!(finished.code, 0);
    assert!(finished.err().starts_with("not in the table\n"), "{}", finished.err());
}

#[test]
fn parts_are_put_together_again() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", SCRIPT);
    let part = |name: &str, shard: &str, argument: &str| {
        let json = file(folder.path(), name);
        let finished = toy_runs([
            "sweep",
            "--gil",
            "fair:{10..1000}",
            "--runs",
            "1",
            "--shard",
            shard,
            "--json",
            &json,
            &script,
            argument,
            "0",
        ]);
        assert_eq!(finished.code, 0, "{}", finished.err());
        json
    };
    let (one, two, other) = (part("1", "1/2", "5"), part("2", "2/2", "5"), part("other", "2/2", "6"));
    let whole = file(folder.path(), "whole");
    let finished = toy_runs(["sweep", "merge", "--columns", "switches,report:answers", "--json", &whole, &two, &one]);
    assert_eq!((finished.code, finished.err().as_str()), (0, ""));
    let policies = ["fair:10 ", "fair:100 ", "fair:1000 "];
    let out = finished.out();
    let rows = out.lines().filter_map(|line| policies.into_iter().find(|policy| line.starts_with(policy)));
    assert_eq!(rows.collect::<Vec<_>>(), policies, "{out}");
    let finished = toy_runs(["sweep", "merge", &whole, &other]);
    assert_eq!(finished.code, 2);
    assert!(
        finished.err().contains("differ in the arguments of the script: [\"6\", \"0\"] and [\"5\", \"0\"]"),
        "{}",
        finished.err()
    );
    refused(["sweep", "merge", &one, &one], 2, "are the same runs");
}

#[test]
fn ctrl_c_keeps_what_has_been_measured() {
    let folder = folder();
    // Every run makes a folder; the third one does not end, and when its folder is there the sweep is interrupted.
    let text = "\
import os, sys
count = len(os.listdir(sys.argv[1]))
os.mkdir(os.path.join(sys.argv[1], str(count)))
while count == 2: pass
";
    let script = write(folder.path(), "a.toy", text);
    let counts = file(folder.path(), "counts");
    std::fs::create_dir(&counts).expect("a folder can be made");
    let json = file(folder.path(), "a.json");
    let mut command = toy(["sweep", "--gil", "{fair:7,never}", "--runs", "5", "--warm-up", "0"]);
    command.args(["--json", &json, &script, &counts]);
    let running = Running::start(command, TIMEOUT);
    while std::fs::read_dir(&counts).expect("it exists").count() < 3 {
        std::thread::yield_now();
    }
    running.signal(Signal::INT);
    let finished = running.finish();
    assert_eq!((finished.code, finished.timed_out), (130, false), "{}", finished.err());
    assert!(finished.out().contains("2 policies × 1 run, switches at instr"), "{}", finished.out());
    assert!(finished.out().contains(", stopped before its end\n"), "{}", finished.out());
    let json = std::fs::read_to_string(json).expect("it was written");
    assert!(json.contains("\"is_interrupted\": true"), "{json}");
}
