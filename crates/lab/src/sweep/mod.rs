//! `toy sweep`: one script under many policies, side by side.
//!
//! ```text
//! grids ─► points ─► runs ─► Sweep ─► Analysis ─► report, CSV, JSON, SVG
//! └──── grid ─────┘└ schedule, runner ┘└ summary ┘└ columns, table, plot, svg, conclusions
//! ```
//!
//! [`expand`] makes policies of grids, [`conduct`] has a [`Runner`] run each of them in turn, an [`Analysis`] sums up, and [`merge`]
//! puts sweeps together. What is measured stands in one table, [`MEASURES`]. The formats of the files are described in
//! `docs/sweep.md`.
//!
//! Invariant: a policy is an opaque text; whether it is one was decided before.
//! Invariant: only the runner knows of processes, and nothing but the runner and the progress looks at a clock.

mod analysis;
mod columns;
mod conclusions;
mod csv;
mod data;
mod grid;
mod machine;
mod measure;
mod merge;
mod plot;
mod process;
mod progress;
mod report;
mod runner;
#[cfg(test)]
mod samples;
mod scale;
mod schedule;
mod statistics;
mod summary;
mod svg;
mod table;
mod units;

pub use analysis::Analysis;
pub use columns::Columns;
pub use csv::to_csv;
pub use data::{Conditions, MeasuredPoint, Outcome, Run, SWEEP_SCHEMA, ScriptIdentity, Shard, Sweep};
pub use grid::{Axis, AxisUnit, GridError, MOST_POINTS, Point, expand};
pub use machine::this_machine;
pub use measure::{MEASURES, Measure};
pub use merge::{MergeError, merge, read_sweep};
pub use process::{Launch, ProcessRunner};
pub use progress::{Progress, Style};
pub use report::report;
pub use runner::{Finished, RunFailure, Runner};
pub use schedule::{End, Schedule, conduct};
pub use statistics::Spread;
pub use summary::Summary;
pub use svg::to_svg;
pub use units::Unit;
