//! What the figures of a report are, on real scripts.

use toy_lab::RunRecord;

use super::{assert_exact, record_of, threads_that};
use crate::{assert_run, toy_runs};

/// Threads that compute, wait for a lock, sleep, and talk through a pipe.
const BUSY: &str = "compute, compute, write, read";

#[test]
fn sums_are_exact_under_every_policy() {
    let script = threads_that(BUSY);
    for policy in
        ["iofirst:1000", "fair:100", "ticks:100", "timed:1ms", "quantum:1ms", "never", "seeded:7", "fair:1000,lazyio"]
    {
        for point in ["instr", "python"] {
            let (finished, record) = record_of(&["--gil", policy, "--switch-at", point], &script);
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
    let script = threads_that(BUSY);
    let (_, record) = record_of(&["--gil", "fair:100"], &script);
    let reading = record.lines.iter().find(|line| line.text == "os.read(source, 1)").expect("each read lets go");
    assert_eq!((reading.turns, reading.function.as_str()), (20, "read"));
    assert!(reading.file.ends_with("/script.toy"), "{reading:?}");
    let line = script.lines().position(|line| line.trim() == reading.text).expect("it is there");
    assert_eq!(reading.line as usize, line + 1);
    assert!(record.lines.iter().any(|line| line.line == 0 && line.text.is_empty()), "threads end at no line");
}

#[test]
fn a_run_with_a_seed_has_one_record() {
    let script = threads_that("compute, compute, nap");
    let (_, first) = record_of(&["--gil", "seeded:5"], &script);
    let (_, second) = record_of(&["--gil", "seeded:5"], &script);
    let apart_from_the_machine = |record: RunRecord| {
        let lines = record.lines.into_iter().map(|line| toy_lab::LineRecord { file: String::new(), ..line }).collect();
        RunRecord { machine: toy_lab::MachineRecord::default(), script: String::new(), lines, ..record }
    };
    assert!(!first.machine.is_busy && !first.conclusions.is_empty());
    assert_eq!(apart_from_the_machine(first), apart_from_the_machine(second));
}

#[test]
fn what_a_script_reports_is_in_the_record_in_order() {
    let script = "from toy import gil\ngil.report('b', 2.5)\ngil.report('a', 1)\ngil.report('b', True)";
    let (_, record) = record_of(&["--check-leaks"], script);
    let reported: Vec<(&str, f64)> = record.reported.iter().map(|one| (one.name.as_str(), one.value)).collect();
    assert_eq!(reported, [("b", 2.5), ("a", 1.0), ("b", 1.0)]);
    assert_run(&toy_runs(["-c", script]), 0, "", "");
}
