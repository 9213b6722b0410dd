//! What is taken from a run: the one table that columns, files and plots are made from.

use super::units::Unit;
use crate::{Histogram, RunRecord};

/// A number that every run has, or may have.
#[derive(Debug)]
pub struct Measure {
    /// Its name on the command line and in files.
    pub name: &'static str,
    /// Its name above a column.
    pub heading: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// Whether the table shows it unasked.
    pub is_shown: bool,
    /// Whether the table shows its range too.
    pub has_range: bool,
    /// How soon it may be left out where there is no room: the greatest first, 0 never.
    pub(crate) rank: usize,
    /// What it is.
    pub meaning: &'static str,
    /// Takes it from a record.
    pub of: fn(&RunRecord) -> Option<f64>,
}

/// How a row of the table is shown.
enum Shown {
    /// Always, with its range.
    Always,
    /// Its median, as long as there is room: the greater the number, the sooner it goes.
    Rank(usize),
    /// Its median, if somebody asks for it.
    Asked,
}
use Shown::{Always, Asked, Rank};

/// All of them, in the order of the table's columns.
pub static MEASURES: [Measure; 17] = [
    row("wall", "wall", Unit::Time, Always, "wall time", |run| count(run.wall)),
    row("switches", "switches", Unit::Number, Rank(3), "times that the lock went from one thread to another", |run| {
        count(run.switches)
    }),
    row("throughput", "instr/s", Unit::Number, Rank(2), "instructions per second of wall time", throughput),
    row("fairness", "fairness", Unit::Index, Rank(4), "Jain's index: 1 is equal, 1/n is one thread for all", |run| {
        run.fairness
    }),
    row("wait_p50", "wait p50", Unit::Time, Rank(6), "median wait for the lock", |run| {
        percentile(&run.wait, run.wait.p50)
    }),
    row("wait_p99", "wait p99", Unit::Time, Rank(1), "99th percentile of the waits for the lock", |run| {
        percentile(&run.wait, run.wait.p99)
    }),
    row("hold_p50", "hold p50", Unit::Time, Rank(7), "median time that the lock was held at a time", |run| {
        percentile(&run.hold, run.hold.p50)
    }),
    row("convoy", "convoy", Unit::Number, Rank(5), "wait after I/O divided by the I/O's own time", |run| run.convoy),
    row("instructions", "instr", Unit::Number, Asked, "instructions of all threads", |run| count(run.instructions)),
    row("idle", "idle", Unit::Time, Asked, "time during which nobody held the lock", |run| count(run.idle)),
    row("wait_longest", "longest wait", Unit::Time, Asked, "the longest wait", |run| {
        percentile(&run.wait, run.wait.longest)
    }),
    row("hold_p99", "hold p99", Unit::Time, Asked, "99th percentile of the holds", |run| {
        percentile(&run.hold, run.hold.p99)
    }),
    row("hold_longest", "longest hold", Unit::Time, Asked, "the longest hold", |run| {
        percentile(&run.hold, run.hold.longest)
    }),
    row("threads", "threads", Unit::Number, Asked, "threads of the script", |run| Some(run.threads.len() as f64)),
    row("cpu", "cpu", Unit::Time, Asked, "CPU time of the process", |run| count(run.machine.cpu)),
    row(
        "pressure",
        "pressure",
        Unit::Index,
        Asked,
        "part of the wall time in which something had to wait for a core",
        |run| run.machine.pressure,
    ),
    row("others", "others", Unit::Index, Asked, "part of the cores' time that other processes took", |run| {
        run.machine.others
    }),
];

const fn row(
    name: &'static str,
    heading: &'static str,
    unit: Unit,
    shown: Shown,
    meaning: &'static str,
    of: fn(&RunRecord) -> Option<f64>,
) -> Measure {
    let (is_shown, has_range, rank) = match shown {
        Always => (true, true, 0),
        Rank(rank) => (true, false, rank),
        Asked => (false, false, 0),
    };
    Measure { name, heading, unit, is_shown, has_range, rank, meaning, of }
}

impl Measure {
    /// The one of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        MEASURES.iter().find(|measure| measure.name == name)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a row of the table may have no value")]
fn count(number: u64) -> Option<f64> {
    Some(number as f64)
}

/// Without any wait there is no longest one.
fn percentile(of: &Histogram, value: u64) -> Option<f64> {
    (of.count > 0).then_some(value as f64)
}

fn throughput(run: &RunRecord) -> Option<f64> {
    (run.wall > 0).then(|| run.instructions as f64 / (run.wall as f64 / 1e9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_is_there_once() {
        for measure in &MEASURES {
            let found = Measure::find(measure.name).expect("it is in the table");
            assert!(std::ptr::eq(found, measure), "{} is there twice", measure.name);
        }
        assert!(Measure::find("nonsense").is_none());
    }

    #[test]
    fn the_documentation_knows_every_measure() {
        let documentation = include_str!("../../docs/sweep.md");
        for measure in &MEASURES {
            let row = format!("| `{}` |", measure.name);
            assert!(documentation.contains(&row), "{row} is missing");
        }
    }
}
