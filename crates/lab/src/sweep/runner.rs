//! Who makes a run, and what may come of it.

use super::grid::Point;
use crate::RunRecord;

/// Runs the script once under the policy of a point.
pub trait Runner {
    /// One run.
    ///
    /// # Errors
    ///
    /// If the script did not come to its end, or handed back no record. A script that ends with an exit code is no error.
    fn run(&mut self, point: &Point) -> Result<Finished, RunFailure>;
}

/// A run that came to its end.
#[derive(Clone, PartialEq, Debug)]
pub struct Finished {
    /// What it did.
    pub record: RunRecord,
    /// The last line on its standard error, if it failed.
    pub complaint: Option<String>,
}

/// Why there is no record of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RunFailure {
    /// The script took too long, crashed, or left no record. The others go on.
    Unfinished {
        /// What happened.
        reason: String,
        /// The last line on its standard error.
        complaint: Option<String>,
    },
    /// The sweep shall stop.
    Interrupted,
    /// There will be no run at all, for this reason.
    Impossible(String),
}
