//! The command line.

mod attached;
mod run;
mod values;

use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::compare::CompareOptions;
use crate::sweep::SweepOptions;
use crate::{exit, show};
pub(crate) use run::{Main, RunOptions};
use values::parse_file;
pub(crate) use values::{Places, parse_size};

const EXIT_CODES: &str = "Exit codes: 0 the script ended; 1 by an exception, or check found something, or a run \
    differed from its record; 2 usage; \
    3 a deadlock: all threads wait for each other; 4 a limit; 130 Ctrl-C; what sys.exit says.";

/// Runs .toy scripts: Python 3 programs under a real global interpreter lock.
#[derive(Parser, Debug)]
#[command(name = "toy", version, about, after_help = EXIT_CODES, args_conflicts_with_subcommands = true)]
#[command(arg_required_else_help = true, subcommand_negates_reqs = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

impl Options {
    /// The options of this process. `Err` is the exit code of a command line that is done with being read: a mistake, the
    /// version, help, which have been printed.
    pub(crate) fn read() -> Result<Self, u8> {
        // To describe the command line costs more than to read it: once, for both of its readers.
        let mut commands = Self::command();
        let words = attached::apart(&commands, std::env::args_os());
        let options = commands
            .try_get_matches_from_mut(words)
            .and_then(|mut matches| Self::from_arg_matches_mut(&mut matches))
            .map_err(|error| error.format(&mut commands))
            .map_err(|mut error| {
                // Nothing may stand between a command and its file, not even "--".
                error.insert(ContextKind::Suggested, ContextValue::None);
                print(&error)
            })?;
        let run = match &options.command {
            Some(Command::Run(run)) => run,
            Some(Command::Gil(gil)) => &gil.run,
            Some(Command::Trace(trace)) => &trace.run,
            _ => &options.run,
        };
        if let Some(option) = run.mistaken_option() {
            let message = format!("there is no option '{option}'; a script of this name is './{option}'");
            return Err(print(&commands.error(ErrorKind::UnknownArgument, message)));
        }
        let nested =
            matches!(options.command, Some(Command::Gil(_))).then(|| commands.find_subcommand("gil")).flatten();
        if let Some(command) = run.mistaken_command(nested.unwrap_or(&commands)) {
            let message = format!("'{command}' takes no options; a script of this name is './{command}'");
            return Err(print(&commands.error(ErrorKind::ArgumentConflict, message)));
        }
        Ok(options)
    }
}

/// Prints what ends the reading of a command line; answers the exit code.
fn print(error: &clap::Error) -> u8 {
    let is_mistake = error.use_stderr();
    match error.print() {
        Ok(()) if is_mistake => exit::USAGE,
        Ok(()) => 0,
        Err(error) => show::cannot_write(&error),
    }
}

/// What to do other than run a script.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Run a script (the same as without the word run).
    Run(RunOptions),
    /// Run a script and report who held the lock, for how long, who waited for whom, and why it was let go.
    Gil(GilOptions),
    /// Run a script and write what its threads do to a file, for ui.perfetto.dev.
    Trace(TraceOptions),
    /// Show the instructions that a script is compiled to.
    Dis {
        /// The script, or - for standard input.
        file: PathBuf,
    },
    /// Show the syntax tree of a script.
    Ast {
        /// The script, or - for standard input.
        file: PathBuf,
    },
    /// Show the tokens of a script.
    Tokens {
        /// The script, or - for standard input.
        file: PathBuf,
    },
    /// Run a script under many policies, and show them side by side.
    Sweep(SweepOptions),
    /// Run a script once as threads and once as processes, and show both side by side.
    Compare(CompareOptions),
    /// Say what is wrong with the text of a script, without running it.
    Check {
        /// The script, or - for standard input.
        file: PathBuf,
    },
}

/// Options of a trace; they stand before the file.
#[derive(Args, Clone, Debug)]
pub(crate) struct TraceOptions {
    /// The trace, in Chrome's Trace Event format.
    #[arg(short, long, value_name = "FILE", value_parser = parse_file)]
    pub(crate) output: Option<PathBuf>,

    /// Most that the trace may take, as 500M or 2G. Viewers need several times as much memory.
    #[arg(long, value_name = "SIZE", default_value = "256M", value_parser = parse_size)]
    pub(crate) limit: usize,

    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// Options of `toy gil`.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct GilOptions {
    #[command(subcommand)]
    pub(crate) topic: Option<GilTopic>,

    /// Give the report as data: the JSON of crates/lab/docs/gil-report.md.
    #[arg(long)]
    pub(crate) json: bool,

    /// Write the report to a file instead of standard error; - is standard output.
    #[arg(long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// What `toy gil` explains instead of running a script.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum GilTopic {
    /// Explain every policy, and where a switch may fall (a script of this name is ./policies).
    Policies,
}

#[cfg(test)]
mod tests {
    use toy_gil::DEFAULT_POLICY;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn help_and_readme_name_the_default_policy() {
        let help = RunOptions::augment_args(clap::Command::new("toy")).term_width(0).render_help().to_string();
        assert!(help.contains(&format!("[default: {DEFAULT_POLICY}]")), "{help}");
        assert!(include_str!("../../../../README.md").contains(&format!("The default is {DEFAULT_POLICY}")));
    }

    #[test]
    fn what_follows_the_file_is_the_scripts() {
        let options = Options::parse_from(["toy", "--gil", "fair:7", "a.toy", "--gil", "-x"]);
        assert_eq!(options.run.script, ["a.toy", "--gil", "-x"]);
        assert_eq!(options.run.gil, "fair:7".parse().ok());
    }

    #[test]
    fn an_option_that_does_not_exist_is_no_script() {
        assert_eq!(Options::parse_from(["toy", "--gli", "fair:7", "a.toy"]).run.mistaken_option(), Some("--gli"));
        assert_eq!(Options::parse_from(["toy", "-", "--gli"]).run.mistaken_option(), None);
        assert_eq!(Options::parse_from(["toy", "-c", "pass", "--gli"]).run.mistaken_option(), None);
    }

    #[test]
    fn what_follows_a_module_or_a_text_is_the_programs_whatever_it_looks_like() {
        for option in ["-m", "-c"] {
            let words = ["toy", "--stats", option, "gil", "--gil", "-x", "--", "-c", "--help"];
            let options = Options::parse_from(words);
            assert!(options.command.is_none() && options.run.stats);
            assert_eq!(options.run.arguments().collect::<Vec<_>>(), words[4..]);
        }
    }
}
