//! Waiting for children.
//!
//! By the system's own numbers: the group of this process may be 0, one of another namespace, which `rustix` has no type for.
#![expect(unsafe_code, reason = "the system call takes any number, the safe wrappers only positive ones")]

use std::io;

use rustix::process;

/// Which processes are meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// One process.
    Process(i32),
    /// Every process of the group of this number.
    Group(i32),
    /// Every process of one's own group.
    OwnGroup,
    /// Any child; for signals every process that one may reach.
    Any,
}

impl Target {
    /// What the number that system calls take means.
    pub const fn from_number(number: i32) -> Self {
        match number {
            0 => Self::OwnGroup,
            -1 => Self::Any,
            number if number < 0 => Self::Group(number.saturating_neg()),
            number => Self::Process(number),
        }
    }

    /// The number that system calls take.
    pub const fn number(self) -> i32 {
        match self {
            Self::Process(number) => number,
            Self::Group(number) => -number,
            Self::OwnGroup => 0,
            Self::Any => -1,
        }
    }
}

/// How a child ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitStatus {
    /// By itself, with this exit code.
    Exited(u8),
    /// By a signal of this number; whether it left a core behind.
    Signaled(i32, bool),
    /// Not at all: it was stopped or goes on. The number as the system gave it.
    Other(i32),
}

impl WaitStatus {
    /// From the number that the system gives.
    pub const fn from_raw(raw: i32) -> Self {
        match raw & 0x7f {
            0 => Self::Exited(((raw >> 8) & 0xff) as u8),
            0x7f => Self::Other(raw),
            signal => Self::Signaled(signal, raw & 0x80 != 0),
        }
    }

    /// The number that the system gives.
    pub const fn raw(self) -> i32 {
        match self {
            Self::Exited(code) => (code as i32) << 8,
            Self::Signaled(signal, has_core) => signal | if has_core { 0x80 } else { 0 },
            Self::Other(raw) => raw,
        }
    }

    /// The exit code, or minus the signal's number; `None` if the child has not ended.
    pub const fn exit_code(self) -> Option<i32> {
        match self {
            Self::Exited(code) => Some(code as i32),
            Self::Signaled(signal, _) => Some(-signal),
            Self::Other(_) => None,
        }
    }
}

/// Waits for a child to end; gives its number and how it ended. `None`: `blocks` is false, and none has ended yet.
///
/// # Errors
///
/// `ECHILD` if there is no such child, `EINTR` if a signal came.
pub fn wait(target: Target, blocks: bool) -> io::Result<Option<(i32, WaitStatus)>> {
    let options = if blocks { 0 } else { libc::WNOHANG };
    let mut status = 0;
    // SAFETY: `status` is an `i32` of this frame that outlives the call, and nothing else is written.
    let child = unsafe { libc::waitpid(target.number(), &raw mut status, options) };
    match child {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        child => Ok(Some((child, WaitStatus::from_raw(status)))),
    }
}

/// What a child has used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Seconds that it has computed.
    pub user: f64,
    /// Seconds that the system has computed for it.
    pub system: f64,
    /// The other figures, in the order of `getrusage(2)`: memory in KiB, then counts.
    pub counts: [i64; 14],
}

/// As [`wait`], with any options of `wait4(2)`; the child's number (0: none yet), its status as a number, and what it has used.
///
/// # Errors
///
/// As those of [`wait`].
pub fn wait_with_usage(target: Target, options: i32) -> io::Result<(i32, i32, Usage)> {
    let mut status = 0;
    // SAFETY: a `rusage` is made of integers only, for which zero is a value.
    let mut used: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both places belong to this frame, which outlives the call, and nothing else is written.
    let child = unsafe { libc::wait4(target.number(), &raw mut status, options, &raw mut used) };
    if child == -1 {
        return Err(io::Error::last_os_error());
    }
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    let counts = [
        used.ru_maxrss,
        used.ru_ixrss,
        used.ru_idrss,
        used.ru_isrss,
        used.ru_minflt,
        used.ru_majflt,
        used.ru_nswap,
        used.ru_inblock,
        used.ru_oublock,
        used.ru_msgsnd,
        used.ru_msgrcv,
        used.ru_nsignals,
        used.ru_nvcsw,
        used.ru_nivcsw,
    ];
    Ok((child, status, Usage { user: seconds(used.ru_utime), system: seconds(used.ru_stime), counts }))
}

/// Waits for a child to end, stop or go on, by the numbers of `waitid(2)`; its number, its user, the signal, its status and what has
/// happened to it. `None`: nothing has.
///
/// # Errors
///
/// As those of [`wait`], and `EINVAL` for numbers that mean nothing.
pub fn wait_for_change(kind: i32, number: i32, options: i32) -> io::Result<Option<[i32; 5]>> {
    // SAFETY: a `siginfo_t` is plain data, for which zero is a value.
    let mut found: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let (Ok(kind), number) = (libc::idtype_t::try_from(kind), number as libc::id_t) else {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    };
    // SAFETY: `found` belongs to this frame, which outlives the call, and nothing else is written.
    if unsafe { libc::waitid(kind, number, &raw mut found, options) } == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: `waitid` fills in what belongs to a child, or leaves the zeros.
    let child = unsafe { found.si_pid() };
    // SAFETY: as above.
    let user = unsafe { found.si_uid() };
    // SAFETY: as above.
    let status = unsafe { found.si_status() };
    Ok((child != 0).then_some([child, user as i32, found.si_signo, status, found.si_code]))
}

/// Has processes whose parents have ended become children of this one, if they descend from it.
///
/// # Errors
///
/// If the system cannot do it.
pub fn adopt_orphans() -> io::Result<()> {
    Ok(process::set_child_subreaper(Some(process::getpid()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_survive_and_read_as_python_shows_them() {
        for (raw, code) in [(0, Some(0)), (3 << 8, Some(3)), (255 << 8, Some(255)), (9, Some(-9)), (0x8b, Some(-11))] {
            let status = WaitStatus::from_raw(raw);
            assert_eq!((status.raw(), status.exit_code()), (raw, code), "{raw}");
        }
        assert_eq!(WaitStatus::from_raw(0x137f).exit_code(), None);
    }

    #[test]
    fn a_process_without_children_is_told_so() {
        let error = wait(Target::Process(i32::MAX), false).expect_err("no such child");
        assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::CHILD.raw_os_error()));
    }
}
