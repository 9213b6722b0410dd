//! The report as text, for terminals.

mod bars;
mod sections;

use std::fmt;
use std::time::Duration;

use toy_gil::Span;

use crate::record::RunRecord;

/// A part of the report: its heading, and what makes its lines, none if there is nothing to be said.
struct Section {
    heading: &'static str,
    lines: fn(&RunRecord) -> String,
}

/// The parts behind the head line, in their order.
static SECTIONS: [Section; 11] = [
    Section { heading: "Threads: where their time went", lines: sections::times },
    Section { heading: "Threads: what they did with the lock, and why they let it go", lines: sections::counts },
    Section { heading: "Lines where the longest turns ended", lines: sections::lines_held },
    Section { heading: "Lines behind which the lock was waited for longest", lines: sections::lines_waited },
    Section { heading: "Who waited (rows) while whom (columns) held the lock", lines: sections::matrix },
    Section { heading: "Who waited longest for whom", lines: sections::longest_pairs },
    Section { heading: "How long the lock was held at a time", lines: |record| sections::histogram(&record.hold) },
    Section {
        heading: "How long the lock was waited for at a time",
        lines: |record| sections::histogram(&record.wait),
    },
    Section { heading: "Reported by the script", lines: sections::reported },
    Section { heading: "The machine", lines: sections::machine },
    Section { heading: "What this shows", lines: sections::conclusions },
];

impl fmt::Display for RunRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&sections::head(self))?;
        for section in &SECTIONS {
            let lines = (section.lines)(self);
            if !lines.is_empty() {
                write!(formatter, "\n{}\n{lines}", section.heading)?;
            }
        }
        Ok(())
    }
}

/// Nanoseconds as people read them.
pub(super) fn time(nanoseconds: u64) -> String {
    Span(Duration::from_nanos(nanoseconds)).to_string()
}

/// A part from 0 to 1 as percent.
pub(super) fn percent(part: f64) -> String {
    format!("{:.0} %", 100.0 * part)
}

/// `part` of `whole`; 0 of nothing.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use crate::record::{Bucket, CountByName, Histogram, LineRecord, PairRecord, RunRecord, TimeByName};
    use crate::report::testing::{record, thread};

    const MS: u64 = 1_000_000;

    fn many(count: u32) -> RunRecord {
        let threads = (0..count).map(|number| thread(number, "worker", u64::from(number) * MS, MS)).collect();
        let pairs = (1..count).map(|waiter| PairRecord { waiter, holder: 0, time: u64::from(waiter) * MS }).collect();
        RunRecord { wall: 1000 * MS, threads, pairs, ..record() }
    }

    #[test]
    fn a_report_is_a_head_and_the_sections_that_have_something_to_say() {
        let mut main = thread(0, "main", 30 * MS, 10 * MS);
        main.blocked = 60 * MS;
        main.blocked_by = vec![TimeByName { name: "io".to_owned(), time: 60 * MS }];
        (main.instructions, main.acquisitions, main.switches, main.reacquisitions) = (5_000_000, 4, 2, 1);
        main.releases = vec![CountByName { name: "io".to_owned(), count: 3 }];
        let line = |line, held, waited, text: &str| LineRecord {
            file: if line > 0 { "/home/me/test.toy".to_owned() } else { String::new() },
            line,
            function: "work".to_owned(),
            text: text.to_owned(),
            held,
            turns: 3,
            waited,
            blocked: 0,
        };
        let record = RunRecord {
            script: "test.toy".to_owned(),
            policy: "fair:100".to_owned(),
            switch_at: "instr".to_owned(),
            wall: 100 * MS,
            idle: 70 * MS,
            instructions: 5_000_000,
            convoy: Some(0.25),
            threads: vec![main],
            lines: vec![line(0, MS, 0, ""), line(7, 29 * MS, 10 * MS, &"x".repeat(99))],
            hold: Histogram {
                count: 3,
                p50: 1,
                p99: 2,
                longest: 3,
                buckets: vec![Bucket { from: 1, to: 2, count: 3 }],
            },
            conclusions: vec!["One.".to_owned(), "Two.".to_owned()],
            ..record()
        };
        let expected = "\
GIL of test.toy: policy fair:100, switch at instr
wall 100.0 ms, idle 70.0 ms (70 %), switches 0, instructions 5000000 (50.0 million/s)
convoy 0.25 (time waited for the lock after I/O : time of the I/O)

Threads: where their time went
  thread     held         waited        blocked         for io
  main    30.0 ms  30 %  10.0 ms  10 %  60.0 ms  60 %  60.0 ms

Threads: what they did with the lock, and why they let it go
  thread  instructions  acquired  from another  by itself again  io
  main         5000000         4             2                1   3

Lines where the longest turns ended
     held  turns   waited  blocked  line
  29.0 ms      3  10.0 ms     0 ns  test.toy:7 in work              xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
   1.0 ms      3     0 ns     0 ns  (no line: the end of a thread)

Lines behind which the lock was waited for longest
     held  turns   waited  blocked  line
  29.0 ms      3  10.0 ms     0 ns  test.toy:7 in work  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…

How long the lock was held at a time
  3 times: median 1 ns, 99 % within 2 ns, longest 3 ns
  from     0 ns  3  ████████████████████████████████████████

The machine
  0 cores; CPU time of this process 0 ns
  the operating system switched 0 times as we waited, 0 times by force

What this shows
  * One.
  * Two.
";
        assert_eq!(record.to_string(), expected);
    }

    #[test]
    fn many_threads_have_no_matrix_but_the_longest_waits() {
        let text = many(9).to_string();
        assert!(!text.contains("Who waited (rows)"), "{text}");
        assert!(text.contains(
            "\nWho waited longest for whom\n  waited  who        for whom\n  8.0 ms  worker #8  worker #0\n"
        ));
        let text = many(8).to_string();
        assert!(text.contains("Who waited (rows)") && !text.contains("Who waited longest for whom"), "{text}");
        let text = many(100).to_string();
        assert!(text.contains("  (89 shorter ones)\n"), "{text}");
        assert_eq!(text.matches("  (68 more, which held").count(), 2, "{text}");
        assert!(text.contains("\n  worker #68  ") && !text.contains("\n  worker #67  "), "{text}");
    }
}
