//! What a comparison shows, in sentences: one table of rules, the most important first.

use super::data::{Comparison, RunFigures};
use super::report::size;
use crate::sweep::Unit;

/// A sentence, if the comparison shows this.
type Rule = fn(&Comparison) -> Option<String>;

/// In the order in which they are told; see `docs/compare.md`.
const RULES: [Rule; 7] = [ends, instances, globals, output, others, speed, work];

/// What other processes may take of the machine before times tell nothing.
const TOLERATED: f64 = 0.10;

/// Runs that are shorter say nothing about speed.
const SHORTEST: f64 = 20e6;

/// A ratio of times from which on one is called faster.
const FASTER: f64 = 1.15;

/// What a message costs, in nanoseconds: an order of magnitude, measured by `scripts/processes/costs.toy`. It weighs messages against starts.
const MESSAGE: f64 = 12e3;

/// What a byte of a message adds to that, to be pickled, sent, and made into values again: 1 in long bytes, 20 in lists of small integers.
const BYTE: f64 = 10.0;

/// What it costs to start and join an instance.
const START: f64 = 3e6;

/// How many times one of two costs has to be the other to be the only one that is named.
const OUTWEIGHS: f64 = 3.0;

/// How many globals are named.
const NAMED: usize = 3;

pub(super) fn conclusions(comparison: &Comparison) -> Vec<String> {
    RULES.iter().filter_map(|rule| rule(comparison)).collect()
}

fn last(runs: &[RunFigures]) -> Option<&RunFigures> {
    runs.last()
}

/// Both kinds end differently, or fail.
fn ends(comparison: &Comparison) -> Option<String> {
    let (threads, processes) = (last(&comparison.threads.runs)?, last(&comparison.processes.runs)?);
    let because = |run: &RunFigures| match &run.complaint {
        _ if run.is_late => " (out of time)".to_owned(),
        Some(complaint) => format!(" ({complaint})"),
        None => String::new(),
    };
    match (threads.has_succeeded(), processes.has_succeeded()) {
        (true, true) => None,
        (true, false) => {
            Some(format!("As threads the script succeeds, as processes it does not{}.", because(processes)))
        }
        (false, true) => Some(format!("As processes the script succeeds, as threads it does not{}.", because(threads))),
        (false, false) => Some(format!("The script fails in any case{}.", because(threads))),
    }
}

/// There was nothing to make a process of.
fn instances(comparison: &Comparison) -> Option<String> {
    let has_none = comparison.processes.runs.iter().all(|run| run.started == 0);
    (has_none && comparison.processes.runs.iter().all(RunFigures::has_succeeded))
        .then(|| "The script has started no threads, so both runs are one process: what differs is chance.".to_owned())
}

/// What was changed in a process stays there.
fn globals(comparison: &Comparison) -> Option<String> {
    let differences = comparison.globals.as_ref()?;
    let mut told: Vec<String> = Vec::new();
    for difference in differences.iter().filter(|difference| !difference.varies) {
        if let (Some(threads), Some(processes)) = (&difference.threads, &difference.processes) {
            told.push(format!("`{}` is {threads} after the threads, {processes} after the processes", difference.name));
        }
    }
    if told.is_empty() || comparison.processes.runs.iter().all(|run| run.started == 0) {
        return None;
    }
    let more = told.len().saturating_sub(NAMED);
    told.truncate(NAMED);
    let more = if more > 0 { format!("; {more} more differ") } else { String::new() };
    Some(format!(
        "{}{more}: a process has copies of the globals, and what it changes nobody else sees. Results have to be sent, by a queue or \
         as what a future returns.",
        told.join(", ")
    ))
}

/// They print different things.
fn output(comparison: &Comparison) -> Option<String> {
    let difference = comparison.output.difference.as_ref()?;
    if comparison.output.varies {
        Some("The output differs between runs of the same kind, too: it depends on chance.".to_owned())
    } else if difference.is_reordered {
        Some("Both print the same lines in another order: nobody has told who comes first.".to_owned())
    } else {
        None
    }
}

/// The machine had other things to do.
fn others(comparison: &Comparison) -> Option<String> {
    let others = busy(comparison)?;
    Some(format!("Other work took {:.0} % of what all cores can give: the times tell little.", 100.0 * others))
}

pub(super) fn busy(comparison: &Comparison) -> Option<f64> {
    comparison.others.filter(|others| *others > TOLERATED)
}

/// Whether times may be compared.
fn has_times(comparison: &Comparison) -> bool {
    let runs = || comparison.threads.runs.iter().chain(&comparison.processes.runs);
    busy(comparison).is_none()
        && runs().all(RunFigures::has_succeeded)
        && comparison.processes.runs.iter().any(|run| run.started > 0)
        && comparison.threads.wall.is_some_and(|wall| wall.median >= SHORTEST)
}

/// Which is faster, and why.
fn speed(comparison: &Comparison) -> Option<String> {
    let speedup = comparison.speedup.filter(|_| has_times(comparison))?;
    let (threads, processes) = (comparison.threads.wall?, comparison.processes.wall?);
    let cores = |cpu: Option<crate::sweep::Spread>, wall: f64| cpu.map_or(0.0, |cpu| cpu.median / wall);
    let (busy_threads, busy_processes) =
        (cores(comparison.threads.cpu, threads.median), cores(comparison.processes.cpu, processes.median));
    Some(if threads.overlaps(&processes) && comparison.threads.runs.len() > 1 {
        "The runs do not tell whether threads or processes are faster.".to_owned()
    } else if speedup >= FASTER {
        format!(
            "Processes are {speedup:.2} times as fast: each has a lock of its own, so {busy_processes:.1} cores worked on the \
             average instead of {busy_threads:.1}."
        )
    } else if speedup > 1.0 / FASTER {
        let why = if busy_threads < 0.5 {
            "the threads mostly waited, and who waits holds no lock"
        } else {
            "what can go on at the same time is used up by what starting processes and sending values costs"
        };
        format!("Processes gain nothing: {why}.")
    } else {
        let why = why_slower(last(&comparison.processes.runs)?, processes.median - threads.median);
        format!("Processes take {:.2} times as long: {why}.", 1.0 / speedup)
    })
}

/// What the time went to that processes take longer: messages, starts, or both.
fn why_slower(run: &RunFigures, difference: f64) -> String {
    let (messages, bytes, started) = (run.messages.unwrap_or(0), run.bytes.unwrap_or(0), run.started);
    let sending = messages as f64 * MESSAGE + bytes as f64 * BYTE;
    let starting = started as f64 * START;
    let each = |count: u64| Unit::Time.format(difference / count as f64);
    let (letters, size) = (count(messages, "message"), size(bytes));
    if sending > OUTWEIGHS * starting {
        format!(
            "{letters} with {size} went to the broker, and each has cost {} that threads do not pay",
            each(messages)
        )
    } else if starting > OUTWEIGHS * sending {
        let births = count(started, "instance");
        format!("starting and joining {births} costs more than their share of the work saves, {} each", each(started))
    } else {
        let births = count(started, "instance");
        format!(
            "{births} to start and join, and {letters} with {size} to the broker, together cost more than they save"
        )
    }
}

fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// What processes cost even where they are faster.
fn work(comparison: &Comparison) -> Option<String> {
    if !has_times(comparison) {
        return None;
    }
    let (threads, processes) = (comparison.threads.cpu?.median, comparison.processes.cpu?.median);
    (processes >= FASTER * threads && threads > 0.0)
        .then(|| format!("Processes take {:.2} times the CPU time for the same work.", processes / threads))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::samples;

    fn told(comparison: &Comparison, text: &str) -> bool {
        conclusions(comparison).iter().any(|sentence| sentence.contains(text))
    }

    #[test]
    fn a_counter_that_nobody_sees_is_explained() {
        let comparison = samples::comparison(100, 50);
        assert!(told(&comparison, "`counter` is 4000 after the threads, 0 after the processes"), "{comparison:?}");
        let mut varying = comparison.clone();
        varying.globals.iter_mut().flatten().for_each(|difference| difference.varies = true);
        assert!(!told(&varying, "counter"));
    }

    #[test]
    fn speed_has_a_reason() {
        assert!(told(&samples::comparison(100, 50), "Processes are 2.00 times as fast"));
        assert!(told(&samples::comparison(100, 100), "gain nothing"));
        let slower = |messages: u64, bytes: u64| {
            let mut comparison = samples::comparison(100, 400);
            let run = &mut comparison.processes.runs[0];
            (run.messages, run.bytes) = (Some(messages), Some(bytes));
            comparison
        };
        let few = "Processes take 4.00 times as long: starting and joining 4 instances costs more than their share of the work \
                   saves, 75.0 ms each";
        assert!(told(&slower(60, 4321), few));
        let many = "5000 messages with 750 kB went to the broker, and each has cost 60.0 µs";
        assert!(told(&slower(5000, 750_000), many));
        assert!(told(&slower(60, 9_000_000), "60 messages with 9.00 MB went to the broker"));
        assert!(told(
            &slower(500, 75_000),
            "4 instances to start and join, and 500 messages with 75.0 kB to the broker, together"
        ));
    }

    #[test]
    fn times_of_short_runs_failures_and_busy_machines_are_not_judged() {
        let speaks = |comparison: &Comparison| told(comparison, "Processes");
        assert!(!speaks(&samples::comparison(5, 2)));
        let mut busy = samples::comparison(100, 50);
        busy.others = Some(0.5);
        assert!(!speaks(&busy) && told(&busy, "Other work took 50 %"));
        let mut failed = samples::comparison(100, 50);
        failed.processes.runs[0].exit_code = 1;
        assert!(told(&failed, "as processes it does not") && !told(&failed, "times as fast"));
    }

    #[test]
    fn the_documentation_knows_every_rule() {
        let documentation = include_str!("../../docs/compare.md");
        let names = ["ends", "instances", "globals", "output", "others", "speed", "work"];
        assert_eq!(names.len(), RULES.len());
        for name in names {
            assert!(documentation.contains(&format!("| {name} |")), "{name}");
        }
    }
}
