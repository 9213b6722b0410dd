//! The three timers that a process has, which send it signals, and its alarm.
#![expect(unsafe_code, reason = "these timers are offered by the C library only, as foreign functions")]

use std::io;
use std::mem::MaybeUninit;
use std::time::Duration;

use super::succeeded;

/// A timer of the process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timer {
    /// By the clock; sends `SIGALRM`.
    Real,
    /// By what the process computes; sends `SIGVTALRM`.
    Virtual,
    /// By what the process and the system compute for it; sends `SIGPROF`.
    Profile,
}

impl Timer {
    /// All timers, by the system's number.
    pub const ALL: [Self; 3] = [Self::Real, Self::Virtual, Self::Profile];

    const fn number(self) -> libc::c_int {
        self as libc::c_int
    }
}

/// When a timer sends its signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Timing {
    /// The first time; zero: not at all.
    pub after: Duration,
    /// And then each time; zero: never again.
    pub every: Duration,
}

/// Starts or stops a timer; gives how it stood before.
///
/// # Errors
///
/// `EINVAL` if a time is longer than the system counts.
pub fn set_timer(timer: Timer, timing: Timing) -> io::Result<Timing> {
    let timing = libc::itimerval { it_interval: to_system(timing.every), it_value: to_system(timing.after) };
    let mut before = MaybeUninit::<libc::itimerval>::zeroed();
    // SAFETY: both are locals of ours.
    succeeded(unsafe { libc::setitimer(timer.number(), &raw const timing, before.as_mut_ptr()) })?;
    // SAFETY: the call has filled it in.
    Ok(from_system(unsafe { before.assume_init() }))
}

/// How a timer stands.
///
/// # Errors
///
/// If the system refuses.
pub fn timer(timer: Timer) -> io::Result<Timing> {
    let mut now = MaybeUninit::<libc::itimerval>::zeroed();
    // SAFETY: the result's place is a local of ours.
    succeeded(unsafe { libc::getitimer(timer.number(), now.as_mut_ptr()) })?;
    // SAFETY: the call has filled it in.
    Ok(from_system(unsafe { now.assume_init() }))
}

/// Has `SIGALRM` sent in so many seconds, 0: never. Gives the seconds that were left of the last alarm.
pub fn alarm(seconds: u32) -> u32 {
    // SAFETY: the function has no preconditions.
    unsafe { libc::alarm(seconds) }
}

/// In microseconds, rounded up: what is not zero stays so.
fn to_system(time: Duration) -> libc::timeval {
    let microseconds = time.as_nanos().div_ceil(1000);
    let seconds = libc::time_t::try_from(microseconds / 1_000_000).unwrap_or(libc::time_t::MAX);
    libc::timeval { tv_sec: seconds, tv_usec: (microseconds % 1_000_000) as libc::suseconds_t }
}

fn from_system(timing: libc::itimerval) -> Timing {
    let duration =
        |time: libc::timeval| Duration::new(time.tv_sec.unsigned_abs(), time.tv_usec.unsigned_abs() as u32 * 1000);
    Timing { after: duration(timing.it_value), every: duration(timing.it_interval) }
}
