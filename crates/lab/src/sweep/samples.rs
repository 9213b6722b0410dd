//! Records for tests.

use super::data::{Conditions, MeasuredPoint, Outcome, Run, SWEEP_SCHEMA, ScriptIdentity, Sweep};
use super::grid::{Point, expand};
use crate::{Histogram, MachineRecord, Reported, RunRecord, SCHEMA};

/// A run of 1000 instructions that took so many nanoseconds.
pub(crate) fn record(wall: u64) -> RunRecord {
    RunRecord {
        schema: SCHEMA.to_owned(),
        script: "a.toy".to_owned(),
        policy: "fair:1".to_owned(),
        policy_at_end: None,
        switch_at: "instr".to_owned(),
        time: "real".to_owned(),
        exit_code: 0,
        wall,
        idle: 0,
        switches: 7,
        instructions: 1000,
        fairness: Some(0.5),
        competitors: Vec::new(),
        convoy: None,
        threads: Vec::new(),
        pairs: Vec::new(),
        lines: Vec::new(),
        hold: Histogram { count: 8, p50: 40, p99: 90, longest: 100, buckets: Vec::new() },
        wait: Histogram { count: 8, p50: 30, p99: 80, longest: 90, buckets: Vec::new() },
        reported: Vec::new(),
        machine: MachineRecord { cores: 2, ..MachineRecord::default() },
        ..RunRecord::default()
    }
}

pub(crate) fn reporting(mut record: RunRecord, values: &[(&str, f64)]) -> RunRecord {
    record.reported.extend(values.iter().map(|(name, value)| Reported { name: (*name).to_owned(), value: *value }));
    record
}

/// As the deterministic policies have it.
pub(crate) fn in_virtual_time(mut record: RunRecord) -> RunRecord {
    record.time = "virtual".to_owned();
    record
}

pub(crate) fn run(round: u32, record: RunRecord) -> Run {
    Run { round, outcome: Outcome::Record(Box::new(record)), complaint: None }
}

pub(crate) fn failed(round: u32, reason: &str) -> Run {
    Run { round, outcome: Outcome::Failure(reason.to_owned()), complaint: None }
}

pub(crate) fn points(grids: &[&str]) -> Vec<Point> {
    let grids: Vec<String> = grids.iter().map(|grid| (*grid).to_owned()).collect();
    expand(&grids, None).expect("the grids of tests are well-formed")
}

/// A sweep without runs.
pub(crate) fn sweep(grids: &[&str]) -> Sweep {
    let points = points(grids);
    Sweep {
        schema: SWEEP_SCHEMA.to_owned(),
        conditions: Conditions {
            toy: "0.1.0".to_owned(),
            script: ScriptIdentity::new("a.toy", b"pass"),
            arguments: Vec::new(),
            switch_at: "instr".to_owned(),
            warm_up: 1,
            timeout: None,
        },
        machines: vec!["2 cores of a test".to_owned()],
        grids: grids.iter().map(|grid| (*grid).to_owned()).collect(),
        grid_points: points.len(),
        shard: None,
        is_interrupted: false,
        points: points.into_iter().map(|point| MeasuredPoint { point, runs: Vec::new() }).collect(),
    }
}

/// Three runs of each of seven points: wall time and waits make a U each, the throughput follows the wall time.
pub(crate) fn u_curve() -> Sweep {
    let mut sweep = sweep(&["fair:{1..100000}", "never"]);
    let shapes = [(9_000, 10), (3_000, 40), (1_200, 200), (1_000, 1_500), (1_010, 12_000), (1_500, 90_000), (990, 0)];
    for (point, (wall, wait)) in sweep.points.iter_mut().zip(shapes) {
        for round in 1..=3 {
            let mut record = record((wall + u64::from(round) * 10) * 1_000_000);
            record.policy.clone_from(&point.point.policy);
            record.instructions = 1_000_000_000;
            record.switches = 1_000_000 / (point.point.index as u64 + 1);
            record.wait.count = wait;
            record.wait.p99 = wait * 1_000;
            record.wait.p50 = wait * 500;
            let answers = 1e6 / wall as f64;
            point.runs.push(run(round, reporting(record, &[("answers", answers)])));
        }
    }
    sweep
}
