//! The real runner: every run is a process of its own, which hands its record back in a file.

use std::ffi::OsString;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::child::{Outlet, Tail, Watched, attend, spawn};
use crate::sweep::grid::Point;
use crate::sweep::runner::{Finished, RunFailure, Runner};

use crate::{RunRecord, SCHEMA};

/// What all runs have in common.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program, and what it takes before `gil`.
    pub command: Vec<OsString>,
    /// The script and its arguments.
    pub script: Vec<String>,
    /// Where a switch may fall, if that was asked for.
    pub switch_at: Option<String>,
    /// When to end a run that does not end by itself.
    pub timeout: Option<Duration>,
    /// Whether what the script writes goes to our standard error, instead of nowhere.
    pub shows_output: bool,
}

/// Makes runs by `toy gil --json --output RECORD --gil POLICY [--switch-at WHERE] FILE ARG…`.
pub struct ProcessRunner<S> {
    launch: Launch,
    shall_stop: S,
    folder: tempfile::TempDir,
}

impl<S: Fn() -> bool> ProcessRunner<S> {
    /// A runner that asks `shall_stop` whether the sweep was interrupted: before each run, and whenever a signal interrupts its wait.
    ///
    /// # Errors
    ///
    /// If no folder for the records can be made.
    pub fn new(launch: Launch, shall_stop: S) -> io::Result<Self> {
        Ok(Self { launch, shall_stop, folder: tempfile::Builder::new().prefix("toy-sweep-").tempdir()? })
    }

    fn record_path(&self) -> PathBuf {
        self.folder.path().join("record.json")
    }

    fn spawn(&self, policy: &str) -> io::Result<Child> {
        let mut parts = self.launch.command.iter();
        let mut command = Command::new(parts.next().ok_or(io::ErrorKind::InvalidInput)?);
        command.args(parts).args(["gil", "--json", "--output"]).arg(self.record_path());
        command.args(["--gil", policy]);
        if let Some(switch_at) = &self.launch.switch_at {
            command.args(["--switch-at", switch_at]);
        }
        command.args(&self.launch.script);
        command.stdin(Stdio::null());
        if self.launch.shows_output {
            command.stdout(io::stderr().as_fd().try_clone_to_owned()?).stderr(Stdio::inherit());
        } else {
            command.stdout(Stdio::null()).stderr(Stdio::piped());
        }
        spawn(&mut command)
    }

    fn take_record(&self) -> Result<RunRecord, String> {
        let path = self.record_path();
        let text = std::fs::read(&path).map_err(|_| "it left no record".to_owned())?;
        // The next run must not be taken for this one.
        std::fs::remove_file(&path).map_err(|error| format!("its record cannot be removed: {error}"))?;
        let record: RunRecord =
            serde_json::from_slice(&text).map_err(|error| format!("its record cannot be read: {error}"))?;
        if record.schema != SCHEMA {
            return Err(format!("its record is of the schema '{}', not '{SCHEMA}'", record.schema));
        }
        Ok(record)
    }
}

impl<S: Fn() -> bool> Runner for ProcessRunner<S> {
    fn run(&mut self, point: &Point) -> Result<Finished, RunFailure> {
        if (self.shall_stop)() {
            return Err(RunFailure::Interrupted);
        }
        let impossible = |error: io::Error| RunFailure::Impossible(format!("the script cannot be run: {error}"));
        let mut child = self.spawn(&point.policy).map_err(impossible)?;
        let mut tail = Tail::default();
        let pipe = child.stderr.take();
        let mut outlets = [Outlet::new(pipe, &mut tail)];
        let attended = attend(child, &mut outlets, self.launch.timeout, &self.shall_stop).map_err(impossible)?;
        let complaint = tail.last_line();
        let record = self.take_record();
        // The script may have ended by itself just when it was to be told.
        if matches!(attended.watched, Watched::Stopped) || (self.shall_stop)() {
            return Err(RunFailure::Interrupted);
        }
        match (attended.watched, record) {
            (Watched::TooLate, _) => {
                let seconds = self.launch.timeout.unwrap_or_default().as_secs_f64();
                // Its last words are only about our own interrupt.
                Err(RunFailure::Unfinished { reason: format!("no end within {seconds} s"), complaint: None })
            }
            (_, Ok(record)) => {
                let complaint = complaint.filter(|_| record.exit_code != 0);
                Ok(Finished { record, complaint })
            }
            (_, Err(reason)) => {
                let reason = match (attended.status.signal(), attended.status.code()) {
                    (Some(signal), _) => format!("ended by signal {signal}"),
                    (None, Some(code)) if code != 0 => format!("exit code {code}; {reason}"),
                    _ => reason,
                };
                Err(RunFailure::Unfinished { reason, complaint })
            }
        }
    }
}

#[cfg(test)]
mod tests;
