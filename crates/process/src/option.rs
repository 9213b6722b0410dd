//! Options of sockets by their numbers, as scripts name them.
#![expect(
    unsafe_code,
    reason = "options without a type of their own are offered by the C library only, by foreign functions"
)]

use std::io;
use std::os::fd::{AsFd, AsRawFd};

/// Sets an option of a socket.
///
/// # Errors
///
/// `NOPROTOOPT` if there is no such option, `INVAL` if the value is none for it.
pub fn set_socket_option(socket: impl AsFd, level: i32, option: i32, value: &[u8]) -> io::Result<()> {
    let descriptor = socket.as_fd().as_raw_fd();
    let length = libc::socklen_t::try_from(value.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: the value is readable for its length.
    match unsafe { libc::setsockopt(descriptor, level, option, value.as_ptr().cast(), length) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Asks for an option of a socket; gives how many bytes of `value` it takes.
///
/// # Errors
///
/// `NOPROTOOPT` if there is no such option.
pub fn socket_option(socket: impl AsFd, level: i32, option: i32, value: &mut [u8]) -> io::Result<usize> {
    let descriptor = socket.as_fd().as_raw_fd();
    let mut length = libc::socklen_t::try_from(value.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: the value is writable for its length, and the length is a local of ours.
    match unsafe { libc::getsockopt(descriptor, level, option, value.as_mut_ptr().cast(), &raw mut length) } {
        0 => Ok(value.len().min(length as usize)),
        _ => Err(io::Error::last_os_error()),
    }
}
