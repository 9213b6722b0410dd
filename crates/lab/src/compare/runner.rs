//! Makes the runs, by turns: each a family of processes that is measured from outside and leaves two files about itself.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use rustix::process::{Pid, WaitOptions, waitpgid};

use super::book::Processes;
use super::capture::Capture;
use super::data::RunFigures;
use super::told::{Global, Told, book_path};
use crate::child::{Outlet, Tail, Watched, attend, spawn};
use crate::listen::cpu_time;

/// What all runs have in common.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program.
    pub program: OsString,
    /// Options of both kinds of runs.
    pub options: Vec<String>,
    /// How many instances may run at once, if that was asked for.
    pub places: Option<usize>,
    /// The script and its arguments.
    pub script: Vec<String>,
    /// When to end a run that does not end by itself.
    pub timeout: Option<Duration>,
}

/// Makes runs by `toy --run-record FILE [--multiprocess] FILE ARG…`.
#[derive(Debug)]
pub struct Runner<S> {
    launch: Launch,
    shall_stop: S,
    folder: tempfile::TempDir,
}

/// One run, and what is needed of it to compare it with another one.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) figures: RunFigures,
    pub(super) output: Capture,
    pub(super) globals: Option<Vec<Global>>,
}

/// All runs that were made.
#[derive(Clone, Debug, Default)]
pub struct Rounds {
    pub(super) threads: Vec<Made>,
    pub(super) processes: Vec<Made>,
    pub(super) is_interrupted: bool,
}

impl Rounds {
    /// Whether there is a run of each kind.
    #[must_use]
    pub const fn has_both(&self) -> bool {
        !self.threads.is_empty() && !self.processes.is_empty()
    }
}

impl<S: Fn() -> bool> Runner<S> {
    /// A runner that asks `shall_stop` whether the comparison was interrupted: before each run, and whenever a signal interrupts its
    /// wait.
    ///
    /// # Errors
    /// If no folder for the records can be made.
    pub fn new(launch: Launch, shall_stop: S) -> io::Result<Self> {
        // What a script leaves behind is ours to take leave of, so that its CPU time counts.
        toy_process::adopt_orphans()?;
        Ok(Self { launch, shall_stop, folder: tempfile::Builder::new().prefix("toy-compare-").tempdir()? })
    }

    /// Makes so many rounds, each of one run as threads and one as processes.
    ///
    /// # Errors
    /// If no run can be made.
    pub fn rounds(&self, count: u32) -> io::Result<Rounds> {
        let mut rounds = Rounds::default();
        for _ in 0..count {
            for as_processes in [false, true] {
                let Some(made) = self.run(as_processes)? else {
                    return Ok(Rounds { is_interrupted: true, ..rounds });
                };
                let side = if as_processes { &mut rounds.processes } else { &mut rounds.threads };
                side.push(made);
            }
        }
        Ok(rounds)
    }

    /// One run; `None` if it shall stop.
    fn run(&self, as_processes: bool) -> io::Result<Option<Made>> {
        if (self.shall_stop)() {
            return Ok(None);
        }
        // What one run leaves must not be taken for another one's.
        let folder = tempfile::Builder::new().prefix("run-").tempdir_in(&self.folder)?;
        let told = folder.path().join("told.json");
        let mut command = Command::new(&self.launch.program);
        command.arg("--run-record").arg(&told).args(&self.launch.options);
        if as_processes {
            command.arg(match self.launch.places {
                Some(places) => format!("--multiprocess={places}"),
                None => "--multiprocess".to_owned(),
            });
        }
        command.args(&self.launch.script);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let before = children_cpu();
        let start = Instant::now();
        let mut child = spawn(&mut command)?;
        let group = Pid::from_child(&child);
        let (mut output, mut tail) = (Capture::default(), Tail::default());
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let mut outlets = [Outlet::new(stdout, &mut output), Outlet::new(stderr, &mut tail)];
        let attended = attend(child, &mut outlets, self.launch.timeout, &self.shall_stop)?;
        take_leave(group);
        let is_late = matches!(attended.watched, Watched::TooLate);
        if matches!(attended.watched, Watched::Stopped) || (self.shall_stop)() {
            return Ok(None);
        }
        let status = attended.status;
        let exit_code = status.code().or_else(|| status.signal().map(|signal| -signal)).unwrap_or(-1);
        let processes = Processes::read(&book_path(&told));
        let told = Told::read(&told);
        let figures = RunFigures {
            wall: nanoseconds(attended.at - start),
            cpu: nanoseconds(children_cpu().saturating_sub(before)),
            exit_code,
            is_late,
            complaint: tail.last_line().filter(|_| exit_code != 0 && !is_late),
            started: processes.started,
            told: processes.told,
            messages: told.as_ref().and_then(|told| told.messages),
            bytes: told.as_ref().and_then(|told| told.bytes),
            peak_memory: told.as_ref().and_then(|told| told.peak_memory),
            private_memory: processes.private,
            copied_memory: processes.copied,
            output_bytes: output.bytes,
            output_lines: output.lines,
            output_sha256: output.sha256(),
        };
        Ok(Some(Made { figures, output, globals: told.and_then(|told| told.globals) }))
    }
}

/// Takes leave of all that is left of a group that was killed.
fn take_leave(group: Pid) {
    loop {
        match waitpgid(group, WaitOptions::empty()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

/// CPU time of all processes that were taken leave of.
fn children_cpu() -> Duration {
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(Duration::ZERO, |usage| cpu_time(&usage))
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
