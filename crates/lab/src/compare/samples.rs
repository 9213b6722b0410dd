//! Comparisons for tests.

use super::capture::OutputDifference;
use super::data::{COMPARE_SCHEMA, Comparison, Conditions, OutputComparison, RunFigures, Side};
use super::globals::GlobalDifference;
use crate::sweep::{ScriptIdentity, Spread};

/// A run of each kind that took so many milliseconds; the threads have kept one core busy.
pub(super) fn comparison(threads: u64, processes: u64) -> Comparison {
    let side = |wall: u64, started: u64| Side {
        wall: Spread::of([wall as f64 * 1e6]),
        cpu: Spread::of([threads as f64 * 1e6]),
        runs: vec![RunFigures {
            wall: wall * 1_000_000,
            cpu: threads * 1_000_000,
            started,
            told: started,
            messages: (started > 0).then_some(60),
            bytes: (started > 0).then_some(4321),
            peak_memory: Some(8_000_000),
            private_memory: started * 1_500_000,
            copied_memory: started * 40_960,
            output_bytes: 13,
            output_lines: 1,
            ..RunFigures::default()
        }],
    };
    let difference = OutputDifference {
        round: 1,
        line: Some(1),
        threads: Some("counter 4000".to_owned()),
        processes: Some("counter 0".to_owned()),
        is_reordered: false,
    };
    let counter = GlobalDifference {
        name: "counter".to_owned(),
        threads: Some("4000".to_owned()),
        processes: Some("0".to_owned()),
        varies: false,
    };
    let mut comparison = Comparison {
        schema: COMPARE_SCHEMA.to_owned(),
        conditions: Conditions {
            toy: "0.1.0".to_owned(),
            script: ScriptIdentity::new("counter.toy", b"counter = 0"),
            arguments: Vec::new(),
            gil: None,
            switch_at: None,
            places: None,
            timeout: None,
        },
        machine: "2 cores".to_owned(),
        others: Some(0.0),
        is_interrupted: false,
        threads: side(threads, 0),
        processes: side(processes, 4),
        speedup: Some(threads as f64 / processes as f64),
        output: OutputComparison { is_equal: false, varies: false, difference: Some(difference) },
        globals: Some(vec![counter]),
        conclusions: Vec::new(),
    };
    comparison.conclusions = super::conclusions::conclusions(&comparison);
    comparison
}
