//! The classics of GIL research in `scripts/gil/`: they run, and they show what they are said to show.
//!
//! What is asserted are shapes, in counts and shares that follow from where switches fall: never a time.

mod shapes;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod support;

use std::path::{Path, PathBuf};

use support::{Finished, TIMEOUT, run, toy};

/// The scripts, each with arguments that keep it short.
const CLASSICS: [(&str, &[&str]); 7] = [
    ("ccbench", &["0.02", "2", "500"]),
    ("convoy", &["1", "0.05"]),
    ("countdown", &["20000", "1"]),
    ("fairness", &["5000"]),
    ("late_sleeper", &["0.001", "2", "2", "0.2"]),
    ("lost_update", &["500"]),
    ("ruby_quantum", &["2", "2", "0.2"]),
];

/// One policy of each kind.
const POLICIES: [&str; 6] = ["iofirst:100000", "fair:100", "ticks:100", "timed:1ms", "quantum:5ms,lazyio", "never"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/gil")
}

/// Runs a classic, which must succeed.
#[track_caller]
fn classic(policy: &str, options: &[&str], name: &str, arguments: &[&str]) -> Finished {
    let mut command = toy(["--gil", policy]);
    command.args(options).arg(folder().join(name).with_extension("toy")).args(arguments);
    let finished = run(command, "", TIMEOUT);
    assert!(finished.code == 0 && !finished.timed_out, "{name} under {policy}: {}\n{}", finished.code, finished.err());
    finished
}

/// The numbers of the first line of a table that starts so; signs of units are left out.
#[track_caller]
fn numbers(table: &str, start: &str) -> Vec<f64> {
    let line = table.lines().find_map(|line| line.strip_prefix(start));
    let line = line.unwrap_or_else(|| panic!("no line starts with '{start}' in\n{table}"));
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

/// The sum of a column of `--stats` over the threads whose names hold this word.
#[track_caller]
fn counted(statistics: &str, thread: &str, column: &str) -> u64 {
    let mut rows = statistics.lines().skip_while(|line| !line.starts_with("thread  "));
    let heading = rows.next().unwrap_or_else(|| panic!("there are no statistics in\n{statistics}"));
    // A cause by which nothing was released has no column.
    let Some(place) = cells(heading).position(|cell| cell == column) else { return 0 };
    let threads = rows.take_while(|line| cells(line).count() == cells(heading).count());
    let counts = threads.filter(|line| line.contains(thread)).map(|line| cells(line).nth(place));
    counts.map(|count| count.and_then(|text| text.parse::<u64>().ok()).expect("a count")).sum()
}

/// What stands between two spaces and more.
fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty())
}

#[test]
fn every_classic_runs_under_every_kind_of_policy() {
    let mut found: Vec<String> = std::fs::read_dir(folder())
        .expect("the classics are there")
        .map(|entry| entry.expect("a folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toy"))
        .map(|path| path.file_stem().expect("it has a name").display().to_string())
        .collect();
    found.sort();
    assert_eq!(found, CLASSICS.map(|(name, _)| name));
    for (name, arguments) in CLASSICS {
        for policy in POLICIES {
            let finished = classic(policy, &[], name, arguments);
            assert_eq!(finished.err(), "", "{name} under {policy}");
            assert!(finished.out().lines().count() > 2, "{name} under {policy}: {}", finished.out());
        }
    }
}
