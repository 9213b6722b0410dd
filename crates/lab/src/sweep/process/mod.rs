//! The real runner: every run is a process of its own, which hands its record back in a file.
//!
//! A run is a process group of its own, and nothing of it is left when it is over. So the terminal does not tell it of Ctrl-C: what
//! stops the sweep is passed on to it.

mod tail;

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use tail::Tail;

use crate::sweep::grid::Point;
use crate::sweep::runner::{Finished, RunFailure, Runner};

use crate::{RunRecord, SCHEMA};

/// How long a script that was told to stop may take for it.
const GRACE: Duration = Duration::from_secs(1);

/// How often a pipe is read in a row. A pipe holds less than so many buffers.
const MOST_READS: usize = 16;

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

/// Why the watch over a child ended.
enum Watched {
    Ended,
    TooLate,
    Stopped,
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
        command.stdin(Stdio::null()).process_group(0);
        if self.launch.shows_output {
            command.stdout(io::stderr().as_fd().try_clone_to_owned()?).stderr(Stdio::inherit());
        } else {
            command.stdout(Stdio::null()).stderr(Stdio::piped());
        }
        command.spawn()
    }

    /// Runs the child to its end, whatever that takes.
    fn attend(&self, child: &mut Child) -> io::Result<(Watched, ExitStatus, Option<String>)> {
        let process = Pid::from_child(child);
        let ended = pidfd_open(process, PidfdFlags::empty())?;
        let mut complaints = Complaints::new(child.stderr.take())?;
        let deadline = self.launch.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let watched = watch(&ended, &mut complaints, deadline, &self.shall_stop)?;
        if !matches!(watched, Watched::Ended) {
            // It is not reaped yet, so the number is still its own.
            kill_process_group(process, Signal::INT)?;
            let _what_is_left_is_ended_by_force =
                watch(&ended, &mut complaints, Some(Instant::now() + GRACE), &|| false)?;
        }
        complaints.read()?;
        Ok((watched, end(child)?, complaints.tail.last_line()))
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
        let attended = self.attend(&mut child);
        if attended.is_err() {
            // Nothing that was started may stay behind, whatever else has failed.
            let _ = end(&mut child);
        }
        let (watched, status, complaint) = attended.map_err(impossible)?;
        let record = self.take_record();
        // The script may have ended by itself just when it was to be told.
        if matches!(watched, Watched::Stopped) || (self.shall_stop)() {
            return Err(RunFailure::Interrupted);
        }
        match (watched, record) {
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
                let reason = match (status.signal(), status.code()) {
                    (Some(signal), _) => format!("ended by signal {signal}"),
                    (None, Some(code)) if code != 0 => format!("exit code {code}; {reason}"),
                    _ => reason,
                };
                Err(RunFailure::Unfinished { reason, complaint })
            }
        }
    }
}

/// Ends what is left of a run, the processes that the script has started included.
fn end(child: &mut Child) -> io::Result<ExitStatus> {
    // It is not reaped yet, so the number is still the group's own.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    child.wait()
}

/// Sleeps until the child has ended, the time has come, or the sweep shall stop.
fn watch(
    ended: &OwnedFd,
    complaints: &mut Complaints,
    deadline: Option<Instant>,
    shall_stop: &dyn Fn() -> bool,
) -> io::Result<Watched> {
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Ok(Watched::TooLate);
        } else if shall_stop() {
            return Ok(Watched::Stopped);
        }
        // A time beyond what the system can count is none.
        let timeout = left.and_then(|left| Timespec::try_from(left).ok());
        let mut ready = vec![PollFd::new(ended, PollFlags::IN)];
        ready.extend(complaints.pipe.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        let result = poll(&mut ready, timeout.as_ref());
        let has_ended = !ready[0].revents().is_empty();
        match result {
            Ok(_) if has_ended => return Ok(Watched::Ended),
            Ok(_) => complaints.read()?,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// What a script writes to its standard error.
struct Complaints {
    pipe: Option<ChildStderr>,
    tail: Tail,
}

impl Complaints {
    fn new(pipe: Option<ChildStderr>) -> io::Result<Self> {
        if let Some(pipe) = &pipe {
            rustix::io::ioctl_fionbio(pipe, true)?;
        }
        Ok(Self { pipe, tail: Tail::default() })
    }

    /// Reads what is there, but not for ever: a script may write faster than we read. A grandchild may keep the pipe open, so its
    /// end is not waited for.
    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 1 << 16];
        for _ in 0..MOST_READS {
            let Some(pipe) = &mut self.pipe else { break };
            match pipe.read(&mut buffer) {
                Ok(0) => self.pipe = None,
                Ok(count) => self.tail.push(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
