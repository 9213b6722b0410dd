//! The options of a run, and what is to be run.

use std::path::{Path, PathBuf};

use clap::Args;
use toy_gil::{PolicySpec, SwitchAt};

use super::values::{Places, parse_file, parse_places, parse_size};

/// Options of a run; they stand before the file.
#[derive(Args, Clone, Debug)]
pub(crate) struct RunOptions {
    /// The program as text; what follows it is in sys.argv.
    #[arg(short = 'c', value_name = "TEXT", num_args = 1.., allow_hyphen_values = true)]
    command_text: Vec<String>,

    /// The program is a module, or a package with a module __main__: it is found as by import, in the working directory first.
    /// What follows it is in sys.argv.
    #[arg(short = 'm', value_name = "MODULE", num_args = 1.., allow_hyphen_values = true)]
    module: Vec<String>,

    /// Who gets the lock when, as fair:100 or timed:5ms; `toy gil policies` explains them all. Without it the variable TOY_GIL
    /// says so [default: iofirst:2000000,grace=250us].
    #[arg(long, value_name = "POLICY")]
    pub(super) gil: Option<PolicySpec>,

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

    /// The script, a folder with a script __main__.toy, or - for standard input, and the arguments.
    #[arg(
        value_name = "FILE",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required_unless_present_any = ["command_text", "module"]
    )]
    pub(super) script: Vec<String>,
}

/// What is to be run, as the user has named it.
pub(crate) enum Main<'a> {
    /// This text.
    Text(&'a str),
    /// A module, found as by `import`.
    Module(&'a str),
    /// A file or a folder; `-` is standard input.
    File(&'a str),
}

impl RunOptions {
    /// What is to be run.
    pub(crate) fn main(&self) -> Option<Main<'_>> {
        let text = || self.command_text.first().map(|text| Main::Text(text));
        let module = || self.module.first().map(|module| Main::Module(module));
        text().or_else(module).or_else(|| self.file().map(Main::File))
    }

    /// What the program is given.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = String> {
        self.command_text.iter().chain(&self.module).chain(&self.script).skip(1).cloned()
    }

    /// The file that is to be run.
    fn file(&self) -> Option<&str> {
        let first = self.script.first().filter(|_| self.command_text.is_empty() && self.module.is_empty())?;
        Some(first)
    }

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
    pub(super) fn mistaken_option(&self) -> Option<&str> {
        self.file().filter(|name| name.starts_with('-') && *name != "-")
    }

    /// A command behind an option, which makes the parser take it for the script. A file of this name is one.
    pub(super) fn mistaken_command(&self, commands: &clap::Command) -> Option<&str> {
        self.file().filter(|name| commands.find_subcommand(name).is_some() && !Path::new(name).exists())
    }
}
