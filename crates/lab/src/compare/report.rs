//! A comparison for the terminal: figures side by side, then outputs, globals, and what follows.

use super::conclusions::busy;
use super::data::{Comparison, RunFigures, Side};
use crate::sweep::{Spread, Unit};
use crate::text::Table;

/// Columns that are no numbers.
const LEFT: &[usize] = &[0, 3];

/// The exit code of a run in which everybody waits.
const DEADLOCK: i32 = 3;

/// Everything that is shown.
#[must_use]
pub fn report(comparison: &Comparison) -> String {
    let mut parts = vec![heading(comparison), figures(comparison), outputs(comparison), globals(comparison)];
    if !comparison.conclusions.is_empty() {
        let sentences = comparison.conclusions.iter().map(|sentence| format!("- {sentence}\n"));
        parts.push(format!("What this shows\n{}", sentences.collect::<String>()));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn heading(comparison: &Comparison) -> String {
    let conditions = &comparison.conditions;
    let runs = comparison.processes.runs.len();
    let runs = if runs == 1 { "1 run of each kind".to_owned() } else { format!("{runs} runs of each kind, by turns") };
    let gil = conditions.gil.as_ref().map(|gil| format!(", lock {gil}")).unwrap_or_default();
    let places = match conditions.places {
        None => String::new(),
        Some(1) => ", 1 instance at once".to_owned(),
        Some(places) => format!(", {places} instances at once"),
    };
    let stopped = if comparison.is_interrupted { ", stopped before its end" } else { "" };
    format!(
        "{}\n{runs}{gil}{places}, toy {}{stopped}\n{}\n",
        conditions.script.name, conditions.toy, comparison.machine
    )
}

/// The table; what of several runs has a range shows its median and that, the rest is of the last run.
fn figures(comparison: &Comparison) -> String {
    let (Some(threads), Some(processes)) = (comparison.threads.runs.last(), comparison.processes.runs.last()) else {
        return String::new();
    };
    let cells = |row: [&str; 4]| row.map(str::to_owned).to_vec();
    let mut table = Table::new(cells(["", "threads", "processes", ""]), LEFT);
    let mut add = |name: &str, values: [String; 2], note: String| {
        let [threads, processes] = values;
        table.add(vec![name.to_owned(), threads, processes, note]);
    };
    let sides = [&comparison.threads, &comparison.processes];
    let runs = [threads, processes];
    add("wall time", sides.map(|side| time(side, side.wall)), speedup(comparison));
    add("CPU time", sides.map(|side| time(side, side.cpu)), "of all processes".to_owned());
    add("instances", runs.map(|run| run.started.to_string()), killed(processes));
    add("messages", runs.map(|run| known(run.messages, |number| number.to_string())), messages(processes));
    add("bytes sent", runs.map(|run| known(run.bytes, size)), "in these messages".to_owned());
    add("peak memory", runs.map(|run| known(run.peak_memory, size)), "of the first process".to_owned());
    let of_others =
        |of: fn(&RunFigures) -> u64| runs.map(|run| if run.told > 0 { size(of(run)) } else { "–".to_owned() });
    add("private memory", of_others(|run| run.private_memory), "of all instances at their ends".to_owned());
    add("copied on write", of_others(|run| run.copied_memory), "of that, as far as it was there before".to_owned());
    add("exit code", runs.map(end), String::new());
    table.to_string()
}

fn time(side: &Side, spread: Option<Spread>) -> String {
    let Some(spread) = spread else { return "–".to_owned() };
    let range = if side.runs.len() > 1 { format!(" {}", Unit::Time.format_range(&spread)) } else { String::new() };
    format!("{}{range}", Unit::Time.format(spread.median))
}

/// How long a run takes that fails says nothing about speed.
fn speedup(comparison: &Comparison) -> String {
    let Some(speedup) = comparison.speedup.filter(|_| comparison.has_succeeded()) else { return String::new() };
    let doubt = if busy(comparison).is_some() { ", but the machine was busy" } else { "" };
    format!("speed-up {speedup:.2}{doubt}")
}

/// What the number of messages is, or why there is none. Only the first process can ask for it, and only when the script has ended.
fn messages(run: &RunFigures) -> String {
    let has_told = run.peak_memory.is_some();
    match run.messages {
        Some(_) => "to the broker",
        None if has_told && run.exit_code == DEADLOCK => "not known: all instances waited for each other",
        None => "not known: the script did not come to its end",
    }
    .to_owned()
}

fn killed(run: &RunFigures) -> String {
    match run.started.saturating_sub(run.told) {
        0 => String::new(),
        silent => format!("{silent} killed, or gone without a word"),
    }
}

fn known(value: Option<u64>, show: impl Fn(u64) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), show)
}

/// Bytes, with three digits.
pub(super) fn size(bytes: u64) -> String {
    let scale = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")].into_iter().find(|(factor, _)| bytes as f64 >= *factor);
    match scale {
        None => format!("{bytes} B"),
        Some((factor, unit)) => {
            let value = bytes as f64 / factor;
            let decimals = (2.0 - value.log10().floor()).max(0.0) as usize;
            format!("{value:.decimals$} {unit}")
        }
    }
}

fn end(run: &RunFigures) -> String {
    match run.exit_code {
        _ if run.is_late => "out of time".to_owned(),
        signal @ ..0 => format!("signal {}", -signal),
        code => code.to_string(),
    }
}

fn outputs(comparison: &Comparison) -> String {
    let output = &comparison.output;
    let Some(difference) = &output.difference else {
        let run = comparison.processes.runs.last();
        let lines = run.map_or(0, |run| run.output_lines);
        let lines = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
        return format!("Standard output is equal, {lines}.\n");
    };
    let round =
        if comparison.processes.runs.len() > 1 { format!(", in round {}", difference.round) } else { String::new() };
    let Some(line) = difference.line else {
        return format!("Standard output differs far behind its beginning{round}.\n");
    };
    let mut table = Table::new(vec!["threads".to_owned(), shown(difference.threads.as_ref())], &[0, 1]);
    table.add(vec!["processes".to_owned(), shown(difference.processes.as_ref())]);
    format!("Standard output differs, first in line {line}{round}:\n{table}")
}

fn shown(value: Option<&String>) -> String {
    value.cloned().unwrap_or_else(|| "(nothing)".to_owned())
}

fn globals(comparison: &Comparison) -> String {
    let Some(differences) = &comparison.globals else {
        return "Globals of __main__ are not known: a run did not come to its end.\n".to_owned();
    };
    if differences.is_empty() {
        return "All globals of __main__ are equal at the end.\n".to_owned();
    }
    let cells = |row: [&str; 4]| row.map(str::to_owned).to_vec();
    let mut table = Table::new(cells(["global", "threads", "processes", ""]), &[0, 1, 2, 3]);
    for difference in differences {
        let note = if difference.varies { "differs from run to run anyway" } else { "" };
        let [threads, processes] = [&difference.threads, &difference.processes];
        table.add(vec![difference.name.clone(), shown(threads.as_ref()), shown(processes.as_ref()), note.to_owned()]);
    }
    format!("Globals of __main__ that differ at the end\n{table}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::samples;

    #[test]
    fn a_report_shows_both_runs_side_by_side() {
        let expected = "\
counter.toy
1 run of each kind, toy 0.1.0
2 cores

                   threads  processes
  wall time         100 ms    50.0 ms  speed-up 2.00
  CPU time          100 ms     100 ms  of all processes
  instances              0          4
  messages               –         60  to the broker
  bytes sent             –    4.32 kB  in these messages
  peak memory      8.00 MB    8.00 MB  of the first process
  private memory         –    6.00 MB  of all instances at their ends
  copied on write        –     164 kB  of that, as far as it was there before
  exit code              0          0

Standard output differs, first in line 1:
  threads    counter 4000
  processes  counter 0

Globals of __main__ that differ at the end
  global   threads  processes
  counter  4000     0

What this shows
- `counter` is 4000 after the threads, 0 after the processes: a process has copies of the globals, and what it changes nobody else sees. Results have to be sent, by a queue or as what a future returns.
- Processes are 2.00 times as fast: each has a lock of its own, so 2.0 cores worked on the average instead of 1.0.
";
        assert_eq!(report(&samples::comparison(100, 50)), expected);
    }

    #[test]
    fn figures_that_tell_little_say_so() {
        let mut comparison = samples::comparison(100, 50);
        comparison.conditions.places = Some(1);
        comparison.others = Some(0.5);
        let text = report(&comparison);
        assert!(text.contains("of each kind, 1 instance at once, toy"), "{text}");
        assert!(text.contains("speed-up 2.00, but the machine was busy\n"), "{text}");
        let run = &mut comparison.processes.runs[0];
        (run.exit_code, run.messages) = (DEADLOCK, None);
        let text = report(&comparison);
        assert!(
            text.contains("not known: all instances waited for each other\n") && !text.contains("speed-up"),
            "{text}"
        );
        comparison.processes.runs[0].peak_memory = None;
        assert!(report(&comparison).contains("not known: the script did not come to its end\n"));
    }

    #[test]
    fn ends_and_sizes_are_readable() {
        let run = RunFigures::default();
        assert_eq!(end(&run), "0");
        assert_eq!(end(&RunFigures { exit_code: -9, ..run.clone() }), "signal 9");
        assert_eq!(end(&RunFigures { exit_code: 130, is_late: true, ..run }), "out of time");
        assert_eq!([size(0), size(999), size(1_234_567)], ["0 B", "999 B", "1.23 MB"]);
    }
}
