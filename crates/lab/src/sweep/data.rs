//! A sweep as data: the schema of `toy sweep --json`. See `docs/sweep.md`.

use serde::{Deserialize, Serialize};

use super::grid::Point;
use crate::RunRecord;

/// The value of [`Sweep::schema`]. It changes when a field changes its meaning or goes; new fields may come.
pub const SWEEP_SCHEMA: &str = "toy-sweep/1";

/// One script under many policies: everything that was measured.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// [`SWEEP_SCHEMA`].
    pub schema: String,
    /// What is the same in all runs.
    pub conditions: Conditions,
    /// The machine, described in a line; several after a merge of what several have measured.
    pub machines: Vec<String>,
    /// The grids, as they were written.
    pub grids: Vec<String>,
    /// How many points these grids have, measured here or not.
    pub grid_points: usize,
    /// Which part of the grid this is. Absent if it is the whole.
    pub shard: Option<Shard>,
    /// Whether it was stopped before its end.
    pub is_interrupted: bool,
    /// The points, in the order of the grid.
    pub points: Vec<MeasuredPoint>,
}

/// What is the same in all runs. Only sweeps that agree in all of it may be put together.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Conditions {
    /// The version of `toy`.
    pub toy: String,
    /// The script.
    pub script: ScriptIdentity,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Where a switch might fall.
    pub switch_at: String,
    /// How many runs of each point came before those that count.
    pub warm_up: u32,
    /// Seconds after which a run was ended.
    pub timeout: Option<f64>,
}

/// Which script it was.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ScriptIdentity {
    /// Its file, as it was named.
    pub name: String,
    /// The length of its text.
    pub bytes: u64,
    /// The SHA-256 of its text, in hexadecimal digits.
    pub sha256: String,
}

impl ScriptIdentity {
    /// Of a script with this text.
    #[must_use]
    pub fn new(name: &str, text: &[u8]) -> Self {
        use sha2::Digest;
        let digest = sha2::Sha256::digest(text);
        let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { name: name.to_owned(), bytes: text.len() as u64, sha256 }
    }
}

/// A policy and its runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MeasuredPoint {
    /// The policy.
    #[serde(flatten)]
    pub point: Point,
    /// Its runs, in the order in which they were made; without those that warm up.
    pub runs: Vec<Run>,
}

/// One run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Run {
    /// Its round, from 1.
    pub round: u32,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The last line that the script wrote to standard error, if the run failed.
    pub complaint: Option<String>,
}

/// What came of a run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The script came to its end, which may be a failure.
    Record(Box<RunRecord>),
    /// It did not, for this reason.
    Failure(String),
}

impl Run {
    /// The record, if the script succeeded.
    #[must_use]
    pub fn success(&self) -> Option<&RunRecord> {
        match &self.outcome {
            Outcome::Record(record) if record.exit_code == 0 => Some(record),
            Outcome::Record(_) | Outcome::Failure(_) => None,
        }
    }

    /// In what way it failed, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        match &self.outcome {
            Outcome::Record(record) if record.exit_code == 0 => None,
            Outcome::Record(record) => Some(format!("exit code {}", record.exit_code)),
            Outcome::Failure(reason) => Some(reason.clone()),
        }
    }

    /// Whether it succeeded on a machine too busy for its times to tell anything.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.success().is_some_and(|record| record.machine.is_busy && !record.is_virtual())
    }
}

impl Sweep {
    /// All runs of all points.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.points.iter().flat_map(|point| &point.runs)
    }

    /// The names that scripts have reported values under, in the order of their first appearance.
    #[must_use]
    pub fn reported_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for reported in self.runs().filter_map(Run::success).flat_map(|record| &record.reported) {
            if !names.contains(&reported.name.as_str()) {
                names.push(&reported.name);
            }
        }
        names
    }
}

/// One of several equal parts of a grid: of every `of` points the `number`-th.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shard {
    /// Which part, from 1.
    pub number: usize,
    /// How many parts there are.
    pub of: usize,
}

impl Shard {
    /// Whether a point belongs to it.
    #[must_use]
    pub const fn has(self, point: &Point) -> bool {
        point.index % self.of == self.number - 1
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

/// `K/N`, with K from 1 to N.
impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if 0 < number && number <= of => Ok(Self { number, of }),
            _ => Err(format!("'{text}' is no part of a grid; 1/3, 2/3 and 3/3 are")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_the_points_out() {
        let point = |index| Point { index, policy: String::new(), axis: None };
        for index in 0..20 {
            let owners = (1..=3).filter(|number| Shard { number: *number, of: 3 }.has(&point(index)));
            assert_eq!(owners.collect::<Vec<_>>(), [index % 3 + 1]);
        }
    }

    #[test]
    fn shards_are_read_as_they_are_written() {
        assert_eq!("2/3".parse(), Ok(Shard { number: 2, of: 3 }));
        assert_eq!(Shard { number: 2, of: 3 }.to_string(), "2/3");
        for text in ["", "1", "/", "0/3", "4/3", "1/0", "a/b", "1/2/3", "-1/3", "99999999999999999999999/3"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_script_is_known_by_its_text() {
        let identity = ScriptIdentity::new("a.toy", b"abc");
        assert_eq!(identity.bytes, 3);
        assert_eq!(identity.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
