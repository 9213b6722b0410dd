//! The table: a row for each point.

use unicode_width::UnicodeWidthStr;

use super::analysis::Analysis;
use super::columns::{Column, Columns};
use super::data::Run;
use super::summary::Summary;

/// Stands where there is no value.
const ABSENT: &str = "–";
/// Between two columns.
const GAP: &str = "  ";

/// A table, and what had no room in it.
pub(crate) struct Table {
    /// Its lines; ends with a newline.
    pub(crate) text: String,
    /// The names of columns that were left out.
    pub(crate) left_out: Vec<&'static str>,
}

impl Table {
    /// With the columns that were asked for, else with those that fit into `width`.
    pub(crate) fn of(analysis: &Analysis<'_>, asked: Option<&Columns>, width: Option<usize>) -> Self {
        let mut columns = asked.map_or_else(|| Column::unasked(analysis), |asked| asked.0.clone());
        let mut left_out = Vec::new();
        loop {
            let text = render(&cells(analysis, &columns));
            let is_wide = width.is_some_and(|width| text.lines().any(|line| line.width() > width));
            let next = columns.iter().enumerate().max_by_key(|(_, column)| column.rank());
            match next {
                Some((place, Column::Measure(measure))) if is_wide && asked.is_none() && measure.rank > 0 => {
                    left_out.push(measure.name);
                    columns.remove(place);
                }
                _ => return Self { text, left_out },
            }
        }
    }
}

/// A column as texts: its heading first.
struct Cells {
    texts: Vec<String>,
    is_right: bool,
}

impl Cells {
    fn new(heading: &str, is_right: bool, texts: impl Iterator<Item = String>) -> Self {
        Self { texts: std::iter::once(heading.to_owned()).chain(texts).collect(), is_right }
    }
}

fn cells(analysis: &Analysis<'_>, columns: &[Column]) -> Vec<Cells> {
    let policies = analysis.points().map(|(point, _)| point.point.policy.clone());
    let mut cells = vec![Cells::new("policy", false, policies)];
    cells.push(Cells::new("runs", true, analysis.summaries.iter().map(runs)));
    for column in columns {
        let spreads = || analysis.summaries.iter().map(|summary| column.spread(summary));
        let absent = || ABSENT.to_owned();
        let medians = spreads().map(|spread| spread.map_or_else(absent, |spread| column.unit().format(spread.median)));
        cells.push(Cells::new(column.heading(), true, medians));
        if column.has_range() {
            let ranges =
                spreads().map(|spread| spread.map_or_else(absent, |spread| column.unit().format_range(spread)));
            cells.push(Cells::new("[min, max]", false, ranges));
        }
    }
    if analysis.summaries.iter().any(|summary| summary.failed > 0) {
        cells.push(Cells::new("failed", false, analysis.points().map(|(point, _)| failures(&point.runs))));
    }
    cells
}

/// How many runs succeeded; with a star how many of them on a busy machine.
fn runs(summary: &Summary) -> String {
    match summary.busy {
        0 => summary.succeeded.to_string(),
        busy => format!("{} ({busy}*)", summary.succeeded),
    }
}

/// How many runs failed, and in which ways.
fn failures(runs: &[Run]) -> String {
    let failures: Vec<String> = runs.iter().filter_map(Run::failure).collect();
    let mut ways: Vec<&str> = Vec::new();
    for failure in &failures {
        if !ways.contains(&failure.as_str()) {
            ways.push(failure);
        }
    }
    if ways.is_empty() { String::new() } else { format!("{}: {}", failures.len(), ways.join(", ")) }
}

fn render(columns: &[Cells]) -> String {
    let widths: Vec<usize> =
        columns.iter().map(|column| column.texts.iter().map(|text| text.width()).max().unwrap_or(0)).collect();
    let rows = columns.first().map_or(0, |column| column.texts.len());
    let mut text = String::new();
    for row in 0..rows {
        let mut line = String::new();
        for (column, width) in columns.iter().zip(&widths) {
            let cell = &column.texts[row];
            let padding = " ".repeat(width - cell.width());
            let (before, behind) = if column.is_right { (padding.as_str(), "") } else { ("", padding.as_str()) };
            line.extend([before, cell, behind, GAP]);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::data::{Outcome, Sweep};
    use crate::sweep::samples;

    fn table(sweep: &Sweep, columns: Option<&str>, width: Option<usize>) -> Table {
        let columns = columns.map(|columns| columns.parse::<Columns>().expect("they exist"));
        Table::of(&Analysis::of(sweep), columns.as_ref(), width)
    }

    #[test]
    fn every_point_has_a_row() {
        let expected = "\
policy       runs    wall  [min, max]    switches  instr/s  fairness  wait p50  wait p99  hold p50  answers  [min, max]
fair:1          3  9.02 s  [9.01, 9.03]     1.00M     111M     0.500   5.00 µs   10.0 µs   40.0 ns      111  [111, 111]
";
        let table = table(&samples::u_curve(), None, None);
        assert_eq!(table.text.lines().count(), 8);
        assert!(table.text.starts_with(expected), "{}", table.text);
        assert!(table.left_out.is_empty());
    }

    #[test]
    fn what_has_no_room_is_left_out_and_named() {
        let table = table(&samples::u_curve(), None, Some(80));
        assert_eq!(table.left_out, ["hold_p50", "wait_p50", "fairness", "switches", "throughput"]);
        assert!(table.text.lines().all(|line| line.width() <= 80), "{}", table.text);
        assert!(table.text.starts_with("policy       runs    wall  [min, max]    wait p99  answers  [min, max]\n"));
    }

    #[test]
    fn what_was_asked_for_is_shown_in_its_order_and_never_left_out() {
        let table = table(&samples::u_curve(), Some("idle,wall,report:nothing"), Some(10));
        assert!(
            table.text.starts_with("policy       runs  idle    wall  [min, max]    nothing  [min, max]\n"),
            "{}",
            table.text
        );
        assert!(table.text.lines().nth(1).is_some_and(|line| line.ends_with("–  –")), "{}", table.text);
    }

    #[test]
    fn failures_and_a_busy_machine_are_marked() {
        let mut sweep = samples::sweep(&["{a,漢字,c}"]);
        let mut busy = samples::record(2_000);
        busy.machine.is_busy = true;
        let mut wrong = samples::record(1);
        wrong.exit_code = 3;
        sweep.points[0].runs = vec![samples::run(1, busy), samples::run(2, samples::record(1_000))];
        sweep.points[1].runs = vec![
            samples::run(1, wrong),
            samples::failed(2, "no end within 1 s"),
            samples::failed(3, "no end within 1 s"),
        ];
        assert!(matches!(sweep.points[1].runs[0].outcome, Outcome::Record(_)));
        let expected = "\
policy    runs     wall  [min, max]    failed
a       2 (1*)  1.50 µs  [1.00, 2.00]
漢字         0        –  –             3: exit code 3, no end within 1 s
c            0        –  –
";
        assert_eq!(table(&sweep, Some("wall"), None).text, expected);
    }
}
