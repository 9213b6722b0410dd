//! The statistics as a text of a few lines, for `--stats`.

use std::cmp::Reverse;
use std::fmt;
use std::time::Duration;

use crate::statistics::{Statistics, ThreadStatistics, WaitStatistics};
use crate::vocabulary::ReleaseCause;

/// How many pairs of waiter and holder are shown.
const SHOWN_WAITS: usize = 5;

/// One summary line, one line a thread, and the longest waits. Causes by which nothing was released are left out.
impl fmt::Display for Statistics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "GIL: policy {}, switch at {}; wall {}, idle {} ({:.1} %), switches {}",
            self.policy,
            self.switch_at,
            Span(self.wall),
            Span(self.idle),
            100.0 * self.idle.as_secs_f64() / self.wall.as_secs_f64().max(f64::MIN_POSITIVE),
            self.switches(),
        )?;
        let causes: Vec<ReleaseCause> = ReleaseCause::ALL
            .into_iter()
            .filter(|cause| self.threads.iter().any(|thread| thread.released(*cause) > 0))
            .collect();
        let mut table = vec![heading(&causes)];
        table.extend(self.threads.iter().map(|thread| row(thread, &causes)));
        write_aligned(formatter, &table)?;
        self.write_longest_waits(formatter)
    }
}

impl Statistics {
    fn write_longest_waits(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut longest: Vec<&WaitStatistics> = self.waits.iter().collect();
        longest.sort_by_key(|wait| Reverse(wait.time));
        for wait in longest.iter().take(SHOWN_WAITS) {
            let name = |thread| self.thread(thread).map_or("", |thread| &thread.name);
            writeln!(formatter, "{} waited {} for {}", name(wait.waiter), Span(wait.time), name(wait.holder))?;
        }
        match longest.len().saturating_sub(SHOWN_WAITS) {
            0 => Ok(()),
            more => writeln!(formatter, "({more} shorter waits)"),
        }
    }
}

fn heading(causes: &[ReleaseCause]) -> Vec<String> {
    let fixed = ["thread", "held", "waited", "acquired", "switches", "regained"];
    fixed.into_iter().map(str::to_owned).chain(causes.iter().map(ReleaseCause::to_string)).collect()
}

fn row(thread: &ThreadStatistics, causes: &[ReleaseCause]) -> Vec<String> {
    let times = [thread.held, thread.waited].map(|time| Span(time).to_string());
    let counts = [thread.acquisitions, thread.switches, thread.reacquisitions];
    let releases = causes.iter().map(|cause| thread.released(*cause));
    std::iter::once(thread.name.clone())
        .chain(times)
        .chain(counts.into_iter().chain(releases).map(|count| count.to_string()))
        .collect()
}

/// The first column is aligned to the left, the others to the right.
fn write_aligned(formatter: &mut fmt::Formatter<'_>, table: &[Vec<String>]) -> fmt::Result {
    let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..table[0].len()).map(width).collect();
    for row in table {
        write!(formatter, "{:<width$}", row[0], width = widths[0])?;
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            write!(formatter, "  {cell:>width$}")?;
        }
        writeln!(formatter)?;
    }
    Ok(())
}

/// A time as it is shown to people: two to four significant digits and a unit, `12.3 ms`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span(pub Duration);

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_nanos() {
            nanoseconds @ ..1_000 => write!(formatter, "{nanoseconds} ns"),
            nanoseconds @ ..1_000_000 => write!(formatter, "{:.1} µs", nanoseconds as f64 / 1e3),
            nanoseconds @ ..1_000_000_000 => write!(formatter, "{:.1} ms", nanoseconds as f64 / 1e6),
            _ => write!(formatter, "{:.3} s", self.0.as_secs_f64()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Histogram, Origin, SwitchAt, ThreadId};

    #[test]
    fn a_report_is_a_short_table() {
        let [main, worker] = [0, 1].map(ThreadId::from_index);
        let mut releases = [0; ReleaseCause::ALL.len()];
        releases[ReleaseCause::Interval as usize] = 1_000;
        releases[ReleaseCause::Join as usize] = 1;
        let thread = ThreadStatistics {
            id: main,
            name: "MainThread".to_owned(),
            is_alive: true,
            held: Duration::from_millis(750),
            waited: Duration::from_nanos(1_249_900),
            waited_by: [Duration::ZERO; Origin::ALL.len()],
            blocked_by: [Duration::ZERO; ReleaseCause::ALL.len()],
            instructions: 0,
            acquisitions: 1_002,
            switches: 500,
            reacquisitions: 501,
            releases,
        };
        let mut other = thread.clone();
        (other.id, other.name, other.held) = (worker, "Größe".to_owned(), Duration::from_nanos(4_250));
        let statistics = Statistics {
            policy: "fair:100".to_owned(),
            switch_at: SwitchAt::Python,
            wall: Duration::from_secs(1),
            idle: Duration::from_nanos(249_995_750),
            holder: Some(main),
            threads: vec![thread, other],
            waits: vec![WaitStatistics { waiter: worker, holder: main, time: Duration::from_nanos(999) }],
            hold: Histogram::default(),
            wait: Histogram::default(),
        };
        let expected = "\
GIL: policy fair:100, switch at python; wall 1.000 s, idle 250.0 ms (25.0 %), switches 1000
thread          held  waited  acquired  switches  regained  interval  join
MainThread  750.0 ms  1.2 ms      1002       500       501      1000     1
Größe         4.2 µs  1.2 ms      1002       500       501      1000     1
Größe waited 999 ns for MainThread
";
        assert_eq!(statistics.to_string(), expected);
    }
}
