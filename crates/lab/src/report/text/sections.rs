//! The parts of the report. Each gives its lines, with a newline behind each.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::bars::bars;
use super::{percent, share, time};
use crate::record::{Histogram, LineRecord, PairRecord, RunRecord, ThreadRecord, TimeByName};
use crate::text::{Table, printable};

/// How many lines and pairs are shown.
const SHOWN: usize = 10;

/// How many characters of a line's text are shown.
const LONGEST_TEXT: usize = 60;

/// How many threads have a row of their own.
const SHOWN_THREADS: usize = 32;

/// Up to how many threads the matrix of waits shows; beyond, the longest waits are listed.
const WIDEST_MATRIX: usize = 8;

/// What all reports begin with.
pub(super) fn head(record: &RunRecord) -> String {
    let RunRecord { script, policy, switch_at, wall, idle, switches, instructions, .. } = record;
    let mut text = format!("GIL of {script}: policy {policy}, switch at {switch_at}");
    let mut chosen: Vec<&str> = record.policies_chosen.iter().map(String::as_str).collect();
    // `sys.setswitchinterval` changes a policy, too.
    chosen.extend(record.policy_at_end.as_deref().filter(|at_end| chosen.last() != Some(at_end)));
    if !chosen.is_empty() {
        text += &format!("; then {}, as the script wanted", chosen.join(", then "));
    }
    let clock = if record.is_virtual() { " of virtual time" } else { "" };
    text += &format!("\nwall {}{clock}, idle {} ({})", time(*wall), time(*idle), percent(share(*idle, *wall)));
    text += &format!(", switches {switches}, instructions {instructions}");
    let rate = *instructions as f64 / (*wall as f64 / 1e9).max(f64::MIN_POSITIVE);
    text += &format!(" ({:.1} million/s)", rate / 1e6);
    if let Some(fairness) = record.fairness {
        text += &format!("\nfairness {fairness:.2} (Jain's index over the {} that competed)", record.competitors.len());
    }
    if let Some(convoy) = record.convoy {
        text += &format!("\nconvoy {convoy:.2} (time waited for the lock after I/O : time of the I/O)");
    }
    if let Some(disturbance) = record.machine.disturbance() {
        text += &format!("\n! the machine was busy with other work, whose time is in these figures:\n! {disturbance}");
    }
    text + "\n"
}

/// Names of columns, in the order of their first use, that any thread has an entry for.
fn names<'a, T: 'a>(
    threads: &'a [ThreadRecord],
    entries: fn(&'a ThreadRecord) -> &'a [T],
    name: fn(&'a T) -> &'a str,
) -> Vec<&'a str> {
    let mut names = Vec::new();
    for entry in threads.iter().flat_map(entries) {
        if !names.contains(&name(entry)) {
            names.push(name(entry));
        }
    }
    names
}

fn heading(fixed: &[&str], more: &[&str]) -> Vec<String> {
    fixed.iter().chain(more).map(|&name| name.to_owned()).collect()
}

/// The threads that have a row of their own: of many those that wanted most to run, in order of birth.
fn shown_threads(record: &RunRecord) -> Vec<&ThreadRecord> {
    let mut threads: Vec<&ThreadRecord> = record.threads.iter().collect();
    threads.sort_by_key(|thread| Reverse(thread.held + thread.waited));
    threads.truncate(SHOWN_THREADS);
    threads.sort_by_key(|thread| thread.number);
    threads
}

/// A table of threads as text, with a word about those that it does not show.
fn of_threads(table: &Table, record: &RunRecord) -> String {
    let mut text = table.to_string();
    if let Some(more @ 1..) = record.threads.len().checked_sub(SHOWN_THREADS) {
        text += &format!("  ({more} more, which held the lock and waited for it less)\n");
    }
    text
}

pub(super) fn times(record: &RunRecord) -> String {
    let causes = names(&record.threads, |thread| &thread.blocked_by, |entry: &TimeByName| &entry.name);
    let for_causes: Vec<String> = causes.iter().map(|cause| format!("for {cause}")).collect();
    let for_causes: Vec<&str> = for_causes.iter().map(String::as_str).collect();
    let mut table = Table::new(heading(&["thread", "held", "", "waited", "", "blocked", ""], &for_causes), &[0]);
    for thread in shown_threads(record) {
        let life = thread.life();
        let mut row = vec![record.label(thread.number)];
        for part in [thread.held, thread.waited, thread.blocked] {
            row.extend([time(part), percent(share(part, life))]);
        }
        let blocked = |cause: &&str| thread.blocked_by.iter().find(|entry| entry.name == **cause);
        row.extend(causes.iter().map(|cause| blocked(cause).map_or_else(|| "–".to_owned(), |entry| time(entry.time))));
        table.add(row);
    }
    of_threads(&table, record)
}

pub(super) fn counts(record: &RunRecord) -> String {
    let causes = names(&record.threads, |thread| &thread.releases, |entry| &entry.name);
    let fixed = ["thread", "instructions", "acquired", "from another", "by itself again"];
    let mut table = Table::new(heading(&fixed, &causes), &[0]);
    for thread in shown_threads(record) {
        let counts = [thread.instructions, thread.acquisitions, thread.switches, thread.reacquisitions];
        let released = |cause: &&str| thread.releases.iter().find(|entry| entry.name == **cause);
        let releases = causes.iter().map(|cause| released(cause).map_or(0, |entry| entry.count));
        let numbers = counts.into_iter().chain(releases).map(|count| count.to_string());
        table.add(std::iter::once(record.label(thread.number)).chain(numbers).collect());
    }
    of_threads(&table, record)
}

pub(super) fn lines_held(record: &RunRecord) -> String {
    lines(record, |line| line.held)
}

pub(super) fn lines_waited(record: &RunRecord) -> String {
    lines(record, |line| line.waited)
}

/// The lines with most of something.
fn lines(record: &RunRecord, key: fn(&LineRecord) -> u64) -> String {
    let mut lines: Vec<&LineRecord> = record.lines.iter().filter(|line| key(line) > 0).collect();
    if lines.is_empty() {
        return String::new();
    }
    lines.sort_by_key(|line| Reverse(key(line)));
    let mut table = Table::new(heading(&["held", "turns", "waited", "blocked", "line", ""], &[]), &[4, 5]);
    for line in lines.iter().take(SHOWN) {
        let place = match line.line {
            0 => "(no line: the end of a thread)".to_owned(),
            number => format!("{}:{number} in {}", file_name(&line.file), line.function),
        };
        let [held, waited, blocked] = [line.held, line.waited, line.blocked].map(time);
        table.add(vec![held, line.turns.to_string(), waited, blocked, place, shortened(&line.text)]);
    }
    let mut text = table.to_string();
    if let Some(more) = lines.len().checked_sub(SHOWN + 1) {
        text += &format!("  ({} more)\n", more + 1);
    }
    text
}

/// A text that fits into a table.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// The last part of a path: in a report the folder is known.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The numbers of the threads that met another one.
fn met(record: &RunRecord) -> BTreeSet<u32> {
    record.pairs.iter().flat_map(|pair| [pair.waiter, pair.holder]).collect()
}

pub(super) fn matrix(record: &RunRecord) -> String {
    let met = met(record);
    if met.is_empty() || met.len() > WIDEST_MATRIX {
        return String::new();
    }
    let labels = met.iter().map(|number| record.label(*number));
    let mut table = Table::new(std::iter::once(String::new()).chain(labels).collect(), &[0]);
    for waiter in &met {
        let cell = |holder: &u32| {
            let pair = record.pairs.iter().find(|pair| pair.waiter == *waiter && pair.holder == *holder);
            pair.map_or_else(|| "–".to_owned(), |pair| time(pair.time))
        };
        table.add(std::iter::once(record.label(*waiter)).chain(met.iter().map(cell)).collect());
    }
    table.to_string()
}

pub(super) fn longest_pairs(record: &RunRecord) -> String {
    if met(record).len() <= WIDEST_MATRIX {
        return String::new();
    }
    let mut pairs: Vec<&PairRecord> = record.pairs.iter().collect();
    pairs.sort_by_key(|pair| Reverse(pair.time));
    let mut table = Table::new(heading(&["waited", "who", "for whom"], &[]), &[1, 2]);
    for pair in pairs.iter().take(SHOWN) {
        table.add(vec![time(pair.time), record.label(pair.waiter), record.label(pair.holder)]);
    }
    let mut text = table.to_string();
    if let Some(more) = pairs.len().checked_sub(SHOWN + 1) {
        text += &format!("  ({} shorter ones)\n", more + 1);
    }
    text
}

pub(super) fn histogram(histogram: &Histogram) -> String {
    if histogram.count == 0 {
        return String::new();
    }
    let Histogram { count, p50, p99, longest, .. } = histogram;
    let summary = [("median", *p50), ("99 % within", *p99), ("longest", *longest)];
    let summary: Vec<String> = summary.iter().map(|(name, value)| format!("{name} {}", time(*value))).collect();
    format!("  {count} times: {}\n{}", summary.join(", "), bars(histogram))
}

pub(super) fn reported(record: &RunRecord) -> String {
    record.reported.iter().map(|reported| format!("  {} = {}\n", printable(&reported.name), reported.value)).collect()
}

pub(super) fn machine(record: &RunRecord) -> String {
    let machine = &record.machine;
    let mut text = format!("  {} cores; CPU time of this process {}", machine.cores, time(machine.cpu));
    if let Some(others) = machine.others {
        text += &format!(", of others {} of what all cores can give", percent(others));
    }
    if let Some(pressure) = machine.pressure {
        text += &format!("\n  something that could run had to wait for a core {} of the time", percent(pressure));
    }
    if let Some(stolen) = machine.stolen {
        text += &format!("\n  whoever held the lock had no core for at least {} of that time", percent(stolen));
    }
    let (voluntary, involuntary) = (machine.voluntary_switches, machine.involuntary_switches);
    text + &format!("\n  the operating system switched {voluntary} times as we waited, {involuntary} times by force\n")
}

pub(super) fn conclusions(record: &RunRecord) -> String {
    if record.machine.is_busy {
        return "  Nothing for certain: the machine was busy with other work. Run it again on a quiet one.\n"
            .to_owned();
    }
    record.conclusions.iter().map(|sentence| format!("  * {}\n", printable(sentence))).collect()
}
