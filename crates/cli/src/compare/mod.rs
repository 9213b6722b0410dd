//! `toy compare`: a script as threads and as processes, side by side.

mod options;
mod witness;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use toy_lab::MachineWatch;
use toy_lab::compare::{Comparison, Conditions, Launch, Rounds, Runner, report};
use toy_lab::sweep::{ScriptIdentity, this_machine};

use crate::options::RunOptions;
use crate::refusal::{Refusal, complain};
use crate::witness::Witness;
use crate::{choice, exit, run, show, stop};
pub(crate) use options::CompareOptions;
use witness::Teller;

/// Who looks at a run: nobody, unless it is one that is compared.
pub(crate) fn witness(options: &RunOptions) -> Rc<dyn Witness> {
    match &options.run_record {
        Some(path) => Rc::new(Teller::new(path.clone())),
        None => Rc::new(()),
    }
}

/// Makes the runs, shows the comparison, and says how the process ends.
pub(crate) fn compare(options: &CompareOptions) -> ExitCode {
    ExitCode::from(make(options).unwrap_or_else(|Refusal(message, code)| {
        complain(&message);
        code
    }))
}

fn make(options: &CompareOptions) -> Result<u8, Refusal> {
    options.script.check_name("comparison")?;
    if let Some(gil) = &options.gil {
        choice::policy(gil, options.switch_at).map_err(Refusal::usage)?;
    }
    let (path, text) = options.script.check()?;
    let mut target = Target::open(options.output.as_deref(), &path).map_err(Refusal::usage)?;
    options.script.note_options_behind("compare", "comparison");
    let conditions = Conditions {
        toy: env!("CARGO_PKG_VERSION").to_owned(),
        script: ScriptIdentity::new(options.script.name(), &text),
        arguments: options.script.arguments(),
        gil: options.gil.as_ref().map(ToString::to_string),
        switch_at: options.switch_at.map(|switch_at| switch_at.to_string()),
        places: options.instances.map(usize::from),
        timeout: options.timeout.map(|timeout| timeout.as_secs_f64()),
    };
    let watch = MachineWatch::start();
    let rounds = run_all(options)?;
    if !rounds.has_both() {
        // Without a run of each kind there is nothing to lay side by side.
        return Ok(stop::exit_code());
    }
    let comparison = Comparison::new(conditions, &rounds, this_machine(), watch.finish(None).others);
    let text = match options.json {
        true => comparison.to_json().map_err(Refusal::failure)?,
        false => report(&comparison),
    };
    if let Some(code) = target.write(&text)? {
        return Ok(code);
    }
    Ok(match comparison.is_interrupted {
        true => stop::exit_code(),
        false if comparison.has_succeeded() => 0,
        false => exit::FAILURE,
    })
}

fn run_all(options: &CompareOptions) -> Result<Rounds, Refusal> {
    let host = |error: std::io::Error| Refusal::failure(format!("the script cannot be run: {error}"));
    let launch = Launch {
        program: std::env::current_exe().map_err(host)?.into(),
        options: options.of_runs(),
        places: options.instances.map(usize::from),
        script: options.script.words(),
        timeout: options.timeout,
    };
    stop::listen().map_err(host)?;
    let rounds = Runner::new(launch, stop::is_wanted).and_then(|runner| runner.rounds(options.runs)).map_err(host)?;
    stop::disregard();
    Ok(rounds)
}

/// Where the comparison goes.
enum Target {
    StandardOutput,
    File(PathBuf, File),
}

impl Target {
    /// Opens it before the first run; what is there stays until there is something to replace it.
    fn open(path: Option<&Path>, script: &Path) -> Result<Self, String> {
        match path.filter(|path| *path != Path::new("-")) {
            None => Ok(Self::StandardOutput),
            Some(path) => {
                run::refuse_to_overwrite(script, path)?;
                let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
                file.map(|file| Self::File(path.to_owned(), file)).map_err(|error| cannot_write(path, &error))
            }
        }
    }

    /// Writes it. `Some` is the exit code if that is all there is to say.
    fn write(&mut self, text: &str) -> Result<Option<u8>, Refusal> {
        match self {
            Self::StandardOutput => {
                let mut out = std::io::stdout().lock();
                let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
                Ok(written.err().map(|error| show::cannot_write(&error)))
            }
            Self::File(path, file) => {
                let is_regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
                let emptied = if is_regular { file.set_len(0) } else { Ok(()) };
                let written = emptied.and_then(|()| file.write_all(text.as_bytes()));
                written.map(|()| None).map_err(|error| Refusal::failure(cannot_write(path, &error)))
            }
        }
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> String {
    format!("cannot write '{}': {error}", path.display())
}
