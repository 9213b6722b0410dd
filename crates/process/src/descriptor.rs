//! Descriptors by their numbers, for scripts that close or replace the standard ones.
#![expect(unsafe_code, reason = "what a number means is known to the caller only")]

use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// Which of the standard descriptors have been given away.
static GIVEN: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];

/// Gives one of the standard descriptors, 0 to 2, to the caller, who closes it by dropping it; `None`: it was given away before.
pub fn take_standard(number: usize) -> Option<OwnedFd> {
    if GIVEN.get(number)?.swap(true, Ordering::SeqCst) {
        return None;
    }
    // SAFETY: the three are nobody's in this program, which only borrows them by number, and each is given away once.
    Some(unsafe { OwnedFd::from_raw_fd(number as i32) })
}

/// Whether one of the standard descriptors is still nobody's.
pub fn has_standard(number: usize) -> bool {
    GIVEN.get(number).is_some_and(|given| !given.load(Ordering::SeqCst))
}

/// Has a number mean what `from` means, instead of what it meant before. Whoever owns that number goes on to own it.
///
/// # Errors
///
/// If there is no such number.
pub fn replace(from: impl AsFd, number: i32, is_inheritable: bool) -> io::Result<()> {
    let flags = if is_inheritable { 0 } else { libc::O_CLOEXEC };
    // SAFETY: the call has no conditions in memory; what the number meant is the caller's business.
    match unsafe { libc::dup3(from.as_fd().as_raw_fd(), number, flags) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// As [`replace`], with a number that is not open: gives its owner.
///
/// # Errors
///
/// If there is no such number; `EBUSY` if it is open.
pub fn copy_to(from: impl AsFd, number: i32, is_inheritable: bool) -> io::Result<OwnedFd> {
    // SAFETY: asking for the flags of a number that may be closed changes nothing.
    if unsafe { libc::fcntl(number, libc::F_GETFD) } != -1 {
        return Err(io::Error::from_raw_os_error(libc::EBUSY));
    }
    replace(from, number, is_inheritable)?;
    // SAFETY: it has just been opened, and the number was nobody's.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}
