//! Words of shared memory to sleep on, and processes that ended without a word.
//!
//! Nobody sleeps for longer than [`GLANCE`] without looking again, so a wake-up that died with its receiver delays the others and does
//! not lose them, and it is noticed when somebody has ended.

use std::sync::atomic::AtomicU32;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::thread::futex;

use crate::fork::own_process;

/// How long one sleeps at most before looking again.
pub const GLANCE: Duration = Duration::from_millis(50);

/// Sleeps while the word has the value that was seen, for `timeout` at most and never longer than [`GLANCE`]. Look again afterwards,
/// whatever happened.
///
/// # Errors
///
/// `INTR` if a signal came.
pub(crate) fn sleep_on(word: &AtomicU32, seen: u32, timeout: Duration) -> Result<(), Errno> {
    let time = Timespec { tv_sec: 0, tv_nsec: i64::from(timeout.min(GLANCE).subsec_nanos()) };
    match futex::wait(word, futex::Flags::empty(), seen, Some(&time)) {
        Err(Errno::INTR) => Err(Errno::INTR),
        _ => Ok(()),
    }
}

/// Wakes so many of those who sleep on the word.
pub(crate) fn wake(word: &AtomicU32, count: u32) {
    // All that can fail is the address, which is ours.
    let _woken = futex::wake(word, futex::Flags::empty(), count);
}

/// Whether another process of this number has been, and is no more. One that nobody has waited for has ended, too.
pub(crate) fn has_ended(process: u32) -> bool {
    if process == own_process() {
        return false;
    }
    let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) else { return true };
    match pidfd_open(process, PidfdFlags::empty()) {
        Err(error) => error == Errno::SRCH,
        // Readable as soon as it ends.
        Ok(descriptor) => {
            let mut watched = [PollFd::new(&descriptor, PollFlags::IN)];
            matches!(poll(&mut watched, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })), Ok(1))
        }
    }
}
