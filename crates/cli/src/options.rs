//! The command line.

use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, Parser, Subcommand};
use toy_gil::{PolicySpec, SwitchAt};

use crate::compare::CompareOptions;
use crate::sweep::SweepOptions;
use crate::{exit, show};

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
        let options = Self::try_parse().map_err(|mut error| {
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
            return Err(print(&Self::command().error(ErrorKind::UnknownArgument, message)));
        }
        let commands = match &options.command {
            Some(Command::Gil(_)) => GilOptions::augment_args(clap::Command::new("gil")),
            _ => Self::command(),
        };
        if let Some(command) = run.mistaken_command(&commands) {
            let message = format!("'{command}' takes no options; a script of this name is './{command}'");
            return Err(print(&Self::command().error(ErrorKind::ArgumentConflict, message)));
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

/// Options of a run; they stand before the file.
#[derive(Args, Clone, Debug)]
pub(crate) struct RunOptions {
    /// The program as text; what follows it is in sys.argv.
    #[arg(short = 'c', value_name = "TEXT")]
    pub(crate) command_text: Option<String>,

    /// Who gets the lock when, as fair:100 or timed:5ms; `toy gil policies` explains them all. Without it the variable TOY_GIL
    /// says so [default: iofirst:2000000,grace=250us].
    #[arg(long, value_name = "POLICY")]
    gil: Option<PolicySpec>,

    /// Write every decision about the lock to a file, for --gil replay:FILE.
    #[arg(long, value_name = "FILE", value_parser = parse_file)]
    pub(crate) record: Option<PathBuf>,

    /// Where the lock may change hands: at any instruction, or as in CPython since 3.10 only at calls and back-edges
    /// [default: instr].
    #[arg(long, value_name = "instr|python")]
    pub(crate) switch_at: Option<SwitchAt>,

    /// Print to standard error at the end how often the lock changed hands, and why.
    #[arg(long)]
    pub(crate) stats: bool,

    /// Run every thread of the script as an instance, a process with a heap and a lock of its own; with =N at most N of them run
    /// at once.
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "any", value_parser = parse_places)]
    pub(crate) multiprocess: Option<Places>,

    /// Most memory that the script's objects may take, as 500M or 2G.
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(crate) max_memory: Option<usize>,

    /// After the end, say which objects somebody still refers to who should not, and fail if there are any.
    #[arg(long, hide = true)]
    pub(crate) check_leaks: bool,

    /// For `toy compare`: write what only the run knows to a file, as crates/lab/docs/compare.md says.
    #[arg(long, hide = true, value_name = "FILE")]
    pub(crate) run_record: Option<PathBuf>,

    /// The script, or - for standard input, and its arguments.
    #[arg(
        value_name = "FILE",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required_unless_present = "command_text"
    )]
    pub(crate) script: Vec<String>,
}

impl RunOptions {
    /// The policy that the command line, the environment or else the default names.
    ///
    /// # Errors
    /// What is wrong with the environment's.
    pub(crate) fn policy(&self) -> Result<PolicySpec, String> {
        if let Some(policy) = &self.gil {
            return Ok(policy.clone());
        }
        match std::env::var("TOY_GIL") {
            Ok(text) if !text.is_empty() => text.parse().map_err(|error| format!("TOY_GIL: {error}")),
            _ => Ok(PolicySpec::default()),
        }
    }

    /// What stands in the script's place but looks like an option: whatever follows a script may do so, and so the parser lets it
    /// pass.
    fn mistaken_option(&self) -> Option<&str> {
        let first = self.script.first().filter(|_| self.command_text.is_none())?;
        Some(first.as_str()).filter(|name| name.starts_with('-') && *name != "-")
    }

    /// A command behind an option, which makes the parser take it for the script. A file of this name is one.
    fn mistaken_command(&self, commands: &clap::Command) -> Option<&str> {
        let first = self.script.first().filter(|_| self.command_text.is_none())?;
        let is_command = commands.find_subcommand(first).is_some();
        Some(first.as_str()).filter(|name| is_command && !Path::new(name).exists())
    }
}

/// A file for what is written while the script runs.
fn parse_file(text: &str) -> Result<PathBuf, String> {
    match text {
        "-" => Err("standard output is for what the script prints; a file of this name is './-'".to_owned()),
        _ => Ok(PathBuf::from(text)),
    }
}

/// How many instances may run at once; `None`: any number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Places(pub(crate) Option<usize>);

/// A number from 1, or `any`.
fn parse_places(text: &str) -> Result<Places, String> {
    match text.parse() {
        Ok(0) => Err("at least one instance must be able to run".to_owned()),
        Ok(places) => Ok(Places(Some(places))),
        Err(_) if text == "any" => Ok(Places(None)),
        Err(_) => Err(format!("'{text}' is no number of instances")),
    }
}

/// `500M`, `2G`, `100k`, or a number of bytes.
pub(crate) fn parse_size(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.find(|character: char| !character.is_ascii_digit()) {
        Some(place) => text.split_at(place),
        None => (text, ""),
    };
    let factor: usize = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ if digits.is_empty() => return Err(format!("'{text}' is no size; 500M and 2G are")),
        _ => return Err(format!("'{unit}' is no unit of memory; k, M and G are")),
    };
    let number: usize = digits.parse().map_err(|_| format!("'{text}' is no size; 500M and 2G are"))?;
    number.checked_mul(factor).ok_or_else(|| format!("'{text}' is more than this machine can address"))
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
        assert!(include_str!("../../../README.md").contains(&format!("The default is {DEFAULT_POLICY}")));
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
    fn sizes_have_units() {
        assert_eq!(parse_size("2k"), Ok(2048));
        assert_eq!(parse_size("17"), Ok(17));
        assert!(parse_size("2 elephants").is_err());
    }
}
