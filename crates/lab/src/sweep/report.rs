//! A sweep for the terminal: the table, what failed, the plots, what follows.

use super::analysis::Analysis;
use super::columns::Columns;
use super::conclusions::Conclusions;
use super::data::{MeasuredPoint, Run, Sweep};
use super::measure::Measure;
use super::plot::plots;
use super::summary::Summary;
use super::table::Table;

/// The measures that are plotted.
const PLOTTED: [&str; 2] = ["wall", "wait_p99"];

/// Everything that is shown. `width` is that of the terminal, if it is one.
#[must_use]
pub fn report(analysis: &Analysis<'_>, columns: Option<&Columns>, width: Option<usize>) -> String {
    let sweep = analysis.sweep;
    let table = Table::of(analysis, columns, width);
    let mut parts =
        vec![format!("{}\n{}\n{}\n", sweep.conditions.script.name, headline(sweep), sweep.machines.join("\n"))];
    parts.push(format!("{}{}", table.text, notes(analysis, &table)));
    let measures = PLOTTED.into_iter().filter_map(Measure::find);
    parts.extend(measures.map(|measure| plots(analysis, measure, width)));
    parts.push(Conclusions::of(analysis).render(analysis));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// What was done, in a line.
pub(super) fn headline(sweep: &Sweep) -> String {
    let runs = sweep.points.iter().map(|point| point.runs.len());
    let runs = match (runs.clone().min().unwrap_or(0), runs.max().unwrap_or(0)) {
        (least, most) if least == most => counted(most, "run", "runs"),
        (least, most) => format!("{least} to {most} runs"),
    };
    let part = sweep.shard.map(|shard| format!(", part {shard} of the grid")).unwrap_or_default();
    let missing = sweep.grid_points.saturating_sub(sweep.points.len());
    let missing = match (sweep.shard, missing) {
        (None, 1..) => format!(", {missing} more points of the grid are missing"),
        _ => String::new(),
    };
    let stopped = if sweep.is_interrupted { ", stopped before its end" } else { "" };
    let conditions = &sweep.conditions;
    format!(
        "{} × {runs}, switches at {}, toy {}{part}{missing}{stopped}",
        counted(sweep.points.len(), "policy", "policies"),
        conditions.switch_at,
        conditions.toy,
    )
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What stands below the table.
fn notes<'a>(analysis: &Analysis<'a>, table: &Table) -> String {
    let mut notes = String::new();
    let (busy, succeeded) = analysis.busy_of_succeeded();
    if busy > 0 {
        notes.push_str(&format!("* Other work kept the machine busy during {busy} of {succeeded} runs.\n"));
    }
    let is_virtual =
        |(point, summary): (&'a MeasuredPoint, &Summary)| summary.is_virtual.then_some(&*point.point.policy);
    let in_virtual_time: Vec<&str> = analysis.points().filter_map(is_virtual).collect();
    if !in_virtual_time.is_empty() {
        let names = in_virtual_time.join(", ");
        notes.push_str(&format!(
            "Times of {names} are virtual: they follow from the instructions, not from the machine.\n"
        ));
    }
    for (point, _) in analysis.points() {
        notes.extend(complaints(&point.runs).into_iter().map(|line| format!("{}: {line}\n", point.point.policy)));
    }
    if analysis.sweep.machines.len() > 1 {
        notes.push_str("Several machines have measured: times of different machines say nothing about the lock.\n");
    }
    if !table.left_out.is_empty() {
        notes.push_str(&format!("There was no room for {}; --columns chooses.\n", table.left_out.join(", ")));
    }
    notes
}

/// What failed runs have complained of, each complaint once.
fn complaints(runs: &[Run]) -> Vec<&str> {
    let mut complaints: Vec<&str> = runs.iter().filter_map(|run| run.complaint.as_deref()).collect();
    let mut known = std::collections::HashSet::new();
    complaints.retain(|complaint| known.insert(*complaint));
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::data::Shard;
    use crate::sweep::samples;

    fn reported(sweep: &Sweep, width: Option<usize>) -> String {
        report(&Analysis::of(sweep), None, width)
    }

    #[test]
    fn a_report_has_its_parts_in_order() {
        let text = reported(&samples::u_curve(), None);
        let parts: Vec<&str> = text.split("\n\n").collect();
        assert_eq!(parts[0], "a.toy\n7 policies × 3 runs, switches at instr, toy 0.1.0\n2 cores of a test");
        let starts = ["policy ", "wall, logarithmic", "wait p99, logarithmic", "Fastest: never"];
        assert_eq!(parts.len(), 1 + starts.len(), "{text}");
        for (part, start) in parts[1..].iter().zip(starts) {
            assert!(part.starts_with(start), "{part}");
        }
    }

    #[test]
    fn what_went_wrong_is_said_below_the_table() {
        let mut sweep = samples::u_curve();
        for round in 4..6 {
            let mut failed = samples::failed(round, "ended by signal 11");
            failed.complaint = Some("ouch".to_owned());
            sweep.points[0].runs.push(failed);
        }
        sweep.machines.push("another machine".to_owned());
        sweep.is_interrupted = true;
        let text = reported(&sweep, Some(70));
        assert!(
            text.contains("7 policies × 3 to 5 runs, switches at instr, toy 0.1.0, stopped before its end\n"),
            "{text}"
        );
        assert!(text.contains("  2: ended by signal 11\n"), "{text}");
        assert_eq!(text.matches("fair:1: ouch\n").count(), 1, "{text}");
        assert!(text.contains("There was no room for hold_p50, wait_p50, fairness"), "{text}");
        assert!(text.contains("Several machines have measured"), "{text}");
    }

    #[test]
    fn virtual_times_are_named() {
        let mut sweep = samples::sweep(&["seeded:7", "fair:1", "fair:2"]);
        sweep.points[0].runs = vec![samples::run(1, samples::in_virtual_time(samples::record(1)))];
        sweep.points[1].runs = vec![samples::run(1, samples::record(100))];
        sweep.points[2].runs = vec![samples::run(1, samples::record(200))];
        let text = reported(&sweep, None);
        assert!(text.contains("\nTimes of seeded:7 are virtual: they follow from the instructions"), "{text}");
        assert!(text.contains("\nFastest: fair:1 (100 ns).\n"), "{text}");
    }

    #[test]
    fn a_part_of_a_grid_is_named() {
        let mut sweep = samples::sweep(&["fair:{1..100}"]);
        sweep.shard = Some(Shard { number: 1, of: 2 });
        sweep.grid_points = 6;
        assert_eq!(headline(&sweep), "3 policies × 0 runs, switches at instr, toy 0.1.0, part 1/2 of the grid");
        sweep.shard = None;
        assert_eq!(
            headline(&sweep),
            "3 policies × 0 runs, switches at instr, toy 0.1.0, 3 more points of the grid are missing"
        );
    }
}
