//! What the runs of one point come to.

use std::collections::BTreeMap;

use serde::Serialize;

use super::data::Run;
use super::measure::MEASURES;
use super::statistics::Spread;
use crate::RunRecord;

/// What the runs of one point come to. Only runs that succeeded count.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Summary {
    /// Runs that succeeded.
    pub succeeded: usize,
    /// Runs that did not.
    pub failed: usize,
    /// Of those that succeeded, how many on a machine too busy to tell anything.
    pub busy: usize,
    /// Whether the times follow from the instructions and not from the machine: nothing that is measured compares with them.
    pub is_virtual: bool,
    /// Medians and ranges by the name of their measure; without those that no run has.
    pub measures: BTreeMap<&'static str, Spread>,
    /// Medians and ranges of what the script has reported, by its name.
    pub reported: BTreeMap<String, Spread>,
}

impl Summary {
    /// Of the runs of one point.
    #[must_use]
    pub fn of(runs: &[Run]) -> Self {
        let records: Vec<&RunRecord> = runs.iter().filter_map(Run::success).collect();
        let measures = MEASURES.iter().filter_map(|measure| {
            let spread = Spread::of(records.iter().filter_map(|record| (measure.of)(record)))?;
            Some((measure.name, spread))
        });
        let names = records.iter().flat_map(|record| &record.reported).map(|reported| reported.name.as_str());
        let reported = names.filter_map(|name| {
            let spread = Spread::of(records.iter().filter_map(|record| reported_value(record, name)))?;
            Some((name.to_owned(), spread))
        });
        Self {
            succeeded: records.len(),
            failed: runs.len() - records.len(),
            busy: runs.iter().filter(|run| run.is_busy()).count(),
            is_virtual: records.iter().any(|record| record.is_virtual()),
            measures: measures.collect(),
            reported: reported.collect(),
        }
    }

    /// Median and range of a measure.
    #[must_use]
    pub fn measure(&self, name: &str) -> Option<&Spread> {
        self.measures.get(name)
    }

    /// The median of a measure.
    #[must_use]
    pub fn median(&self, name: &str) -> Option<f64> {
        self.measure(name).map(|spread| spread.median)
    }
}

/// What a run has reported under a name; the median, if it did so several times.
pub(crate) fn reported_value(record: &RunRecord, name: &str) -> Option<f64> {
    let values = record.reported.iter().filter(|reported| reported.name == name).map(|reported| reported.value);
    Spread::of(values).map(|spread| spread.median)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::samples;

    #[test]
    fn only_runs_that_succeeded_count() {
        let mut failed = samples::run(4, samples::record(1));
        failed.outcome = super::super::data::Outcome::Failure("killed".to_owned());
        let mut wrong = samples::record(1);
        wrong.exit_code = 1;
        let mut busy = samples::record(300);
        busy.machine.is_busy = true;
        let runs = [
            samples::run(1, samples::record(100)),
            samples::run(2, samples::record(200)),
            samples::run(3, busy),
            failed,
            samples::run(5, wrong),
        ];
        let summary = Summary::of(&runs);
        assert_eq!((summary.succeeded, summary.failed, summary.busy), (3, 2, 1));
        assert_eq!(summary.measure("wall"), Some(&Spread { median: 200.0, min: 100.0, max: 300.0 }));
        assert_eq!(summary.median("throughput"), Some(1000.0 / 200e-9));
    }

    #[test]
    fn a_measure_that_no_run_has_is_absent() {
        let mut record = samples::record(100);
        record.fairness = None;
        record.wall = 0;
        let summary = Summary::of(&[samples::run(1, record)]);
        assert_eq!(summary.measure("fairness"), None);
        assert_eq!(summary.measure("throughput"), None);
        assert_eq!(Summary::of(&[]).measures.len(), 0);
    }

    #[test]
    fn what_is_reported_several_times_in_a_run_has_one_value_there() {
        let first = samples::reporting(samples::record(1), &[("latency", 1.0), ("latency", 3.0), ("answers", 7.0)]);
        let second = samples::reporting(samples::record(1), &[("latency", 10.0)]);
        let summary = Summary::of(&[samples::run(1, first), samples::run(2, second)]);
        assert_eq!(summary.reported["latency"], Spread { median: 6.0, min: 2.0, max: 10.0 });
        assert_eq!(summary.reported["answers"], Spread { median: 7.0, min: 7.0, max: 7.0 });
    }
}
