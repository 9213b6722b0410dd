//! The script of a command that runs it more than once.

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};

use crate::front;
use crate::options::Options;
use crate::program;
use crate::refusal::{Refusal, complain, is_option};

/// How it is named on the command line.
#[derive(Args, Debug)]
pub(crate) struct RepeatedScript {
    /// The script is a module: it is found as by import, in the working directory first. What follows is the script's.
    #[arg(short = 'm', value_name = "MODULE", num_args = 1.., allow_hyphen_values = true)]
    module: Vec<String>,

    /// The script and its arguments.
    #[arg(
        value_name = "FILE",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required_unless_present = "module"
    )]
    script: Vec<String>,
}

impl RepeatedScript {
    /// What stands for the script on the command line of each run.
    pub(crate) fn words(&self) -> Vec<String> {
        let option = (!self.module.is_empty()).then(|| "-m".to_owned());
        option.into_iter().chain(self.module.iter().chain(&self.script).cloned()).collect()
    }

    /// The script as the user has named it.
    pub(crate) fn name(&self) -> &str {
        self.module.first().or(self.script.first()).map_or("", String::as_str)
    }

    /// What the script is given.
    pub(crate) fn arguments(&self) -> Vec<String> {
        self.module.iter().chain(&self.script).skip(1).cloned().collect()
    }

    /// Whether it is named as a file.
    pub(crate) fn is_file(&self) -> bool {
        self.module.is_empty()
    }

    /// The script's file and the bytes in it, if they can be compiled.
    pub(crate) fn check(&self) -> Result<(PathBuf, Vec<u8>), Refusal> {
        let refused = |error: front::FrontError| Refusal(error.render(), error.exit_code());
        let name = self.name();
        let path = match self.is_file() {
            true => program::file_of_program(Path::new(name)),
            false => program::find_module(name).map(|(path, _)| path),
        };
        let path = path.map_err(refused)?;
        let source = front::read(&path).map_err(refused)?;
        front::compile(&source, |_| ()).map_err(refused)?;
        let text = std::fs::read(&path).map_err(|error| Refusal::usage(format!("can't read '{name}': {error}")))?;
        Ok((path, text))
    }

    /// Whether a name can be a script's that is run more than once by the command of this name.
    pub(crate) fn check_name(&self, command: &str) -> Result<(), Refusal> {
        let name = self.name();
        if !self.is_file() {
            Ok(())
        } else if name == "-" {
            Err(Refusal::usage(format!("standard input can be read only once: a {command} needs a script in a file")))
        } else if name.starts_with('-') {
            Err(Refusal::usage(format!("there is no option '{name}'; a script of this name is './{name}'")))
        } else {
            Ok(())
        }
    }

    /// A script may have options of the same names as the command; but mostly somebody has put them into the wrong place.
    pub(crate) fn note_options_behind(&self, command: &str, noun: &str) {
        let all = Options::command();
        let Some(command) = all.find_subcommand(command) else { return };
        let names: Vec<&str> =
            command.get_arguments().filter_map(clap::Arg::get_long).filter(|name| *name != "help").collect();
        let name = self.name();
        for argument in self.arguments().iter().filter(|argument| names.iter().any(|name| is_option(argument, name))) {
            complain(&format!(
                "toy: '{argument}' stands behind '{name}' and is an argument of the script, not an option of the {noun}\n"
            ));
        }
    }
}
