//! How a process hears that its parent has ended, and how one waits for the end of any process.
//!
//! The parent keeps the writing end of a pipe that nobody ever writes to. The system closes it when the parent ends, however that
//! happens, and sends the child, which may be busy and looks at nothing, a signal. (`PR_SET_PDEATHSIG` would tell of the end of the
//! parent's *thread* that forked.)
//!
//! Invariant: no copy of the parent keeps a writing end. They are closed in it before anything of the program runs, or a child would
//! outlive its parent for as long as a sibling does.
#![expect(unsafe_code, reason = "who gets the signal of a descriptor is set by the C library's fcntl only")]

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

/// `F_SETSIG` of `fcntl(2)`: which signal tells of events. The crate `libc` lacks it.
const F_SETSIG: libc::c_int = 10;

/// The writing ends that this process keeps.
struct Kept {
    ends: Vec<(Lifeline, OwnedFd)>,
    /// How many there have been.
    count: u64,
}

static KEPT: Mutex<Kept> = Mutex::new(Kept { ends: Vec::new(), count: 0 });

fn kept() -> MutexGuard<'static, Kept> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which writing end, of all that there have been in this process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lifeline(pub u64);

/// Opens a lifeline: the end for the child, and which it is here. It ends with [`close_lifeline`], or with this process.
///
/// # Errors
///
/// If the system refuses: too many descriptors are open.
pub fn open_lifeline() -> io::Result<(OwnedFd, Lifeline)> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
    let mut kept = kept();
    kept.count += 1;
    let lifeline = Lifeline(kept.count);
    kept.ends.push((lifeline, writer));
    Ok((reader, lifeline))
}

/// Closes the writing end, if this process has it.
pub fn close_lifeline(lifeline: Lifeline) {
    kept().ends.retain(|(kept, _)| *kept != lifeline);
}

/// In a copy of the process: these are the parent's.
pub(crate) fn forget_lifelines() {
    kept().ends.clear();
}

/// Has this process terminated by `SIGTERM` when the last writing end of a pipe is closed. The descriptor must stay open.
///
/// # Errors
///
/// If the system refuses.
pub fn end_with(reader: impl AsFd) -> io::Result<()> {
    let number = reader.as_fd().as_raw_fd();
    let own = rustix::process::getpid();
    let control = |command, argument: libc::c_int| {
        // SAFETY: the descriptor is open, and these commands take a number.
        match unsafe { libc::fcntl(number, command, argument) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    };
    control(libc::F_SETOWN, own.as_raw_nonzero().get())?;
    control(F_SETSIG, libc::SIGTERM)?;
    control(libc::F_SETFL, libc::O_ASYNC | libc::O_NONBLOCK)?;
    // The parent may have ended before anybody listened.
    let mut watched = [PollFd::new(&reader, PollFlags::empty())];
    poll(&mut watched, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
    if watched[0].revents().contains(PollFlags::HUP) {
        kill_process(own, Signal::TERM)?;
    }
    Ok(())
}

/// A descriptor that becomes readable when a process ends. It stays that process's even if its number is used again.
///
/// # Errors
///
/// `ESRCH` if there is no such process.
pub fn process_descriptor(process: i32) -> io::Result<OwnedFd> {
    let process = Pid::from_raw(process).filter(|_| process > 0).ok_or(rustix::io::Errno::SRCH)?;
    Ok(pidfd_open(process, PidfdFlags::empty())?)
}
