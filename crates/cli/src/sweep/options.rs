//! The command line of `toy sweep`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use toy_gil::SwitchAt;
use toy_lab::sweep::{Columns, Shard};

use crate::refusal::parse_seconds;
use crate::repeated::RepeatedScript;

/// Options of a sweep; they stand before the file. What stands behind it is the script's, whatever it looks like.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct SweepOptions {
    #[command(subcommand)]
    pub(crate) command: Option<SweepCommand>,

    /// A policy, or many of them: 'fair:{1..1000000}' in steps of ten, 'timed:{1us..1s*9}' in nine steps, 'fair:{1,7,100}'.
    /// 'seeded:{1..5}' has every seed. Quote the braces, or the shell expands them. Again for more.
    #[arg(long = "gil", value_name = "POLICIES")]
    pub(crate) grids: Vec<String>,

    /// How many points a range has that does not say so.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=10_000))]
    pub(crate) points: Option<u16>,

    /// Where the lock may change hands, as in a run [default: instr].
    #[arg(long, value_name = "instr|python")]
    pub(crate) switch_at: Option<SwitchAt>,

    /// Runs of each policy, by turns.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) runs: u32,

    /// Runs of each policy before those, which do not count.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) warm_up: u32,

    /// End a run that takes longer.
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) timeout: Option<Duration>,

    /// Measure only every N-th policy, from the K-th on; `toy sweep merge` puts the parts together.
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<Shard>,

    /// Show on standard error what the script prints.
    #[arg(long)]
    pub(crate) show_output: bool,

    #[command(flatten)]
    pub(crate) results: SweepResults,

    #[command(flatten)]
    pub(crate) script: RepeatedScript,
}

/// What to do with sweeps other than measure one.
#[derive(Subcommand, Debug)]
pub(crate) enum SweepCommand {
    /// Put sweeps together that --json has written.
    Merge {
        #[command(flatten)]
        results: SweepResults,
        /// The files.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

/// What becomes of a sweep.
#[derive(Args, Debug)]
pub(crate) struct SweepResults {
    /// The columns of the table, such as wall,wait_p99,report:NAME.
    #[arg(long, value_name = "LIST")]
    pub(crate) columns: Option<Columns>,

    /// Write every run as a line of comma-separated values. Here and for the other two, - is standard output; the table goes to
    /// standard error then.
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,

    /// Write everything that was measured.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Write a picture.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}
