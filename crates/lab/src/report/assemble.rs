//! The record of a run, from what was counted and heard.

use std::cmp::Reverse;
use std::time::Duration;

use toy_gil::{Conditions, Origin, PlaceNumber, ReleaseCause, Statistics, ThreadStatistics, Time};

use super::{conclusions, indices};
use crate::listen::PlaceTally;
use crate::record::{
    Bucket, CountByName, Histogram, LineRecord, MachineRecord, PairRecord, Reported, RunRecord, SCHEMA, ThreadRecord,
    TimeByName,
};

/// What is known of a run when it is over.
#[derive(Debug)]
pub struct Run<'a> {
    /// The script, as it was named.
    pub script: &'a str,
    /// The policy that was asked for, as it is written on the command line.
    pub policy: &'a str,
    /// The policies that the script chose meanwhile, in order.
    pub policies_chosen: Vec<String>,
    /// What the run went by.
    pub conditions: Conditions,
    /// The exit code.
    pub exit_code: u8,
    /// What the lock has counted.
    pub statistics: &'a Statistics,
    /// What was heard of each place.
    pub places: Vec<(PlaceNumber, PlaceTally)>,
    /// What the script has reported.
    pub reported: Vec<Reported>,
    /// What the machine did.
    pub machine: MachineRecord,
}

/// What a place reads as.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LineText {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 for no line.
    pub line: u32,
    /// Its function.
    pub function: String,
    /// What is written there.
    pub text: String,
}

impl Run<'_> {
    /// The record. `read` tells what a place reads as; what it does not know is no line.
    pub fn record(self, mut read: impl FnMut(PlaceNumber) -> Option<LineText>) -> RunRecord {
        let statistics = self.statistics;
        let mut lines: Vec<LineRecord> =
            self.places.iter().map(|(place, tally)| line(read(*place).unwrap_or_default(), tally)).collect();
        lines.sort_by_key(|line| Reverse(line.held + line.waited));
        let competitors = indices::competitors(statistics, self.conditions.time);
        let at_end = &statistics.policy;
        // How I/O is done stands behind the policy, and is a condition of the whole run.
        let is_same =
            self.policy.strip_prefix(at_end.as_str()).is_some_and(|rest| rest.is_empty() || rest == ",lazyio");
        let mut record = RunRecord {
            schema: SCHEMA.to_owned(),
            script: self.script.to_owned(),
            policy: self.policy.to_owned(),
            policies_chosen: self.policies_chosen,
            policy_at_end: (!is_same).then(|| at_end.clone()),
            switch_at: self.conditions.switch_at.to_string(),
            time: if self.conditions.time == Time::Virtual { "virtual" } else { "real" }.to_owned(),
            exit_code: self.exit_code,
            wall: nanoseconds(statistics.wall),
            idle: nanoseconds(statistics.idle),
            holder: statistics.holder.map(|holder| holder.index() as u32),
            switches: statistics.switches(),
            instructions: statistics.instructions(),
            fairness: indices::fairness(statistics, &competitors),
            competitors: competitors.iter().map(|id| id.index() as u32).collect(),
            convoy: indices::convoy(statistics),
            threads: statistics.threads.iter().map(thread).collect(),
            pairs: statistics.waits.iter().map(pair).collect(),
            lines,
            hold: histogram(&statistics.hold),
            wait: histogram(&statistics.wait),
            reported: self.reported,
            machine: self.machine,
            conclusions: Vec::new(),
        };
        record.conclusions = conclusions::conclusions(&record);
        record
    }
}

/// Whole nanoseconds; no run lasts longer than the 584 years that a word holds.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn line(text: LineText, tally: &PlaceTally) -> LineRecord {
    let LineText { file, line, function, text } = text;
    let PlaceTally { held, turns, waited, blocked } = *tally;
    LineRecord { file, line, function, text: text.trim().to_owned(), held, turns, waited, blocked }
}

fn pair(wait: &toy_gil::WaitStatistics) -> PairRecord {
    PairRecord { waiter: wait.waiter.index() as u32, holder: wait.holder.index() as u32, time: nanoseconds(wait.time) }
}

fn thread(thread: &ThreadStatistics) -> ThreadRecord {
    let releases = ReleaseCause::ALL.into_iter().zip(thread.releases).filter(|(_, count)| *count > 0);
    ThreadRecord {
        number: thread.id.index() as u32,
        name: thread.name.clone(),
        held: nanoseconds(thread.held),
        waited: nanoseconds(thread.waited),
        waited_by: times(Origin::ALL.map(Origin::name).into_iter().zip(thread.waited_by)),
        blocked: nanoseconds(thread.blocked()),
        blocked_by: times(ReleaseCause::ALL.map(ReleaseCause::name).into_iter().zip(thread.blocked_by)),
        instructions: thread.instructions,
        acquisitions: thread.acquisitions,
        switches: thread.switches,
        reacquisitions: thread.reacquisitions,
        releases: releases.map(|(cause, count)| CountByName { name: cause.name().to_owned(), count }).collect(),
    }
}

/// Names with their times, without those that took none.
fn times(named: impl Iterator<Item = (&'static str, Duration)>) -> Vec<TimeByName> {
    let taken = named.filter(|(_, time)| !time.is_zero());
    taken.map(|(name, time)| TimeByName { name: name.to_owned(), time: nanoseconds(time) }).collect()
}

fn histogram(times: &toy_gil::Histogram) -> Histogram {
    Histogram {
        count: times.count(),
        p50: times.percentile(0.5),
        p99: times.percentile(0.99),
        longest: times.longest(),
        buckets: times.buckets().map(|(from, to, count)| Bucket { from, to, count }).collect(),
    }
}
