//! A run as a process of its own: attended to its end, its output heard, and everything that it started ended with it.
//!
//! A run is a process group of its own, and nothing of it is left when it is over. So the terminal does not tell it of Ctrl-C: what
//! stops us is passed on to it.

mod tail;

use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

pub(crate) use tail::Tail;

/// How long a script that was told to stop may take for it.
const GRACE: Duration = Duration::from_secs(1);

/// How often a pipe is read in a row. A pipe holds less than so many buffers.
const MOST_READS: usize = 16;

/// Why the watch over a child ended.
pub(crate) enum Watched {
    /// The child has ended.
    Ended,
    /// The time was over.
    TooLate,
    /// We shall stop.
    Stopped,
}

/// What becomes of what a child writes.
pub(crate) trait Sink {
    /// More of it.
    fn push(&mut self, bytes: &[u8]);
}

/// A pipe that a child writes to.
pub(crate) struct Outlet<'s> {
    pipe: Option<OwnedFd>,
    sink: &'s mut dyn Sink,
}

impl<'s> Outlet<'s> {
    /// Has what comes out of a pipe go into a sink.
    pub(crate) fn new(pipe: Option<impl Into<OwnedFd>>, sink: &'s mut dyn Sink) -> Self {
        Self { pipe: pipe.map(Into::into), sink }
    }

    /// Reads what is there, but not for ever: a script may write faster than we read. A grandchild may keep the pipe open, so its
    /// end is not waited for.
    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 1 << 16];
        for _ in 0..MOST_READS {
            let Some(pipe) = &self.pipe else { break };
            match rustix::io::read(pipe, &mut buffer) {
                Ok(0) => self.pipe = None,
                Ok(count) => self.sink.push(&buffer[..count]),
                Err(Errno::WOULDBLOCK) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Outlet<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Outlet").field("pipe", &self.pipe).finish_non_exhaustive()
    }
}

/// Starts a command as a group of its own.
pub(crate) fn spawn(command: &mut Command) -> io::Result<Child> {
    command.process_group(0).spawn()
}

/// How a child that was attended to ended.
pub(crate) struct Attended {
    /// Why it was not watched any longer.
    pub(crate) watched: Watched,
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// When it had ended.
    pub(crate) at: Instant,
}

/// Runs a child to its end, whatever that takes. Nothing that it has started stays behind, whatever fails.
pub(crate) fn attend(
    mut child: Child,
    outlets: &mut [Outlet<'_>],
    timeout: Option<Duration>,
    shall_stop: &dyn Fn() -> bool,
) -> io::Result<Attended> {
    let watched = run_to_end(&child, outlets, timeout, shall_stop);
    let at = Instant::now();
    // It is not reaped yet, so the number is still the group's own.
    let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
    let status = child.wait()?;
    Ok(Attended { watched: watched?, status, at })
}

fn run_to_end(
    child: &Child,
    outlets: &mut [Outlet<'_>],
    timeout: Option<Duration>,
    shall_stop: &dyn Fn() -> bool,
) -> io::Result<Watched> {
    let process = Pid::from_child(child);
    let ended = pidfd_open(process, PidfdFlags::empty())?;
    for pipe in outlets.iter().filter_map(|outlet| outlet.pipe.as_ref()) {
        rustix::io::ioctl_fionbio(pipe, true)?;
    }
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let watched = watch(&ended, outlets, deadline, shall_stop)?;
    if !matches!(watched, Watched::Ended) {
        // It is not reaped yet, so the number is still its own.
        kill_process_group(process, Signal::INT)?;
        let _what_is_left_is_ended_by_force = watch(&ended, outlets, Some(Instant::now() + GRACE), &|| false)?;
    }
    outlets.iter_mut().try_for_each(Outlet::read)?;
    Ok(watched)
}

/// Sleeps until the child has ended, the time has come, or we shall stop.
fn watch(
    ended: &OwnedFd,
    outlets: &mut [Outlet<'_>],
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
        ready.extend(outlets.iter().filter_map(|outlet| Some(PollFd::new(outlet.pipe.as_ref()?, PollFlags::IN))));
        let result = poll(&mut ready, timeout.as_ref());
        let has_ended = !ready[0].revents().is_empty();
        match result {
            Ok(_) if has_ended => return Ok(Watched::Ended),
            Ok(_) => outlets.iter_mut().try_for_each(Outlet::read)?,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
