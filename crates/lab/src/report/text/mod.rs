//! The report as text, for terminals.

mod bars;
mod sections;
mod table;

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
