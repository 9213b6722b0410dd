//! `toy sweep`.

mod refused;
mod stopped;

use std::path::Path;

use crate::support::{TIMEOUT, run, toy};
use crate::{folder, toy_runs, write};

/// Refused with this message, before anything ran.
#[track_caller]
fn refused<const N: usize>(arguments: [&str; N], code: i32, message: &str) {
    let finished = toy_runs(arguments);
    assert_eq!((finished.code, finished.out().as_str()), (code, ""), "{arguments:?}\n{}", finished.err());
    assert!(finished.err().contains(message), "{arguments:?}: '{message}' is not in\n{}", finished.err());
    assert!(!finished.err().contains("round"), "{arguments:?}: something ran:\n{}", finished.err());
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
fn seeds_are_swept_one_by_one() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", SCRIPT);
    let finished = toy_runs(["sweep", "--gil", "seeded:{0..2}", "--runs", "1", "--warm-up", "0", &script, "1", "0"]);
    assert_eq!(finished.code, 0, "{}", finished.err());
    let out = finished.out();
    let rows: Vec<&str> = out.lines().filter(|line| line.starts_with("seeded:")).map(|line| &line[..9]).collect();
    assert_eq!(rows, ["seeded:0 ", "seeded:1 ", "seeded:2 "], "{out}");
}

#[test]
fn one_result_may_go_to_standard_output_and_the_table_steps_aside() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", SCRIPT);
    for (option, begin) in [("--csv", "policy,series,"), ("--json", "{\n  \""), ("--svg", "<svg ")] {
        let mut command = toy(["sweep", "--gil", "never", "--runs", "1", "--warm-up", "0", option, "-"]);
        command.args([&script, "1", "0"]).current_dir(folder.path());
        let finished = run(command, "", TIMEOUT);
        assert_eq!(finished.code, 0, "{}", finished.err());
        assert!(finished.out().starts_with(begin), "{}", finished.out());
        assert!(!finished.out().lines().any(|line| line.starts_with("never ")), "{}", finished.out());
        assert!(finished.err().contains("1 policy × 1 run"), "{}", finished.err());
        assert!(!folder.path().join("-").exists());
    }
    refused(
        ["sweep", "--gil", "never", "--csv", "-", "--json", "-", &script],
        2,
        "two results cannot go to standard output",
    );
}
