//! `toy compare`: one script as threads and as processes, side by side.
//!
//! ```text
//!  in the run:   ForkBook (memory of each process) ─┐
//!                witness (globals, totals) ─► Told ─┤ files
//!  outside:      runner ─► Made ────────────────────┴─► Comparison ─► report, JSON
//!                          └ figures, capture ┘          └ globals, output, conclusions
//! ```
//!
//! What can be seen from outside, wall time, CPU time, exit code and output, is measured there, so that a run that is killed has it,
//! too. What only the run knows it writes into two files. Both formats are described in `docs/compare.md`.

mod book;
mod capture;
mod conclusions;
mod data;
mod excerpt;
mod globals;
mod memory;
mod report;
mod runner;
#[cfg(test)]
mod samples;
mod told;

pub use book::ForkBook;
pub use capture::OutputDifference;
pub use data::{COMPARE_SCHEMA, Comparison, Conditions, OutputComparison, RunFigures, Side};
pub use globals::GlobalDifference;
pub use memory::peak_memory;
pub use report::report;
pub use runner::{Launch, Rounds, Runner};
pub use told::{Global, TOLD_SCHEMA, Told, book_path};
