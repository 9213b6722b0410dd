//! Sending signals.
#![expect(unsafe_code, reason = "signals of any number are sent by the C library only, by foreign functions")]

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use super::succeeded;
use crate::wait::Target;

/// Sends a signal; 0 only asks whether one could.
///
/// # Errors
///
/// `ESRCH` if there is no such process, `EPERM` if it is somebody else's, `EINVAL` if there is no such signal.
pub fn send_signal(target: Target, signal: i32) -> io::Result<()> {
    // SAFETY: the function has no conditions in memory.
    succeeded(unsafe { libc::kill(target.number(), signal) })
}

/// Sends a signal to the calling thread, which has got it when this returns unless it holds it back.
///
/// # Errors
///
/// `EINVAL` if there is no such signal.
pub fn send_to_self(signal: i32) -> io::Result<()> {
    // SAFETY: the function has no conditions in memory.
    succeeded(unsafe { libc::raise(signal) })
}

/// Sends a signal to a thread of this process, by the system's number of the thread.
///
/// # Errors
///
/// `ESRCH` if there is no such thread, `EINVAL` if there is no such signal.
pub fn send_to_own_thread(thread: i32, signal: i32) -> io::Result<()> {
    let process = rustix::process::getpid().as_raw_nonzero().get();
    // SAFETY: the system call has no conditions in memory.
    match unsafe { libc::syscall(libc::SYS_tgkill, process, thread, signal) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Sends a signal to the process that a descriptor of it means.
///
/// # Errors
///
/// `EBADF` if the descriptor is none of a process, otherwise as [`send_signal`].
pub fn send_to_descriptor(process: impl AsFd, signal: i32) -> io::Result<()> {
    let descriptor = process.as_fd().as_raw_fd();
    // SAFETY: the descriptor is open, and null stands for the description that `kill` would send.
    match unsafe { libc::syscall(libc::SYS_pidfd_send_signal, descriptor, signal, std::ptr::null::<u8>(), 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_can_signal_oneself_and_no_unknown_signal() {
        let own = rustix::process::getpid().as_raw_nonzero().get();
        assert!(send_signal(Target::from_number(own), 0).is_ok());
        assert!(send_signal(Target::from_number(own), 12345).is_err());
        assert!(send_to_own_thread(rustix::thread::gettid().as_raw_nonzero().get(), 0).is_ok());
    }
}
