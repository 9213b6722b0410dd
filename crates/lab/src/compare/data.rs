//! A comparison as data: the schema of `toy compare --json`. See `docs/compare.md`. Times are nanoseconds, memory is bytes.

use serde::Serialize;

use super::capture::OutputDifference;
use super::conclusions::conclusions;
use super::globals::{GlobalDifference, Globals, differences};
use super::runner::{Made, Rounds};
use crate::sweep::{ScriptIdentity, Spread};

/// The value of [`Comparison::schema`]. It changes when a field changes its meaning or goes; new fields may come.
pub const COMPARE_SCHEMA: &str = "toy-compare/1";

/// One script as threads and as processes: everything that was measured.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Comparison {
    /// [`COMPARE_SCHEMA`].
    pub schema: String,
    /// What is the same in all runs.
    pub conditions: Conditions,
    /// The machine, described in a line.
    pub machine: String,
    /// CPU time of other processes as a part of what all cores could give, from 0 to 1; absent where the kernel does not say, and
    /// in comparisons of less than 200 ms.
    pub others: Option<f64>,
    /// Whether it was stopped before its end.
    pub is_interrupted: bool,
    /// The runs as threads.
    pub threads: Side,
    /// The runs as processes.
    pub processes: Side,
    /// The median wall time as threads, divided by that as processes.
    pub speedup: Option<f64>,
    /// What they have printed.
    pub output: OutputComparison,
    /// Globals of `__main__` that differ at the ends; absent if no round has those of both its runs.
    pub globals: Option<Vec<GlobalDifference>>,
    /// What this shows, in sentences.
    pub conclusions: Vec<String>,
}

/// What is the same in all runs.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Conditions {
    /// The version of `toy`.
    pub toy: String,
    /// The script.
    pub script: ScriptIdentity,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The policy of the lock, if one was asked for.
    pub gil: Option<String>,
    /// Where a switch may fall, if that was asked for.
    pub switch_at: Option<String>,
    /// How many instances may run at once, if that was asked for.
    pub places: Option<usize>,
    /// Seconds after which a run was ended.
    pub timeout: Option<f64>,
}

/// The runs of one kind.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Side {
    /// Wall time, over all runs.
    pub wall: Option<Spread>,
    /// CPU time, over all runs.
    pub cpu: Option<Spread>,
    /// The runs, in the order in which they were made.
    pub runs: Vec<RunFigures>,
}

/// One run.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct RunFigures {
    /// From the start of the first process to its end.
    pub wall: u64,
    /// CPU time in user and kernel mode of all processes.
    pub cpu: u64,
    /// The exit code, or minus the number of the signal that ended it.
    pub exit_code: i32,
    /// Whether it was ended because its time was over.
    pub is_late: bool,
    /// The last line on its standard error, if it failed.
    pub complaint: Option<String>,
    /// Processes that the script has started by forking: under `--multiprocess` its instances.
    pub started: u64,
    /// How many of these came to their end, instead of being killed, and have told about their memory.
    pub told: u64,
    /// Messages that instances have sent to the broker.
    pub messages: Option<u64>,
    /// Bytes of these messages.
    pub bytes: Option<u64>,
    /// The most memory that the first process had in use; absent if it did not come to its end.
    pub peak_memory: Option<u64>,
    /// Memory that the others had for themselves alone at their ends, in sum.
    pub private_memory: u64,
    /// Memory that the others shared with their parents at their births and not at their ends, in sum.
    pub copied_memory: u64,
    /// The length of standard output.
    pub output_bytes: u64,
    /// Lines of standard output.
    pub output_lines: u64,
    /// The SHA-256 of standard output.
    pub output_sha256: String,
}

/// What the runs have printed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OutputComparison {
    /// Whether in every round both runs have printed the same.
    pub is_equal: bool,
    /// Whether runs of the same kind have printed different things.
    pub varies: bool,
    /// The first difference.
    pub difference: Option<OutputDifference>,
}

impl Comparison {
    /// Of all rounds that were made. `others` is what other processes took of the machine meanwhile.
    #[must_use]
    pub fn new(conditions: Conditions, rounds: &Rounds, machine: String, others: Option<f64>) -> Self {
        let [threads, processes] = [&rounds.threads, &rounds.processes].map(|runs| Side::of(runs));
        let median = |side: &Side| side.wall.map(|wall| wall.median);
        let speedup = median(&threads).zip(median(&processes)).filter(|(_, processes)| *processes > 0.0);
        let globals = |runs: &'_ [Made]| runs.iter().map(|run| run.globals.clone()).collect::<Vec<_>>();
        let [one, other] = [globals(&rounds.threads), globals(&rounds.processes)];
        let mut comparison = Self {
            schema: COMPARE_SCHEMA.to_owned(),
            conditions,
            machine,
            others,
            is_interrupted: rounds.is_interrupted,
            speedup: speedup.map(|(threads, processes)| threads / processes),
            output: OutputComparison::of(rounds),
            globals: differences(&views(&one), &views(&other)),
            threads,
            processes,
            conclusions: Vec::new(),
        };
        comparison.conclusions = conclusions(&comparison);
        comparison
    }

    /// Whether all runs of the script have succeeded.
    #[must_use]
    pub fn has_succeeded(&self) -> bool {
        self.threads.runs.iter().chain(&self.processes.runs).all(RunFigures::has_succeeded)
    }

    /// As JSON, indented, with a newline at the end.
    ///
    /// # Errors
    /// A number in it that JSON cannot express.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

fn views(globals: &[Option<Vec<super::told::Global>>]) -> Vec<Option<&Globals>> {
    globals.iter().map(Option::as_deref).collect()
}

impl Side {
    fn of(runs: &[Made]) -> Self {
        let spread = |of: fn(&RunFigures) -> u64| Spread::of(runs.iter().map(|run| of(&run.figures) as f64));
        Self {
            wall: spread(|run| run.wall),
            cpu: spread(|run| run.cpu),
            runs: runs.iter().map(|run| run.figures.clone()).collect(),
        }
    }
}

impl RunFigures {
    /// Whether the script has come to its end and says that all went well.
    pub(super) fn has_succeeded(&self) -> bool {
        self.exit_code == 0 && !self.is_late
    }
}

impl OutputComparison {
    fn of(rounds: &Rounds) -> Self {
        let mut pairs = (1..).zip(rounds.threads.iter().zip(&rounds.processes));
        let difference =
            pairs.find_map(|(round, (one, other))| OutputDifference::find(round, &one.output, &other.output));
        let varies = |runs: &[Made]| runs.iter().any(|run| run.figures.output_sha256 != runs[0].figures.output_sha256);
        Self {
            is_equal: difference.is_none(),
            varies: varies(&rounds.threads) || varies(&rounds.processes),
            difference,
        }
    }
}
