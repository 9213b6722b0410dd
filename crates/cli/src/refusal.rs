//! What commands that make runs of a script have in common: what must be right before the first one.

use std::io::Write;
use std::path::Path;

use clap::CommandFactory;

use crate::exit;
use crate::front::{self, FrontError};
use crate::options::Options;

/// Why nothing is run: what to print, and the exit code.
pub(crate) struct Refusal(pub(crate) String, pub(crate) u8);

impl Refusal {
    /// The command line makes no sense, or a file cannot be read or written.
    pub(crate) fn usage(message: impl std::fmt::Display) -> Self {
        Self(format!("toy: {message}\n"), exit::USAGE)
    }

    /// The system does not let us.
    pub(crate) fn failure(message: impl std::fmt::Display) -> Self {
        Self(format!("toy: {message}\n"), exit::FAILURE)
    }
}

/// The script's bytes, if they can be compiled.
pub(crate) fn check_script(name: &str) -> Result<Vec<u8>, Refusal> {
    let refused = |error: FrontError| {
        let code = if matches!(error, FrontError::Host(_)) { exit::USAGE } else { exit::FAILURE };
        Refusal(error.render(), code)
    };
    let source = front::read(&front::from_working_directory(Path::new(name))).map_err(refused)?;
    front::compile(&source, |_| ()).map_err(refused)?;
    std::fs::read(name).map_err(|error| Refusal::usage(format!("can't read '{name}': {error}")))
}

/// Whether a name can be a script's that is run more than once by the command of this name.
pub(crate) fn check_name(name: &str, command: &str) -> Result<(), Refusal> {
    if name == "-" {
        Err(Refusal::usage(format!("standard input can be read only once: a {command} needs a script in a file")))
    } else if name.starts_with('-') {
        Err(Refusal::usage(format!("there is no option '{name}'; a script of this name is './{name}'")))
    } else {
        Ok(())
    }
}

/// A script may have options of the same names as the command; but mostly somebody has put them into the wrong place.
pub(crate) fn note_options_behind(name: &str, arguments: &[String], command: &str, noun: &str) {
    let all = Options::command();
    let Some(command) = all.find_subcommand(command) else { return };
    let names: Vec<&str> =
        command.get_arguments().filter_map(clap::Arg::get_long).filter(|name| *name != "help").collect();
    for argument in arguments.iter().filter(|argument| names.iter().any(|name| is_option(argument, name))) {
        complain(&format!(
            "toy: '{argument}' stands behind '{name}' and is an argument of the script, not an option of the {noun}\n"
        ));
    }
}

/// Whether an argument is this option, with or without its value.
pub(crate) fn is_option(argument: &str, name: &str) -> bool {
    argument.strip_prefix("--").is_some_and(|option| option.split('=').next() == Some(name))
}

/// A time above zero, in seconds.
pub(crate) fn parse_seconds(text: &str) -> Result<std::time::Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|time| !time.is_zero()).ok_or_else(|| format!("'{text}' is no number of seconds above 0"))
}

/// Says something on standard error.
pub(crate) fn complain(text: &str) {
    // Nobody is left to be told if this fails.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn seconds_are_above_zero() {
        assert_eq!(parse_seconds("1.5"), Ok(Duration::from_millis(1500)));
        for text in ["0", "-1", "nan", "inf", "1e300", "1s", ""] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
    }
}
