//! `toy gil`: the report of a run.

mod ends;
mod figures;
mod python;
mod text;

use toy_lab::{RunRecord, SCHEMA};

use crate::support::{Finished, TIMEOUT, run, toy};
use crate::{folder, write};

/// What threads may do; a seed decides all about those that leave the pipe alone.
const FUNCTIONS: &str = r#"
import os, threading, time

lock = threading.Lock()
source, sink = os.pipe()


def compute():
    total = 0
    for i in range(3000):
        with lock:
            total += i


def nap():
    for _ in range(20):
        time.sleep(0.00001)


def write():
    for _ in range(20):
        time.sleep(0.0001)
        os.write(sink, b"x")


def read():
    for _ in range(20):
        os.read(source, 1)
"#;

/// A script with a thread for each of these functions.
fn threads_that(targets: &str) -> String {
    format!(
        r#"{FUNCTIONS}

threads = [threading.Thread(target=target, name=target.__name__) for target in [{targets}]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
"#
    )
}

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
