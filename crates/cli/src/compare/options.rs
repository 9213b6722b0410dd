//! The command line of `toy compare`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use toy_gil::{PolicySpec, SwitchAt};

use crate::options::parse_size;
use crate::refusal::parse_seconds;
use crate::repeated::RepeatedScript;

/// Options of a comparison; they stand before the file. What stands behind it is the script's, whatever it looks like.
#[derive(Args, Debug)]
pub(crate) struct CompareOptions {
    /// Runs of each kind, by turns.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) runs: u32,

    /// At most so many instances run at once, as in --multiprocess=N.
    #[arg(long, value_name = "N")]
    pub(crate) instances: Option<NonZeroUsize>,

    /// Who gets the lock when, in both kinds of runs, as in a run.
    #[arg(long, value_name = "POLICY")]
    pub(crate) gil: Option<PolicySpec>,

    /// Where the lock may change hands, as in a run [default: instr].
    #[arg(long, value_name = "instr|python")]
    pub(crate) switch_at: Option<SwitchAt>,

    /// Most memory that the script's objects may take, in each process, as 500M or 2G.
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(crate) max_memory: Option<usize>,

    /// End a run that takes longer.
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) timeout: Option<Duration>,

    /// Give the comparison as data: the JSON of crates/lab/docs/compare.md.
    #[arg(long)]
    pub(crate) json: bool,

    /// Write it to a file instead of standard output.
    #[arg(long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) script: RepeatedScript,
}

impl CompareOptions {
    /// What both kinds of runs are told.
    pub(super) fn of_runs(&self) -> Vec<String> {
        let options = [
            ("--gil", self.gil.as_ref().map(ToString::to_string)),
            ("--switch-at", self.switch_at.map(|switch_at| switch_at.to_string())),
            ("--max-memory", self.max_memory.map(|size| size.to_string())),
        ];
        options.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?))).collect()
    }
}
