//! Where processes that do not know each other meet: sockets that have a name in this machine, and are gone with whoever listens.
//!
//! The names are of the abstract kind, which stands for no file: see unix(7).
//!
//! Invariant: only processes of the same user are let in.

use std::os::fd::{AsFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, accept_with, bind, connect, listen, socket_with,
    sockopt::socket_peercred,
};

/// Callers that may wait to be let in.
const BACKLOG: i32 = 512;

/// A socket that listens under a name.
///
/// # Errors
///
/// `ADDRINUSE` if somebody else does, `NAMETOOLONG`, or what the system says.
pub fn listen_at(name: &[u8]) -> Result<OwnedFd, Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    bind(&socket, &SocketAddrUnix::new_abstract_name(name)?)?;
    listen(&socket, BACKLOG)?;
    Ok(socket)
}

/// Lets the next caller in.
///
/// # Errors
///
/// `AGAIN` if nobody calls, or who called is another user's; or what the system says.
pub fn let_in(listener: impl AsFd) -> Result<OwnedFd, Errno> {
    let caller = match accept_with(listener, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK) {
        Err(Errno::CONNABORTED) => return Err(Errno::AGAIN),
        caller => caller?,
    };
    is_own(&caller)?.then_some(caller).ok_or(Errno::AGAIN)
}

/// Calls whoever listens under a name. Waits while too many others do.
///
/// # Errors
///
/// `CONNREFUSED` if nobody listens, `ACCESS` if it is another user; or what the system says.
pub fn call(name: &[u8]) -> Result<OwnedFd, Errno> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    connect(&socket, &SocketAddrUnix::new_abstract_name(name)?)?;
    if is_own(&socket)? { Ok(socket) } else { Err(Errno::ACCESS) }
}

/// Whether this user is at the other end, too.
fn is_own(socket: &OwnedFd) -> Result<bool, Errno> {
    Ok(socket_peercred(socket)?.uid == rustix::process::geteuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_calls_a_name_is_let_in_as_long_as_somebody_listens() {
        let name = format!("toy-test-{}", std::process::id());
        let name = name.as_bytes();
        let listener = listen_at(name).expect("a name of our own");
        assert!(matches!(listen_at(name), Err(Errno::ADDRINUSE)));
        assert!(matches!(let_in(&listener), Err(Errno::AGAIN)));
        let here = call(name).expect("there is room");
        let there = let_in(&listener).expect("somebody called");
        rustix::io::write(&here, b"x").expect("room");
        let mut byte = [0];
        assert_eq!((rustix::io::read(&there, &mut byte), byte), (Ok(1), *b"x"));
        drop(listener);
        assert!(matches!(call(name), Err(Errno::CONNREFUSED)));
    }
}
